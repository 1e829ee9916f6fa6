//! Tests of what is concluded about how endpoints are protected.

use redact::auth::{Carrier, Claims, Scheme};
use redact::by_hand::Exchange;
use redact::{Fingerprint, Repeats};

use super::*;
use crate::testing::{at, exchange, fingerprint};
use crate::{Endpoint, FindingKind, Inventory, Severity};

const JWT: Credentials = Credentials::of(Scheme::Jwt);

fn asked(credentials: Credentials, status: u16, time: u64) -> Exchange {
    Exchange {
        fingerprint: print(credentials, status),
        status: Some(status),
        credentials,
        ..exchange("cart", "GET", "/users", at(time))
    }
}

fn print(credentials: Credentials, status: u16) -> Fingerprint {
    fingerprint(&format!("{credentials} {status}"))
}

fn inventory(exchanges: impl IntoIterator<Item = Exchange>) -> Inventory {
    let mut inventory = Inventory::new(crate::Settings::default());
    exchanges.into_iter().for_each(|one| drop(inventory.see(one)));
    inventory
}

fn only(inventory: &Inventory) -> &Endpoint {
    inventory.endpoints().next().unwrap()
}

fn kinds(endpoint: &Endpoint) -> Vec<(FindingKind, Severity)> {
    endpoint.findings().iter().map(|finding| (finding.kind, finding.severity)).collect()
}

#[test]
fn repeats_are_counted_with_what_they_carried() {
    let mut inventory = inventory([asked(JWT, 200, 5), asked(Credentials::NONE, 401, 6)]);
    let repeats =
        |credentials, status, count| Repeats { fingerprint: print(credentials, status), count, last: at(9) };
    inventory.repeat(repeats(JWT, 200, 7));
    inventory.repeat(repeats(Credentials::NONE, 401, 2));
    let auth = &only(&inventory).record.auth;
    let seen: Vec<_> =
        auth.seen().map(|seen| (seen.credentials, seen.counts.requests, seen.counts.last)).collect();
    assert_eq!(seen, [(JWT, 8, Some(at(9))), (Credentials::NONE, 3, Some(at(9)))]);
    assert_eq!(auth.protection(), Protection::Protected);
    assert_eq!(kinds(only(&inventory)), []);
}

#[test]
fn what_answers_say_about_protection() {
    let of = |answers: &[(Credentials, u16)]| {
        let made = answers.iter().map(|(credentials, status)| asked(*credentials, *status, 5));
        only(&inventory(made)).record.auth.protection()
    };
    let none = Credentials::NONE;
    assert_eq!(of(&[(none, 200)]), Protection::Open);
    assert_eq!(of(&[(none, 403), (JWT, 200)]), Protection::Protected);
    assert_eq!(of(&[(none, 304), (JWT, 403)]), Protection::Optional);
    assert_eq!(of(&[(none, 404), (none, 500), (none, 302), (JWT, 200)]), Protection::Used);
    assert_eq!(of(&[(Credentials::of(Scheme::Unread), 200)]), Protection::Unknown);
}

#[test]
fn an_endpoint_that_works_without_credentials_is_a_finding() {
    let both = inventory([asked(JWT, 200, 5), asked(Credentials::NONE, 204, 6)]);
    let found = only(&both).findings();
    assert_eq!((found[0].kind, found[0].severity), (FindingKind::WorksWithoutCredentials, Severity::High));
    assert_eq!((found[0].first_seen, found[0].last_seen), (6, 6));
    assert_eq!(
        found[0].to_string(),
        "high works-without-credentials: 1 requests without credentials (204: 1); 1 requests with Bearer JWT (200: 1)"
    );
    let later = inventory([asked(Credentials::NONE, 200, 8), asked(JWT, 200, 9)]);
    assert_eq!(only(&later).findings()[0].id, found[0].id, "the same endpoint and kind");
}

#[test]
fn only_successes_work() {
    for status in [301, 302, 401, 403, 404, 500] {
        let inventory = inventory([asked(JWT, 200, 5), asked(Credentials::NONE, status, 6)]);
        assert_eq!(kinds(only(&inventory)), [], "{status}");
    }
    let refused = inventory([asked(JWT, 403, 5), asked(Credentials::NONE, 200, 6)]);
    assert_eq!(kinds(only(&refused)), []);
    // A page may be that of a login, whatever its status.
    let page = Exchange { response_type: Some("text/html".into()), ..asked(Credentials::NONE, 200, 6) };
    assert_eq!(kinds(only(&inventory([asked(JWT, 200, 5), page]))), []);
}

#[test]
fn noise_says_nothing_about_protection() {
    let probe = Exchange { noise: Some("health check"), ..asked(Credentials::NONE, 200, 6) };
    let mut inventory = inventory([asked(JWT, 200, 5), probe]);
    inventory.repeat(Repeats { fingerprint: print(Credentials::NONE, 200), count: 9, last: at(9) });
    let endpoint = only(&inventory);
    assert_eq!((endpoint.record.auth.seen().count(), endpoint.record.counts.requests), (1, 11));
    assert_eq!(kinds(endpoint), []);
}

#[test]
fn credentials_in_urls_and_in_plain_text() {
    let key = Credentials::NONE.with(Place::Query);
    let carried = |credentials, place, name: &str| Exchange {
        carriers: vec![Carrier { place, name: name.into() }],
        ..asked(credentials, 200, 5)
    };
    let found = inventory([carried(key, Place::Query, "api_key")]);
    assert_eq!(
        kinds(only(&found)),
        [
            (FindingKind::CredentialsInUrl, Severity::Medium),
            (FindingKind::CredentialsInPlainText, Severity::Medium)
        ]
    );
    assert_eq!(only(&found).findings()[0].evidence[0].names, ["api_key"]);
    let presigned = Credentials::of(Scheme::SigV4).with(Place::Query);
    let found = inventory([carried(presigned, Place::Query, "X-Amz-Signature")]);
    assert_eq!(kinds(only(&found)), [], "it is made to stand there");
    let basic = Exchange { came_over_tls: true, ..asked(Credentials::of(Scheme::Basic), 200, 5) };
    let found = inventory([basic]);
    assert_eq!(kinds(only(&found)), [(FindingKind::CredentialsInPlainText, Severity::Info)]);
}

#[test]
fn tokens_that_are_not_signed_or_do_not_end() {
    let unsigned = Credentials::of(Scheme::UnsignedJwt);
    let info = [(FindingKind::UnsignedToken, Severity::Info)];
    assert_eq!(kinds(only(&inventory([asked(JWT, 200, 4), asked(unsigned, 401, 5)]))), info);
    assert_eq!(
        kinds(only(&inventory([asked(unsigned, 200, 5)]))),
        [(FindingKind::UnsignedToken, Severity::High)]
    );
    let read = |expires: bool, status| Exchange {
        claims: Some(Claims {
            algorithm: Some("RS256"),
            issuer: Some("login.test".into()),
            lifetime: expires.then_some(300),
            expires,
            ..Claims::default()
        }),
        ..asked(JWT, status, 5)
    };
    assert_eq!(
        kinds(only(&inventory([read(true, 200), read(false, 401)]))),
        [],
        "a refused one says nothing"
    );
    let found = inventory([read(true, 200), read(false, 200)]);
    assert_eq!(kinds(only(&found)), [(FindingKind::TokenWithoutExpiry, Severity::Low)]);
    let tokens = only(&found).record.auth.tokens().unwrap();
    assert_eq!((tokens.read, tokens.endless, tokens.lifetime), (2, 1, Some((300, 300))));
    assert_eq!(tokens.issuers.iter().collect::<Vec<_>>(), ["login.test"]);
}

#[test]
fn what_is_kept_is_bounded_and_comes_back() {
    let mut auth = Auth::default();
    let all = (0..=u8::MAX).filter_map(|byte| serde_json::from_value::<Credentials>(byte.into()).ok());
    for credentials in all {
        auth.count(Asker { credentials, page: false }, Some(200), 1, at(5));
    }
    let counted: u64 = auth.seen().map(|seen| seen.counts.requests).sum();
    assert_eq!((auth.seen().count(), counted + auth.other()), (MAX_KINDS, 256));
    let mut twice: Auth = serde_json::from_value(serde_json::to_value(&auth).unwrap()).unwrap();
    assert_eq!(twice, auth);
    twice.unite(auth.clone());
    assert_eq!(twice.other(), 2 * auth.other());
    assert!(twice.seen().all(|seen| seen.counts.requests == 2));
    assert_eq!(serde_json::from_str::<crate::Record>("{}").unwrap().auth, Auth::default(), "an older record");
}
