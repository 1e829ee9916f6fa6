//! Messages of HTTP/1 on a connection that was seen from its beginning.

mod support;

use flow::{At, Direction, End, Kept, Missing, Timestamp, Verdict};
use support::{Event, Tested, get, ok, post};
use traffic_monitor_http::MAX_PIPELINED;

#[test]
fn a_request_and_its_response() {
    let mut tested = Tested::opened();
    tested.client("POST /a?b=c HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxyz");
    assert_eq!(tested.requests, ["POST /a?b=c"]);
    tested.server("HTTP/1.1 201 Created\r\nContent-Length: 5\r\nX: y\r\n\r\nhello");
    tested.gives(&["POST /a?b=c 201 complete 3 5"]);
    let got = &tested.got[0];
    assert_eq!((got.protocol, got.direction, got.time), ("http/1.1", Direction::Forward, 1));
    assert_eq!(got.request_fields[0], ("Host".into(), "h".into()));
    assert_eq!(got.response_fields[1], ("X".into(), "y".into()));
    assert_eq!(got.request_body, (3, "xyz".into(), true));
    assert_eq!(got.response_body, (5, "hello".into(), true));
    assert_eq!(tested.responses, [201]);
}

#[test]
fn keep_alive_and_the_other_role_by_content() {
    let mut tested = Tested::opened();
    for (count, body) in ["", "a", "bb"].into_iter().enumerate() {
        tested.server(get("/x")).client(ok(body));
        assert_eq!(tested.got.len(), count + 1);
    }
    tested.gives(&["GET /x 200 complete 0 0", "GET /x 200 complete 0 1", "GET /x 200 complete 0 2"]);
    assert_eq!(tested.got[0].direction, Direction::Backward);
}

#[test]
fn pipelined_requests_pair_in_order() {
    let mut tested = Tested::opened();
    tested.client([get("/1"), post("/2", "abc"), get("/3")].concat());
    tested.server([ok("a"), ok("bb")].concat()).server(ok("ccc"));
    tested.gives(&["GET /1 200 complete 0 1", "POST /2 200 complete 3 2", "GET /3 200 complete 0 3"]);
}

#[test]
fn of_more_pipelined_requests_than_may_wait_the_oldest_are_handed_on_alone() {
    let mut tested = Tested::opened();
    for number in 0..MAX_PIPELINED + 2 {
        tested.client(get(&format!("/{number}")));
    }
    tested.gives(&["GET /0 - incomplete 0 0", "GET /1 - incomplete 0 0"]);
    for number in 0..MAX_PIPELINED + 2 {
        tested.server(ok(&"x".repeat(number % 7)));
    }
    assert_eq!((tested.counters.answered, tested.counters.orphans), (MAX_PIPELINED as u64, 2));
    assert!(tested.got.iter().enumerate().skip(2).all(|(at, got)| got.response_body.0 == at as u64 % 7));
    tested.client(get("/last")).server(ok("xy"));
    assert_eq!(tested.lines().last().unwrap(), "GET /last 200 complete 0 2");
}

#[test]
fn chunked_with_extensions_and_trailers() {
    let mut tested = Tested::opened();
    tested.client("PUT /a HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 99\r\n\r\n");
    tested.client("3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\n");
    tested.server("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nab\n3\ncde\n0\n\n");
    tested.client(get("/b")).server(ok("x"));
    tested.gives(&["PUT /a 200 complete 3 5", "GET /b 200 complete 0 1"]);
    assert_eq!(tested.got[0].response_body.1, "abcde");
    assert_eq!(tested.counters.body_bytes, 9);
}

#[test]
fn responses_without_a_body() {
    let mut tested = Tested::opened();
    tested.client("HEAD /h HTTP/1.1\r\n\r\n").server("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
    tested.client(get("/n")).server("HTTP/1.1 204 No Content\r\n\r\n");
    tested.client(get("/m")).server("HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n");
    tested.client(get("/e")).server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    tested.client(get("/z")).server(ok("z"));
    let none = ["HEAD /h 200 complete 0 0", "GET /n 204 complete 0 0", "GET /m 304 complete 0 0"];
    tested.gives(&[&none[..], &["GET /e 200 complete 0 0", "GET /z 200 complete 0 1"]].concat());
}

#[test]
fn interim_responses_are_not_final() {
    let mut tested = Tested::opened();
    tested.client("POST /u HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    tested.server("HTTP/1.1 100 Continue\r\n\r\n").client("ab");
    tested.server("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
    tested.gives(&["POST /u 200 complete 2 1"]);
    assert_eq!((tested.counters.interim, &tested.responses[..]), (2, &[200][..]));
}

#[test]
fn a_body_that_was_refused_may_be_left_out() {
    for (body, complete) in [("", "GET /n 200 complete 0 1"), ("GE ab", "GET /n 200 complete 0 1")] {
        for step in [1, 100] {
            let mut tested = Tested::opened();
            tested.client("POST /u HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 5\r\n\r\n");
            tested.server("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n");
            for piece in [body, &get("/n")].concat().as_bytes().chunks(step) {
                tested.client(piece);
            }
            tested.server(ok("x"));
            tested.gives(&[&format!("POST /u 417 complete {} 0", body.len()), complete]);
        }
    }
}

#[test]
fn an_early_response_waits_for_the_end_of_its_request() {
    let mut tested = Tested::opened();
    tested.client("POST /u HTTP/1.1\r\nContent-Length: 4\r\n\r\nab").server(ok("early")).gives(&[]);
    tested.client("cd").gives(&["POST /u 200 complete 4 5"]);
    assert_eq!(tested.got[0].request_body, (4, "ab".into(), false));
    assert_eq!(tested.got[0].response_body, (5, "early".into(), true));
}

#[test]
fn a_body_until_close() {
    let response = "HTTP/1.0 200 OK\r\n\r\nhello";
    let mut tested = Tested::opened();
    tested.client("GET /c HTTP/1.0\r\n\r\n").server(response).gives(&[]).server_fin();
    tested.gives(&["GET /c 200 complete 0 5"]);
    assert_eq!(tested.got[0].protocol, "http/1.0");

    for (end, reason) in [(End::Reset, "incomplete"), (End::Stopped, "incomplete")] {
        let mut tested = Tested::opened();
        tested.client(get("/c")).server(response).end(end);
        tested.gives(&[&format!("GET /c 200 {reason} 0 5")]);
    }
}

#[test]
fn contradicting_lengths() {
    let mut tested = Tested::opened();
    tested.client("POST /a HTTP/1.1\r\nContent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nab").server(ok(""));
    tested.client("POST /b HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab");
    tested.server(ok("")).client(get("/c"));
    tested
        .server("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nuntil close")
        .server_fin();
    tested.gives(&["POST /a 200 complete 2 0", "POST /b 200 incomplete 0 0", "GET /c 200 complete 0 11"]);
}

#[test]
fn a_request_without_a_response_is_an_exchange() {
    let ends =
        [(End::Idle, "idle"), (End::Evicted, "evicted"), (End::Reset, "reset"), (End::Stopped, "stopped")];
    for (end, name) in ends {
        let mut tested = Tested::opened();
        tested.client(get("/a")).gives(&[]).end(end).gives(&["GET /a - incomplete 0 0"]);
        let label = format!("unanswered_{name}");
        assert!(tested.counters.request_ways().any(|count| count == (label.as_str(), 1)), "{label}");
        assert_eq!(tested.verdict.held, 0);
    }
    let mut tested = Tested::opened();
    tested.client(get("/a")).client_fin().gives(&[]).server_fin().gives(&["GET /a - incomplete 0 0"]);
    let mut tested = Tested::opened();
    tested.server_fin().client(get("/a")).client_fin().gives(&[]);
    assert_eq!(tested.counters.given_up.sum(), 1, "no server took it");
}

#[test]
fn a_half_closed_connection_is_still_answered() {
    let mut tested = Tested::opened();
    tested.client(get("/a")).client_fin().server(ok("x")).gives(&["GET /a 200 complete 0 1"]);
}

#[test]
fn folded_lines_blank_lines_and_bare_lf() {
    let mut tested = Tested::opened();
    tested.client("\r\n\nGET /a HTTP/1.1\nHost: h\n\tx\nno colon\n\n\r\n");
    tested.server("HTTP/1.1 200 OK\r\nA: b\r\n  c\r\nContent-Length:\r\n 2\r\n\r\nxy");
    tested.gives(&["GET /a 200 complete 0 2"]);
    assert_eq!(tested.got[0].request_fields, [("Host".to_owned(), "h  x".to_owned())]);
    assert_eq!(tested.got[0].response_fields[0], ("A".to_owned(), "b    c".to_owned()));
    assert_eq!((tested.counters.bad_fields, tested.counters.framing_bytes), (1, 5));
}

#[test]
fn upgrades_end_http() {
    let cases = [("websocket", "websocket"), ("foo/2", "upgraded")];
    for (name, label) in cases {
        let mut tested = Tested::opened();
        tested.client(format!("GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: {name}\r\n\r\n"));
        tested.server(format!("HTTP/1.1 101 Switching Protocols\r\nUpgrade: {name}\r\n\r\n\x01\x02"));
        tested.gives(&["GET /ws 101 complete 0 0"]);
        assert_eq!(tested.unreadable, [(Direction::Forward, label.to_owned())]);
        assert!(tested.verdict.ignore && tested.verdict.held == 0);
        tested.client("more").end(End::Reset);
        assert_eq!(tested.unreadable.len(), 1);
    }
    let mut tested = Tested::opened();
    tested
        .client("GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n")
        .server(ok("no"))
        .client(get("/b"))
        .server(ok("b"));
    tested.gives(&["GET /ws 200 complete 0 2", "GET /b 200 complete 0 1"]);
}

#[test]
fn connect_makes_a_tunnel_or_is_refused() {
    let mut tested = Tested::opened();
    tested.client("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n");
    tested.server("HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n").client("\x16\x03\x01");
    tested.gives(&["CONNECT a:443 200 complete 0 0"]);
    assert_eq!(tested.unreadable, [(Direction::Forward, "tunnel".to_owned())]);

    let mut tested = Tested::opened();
    tested.client("CONNECT a:443 HTTP/1.1\r\n\r\n").server("HTTP/1.1 407 No\r\nContent-Length: 1\r\n\r\nx");
    for byte in get("/b").as_bytes().chunks(1) {
        tested.client(byte);
    }
    tested.server(ok("b")).gives(&["CONNECT a:443 407 complete 0 1", "GET /b 200 complete 0 1"]);
}

#[test]
fn of_a_large_head_what_fits_is_read_and_the_next_message_is_found() {
    for (step, fields) in [(1, 66), (100, 70), (1448, 80), (60_000, 300), (1 << 20, 70)] {
        let filler = format!("X: {}\r\n", "y".repeat(1000)).repeat(fields);
        let mut tested = Tested::opened();
        tested.client(get("/a")).server(ok("a"));
        for piece in format!("GET /big HTTP/1.1\r\nHost: h\r\n{filler}\r\n").as_bytes().chunks(step) {
            tested.client(piece);
        }
        for piece in format!("HTTP/1.1 201 X\r\n{filler}Content-Length: 1\r\n\r\nb").as_bytes().chunks(step) {
            tested.server(piece);
        }
        tested.client(get("/c")).server(ok("c"));
        let lines: Vec<_> =
            tested.lines().iter().map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect();
        assert_eq!(
            lines,
            ["GET /a 200 complete 0", "GET /big 201 incomplete 0", "GET /c 200 complete 0"],
            "{step}"
        );
        assert_eq!(tested.got[1].host.as_deref(), Some("h"));
        assert_eq!((tested.counters.requests, tested.counters.orphans), (3, 0), "{step}");
        assert!(tested.most_held < 512 * 1024, "{}", tested.most_held);
    }
}

#[test]
fn a_head_without_an_end_is_given_up() {
    let mut tested = Tested::opened();
    tested.client("GET /big HTTP/1.1\r\n");
    for _ in 0..1100 {
        tested.client(format!("X: {}\r\n", "y".repeat(1000)));
    }
    tested.server(ok("x")).client(get("/c")).server(ok("c")).gives(&["GET /c 200 complete 0 1"]);
    assert_eq!(tested.counters.given_up.sum(), 1);
}

#[test]
fn status_lines_and_chunks_that_servers_write_otherwise() {
    let mut tested = Tested::opened();
    tested.client(get("/a")).server("HTTP/1.1  200 OK\r\nContent-Length: 1\r\n\r\na");
    tested.client(get("/b")).server("http/1.1 201 created\r\nContent-Length: 1\r\n\r\nb");
    tested.client(get("/c")).server("HTTP/1.1 200OK\r\nContent-Length: 1\r\n\r\nc");
    tested.client(get("/d")).server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n 2\r\nde\r\n0\r\n");
    tested.client(get("/e")).server(ok("e"));
    tested.gives(&[
        "GET /a 200 complete 0 1",
        "GET /b 201 complete 0 1",
        "GET /c - incomplete 0 0",
        "GET /d 200 complete 0 2",
        "GET /e 200 complete 0 1",
    ]);
}

#[test]
fn any_method_and_targets_of_all_forms() {
    let mut tested = Tested::opened();
    let lines = ["purge http://h/a", "OPTIONS *", "VERSION-CONTROL /x", "get /low", "GET //x"];
    for line in lines {
        tested.client(format!("{line} HTTP/1.1\r\n\r\n")).server(ok(""));
    }
    tested.gives(&lines.map(|line| format!("{line} 200 complete 0 0")).each_ref().map(String::as_str));
}

#[test]
fn garbage_after_a_message_is_passed_over() {
    let mut tested = Tested::opened();
    tested
        .client(get("/a"))
        .server(ok("a"))
        .client("\0\x01garbage")
        .client(get("/b"))
        .server("junk")
        .server(ok("b"));
    tested.gives(&["GET /a 200 complete 0 1", "GET /b 200 complete 0 1"]);
    assert_eq!(tested.counters.skipped_bytes.sum(), 9 + 4);
}

#[test]
fn nothing_is_kept_that_was_not_asked_for() {
    for (keep, kept, whole) in [(0, "", false), (3, "hel", false), (5, "hello", true)] {
        let mut tested = Tested::opened();
        tested.keep = keep;
        tested.client(post("/a", "hello")).server(ok("hello"));
        tested
            .client("POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n");
        tested.server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nh").server("ello");
        for got in &tested.got {
            assert_eq!(got.request_body, (5, kept.to_owned(), whole), "{}", got.request);
            assert_eq!(got.response_body, (5, kept.to_owned(), whole), "{}", got.request);
        }
    }
}

#[test]
fn bytes_that_were_not_copied_count_as_body() {
    let mut tested = Tested::opened();
    tested.client("POST /a HTTP/1.1\r\nContent-Length: 1000\r\n\r\nab");
    tested.event(Direction::Forward, Event::Skip(998, Missing::NotCopied));
    tested.server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n");
    tested.event(Direction::Backward, Event::Skip(1000, Missing::NotCopied)).server("\r\n0\r\n\r\n");
    tested.gives(&["POST /a 200 complete 1000 1000"]);
    assert_eq!(tested.got[0].request_body, (1000, "ab".into(), false));
}

#[test]
fn an_idle_keep_alive_connection_holds_little() {
    let mut tested = Tested::opened();
    tested.client(post("/a", &"x".repeat(50_000))).server(ok(&"y".repeat(50_000)));
    assert!(tested.most_held > 50_000);
    assert!(tested.verdict.held <= 1024, "{}", tested.verdict.held);
}

#[test]
fn the_rest_of_a_body_of_which_enough_is_kept_is_not_needed() {
    use traffic_monitor_http::{Connection, Counters, Head, Keep, RequestHead, Sink};

    struct TenOfResponses;

    impl Sink for TenOfResponses {
        fn response(&mut self, _: &RequestHead<'_>, _: u16, _: Head<'_>) -> Keep {
            Keep(10)
        }
    }

    let flow = flow::Flow {
        first: "10.0.0.1:1".parse().unwrap(),
        second: "10.0.0.2:80".parse().unwrap(),
        opened: true,
        origin: flow::Origin::Wire,
    };
    let (mut connection, mut counters) = (Connection::default(), Counters::default());
    let mut data = |direction, data: &str| {
        let time = Timestamp::from_nanos(1);
        let at = At { flow: &flow, direction, time, sequence: 0, acknowledgment: 0 };
        match connection.data(at, data.as_bytes(), &mut counters, &mut TenOfResponses) {
            Verdict::After(bytes) => bytes,
            verdict => panic!("{verdict:?}"),
        }
    };
    let (client, server) = (Direction::Forward, Direction::Backward);
    assert_eq!(
        data(client, "PUT /a HTTP/1.1\r\nContent-Length: 50\r\n\r\n0123456789"),
        40,
        "nothing is kept"
    );
    assert_eq!(data(client, &"x".repeat(40)), 0);
    assert_eq!(
        data(server, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n01234"),
        0,
        "five are still kept"
    );
    assert_eq!(data(server, "56789"), 990);
    assert_eq!(data(server, &"x".repeat(990)), 0);
    assert_eq!(data(client, "GET /b HTTP/1.1\r\n\r\n"), 0);
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(data(server, &format!("{head}100\r\n{}", "x".repeat(16))), 240, "to the end of the chunk");
}

#[test]
fn what_no_server_took_is_no_request() {
    for (acknowledged, lines) in [
        (None, vec!["GET /a - incomplete 0 0"]),
        (Some(false), vec![]),
        (Some(true), vec!["GET /a - incomplete 0 0"]),
    ] {
        let mut tested = Tested::joined();
        let begin = tested.stand(Direction::Forward);
        tested.client(get("/a"));
        let end = tested.stand(Direction::Forward);
        tested.acknowledged[0] = acknowledged.map(|whole| if whole { end } else { begin });
        tested.end(End::Reset).gives(&lines);
        assert_eq!(tested.counters.given_up.sum(), u64::from(lines.is_empty()));
    }

    // It came after the server had ended, and was reset.
    let mut tested = Tested::opened();
    tested.client(get("/a")).server(ok("a"));
    let taken = tested.stand(Direction::Forward);
    tested.server_fin().client(get("/b"));
    tested.acknowledged[0] = Some(taken);
    tested.end(End::Reset).gives(&["GET /a 200 complete 0 1"]);
}

#[test]
fn what_is_typed_into_an_answer_until_the_end_is_no_request() {
    let mut tested = Tested::opened();
    tested.client(post("/attach", "")).server("HTTP/1.1 200 OK\r\n\r\n").server("$ ");
    tested.client(get("/inner")).server("GET: not found").client_fin().server_fin();
    tested.gives(&["POST /attach 200 complete 0 16"]);

    // What was sent before the answer began was asked.
    let mut tested = Tested::opened();
    tested.client(get("/a")).client(get("/b")).server("HTTP/1.1 200 OK\r\n\r\nx").server_fin().client_fin();
    tested.gives(&["GET /a 200 complete 0 1", "GET /b - incomplete 0 0"]);
}

#[test]
fn between_messages_only_who_the_client_is_has_to_be_kept() {
    let mut tested = Tested::opened();
    tested.client(get("/a"));
    assert_eq!(tested.connection.kept(), Kept::Usual);
    tested.server(ok("a"));
    assert_eq!(tested.connection.kept(), Kept::Client(Direction::Forward));
    tested.client("GET /b HT");
    assert_eq!(tested.connection.kept(), Kept::Usual);
    tested.client("TP/1.1\r\n\r\n").server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nb");
    assert_eq!(tested.connection.kept(), Kept::Usual);
    tested.server("cdef").client_gap(40);
    assert_eq!(tested.connection.kept(), Kept::Usual, "a request may wait");

    let mut tested = Tested::opened();
    tested.client("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    assert_eq!(tested.connection.kept(), Kept::Tables);
}
