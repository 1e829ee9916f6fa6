//! The API key while it is on its way into the file.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use push::ApiKey;

use crate::report::span;

/// The last second that a date of four digits for the year can name.
const LAST_DATE: u64 = 253_402_300_799;
/// When a key's end is near, as for the agent.
const SOON: Duration = Duration::from_secs(3600);

/// A key that was checked. It has neither `Debug` nor `Display`.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Key(String);

impl Key {
    /// Reads a key: white space around it goes, and so does the `Authorization: Bearer` that is easily copied with it.
    /// `None` when it is blank.
    ///
    /// # Errors
    /// What is wrong with it; nothing of it is quoted.
    pub(super) fn new(text: &str) -> Result<Option<Key>, &'static str> {
        let key = ApiKey::bare(text);
        if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("the key holds spaces, line ends or other characters that no key has: copy it again");
        }
        Ok(Some(key).filter(|key| !key.is_empty()).map(|key| Key(key.to_owned())))
    }

    /// The key itself, for the file.
    pub(super) fn secret(&self) -> &str {
        &self.0
    }

    /// The key as the client takes it.
    pub(super) fn for_client(&self) -> Option<ApiKey> {
        ApiKey::new(&self.0)
    }

    /// Returns what may be shown of it: its kind, about how long it is, and when it expires.
    pub(super) fn describe(&self, now: SystemTime) -> String {
        let length = match self.0.len() {
            0..32 => "less than 32",
            32..256 => "less than 256",
            256..1024 => "less than 1,024",
            _ => "1,024 or more",
        };
        let expiry = match self.expiry() {
            Some(at) => expires(at, now),
            None => "it does not say when it expires".to_owned(),
        };
        format!("{length} characters; {expiry}")
    }

    /// Returns what to do about its expiry, if there is something to do.
    pub(super) fn warning(&self, now: SystemTime) -> Option<&'static str> {
        match self.expiry()?.duration_since(now) {
            Err(_) => Some("The platform will refuse this key: log in there again and copy the new one."),
            Ok(left) if left < SOON => {
                Some("This key expires within the hour; then nothing is pushed until it is renewed.")
            }
            Ok(_) => None,
        }
    }

    fn expiry(&self) -> Option<SystemTime> {
        let seconds = self.for_client()?.expiry()?;
        UNIX_EPOCH.checked_add(Duration::from_secs(seconds.min(LAST_DATE)))
    }
}

fn expires(at: SystemTime, now: SystemTime) -> String {
    let date = httpdate::fmt_http_date(at);
    match at.duration_since(now) {
        Ok(left) => format!("expires in {}, on {date}", span(left)),
        Err(_) => format!("EXPIRED on {date}"),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn jwt(exp: u64) -> Key {
        let payload = URL_SAFE_NO_PAD.encode(format!(r#"{{"exp":{exp}}}"#));
        Key::new(&format!("e30.{payload}.c2ln")).ok().flatten().unwrap()
    }

    #[test]
    fn what_is_copied_with_a_key_goes() {
        for text in
            ["abc", " abc\r\n", "Bearer abc", "bearer  abc", "Authorization: Bearer abc", "authorization:abc"]
        {
            assert!(Key::new(text).ok().flatten().is_some_and(|key| key.secret() == "abc"), "{text}");
        }
        for blank in ["", " \t\r\n", "Authorization: ", "Bearer"] {
            assert!(Key::new(blank).is_ok_and(|key| key.is_none()), "{blank:?}");
        }
        assert!(Key::new("bearer-1").ok().flatten().is_some_and(|key| key.secret() == "bearer-1"));
        for wrong in ["a b", "a\nb", "ab\u{1b}[A", "clé"] {
            let why = Key::new(wrong).err().unwrap();
            assert!(
                why.starts_with("the key holds spaces, line ends or other characters"),
                "{wrong:?}: {why}"
            );
        }
    }

    #[test]
    fn a_description_says_the_expiry_and_no_character() {
        let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let soon = jwt(1_700_000_000 + 3 * 3600).describe(now);
        assert_eq!(soon, "less than 256 characters; expires in 3 h, on Wed, 15 Nov 2023 01:13:20 GMT");
        assert!(jwt(1_699_999_999).describe(now).contains("EXPIRED on Tue, 14 Nov 2023 22:13:19 GMT"));
        assert!(jwt(1_699_999_999).warning(now).is_some_and(|text| text.contains("refuse")));
        assert!(jwt(1_700_003_599).warning(now).is_some_and(|text| text.contains("within the hour")));
        assert_eq!(jwt(1_700_003_600).warning(now), None);
        assert!(jwt(u64::MAX).describe(now).contains("9999"));
        let opaque = Key::new(&"q7".repeat(600)).ok().flatten().unwrap();
        assert_eq!(opaque.describe(now), "1,024 or more characters; it does not say when it expires");
    }
}
