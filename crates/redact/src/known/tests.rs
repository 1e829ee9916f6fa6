//! Tests of the novelty filter.

use http::Head;
use proptest::prelude::*;

use super::*;
use crate::captured::{exchange, owner, request};
use crate::{Examples, Paths, RedactedExchange, Redactor};

const BODY_BYTES: usize = 1000;

fn time(nanos: u64) -> Timestamp {
    Timestamp::from_nanos(nanos)
}

fn client(port: u16) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 9], port))
}

fn known() -> Known {
    Known::new(1000, BODY_BYTES)
}

fn look(known: &mut Known, method: &str, target: &str, fields: &str) -> Look {
    known.look(&owner("cart"), client(1), &exchange(request(method, target, fields), b""))
}

fn novelty(look: Look) -> Novelty {
    match look {
        Look::New(novelty) => novelty,
        Look::Repeat => panic!("a repeat"),
    }
}

/// Learns what is new. Returns whether it was.
fn learn(known: &mut Known, method: &str, target: &str, fields: &str) -> bool {
    match look(known, method, target, fields) {
        Look::New(novelty) => {
            known.accept(novelty, time(1));
            true
        }
        Look::Repeat => false,
    }
}

fn repeats(known: &mut Known) -> Vec<Repeats> {
    let mut all = Vec::new();
    known.take_repeats(|one| all.push(one));
    all
}

#[test]
fn only_what_was_accepted_is_known() {
    let mut known = known();
    let first = novelty(look(&mut known, "GET", "/users/1", ""));
    let again = novelty(look(&mut known, "GET", "/users/2", ""));
    assert_eq!(again, first, "the queue was full");
    known.accept(again, time(1));
    assert_eq!(look(&mut known, "GET", "/users/3", ""), Look::Repeat);
    assert_eq!(look(&mut known, "GET", "/users//4/", ""), Look::Repeat);
    assert_eq!(repeats(&mut known), [Repeats { fingerprint: first.fingerprint(), count: 2, last: time(1) }]);
    assert_eq!(repeats(&mut known), []);
}

#[test]
fn what_is_the_same_and_what_is_not() {
    let mut known = known();
    learn(&mut known, "GET", "/users/1?a=1&b=2", "Content-Type: text/plain\r\n");
    for (target, fields) in [
        ("/users/2?b=3&a=4", "content-type: text/plain ; charset=utf-8\r\n"),
        ("/users/550e8400-e29b-41d4-a716-446655440000?a&b", "Content-Type:text/plain\r\nX: y\r\n"),
        ("/users/2024-01-01?a=1&b=2", "Content-Type: text/plain\r\n"),
        ("//users/3/?a=1&b=2&a=5#x", "Content-Type: text/plain\r\n"),
        ("http://cart/%75sers/3;v=1?%61=1&b=2", "Content-Type: text/plain\r\n"),
    ] {
        assert_eq!(look(&mut known, "GET", target, fields), Look::Repeat, "{target}");
    }
    for (method, target, fields) in [
        ("POST", "/users/1?a=1&b=2", "Content-Type: text/plain\r\n"),
        ("GET", "/users?a=1&b=2", "Content-Type: text/plain\r\n"),
        ("GET", "/users/me?a=1&b=2", "Content-Type: text/plain\r\n"),
        ("GET", "/users/1?a=1", "Content-Type: text/plain\r\n"),
        ("GET", "/users/1?a=1&b=2&c=3", "Content-Type: text/plain\r\n"),
        ("GET", "/users/1?a=1&b=2", "Content-Type: application/json\r\n"),
        ("GET", "/users/1?a=1&b=2", ""),
    ] {
        assert_ne!(look(&mut known, method, target, fields), Look::Repeat, "{method} {target} {fields}");
    }
    let other = known.look(
        &owner("shop"),
        client(1),
        &exchange(request("GET", "/users/1?a=1&b=2", "Content-Type: text/plain\r\n"), b""),
    );
    assert_ne!(other, Look::Repeat);
}

#[test]
fn the_status_counts() {
    let mut known = known();
    learn(&mut known, "GET", "/a", "");
    let mut again = exchange(request("GET", "/a", ""), b"");
    for (status, repeat) in [(Some(200), true), (Some(204), false), (Some(404), false), (None, false)] {
        again.status = status;
        assert_eq!(known.look(&owner("cart"), client(1), &again) == Look::Repeat, repeat, "{status:?}");
    }
    again.status = Some(200);
    again.response_headers = Head::new(b"Content-Type: text/html\r\n");
    assert_ne!(known.look(&owner("cart"), client(1), &again), Look::Repeat);
}

#[test]
fn a_probe_does_not_hide_what_people_ask_for() {
    let mut known = known();
    let probe = "User-Agent: kube-probe/1.31\r\n";
    for n in 0..200 {
        learn(&mut known, "GET", &format!("/a?p{n}=1"), probe);
    }
    assert_eq!(look(&mut known, "GET", "/a?q=1", probe), Look::Repeat);
    assert_ne!(
        look(&mut known, "GET", "/a?q=1", "User-Agent: curl/8\r\n"),
        Look::Repeat,
        "although the set is open"
    );
}

#[test]
fn random_names_end_as_an_open_set() {
    let mut known = known();
    let news = (0..1000).filter(|n| learn(&mut known, "GET", &format!("/a?p{n}=1"), "")).count();
    assert_eq!(news, usize::from(MAX_VARIANTS) + 1);
    assert!(learn(&mut known, "GET", "/b?p1=1", ""), "another operation is not touched by it");
}

#[test]
fn names_that_are_values_are_no_news() {
    let mut known = known();
    learn(&mut known, "GET", "/a?x=1", "");
    for n in 0..100 {
        assert_eq!(
            look(&mut known, "GET", &format!("/a?x=1&{}=", 1_700_000_000_000u64 + n), ""),
            Look::Repeat
        );
    }
}

#[test]
fn bodies_are_kept_ever_more_seldom() {
    let mut known = known();
    let head = request("POST", "/a/1", "Content-Length: 5\r\n");
    let kept = (0..5000).filter(|_| known.keep(&owner("cart"), &head) == BODY_BYTES).count();
    assert_eq!(kept, 200 + 5, "256, 512, 1024, 2048 and 4096 follow the first 200");
    assert_eq!(known.keep(&owner("cart"), &request("POST", "/b", "")), BODY_BYTES, "another operation");
    assert_eq!(known.keep(&owner("cart"), &request("GET", "/b", "Content-Length: 2\r\n")), BODY_BYTES);
}

#[test]
fn answers_of_each_class_are_kept_ever_more_seldom() {
    let mut known = known();
    let head = request("GET", "/a/1", "");
    let mut kept = |status: u16, count: usize| {
        (0..count).filter(|_| known.keep_answer(&owner("cart"), &head, status) == BODY_BYTES).count()
    };
    assert_eq!(kept(200, 2000), 20 + 3, "64, 256 and 1024 follow the first 20");
    assert_eq!((kept(404, 30), kept(422, 40)), (4 + 1, 1), "the errors of clients are one class");
    assert_eq!((kept(301, 8), kept(503, 8)), (4, 4));
    assert_eq!(kept(999, 8), 1, "a status of no class is one of the server's");
}

#[test]
fn a_kept_answer_teaches_although_the_rest_is_known() {
    let mut known = known();
    let mut answered = exchange(request("GET", "/a", ""), b"");
    let first = novelty(known_look(&mut known, &answered));
    known.accept(first, time(1));
    assert_eq!(known_look(&mut known, &answered), Look::Repeat);
    answered.response_body = http::Body { len: 1, kept: b"1", whole: true };
    assert_ne!(known_look(&mut known, &answered), Look::Repeat);
}

fn known_look(known: &mut Known, exchange: &Exchange<'_>) -> Look {
    known.look(&owner("cart"), client(1), exchange)
}

#[test]
fn a_kept_body_teaches_although_the_rest_is_known() {
    let mut known = known();
    let with_body = exchange(request("POST", "/a", ""), b"x");
    let first = novelty(known.look(&owner("cart"), client(1), &with_body));
    let fingerprint = first.fingerprint();
    known.accept(first, time(1));
    let again = novelty(known.look(&owner("cart"), client(1), &with_body));
    assert_eq!(again.fingerprint(), fingerprint);
    known.accept(again, time(2));
    assert_eq!(look(&mut known, "POST", "/a", ""), Look::Repeat);
    assert_eq!(repeats(&mut known).len(), 1);
}

#[test]
fn counts_outlive_eviction() {
    let mut known = Known::new(10, 0);
    let (mut total, mut handed_out) = (0u64, 0u64);
    for round in 0..3000u32 {
        let target = format!(
            "/{}",
            ["a", "b", "c"].map(|one| one.repeat((round as usize * 7 + one.len()) % 50 + 1)).concat()
        );
        learn(&mut known, "GET", &target, "");
        total += u64::from(look(&mut known, "GET", &target, "") == Look::Repeat);
        if round % 500 == 0 {
            known.take_repeats(|one| handed_out += one.count);
        }
    }
    known.take_repeats(|one| handed_out += one.count);
    let repeated_at_learning = handed_out.checked_sub(total).unwrap();
    assert!(total > 1000 && repeated_at_learning < 3000, "{total} {handed_out}");
}

#[test]
fn a_flood_of_paths_stays_bounded_and_loses_no_count() {
    let mut known = Known::new(100, 0);
    let mut repeated = 0;
    for n in 0..20_000u32 {
        let word: String = n.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect();
        for _ in 0..2 {
            repeated += u64::from(!learn(&mut known, "GET", &format!("/{word}"), ""));
        }
    }
    assert!(known.evicted.len() <= MAX_EVICTED);
    let mut counted = 0;
    known.take_repeats(|one| counted += one.count);
    assert_eq!(counted, repeated);
}

/// Returns what makes two redacted exchanges the same to the filter.
fn meaning(exchange: &RedactedExchange) -> impl PartialEq + std::fmt::Debug + use<> {
    let mut names: Vec<_> = exchange.query.iter().map(|(name, _)| name.clone()).collect();
    names.sort_unstable();
    let status = exchange.status.map(|status| status / 100);
    let variables = exchange.path_params.iter().map(|(name, _)| name).filter(|name| !name.starts_with('?'));
    let template =
        variables.fold(exchange.template.clone(), |all, name| all.replace(&format!("{{{name}}}"), "{}"));
    (
        exchange.method.clone(),
        template,
        names,
        status,
        exchange.request_type.clone(),
        exchange.response_type.clone(),
    )
}

#[test]
fn the_description_of_a_service_is_read_once_a_day() {
    let mut known = known();
    let mut kept = |owner_name, path, status, hours: u64| {
        let mut head = request("GET", path, "");
        head.time = Timestamp::from_secs(hours * 3600);
        known.keep_answer(&owner(owner_name), &head, status)
    };
    assert_eq!(kept("cart", "/openapi.json", 200, 1), MAX_DESCRIPTION);
    assert_eq!(kept("cart", "/openapi.json", 200, 2), 0);
    assert_eq!(kept("cart", "/v3/api-docs?x=1", 200, 24), 0);
    assert_eq!(kept("orders", "/v3/api-docs?x=1", 200, 24), MAX_DESCRIPTION);
    assert!(kept("mail", "/openapi.json", 404, 24) < MAX_DESCRIPTION, "that is none");
    assert_eq!(kept("cart", "/openapi.json", 200, 25), MAX_DESCRIPTION);
}

#[test]
fn what_is_refused_is_news_on_some_connections() {
    let mut known = known();
    let mut news = |status, ports: std::ops::Range<u16>| {
        let mut count = 0;
        for port in ports {
            let mut asked = exchange(request("GET", "/users", ""), b"");
            asked.status = Some(status);
            if let Look::New(novelty) = known.look(&owner("cart"), client(port), &asked) {
                assert_eq!(novelty.connection != 0, status == 401);
                known.accept(novelty, time(1));
                count += 1;
            }
        }
        count
    };
    assert_eq!(news(200, 0..1000), 1);
    assert_eq!(news(401, 0..1000), CONNECTIONS);
    assert_eq!(news(401, 0..1000), 0);
}

#[test]
fn refusals_of_grpc_are_refusals() {
    let redactor = Redactor::new(Examples::Redacted);
    for (status, expected) in [(0, 200), (5, 200), (7, 403), (12, 501), (16, 401)] {
        let fields = "content-type: application/grpc\r\n";
        let mut call = exchange(request("POST", "/shop.Cart/Get", fields), b"");
        call.grpc = Some(http::Grpc { status: Some(status), ..http::Grpc::default() });
        let novelty = novelty(known().look(&owner("cart"), client(1), &call));
        let redacted = redactor.exchange(owner("cart"), &novelty, &call);
        assert_eq!(redacted.status(), Some(expected), "{status}");
        assert_eq!(redacted.signature().is_some(), [401, 403].contains(&expected), "{status}");
    }
}

#[test]
fn files_are_one_operation_and_preflights_hide_nothing() {
    let mut known = known();
    assert!(learn(&mut known, "GET", "/static/js/main.cfcd2084.js", ""));
    assert!(!learn(&mut known, "GET", "/_next/chunks/a87ff679.js", ""));
    assert!(learn(&mut known, "OPTIONS", "/users", "Access-Control-Request-Method: GET\r\n"));
    assert!(learn(&mut known, "OPTIONS", "/users", ""));
}

fn target() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        "[a-c]",
        "[0-9]{1,2}",
        "[a-c]%6[1-3]",
        "2024-0[1-9]",
        "[ab12]{3}",
        "[A-Za-z0-9_-]{20,24}",
        "\\.\\.?",
        "a@b\\.de"
    ];
    let pair = prop_oneof!["[ab](=[0-9])?", "%6[12]=", "[0-9]{5}", "[A-Za-z0-9]{24}=1", "a\\+b", ""];
    let path = prop::collection::vec(segment, 0..4);
    let query = prop::collection::vec(pair, 0..4);
    (path, query).prop_map(|(path, query)| format!("/{}?{}", path.join("/"), query.join("&")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_same_fingerprint_means_the_same_template_and_names(one in target(), two in target(), json in any::<bool>()) {
        let mut known = known();
        let redactor = Redactor::new(Examples::Redacted);
        let mut both = [(one, ""), (two, if json { "Content-Type: application/json\r\n" } else { "" })].iter().map(|(target, fields)| {
            let exchange = exchange(request("GET", target, fields), b"");
            let novelty = novelty(known.look(&owner("cart"), client(1), &exchange));
            let mut redacted = redactor.exchange(owner("cart"), &novelty, &exchange);
            Paths::fixed().open(&mut redacted, &redactor);
            (novelty.fingerprint(), meaning(&redacted))
        }).collect::<Vec<_>>().into_iter();
        let (one, two) = (both.next().unwrap(), both.next().unwrap());
        prop_assert_eq!(one.0 == two.0, one.1 == two.1, "{:?} {:?}", one.1, two.1);
    }
}

#[test]
fn a_request_without_credentials_is_news_where_others_have_some() {
    let mut known = known();
    for fields in [
        "Authorization: Bearer a1b2\r\n",
        "Authorization: Basic dTpw\r\n",
        "X-Api-Key: k9x\r\n",
        "Cookie: sid=k9x\r\n",
    ] {
        assert!(learn(&mut known, "GET", "/users/1", fields), "{fields}");
        assert!(
            !learn(&mut known, "GET", "/users/2", &fields.replace("k9x", "k8y").replace("a1b2", "c3d4")),
            "{fields}"
        );
    }
    let without = novelty(look(&mut known, "GET", "/users/3", ""));
    assert!(without.credentials.is_none());
    assert!(learn(&mut known, "GET", "/users/3", "X-Auth-Token: k9x\r\n"), "another name");
    assert!(
        learn(&mut known, "GET", "/users/3?api_key=k9x", "")
            && !learn(&mut known, "GET", "/users/4?api_key=k8y", "")
    );
}

#[test]
fn what_is_followed_keeps_every_body_within_an_allowance() {
    let mut known = known();
    let at = |secs: u64| RequestHead { time: Timestamp::from_secs(secs), ..request("POST", "/rpc", "") };
    let kept = |known: &mut Known, secs: u64, count: usize| {
        (0..count).filter(|_| known.keep(&owner("cart"), &at(secs)) == BODY_BYTES).count()
    };
    assert_eq!(kept(&mut known, 1, 200), 200);
    assert_eq!(kept(&mut known, 1, 50), 0, "nobody asked for more");
    let Look::New(novelty) = known.look(&owner("cart"), client(1), &exchange(at(1), b"{}")) else { panic!() };
    assert!(!novelty.followed);
    let route = Route(novelty.operation);
    known.accept(novelty, time(1));
    known.follow(route);
    let Look::New(novelty) = known.look(&owner("cart"), client(1), &exchange(at(1), b"{}")) else { panic!() };
    assert!(novelty.followed && !novelty.shapes, "it teaches what it asks for, and nothing else");
    assert_eq!((kept(&mut known, 1, 4000), known.unread()), (4000, 0));
    let some = kept(&mut known, 1, 4000);
    assert!(some < 300 && known.unread() == 4000 - some as u64, "{some}");
    assert!((100..110).contains(&kept(&mut known, 2, 1000)), "more comes with time");
    let other = request("POST", "/other", "");
    assert_eq!(
        (0..5000).filter(|_| known.keep(&owner("cart"), &other) > 0).count(),
        205,
        "others are as they were"
    );
}
