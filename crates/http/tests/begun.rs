//! Answers that go on are shown before their end.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use support::frames::{END_HEADERS, data, frame, plain, post, preface, settings, trailers};
use support::{Tested, get, ok};
use traffic_monitor_http::Begun;

const SECOND: u64 = 1_000_000_000;

/// The head of an answer in chunks.
fn chunked(media: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nTransfer-Encoding: chunked\r\n\r\n")
}

#[test]
fn events_are_shown_when_their_answer_begins() {
    let mut tested = Tested::opened();
    tested.client(get("/events")).server(chunked("Text/Event-Stream; charset=utf-8"));
    let shown: Vec<_> = tested.begun.iter().map(|got| (got.request.clone(), got.status, got.told)).collect();
    assert_eq!(shown, [("GET /events".to_owned(), Some(200), false)]);
    assert!(tested.got.is_empty());
    tested.later(9 * SECOND).server("6\r\ndata:1\r\n0\r\n\r\n");
    assert_eq!(tested.begun.len(), 1, "it is known by now");
    assert_eq!((tested.got[0].status, tested.got[0].told, tested.got[0].complete), (Some(200), true, true));
}

#[test]
fn a_watch_is_shown_by_its_request() {
    let mut tested = Tested::opened();
    tested.client(get("/api/v1/pods?watch=true&limit=5")).server(chunked("application/json"));
    assert_eq!(tested.begun.len(), 1);
    let mut tested = Tested::opened();
    tested.client(get("/api/v1/pods?limit=5")).server(chunked("application/json"));
    assert_eq!(tested.begun.len(), 0);
}

#[test]
fn an_answer_that_goes_on_for_long_is_shown_whatever_it_is() {
    let mut tested = Tested::opened();
    tested.client(get("/export")).server(chunked("text/csv")).server("3\r\na,b\r\n");
    assert!(tested.begun.is_empty());
    tested.later(3 * SECOND).server("3\r\nc,d\r\n").server("3\r\ne,f\r\n");
    assert_eq!(tested.begun.len(), 1);
    tested.server("0\r\n\r\n").client(get("/next")).server(ok("[]"));
    assert_eq!(tested.got.iter().map(|got| got.told).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn a_sink_without_room_is_asked_again_and_one_without_interest_is_not() {
    for (answer, asked, told) in [(Begun::Later, 3, false), (Begun::Passed, 1, false), (Begun::Told, 1, true)]
    {
        let mut tested = Tested::opened();
        tested.take_begun = answer;
        tested.client(get("/events")).server(chunked("text/event-stream"));
        tested.later(3 * SECOND).server("3\r\na:b\r\n").server("3\r\na:c\r\n");
        assert_eq!(tested.begun.len(), asked, "{answer:?}");
        tested.server_fin();
        assert_eq!((tested.got.len(), tested.got[0].told), (1, told));
    }
}

#[test]
fn what_ends_at_once_is_not_shown() {
    let mut tested = Tested::opened();
    tested.later(9 * SECOND).client(get("/cart?stream=false")).later(9 * SECOND).server(ok("[]"));
    tested.client(get("/none?watch=1")).server("HTTP/1.1 204 No Content\r\n\r\n");
    assert!(tested.begun.is_empty());
}

#[test]
fn a_call_that_streams_is_shown_when_its_answer_begins() {
    let mut tested = Tested::opened();
    let call = [("content-type", "application/grpc"), ("te", "trailers")];
    tested.client(preface()).server(settings()).client(post(1, "/shop.Prices/Watch", &call));
    tested.client(data(1, "\0\0\0\0\0", true));
    let head = [&[0x88][..], &plain("content-type", "application/grpc")].concat();
    tested.server(frame(1, END_HEADERS, 1, head));
    assert_eq!(tested.begun.len(), 1);
    assert_eq!(
        (tested.begun[0].request.as_str(), tested.begun[0].status),
        ("POST /shop.Prices/Watch", Some(200))
    );
    tested.server(data(1, "\0\0\0\0\0", false)).server(data(1, "\0\0\0\0\0", false));
    tested.later(9 * SECOND).server(trailers(1, &[("grpc-status", "0")]));
    assert_eq!((tested.begun.len(), tested.got.len(), tested.got[0].told), (1, 1, true));
    assert_eq!(tested.got[0].grpc.unwrap().response_messages, 2);
}

#[test]
fn a_stream_that_goes_on_for_long_is_shown() {
    let mut tested = Tested::opened();
    tested.client(preface()).server(settings()).client(support::frames::get(1, "/export"));
    tested.server(frame(1, END_HEADERS, 1, [0x88])).server(data(1, "a", false));
    assert!(tested.begun.is_empty());
    tested.later(3 * SECOND).server(data(1, "b", false)).server(data(1, "c", true));
    assert_eq!((tested.begun.len(), tested.got[0].told), (1, true));
}
