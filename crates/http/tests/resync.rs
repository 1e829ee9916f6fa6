//! Connections that were joined, and bytes that are missing: the next message is found, none is invented, and no
//! response moves to another request.

mod support;

use flow::{Direction, End, Missing};
use support::{Event, Tested, get, ok, post};

#[test]
fn joined_before_a_request() {
    let mut tested = Tested::joined();
    tested.client(get("/a")).server(ok("a")).gives(&["GET /a 200 complete 0 1"]);
}

#[test]
fn joined_in_a_response() {
    let mut tested = Tested::joined();
    tested.client("rest of a body").client(ok("late"));
    tested.server(get("/a")).client(ok("a")).gives(&["GET /a 200 complete 0 1"]);
    assert_eq!((tested.got[0].direction, tested.counters.orphans), (Direction::Backward, 1));
}

#[test]
fn joined_in_a_request() {
    let mut tested = Tested::joined();
    tested.client("gent: x\r\n\r\n").server(ok("lost")).client(post("/a", "x")).server(ok("a"));
    tested.gives(&["POST /a 200 complete 1 1"]);
}

#[test]
fn joined_in_pipelined_requests() {
    let mut tested = Tested::joined();
    tested.client(["ser-Agent: x\r\n\r\n", &get("/a"), &post("/b", "cd")].concat());
    tested.gives(&[]).end(End::Stopped).gives(&["GET /a - incomplete 0 0", "POST /b - incomplete 2 0"]);
}

#[test]
fn text_of_requests_in_a_body_is_no_request() {
    let log = ["some text\r\n", &get("/in"), "\r\n", &get("/side"), "end"].concat();
    let mut tested = Tested::joined();
    tested.client(&log).client("more text").server(ok("")).client(get("/a")).server(ok("a"));
    tested.gives(&["GET /a 200 complete 0 1"]);

    let mut tested = Tested::opened();
    for piece in post("/upload", &log.repeat(3)).as_bytes().chunks(23) {
        tested.client(piece);
    }
    tested.server(ok(""));
    assert_eq!(tested.requests, ["POST /upload"]);
}

#[test]
fn a_connection_that_says_nothing_known_is_given_up_after_a_while() {
    let mut tested = Tested::joined();
    for number in 0.. {
        tested.client([0xff, 0x01, 0x02]).server([0xfe; 20]);
        if tested.verdict.ignore {
            assert!((200..300).contains(&number));
            break;
        }
    }
    assert_eq!(tested.unreadable, [(Direction::Forward, "unknown".to_owned())]);

    let mut tested = Tested::joined();
    for _ in 0..100 {
        tested.server([0xfe; 50_000]);
    }
    assert!(!tested.verdict.ignore, "one long response");
    tested.client(get("/a")).server(ok("a")).gives(&["GET /a 200 complete 0 1"]);
}

#[test]
fn a_gap_inside_a_body_of_known_length_changes_nothing_else() {
    let mut tested = Tested::opened();
    tested.client("POST /a HTTP/1.1\r\nContent-Length: 10\r\n\r\nab").client_gap(8);
    tested
        .server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nab")
        .server_gap(3)
        .server("fghij\r\n0\r\n\r\n");
    tested.client(get("/b")).server(ok("b"));
    tested.gives(&["POST /a 200 incomplete 10 10", "GET /b 200 complete 0 1"]);
    assert_eq!(tested.got[0].request_body.1, "ab");
    assert_eq!(tested.got[0].response_body.1, "ab");
}

#[test]
fn a_lost_response_moves_no_other() {
    let mut tested = Tested::opened();
    tested.client(get("/a")).server_gap(100).client(get("/b")).server(ok("b"));
    tested.client(get("/c")).server(ok("c"));
    tested.gives(&["GET /a - incomplete 0 0", "GET /b 200 complete 0 1", "GET /c 200 complete 0 1"]);
    assert_eq!(tested.counters.orphans, 0);
}

#[test]
fn a_lost_interim_response_loses_nothing() {
    let mut tested = Tested::opened();
    tested.client("POST /a HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    tested.server_gap(25).client("ab").server(ok("a")).gives(&["POST /a 200 complete 2 1"]);
}

#[test]
fn the_beginning_of_a_response_is_lost() {
    let mut tested = Tested::opened();
    tested.client(get("/a")).server_gap(1448).server("rest of the body").client(get("/b")).server(ok("b"));
    tested.gives(&["GET /a - incomplete 0 0", "GET /b 200 complete 0 1"]);
}

#[test]
fn the_end_of_a_response_is_lost() {
    let mut tested = Tested::opened();
    tested
        .client(get("/a"))
        .server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab")
        .server_gap(9);
    tested.client(get("/b")).server(ok("b"));
    tested.gives(&["GET /a 200 incomplete 0 2", "GET /b 200 complete 0 1"]);
}

#[test]
fn a_lost_request_moves_no_response() {
    let mut tested = Tested::opened();
    tested
        .client(get("/a"))
        .server(ok("a"))
        .server(ok("lost"))
        .client_gap(50)
        .client(get("/c"))
        .server(ok("c"));
    tested.gives(&["GET /a 200 complete 0 1", "GET /c 200 complete 0 1"]);
    assert_eq!(tested.counters.orphans, 1);

    let mut tested = Tested::opened();
    tested.client("GET /a HTT").client_gap(50).client("x: y\r\n\r\n").server(ok("lost"));
    tested.client(get("/b")).server(ok("b")).gives(&["GET /b 200 complete 0 1"]);
    assert_eq!(tested.counters.given_up.sum(), 1);
}

#[test]
fn pipelined_requests_around_a_gap_take_no_foreign_response() {
    let mut tested = Tested::opened();
    tested.client(get("/1")).client(get("/2")).client_gap(40).client(get("/4"));
    for body in ["1", "22", "333", "4444"] {
        tested.server(ok(body));
    }
    tested.gives(&["GET /1 200 complete 0 1", "GET /2 200 complete 0 2", "GET /4 - incomplete 0 0"]);

    let mut tested = Tested::opened();
    tested
        .client([get("/1"), get("/2")].concat())
        .server_gap(40)
        .client(get("/3"))
        .server(ok("22"))
        .server(ok("333"));
    tested.gives(&["GET /1 - incomplete 0 0", "GET /2 - incomplete 0 0", "GET /3 - incomplete 0 0"]);
    assert_eq!(tested.counters.orphans, 2);
}

#[test]
fn a_request_line_that_was_cut_by_the_capture_is_given_up() {
    let mut tested = Tested::opened();
    tested.client("GET /a HTTP/1.1");
    tested.event(Direction::Forward, Event::Skip(100, Missing::NotCopied));
    tested.server(ok("a")).client(get("/b")).server(ok("b")).gives(&["GET /b 200 complete 0 1"]);
    assert!(tested.counters.request_ways().any(|count| count == ("given_up_not_copied", 1)));
}

#[test]
fn the_response_of_a_head_that_was_missed_has_no_body() {
    let mut tested = Tested::joined();
    tested.server("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n").client(get("/a")).server(ok("a"));
    tested.gives(&["GET /a 200 complete 0 1"]);
}

#[test]
fn gaps_in_both_directions_move_no_response() {
    let mut tested = Tested::opened();
    tested
        .client(get("/1"))
        .server_gap(40)
        .client(get("/2"))
        .server_gap(40)
        .client(get("/3"))
        .server(ok("333"));
    tested.gives(&["GET /1 - incomplete 0 0", "GET /2 - incomplete 0 0", "GET /3 200 complete 0 3"]);

    let mut tested = Tested::opened();
    tested
        .client(get("/1"))
        .server_gap(40)
        .client_gap(50)
        .server(ok("22"))
        .client(get("/3"))
        .server(ok("333"));
    tested.gives(&["GET /1 - incomplete 0 0", "GET /3 200 complete 0 3"]);
}

#[test]
fn pipelining_that_shows_after_a_gap_takes_no_foreign_response() {
    let mut tested = Tested::opened();
    tested.client(get("/0")).server(ok("")).client_gap(34).client(get("/2")).client(get("/3"));
    tested.server(ok("1")).server(ok("22")).server(ok("333"));
    tested.gives(&["GET /0 200 complete 0 0", "GET /2 - incomplete 0 0", "GET /3 - incomplete 0 0"]);
}
