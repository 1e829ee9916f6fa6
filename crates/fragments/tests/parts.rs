//! Packets in parts, in any order, with overlaps, and more of them than there is room for.

use std::net::IpAddr;
use std::time::Duration;

use decode::{Fragment, FragmentedPacket, Timestamp};
use proptest::prelude::*;
use traffic_monitor_fragments::{Fragments, MEMORY};

const START: Timestamp = Timestamp::from_secs(1_760_000_000);

fn packet(id: u32) -> FragmentedPacket {
    let address = |last| IpAddr::from([10, 0, 0, last]);
    FragmentedPacket { interface: 1, source: address(1), destination: address(2), id, protocol: 6 }
}

fn packet6(id: u32) -> FragmentedPacket {
    let address = |last| IpAddr::from([0xfd00, 0, 0, 0, 0, 0, 0, last]);
    FragmentedPacket { source: address(1), destination: address(2), ..packet(id) }
}

fn part(packet: FragmentedPacket, offset: u32, more: bool, bytes: &[u8]) -> Fragment<'_> {
    Fragment { packet, offset, more, bytes, len: bytes.len() as u32 }
}

/// Returns what the packet carried that these parts made.
fn payload(parts: &[Fragment<'_>]) -> Option<Vec<u8>> {
    let mut fragments = Fragments::default();
    let mut whole = parts.iter().filter_map(|part| fragments.add(part, START));
    let header = if parts[0].packet.source.is_ipv4() { 20 } else { 40 };
    let found = whole.next().map(|whole| whole.bytes[header..].to_vec());
    assert!(whole.next().is_none(), "once only");
    found
}

#[test]
fn the_header_is_that_of_the_first_part() {
    let mut fragments = Fragments::default();
    assert!(fragments.add(&part(packet(1), 0, true, b"eight by"), START).is_none());
    let whole = fragments.add(&part(packet(1), 8, false, b"x"), START).unwrap();
    assert_eq!(whole.bytes[..20], [0x45, 0, 0, 29, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    // In IPv6 later parts may name another protocol.
    let other = FragmentedPacket { protocol: 99, ..packet6(1) };
    assert!(fragments.add(&part(other, 8, false, b"x"), START).is_none());
    let whole = fragments.add(&part(packet6(1), 0, true, b"eight by"), START).unwrap();
    assert_eq!(whole.bytes[..8], [0x60, 0, 0, 0, 0, 9, 6, 64]);
    assert_eq!((whole.bytes[23], whole.bytes[39], &whole.bytes[40..]), (1, 2, &b"eight byx"[..]));
}

#[test]
fn what_overlaps_is_given_up_with_all_that_follows() {
    let [a, b] = [[b'a'; 16], [b'b'; 16]];
    for packet in [packet(1), packet6(1)] {
        let part = |offset, more, bytes| part(packet, offset, more, bytes);
        let end = part(32, false, b"end");
        let overlaps: [&[Fragment<'_>]; 9] = [
            // As many bytes as there must be, with some twice and some missing.
            &[part(0, true, &a), part(8, true, &b), part(32, false, &a[..8])],
            &[part(0, true, &a), part(8, true, &b)],
            &[part(8, true, &b), part(0, true, &a)],
            &[part(0, true, &a), part(0, true, &b[..8])],
            &[part(0, true, &a[..8]), part(0, true, &a)],
            // The same place with other bytes.
            &[part(0, true, &a), part(0, true, &b)],
            // Two ends, and bytes behind the end.
            &[part(16, false, &a), part(24, false, &b)],
            &[part(16, false, &a), part(32, true, &b)],
            &[part(32, true, &a), part(16, false, &b)],
        ];
        for parts in overlaps {
            let rest = [part(0, true, &a), part(16, true, &a), end];
            assert_eq!(payload(&[parts, &rest].concat()), None, "{parts:?}");
        }
        // The same part again harms nothing.
        let twice = [part(0, true, &a), part(0, true, &a), part(16, false, &b), part(16, false, &b)];
        assert_eq!(payload(&twice), Some([a, b].concat()));
    }
}

#[test]
fn parts_that_cannot_be_are_given_up() {
    let long = vec![0; 65_000];
    for parts in [
        [part(packet(1), 0, true, b"seven b"), part(packet(1), 7, false, b"x")],
        [part(packet(1), 0, true, &long), part(packet(1), 65_000, false, &long[..600])],
        [part(packet(1), 0, true, b""), part(packet(1), 0, false, b"")],
        [Fragment { len: 16, ..part(packet(1), 0, true, b"eight by") }, part(packet(1), 16, false, b"x")],
    ] {
        assert_eq!(payload(&parts), None, "{parts:?}");
    }
}

#[test]
fn packets_are_told_apart() {
    let same = packet(1);
    let others = [
        FragmentedPacket { id: 2, ..same },
        FragmentedPacket { interface: 2, ..same },
        FragmentedPacket { protocol: 17, ..same },
        FragmentedPacket { source: same.destination, ..same },
    ];
    for other in others {
        assert_eq!(payload(&[part(same, 0, true, b"eight by"), part(other, 8, false, b"x")]), None);
    }
}

#[test]
fn what_comes_late_is_not_waited_for_and_numbers_come_again() {
    let (first, last) = (part(packet(1), 0, true, b"eight by"), part(packet(1), 8, false, b"x"));
    let mut fragments = Fragments::default();
    assert!(fragments.add(&first, START).is_none());
    assert!(fragments.add(&last, START + Duration::from_secs(3)).is_none());
    // The same packet again at once is a copy; later it is another packet.
    let mut fragments = Fragments::default();
    let mut add = |part, time| fragments.add(part, START + Duration::from_millis(time)).is_some();
    let whole = [(&first, 0), (&last, 0), (&first, 10), (&last, 10), (&first, 500), (&last, 501)];
    assert_eq!(whole.map(|(part, time)| add(part, time)), [false, true, false, false, false, true]);
    // With other bytes it is another one at once: some senders give all the same number.
    let (other, end) = (part(packet(1), 0, true, b"other by"), part(packet(1), 8, false, b"y"));
    assert_eq!([(&other, 502), (&end, 502)].map(|(part, time)| add(part, time)), [false, true]);
}

#[test]
fn memory_is_bounded_and_the_newest_stays() {
    let mut fragments = Fragments::default();
    let bytes = vec![7; 1480];
    for id in 0..5000 {
        let far = part(packet(id), (id % 40) * 1480, true, &bytes);
        assert!(fragments.add(&far, START).is_none());
        assert!(fragments.memory() <= MEMORY + (64 << 10), "{}", fragments.memory());
    }
    assert!(fragments.add(&part(packet(9999), 0, true, &bytes), START).is_none());
    assert!(fragments.add(&part(packet(9999), 1480, false, b"x"), START).is_some());
    // A packet of more parts than any has.
    let tiny = (0..2000).map(|n| part(packet(1), n * 8, n < 1999, b"eight by")).collect::<Vec<_>>();
    assert_eq!(payload(&tiny), None);
}

proptest! {
    #[test]
    fn parts_in_any_order_make_the_packet(
        sizes in prop::collection::vec(1..40_usize, 1..40),
        last in 1..300_usize,
        order in any::<prop::sample::Index>(),
        v6 in any::<bool>(),
        again in any::<prop::sample::Index>(),
    ) {
        let len = sizes.iter().sum::<usize>() * 8 + last;
        let whole: Vec<u8> = (0..len).map(|n| (n * 7 % 251) as u8).collect();
        let of = if v6 { packet6(1) } else { packet(1) };
        let mut at = 0;
        let mut parts: Vec<_> = sizes.iter().map(|size| {
            let from = at;
            at += size * 8;
            part(of, from as u32, true, &whole[from..at])
        }).collect();
        parts.push(part(of, at as u32, false, &whole[at..]));
        let count = parts.len();
        // Any rotation, some of them turned around.
        parts.rotate_left(order.index(count));
        if order.index(2) == 0 {
            parts.reverse();
        }
        let copy = parts[again.index(count - 1)];
        parts.insert(count - 1, copy);
        prop_assert_eq!(payload(&parts), Some(whole));
    }

    #[test]
    fn any_parts_are_kept_within_bounds(
        parts in prop::collection::vec((0..4_u32, 0..100_u32, any::<bool>(), 0..100_usize), 0..200),
    ) {
        let (mut fragments, bytes) = (Fragments::default(), [5; 100]);
        for (id, offset, more, len) in parts {
            if let Some(whole) = fragments.add(&part(packet(id), offset * 8, more, &bytes[..len]), START) {
                prop_assert!(whole.bytes[20..].iter().all(|byte| *byte == 5), "nothing is missing");
            }
        }
    }
}
