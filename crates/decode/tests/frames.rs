//! One frame per difficulty.

mod support;

use proptest::prelude::*;
use traffic_monitor_decode::{Carried, Frame, LinkType, Origin, Skipped, Tunnels, is_tunnelled, segment};

use support::*;

// --- links ---

#[test]
fn every_link_type_leads_to_the_packet() {
    let (v4, v6) = (plain(), ipv6(6, &tcp(0, b"hello")));
    let cooked = |protocol: [u8; 2], packet: &[u8]| [[0; 14].as_slice(), &protocol, packet].concat();
    let cooked2 = |protocol: [u8; 2], packet: &[u8]| [protocol.as_slice(), &[0; 18], packet].concat();
    let loopback = |family: [u8; 4], packet: &[u8]| [family.as_slice(), packet].concat();
    let cases = [
        (LinkType::Ethernet, ethernet(0x0800, &v4)),
        (LinkType::Ethernet, ethernet(0x86dd, &v6)),
        (LinkType::LinuxCooked, cooked([8, 0], &v4)),
        (LinkType::LinuxCooked, cooked([0x86, 0xdd], &v6)),
        (LinkType::LinuxCooked, cooked([0x81, 0], &tag(5, 0x0800, &v4))),
        (LinkType::LinuxCooked2, cooked2([8, 0], &v4)),
        (LinkType::LinuxCooked2, cooked2([0x86, 0xdd], &v6)),
        (LinkType::RawIp, v4.clone()),
        (LinkType::RawIp, v6.clone()),
        (LinkType::Null, loopback([2, 0, 0, 0], &v4)),
        (LinkType::Null, loopback([0, 0, 0, 2], &v4)),
        (LinkType::Null, loopback([30, 0, 0, 0], &v6)),
        (LinkType::Null, loopback([0, 0, 0, 24], &v6)),
        (LinkType::Loop, loopback([0, 0, 0, 2], &v4)),
        (LinkType::Loop, loopback([0, 0, 0, 28], &v6)),
        (LinkType::EtherType(0x0800), v4.clone()),
        (LinkType::EtherType(0x86dd), v6.clone()),
        // What kernels do with tags that are still in the packet.
        (LinkType::EtherType(0x8100), tag(5, 0x0800, &v4)),
        (LinkType::EtherType(0x88a8), tag(5, 0x8100, &tag(6, 0x86dd, &v6))),
        (LinkType::EtherType(0x8100), v4.clone()),
        (LinkType::EtherType(0x0800), tag(5, 0x0800, &v4)),
        (LinkType::EtherType(0x86dd), tag(5, 0x8100, &tag(6, 0x86dd, &v6))),
    ];
    for (link, bytes) in &cases {
        let segment =
            segment(&frame(*link, bytes), Tunnels::Closed).unwrap_or_else(|e| panic!("{link:?}: {e:?}"));
        check(&segment, b"hello");
        assert_eq!(segment.origin, Origin::Wire);
    }
    for (link, bytes) in cases.iter().filter(|(link, _)| !matches!(link, LinkType::EtherType(_))) {
        let cut = segment(&frame(*link, &bytes[..3]), Tunnels::OPEN).unwrap_err();
        assert!(matches!(cut, Skipped::Malformed | Skipped::Truncated), "{link:?}: {cut:?}");
    }
}

#[test]
fn what_is_not_ip_is_said() {
    let not_ip_of = |number| Skipped::NotIp(Carried::EtherType(number));
    assert_eq!(skipped(&ethernet(0x0806, &[0; 28])), not_ip_of(0x0806));
    assert_eq!(skipped(&ethernet(0x8100, &tag(5, 0x0806, &[0; 28]))), not_ip_of(0x0806));
    // IEEE 802.3 with a length in place of the type.
    assert_eq!(skipped(&ethernet(38, &[0x42; 38])), Skipped::NotIp(Carried::Length));
    let not_ip = |link, bytes: &[u8]| segment(&frame(link, bytes), Tunnels::OPEN).unwrap_err();
    assert_eq!(not_ip(LinkType::Null, &[7; 60]), Skipped::NotIp(Carried::Family(0x0707_0707)));
    assert_eq!(not_ip(LinkType::RawIp, &[0x10; 60]), Skipped::NotIp(Carried::Version(1)));
    assert_eq!(not_ip(LinkType::EtherType(0x0806), &[0; 28]), not_ip_of(0x0806));
    assert_eq!(not_ip(LinkType::EtherType(0x8100), &[0; 60]), Skipped::NotIp(Carried::Version(0)));
}

#[test]
fn vlan_tags_are_peeled() {
    for (outer, inner) in [(0x8100, 0x8100), (0x88a8, 0x8100), (0x9100, 0x8100)] {
        check(&closed(&ethernet(outer, &tag(5, 0x0800, &plain()))).unwrap(), b"hello");
        check(&closed(&ethernet(outer, &tag(5, inner, &tag(6, 0x0800, &plain())))).unwrap(), b"hello");
    }
    // Four tags are not a packet any more.
    let four = (0..4).fold(plain(), |packet, n| tag(n, if n == 0 { 0x0800 } else { 0x8100 }, &packet));
    assert_eq!(skipped(&ethernet(0x8100, &four)), Skipped::NotIp(Carried::EtherType(0x8100)));
}

// --- IP ---

#[test]
fn options_and_padding_are_no_payload() {
    check(&closed(&ethernet(0x0800, &ipv4(6, 10, &tcp(10, b"hello")))).unwrap(), b"hello");
    let padded = [ethernet(0x0800, &ipv4(6, 0, &tcp(0, b""))), vec![0; 6]].concat();
    check(&closed(&padded).unwrap(), b"");
    let padded = [ethernet(0x86dd, &ipv6(6, &tcp(0, b"x"))), vec![0; 9]].concat();
    check(&closed(&padded).unwrap(), b"x");
}

#[test]
fn extension_headers_are_passed() {
    let tcp = tcp(0, b"hello");
    let chains = [
        ipv6(0, &extension(6, 0, &tcp)),
        ipv6(0, &extension(60, 2, &extension(43, 1, &extension(6, 0, &tcp)))),
        ipv6(135, &extension(6, 0, &tcp)),
        // An authentication header counts in units of four bytes.
        ipv6(51, &[&[6, 4], [0; 22].as_slice(), &tcp].concat()),
        // A fragment header around a whole packet.
        ipv6(44, &[&[6, 0, 0, 0, 0, 0, 0, 1], tcp.as_slice()].concat()),
    ];
    for packet in chains {
        check(&closed(&ethernet(0x86dd, &packet)).unwrap(), b"hello");
    }
    let endless = (0..20).fold(extension(6, 0, &tcp), |inner, _| extension(60, 0, &inner));
    assert_eq!(skipped(&ethernet(0x86dd, &ipv6(60, &endless))), Skipped::Malformed);
    assert_eq!(skipped(&ethernet(0x86dd, &ipv6(59, b""))), not_tcp(59));
    assert_eq!(skipped(&ethernet(0x86dd, &ipv6(50, &[9; 40]))), not_tcp(50));
}

#[test]
fn fragments_are_counted_as_such() {
    for offset in [0x2000_u16, 0x0001, 0x2001] {
        let mut packet = plain();
        packet[6..8].copy_from_slice(&offset.to_be_bytes());
        assert_eq!(skipped(&ethernet(0x0800, &packet)), Skipped::Fragment);
        packet[9] = 1;
        assert_eq!(skipped(&ethernet(0x0800, &packet)), not_tcp(1));
        packet[9] = 47;
        assert_eq!(skipped(&ethernet(0x0800, &packet)), Skipped::Fragment);
        assert_eq!(closed(&ethernet(0x0800, &packet)).unwrap_err(), not_tcp(47));
    }
    for offset in [1_u16, 8, 9] {
        let [high, low] = offset.to_be_bytes();
        let header = [6, 0, high, low, 0, 0, 0, 1];
        assert_eq!(
            skipped(&ethernet(0x86dd, &ipv6(44, &[&header, [1; 40].as_slice()].concat()))),
            Skipped::Fragment
        );
    }
}

#[test]
fn lengths_of_zero_stand_for_the_length_on_the_wire() {
    let payload = vec![9; 500_000];
    let tcp = tcp(3, &payload);
    let jumbo_len = (8 + tcp.len() as u32).to_be_bytes();
    let jumbo = [&[6, 0, 0xc2, 4], jumbo_len.as_slice(), &tcp].concat();
    for packet in [ipv4(6, 0, &tcp), ipv6(6, &tcp), ipv6(0, &jumbo)] {
        let link = if packet[0] == 0x45 { 0x0800 } else { 0x86dd };
        let bytes = ethernet(link, &packet);
        check(&closed(&bytes).unwrap(), &payload);
        // And when the capture cut it.
        let cut =
            Frame { bytes: &bytes[..200], wire_len: bytes.len() as u32, ..frame(LinkType::Ethernet, b"") };
        let cut = segment(&cut, Tunnels::Closed).unwrap();
        assert_eq!(cut.payload_len, 500_000);
        assert!(cut.payload.len() < 200 && cut.payload.iter().all(|byte| *byte == 9));
        // A frame cannot claim more than a packet can have.
        let hostile = Frame { bytes: &bytes[..200], wire_len: u32::MAX, ..frame(LinkType::Ethernet, b"") };
        match segment(&hostile, Tunnels::Closed) {
            Err(reason) => assert_eq!(reason, Skipped::Malformed),
            Ok(segment) => assert_eq!(segment.payload_len, 500_000),
        }
    }
    let hostile = [6, 0, 0xc2, 4, 0xff, 0xff, 0xff, 0xff];
    let mut packet = ipv6(0, &[&hostile, tcp.as_slice()].concat());
    packet[4..6].fill(0);
    assert_eq!(skipped(&ethernet(0x86dd, &packet)), Skipped::Malformed);
}

#[test]
fn a_cut_capture_gives_what_is_there() {
    let whole = ethernet(0x0800, &ipv4(6, 2, &tcp(5, b"0123456789")));
    let headers = 14 + 28 + 40;
    for len in 0..whole.len() {
        let cut =
            Frame { bytes: &whole[..len], wire_len: whole.len() as u32, ..frame(LinkType::Ethernet, b"") };
        match segment(&cut, Tunnels::Closed) {
            Ok(segment) => {
                assert!(len >= 14 + 28 + 20);
                assert_eq!(segment.payload, &b"0123456789"[..len.saturating_sub(headers)]);
                assert_eq!(segment.payload_len, 10);
            }
            Err(reason) => {
                assert!(len < 14 + 28 + 20);
                assert_eq!(reason, Skipped::Truncated);
            }
        }
    }
    // The same when only the IP header knows how long the packet was.
    let cut = closed(&whole[..whole.len() - 4]).unwrap();
    assert_eq!((cut.payload, cut.payload_len), (b"012345".as_slice(), 10));
}

#[test]
fn headers_that_contradict_themselves_are_malformed() {
    let with = |at: usize, value: u8| {
        let mut packet = plain();
        packet[at] = value;
        skipped(&ethernet(0x0800, &packet))
    };
    assert_eq!(with(0, 0x65), Skipped::Malformed);
    assert_eq!(with(0, 0x44), Skipped::Malformed);
    // A total length shorter than the header, then one that is shorter than TCP's, then one inside of it.
    assert_eq!(with(3, 19), Skipped::Malformed);
    assert_eq!(with(3, 30), Skipped::Malformed);
    // TCP's own length: less than its header, more than the packet.
    assert_eq!(with(32, 0x40), Skipped::Malformed);
    assert_eq!(with(32, 0xf0), Skipped::Malformed);
    assert_eq!(skipped(&ethernet(0x86dd, &plain())), Skipped::Malformed);
    assert_eq!(skipped(&ethernet(0x0800, &[0x45; 10])), Skipped::Malformed);
}

// --- tunnels ---

#[test]
fn tunnels_are_opened_only_where_asked() {
    let inner = ethernet(0x0800, &plain());
    let v6 = ipv6(6, &tcp(0, b"hello"));
    let geneve = |options: u8, kind: [u8; 2], inner: &[u8]| {
        let header = [options, 0, kind[0], kind[1], 0, 0, 7, 0];
        let options = vec![3; usize::from(options) * 4];
        ipv4(17, 0, &udp(6081, &[header.as_slice(), &options, inner].concat()))
    };
    let key = [0, 0, 0, 7];
    let cases = [
        ("VXLAN", vxlan(4789, 7, &inner)),
        ("VXLAN, old port", vxlan(8472, 7, &inner)),
        ("VXLAN with a tag inside", vxlan(4789, 7, &ethernet(0x8100, &tag(5, 0x86dd, &v6)))),
        ("Geneve", geneve(0, [0x65, 0x58], &inner)),
        ("Geneve with options", geneve(9, [0x65, 0x58], &inner)),
        ("Geneve with IPv4", geneve(1, [8, 0], &plain())),
        ("GRE", gre(0, 0x0800, b"", &plain())),
        ("GRE with IPv6", gre(0, 0x86dd, b"", &v6)),
        ("GRE with Ethernet", gre(0, 0x6558, b"", &inner)),
        ("GRE with a key", gre(0x2000, 0x0800, &key, &plain())),
        ("GRE with a sequence number", gre(0x1000, 0x0800, &[9; 4], &plain())),
        ("GRE with all", gre(0xb000, 0x0800, &[&[9; 4], key.as_slice(), &[8; 4]].concat(), &plain())),
        ("IP in IP", ipv4(4, 0, &plain())),
        ("IPv6 in IPv4", ipv4(41, 0, &v6)),
    ];
    for (name, packet) in &cases {
        let bytes = ethernet(0x0800, packet);
        let segment = opened(&bytes).unwrap_or_else(|reason| panic!("{name}: {reason:?}"));
        check_inside(&segment, b"hello");
        assert!(is_tunnelled(segment.interface), "{name}");
        assert_eq!(closed(&bytes).unwrap_err(), not_tcp(packet[9]), "{name}");
    }
    for packet in [ipv6(4, &plain()), ipv6(41, &v6), ipv6(60, &extension(4, 0, &plain()))] {
        check_inside(&opened(&ethernet(0x86dd, &packet)).unwrap(), b"hello");
    }
}

#[test]
fn tunnels_are_places_that_stay_apart() {
    let inner = ethernet(0x0800, &plain());
    let tunnel = |packet: &[u8]| opened(&ethernet(0x0800, packet)).unwrap().interface;
    let ids = [
        tunnel(&vxlan(4789, 7, &inner)),
        tunnel(&vxlan(4789, 8, &inner)),
        tunnel(&gre(0, 0x0800, b"", &plain())),
        tunnel(&gre(0x2000, 0x0800, &[0, 0, 0, 7], &plain())),
        tunnel(&ipv4(4, 0, &plain())),
        tunnel(&vxlan(4789, 7, &ethernet(0x0800, &vxlan(4789, 8, &inner)))),
        tunnel(&vxlan(4789, 8, &ethernet(0x0800, &vxlan(4789, 7, &inner)))),
        tunnel(&ipv4(4, 0, &vxlan(4789, 7, &inner))),
    ];
    for (i, id) in ids.iter().enumerate() {
        assert!(!ids[..i].contains(id), "{ids:x?}");
    }
    // The answer comes from the other end's address, with the same identifier.
    let mut answer = vxlan(4789, 7, &inner);
    answer[12..20].rotate_left(4);
    assert_eq!(tunnel(&answer), ids[0]);
}

#[test]
fn three_tunnels_are_opened_and_not_a_fourth() {
    let three = ipv4(4, 0, &vxlan(4789, 1, &ethernet(0x0800, &ipv4(4, 0, &plain()))));
    check_inside(&opened(&ethernet(0x0800, &three)).unwrap(), b"hello");
    assert_eq!(skipped(&ethernet(0x0800, &ipv4(4, 0, &three))), Skipped::TunnelDepth);
    let nothing = (0..3).fold(ipv4(1, 0, &[8; 40]), |inner, _| ipv4(4, 0, &inner));
    assert_eq!(skipped(&ethernet(0x0800, &nothing)), not_tcp(1));
}

#[test]
fn what_only_looks_like_a_tunnel_is_not_tcp() {
    let udp_of = |port, payload: &[u8]| ethernet(0x0800, &ipv4(17, 0, &udp(port, payload)));
    let of_port = |port| Skipped::NotTcp(Carried::Udp(port));
    assert_eq!(skipped(&udp_of(53, &[0; 40])), of_port(53));
    // VXLAN without an identifier, Geneve of another version, PPTP, source routes.
    assert_eq!(skipped(&udp_of(4789, &[0; 60])), of_port(4789));
    assert_eq!(skipped(&udp_of(6081, &[0x40; 60])), of_port(6081));
    assert_eq!(skipped(&ethernet(0x0800, &gre(0x2001, 0x880b, &[0; 8], &plain()))), not_tcp(47));
    assert_eq!(skipped(&ethernet(0x0800, &gre(0x4000, 0x0800, &[0; 8], &plain()))), not_tcp(47));
    let arp = Skipped::NotIp(Carried::EtherType(0x0806));
    assert_eq!(skipped(&ethernet(0x0800, &gre(0, 0x0806, b"", &[0; 28]))), arp);
    assert_eq!(skipped(&udp_of(4789, &[8, 0, 0])), Skipped::Malformed);
}

// --- anything ---

fn any_link() -> impl Strategy<Value = LinkType> {
    prop_oneof![
        Just(LinkType::Ethernet),
        Just(LinkType::LinuxCooked),
        Just(LinkType::LinuxCooked2),
        Just(LinkType::RawIp),
        Just(LinkType::Null),
        Just(LinkType::Loop),
        Just(LinkType::Nflog),
        Just(LinkType::Pktap),
        Just(LinkType::EtherType(0x0800)),
        Just(LinkType::EtherType(0x8100)),
        any::<u16>().prop_map(LinkType::EtherType),
    ]
}

/// What holds of every segment.
fn check_any(frame: &Frame<'_>) {
    for tunnels in [Tunnels::Closed, Tunnels::OPEN] {
        if let Ok(segment) = segment(frame, tunnels) {
            assert!(segment.payload.len() <= frame.bytes.len());
            assert!(segment.payload.len() <= segment.payload_len as usize);
            assert!(segment.payload_len < 1 << 20);
            assert!(
                segment.origin == Origin::Wire
                    && (tunnels == Tunnels::OPEN || !is_tunnelled(segment.interface))
            );
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_segment_or_a_reason(
        link in any_link(),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        wire_len in any::<u32>(),
    ) {
        check_any(&Frame { wire_len, ..frame(link, &bytes) });
    }

    #[test]
    fn changed_bytes_are_a_segment_or_a_reason(
        changes in prop::collection::vec((0..200_usize, any::<u8>()), 1..6),
        len in 0..250_usize,
    ) {
        let inner = vxlan(4789, 7, &ethernet(0x86dd, &ipv6(0, &extension(6, 0, &tcp(2, b"hello")))));
        let mut bytes = ethernet(0x8100, &tag(5, 0x0800, &gre(0xb000, 0x0800, &[0; 12], &inner)));
        for (at, value) in changes {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        bytes.truncate(len);
        check_any(&frame(LinkType::Ethernet, &bytes));
        check_any(&Frame { wire_len: 1500, ..frame(LinkType::Ethernet, &bytes) });
    }
}
