//! Tests of templates by position.

use std::hash::Hasher;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::captured::{exchange, novelty, owner, request};
use crate::{Examples, Redactor};

mod shared;

/// A sealed exchange with this path, answered by this status.
fn sealed(method: &str, path: &str, status: u16, second: u64) -> RedactedExchange {
    let mut captured = exchange(request(method, path, ""), b"");
    captured.status = Some(status);
    captured.request.time = Timestamp::from_secs(second);
    Redactor::new(Examples::Redacted).exchange(owner("cart"), &novelty("x"), &captured)
}

/// Takes in a path that was asked for with success.
fn see(paths: &mut Paths, path: &str) -> RedactedExchange {
    let mut exchange = sealed("GET", path, 200, 1);
    paths.open(&mut exchange, &Redactor::new(Examples::Redacted));
    exchange
}

/// The templates that all of these lead to at the end, each once, in order.
fn templates(all: &[String]) -> Vec<String> {
    let mut paths = Paths::fixed();
    let seen: Vec<String> = all.iter().map(|path| see(&mut paths, path).template).collect();
    paths.judge(Pace::AtEnd);
    let mut now: Vec<String> = seen.iter().filter_map(|old| paths.current(&owner("cart"), old)).collect();
    now.sort_unstable();
    now.dedup();
    now
}

fn users() -> Vec<String> {
    let names = ["ann", "bob", "carl", "dora", "emil", "fran", "gus", "hana", "ivan", "jill"];
    names.iter().map(|name| format!("/users/{name}/repos")).collect()
}

#[test]
fn kinds_of_values_by_position() {
    let numbered = |begin: &str, end: &str| -> Vec<String> {
        (1..20).map(|number| format!("{begin}{number}{end}")).collect()
    };
    let cases: [(Vec<String>, &str); 14] = [
        (users(), "/users/{userId}/repos"),
        (numbered("/v1/users/", ":activate"), "/v1/users/{userId}:activate"),
        (numbered("/api/v1/issues/", ".json"), "/api/v1/issues/{issueId}.json"),
        (numbered("/odata/Users(", ")"), "/odata/Users({id})"),
        (numbered("/items/7,", ""), "/items/{itemId}"),
        (numbered("/rest/api/2/issue/SHOP-", ""), "/rest/api/2/issue/{issueId}"),
        (numbered("/blog/10", "-some-title"), "/blog/{blogId}"),
        (numbered("/hosts/10.1.0.", "/status"), "/hosts/{hostId}/status"),
        (numbered("/packages/left-pad/1.", ".0"), "/packages/left-pad/{id}"),
        (numbered("/projects/group%2Fproject-", "/issues"), "/projects/{projectId}/issues"),
        (numbered("/containers/cfcd208495d", "/json"), "/containers/{containerId}/json"),
        (numbered("/charges/ch_cfcd20849a1d565", ""), "/charges/{chargeId}"),
        (numbered("/2015-03-31/functions/fn-", "/policy"), "/2015-03-31/functions/{functionId}/policy"),
        (numbered("/orders/", ""), "/orders/{orderId}"),
    ];
    for (all, expected) in cases {
        assert_eq!(templates(&all), [expected]);
    }
}

#[test]
fn versions_of_an_api_are_words() {
    let of = |paths: &[&str]| templates(&paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>());
    assert_eq!(of(&["/rest/api/3/search"; 5]), ["/rest/api/3/search"]);
    assert_eq!(of(&["/1/indexes/search", "/2/indexes/search"]), ["/1/indexes/search", "/2/indexes/search"]);
    assert_eq!(of(&["/2024-01/orders"; 3]), ["/2024-01/orders"]);
}

#[test]
fn words_beside_a_variable_stay_words() {
    let mut all = users();
    all.extend((0..20).map(|_| "/users/search".to_owned()));
    all.extend((0..20).map(|_| "/users/me".to_owned()));
    assert_eq!(templates(&all), ["/users/me", "/users/search", "/users/{userId}/repos"]);
}

#[test]
fn what_is_in_doubt_is_not_shown() {
    let mut paths = Paths::fixed();
    let exchange = see(&mut paths, "/users/ann");
    assert!(is_undecided(exchange.template()), "{}", exchange.template());
    assert!(!format!("{exchange:?}").contains("ann"), "{exchange:?}");
    paths.judge(Pace::AtEnd);
    paths.decided();
    let kept = serde_json::to_string(&paths.stored(&owner("cart")).unwrap()).unwrap();
    assert!(kept.contains("users") && !kept.contains("ann"), "{kept}");
}

#[test]
fn values_of_a_variable_that_are_words_have_surrogates() {
    let mut paths = Paths::fixed();
    users().iter().for_each(|path| drop(see(&mut paths, path)));
    paths.judge(Pace::AtEnd);
    let exchange = see(&mut paths, "/users/kurt/repos");
    assert_eq!(exchange.template(), "/users/{userId}/repos");
    assert_eq!(exchange.path_params(), [("userId".to_owned(), "xxxx".to_owned())]);
}

#[test]
fn a_store_has_what_was_decided() {
    let mut paths = Paths::default();
    users().iter().for_each(|path| drop(see(&mut paths, path)));
    paths.judge(Pace::AtEnd);
    let doubtful = see(&mut paths, "/teams/red").template;
    let kept = serde_json::to_string(&paths.stored(&owner("cart")).unwrap()).unwrap();
    let mut again = Paths::default();
    again.restore(owner("cart"), serde_json::from_str(&kept).unwrap());
    assert_eq!(see(&mut again, "/users/zoe/repos").template, "/users/{userId}/repos");
    assert_eq!(see(&mut again, "/teams/red").template, doubtful, "it has the same key");
}

#[test]
fn what_is_answered_as_a_guess_teaches_nothing_and_is_not_told_apart() {
    let mut paths = Paths::fixed();
    let redactor = Redactor::new(Examples::Redacted);
    see(&mut paths, "/users");
    paths.judge(Pace::AtEnd);
    for number in 0..1000 {
        let mut guess = sealed("GET", &format!("/users/backup{number}.zip"), 404, 1);
        paths.open(&mut guess, &redactor);
        assert_eq!(guess.template(), "/users/{?}.zip");
    }
    assert!(paths.bytes() < 10 * NODE_BYTES, "{}", paths.bytes());
}

#[test]
fn time_and_use_are_evidence_while_more_may_come() {
    let going = |second| Pace::Going { now: Timestamp::from_secs(second), settle: Duration::from_secs(30) };
    let mut paths = Paths::fixed();
    let words: Vec<String> = ["foo", "bar", "qux"].iter().map(|name| format!("/users/{name}")).collect();
    let template = see(&mut paths, words.first().unwrap()).template;
    words.iter().for_each(|path| drop(see(&mut paths, path)));
    paths.judge(going(2));
    let now = paths.current(&owner("cart"), &template).unwrap();
    assert!(now.starts_with("/users/{?"), "too few were seen: {now}");
    paths.judge(going(40));
    assert_eq!(paths.current(&owner("cart"), &template).as_deref(), Some("/users/{userId}"));
    assert_eq!(see(&mut paths, "/checkout").template.len(), "/{?1234567890a}".len());
    paths.judge(going(41));
    assert_eq!(see(&mut paths, "/checkout").template, "/checkout", "a word at the beginning needs no proof");
}

#[test]
fn rules_win() {
    let mut paths = Paths::fixed();
    let rules = ["/users/{login}", "/metrics/*", "cart /teams/red", "pay /users/{wrong}"];
    paths.set_rules(&rules.iter().map(|rule| rule.parse().unwrap()).collect());
    for path in ["/users/ann", "/metrics/a", "/metrics/b", "/teams/red", "/teams/blue"] {
        see(&mut paths, path);
    }
    paths.judge(Pace::AtEnd);
    assert_eq!(see(&mut paths, "/users/zoe").template, "/users/{login}");
    assert_eq!(see(&mut paths, "/metrics/a").template, "/metrics/a");
    assert_eq!(see(&mut paths, "/teams/red").template, "/teams/red");
    assert_eq!(see(&mut paths, "/teams/blue").template, "/teams/{teamId}");
    paths.set_rules(&["/users/*".parse().unwrap()].into());
    paths.judge(Pace::AtEnd);
    see(&mut paths, "/users/ann");
    paths.judge(Pace::AtEnd);
    assert_eq!(see(&mut paths, "/users/ann").template, "/users/ann", "a rule splits what was one variable");
}

#[test]
fn a_variable_on_the_platform_is_strong_evidence() {
    let going = Pace::Going { now: Timestamp::from_secs(2), settle: Duration::from_secs(30) };
    let mut paths = Paths::fixed();
    for path in ["/people/ann", "/people/search", "/people/bob"] {
        see(&mut paths, path);
    }
    paths.judge(going);
    assert!(is_undecided(&see(&mut paths, "/people/ann").template));
    paths.hint(&owner("cart"), ["/people/{person_id}", "/people/{person_id}/orders"].into_iter());
    paths.judge(going);
    assert_eq!(see(&mut paths, "/people/zoe").template, "/people/{personId}");
    assert_eq!(see(&mut paths, "/people/search").template, "/people/search", "a word stays a word");
}

/// An answer that is this description.
fn see_description(paths: &mut Paths, path: &str, document: &str) {
    let redactor = Redactor::new(Examples::Redacted);
    let mut captured = exchange(request("GET", path, ""), b"");
    captured.response_body =
        http::Body { len: document.len() as u64, kept: document.as_bytes(), whole: true };
    let mut sealed = redactor.exchange(owner("cart"), &novelty("x"), &captured);
    let opened = redactor.open(&mut sealed, &crate::Descriptors::default());
    assert!(opened.shapes().responses().next().is_none(), "a description is no part of the API");
    paths.open(&mut sealed, &redactor);
}

#[test]
fn what_a_service_says_about_its_paths_is_evidence() {
    let going = Pace::Going { now: Timestamp::from_secs(2), settle: Duration::from_secs(30) };
    let mut paths = Paths::fixed();
    for path in ["/people/ann", "/people/zzq", "/people/bob"] {
        see(&mut paths, path);
    }
    paths.judge(going);
    assert!(is_undecided(&see(&mut paths, "/people/ann").template));
    let document = r#"{"openapi":"3.0.0","paths":{"/people/{person}":{},"/people/zzq":{}}}"#;
    see_description(&mut paths, "/people/openapi", document);
    see_description(&mut paths, "/openapi.json", "<html>");
    paths.judge(going);
    let after = |paths: &mut Paths, path| see(paths, path).template;
    assert_eq!(after(&mut paths, "/people/ann"), after(&mut paths, "/people/zoe"));
    assert_eq!(after(&mut paths, "/people/ann"), "/people/{personId}");
    assert_eq!(after(&mut paths, "/people/zzq"), "/people/zzq", "a word that is written there is one");
}

#[test]
fn memory_is_bounded_whatever_is_asked() {
    let mut paths = Paths::fixed();
    for number in 0..20_000_u32 {
        let scattered = number.wrapping_mul(2_654_435_761);
        see(&mut paths, &format!("/w{}/{}", letters(number % 2000), letters(scattered)));
        see(&mut paths, &format!("/{}", "deep/".repeat(number as usize % 100)));
        see(&mut paths, &format!("/long/{}", "x".repeat(number as usize % 9000)));
    }
    assert!(paths.bytes() <= (node::MAX_NODES + 1) * NODE_BYTES, "{}", paths.bytes());
    paths.judge(Pace::AtEnd);
}

/// A number as letters.
fn letters(mut number: u32) -> String {
    let mut text = String::new();
    while number > 0 {
        text.push(char::from(b'a' + (number % 26) as u8));
        number /= 26;
    }
    text
}

fn path() -> impl Strategy<Value = String> {
    let first = prop::sample::select(vec!["users", "orders", "v1", "api", "2"]);
    let second = prop_oneof!["[a-d]{2}", "[0-9]{1,2}", "[A-C]-[0-9]{1,2}", "me", "search"];
    let third = prop::sample::select(vec!["", "/items", "/items/7", ".json", ":cancel"]);
    (first, second, third).prop_map(|(first, second, third)| format!("/{first}/{second}{third}"))
}

proptest! {
    #[test]
    fn order_does_not_matter(all in prop::collection::vec(path(), 1..60), seed in any::<u64>()) {
        let mut shuffled = all.clone();
        let len = shuffled.len() as u64;
        let mut random = seed;
        for at in 0..shuffled.len() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(at, ((random >> 33) % len) as usize);
        }
        prop_assert_eq!(templates(&all), templates(&shuffled));
    }

    #[test]
    fn a_template_is_what_it_is_now(all in prop::collection::vec(path(), 1..40)) {
        let mut paths = Paths::fixed();
        let old: Vec<String> = all.iter().map(|path| see(&mut paths, path).template).collect();
        paths.judge(Pace::AtEnd);
        for (path, old) in all.iter().zip(&old) {
            let now = paths.current(&owner("cart"), old);
            prop_assert_eq!(now.as_ref(), Some(&see(&mut paths, path).template), "{}", path);
            prop_assert_eq!(paths.current(&owner("cart"), now.as_deref().unwrap()), now);
        }
    }

    /// What nothing more is known of is passed over, and that makes no difference.
    #[test]
    fn a_part_of_a_tree_is_judged_as_all_of_it(rounds in prop::collection::vec(prop::collection::vec(path(), 1..20), 1..8)) {
        let (mut part, mut all) = (Paths::fixed(), Paths::fixed());
        let mut seen = Vec::new();
        for (round, paths) in (0..).zip(&rounds) {
            for path in paths {
                seen.push(see(&mut part, path).template);
                prop_assert_eq!(&see(&mut all, path).template, seen.last().unwrap());
            }
            let now = Timestamp::from_secs(10 * round);
            let pace = Pace::Going { now, settle: Duration::from_secs(30) };
            all.trees.values_mut().for_each(Tree::doubt);
            let changed = all.judge(pace);
            prop_assert_eq!(part.judge(pace), changed);
            for old in &seen {
                prop_assert_eq!(part.current(&owner("cart"), old), all.current(&owner("cart"), old));
            }
        }
    }

    #[test]
    fn a_full_tree_is_judged_ever_more_seldom(number in 0..40_u32) {
        // Words at every place: nothing can be made one.
        let mut paths = Paths::fixed();
        let tree = paths.trees.entry(owner("cart")).or_insert_with(|| Tree::new(Timestamp::EPOCH));
        tree.size = node::MAX_NODES;
        let mut judged = 0;
        for at in 0..number * 100 {
            see(&mut paths, &format!("/new{}", letters(at)));
            if paths.is_full(&owner("cart")) {
                judged += 1;
                paths.judge(Pace::AtEnd);
            }
        }
        prop_assert!(judged <= 1 + (number * 100).max(1).ilog2(), "{} of {}", judged, number * 100);
    }

    #[test]
    fn the_capture_thread_goes_the_way_of_the_tree(all in prop::collection::vec(path(), 1..60), more in prop::collection::vec(path(), 1..20)) {
        let mut paths = Paths::fixed();
        all.iter().for_each(|path| drop(see(&mut paths, path)));
        paths.judge(Pace::AtEnd);
        let mut decider = Decider::default();
        decider.set(paths.decided());
        let both: Vec<_> = all.iter().chain(&more).map(|path| {
            let mut hasher = std::hash::DefaultHasher::new();
            decider.hash(&owner("cart"), path.as_bytes(), &mut hasher);
            let mut exchange = sealed("GET", path, 200, 1);
            paths.open_only(&mut exchange, &Redactor::new(Examples::Redacted));
            (hasher.finish(), exchange.template, path.ends_with(".json"))
        }).collect();
        for (at, (hash, template, extended)) in both.iter().enumerate() {
            for (other, theirs, too) in both.iter().skip(at) {
                prop_assert!(hash != other || template == theirs, "{} {}", template, theirs);
                // What is not known is not told apart in a template, nor is a new extension of a value.
                let apart = template.contains("{?}") || template != theirs || extended != too;
                prop_assert!(hash == other || apart, "{}", template);
            }
        }
    }

    #[test]
    fn any_path_gives_a_clean_template(path in prop::collection::vec(any::<u8>(), 0..200)) {
        let target = [b"/", path.as_slice()].concat();
        let mut captured = exchange(request("GET", "/", ""), b"");
        captured.request.target = &target;
        let redactor = Redactor::new(Examples::Redacted);
        let mut seen = redactor.exchange(owner("cart"), &novelty("x"), &captured);
        let mut paths = Paths::fixed();
        paths.open(&mut seen, &redactor);
        paths.judge(Pace::AtEnd);
        paths.rename(&mut seen);
        prop_assert!(seen.template.starts_with('/') && seen.template.bytes().all(|byte| byte.is_ascii_graphic()));
        prop_assert_eq!(paths.current(&owner("cart"), &seen.template), Some(seen.template));
    }
}

#[test]
fn what_is_refused_is_told_apart_and_is_no_evidence() {
    let mut paths = Paths::fixed();
    let redactor = Redactor::new(Examples::Redacted);
    let mut all = Vec::new();
    for n in 0..2000 {
        let mut exchange = sealed("GET", &format!("/qzx{}", letters(n)), 401, 1);
        paths.open(&mut exchange, &redactor);
        all.push(exchange.template);
    }
    paths.judge(Pace::AtEnd);
    let now = |paths: &Paths, template: &str| paths.current(&owner("cart"), template).unwrap();
    assert_ne!(all[0], all[1]);
    assert!(all.iter().all(|template| is_undecided(&now(&paths, template))), "{:?}", now(&paths, &all[0]));
    assert!(!paths.is_full(&owner("cart")));
    let seen = see(&mut paths, "/carts/7");
    paths.judge(Pace::AtEnd);
    assert_eq!(now(&paths, &seen.template), "/carts/{cartId}", "there is room for what is known");
}

#[test]
fn what_turned_out_to_say_nothing_is_taken_back() {
    let templates = |taken_back: bool| {
        let mut paths = Paths::fixed();
        let all: Vec<String> =
            (0..12).map(|n| see(&mut paths, &format!("/users/qzx{}", letters(n))).template).collect();
        for template in all.iter().filter(|_| taken_back) {
            paths.take_back(&owner("cart"), template, 1);
        }
        paths.judge(Pace::AtEnd);
        paths.current(&owner("cart"), &all[0]).unwrap()
    };
    assert_eq!(templates(false), "/users/{userId}");
    assert!(is_undecided(&templates(true)));
}

#[test]
fn preflights_and_files_are_no_evidence_about_paths() {
    let redactor = Redactor::new(Examples::Redacted);
    let mut paths = Paths::fixed();
    let fields = "Access-Control-Request-Method: GET\r\n";
    let captured = exchange(request("OPTIONS", "/users/ann", fields), b"");
    let mut preflight = redactor.exchange(owner("cart"), &novelty("x"), &captured);
    paths.open(&mut preflight, &redactor);
    paths.judge(Pace::AtEnd);
    let now = paths.current(&owner("cart"), preflight.template()).unwrap();
    assert!(now.starts_with("/users/{?"), "{now}");
    let mut file = sealed("GET", "/static/app.7f.js", 200, 1);
    paths.open(&mut file, &redactor);
    assert_eq!((file.template(), file.noise()), (FILES, Some("file of a front end")));
    see(&mut paths, "/7");
    assert_eq!(paths.current(&owner("cart"), file.template()), None, "it stays apart from variables");
}
