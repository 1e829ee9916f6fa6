//! Floods of HTTP/2: each costs its cap and no more, and all of it is counted.

mod support;

use flow::Direction;
use support::Tested;
use support::frames::{END_HEADERS, END_STREAM, data, frame, get, insert, ok, plain, preface, settings};
use traffic_monitor_http::{MAX_HEAD, MAX_UNANSWERED, Reason, Unanswered};

const EXCHANGES: usize = MAX_UNANSWERED as usize;

fn opened() -> Tested {
    let mut tested = Tested::opened();
    tested.client(preface()).server(settings());
    tested
}

fn given_up(tested: &Tested, reason: Reason) -> usize {
    tested.counters.given_up[reason] as usize
}

fn reset(stream: u32) -> Vec<u8> {
    frame(3, 0, stream, [0, 0, 0, 8])
}

/// Requests from this stream on that are reset at once.
fn resets(tested: &mut Tested, from: u32, count: u32) {
    for number in 0..count {
        let stream = from + 2 * number;
        tested.client([get(stream, "/a"), reset(stream)].concat());
    }
}

#[test]
fn requests_that_are_reset_at_once_are_exchanges_up_to_a_limit() {
    let mut tested = opened();
    resets(&mut tested, 1, 5000);
    assert_eq!(tested.got.len(), EXCHANGES);
    assert_eq!(tested.counters.unanswered[Unanswered::Reset] as usize, EXCHANGES);
    assert_eq!(given_up(&tested, Reason::Flood), 5000 - EXCHANGES);
    assert_eq!(tested.counters.requests, 5000);
    assert!(tested.most_held < 64 * 1024, "{}", tested.most_held);
    // What is answered among them is an exchange as ever.
    tested.client(get(20_001, "/real")).server(ok(20_001, "yes"));
    assert_eq!(tested.lines().last().unwrap(), "GET /real 200 complete 0 3");
}

#[test]
fn a_client_that_cancels_some_of_its_requests_is_no_flood() {
    let mut tested = opened();
    for number in 0..5000 {
        let stream = 1 + 4 * number;
        tested.client(get(stream, "/a")).server(ok(stream, ""));
        resets(&mut tested, stream + 2, 1);
    }
    assert_eq!((tested.got.len(), given_up(&tested, Reason::Flood)), (10_000, 0));
}

#[test]
fn nothing_is_called_a_flood_where_answers_are_not_captured() {
    let mut tested = Tested::opened();
    tested.client(preface());
    resets(&mut tested, 1, 3000);
    assert_eq!((tested.got.len(), given_up(&tested, Reason::Flood)), (3000, 0));
}

#[test]
fn more_open_requests_than_a_server_allows_are_a_flood() {
    let mut tested = opened();
    (0..10_000).for_each(|number| _ = tested.client(get(1 + 2 * number, "/a")));
    assert_eq!(tested.got.len(), EXCHANGES);
    assert_eq!(tested.counters.waiting_requests, 1024);
    assert_eq!(given_up(&tested, Reason::Flood), 10_000 - 1024 - EXCHANGES);
}

#[test]
fn continuations_without_an_end_are_read_past() {
    let mut tested = opened();
    tested.client(frame(1, END_STREAM, 1, plain("x-a", "b")));
    (0..200).for_each(|_| _ = tested.client(frame(9, 0, 1, [0x82; 1000])));
    (0..20_000).for_each(|_| _ = tested.client(frame(9, 0, 1, [0x82; 1])));
    assert!(tested.most_held < 3 * MAX_HEAD, "{}", tested.most_held);
    assert!(tested.counters.skipped_bytes[Reason::HeadTooLarge] > 130_000);
    tested.client(frame(9, END_HEADERS, 1, ""));
    assert_eq!((tested.counters.requests, given_up(&tested, Reason::HeadTooLarge)), (1, 1));
    tested.client(get(3, "/after")).server(ok(3, "")).gives(&["GET /after 200 complete 0 0"]);
}

/// Lists that refer 16 times to one entry of 4,000 bytes: 4 GiB of text, if it were written, in some 2 MB.
#[test]
fn a_bomb_of_indices_becomes_text_only_as_far_as_its_bytes_pay() {
    let mut tested = opened();
    let first = [&[0x82, 0x86, 0x84][..], &insert("x-bomb", &"x".repeat(4000))].concat();
    tested.client(frame(1, END_HEADERS | END_STREAM, 1, first)).server(ok(1, ""));
    let block = [&[0x82, 0x86, 0x84][..], &[0xbe; 16]].concat();
    let count = 65_536;
    for number in 1..=count {
        tested.keep = 0;
        tested.client(frame(1, END_HEADERS | END_STREAM, 1 + 2 * number, &block));
        tested.client(reset(1 + 2 * number));
    }
    assert_eq!(tested.counters.requests, u64::from(count) + 1);
    let text: usize =
        tested.got.iter().flat_map(|got| &got.request_fields).map(|(_, value)| value.len()).sum();
    let wire = tested.counters.bytes as usize;
    assert!(text > 4000 * 16 && text < 300_000 + 16 * wire, "{text} of {wire}");
    assert!(given_up(&tested, Reason::HeadTooLarge) > 60_000);
    assert!(tested.most_held < 16 * MAX_HEAD, "{}", tested.most_held);
    // Small lists go on to be read, and the table is still right.
    let path = [&[0x82, 0x86][..], &plain(":path", "/after"), &insert("x-b", "c")].concat();
    tested.client(frame(1, END_HEADERS | END_STREAM, 200_001, path)).server(ok(200_001, ""));
    tested
        .client(frame(1, END_HEADERS | END_STREAM, 200_003, [0x82, 0x86, 0x84, 0xbe]))
        .server(ok(200_003, ""));
    let last = tested.got.last().unwrap();
    assert_eq!(last.request_fields, [("x-b".to_owned(), "c".to_owned())]);
}

#[test]
fn a_bomb_of_names_is_paid_too() {
    let mut tested = opened();
    let first = [&[0x82, 0x86, 0x84][..], &insert(&"x".repeat(4000), "v")].concat();
    tested.client(frame(1, END_HEADERS | END_STREAM, 1, first)).server(ok(1, ""));
    // A literal field without indexing, its name that of index 62, its value empty.
    let block = [&[0x82, 0x86, 0x84][..], &b"\x0f\x2f\0".repeat(10)].concat();
    for number in 1..=5000 {
        tested.client(frame(1, END_HEADERS | END_STREAM, 1 + 2 * number, &block));
        tested.client(reset(1 + 2 * number));
    }
    let text: usize = tested.got.iter().flat_map(|got| &got.request_fields).map(|(name, _)| name.len()).sum();
    let wire = tested.counters.bytes as usize;
    assert!(text > 40_000 && text < 300_000 + 16 * wire, "{text} of {wire}");
    assert!(given_up(&tested, Reason::HeadTooLarge) > 4000);
}

/// A cookie of 4 KB that is sent by its number with each request, as browsers do behind a proxy.
#[test]
fn large_fields_are_read_as_long_as_requests_are_answered() {
    let mut tested = opened();
    let cookie = insert("cookie", &"c".repeat(3900));
    let first = [&[0x82, 0x86, 0x84][..], &cookie].concat();
    tested.client(frame(1, END_HEADERS | END_STREAM, 1, first)).server(ok(1, ""));
    for number in 1..3000 {
        let stream = 1 + 2 * number;
        tested.client(frame(1, END_HEADERS | END_STREAM, stream, [0x82, 0x86, 0x84, 0xbe]));
        tested.server(frame(1, END_HEADERS | END_STREAM, stream, [0x8b]));
    }
    assert_eq!((tested.got.len(), given_up(&tested, Reason::HeadTooLarge)), (3000, 0));
    assert!(tested.got.iter().all(|got| got.request_fields[0].1.len() == 3900 && got.complete));
}

#[test]
fn frames_that_cannot_be_end_the_reading_at_last() {
    let mut tested = opened();
    (0..1000).for_each(|number| _ = tested.client(get(1 + 2 * number, "/a")));
    let wrong = [frame(6, 0, 0, "1"), settings(), settings(), settings()].concat();
    for _ in 0..100 {
        tested.client(&wrong);
    }
    assert_eq!(tested.unreadable, [(Direction::Forward, "unknown".to_owned())]);
    assert!(tested.verdict.ignore && tested.verdict.held == 0);
    assert_eq!(tested.got.len(), 1000);
}

#[test]
fn a_wrong_frame_now_and_then_is_forgiven() {
    let mut tested = opened();
    for number in 0..200 {
        let stream = 1 + 2 * number;
        tested.client([get(stream, "/a"), frame(6, 0, 0, "1")].concat());
        tested.client([settings(), settings()].concat()).server(ok(stream, ""));
    }
    assert_eq!((tested.unreadable.len(), tested.got.len()), (0, 200));
}

#[test]
fn frames_that_say_nothing_hold_nothing() {
    let mut tested = opened();
    tested.client(get(1, "/a"));
    let nothing =
        [frame(6, 0, 0, [7; 8]), settings(), data(1, "", false), frame(8, 0, 0, [0, 0, 1, 0])].concat();
    (0..20_000).for_each(|_| _ = tested.client(&nothing));
    assert!(tested.most_held < 16 * 1024, "{}", tested.most_held);
    tested.server(ok(1, "x")).gives(&["GET /a 200 complete 0 1"]);
}
