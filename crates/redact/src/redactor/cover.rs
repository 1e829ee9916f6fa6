//! The one rule for names: a sensitive name covers all that is below it, and what stands beside it as its value.

use std::borrow::Cow;

use crate::classify::{
    Kind, Label, Meaning, Shape, fits, is_aside_name, is_counted_name, is_flag, kind_of_text, meaning,
};
use crate::template::decode;

/// Returns what a name or a value stands for under percent-encodings inside each other.
pub(super) fn without_encoding(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut plain = text.as_bytes().to_vec();
    decode(&mut plain);
    Cow::Owned(String::from_utf8_lossy(&plain).into_owned())
}

/// What the names above and beside a value say of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Cover {
    /// Nothing: its form decides.
    #[default]
    Open,
    /// It belongs to a credential.
    Credential,
    /// It is of this kind and belongs to a person, if it has this shape.
    Personal(Label, Shape),
}

impl Cover {
    /// Returns what a name says of its value.
    pub(crate) fn of(name: &str) -> Cover {
        match meaning(without_encoding(name).as_bytes()) {
            Meaning::Open => Cover::Open,
            Meaning::Credential => Cover::Credential,
            Meaning::Personal(label, shape) => Cover::Personal(label, shape),
        }
    }

    /// Returns what is said of a member of this name, which says `own`, below something that is covered so.
    pub(super) fn over(self, name: &str, own: Cover) -> Cover {
        match self {
            Cover::Open => own,
            Cover::Personal(..) if own != Cover::Open || is_aside_name(name.as_bytes()) => own,
            above => above,
        }
    }

    /// Returns what a value is that goes because of this.
    pub(crate) fn label(self) -> Label {
        match self {
            Cover::Open | Cover::Credential => Label::Credential,
            Cover::Personal(label, _) => label,
        }
    }

    /// Returns whether a value under this name goes. Flags stay, and numbers and dates that say something about a credential.
    pub(crate) fn hides(self, name: &str, value: &str) -> bool {
        match self {
            Cover::Open => is_typed_code(name, value),
            Cover::Credential => !is_flag(value) && !is_about(name, value),
            Cover::Personal(_, shape) => fits(shape, value),
        }
    }
}

/// Returns whether this is a number or a date that is about a credential: `max_tokens: 512`, `expires_in: 3600` below `token`.
fn is_about(name: &str, value: &str) -> bool {
    let number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let name = name.as_bytes();
    number && is_counted_name(name)
        || (number || kind_of_text(value.as_bytes()) == Kind::Date) && is_aside_name(name)
}

/// Returns whether this is a code that people type, or one of a redirection: six digits, or a long word with digits, under the name
/// `code` alone. Other codes are words and shorter numbers.
fn is_typed_code(name: &str, value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let long = value.len() >= 12
        && digits > 0
        && digits < value.len()
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
    name.eq_ignore_ascii_case("code") && (value.len() == 6 && digits == 6 || long)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_covers_what_is_below_it() {
        let token = Cover::of("token");
        assert_eq!(
            (token, token.over("current", Cover::of("current")), token.over("url", Cover::of("url"))),
            (Cover::Credential, Cover::Credential, Cover::Credential)
        );
        assert_eq!(Cover::of("address").over("city", Cover::of("city")), Cover::of("city"));
        assert_eq!(Cover::of("phone").over("home", Cover::of("home")), Cover::of("phone"));
        assert_eq!(Cover::Open.over("pin", Cover::of("pin")), Cover::Credential);
    }

    #[test]
    fn flags_and_counts_stay() {
        assert!(Cover::Credential.hides("pin", "4711") && Cover::Credential.hides("password", "hunter2"));
        assert!(!Cover::Credential.hides("mfa", "enabled") && !Cover::Credential.hides("max_tokens", "512"));
        assert!(
            !Cover::Credential.hides("expires_in", "512")
                && !Cover::Credential.hides("expires_at", "2026-01-02")
        );
        assert!(Cover::Credential.hides("title", "a") && Cover::Credential.hides("value", "512"));
        assert!(
            Cover::of("phone").hides("phone", "030 123456") && !Cover::of("phone").hides("phone", "home")
        );
        assert!(Cover::Open.hides("code", "839201") && !Cover::Open.hides("code", "ERR_NOT_FOUND"));
    }
}
