//! Methods of requests.

use http::MAX_METHOD;

/// What stands for a method that is none.
const NO_METHOD: &[u8] = b"INVALID";

/// The method as captured, or `INVALID` for what has the form of something else.
pub(crate) fn method(captured: &[u8]) -> &[u8] {
    let letters = captured.iter().all(|byte| byte.is_ascii_alphabetic() || b"-_".contains(byte));
    if letters && (1..=MAX_METHOD).contains(&captured.len()) { captured } else { NO_METHOD }
}
