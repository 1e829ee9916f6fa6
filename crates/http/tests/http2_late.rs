//! HTTP/2 on connections that were joined, or that miss bytes: what is not known is not guessed.

mod support;

use flow::{Direction, End, Missing};
use support::frames::{END_HEADERS, END_STREAM, data, frame, get, insert, ok, post, preface, settings};
use support::{Event, Tested};
use traffic_monitor_http::Unanswered;

/// `:method GET`, `:scheme http` and the field with this index.
fn indexed(stream: u32, index: u8) -> Vec<u8> {
    frame(1, END_HEADERS | END_STREAM, stream, [0x82, 0x86, 0x80 | index])
}

fn ping() -> Vec<u8> {
    frame(6, 0, 0, "abcdefgh")
}

#[test]
fn what_was_inserted_before_is_unknown_and_what_comes_is_exact() {
    let mut tested = Tested::joined();
    tested.client([ping(), indexed(7, 62)].concat()).server(ok(7, "a"));
    tested.client(get(9, "/b")).server(ok(9, "b"));
    tested.client(indexed(11, 62)).server(ok(11, "b"));
    tested.client(indexed(13, 63)).server(ok(13, "a"));
    tested.gives(&[
        "GET  200 complete 0 1",
        "GET /b 200 complete 0 1",
        "GET /b 200 complete 0 1",
        "GET  200 complete 0 1",
    ]);
    assert_eq!((tested.older, tested.counters.older, tested.counters.unknown_names), (1, 1, 2));
    assert_eq!(tested.got[0].direction, Direction::Forward);
}

#[test]
fn the_side_of_the_client_is_found_from_either_direction() {
    let mut tested = Tested::joined();
    // The sender of the first segment is the server here.
    tested.client([data(5, "rest", true), ok(7, "x")].concat());
    tested.server([ping(), get(9, "/b")].concat()).client(ok(9, "b"));
    tested.gives(&["GET /b 200 complete 0 1"]);
    assert_eq!(tested.got[0].direction, Direction::Backward);
    assert_eq!(tested.counters.orphans, 1);
}

#[test]
fn a_connection_is_joined_in_the_middle_of_a_frame() {
    let stream = [post(5, "/a", &[]), data(5, &"x".repeat(3000), true), get(7, "/b"), get(9, "/c")].concat();
    let mut tested = Tested::joined();
    tested.client(&stream[1500..]).server([ok(5, "a"), ok(7, "b"), ok(9, "c")].concat());
    tested.gives(&["GET /b 200 complete 0 1", "GET /c 200 complete 0 1"]);
}

#[test]
fn a_gap_in_a_body_harms_only_its_exchange() {
    let mut tested = Tested::opened();
    tested.client([preface(), get(1, "/a"), get(3, "/b")].concat()).server(settings());
    let body = data(1, "0123456789", true);
    tested
        .server([&frame(1, END_HEADERS, 1, [0x88])[..], &body[..12]].concat())
        .server_gap(4)
        .server(&body[16..]);
    tested.server(ok(3, "b")).client(indexed(5, 62)).server(ok(5, "b"));
    tested.gives(&["GET /a 200 incomplete 0 10", "GET /b 200 complete 0 1", "GET /b 200 complete 0 1"]);
    assert_eq!(tested.counters.unknown_names, 0);
}

#[test]
fn bytes_that_were_not_copied_make_nothing_incomplete() {
    let mut tested = Tested::opened();
    tested.client([preface(), get(1, "/a")].concat()).server(settings());
    let body = data(1, "0123456789", true);
    tested.server([&frame(1, END_HEADERS, 1, [0x88])[..], &body[..12]].concat());
    tested.event(Direction::Backward, Event::Skip(7, Missing::NotCopied));
    tested.gives(&["GET /a 200 complete 0 10"]);
}

#[test]
fn after_a_gap_a_direction_starts_over() {
    let mut tested = Tested::opened();
    tested.client([preface(), get(1, "/a")].concat()).server([settings(), ok(1, "a")].concat());
    tested.client_gap(100).client(indexed(7, 62)).server(ok(7, "x"));
    tested.client(get(9, "/b")).client(indexed(11, 62)).server(ok(9, "b")).server(ok(11, "b"));
    tested.gives(&[
        "GET /a 200 complete 0 1",
        "GET  200 complete 0 1",
        "GET /b 200 complete 0 1",
        "GET /b 200 complete 0 1",
    ]);
    assert_eq!((tested.counters.unknown_names, tested.counters.older), (1, 0));
}

#[test]
fn a_response_in_a_gap_is_not_waited_for_forever() {
    let mut tested = Tested::opened();
    tested.client([preface(), get(1, "/a"), get(3, "/b")].concat()).server(settings());
    tested.server_gap(50).server(ok(3, "b")).gives(&["GET /b 200 incomplete 0 1"]);
    tested.later(61_000_000_000).client(get(5, "/c")).server(ok(5, "c"));
    tested.gives(&["GET /b 200 incomplete 0 1", "GET /a - incomplete 0 0", "GET /c 200 complete 0 1"]);
}

#[test]
fn a_status_that_is_not_known_is_none() {
    let mut tested = Tested::joined();
    tested.client([ping(), get(7, "/a")].concat());
    tested.server([ping(), ping(), ping(), frame(1, END_HEADERS | END_STREAM, 7, [0xbe])].concat());
    tested.gives(&["GET /a - incomplete 0 0"]);
    assert_eq!(tested.counters.unanswered[Unanswered::Unknown], 1);
}

#[test]
fn bytes_of_something_else_are_not_http2() {
    for bytes in [
        &[0; 24][..],
        b"\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64\0\0\0\0\0\0\0\0\0",
        &[0xff; 24],
        b"\0\0\x08\x06\0\0\0\0\0abcdefgh1234567",
    ] {
        let mut tested = Tested::joined();
        tested.client(bytes).server(bytes);
        assert_eq!((tested.older, tested.counters.older), (0, 0));
        tested.end(End::Stopped);
    }
}

#[test]
fn floods_cost_their_cap() {
    let mut tested = Tested::opened();
    tested.keep = usize::MAX;
    tested.client(preface()).server(settings());
    for n in 0..5_000_u32 {
        tested.client(post(2 * n + 1, "/flood", &[])).client(data(2 * n + 1, &"x".repeat(500), false));
    }
    assert!(tested.most_held < 3 << 20, "{}", tested.most_held);
    for n in 0..20_000_u32 {
        let id = 2 * n + 10_001;
        tested.client(get(id, "/reset")).client(frame(3, 0, id, [0; 4]));
    }
    tested.client(frame(1, END_STREAM, 100_001, [0x82]));
    for _ in 0..2_000 {
        tested.client(frame(9, 0, 100_001, [0; 1000])).client(frame(9, 0, 100_001, ""));
    }
    for n in 0..2_000_u32 {
        let size = [0x3f, 0xe1, 0xff, 0xff, 0x3f];
        let block =
            [&size[..], &[0x82, 0x86, 0x84], &insert(&format!("x-{n}"), &"y".repeat(500)), &[0xbe; 500]]
                .concat();
        tested.client(frame(1, END_HEADERS | END_STREAM, 100_003 + 2 * n, block));
    }
    assert!(tested.most_held < 4 << 20, "{}", tested.most_held);
    tested.end(End::Reset);
    assert_eq!(tested.counters.waiting_requests, 0);
    assert_eq!(tested.verdict.held, 0);
}
