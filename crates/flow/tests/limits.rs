//! Memory: its limit holds, and what goes is what is worth least.

mod support;

use std::net::SocketAddr;

use support::*;
use traffic_monitor_flow::{At, Direction, End, Kept, Limits, Sink, Table, Timestamp, Unwanted, Verdict};

fn ends(number: u32) -> Ends {
    let [_, a, b, c] = number.to_be_bytes();
    Ends::new(&format!("10.{a}.{b}.{c}:1000"), number, 500)
}

/// Holds some of each connection.
struct Requests;

impl Sink for Requests {
    type State = [u64; 32];

    fn data(&mut self, _: &mut [u64; 32], _: At<'_>, _: &[u8]) -> Verdict {
        Verdict::All
    }

    fn held(&self, _: &[u64; 32]) -> usize {
        300
    }
}

#[test]
fn a_hundred_thousand_half_finished_requests_fit() {
    let state = size_of::<[u64; 32]>();
    assert_eq!(Table::<[u64; 32]>::CONNECTION_COST.saturating_sub(state + 280), 0);
    let mut table: Table<[u64; 32]> = Table::new(Limits::default());
    let mut now = START;
    let mut sink = Requests;
    for number in 0..100_000 {
        let mut ends = ends(number);
        for packet in ends.open().iter().chain([&ends.client("GET / HTTP/1.1\r\nHost")]) {
            now += 1000;
            table.segment(&packet.segment(now), |_| true, &mut sink);
        }
        table.tick(Timestamp::from_nanos(now), &mut sink);
    }
    assert_eq!((table.len(), table.counters().connections.evicted), (100_000, 0));
    assert!(table.memory() <= 96 << 20, "{}", table.memory());
}

/// What the stage above holds for a connection.
#[derive(Default)]
struct Held(usize);

/// Holds up to 60 KiB of each connection but a good one.
struct Headers {
    good: SocketAddr,
    answered: usize,
}

impl Sink for Headers {
    type State = Held;

    fn data(&mut self, held: &mut Held, at: At<'_>, bytes: &[u8]) -> Verdict {
        if at.flow.first == self.good {
            self.answered += usize::from(bytes == b"answer");
            held.0 = 2000;
        } else {
            held.0 = (held.0 + bytes.len()).min(60 << 10);
        }
        Verdict::All
    }

    fn held(&self, held: &Held) -> usize {
        held.0
    }
}

/// 100,000 connections, each with an endless header of which the stage above holds up to 60 KiB, beside a
/// conversation: the conversation is followed, and the memory stays below the limit at all times.
#[test]
fn endless_headers_leave_room_for_others() {
    let limit = Limits::default();
    let mut table: Table<Held> = Table::new(limit);
    let mut good = Ends::new("192.168.0.1:1000", 1, 1);
    let good_client = good.client;
    let mut attackers: Vec<Ends> = (0..100_000).map(ends).collect();
    let mut now = START;
    let mut sink = Headers { good: good_client, answered: 0 };
    for packet in good.open() {
        table.segment(&packet.segment(now), |_| true, &mut sink);
    }
    for _ in 0..3 {
        for (number, attacker) in attackers.iter_mut().enumerate() {
            now += 1000;
            table.segment(&attacker.client([b'x'; 1400]).segment(now), |_| true, &mut sink);
            assert!(table.memory() <= limit.memory);
            if number % 100 == 0 {
                let [ask, answer] = [good.client("ask"), good.server("answer")];
                table.segment(&ask.segment(now), |_| true, &mut sink);
                table.segment(&answer.segment(now), |_| true, &mut sink);
                table.tick(Timestamp::from_nanos(now), &mut sink);
            }
        }
    }
    let counters = table.counters();
    assert!(counters.balanced() && counters.connections.evicted > 10_000, "{counters:#?}");
    assert_eq!(sink.answered, 3000);
}

fn small(connections: usize) -> Monitor {
    Monitor::with(Limits { connections, ..Limits::default() })
}

#[test]
fn a_flood_of_syns_leaves_conversations_alone() {
    let mut monitor = small(500);
    let mut good = Ends::new("192.168.0.1:1000", 1, 1);
    monitor.take_all(&good.open()).take(&good.client("ask")).take(&good.server("answer"));
    for number in 0..5000 {
        monitor.take(&ends(number).open()[0]);
    }
    monitor.take(&good.client("again"));
    assert_eq!(monitor.seen()[0].story, ">ask<answer>again");
    assert_eq!((monitor.table.len(), monitor.table.counters().connections.evicted), (500, 4501));
}

#[test]
fn what_nobody_wants_is_counted_and_goes_first() {
    let mut monitor = small(4);
    monitor.answer("10.0.0.1:1000", Verdict::Nothing(Unwanted::NoHttp), 5000);
    let mut unwanted = ends(1);
    monitor.take_all(&unwanted.open());
    let [a, b, c] = [unwanted.client("a"), unwanted.client("bb"), unwanted.client("ccc")];
    monitor.take(&c).take(&a).take(&b).take(&unwanted.server("answer"));
    assert_eq!(monitor.story(), ">a");
    let counters = monitor.table.counters();
    assert_eq!((counters.bytes.delivered, counters.bytes.ignored), (1, 11));
    for number in 2..6 {
        monitor.take(&ends(number).open()[0]);
    }
    assert_eq!((monitor.table.len(), monitor.seen().len()), (4, 1));
    assert_eq!(monitor.table.counters().connections.evicted, 1);
    monitor.take(&unwanted.client("more"));
    assert_eq!(monitor.table.counters().segments.ignored, 2, "it was the one that went");
}

#[test]
fn the_end_of_what_nobody_wants_is_noticed() {
    let mut monitor = Monitor::new();
    monitor.answer("10.0.0.1:1000", Verdict::Nothing(Unwanted::Tls), 0);
    let mut unwanted = ends(1);
    monitor.take_all(&unwanted.open()).take(&unwanted.client("a"));
    let fin = unwanted.client_fin("b");
    monitor.take(&fin).take(&unwanted.server_fin("c")).take(&fin);
    let counters = monitor.table.counters();
    assert_eq!((counters.connections.finished, counters.segments.after_end), (1, 1));

    let mut again = Ends::new("10.0.0.1:1000", 1 << 30, 1 << 31);
    monitor.take_all(&again.open()).take(&again.client("x"));
    let mut third = Ends::new("10.0.0.1:1000", 1 << 29, 1 << 31);
    monitor.take_all(&third.open()).take(&third.client("y"));
    let stories: Vec<_> = monitor.seen().iter().map(|seen| &*seen.story).collect();
    assert_eq!(stories, [">a", ">x", ">y"]);
}

#[test]
fn waiting_segments_of_many_connections_stay_within_the_limit() {
    let limits = Limits { memory: 1 << 20, ..Limits::default() };
    let mut monitor = Monitor::with(limits);
    let mut good = Ends::new("192.168.0.1:1000", 1, 1);
    monitor.take_all(&good.open());
    for number in 0..300 {
        let mut other = ends(number);
        monitor.take_all(&other.open());
        other.client("lost");
        for _ in 0..5 {
            monitor.take(&other.client([b'x'; 10_000]));
        }
        monitor.take(&good.client("?")).take(&good.server("!"));
    }
    let seen = &monitor.seen()[0];
    assert_eq!((seen.forward.bytes.len(), seen.backward.bytes.len(), seen.end), (300, 300, None));
    let counters = monitor.table.counters();
    assert!(counters.missing.gaps > 100 && counters.connections.evicted > 100);
}

#[test]
fn one_that_takes_everything_goes() {
    let mut monitor = Monitor::with(Limits { memory: 1 << 20, ..Limits::default() });
    monitor.answer("10.0.0.1:1000", Verdict::All, usize::MAX);
    let mut greedy = ends(1);
    monitor.take_all(&greedy.open()).take(&greedy.client("a"));
    assert_eq!((monitor.seen()[0].end, monitor.table.len()), (Some(End::Evicted), 0));
}

#[test]
fn a_lower_limit_is_kept_at_once_and_a_higher_one_gives_room_again() {
    let mut monitor = Monitor::with(Limits { memory: 4 << 20, ..Limits::default() });
    let mut good = Ends::new("192.168.0.1:1000", 1, 1);
    monitor.take_all(&good.open()).take(&good.client("?")).take(&good.server("!"));
    let fill = |monitor: &mut Monitor, numbers: std::ops::Range<u32>| {
        for number in numbers {
            let mut other = ends(number);
            monitor.take_all(&other.open());
            other.client("lost");
            monitor.take(&other.client(vec![b'x'; 30_000]));
        }
    };
    fill(&mut monitor, 0..100);
    assert!(monitor.table.memory() > 3 << 20);
    let now = Timestamp::from_nanos(monitor.now);
    monitor.table.set_memory(1 << 20, now, &mut monitor.notes);
    assert!(monitor.table.memory() <= 1 << 20, "{}", monitor.table.memory());
    assert!(monitor.table.counters().balanced());
    assert_eq!(monitor.seen()[0].end, None, "what holds nothing stays");
    fill(&mut monitor, 100..200);
    assert!(monitor.table.memory() <= 1 << 20, "{}", monitor.table.memory());
    monitor.table.set_memory(4 << 20, now, &mut monitor.notes);
    fill(&mut monitor, 200..300);
    assert!(monitor.table.memory() > 3 << 20);
    // A limit below what the places need would leave room for nobody.
    monitor.table.set_memory(0, now, &mut monitor.notes);
    assert!(!monitor.table.is_empty());
    monitor.take(&good.client("?")).take(&good.server("!"));
    assert_eq!(monitor.seen()[0].end, None);
    monitor.finish();
}

#[test]
fn what_waits_is_handed_on_when_its_connection_goes() {
    let mut monitor = small(1);
    let mut joined = ends(1);
    monitor.take(&joined.client("ask")).take(&joined.server("answer"));
    assert!(monitor.seen().is_empty());
    monitor.take(&ends(2).open()[0]);
    assert_eq!(monitor.story(), ">ask<answerEvicted");
}

/// A stage above for which a connection is at rest after each answer.
#[derive(Default)]
struct Exchanges {
    whole: usize,
    asked: usize,
    opened: usize,
}

impl Sink for Exchanges {
    type State = bool;

    fn data(&mut self, asked: &mut bool, at: At<'_>, bytes: &[u8]) -> Verdict {
        if bytes == b"ask" {
            *asked = true;
            self.asked += 1;
            self.opened += usize::from(at.flow.opened);
        } else if std::mem::take(asked) {
            self.whole += 1;
        }
        Verdict::All
    }

    fn kept(&self, asked: &bool) -> Kept {
        if *asked { Kept::Usual } else { Kept::Client(Direction::Forward) }
    }
}

/// Far more connections than fit ask in turn: each exchange is seen whole, and connections that are parked go on as if they had
/// never been forgotten.
#[test]
fn more_connections_than_fit_are_all_followed() {
    const CONNECTIONS: u32 = 12_000;
    let limits = Limits { memory: 1 << 20, ..Limits::default() };
    let (mut table, mut sink, mut now) = (Table::<bool>::new(limits), Exchanges::default(), START);
    let mut all: Vec<Ends> = (0..CONNECTIONS).map(ends).collect();
    for turn in 0..4 {
        for ends in &mut all {
            let open = if turn == 0 { ends.open().to_vec() } else { Vec::new() };
            for packet in open.into_iter().chain([ends.client("ask"), ends.server("answer"), ends.client("")])
            {
                now += 1000;
                table.segment(&packet.segment(now), |_| true, &mut sink);
                assert!(table.memory() <= limits.memory, "{}", table.memory());
            }
        }
    }
    assert!(table.len() < CONNECTIONS as usize / 4);
    table.finish(Timestamp::from_nanos(now), &mut sink);
    let all = 4 * CONNECTIONS as usize;
    assert_eq!((sink.asked, sink.whole), (all, all));
    // The first time they open; later those go on whose slot no other one took.
    assert!(sink.opened > (CONNECTIONS + CONNECTIONS / 2) as usize, "{}", sink.opened);
}

#[test]
fn a_parked_connection_goes_on_at_its_next_byte_only() {
    let limits = Limits { connections: 1, ..Limits::default() };
    let (mut table, mut sink, mut now) = (Table::<bool>::new(limits), Exchanges::default(), START);
    let mut take = |packet: &Packet| {
        now += 1000;
        table.segment(&packet.segment(now), |_| true, &mut sink);
        (table.len(), table.counters().connections.joined, table.counters().segments.retransmitted)
    };
    let [mut parked, mut other] = [ends(1), ends(2)];
    parked
        .open()
        .iter()
        .chain([&parked.client("ask"), &parked.server("answer")])
        .for_each(|packet| _ = take(packet));
    other.open().iter().for_each(|packet| _ = take(packet));
    let probe = Packet { sequence: parked.client_next.wrapping_sub(1), ..parked.clone().client("x") };
    assert_eq!(take(&probe), (1, 0, 1), "a probe brings nothing");
    assert_eq!(take(&parked.client("")), (1, 0, 2));
    assert_eq!(take(&parked.client("ask")), (1, 1, 2));
    take(&parked.server("answer"));
    assert_eq!((sink.asked, sink.whole, sink.opened), (2, 2, 2), "without waiting");
}

/// A stage above whose state cannot be learned again.
struct Tables;

impl Sink for Tables {
    type State = ();

    fn kept(&self, (): &()) -> Kept {
        Kept::Tables
    }
}

#[test]
fn what_cannot_be_learned_again_is_not_forgotten_for_being_idle() {
    let mut table = Table::<()>::new(Limits::default());
    let [mut used, mut unused] = [ends(1), ends(2)];
    for packet in used.open().iter().chain([&used.client("ask"), &used.server("answer"), &unused.open()[0]]) {
        table.segment(&packet.segment(START), |_| true, &mut Tables);
    }
    for hour in 1..50 {
        table.tick(Timestamp::from_nanos(START + hour * 3600 * SECOND), &mut Tables);
    }
    assert_eq!((table.len(), table.counters().connections.idle), (1, 1), "only what was not used is");
}
