//! What holds for any bytes, and for any cut of the same bytes.

mod support;

use flow::{Direction, End, Missing};
use proptest::prelude::*;
use support::{Event, Got, Tested};
use traffic_monitor_http::{MAX_HEAD, MAX_KEEP, MAX_WAITING};

/// A body in some framing: the fields that say so, and the bytes.
fn body() -> impl Strategy<Value = (String, String)> {
    let text = "[a-zA-Z /:\r\n]{0,60}";
    prop_oneof![
        Just((String::new(), String::new())),
        text.prop_map(|body| (format!("Content-Length: {}\r\n", body.len()), body)),
        (text, text).prop_map(|(first, second)| {
            let chunk = |text: &str| {
                if text.is_empty() { String::new() } else { format!("{:X};x\r\n{text}\r\n", text.len()) }
            };
            let body = format!("{}{}0\r\nT: u\r\n\r\n", chunk(&first), chunk(&second));
            ("Transfer-Encoding: chunked\r\n".to_owned(), body)
        }),
    ]
}

/// A request and its response.
fn pair() -> impl Strategy<Value = (String, String)> {
    let method = prop_oneof!["[A-Z]{1,9}", Just("HEAD".to_owned()), Just("get".to_owned())]
        .prop_filter("the tunnel has its own test", |method| method != "CONNECT" && method != "PRI");
    let status = prop_oneof![Just(200u16), Just(204), Just(304), Just(404), Just(500)];
    (method, "/[a-z?=/]{0,20}", body(), status, body(), "(\r\n){0,2}", any::<bool>()).prop_map(
        |(method, target, request, status, response, blank, interim)| {
            let line_end = if blank.is_empty() { "\n" } else { "\r\n" };
            let request = format!(
                "{blank}{method} {target} HTTP/1.1{line_end}Host: h\r\n{}X: a\r\n b\r\n{line_end}{}",
                request.0, request.1
            );
            let interim = if interim { "HTTP/1.1 100 Continue\r\n\r\n" } else { "" };
            let bodiless = method == "HEAD" || matches!(status, 204 | 304);
            let fields = if response.0.is_empty() { "Content-Length: 0\r\n" } else { &response.0 };
            let body = if bodiless { "" } else { &response.1 };
            (request, format!("{interim}HTTP/1.1 {status} X{line_end}{fields}{line_end}{body}"))
        },
    )
}

fn give(tested: &mut Tested, direction: Direction, bytes: &str, cuts: &mut impl Iterator<Item = usize>) {
    let mut rest = bytes.as_bytes();
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(cuts.next().unwrap_or(1).min(rest.len()));
        tested.event(direction, Event::Data(piece));
        rest = after;
    }
}

/// The exchanges of the pairs, cut in this way; `pipelined`: all requests come before all responses.
fn read(pairs: &[(String, String)], cuts: &[usize], pipelined: bool) -> Vec<Got> {
    let mut tested = Tested::opened();
    let mut cuts = cuts.iter().copied().cycle();
    if pipelined {
        let requests: String = pairs.iter().map(|pair| pair.0.as_str()).collect();
        let responses: String = pairs.iter().map(|pair| pair.1.as_str()).collect();
        give(&mut tested, Direction::Forward, &requests, &mut cuts);
        give(&mut tested, Direction::Backward, &responses, &mut cuts);
    } else {
        for (request, response) in pairs {
            give(&mut tested, Direction::Forward, request, &mut cuts);
            give(&mut tested, Direction::Backward, response, &mut cuts);
        }
    }
    tested.end(End::Stopped);
    assert_eq!(tested.counters.waiting_bytes + tested.counters.waiting_requests, 0);
    let mut got = tested.found.got;
    for got in &mut got {
        got.time = 0;
    }
    got
}

/// Something that looks like part of HTTP more often than chance.
fn shred() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "GET / HTTP/1.1\r\n",
        "POST /a HTTP/1.1\r\n",
        "HEAD / HTTP/1.0\r\n",
        "CONNECT a:1 HTTP/1.1\r\n",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 101 X\r\n",
        "HTTP/1.1 100 X\r\n",
        "HTTP/1.1 304 X\r\n",
        "Host: a\r\n",
        "Content-Length: 7\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Expect: 100-continue\r\n",
        "\r\n",
        "\n",
        "\r",
        "5\r\nhello\r\n",
        "0\r\n\r\n",
        "ffffffffffffffff\r\n",
        " folded\r\n",
        "Upgrade: h2c\r\n",
        "abcdefg",
        "\0",
        "PROXY TCP4 a\r\n",
        "\x16\x03\x01\0\x30\x01\0\0",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ]);
    prop_oneof![
        8 => known.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..40),
        1 => (1usize..40_000).prop_map(|len| vec![b'x'; len]),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Data(Vec<u8>),
    Skip(u64, bool),
    Fin,
}

fn step() -> impl Strategy<Value = (bool, Step)> {
    let data = prop::collection::vec(shred(), 1..8).prop_map(|shreds| Step::Data(shreds.concat()));
    let missing = prop_oneof![1u64..2000, any::<u64>()];
    let skip = (missing, any::<bool>()).prop_map(|(bytes, gap)| Step::Skip(bytes >> 8, gap));
    (any::<bool>(), prop_oneof![20 => data, 3 => skip, 1 => Just(Step::Fin)])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_cut_gives_the_same_exchanges(
        pairs in prop::collection::vec(pair(), 1..6),
        cuts in prop::collection::vec(1usize..50, 1..20),
        pipelined: bool,
    ) {
        let whole = read(&pairs, &[usize::MAX], pipelined);
        prop_assert_eq!(whole.len(), pairs.len());
        prop_assert!(whole.iter().all(|got| got.complete), "{:#?}", whole);
        prop_assert_eq!(&read(&pairs, &cuts, pipelined), &whole);
        prop_assert_eq!(&read(&pairs, &[1], pipelined), &whole);
    }

    #[test]
    fn any_bytes_leave_everything_accounted_for(
        opened: bool,
        keep in prop_oneof![Just(0usize), 1usize..100, Just(usize::MAX)],
        steps in prop::collection::vec(step(), 0..40),
    ) {
        let mut tested = Tested::new(opened);
        tested.keep = keep;
        for (forward, step) in steps {
            let direction = if forward { Direction::Forward } else { Direction::Backward };
            let missing = |gap| if gap { Missing::Gap } else { Missing::NotCopied };
            match step {
                Step::Data(data) => tested.event(direction, Event::Data(&data)),
                Step::Skip(bytes, gap) => tested.event(direction, Event::Skip(bytes, missing(gap))),
                Step::Fin => tested.event(direction, Event::End(End::Fin)),
            };
        }
        prop_assert!(tested.most_held <= 2 * (2 * MAX_HEAD + MAX_WAITING + 2 * MAX_KEEP), "{}", tested.most_held);
        tested.end(End::Stopped);
        prop_assert_eq!(tested.counters.waiting_bytes + tested.counters.waiting_requests, 0);
        prop_assert_eq!(tested.counters.answered + tested.counters.unanswered.sum(), tested.got.len() as u64);
        prop_assert!(tested.unreadable.len() <= 1);
        prop_assert_eq!(tested.verdict.held, 0);
    }
}

#[test]
fn a_head_that_comes_byte_by_byte_costs_as_much_as_it_is_long() {
    let head = format!("GET /{} HTTP/1.1\r\n{}\r\n", "a".repeat(30_000), "X: y\r\n".repeat(5_000));
    let start = std::time::Instant::now();
    for _ in 0..4 {
        let mut tested = Tested::opened();
        for byte in head.as_bytes().chunks(1) {
            tested.client(byte);
        }
        assert_eq!(tested.counters.requests, 1);
    }
    // Quadratic cost would be minutes here; this bound is far from both.
    assert!(start.elapsed().as_secs() < 10);
}
