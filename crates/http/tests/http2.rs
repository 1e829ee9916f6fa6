//! HTTP/2 from its beginning: what each kind of frame changes.

mod support;

use flow::{Direction, End};
use support::Tested;
use support::frames::{
    END_HEADERS, END_STREAM, PREFACE, data, frame, get, get_block, insert, ok, plain, post, preface,
    settings, trailers,
};
use traffic_monitor_http::{Reason, Unanswered};

fn opened() -> Tested {
    let mut tested = Tested::opened();
    tested.client(preface()).server(settings());
    tested
}

#[test]
fn requests_and_responses_in_any_cut() {
    let client =
        [preface(), get(1, "/a"), post(3, "/b", &[("content-type", "text/plain")]), data(3, "body", true)]
            .concat();
    let server = [settings(), ok(3, "three"), ok(1, "one")].concat();
    for step in [1, 2, 3, 10, 1000] {
        let mut tested = Tested::opened();
        client.chunks(step).for_each(|piece| _ = tested.client(piece));
        server.chunks(step).for_each(|piece| _ = tested.server(piece));
        tested.gives(&["POST /b 200 complete 4 5", "GET /a 200 complete 0 3"]);
        assert_eq!(tested.got[0].request_body, (4, "body".into(), true));
        assert_eq!(tested.got[0].protocol, "h2");
        assert_eq!(tested.got[0].request_fields, [("content-type".to_owned(), "text/plain".to_owned())]);
        assert_eq!((tested.requests.len(), &tested.responses[..]), (1, &[200, 200][..]));
        assert_eq!((tested.older, tested.unreadable.len()), (0, 0));
        assert_eq!(tested.counters.body_bytes, 12);
    }
}

#[test]
fn the_preface_alone_does_not_make_http2() {
    let mut tested = Tested::opened();
    tested.client([PREFACE, b"something else, more than nine bytes"].concat());
    assert_eq!(tested.unreadable, [(Direction::Forward, "unknown".to_owned())]);
    assert!(tested.verdict.ignore && tested.verdict.held == 0);
    let mut tested = Tested::opened();
    tested.client(preface()).server("HTTP/1.1 400 Bad Request\r\n\r\n");
    assert_eq!(tested.unreadable, [(Direction::Forward, "unknown".to_owned())]);
    let mut tested = Tested::opened();
    tested.client("PRI * HTTP/2.0\r\n\r\nSM\r\n\r");
    assert_eq!((tested.unreadable.len(), tested.verdict.ignore), (0, false));
    tested.client("x");
    assert_eq!(tested.unreadable.len(), 1);
}

#[test]
fn the_server_may_speak_first() {
    let mut tested = Tested::opened();
    tested.server(settings()).client(preface()).client(get(1, "/a")).server(ok(1, "x"));
    tested.gives(&["GET /a 200 complete 0 1"]);
}

#[test]
fn blocks_in_pieces_with_padding_and_priority() {
    let block = [get_block("/a"), plain("x-a", "b")].concat();
    let mut tested = opened();
    let padded = [&[2][..], &[0, 0, 0, 0, 16], &block[..4], &[0, 0]].concat();
    tested.client(frame(1, 0x8 | 0x20 | END_STREAM, 1, padded));
    tested.client(frame(9, 0, 1, &block[4..7])).client(frame(9, 0, 1, "")).client(frame(
        9,
        END_HEADERS,
        1,
        &block[7..],
    ));
    tested.client(frame(2, 0, 3, [0; 5])).client(frame(8, 0, 0, [0, 0, 1, 0])).client(frame(6, 0, 0, [7; 8]));
    tested.client(frame(0xfe, 0xff, 0x99, "unknown types are passed over"));
    tested
        .server(frame(1, END_HEADERS, 1, [0x88]))
        .server(frame(0, 0x8, 1, b"\x03abcdef"))
        .server(frame(0, 0x9, 1, b"\0x"));
    tested.gives(&["GET /a 200 complete 0 4"]);
    assert_eq!(tested.got[0].request_fields, [("x-a".to_owned(), "b".to_owned())]);
    assert_eq!(tested.counters.body_bytes, 4);
}

#[test]
fn authority_is_the_host_and_wins_over_it() {
    let mut tested = opened();
    let block = [get_block("/a"), plain(":authority", "shop.test:81"), plain("host", "other")].concat();
    tested.client(frame(1, END_HEADERS | END_STREAM, 1, block)).server(ok(1, ""));
    tested.gives(&["GET /a 200 complete 0 0"]);
    assert_eq!(tested.got[0].host, Some("shop.test:81".to_owned()));
}

#[test]
fn connect_with_and_without_a_protocol() {
    let mut tested = opened();
    let connect = |more: &[Vec<u8>]| [&[plain(":method", "CONNECT")][..], more].concat().concat();
    let plain_one = connect(&[plain(":authority", "db:5432")]);
    let extended = connect(&[
        plain(":protocol", "websocket"),
        vec![0x86],
        plain(":path", "/chat"),
        plain(":authority", "h"),
    ]);
    tested.client(frame(1, END_HEADERS, 1, plain_one)).client(frame(1, END_HEADERS, 3, extended));
    tested.client(data(1, "up", true)).client(data(3, "u", true)).server(ok(1, "down")).server(ok(3, "d"));
    tested.gives(&["CONNECT db:5432 200 complete 2 4", "CONNECT /chat 200 complete 1 1"]);
}

#[test]
fn interim_responses_trailers_and_early_ones() {
    let mut tested = opened();
    tested.client(post(1, "/a", &[])).server(frame(1, END_HEADERS, 1, plain(":status", "103")));
    tested.server(ok(1, "early")).gives(&[]);
    tested.client(data(1, "late", false)).client(trailers(1, &[("x-sum", "1")]));
    tested.gives(&["POST /a 200 complete 4 5"]);
    assert_eq!(tested.counters.interim, 1);
    assert_eq!(tested.got[0].request_fields, []);
}

#[test]
fn grpc_says_its_status_and_messages() {
    let grpc = [("content-type", "application/grpc"), ("te", "trailers")];
    let mut tested = opened();
    tested.client(post(1, "/p.S/M", &grpc)).client(data(1, "\0\0\0\0\x02hi", true));
    let headers = [&[0x88][..], &plain("content-type", "application/grpc")].concat();
    tested.server(frame(1, END_HEADERS, 1, &headers)).server(data(1, "\0\0\0\0\x01a\x01\0\0\0\x01b", false));
    tested.server(trailers(1, &[("grpc-status", "5"), ("grpc-message", "no")]));
    let only = [headers, plain("grpc-status", "12")].concat();
    tested.client(post(3, "/p.S/N", &grpc)).client(data(3, "\0\0\0\0\0", true));
    tested.server(frame(1, END_HEADERS | END_STREAM, 3, only));
    tested.gives(&["POST /p.S/M 200 complete 7 12", "POST /p.S/N 200 complete 5 0"]);
    let grpc = tested.got[0].grpc.unwrap();
    assert_eq!(
        (grpc.status, grpc.request_messages, grpc.response_messages, grpc.compressed),
        (Some(5), 1, 2, true)
    );
    assert_eq!(tested.got[1].grpc.unwrap().status, Some(12));
}

#[test]
fn promised_requests_are_counted_and_no_exchanges() {
    let mut tested = opened();
    tested.client(get(1, "/a"));
    let promise = [&2_u32.to_be_bytes()[..], &get_block("/style.css")].concat();
    tested.server(frame(5, END_HEADERS, 1, promise)).server(ok(2, "css")).server(ok(1, "page"));
    // What the promise inserted counts.
    tested.client(get(3, "/b")).server(frame(1, END_HEADERS | END_STREAM, 3, [0x88, 0xbe]));
    tested.gives(&["GET /a 200 complete 0 4", "GET /b 200 complete 0 0"]);
    assert_eq!((tested.counters.promises, tested.counters.orphans), (1, 0));
}

#[test]
fn streams_that_are_reset_or_never_answered() {
    let mut tested = opened();
    tested.client(get(1, "/a")).client(frame(3, 0, 1, [0, 0, 0, 8]));
    tested.client(post(3, "/b", &[])).server(ok(3, "no")).server(frame(3, 0, 3, [0; 4]));
    tested.client(get(5, "/c")).server(frame(7, 0, 0, [0; 8])).end(End::Reset);
    tested.gives(&["GET /a - incomplete 0 0", "POST /b 200 incomplete 0 2", "GET /c - incomplete 0 0"]);
    assert_eq!(tested.counters.unanswered[Unanswered::Reset], 2);
    assert_eq!(tested.verdict.held, 0);
}

#[test]
fn an_upgraded_request_is_answered_on_stream_1() {
    let request = "GET /up?a=1 HTTP/1.1\r\nHost: h:1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n";
    let switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
    let server = [switching.as_bytes(), &settings(), &ok(1, "hello")].concat();
    for step in [1, 7, 1000] {
        let mut tested = Tested::opened();
        request.as_bytes().chunks(step).for_each(|piece| _ = tested.client(piece));
        server.chunks(step).for_each(|piece| _ = tested.server(piece));
        preface().chunks(step).for_each(|piece| _ = tested.client(piece));
        tested.client(get(3, "/b")).server(ok(3, "x"));
        tested.gives(&["GET /up?a=1 200 complete 0 5", "GET /b 200 complete 0 1"]);
        assert_eq!((tested.got[0].protocol, tested.got[1].protocol), ("http/1.1", "h2"));
        assert_eq!(tested.got[0].host, Some("h:1".to_owned()));
        assert_eq!((tested.unreadable.len(), tested.older), (0, 0));
    }
}

#[test]
fn requests_that_are_not_right_are_given_up() {
    let mut tested = opened();
    for (stream, block) in [
        (1, vec![0x82, 0x86]),
        (3, vec![0x80]),
        (5, [vec![0x82, 0x86, 0x84], insert("a", &"x".repeat(4_000)), vec![0xbe; 20]].concat()),
    ] {
        let (first, rest) = block.split_at(block.len().min(1));
        tested.client(frame(1, END_STREAM, stream, first)).client(frame(9, END_HEADERS, stream, rest));
    }
    tested.client(frame(1, END_STREAM, 7, [0x82])).client(frame(9, 0, 7, [0; 40_000])).client(frame(
        9,
        END_HEADERS,
        7,
        [0; 40_000],
    ));
    tested.client(get(9, "/b")).server(ok(9, "x"));
    tested.gives(&["GET /b 200 complete 0 1"]);
    assert_eq!(
        (tested.counters.given_up[Reason::Malformed], tested.counters.given_up[Reason::HeadTooLarge]),
        (2, 2)
    );
}

#[test]
fn a_request_behind_the_end_of_its_server_ends_with_its_client() {
    let mut tested = opened();
    tested.server_fin().client(get(1, "/late")).client_fin();
    tested.gives(&["GET /late - incomplete 0 0"]);
}

#[test]
fn a_request_that_the_server_did_not_take_is_none() {
    for (whole, lines) in [(true, vec!["GET /a - incomplete 0 0"]), (false, vec![])] {
        let mut tested = opened();
        let begin = tested.stand(Direction::Forward);
        tested.client(get(1, "/a"));
        tested.acknowledged[0] = Some(if whole { tested.stand(Direction::Forward) } else { begin });
        tested.end(End::Reset).gives(&lines);
        assert_eq!(tested.counters.given_up[Reason::NotTaken], u64::from(!whole));
    }
}

#[test]
fn a_request_whose_body_follows_the_101_is_answered_on_stream_1() {
    for step in [1, 7, 1000] {
        let mut tested = Tested::opened();
        tested.client(
            "POST /a HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 7\r\n\r\n",
        );
        tested.server("HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
        let client = [b"{\"a\":1}PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &frame(4, 0, 0, [])[..]].concat();
        client.chunks(step).for_each(|piece| _ = tested.client(piece));
        tested.server(frame(4, 0, 0, [])).server(ok(1, "yes")).client(get(3, "/b")).server(ok(3, "b"));
        tested.gives(&["POST /a 200 complete 7 3", "GET /b 200 complete 0 1"]);
    }
}
