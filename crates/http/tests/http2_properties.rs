//! HTTP/2: what holds for any bytes, for any cut of the same bytes, and for any beginning that is missing.

mod support;

use flow::{Direction, End, Missing};
use proptest::prelude::*;
use support::frames::{
    END_HEADERS, END_STREAM, data, frame, get, insert, ok, plain, post, preface, settings, trailers,
};
use support::{Event, Got, Tested};
use traffic_monitor_http::{MAX_HEAD, MAX_KEEP, MAX_WAITING};

/// What one stream sends in each direction, in pieces that others may come between.
#[derive(Clone, Debug)]
struct Talk {
    path: String,
    body: Option<String>,
    answer: String,
    interim: bool,
    ends_with_trailers: bool,
}

fn talk() -> impl Strategy<Value = Talk> {
    ("/[a-d]{1,3}", prop::option::of("[a-z]{0,40}"), "[a-z]{0,60}", any::<bool>(), any::<bool>()).prop_map(
        |(path, body, answer, interim, ends_with_trailers)| Talk {
            path,
            body,
            answer,
            interim,
            ends_with_trailers,
        },
    )
}

impl Talk {
    fn client(&self, id: u32) -> Vec<Vec<u8>> {
        match &self.body {
            None => vec![get(id, &self.path)],
            Some(body) => {
                let (one, two) = body.split_at(body.len() / 2);
                vec![
                    post(id, &self.path, &[("content-type", "text/plain")]),
                    data(id, one, false),
                    data(id, two, true),
                ]
            }
        }
    }

    fn server(&self, id: u32) -> Vec<Vec<u8>> {
        let mut frames = Vec::new();
        if self.interim {
            frames.push(frame(1, END_HEADERS, id, plain(":status", "100")));
        }
        frames.push(frame(1, END_HEADERS, id, [&[0x88][..], &insert("x-a", &self.answer)].concat()));
        frames.push(data(id, &self.answer, !self.ends_with_trailers));
        if self.ends_with_trailers {
            frames.push(trailers(id, &[("grpc-status", "7")]));
        }
        frames
    }
}

/// The pieces of all streams, in an order that `mix` chooses; those of a stream stay in theirs.
fn woven(mut streams: Vec<Vec<Vec<u8>>>, mix: &[usize]) -> Vec<u8> {
    streams.iter_mut().for_each(|pieces| pieces.reverse());
    let mut bytes = Vec::new();
    let mut mix = mix.iter().cycle();
    // Streams begin in the order of their numbers (RFC 9113, section 5.1.1).
    let mut begun = 0;
    loop {
        let open: Vec<usize> =
            (0..streams.len()).filter(|&at| at <= begun && !streams[at].is_empty()).collect();
        let Some(&at) = open.get(mix.next().unwrap() % open.len().max(1)) else { break };
        bytes.extend(streams[at].pop().unwrap());
        begun = begun.max(at + 1);
    }
    bytes
}

fn read(client: &[u8], server: &[u8], cuts: &[usize]) -> Vec<Got> {
    let mut tested = Tested::opened();
    let mut cuts = cuts.iter().copied().cycle();
    for (direction, mut rest) in [(Direction::Forward, client), (Direction::Backward, server)] {
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(cuts.next().unwrap().min(rest.len()));
            tested.event(direction, Event::Data(piece));
            rest = after;
        }
    }
    tested.end(End::Stopped);
    assert_eq!(tested.counters.waiting_bytes + tested.counters.waiting_requests, 0);
    tested.got.iter_mut().for_each(|got| got.time = 0);
    tested.found.got
}

/// Frames, right and wrong, and bytes that are none.
fn shred() -> impl Strategy<Value = Vec<u8>> {
    let block = prop::sample::select(vec![
        vec![0x82, 0x86, 0x84],
        vec![0x82, 0x86, 0xbe],
        vec![0x88],
        vec![0xbe, 0xbf, 0xc0],
        vec![0x20, 0x3f, 0xe1, 0x1f],
        insert(":path", "/a"),
        insert("x-long", &"y".repeat(3000)),
        plain("content-type", "application/grpc"),
        vec![0x3f, 0xff, 0xff, 0xff, 0x7f],
    ]);
    let frames = (0u8..12, any::<u8>(), 0u32..12, prop::collection::vec(block, 0..6));
    prop_oneof![
        8 => frames.prop_map(|(kind, flags, stream, blocks)| frame(kind, flags, stream, blocks.concat())),
        4 => (0u32..12).prop_map(|stream| frame(1, END_HEADERS | END_STREAM, stream, [0x82, 0x86, 0x84])),
        4 => (0u32..12).prop_map(|stream| ok(stream, "hello")),
        2 => prop::collection::vec(any::<u8>(), 0..40),
        1 => Just(preface()),
        1 => (1usize..40_000).prop_map(|len| vec![b'x'; len]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_cut_and_any_order_of_streams_give_the_same_exchanges(
        talks in prop::collection::vec(talk(), 1..8),
        mix in prop::collection::vec(any::<usize>(), 1..30),
        cuts in prop::collection::vec(1usize..60, 1..20),
    ) {
        let ids = |at: usize| 2 * u32::try_from(at).unwrap() + 1;
        let all = |side: fn(&Talk, u32) -> Vec<Vec<u8>>| talks.iter().enumerate().map(|(at, talk)| side(talk, ids(at))).collect();
        let client = [preface(), woven(all(Talk::client), &mix)].concat();
        let server = [settings(), woven(all(Talk::server), &mix)].concat();
        let whole = read(&client, &server, &[usize::MAX]);
        prop_assert_eq!(&read(&client, &server, &cuts), &whole);
        prop_assert_eq!(&read(&client, &server, &[1]), &whole);
        prop_assert!(whole.iter().all(|got| got.complete && got.status == Some(200)), "{:#?}", whole);
        let line = |method: &str, path: &str, body: usize, answer: usize| format!("{method} {path} {body} {answer}");
        let mut wanted: Vec<_> = talks.iter().map(|talk| {
            let method = if talk.body.is_some() { "POST" } else { "GET" };
            line(method, &talk.path, talk.body.as_ref().map_or(0, String::len), talk.answer.len())
        }).collect();
        let mut found: Vec<_> = whole.iter().map(|got| {
            let (method, path) = got.request.split_once(' ').unwrap();
            line(method, path, got.request_body.0 as usize, got.response_body.0 as usize)
        }).collect();
        wanted.sort();
        found.sort();
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn any_bytes_leave_everything_accounted_for(
        opened: bool,
        keep in prop_oneof![Just(0usize), 1usize..100, Just(usize::MAX)],
        steps in prop::collection::vec((any::<bool>(), prop::collection::vec(shred(), 1..5), 0u8..12, 1u64..5000), 0..40),
    ) {
        let mut tested = Tested::new(opened);
        tested.keep = keep;
        if opened {
            tested.client(preface()).server(settings());
        }
        for (forward, shreds, kind, len) in steps {
            let direction = if forward { Direction::Forward } else { Direction::Backward };
            match kind {
                0 => tested.event(direction, Event::Skip(len, Missing::Gap)),
                1 => tested.event(direction, Event::Skip(len, Missing::NotCopied)),
                _ => tested.event(direction, Event::Data(&shreds.concat())),
            };
        }
        prop_assert!(tested.most_held <= 2 * (4 * MAX_HEAD + MAX_WAITING + 2 * MAX_KEEP), "{}", tested.most_held);
        tested.end(End::Stopped);
        prop_assert_eq!(tested.counters.waiting_bytes + tested.counters.waiting_requests, 0);
        prop_assert_eq!(tested.counters.answered + tested.counters.unanswered.sum(), tested.got.len() as u64);
        prop_assert_eq!(tested.verdict.held, 0);
    }
}
