//! What is read of a JWT (RFC 7519): how it is signed, who made it, for whom, and for how long. Behind the queue, of news
//! alone.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::redactor::{Cover, Redactor};

/// The longest token that is read, in bytes, without its signature: servers refuse heads that are much longer.
pub(crate) const MAX_TOKEN: usize = 8192;

/// The most audiences of one token.
const MAX_AUDIENCES: usize = 4;

/// The most of an issuer or audience that is shown, in bytes.
const MAX_NAME: usize = 64;

/// Algorithms (RFC 7518, sections 3.1 and 4.1; RFC 8037; RFC 8812; RFC 9864). The name of another one may be anything.
const ALGORITHMS: [&str; 24] = [
    "none",
    "HS256",
    "HS384",
    "HS512",
    "RS256",
    "RS384",
    "RS512",
    "ES256",
    "ES256K",
    "ES384",
    "ES512",
    "PS256",
    "PS384",
    "PS512",
    "EdDSA",
    "Ed25519",
    "Ed448",
    "RSA-OAEP",
    "RSA-OAEP-256",
    "dir",
    "A128KW",
    "A256KW",
    "ECDH-ES",
    "ECDH-ES+A256KW",
];

/// A JWT as captured, without its signature. Only [`Redactor::open`] opens it.
#[derive(Clone)]
pub(crate) struct SealedToken(Vec<u8>);

impl SealedToken {
    /// Seals a token, unless it is too long to be read.
    pub(crate) fn of(token: &[u8]) -> Option<SealedToken> {
        (token.len() <= MAX_TOKEN).then(|| SealedToken(token.to_vec()))
    }

    /// Returns the number of its bytes.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl std::fmt::Debug for SealedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealedToken({} bytes)", self.0.len())
    }
}

/// What is said of a JWT. Nothing else of it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// The algorithm, as registered; `other` for any other, none when there is none.
    pub algorithm: Option<&'static str>,
    /// Who made it: the host of a URL, or the beginning of another name, redacted.
    pub issuer: Option<String>,
    /// For whom it is made, in the same form; at most 4.
    pub audiences: Vec<String>,
    /// For how many seconds it holds from when it was made, if it says both.
    pub lifetime: Option<u64>,
    /// Whether it says when it ends.
    pub expires: bool,
}

impl Redactor {
    /// Returns what is said of a token; none where it is no JWT. The claims of an encrypted one are not known.
    pub(crate) fn claims(&self, token: &SealedToken) -> Option<Claims> {
        let mut parts = token.0.split(|byte| *byte == b'.');
        let header = object(parts.next()?)?;
        let algorithm = header.get("alg").map(|name| algorithm(name.as_str().unwrap_or_default()));
        let payload = object(parts.next()?)?;
        let audiences = match payload.get("aud") {
            Some(Value::Array(all)) => all.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        let second = |name| payload.get(name).and_then(seconds);
        Some(Claims {
            algorithm,
            issuer: payload.get("iss").and_then(Value::as_str).map(|name| self.party("issuer", name)),
            audiences: audiences
                .iter()
                .filter_map(Value::as_str)
                .take(MAX_AUDIENCES)
                .map(|name| self.party("audience", name))
                .collect(),
            lifetime: second("exp").zip(second("iat")).and_then(|(end, begin)| end.checked_sub(begin)),
            expires: payload.contains_key("exp"),
        })
    }

    /// An issuer or an audience.
    fn party(&self, name: &str, value: &str) -> String {
        let short = value.split_once("://").map_or(value, |(_, rest)| {
            let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
            authority.rsplit('@').next().unwrap_or_default()
        });
        let mut shown = self.shown(name, short, Cover::Open);
        shown.truncate(shown.floor_char_boundary(MAX_NAME));
        shown
    }
}

fn algorithm(name: &str) -> &'static str {
    ALGORITHMS.into_iter().find(|known| known.eq_ignore_ascii_case(name)).unwrap_or("other")
}

/// A part of a token.
fn object(part: &[u8]) -> Option<Map<String, Value>> {
    let text = URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&text).ok()
}

/// A point in time (`NumericDate`), in seconds since the Unix epoch.
fn seconds(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_f64().filter(|time| *time >= 0.0).map(|time| time as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Examples;

    fn claims(header: &str, payload: &str) -> Option<Claims> {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let token = format!("{}.{}", part(header), part(payload));
        Redactor::new(Examples::Redacted).claims(&SealedToken::of(token.as_bytes())?)
    }

    #[test]
    fn what_is_read_of_a_token() {
        let read = claims(
            r#"{"alg":"RS256","kid":"k-7"}"#,
            r#"{"iss":"https://user:pw@login.shop.test:8443/realms/a?x=1","aud":["api://orders","https://b.test/x"],"sub":"ann",
                "iat":1000,"exp":4600,"email":"ann@shop.test"}"#,
        );
        let expected = Claims {
            algorithm: Some("RS256"),
            issuer: Some("login.shop.test:8443".into()),
            audiences: vec!["orders".into(), "b.test".into()],
            lifetime: Some(3600),
            expires: true,
        };
        assert_eq!(read, Some(expected));
    }

    #[test]
    fn what_others_wrote_is_redacted_and_short() {
        let read = claims(
            r#"{"alg":"ghp_16C7e42F292c6912E7710c838347Ae178B4a"}"#,
            &format!(
                r#"{{"iss":"ann@shop.test","aud":["ghp_16C7e42F292c6912E7710c838347Ae178B4a","{}",3,"a","b","c"],"exp":1e300}}"#,
                "long ".repeat(100)
            ),
        )
        .unwrap();
        assert_eq!((read.algorithm, read.issuer.as_deref()), (Some("other"), Some("user1@example.com")));
        assert!(
            read.audiences.len() == MAX_AUDIENCES && read.audiences.iter().all(|name| name.len() <= MAX_NAME)
        );
        assert!(!format!("{read:?}").contains("16C7"), "{read:?}");
        assert!(read.expires && read.lifetime.is_none());
    }

    #[test]
    fn what_is_no_token_says_nothing() {
        for (header, payload) in [("", "{}"), ("{}", "[1]"), ("{}", ""), (r#"{"alg":"#, "{}")] {
            assert_eq!(claims(header, payload), None, "{header} {payload}");
        }
        assert_eq!(claims("{}", "{}"), Some(Claims::default()));
        assert_eq!(claims(r#"{"alg":7}"#, "{}").unwrap().algorithm, Some("other"));
        assert!(SealedToken::of(&[b'x'; MAX_TOKEN + 1]).is_none());
    }
}
