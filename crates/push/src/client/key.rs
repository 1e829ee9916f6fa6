//! The API key.

use std::fmt;

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;

/// The bearer token of the platform. Neither `Debug` nor `Display` shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// Returns a key out of text, without what [`ApiKey::bare`] removes; `None` if nothing is left.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = Self::bare(text);
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// Returns the key alone: without white space around it, and without the `Authorization: Bearer` that is easily copied
    /// with it.
    #[must_use]
    pub fn bare(text: &str) -> &str {
        let mut key = text.trim();
        for word in ["authorization:", "bearer"] {
            let Some((start, rest)) = key.split_at_checked(word.len()) else { continue };
            let whole = word.ends_with(':') || rest.is_empty() || rest.starts_with(char::is_whitespace);
            if whole && start.eq_ignore_ascii_case(word) {
                key = rest.trim();
            }
        }
        key
    }

    /// Returns when the key expires, in seconds since the Unix epoch, if it is a JWT with a sensible `exp` (RFC 7519, section
    /// 4.1.4). The signature is not checked: this is for a timely warning, not for a decision.
    #[must_use]
    pub fn expiry(&self) -> Option<u64> {
        let payload = self.0.split('.').nth(1).filter(|payload| payload.len() <= MAX_PAYLOAD)?;
        let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let json = GeneralPurpose::new(&URL_SAFE, config).decode(payload).ok()?;
        let exp = serde_json::from_slice::<Claims>(&json).ok()?.exp;
        // `exp` may be fractional; the cast saturates, and what is not a positive number is no time.
        (exp.is_finite() && exp >= 1.0).then_some(exp as u64)
    }

    /// Returns the key itself, for the `Authorization` header and for hiding it in texts.
    pub(super) fn secret(&self) -> &str {
        &self.0
    }
}

/// The longest JWT payload, in characters, that is decoded: identity providers stay below a few KiB.
const MAX_PAYLOAD: usize = 64 * 1024;

#[derive(Deserialize)]
struct Claims {
    exp: f64,
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(hidden)")
    }
}

impl fmt::Display for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    #[test]
    fn what_is_copied_with_a_key_goes() {
        for text in ["abc", " abc\r\n", "Bearer abc", "bearer  abc", "Authorization: Bearer abc"] {
            assert_eq!(ApiKey::new(text).unwrap().secret(), "abc", "{text:?}");
        }
        for blank in ["", " ", "Bearer", "Authorization: "] {
            assert!(ApiKey::new(blank).is_none(), "{blank:?}");
        }
        assert_eq!(ApiKey::new("bearerabc").unwrap().secret(), "bearerabc");
    }

    fn jwt(claims: &str) -> Option<u64> {
        ApiKey::new(&format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims)))?.expiry()
    }

    #[test]
    fn is_trimmed_and_blank_is_none() {
        assert_eq!(ApiKey::new(" \t abc\r\n").map(|key| key.secret().to_owned()).as_deref(), Some("abc"));
        assert!(ApiKey::new(" \n").is_none());
    }

    #[test]
    fn never_shows_itself() {
        let key = ApiKey::new("canary-1234").unwrap();
        assert!(!format!("{key} {key:?} {:#?}", Some(&key)).contains("canary"));
    }

    #[test]
    fn expiry_is_read_from_a_jwt_and_garbage_has_none() {
        assert_eq!(jwt(r#"{"sub":"x","exp":1760000000}"#), Some(1_760_000_000));
        assert_eq!(jwt(r#"{"exp":1760000000.5}"#), Some(1_760_000_000));
        for claims in [r#"{"exp":"soon"}"#, r#"{"exp":-5}"#, r#"{"exp":null}"#, "{}", "[]", "", "\u{fffd}"] {
            assert_eq!(jwt(claims), None, "{claims}");
        }
        for key in ["abc", "a.b", "..", "a.!!!!.c", "a.e30=.c", "é.é.é"] {
            assert_eq!(ApiKey::new(key).unwrap().expiry(), None, "{key}");
        }
    }
}
