//! What frames carry that is not read, by the numbers that their headers have for it.

use std::fmt;

/// What a frame carries that is not read: the number that the last header that was understood has for it. `Display` gives
/// it with its name, where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carried {
    /// An EtherType (IEEE 802).
    EtherType(u16),
    /// IEEE 802.3 with a length in place of the type: spanning tree, IS-IS and so on.
    Length,
    /// A packet that begins with neither version of IP, where its link has nothing else.
    Version(u8),
    /// An address family of a loopback header.
    Family(u32),
    /// A protocol of PPP (RFC 1661, section 2).
    Ppp(u16),
    /// A protocol of IP.
    Protocol(u8),
    /// UDP; of its two ports the lower one, which is the server's.
    Udp(u16),
    /// UDP to this port, in the form of VXLAN.
    LikeVxlan(u16),
    /// ERSPAN of this version, or with this type of frame inside.
    Erspan(u8),
    /// A protocol inside of TZSP.
    Tzsp(u16),
    /// A link type inside of pktap.
    LinkType(u32),
}

impl Carried {
    /// Returns what this EtherType says, which is a length up to 1,500 (IEEE 802.3, clause 3.2.6).
    pub(crate) fn of_ether_type(number: u16) -> Carried {
        if number <= 1500 { Carried::Length } else { Carried::EtherType(number) }
    }

    /// Returns the field's name for it, where it is one that is often seen.
    fn name(self) -> Option<&'static str> {
        let name = match self {
            Carried::EtherType(number) => match number {
                0x0806 => "ARP",
                0x22ea | 0x22f0 => "AVB",
                0x8035 => "RARP",
                0x809b => "AppleTalk",
                0x8100 | 0x88a8 | 0x9100 => "more VLAN tags than are read",
                0x8137 => "IPX",
                0x8847 | 0x8848 => "MPLS",
                0x8863 => "PPPoE discovery",
                0x8864 => "PPPoE",
                0x8809 => "LACP and other slow protocols",
                0x888e => "802.1X",
                0x8892 => "PROFINET",
                0x8899 => "Realtek",
                0x88a4 => "EtherCAT",
                0x88be | 0x22eb => "ERSPAN",
                0x88cc => "LLDP",
                0x88e5 => "MACsec: encrypted",
                0x88e7 => "provider backbone bridging",
                0x88f7 => "PTP",
                0x8902 => "CFM",
                0x8906 => "FCoE",
                0x8915 => "RoCE",
                0x8926 => "VN-Tag",
                0x893a => "IEEE 1905",
                0x894f => "NSH",
                0x9000 => "loopback test",
                _ => return None,
            },
            Carried::Length => "spanning tree and other LLC",
            Carried::Ppp(number) => match number {
                0x8021 | 0x8057 | 0xc021 | 0xc023 | 0xc223 => "control",
                0x00fd => "compressed",
                0x0053 => "encrypted",
                _ => return None,
            },
            Carried::Protocol(number) => match number {
                1 => "ICMP",
                2 => "IGMP",
                4 | 41 => "IP in IP",
                17 => "UDP",
                47 => "GRE",
                50 => "ESP: encrypted",
                58 => "ICMPv6",
                59 => "nothing",
                88 => "EIGRP",
                89 => "OSPF",
                103 => "PIM",
                112 => "VRRP",
                115 => "L2TP",
                132 => "SCTP",
                137 => "MPLS in IP",
                _ => return None,
            },
            Carried::Udp(port) => match port {
                53 => "DNS",
                67 | 68 | 546 | 547 => "DHCP",
                123 => "NTP",
                137 | 138 => "NetBIOS",
                161 | 162 => "SNMP",
                443 => "QUIC",
                500 | 4500 => "IPsec",
                514 => "syslog",
                1194 => "OpenVPN",
                1701 => "L2TP",
                1900 => "SSDP",
                2055 => "NetFlow",
                2152 => "GTP-U",
                3544 => "Teredo",
                4789 | 4790 | 8472 => "VXLAN that cannot be read",
                5353 => "mDNS",
                5355 => "LLMNR",
                6081 => "Geneve that cannot be read",
                6343 => "sFlow",
                6635 => "MPLS in UDP",
                8125 => "StatsD",
                37008 => "TZSP that cannot be read",
                51820 => "WireGuard: encrypted",
                _ => return None,
            },
            Carried::Tzsp(number) => match number {
                0x12 | 0x77 | 0x7f => "802.11",
                _ => return None,
            },
            Carried::LinkType(105 | 127) => "802.11",
            Carried::Version(_)
            | Carried::Family(_)
            | Carried::LikeVxlan(_)
            | Carried::Erspan(_)
            | Carried::LinkType(_) => return None,
        };
        Some(name)
    }
}

impl fmt::Display for Carried {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Carried::EtherType(number) => write!(out, "EtherType {number:#06x}")?,
            Carried::Length => write!(out, "IEEE 802.3")?,
            Carried::Version(number) => write!(out, "IP version {number}")?,
            Carried::Family(number) => write!(out, "address family {number}")?,
            Carried::Ppp(number) => write!(out, "PPP protocol {number:#06x}")?,
            Carried::Protocol(number) => write!(out, "IP protocol {number}")?,
            Carried::Udp(port) => write!(out, "UDP port {port}")?,
            Carried::LikeVxlan(port) => {
                return write!(out, "UDP port {port} (looks like VXLAN: --vxlan-port {port} reads it)");
            }
            Carried::Erspan(number) => write!(out, "ERSPAN of kind {number}")?,
            Carried::Tzsp(number) => write!(out, "TZSP protocol {number}")?,
            Carried::LinkType(number) => write!(out, "link type {number} in pktap")?,
        }
        self.name().map_or(Ok(()), |name| write!(out, " ({name})"))
    }
}

/// How many names are kept apart: a table that a person reads.
const NAMES: usize = 16;

/// Frames that were not read, by what they carried. The first names are kept; what comes later under further names is
/// counted as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    names: [Option<(Carried, u64)>; NAMES],
    others: u64,
}

impl Unread {
    /// Counts a frame that carried this.
    #[cold]
    pub(crate) fn count(&mut self, carried: Carried) {
        for place in &mut self.names {
            match place {
                Some((name, count)) if *name == carried => return *count += 1,
                Some(_) => {}
                None => {
                    *place = Some((carried, 1));
                    return;
                }
            }
        }
        self.others += 1;
    }

    /// Returns what was carried, and by how many frames, in the order in which it was first seen.
    pub fn names(&self) -> impl Iterator<Item = (Carried, u64)> {
        self.names.iter().copied().flatten()
    }

    /// Returns how many frames carried something else.
    #[must_use]
    pub fn others(&self) -> u64 {
        self.others
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bounded_and_all_is_counted() {
        let mut unread = Unread::default();
        for number in (0..100).chain(0..100) {
            unread.count(Carried::EtherType(number));
        }
        assert_eq!(unread.names().count(), NAMES);
        assert!(unread.names().all(|(_, count)| count == 2));
        assert_eq!(unread.others(), 2 * (100 - NAMES as u64));
    }

    #[test]
    fn numbers_stand_with_their_names() {
        let shown = [
            (Carried::EtherType(0x88f7), "EtherType 0x88f7 (PTP)"),
            (Carried::EtherType(0x1234), "EtherType 0x1234"),
            (Carried::Protocol(132), "IP protocol 132 (SCTP)"),
            (Carried::Udp(443), "UDP port 443 (QUIC)"),
            (Carried::LikeVxlan(8473), "UDP port 8473 (looks like VXLAN: --vxlan-port 8473 reads it)"),
        ];
        for (carried, text) in shown {
            assert_eq!(carried.to_string(), text);
        }
    }
}
