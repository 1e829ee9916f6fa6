//! Places that words and values share, and words that look like values.

use super::*;

fn times(path: &str, count: usize) -> impl Iterator<Item = String> + use<> {
    std::iter::repeat_n(path.to_owned(), count)
}

fn names() -> impl Iterator<Item = String> {
    users().into_iter().filter_map(|path| path.split('/').nth(2).map(str::to_owned))
}

#[test]
fn a_word_that_is_asked_for_much_more_than_the_values_beside_it_stays_one() {
    let mut all: Vec<String> = names().map(|name| format!("/keywords/{name}")).collect();
    all.extend(times("/keywords/leases/report", 30));
    assert_eq!(templates(&all), ["/keywords/leases/report", "/keywords/{keywordId}"]);
}

#[test]
fn a_value_that_is_asked_for_much_more_than_others_is_one_of_them() {
    let mut all: Vec<String> = names().map(|name| format!("/keywords/{name}")).collect();
    all.extend(times("/keywords/zoe", 60));
    assert_eq!(templates(&all), ["/keywords/{keywordId}"]);
}

#[test]
fn a_value_whose_answers_alone_were_read_is_one_of_them() {
    let mut paths = Paths::fixed();
    let redactor = Redactor::new(Examples::Redacted);
    let mut captured = exchange(request("GET", "/keywords/zoe", ""), b"");
    captured.response_body = http::Body { len: 11, kept: br#"{"zip":"1"}"#, whole: true };
    for _ in 0..40 {
        let mut sealed = redactor.exchange(owner("cart"), &novelty("x"), &captured);
        paths.open(&mut sealed, &redactor);
    }
    names().for_each(|name| drop(see(&mut paths, &format!("/keywords/{name}"))));
    paths.judge(Pace::AtEnd);
    assert_eq!(see(&mut paths, "/keywords/zoe").template, "/keywords/{keywordId}");
}

#[test]
fn few_that_are_asked_for_again_and_again_and_are_unlike_are_words() {
    let all: Vec<String> =
        ["/apis/frob.io/v1/zaps", "/apis/quux/v2/nibs/watch", "/apis/blarg/v1/wugs/status"]
            .iter()
            .flat_map(|path| times(path, 200))
            .collect();
    let mut words: Vec<String> = all.clone();
    words.sort_unstable();
    words.dedup();
    assert_eq!(templates(&all), words);
}

#[test]
fn codes_are_no_words_however_often_they_are_asked_for() {
    let mut all = Vec::new();
    for path in ["/products/NX-1945-S", "/products/UNBK-4731-L/price", "/products/Q-8697-XXL/tiers/all"] {
        all.extend(times(path, 100));
    }
    all.extend(times("/products/frobnicate/now", 100));
    let found = templates(&all).join(" ");
    assert!(!["1945", "4731", "8697"].iter().any(|code| found.contains(code)), "{found}");
}

#[test]
fn what_programs_call_in_camel_case_are_words() {
    let words: Vec<String> = ["Card", "Order", "Board", "Label", "List", "Member"]
        .iter()
        .flat_map(|thing| ["frob", "wug", "nib", "zap"].map(|verb| format!("{verb}{thing}")))
        .collect();
    let all: Vec<String> =
        (1..20).flat_map(|id| words.iter().map(move |word| format!("/lists/{id}/{word}"))).collect();
    assert_eq!(templates(&all).len(), words.len(), "{:?}", templates(&all));
    assert!(templates(&all).iter().all(|one| one.starts_with("/lists/{listId}/") && !one.contains('?')));
}

#[test]
fn unknown_words_are_words_beside_known_ones() {
    let known = ["users", "orders", "search", "status", "groups", "export", "events"];
    let unknown = ["zork", "wug", "nib", "frob", "quux", "blarg", "zap", "plugh", "xyzzy", "grault"];
    let all = |words: &[&str]| -> Vec<String> {
        words.iter().flat_map(|word| times(&format!("/internal/{word}"), 20)).collect()
    };
    let decided = |all: &[String]| templates(all).iter().filter(|one| !one.contains('{')).count();
    assert_eq!(decided(&all(&unknown)), 0, "by themselves they are in doubt");
    assert_eq!(decided(&all(&[&known[..], &unknown].concat())), known.len() + unknown.len());
}
