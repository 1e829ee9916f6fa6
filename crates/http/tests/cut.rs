//! Captures that hold the beginnings of packets only: what is whole of a head is read, and nothing is made up.

mod support;

use flow::{Direction, End, Missing};
use support::{Event, Tested, get, ok};

const CLIENT: Direction = Direction::Forward;
const SERVER: Direction = Direction::Backward;

/// A packet of which the first `len` bytes were captured.
fn cut(tested: &mut Tested, direction: Direction, packet: &str, len: usize) {
    tested.event(direction, Event::Data(&packet.as_bytes()[..len]));
    tested.event(direction, Event::Skip((packet.len() - len) as u64, Missing::NotCopied));
}

fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: cart\r\nAuthorization: Bearer abcdef\r\n\r\n")
}

#[test]
fn start_lines_that_are_whole_make_an_exchange() {
    for joined in [true, false] {
        let mut tested = Tested::new(!joined);
        for path in ["/a", "/b", "/c"] {
            cut(&mut tested, CLIENT, &request(path), 45);
            cut(&mut tested, SERVER, "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot found", 30);
        }
        let line = |path| format!("GET {path} 404 incomplete 0 0");
        tested.gives(&[&line("/a"), &line("/b"), &line("/c")]);
        // The line that was cut is not among the fields.
        let fields = [("Host".to_owned(), "cart".to_owned())];
        assert!(tested.got.iter().all(|got| got.request_fields == fields && got.response_fields.is_empty()));
    }
}

#[test]
fn what_is_cut_inside_of_the_start_line_is_no_request() {
    let mut tested = Tested::opened();
    cut(&mut tested, CLIENT, &request("/a"), 14);
    tested.gives(&[]).server(ok("a")).client(get("/b")).server(ok("b")).gives(&["GET /b 200 complete 0 1"]);
    let mut tested = Tested::opened();
    tested.client(get("/a"));
    cut(&mut tested, SERVER, "HTTP/1.1 200 OK\r\n\r\n", 10);
    tested.client(get("/b")).server(ok("b"));
    tested.gives(&["GET /a - incomplete 0 0", "GET /b 200 complete 0 1"]);
}

#[test]
fn what_follows_a_cut_head_is_not_read_as_its_body() {
    let post = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n";
    for len in [20, 28, 40, post.len()] {
        let mut tested = Tested::opened();
        cut(&mut tested, CLIENT, &[post, &"x".repeat(900)].concat(), len);
        cut(&mut tested, CLIENT, &"x".repeat(1100), 40);
        cut(&mut tested, SERVER, "HTTP/1.1 201 Created\r\nServer: a\r\nContent-Length: 0\r\n\r\n", 27);
        tested.client(get("/b")).server(ok("b"));
        let lines: Vec<_> = tested.got.iter().map(|got| (&*got.request, got.status)).collect();
        assert_eq!(lines, [("POST /a", Some(201)), ("GET /b", Some(200))], "cut at {len}");
        assert!(!tested.got[0].complete && tested.got[1].complete);
    }
}

#[test]
fn answers_behind_a_cut_one_go_to_nobody() {
    let mut tested = Tested::opened();
    tested.client([get("/a"), get("/b")].concat());
    cut(&mut tested, SERVER, &[ok("a"), ok("b")].concat(), 20);
    tested.server(ok("c")).end(End::Stopped);
    let found: Vec<_> = tested.got.iter().map(|got| (&*got.request, got.status)).collect();
    assert_eq!(found, [("GET /a", Some(200)), ("GET /b", None)]);
}

#[test]
fn folded_lines_and_interim_answers_that_are_cut_say_nothing() {
    let mut tested = Tested::opened();
    cut(&mut tested, CLIENT, "GET /a HTTP/1.1\r\nHost: a\r\n b\r\nAccept: text\r\n\r\n", 35);
    cut(&mut tested, SERVER, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 30);
    tested.server(ok("a")).end(End::Stopped);
    assert_eq!(tested.got[0].request, "GET /a");
    // Behind the cut another request may have come, and the answer be to that.
    assert_eq!((tested.got[0].status, tested.got[0].request_fields.len()), (None, 0));
}

#[test]
fn a_gap_in_a_head_still_gives_it_up() {
    let mut tested = Tested::opened();
    tested.event(CLIENT, Event::Data(&request("/a").as_bytes()[..45]));
    tested.event(CLIENT, Event::Skip(30, Missing::Gap)).server(ok("a")).end(End::Stopped).gives(&[]);
}
