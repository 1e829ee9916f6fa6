//! What mirrors and captures put around a packet: ERSPAN, TZSP, VXLAN on other ports, MPLS, PPPoE, netfilter's log, pktap.

mod support;

use proptest::prelude::*;
use support::*;
use traffic_monitor_decode::{Carried, Frame, LinkType, Skipped, Tunnels, fragment, is_tunnelled, segment};

fn mpls(labels: u8, inner: &[u8]) -> Vec<u8> {
    let label = |number: u8| [0, number, u8::from(number == labels), 64];
    [(1..=labels).flat_map(label).collect::<Vec<_>>(), inner.to_vec()].concat()
}

fn pppoe(protocol: u16, inner: &[u8]) -> Vec<u8> {
    let len = (inner.len() as u16 + 2).to_be_bytes();
    [&[0x11, 0, 0, 7], len.as_slice(), &protocol.to_be_bytes(), inner].concat()
}

#[test]
fn labels_and_point_to_point_headers_are_passed_over() {
    let (v4, v6) = (plain(), ipv6(6, &tcp(0, b"hello")));
    let inner = ethernet(0x0800, &v4);
    let word = |frame: &[u8]| [&[0, 0, 0, 9], frame].concat();
    let low = [&[0; 12], [8, 0].as_slice(), &v4].concat();
    let cases = [
        ("a label", ethernet(0x8847, &mpls(1, &v4))),
        ("three labels", ethernet(0x8847, &mpls(3, &v6))),
        ("to many", ethernet(0x8848, &mpls(1, &v4))),
        ("behind a tag", ethernet(0x8100, &tag(5, 0x8847, &mpls(2, &v4)))),
        ("a wire", ethernet(0x8847, &mpls(2, &inner))),
        ("a wire with a control word", ethernet(0x8847, &mpls(2, &word(&inner)))),
        ("a wire whose addresses look like a control word", ethernet(0x8847, &mpls(2, &low))),
        ("PPPoE", ethernet(0x8864, &pppoe(0x21, &v4))),
        ("PPPoE with IPv6", ethernet(0x8864, &pppoe(0x57, &v6))),
        ("PPPoE behind a tag", ethernet(0x8100, &tag(7, 0x8864, &pppoe(0x21, &v4)))),
        ("PPPoE and padding", [ethernet(0x8864, &pppoe(0x21, &v4)), vec![0; 6]].concat()),
        ("PPPoE on a wire", ethernet(0x8847, &mpls(1, &word(&ethernet(0x8864, &pppoe(0x21, &v4)))))),
    ];
    for (name, bytes) in &cases {
        let segment = closed(bytes).unwrap_or_else(|reason| panic!("{name}: {reason:?}"));
        check(&segment, b"hello");
    }
    let endless = ethernet(0x8847, &mpls(40, &v4));
    assert_eq!(skipped(&endless), Skipped::Malformed);
    let discovery = ethernet(0x8863, &[0x11, 9, 0, 0, 0, 0]);
    assert_eq!(skipped(&discovery), Skipped::NotIp(Carried::EtherType(0x8863)));
    let control = ethernet(0x8864, &pppoe(0xc021, &[1, 2, 3, 4]));
    assert_eq!(skipped(&control), Skipped::NotIp(Carried::Ppp(0xc021)));
    assert_eq!(skipped(&ethernet(0x8864, &[0x21, 0, 0, 0, 0, 9, 0, 0x21])), Skipped::Malformed);
}

fn erspan2(session: u8, inner: &[u8]) -> Vec<u8> {
    let header = [0x10, 5, 0, session, 0, 0, 0, 0];
    gre(0x1000, 0x88be, &[0, 0, 0, 1], &[&header, inner].concat())
}

fn erspan3(kind: u8, platform: &[u8], inner: &[u8]) -> Vec<u8> {
    let last = u8::from(!platform.is_empty());
    let header = [0x20, 5, 0, 9, 1, 2, 3, 4, 0, 0, kind << 2, last];
    gre(0x1000, 0x22eb, &[0, 0, 0, 1], &[&header, platform, inner].concat())
}

fn tzsp(protocol: u16, tags: &[u8], inner: &[u8]) -> Vec<u8> {
    let protocol = protocol.to_be_bytes();
    ipv4(17, 0, &udp(37008, &[&[1, 0], protocol.as_slice(), tags, inner].concat()))
}

#[test]
fn mirrors_are_opened() {
    let inner = ethernet(0x0800, &plain());
    let tagged = ethernet(0x8100, &tag(5, 0x0800, &plain()));
    let cases = [
        ("ERSPAN I", gre(0, 0x88be, b"", &inner)),
        ("ERSPAN II", erspan2(7, &inner)),
        ("ERSPAN II with a tag", erspan2(7, &tagged)),
        ("ERSPAN II of VXLAN", erspan2(7, &ethernet(0x0800, &vxlan(4789, 1, &inner)))),
        ("ERSPAN II of MPLS", erspan2(7, &ethernet(0x8847, &mpls(1, &plain())))),
        ("ERSPAN III", erspan3(0, b"", &inner)),
        ("ERSPAN III with its platform", erspan3(0, &[9; 8], &inner)),
        ("ERSPAN III of IP", erspan3(2, b"", &plain())),
        ("VXLAN of IP", ipv4(17, 0, &udp(4790, &[&[12, 0, 0, 1, 0, 0, 7, 0], plain().as_slice()].concat()))),
        ("TZSP", tzsp(1, &[1], &inner)),
        ("TZSP with tags", tzsp(1, &[0, 10, 1, 0x80, 0, 41, 2, 3, 4, 1], &inner)),
        ("MPLS in GRE", gre(0, 0x8847, b"", &mpls(2, &plain()))),
    ];
    for (name, packet) in &cases {
        let bytes = ethernet(0x0800, packet);
        let segment = opened(&bytes).unwrap_or_else(|reason| panic!("{name}: {reason:?}"));
        check_inside(&segment, b"hello");
        assert!(is_tunnelled(segment.interface), "{name}");
        assert_eq!(closed(&bytes).unwrap_err(), not_tcp(packet[9]), "{name}");
    }
    let place = |packet: &[u8]| opened(&ethernet(0x0800, packet)).unwrap().interface;
    assert_ne!(place(&erspan2(7, &inner)), place(&erspan2(8, &inner)));
}

#[test]
fn mirrors_that_cannot_be_read_say_what_they_hold() {
    let not_read = |packet: &[u8]| skipped(&ethernet(0x0800, packet));
    let inner = ethernet(0x0800, &plain());
    let wrong = gre(0x1000, 0x88be, &[0; 4], &[&[0x30; 8], inner.as_slice()].concat());
    assert_eq!(not_read(&wrong), Skipped::NotTcp(Carried::Erspan(3)));
    assert_eq!(not_read(&erspan3(5, b"", &inner)), Skipped::NotTcp(Carried::Erspan(5)));
    assert_eq!(not_read(&tzsp(0x12, &[1], &inner)), Skipped::NotTcp(Carried::Tzsp(0x12)));
    assert_eq!(not_read(&ipv4(17, 0, &udp(37008, &inner))), Skipped::NotTcp(Carried::Udp(37008)));
    assert_eq!(not_read(&tzsp(1, &[0; 80], &inner)), Skipped::Malformed);
}

#[test]
fn vxlan_is_read_on_further_ports_only_when_they_are_named() {
    let bytes = ethernet(0x0800, &vxlan(8473, 7, &ethernet(0x0800, &plain())));
    assert_eq!(skipped(&bytes), Skipped::NotTcp(Carried::LikeVxlan(8473)));
    let named = segment(&frame(LinkType::Ethernet, &bytes), Tunnels::Open { vxlan_ports: &[9999, 8473] });
    check_inside(&named.unwrap(), b"hello");
    // What has not its form does not look like it.
    let other = ethernet(0x0800, &ipv4(17, 0, &udp(8473, &[8; 60])));
    assert_eq!(skipped(&other), Skipped::NotTcp(Carried::Udp(8473)));
}

#[test]
fn taps_of_systems_are_read() {
    let attribute = |little: bool, kind: u16, value: &[u8]| {
        let len = 4 + value.len() as u16;
        let numbers =
            [len, kind].map(|number| if little { number.to_le_bytes() } else { number.to_be_bytes() });
        let padding = vec![0; value.len().next_multiple_of(4) - value.len()];
        [numbers.concat(), value.to_vec(), padding].concat()
    };
    for little in [true, false] {
        for packet in [plain(), ipv6(6, &tcp(0, b"hello"))] {
            let parts = [
                attribute(little, 1, &[8, 0, 3, 0]),
                attribute(little, 10, b"in \0x"),
                attribute(little, 9, &packet),
            ];
            let bytes = [&[2, 0, 0, 5], parts.concat().as_slice()].concat();
            check(&segment(&frame(LinkType::Nflog, &bytes), Tunnels::Closed).unwrap(), b"hello");
        }
    }
    let nothing = [&[2, 0, 0, 5], attribute(true, 1, &[0; 4]).as_slice()].concat();
    assert_eq!(segment(&frame(LinkType::Nflog, &nothing), Tunnels::OPEN).unwrap_err(), Skipped::Malformed);
    assert_eq!(segment(&frame(LinkType::Nflog, &[0; 80]), Tunnels::OPEN).unwrap_err(), Skipped::Malformed);

    let pktap = |len: u32, link: u32, rest: &[u8]| {
        let head = [len.to_le_bytes(), 1_u32.to_le_bytes(), link.to_le_bytes()].concat();
        [head, vec![7; (len as usize).saturating_sub(12)], rest.to_vec()].concat()
    };
    let read =
        |bytes: &[u8]| segment(&frame(LinkType::Pktap, bytes), Tunnels::Closed).map(|it| it.payload.to_vec());
    assert_eq!(read(&pktap(108, 1, &ethernet(0x0800, &plain()))).unwrap(), b"hello");
    assert_eq!(read(&pktap(156, 12, &plain())).unwrap(), b"hello");
    assert_eq!(read(&pktap(108, 0, &[&[2, 0, 0, 0], plain().as_slice()].concat())).unwrap(), b"hello");
    assert_eq!(read(&pktap(108, 105, &plain())).unwrap_err(), Skipped::NotIp(Carried::LinkType(105)));
    let within = pktap(108, 258, &pktap(108, 1, &ethernet(0x0800, &plain())));
    assert_eq!(read(&within).unwrap_err(), Skipped::NotIp(Carried::LinkType(258)));
    assert_eq!(read(&pktap(20, 1, &plain())).unwrap_err(), Skipped::Malformed);
}

#[test]
fn what_is_cut_is_said_to_be_cut() {
    let inner = ethernet(0x0800, &plain());
    let mirrored = ethernet(0x0800, &erspan3(0, &[9; 8], &inner));
    let labelled = ethernet(0x8847, &mpls(3, &plain()));
    for whole in [mirrored, labelled, ethernet(0x8864, &pppoe(0x21, &plain()))] {
        for len in 14..whole.len() {
            let cut = Frame {
                bytes: &whole[..len],
                wire_len: whole.len() as u32,
                ..frame(LinkType::Ethernet, b"")
            };
            match segment(&cut, Tunnels::OPEN) {
                Ok(segment) => assert_eq!(segment.payload_len, 5),
                Err(reason) => assert_eq!(reason, Skipped::Truncated, "at {len}"),
            }
        }
    }
}

proptest! {
    #[test]
    fn changed_bytes_are_a_segment_a_fragment_or_a_reason(
        which in 0..6_usize,
        changes in prop::collection::vec((0..140_usize, any::<u8>()), 0..6),
        len in 0..200_usize,
        wire_len in prop_oneof![Just(0), Just(1500), any::<u32>()],
    ) {
        let inner = ethernet(0x0800, &plain());
        let (link, mut bytes) = match which {
            0 => (LinkType::Ethernet, ethernet(0x0800, &erspan3(0, &[9; 8], &inner))),
            1 => (LinkType::Ethernet, ethernet(0x0800, &erspan2(7, &ethernet(0x8847, &mpls(2, &plain()))))),
            2 => (LinkType::Ethernet, ethernet(0x0800, &tzsp(1, &[0, 10, 1, 0x80, 1], &inner))),
            3 => (LinkType::Ethernet, ethernet(0x8847, &mpls(3, &ethernet(0x8864, &pppoe(0x21, &plain()))))),
            4 => (LinkType::Ethernet, ethernet(0x86dd, &ipv6(0, &extension(44, 0, &[&[6, 0, 0, 1], tcp(0, b"hello").as_slice()].concat())))),
            _ => (LinkType::Nflog, [&[2, 0, 0, 5, 49, 0, 9, 0], plain().as_slice()].concat()),
        };
        for (at, value) in changes {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        bytes.truncate(len);
        let frame = Frame { wire_len, ..frame(link, &bytes) };
        for tunnels in [Tunnels::Closed, Tunnels::Open { vxlan_ports: &[8473] }] {
            match segment(&frame, tunnels) {
                Ok(segment) => prop_assert!(segment.payload.len() <= segment.payload_len as usize),
                Err(Skipped::Fragment) => {
                    let part = fragment(&frame, tunnels).unwrap();
                    prop_assert!(part.bytes.len() <= part.len as usize && (part.more || part.offset > 0));
                }
                Err(_) => {}
            }
        }
    }
}
