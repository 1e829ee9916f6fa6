//! Where bytes are missing, what is opened is right, and the way back is found.

mod support;

use proptest::prelude::*;
use rustls::crypto::aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256 as NEW;
use support::{Opened, Pair, Say, Spoken, suites};
use traffic_monitor_tls::{GivenUp, Sender};

/// Numbers, so that each place of it is unique.
fn numbers(from: u32, count: u32) -> Vec<u8> {
    (from..from + count).flat_map(u32::to_be_bytes).collect()
}

/// Both sides send numbers, in records of so many bytes, with new keys in between.
fn conversation(suite: usize, fragment: usize, update: bool) -> Spoken {
    let mut says = Vec::new();
    for round in 0..6 {
        says.push(Say::Client(numbers(round * 1000, 300)));
        says.push(Say::Server(numbers(100_000 + round * 1000, 900)));
        if update && suite < 3 && round == 2 {
            says.extend([Say::ClientUpdate, Say::ServerUpdate]);
        }
    }
    let mut pair = Pair::new(suites()[suite], false);
    pair.fragments(fragment);
    pair.talk(&says)
}

/// The conversation in segments of at most so many bytes.
fn segments(spoken: &Spoken, size: usize) -> Vec<(Sender, Vec<u8>)> {
    let cut = |(from, bytes): &(Sender, Vec<u8>)| {
        let from = *from;
        bytes.chunks(size).map(move |piece| (from, piece.to_vec())).collect::<Vec<_>>()
    };
    spoken.sent.iter().flat_map(cut).collect()
}

fn without(segments: &[(Sender, Vec<u8>)], spoken: &Spoken, lost: impl Fn(usize) -> bool) -> Opened {
    let mut opened = Opened::new(spoken.store(&[]));
    for (at, (from, bytes)) in segments.iter().enumerate() {
        if lost(at) {
            opened.lose(*from, bytes.len());
        } else {
            opened.bytes(*from, bytes);
        }
    }
    opened
}

/// Each piece is there, behind the one before. Returns how many bytes are missing.
#[track_caller]
fn missing(pieces: &[Vec<u8>], whole: &[u8]) -> usize {
    let mut at = 0;
    for piece in pieces {
        let place = whole[at..].windows(piece.len()).position(|place| place == piece);
        at += place.expect("a piece of what was sent") + piece.len();
    }
    whole.len() - pieces.iter().map(Vec::len).sum::<usize>()
}

#[test]
fn any_one_segment_may_be_missing() {
    for suite in 0..suites().len() {
        let spoken = conversation(suite, 512, suite % 2 == 0);
        let segments = segments(&spoken, 700);
        let server_hello = segments.iter().position(|one| one.0 == Sender::Server).unwrap();
        for lost in 0..segments.len() {
            let opened = without(&segments, &spoken, |at| at == lost);
            let (client, server) = (
                missing(&opened.client.pieces, &spoken.client),
                missing(&opened.server.pieces, &spoken.server),
            );
            if lost <= server_hello {
                assert_eq!(opened.given_up, Some(GivenUp::Gap), "{suite}: {lost}");
                continue;
            }
            assert_eq!(opened.given_up, None, "{suite}: {lost} of {}", segments.len());
            let (of_lost, of_other) =
                if segments[lost].0 == Sender::Client { (client, server) } else { (server, client) };
            assert!(of_lost <= 3 * 512 && of_other == 0, "{suite}: {lost}: {of_lost} {of_other}");
        }
    }
}

#[test]
fn many_records_may_be_missing_at_once() {
    for suite in 0..suites().len() {
        let spoken = conversation(suite, 64, false);
        let segments = segments(&spoken, 1000);
        let from = segments.len() / 3;
        let opened = without(&segments, &spoken, |at| (from..segments.len() - 6).contains(&at));
        assert_eq!(opened.given_up, None);
        assert!(missing(&opened.server.pieces, &spoken.server) > 5000);
        assert!(opened.server.pieces.last().unwrap().ends_with(&spoken.server[spoken.server.len() - 1500..]));
    }
}

#[test]
fn a_loss_inside_of_a_long_record_is_no_search() {
    let mut pair = Pair::new(NEW, false);
    let long = numbers(0, 4000);
    let spoken = pair.talk(&[Say::Server(long.clone()), Say::Server(numbers(9000, 10))]);
    let segments = segments(&spoken, 1000);
    let lost = segments.len() - 8;
    let opened = without(&segments, &spoken, |at| at == lost);
    assert_eq!((opened.given_up, opened.server.whole()), (None, &numbers(9000, 10)[..]));
}

#[test]
fn where_nothing_fits_the_search_ends() {
    let spoken = conversation(0, 512, false);
    let segments = segments(&spoken, 700);
    let mut opened = without(&segments, &spoken, |at| at + 4 > segments.len());
    let record = [&[23, 3, 3, 0x40, 0][..], &[7; 1 << 14]].concat();
    let mut records = 0;
    while opened.given_up.is_none() {
        opened.bytes(Sender::Server, &record);
        records += 1;
        assert!(records < 3000 && opened.session.held() < 200_000);
    }
    assert_eq!(opened.given_up, Some(GivenUp::Gap));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is lost and however it is cut: never a wrong byte, and nothing is given up but after a loss.
    #[test]
    fn what_is_opened_was_sent(
        suite in 0_usize..6,
        update: bool,
        fragment in 40_usize..2000,
        size in 1_usize..3000,
        lost in prop::collection::vec(0_usize..400, 0..12),
    ) {
        let spoken = conversation(suite, fragment, update);
        let segments = segments(&spoken, size);
        let lost: Vec<_> = lost.into_iter().filter(|at| *at < segments.len()).collect();
        let opened = without(&segments, &spoken, |at| lost.contains(&at));
        let gone = missing(&opened.client.pieces, &spoken.client) + missing(&opened.server.pieces, &spoken.server);
        if lost.is_empty() {
            prop_assert_eq!((gone, opened.given_up), (0, None));
        } else {
            prop_assert!(matches!(opened.given_up, None | Some(GivenUp::Gap)), "{:?}", opened.given_up);
        }
    }
}
