//! Under which names an exchange carries credentials: read behind the queue, out of what is redacted already.

use http::RequestHead;
use memchr::memmem;

use super::authorization::is_nothing;
use super::carriers::Meaning;
use super::credentials::{Credentials, Place, Scheme};

/// Where a request carries a credential, and under which name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Carrier {
    /// Where.
    pub place: Place,
    /// The name of the field in lower case, of the parameter, or of the cookie.
    pub name: String,
}

/// Returns whether a cookie of this name holds a session rather than a key.
#[must_use]
pub fn is_session_name(name: &str) -> bool {
    crate::classify::is_session_name(name.as_bytes())
}

/// Returns under which names of redacted headers and parameters an exchange of this class carries credentials: only such as
/// its class has.
pub(crate) fn carriers(
    class: Credentials,
    headers: &[(String, String)],
    query: &[(String, String)],
) -> Vec<Carrier> {
    if class.is_none() || !class.was_read() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut take = |place: Place, name: &str, value: &str| {
        if !is_nothing(value.as_bytes()) {
            found.push(Carrier { place, name: name.to_owned() });
        }
    };
    for (name, value) in headers {
        match Meaning::of(name.as_bytes()) {
            Meaning::Cookie if class.has(Place::Cookie) => {
                session_cookies(value).for_each(|(name, value)| take(Place::Cookie, name, value));
            }
            Meaning::Certificate if class.has(Place::Certificate) => take(Place::Certificate, name, value),
            Meaning::Authorization if class.scheme() == Scheme::None => take(Place::Header, name, value),
            Meaning::Key if class.has(Place::Header) => take(Place::Header, name, value),
            Meaning::Signature if class.scheme() == Scheme::Signature => take(Place::Header, name, value),
            _ => {}
        }
    }
    let such = |name: &str| {
        matches!(Meaning::of(name.as_bytes()), Meaning::Key | Meaning::Signature | Meaning::AwsSignature)
    };
    let query = query.iter().filter(|(name, _)| class.has(Place::Query) && such(name));
    query.for_each(|(name, value)| take(Place::Query, name, value));
    found
}

/// The cookies that may say who asks.
fn session_cookies(value: &str) -> impl Iterator<Item = (&str, &str)> {
    let cookies = value.split("; ").filter_map(|cookie| cookie.split_once('='));
    cookies.filter(|(name, _)| matches!(Meaning::of(name.as_bytes()), Meaning::Key | Meaning::Signature))
}

/// Returns whether a proxy says that the client came over TLS, which ends at the proxy then.
pub(crate) fn came_over_tls(request: &RequestHead<'_>) -> bool {
    let says = |name: &str, value: &[u8]| {
        request
            .headers
            .get(name)
            .is_some_and(|said| memmem::find(&said.to_ascii_lowercase(), value).is_some())
    };
    says("x-forwarded-proto", b"https") || says("forwarded", b"proto=https")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::captured::{exchange, owner, request};
    use crate::{Known, Look, Redactor};

    /// The class and the names of a request, as they come out behind the queue.
    fn read(target: &str, fields: &str) -> (String, Vec<String>) {
        let captured = exchange(request("GET", target, fields), b"");
        let client = std::net::SocketAddr::from(([10, 0, 0, 9], 1));
        let Look::New(novelty) = Known::new(10, 0).look(&owner("cart"), client, &captured) else {
            panic!("new")
        };
        let redactor = Redactor::default();
        let mut redacted = redactor.exchange(owner("cart"), &novelty, &captured);
        let _ = redactor.open(&mut redacted, &crate::Descriptors::default());
        let names = redacted.carriers().iter().map(|one| format!("{} {}", one.place.name(), one.name));
        (redacted.credentials().to_string(), names.collect())
    }

    #[test]
    fn names_of_what_is_carried() {
        let (class, names) = read(
            "/a?api_key=k9x&page=2&token=",
            "Authorization: Bearer abc1\r\nX-Session-Token: k9x\r\nCookie: theme=dark; JSESSIONID=k9x; csrftoken=1\r\n",
        );
        assert_eq!(class, "Bearer token, key in a header, in the query, cookie");
        assert_eq!(names, ["header x-session-token", "cookie JSESSIONID", "query api_key"]);
        assert_eq!(read("/a", "Authorization: k9x\r\n").1, ["header authorization"]);
        assert_eq!(read("/a", "X-Signature: k9x\r\n").1, ["header x-signature"]);
        assert_eq!(read("/a?x=1", "Cookie: theme=dark\r\n"), ("none".into(), vec![]));
    }

    #[test]
    fn sessions_and_keys() {
        assert!(
            is_session_name("JSESSIONID") && is_session_name("connect.sid") && !is_session_name("auth_token")
        );
    }

    #[test]
    fn proxies_say_that_tls_ended() {
        let tls = |fields| came_over_tls(&request("GET", "/", fields));
        assert!(tls("X-Forwarded-Proto: HTTPS\r\n") && tls("Forwarded: for=1;proto=https\r\n"));
        assert!(!tls("X-Forwarded-Proto: http\r\n") && !tls(""));
    }
}
