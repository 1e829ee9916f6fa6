//! An exchange as captured to the form that may leave the capture worker.

use http::{Body, Exchange, Head, RequestHead};

use super::values::Redactor;
use crate::auth::authorization::jwt;
use crate::auth::claims::SealedToken;
use crate::auth::read::came_over_tls;
use crate::auth::{Credentials, Scheme};
use crate::calls::Calls;
use crate::classify::until;
use crate::files::{FILES, is_file};
use crate::media::MediaType;
use crate::method::method;
use crate::noise::noise;
use crate::novelty::{Novelty, Route};
use crate::owner::Owner;
use crate::redacted::RedactedExchange;
use crate::rpc;
use crate::sealed::{MAX_FIELDS, SealedBody, SealedFields, SealedPath};
use crate::shape::Shape;
use crate::signature::Signature;
use crate::template::split;

/// The longest path that is opened, in bytes; the longest request target that common servers take.
const MAX_PATH: usize = 8192;

/// The longest `Content-Type` and `Content-Encoding` that go with a sealed body, in bytes. A boundary has at most 70.
const MAX_CODING: usize = 512;

/// The media type that a head says.
fn media_of(head: Head<'_>) -> Option<MediaType> {
    MediaType::of(head.content_type()?)
}

/// Returns the media type that a head says, in lower case without parameters, if it is one.
#[must_use]
pub fn media_type(head: Head<'_>) -> Option<String> {
    media_of(head).map(|media| media.as_str().to_owned())
}

impl Redactor {
    /// The exchange with every secret and personal value replaced. Made in the capture worker, for exchanges that teach
    /// something ([`crate::Look::New`]).
    #[must_use]
    pub fn exchange(&self, owner: Owner, novelty: &Novelty, exchange: &Exchange<'_>) -> RedactedExchange {
        self.left_out.set(0);
        let request = &exchange.request;
        let (path, query) = split(request.path_and_query());
        let file = || is_file(request).then_some(FILES.as_bytes());
        let fixed = rpc::method(request).or((path == b"*").then_some(path)).or_else(file);
        let path = match fixed {
            Some(path) => SealedPath::Fixed(String::from_utf8_lossy(path).into_owned()),
            None => SealedPath::Captured(until(path, MAX_PATH).to_vec()),
        };
        let (status, response_type) = (exchange.outcome(), media_type(exchange.response_headers));
        let signature = status.and_then(|status| Signature::of(exchange, status, response_type.as_deref()));
        let opens = novelty.shapes || !exchange.request_body.kept.is_empty();
        let fields = opens.then(|| sealed_fields(query, request.headers));
        let (query, headers) = (self.query(query), self.headers(request.headers));
        RedactedExchange {
            owner,
            fingerprint: novelty.fingerprint(),
            route: Route(novelty.operation),
            followed: novelty.followed,
            time: request.time,
            method: String::from_utf8_lossy(method(request.method)).to_ascii_uppercase(),
            path: Some(path),
            template: String::new(),
            path_params: Vec::new(),
            path_shape: Shape::default(),
            query,
            headers,
            request_type: media_type(request.headers),
            response_type,
            status,
            noise: noise(request),
            calls: exchange.grpc.map(Calls::of),
            signature,
            connection: novelty.connection,
            credentials: novelty.credentials,
            carriers: Vec::new(),
            token: token(novelty.credentials, request),
            claims: None,
            came_over_tls: came_over_tls(request),
            left_out: self.left_out.get(),
            told: exchange.told,
            body: sealed(request.headers, &exchange.request_body),
            answer: sealed(exchange.response_headers, &exchange.response_body),
            fields,
            teaches: novelty.shapes,
            answer_fields: Vec::new(),
            describes: None,
        }
    }
}

/// The token of a request that has a JWT.
fn token(credentials: Credentials, request: &RequestHead<'_>) -> Option<SealedToken> {
    if !matches!(credentials.scheme(), Scheme::Jwt | Scheme::UnsignedJwt) {
        return None;
    }
    SealedToken::of(jwt(request.headers.get("authorization")?)?)
}

/// The query and the header fields of a request.
fn sealed_fields(query: &[u8], head: Head<'_>) -> SealedFields {
    let mut fields = SealedFields { query: until(query, MAX_FIELDS / 2).to_vec(), lines: Vec::new() };
    head.iter().for_each(|(name, value)| fields.add(name, value));
    fields
}

/// What was kept of a body, with what its head says about it.
pub(crate) fn sealed(head: Head<'_>, body: &Body<'_>) -> Option<SealedBody> {
    let field = |name| {
        let values = head.iter().filter(|field| field.0.eq_ignore_ascii_case(name));
        let values: Vec<_> = values.map(|field| String::from_utf8_lossy(field.1)).collect();
        let mut text = values.join(", ");
        text.truncate(text.floor_char_boundary(MAX_CODING));
        text
    };
    (!body.kept.is_empty()).then(|| SealedBody {
        bytes: body.kept.to_vec(),
        whole: body.whole,
        content_type: field(b"content-type"),
        content_encoding: field(b"content-encoding"),
    })
}

#[cfg(test)]
mod tests {
    use http::Body;
    use proptest::prelude::*;

    use super::*;
    use crate::Examples;
    use crate::captured::{exchange, novelty, opened, owner, request};

    fn redacted(examples: Examples, target: &str, fields: &str) -> RedactedExchange {
        let captured = exchange(request("POST", target, fields), b"");
        let redactor = Redactor::new(examples);
        opened(redactor.exchange(owner("cart"), &novelty("x"), &captured), &redactor)
    }

    fn pairs(fields: &[(String, String)]) -> Vec<(&str, &str)> {
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    #[test]
    fn ordinary_requests_stay_as_they_are() {
        let shown = redacted(
            Examples::Redacted,
            "/v1/users/77/orders/2024-05-31?page=2&sort=-price&q=blue+shirt&tag=a&tag=b&empty",
            "Host: cart\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\nX-Request-Id: 550e8400-e29b-41d4-a716-446655440000\r\n\
             Accept-Language: en\r\naccept-language: de\r\nContent-Type: Application/JSON; charset=utf-8\r\nContent-Length: 2\r\n",
        );
        assert_eq!(
            (shown.method.as_str(), shown.template.as_str()),
            ("POST", "/v1/users/{userId}/orders/{date}")
        );
        assert_eq!(pairs(&shown.path_params), [("userId", "77"), ("date", "2024-05-31")]);
        assert_eq!(
            pairs(&shown.query),
            [("page", "2"), ("sort", "-price"), ("q", "blue shirt"), ("tag", "a"), ("empty", "")]
        );
        let headers = [
            ("user-agent", "curl/8.5.0"),
            ("accept", "*/*"),
            ("x-request-id", "550e8400-e29b-41d4-a716-446655440000"),
            ("accept-language", "en, de"),
            ("content-type", "Application/JSON; charset=utf-8"),
        ];
        assert_eq!(pairs(&shown.headers), headers);
        assert_eq!(shown.request_type.as_deref(), Some("application/json"));
        assert_eq!(shown.response_type.as_deref(), Some("application/json"));
        assert_eq!((shown.status, shown.noise), (Some(200), None));
    }

    #[test]
    fn credentials_and_persons_have_surrogates() {
        let fields = "Authorization: Bearer abc.def-1\r\nCookie: sid=s3cr3t; theme=dark\r\nX-Api-Key: k9\r\n\
             X-User: ann@shop.test\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\n\
             Referer: https://a.test/b?token=t0k&page=2\r\nMy-Auth: Basic dTpw\r\n";
        let target =
            "/users/ann%40shop.test/cards/4111111111111111?email=ann%2540shop.test&access_token=t0k&n=3";
        let shown = redacted(Examples::Redacted, target, fields);
        let params = [("email", "user1@example.com"), ("cardId", "1111111111111111")];
        assert_eq!(pairs(&shown.path_params), params);
        assert_eq!(
            pairs(&shown.query),
            [("email", "user1@example.com"), ("access_token", "1Fa"), ("n", "3")]
        );
        let headers = [
            ("authorization", "Bearer 1Fake1Fak"),
            ("cookie", "sid=1Fake1; theme=1Fak"),
            ("x-api-key", "1F"),
            ("x-user", "user1@example.com"),
            ("referer", "https://a.test/b?token=1Fa&page=2"),
            ("my-auth", "Basic ZmFrZTpmYWtl"),
        ];
        assert_eq!(pairs(&shown.headers), headers);
    }

    #[test]
    fn the_other_settings() {
        let (target, fields) =
            ("/users/ann@shop.test?x=Blue+7&token=t", "User-Agent: curl/8\r\nX-A: b-2\r\nX-Key: c\r\n");
        let shown = redacted(Examples::Synthetic, target, fields);
        assert_eq!(pairs(&shown.query), [("x", "Xxxx 1"), ("token", "1")]);
        assert_eq!(pairs(&shown.headers), [("user-agent", "curl/8"), ("x-a", "x-1"), ("x-key", "1")]);
        let shown = redacted(Examples::Real, target, fields);
        assert_eq!(pairs(&shown.path_params), [("email", "ann@shop.test")]);
        assert_eq!(pairs(&shown.query), [("x", "Blue 7"), ("token", "1")]);
    }

    #[test]
    fn what_strangers_can_choose_is_capped() {
        let query: Vec<String> = (0..1000).map(|n| format!("n{n}={}", "v ".repeat(5000 / (n + 1)))).collect();
        let fields: String =
            (0..1000).map(|n| format!("X-{n}: {}\r\n", "v ".repeat(5000 / (n + 1)))).collect();
        let method = "M".repeat(50);
        let captured = exchange(request(&method, "/a", ""), b"");
        let redactor = Redactor::new(Examples::Redacted);
        let target = format!("/a?{}&{}=1", query.join("&"), "n".repeat(200));
        let many = exchange(request("GET", &target, &fields), b"");
        let shown = redactor.exchange(owner("cart"), &novelty("x"), &many);
        assert_eq!((shown.query.len(), shown.headers.len()), (64, 64));
        assert!(
            shown
                .query
                .iter()
                .chain(&shown.headers)
                .all(|(name, value)| name.len() <= 128 && value.len() <= 1024)
        );
        assert_eq!(shown.left_out(), 2 * (1000 - 64) + 1);
        assert_eq!(redactor.exchange(owner("cart"), &novelty("x"), &captured).method, "INVALID");
        let deep = redacted(Examples::Redacted, &"/a".repeat(100), "");
        assert_eq!(deep.noise, Some("path too deep"));
    }

    fn printable(text: &str) -> bool {
        !text.chars().any(char::is_control)
    }

    proptest! {
        #[test]
        fn any_bytes_give_clean_text(
            target in prop::collection::vec(any::<u8>(), 0..100),
            fields in prop::collection::vec(any::<u8>(), 0..200),
            examples in prop_oneof![Just(Examples::Redacted), Just(Examples::Synthetic), Just(Examples::Real)],
        ) {
            let mut captured = exchange(request("GET", "/", ""), b"");
            captured.request.method = &fields;
            captured.request.target = &target;
            captured.request.headers = Head::new(&fields);
            captured.response_headers = Head::new(&target);
            captured.request_body = Body { len: 5, kept: &fields, whole: false };
            let redactor = Redactor::new(examples);
            let shown = opened(redactor.exchange(owner("cart"), &novelty("x"), &captured), &redactor);
            let all = shown.query.iter().chain(&shown.headers).chain(&shown.path_params);
            prop_assert!(all.clone().all(|(name, value)| printable(name) && printable(value)), "{:?}", shown);
            prop_assert!(printable(&shown.method) && printable(&shown.template));
        }
    }
}
