//! Media types.

use crate::classify::{is_value, until};

/// The longest media type, in bytes (RFC 6838, section 4.2: two names of at most 127, in practice 80).
const MAX_MEDIA_TYPE: usize = 96;

/// The media type of a `Content-Type`, in lower case, without parameters (RFC 9110, section 8.3.1).
pub(crate) struct MediaType {
    text: [u8; MAX_MEDIA_TYPE],
    length: usize,
}

impl MediaType {
    /// None for what has not the form of one.
    pub(crate) fn of(value: &[u8]) -> Option<MediaType> {
        let mut name = MediaType { text: [0; MAX_MEDIA_TYPE], length: 0 };
        let mut slash = None;
        for &byte in value.trim_ascii().iter().take_while(|byte| !matches!(byte, b';' | b' ' | b'\t')) {
            match byte {
                b'/' if slash.is_none() => slash = Some(name.length),
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => {}
                b'!' | b'#' | b'$' | b'&' | b'^' | b'_' | b'.' | b'+' | b'-' | b'*' => {}
                _ => return None,
            }
            *name.text.get_mut(name.length)? = byte.to_ascii_lowercase();
            name.length += 1;
        }
        let (kind, subtype) = name.as_bytes().split_at(slash?);
        (!kind.is_empty() && !is_value(subtype.get(1..)?)).then_some(name)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        until(&self.text, self.length)
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}
