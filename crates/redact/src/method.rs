//! Methods of requests.

/// The longest method, in bytes. The longest registered one (`UPDATEREDIRECTREF`) has 17.
pub const MAX_METHOD: usize = 32;

/// What stands for a method that is none.
const NO_METHOD: &[u8] = b"INVALID";

/// The method as captured, or `INVALID` for what has the form of something else.
pub(crate) fn method(captured: &[u8]) -> &[u8] {
    let letters = captured.iter().all(|byte| byte.is_ascii_alphabetic() || b"-_".contains(byte));
    if letters && (1..=MAX_METHOD).contains(&captured.len()) { captured } else { NO_METHOD }
}
