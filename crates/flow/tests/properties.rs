//! Any cut, order, duplication, overlap and loss of the same bytes; and any segments at all.

mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use support::*;
use traffic_monitor_flow::{At, End, Limits, Sink, Table, Timestamp, Unwanted, Verdict};

/// How many places a capture may bring segments out of their order in these tests. One that is late may be overtaken
/// by twice as many, for which it is waited: 16.
const WINDOW: usize = 8;

/// One turn of a conversation: who sends how many bytes, in segments of which size.
#[derive(Clone, Debug)]
struct Turn {
    client: bool,
    len: usize,
    cut: usize,
}

/// A conversation as it went over the wire: its segments in order, and what each side sent.
#[derive(Debug)]
struct Conversation {
    packets: Vec<Packet>,
    client: Vec<u8>,
    server: Vec<u8>,
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let turn = (any::<bool>(), 1..5000_usize, 1..1500_usize);
    vec(turn.prop_map(|(client, len, cut)| Turn { client, len, cut: cut.max(len / 20) }), 1..12)
}

/// Bytes that tell their place, and are never zero.
fn stream(from: usize, len: usize) -> Vec<u8> {
    (from..from + len).map(|at| (at % 251) as u8 + 1).collect()
}

fn converse(turns: &[Turn], starts: (u32, u32)) -> Conversation {
    let mut ends = Ends::new("10.0.0.1:1000", starts.0, starts.1);
    let mut packets = ends.open().to_vec();
    let (mut client, mut server) = (Vec::new(), Vec::new());
    for turn in turns {
        let sent = if turn.client { &mut client } else { &mut server };
        let bytes = stream(sent.len(), turn.len);
        sent.extend_from_slice(&bytes);
        let segments = bytes.chunks(turn.cut);
        packets.extend(segments.map(|part| if turn.client { ends.client(part) } else { ends.server(part) }));
        packets.push(if turn.client { ends.server("") } else { ends.client("") });
    }
    packets.extend([ends.client_fin(""), ends.server_fin(""), ends.client("")]);
    Conversation { packets, client, server }
}

/// Sends some segments again, some of them joined with what came before or after them.
fn repeat(conversation: &Conversation, which: &[prop::sample::Index], grow: usize) -> Vec<Packet> {
    let mut packets = conversation.packets.clone();
    for index in which {
        let at = index.index(packets.len());
        let mut again = packets[at].clone();
        let first =
            packets.iter().position(|packet| packet.source == again.source && !packet.payload.is_empty());
        let Some(first) = first.map(|first| packets[first].sequence) else { continue };
        if again.payload.is_empty() || again.flags != ACK {
            continue;
        }
        let sent = if again.destination.port() == 80 { &conversation.client } else { &conversation.server };
        let from = (again.sequence.wrapping_sub(first) as usize).saturating_sub(grow);
        let to = (again.sequence.wrapping_sub(first) as usize + again.payload.len()).min(sent.len());
        again.sequence = first.wrapping_add(from as u32);
        again.payload = sent[from..to].to_vec();
        packets.insert(at + 1, again);
    }
    packets
}

/// Brings each segment out of order by less than `WINDOW` places.
fn shuffle(packets: Vec<Packet>, by: &[u8]) -> Vec<Packet> {
    let mut keyed: Vec<(usize, Packet)> = packets
        .into_iter()
        .enumerate()
        .map(|(at, packet)| (at + by[at % by.len()] as usize % WINDOW, packet))
        .collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, packet)| packet).collect()
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn any_order_gives_the_same_bytes(
        turns in turns(),
        starts in (any::<u32>(), (0..20_000_u32).prop_map(|back| u32::MAX - back)),
        again in vec(any::<prop::sample::Index>(), 0..20),
        grow in 0..3000_usize,
        by in vec(any::<u8>(), 1..50),
    ) {
        let conversation = converse(&turns, starts);
        let packets = shuffle(repeat(&conversation, &again, grow), &by);
        let mut monitor = Monitor::new();
        monitor.take_all(&packets);
        monitor.wait(SECOND).finish();
        prop_assert_eq!(monitor.seen().len(), 1);
        let seen = &monitor.seen()[0];
        let (client, server) = match seen.flow.first.port() {
            1000 => (&seen.forward, &seen.backward),
            _ => (&seen.backward, &seen.forward),
        };
        prop_assert!(client.bytes == conversation.client && server.bytes == conversation.server);
        prop_assert!(client.fin && server.fin && client.gaps == 0 && server.gaps == 0);
        prop_assert_eq!(seen.end, Some(End::Fin));
    }

    #[test]
    fn any_order_gives_the_same_turns(turns in turns(), starts in any::<(u32, u32)>(), by in vec(any::<u8>(), 1..50)) {
        let mut packets = converse(&turns, starts).packets;
        let rest = packets.split_off(2);
        let mut monitor = Monitor::new();
        monitor.take_all(&packets).take_all(&shuffle(rest, &by));
        let mut expected: Vec<(bool, usize)> = Vec::new();
        for turn in &turns {
            match expected.last_mut() {
                Some((client, len)) if *client == turn.client => *len += turn.len,
                _ => expected.push((turn.client, turn.len)),
            }
        }
        prop_assert_eq!(&monitor.seen()[0].turns, &expected);
        prop_assert!(monitor.table.is_empty() && monitor.table.counters().missing.gaps == 0);
    }

    #[test]
    fn what_is_lost_is_told(
        turns in turns(),
        starts in any::<(u32, u32)>(),
        lost in vec(any::<prop::sample::Index>(), 1..15),
        by in vec(any::<u8>(), 1..50),
        slow in any::<bool>(),
    ) {
        let conversation = converse(&turns, starts);
        let mut packets = conversation.packets.clone();
        let keep = packets.len() - 3;
        for index in lost {
            let at = 2 + index.index(keep - 2);
            packets[at].flags = 0;
        }
        packets.retain(|packet| packet.flags != 0);
        let mut monitor = Monitor::new();
        let rest = packets.split_off(2);
        monitor.take_all(&packets);
        for packet in shuffle(rest, &by) {
            monitor.take(&packet);
            if slow {
                monitor.wait(10 * MILLISECOND);
            }
        }
        monitor.wait(SECOND).finish();
        let (mut client, mut server) = (Vec::new(), Vec::new());
        for seen in monitor.seen() {
            let turned = seen.flow.first.port() != 1000;
            let (one, other) = (&seen.forward, &seen.backward);
            let (sent, answered) = if turned { (other, one) } else { (one, other) };
            client.extend_from_slice(&sent.whole);
            server.extend_from_slice(&answered.whole);
        }
        for (told, sent) in [(client, conversation.client), (server, conversation.server)] {
            prop_assert_eq!(told.len(), sent.len());
            prop_assert!(told.iter().zip(&sent).all(|(told, sent)| *told == 0 || told == sent));
        }
    }

    #[test]
    fn one_direction_alone_is_whole(turns in turns(), client in any::<bool>(), by in vec(any::<u8>(), 1..50)) {
        let conversation = converse(&turns, (7, 9));
        let mut packets = conversation.packets.clone();
        packets.retain(|packet| (packet.source.port() == 1000) == client);
        let mut monitor = Monitor::new();
        monitor.take_all(&shuffle(packets, &by)).wait(SECOND).finish();
        let sent = if client { conversation.client } else { conversation.server };
        let bytes: Vec<u8> =
            monitor.seen().iter().flat_map(|seen| [&seen.forward.bytes, &seen.backward.bytes]).flatten().copied().collect();
        prop_assert!(bytes == sent);
    }
}

/// A stage above that holds what comes, up to a limit, and may ignore connections that brought much.
struct Holder {
    delivered: u64,
    held: usize,
    ignore: bool,
}

impl Sink for Holder {
    type State = u64;

    fn data(&mut self, state: &mut u64, _: At<'_>, bytes: &[u8]) -> Verdict {
        self.delivered += bytes.len() as u64;
        *state += bytes.len() as u64;
        if self.ignore && *state > 3000 { Verdict::Nothing(Unwanted::NoHttp) } else { Verdict::All }
    }

    fn held(&self, state: &u64) -> usize {
        self.held.min(*state as usize)
    }
}

/// Any segment of a few connections, near each other in sequence space more often than not.
fn any_packet() -> impl Strategy<Value = (Packet, u64)> {
    let number = prop_oneof![8 => 0..3000_u32, 1 => any::<u32>(), 1 => Just(1 << 30)];
    let flags = prop_oneof![6 => Just(ACK), 1 => Just(SYN), 1 => Just(ACK | FIN), 2 => any::<u8>()];
    let time = prop_oneof![8 => 0..MILLISECOND, 1 => 0..10 * SECOND, 1 => any::<u64>()];
    let missing = prop_oneof![4 => Just(0_u32), 1 => 0..5000_u32, 1 => any::<u32>()];
    let ends = (0..6_u16, any::<bool>(), 0..2_u32);
    (ends, number.clone(), number, flags, 0..900_usize, missing, time).prop_map(
        |((port, client, interface), sequence, acknowledgment, flags, len, missing, time)| {
            let mut ends = Ends::new(&format!("10.0.0.1:{port}"), sequence, acknowledgment);
            let packet = if client { ends.client(vec![b'x'; len]) } else { ends.server(vec![b'x'; len]) };
            let payload_len = Some((len as u32).saturating_add(missing));
            (Packet { sequence, acknowledgment, flags, interface, payload_len, ..packet }, time)
        },
    )
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn any_segments_keep_every_promise(
        packets in vec(any_packet(), 1..300),
        memory in 30_000..200_000_usize,
        connections in 1..6_usize,
        held in 0..9000_usize,
        ignore in any::<bool>(),
    ) {
        let mut table: Table<u64> = Table::new(Limits { memory, connections, ..Limits::default() });
        let mut holder = Holder { delivered: 0, held, ignore };
        let mut now = START;
        for (packet, time) in &packets {
            now = now.wrapping_add(*time);
            table.segment(&packet.segment(now), |_| true, &mut holder);
            table.tick(Timestamp::from_nanos(now), &mut holder);
            prop_assert!(table.counters().balanced(), "{:#?}", table.counters());
            prop_assert!(table.memory() <= memory && table.len() <= connections);
            prop_assert_eq!(table.counters().connections.open, table.len() as u64);
        }
        table.finish(Timestamp::from_nanos(now), &mut holder);
        prop_assert!(table.counters().balanced() && table.is_empty());
        prop_assert_eq!(table.counters().bytes.waiting, 0);
        prop_assert_eq!(table.counters().bytes.delivered, holder.delivered);
    }
}
