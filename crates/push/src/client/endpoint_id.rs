//! Endpoint ids: base64 of `METHOD:path` (UTF-8, padded). Which alphabet the platform uses for the two characters where
//! they differ is disputed, so both are read.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::STANDARD as PADDED;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Returns the id that we compute where the platform has given none.
pub(crate) fn encode(method: &str, path: &str) -> String {
    PADDED.encode(format!("{}:{path}", method.to_ascii_uppercase()))
}

/// Returns the method (upper case) and path of an id in either alphabet, padded or not; `None` if it is something else.
pub(crate) fn decode(id: &str) -> Option<(String, String)> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let bytes = GeneralPurpose::new(&STANDARD, config).decode(comparable(id)).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (method, path) = text.split_once(':')?;
    (!method.is_empty() && path.starts_with('/')).then(|| (method.to_ascii_uppercase(), path.to_owned()))
}

/// Returns the form in which ids are compared: in the standard alphabet, without padding. It is never sent.
pub(crate) fn comparable(id: &str) -> String {
    id.trim_end_matches('=').replace('-', "+").replace('_', "/")
}

/// Returns id, method (upper case) and path. Each may be missing as long as the id tells it, or the others tell the id.
pub(super) fn identity(
    id: Option<String>,
    method: Option<String>,
    path: Option<String>,
) -> Option<(String, String, String)> {
    let decoded = id.as_deref().and_then(decode);
    let (id_method, id_path) = decoded.unzip();
    let method = method.or(id_method)?.to_ascii_uppercase();
    let path = path.or(id_path)?;
    let id = id.unwrap_or_else(|| encode(&method, &path));
    Some((id, method, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_example() {
        assert_eq!(encode("get", "/api/v1/users"), "R0VUOi9hcGkvdjEvdXNlcnM=");
        assert_eq!(decode("R0VUOi9hcGkvdjEvdXNlcnM=").unwrap(), ("GET".into(), "/api/v1/users".into()));
    }

    #[test]
    fn both_alphabets_with_and_without_padding() {
        let standard = encode("GET", "/a?>~/ü~~");
        let url_safe = standard.replace('+', "-").replace('/', "_");
        assert_ne!(standard, url_safe);
        for id in [standard.as_str(), &url_safe, url_safe.trim_end_matches('=')] {
            assert_eq!(decode(id).unwrap().1, "/a?>~/ü~~");
            assert_eq!(comparable(id), comparable(&standard));
        }
        assert_ne!(comparable(&standard), comparable(&encode("GET", "/b")));
    }

    #[test]
    fn other_text_is_no_id() {
        for id in ["", "=", "1234-5678-9", "bm9wYXRo", "OnBhdGg=", "R0VUOg==", "/w==", "é"] {
            assert_eq!(decode(id), None, "{id}");
        }
    }
}
