//! Link headers, and the VLAN tags behind them.

use crate::packet::Packet;
use crate::{Carried, LinkType, Skipped};

pub(crate) const IPV4: u16 = 0x0800;
pub(crate) const IPV6: u16 = 0x86dd;
/// MPLS, to one receiver and to many.
pub(crate) const MPLS: [u16; 2] = [0x8847, 0x8848];
pub(crate) const PPPOE: u16 = 0x8864;

/// IEEE 802.1Q, 802.1ad, and the number that was used for outer tags before it.
const VLAN: u16 = 0x8100;
const VLAN_OUTER: [u16; 2] = [0x88a8, 0x9100];
const VLAN_TAG_BYTES: u32 = 4;
/// Tags inside each other: two are usual, the third is one to spare.
const MAX_VLAN_TAGS: usize = 3;

const ETHERNET_BYTES: u32 = 14;
const LINUX_COOKED_BYTES: u32 = 16;
const LINUX_COOKED2_BYTES: u32 = 20;
const LOOPBACK_BYTES: u32 = 4;

/// Address families in loopback headers: `AF_INET` is 2 on every system, `AF_INET6` is 24 on NetBSD and OpenBSD, 28 on
/// FreeBSD, 30 on Darwin, 10 on Linux.
const FAMILY_IPV4: u32 = 2;
const FAMILIES_IPV6: [u32; 4] = [24, 28, 30, 10];

/// Returns the packet in what a link of this type carries, and its EtherType.
#[inline(always)]
pub(crate) fn of_link(link: LinkType, packet: Packet<'_>) -> Result<(u16, Packet<'_>), Skipped> {
    match link {
        LinkType::Ethernet => ethernet(packet),
        LinkType::EtherType(ether_type @ (IPV4 | IPV6)) if has_version(ether_type, packet) => {
            Ok((ether_type, packet))
        }
        LinkType::EtherType(ether_type) => tagged_by_kernel(ether_type, packet),
        LinkType::RawIp => raw(packet),
        // Both end with the EtherType, or begin with it.
        LinkType::LinuxCooked => {
            let [.., high, low] = *packet.header::<{ LINUX_COOKED_BYTES as usize }>()?;
            untagged(u16::from_be_bytes([high, low]), packet.skip(LINUX_COOKED_BYTES)?)
        }
        LinkType::LinuxCooked2 => {
            let [high, low, ..] = *packet.header::<{ LINUX_COOKED2_BYTES as usize }>()?;
            untagged(u16::from_be_bytes([high, low]), packet.skip(LINUX_COOKED2_BYTES)?)
        }
        // The capturing host may have had either byte order.
        LinkType::Null => {
            let family = *packet.header()?;
            let ether_type = ether_type_of_family(u32::from_le_bytes(family))
                .or_else(|_| ether_type_of_family(u32::from_be_bytes(family)))?;
            Ok((ether_type, packet.skip(LOOPBACK_BYTES)?))
        }
        // These are not links.
        LinkType::Nflog | LinkType::Pktap | LinkType::Socket => Err(Skipped::Malformed),
        LinkType::Loop => {
            let family = u32::from_be_bytes(*packet.header()?);
            Ok((ether_type_of_family(family)?, packet.skip(LOOPBACK_BYTES)?))
        }
    }
}

#[inline(always)]
fn is_vlan(ether_type: u16) -> bool {
    let [old, before] = VLAN_OUTER;
    ether_type == VLAN || ether_type == old || ether_type == before
}

/// Returns the packet behind an Ethernet header.
#[inline]
pub(crate) fn ethernet(packet: Packet<'_>) -> Result<(u16, Packet<'_>), Skipped> {
    let [.., high, low] = *packet.header::<{ ETHERNET_BYTES as usize }>()?;
    untagged(u16::from_be_bytes([high, low]), packet.skip(ETHERNET_BYTES)?)
}

/// Returns the packet behind the VLAN tags, if there are any.
#[inline]
fn untagged(mut ether_type: u16, mut packet: Packet<'_>) -> Result<(u16, Packet<'_>), Skipped> {
    for _ in 0..MAX_VLAN_TAGS {
        if !is_vlan(ether_type) {
            break;
        }
        let [_, _, high, low] = *packet.header()?;
        ether_type = u16::from_be_bytes([high, low]);
        packet = packet.skip(VLAN_TAG_BYTES)?;
    }
    Ok((ether_type, packet))
}

/// Returns an IP packet that has no header before it.
pub(crate) fn raw(packet: Packet<'_>) -> Result<(u16, Packet<'_>), Skipped> {
    match packet.header::<1>()?[0] >> 4 {
        4 => Ok((IPV4, packet)),
        6 => Ok((IPV6, packet)),
        version => Err(Skipped::NotIp(Carried::Version(version))),
    }
}

/// Packet sockets of type `SOCK_DGRAM` and VLAN tags that are still in the packet: kernels differ in whether the
/// protocol that they name is the tag's or the one behind it, and in whether the bytes begin with the tag or behind
/// it (`net/packet/af_packet.c`, `vlan_get_protocol_dgram`, since 6.11). So both are tried.
#[cold]
fn tagged_by_kernel(ether_type: u16, packet: Packet<'_>) -> Result<(u16, Packet<'_>), Skipped> {
    if !is_vlan(ether_type) && ether_type != IPV4 && ether_type != IPV6 {
        return Ok((ether_type, packet));
    }
    match untagged(VLAN, packet) {
        Ok((inner, rest)) if has_version(inner, rest) || is_wrapping(inner) => Ok((inner, rest)),
        _ => raw(packet),
    }
}

/// Returns whether the packet begins with the version that its EtherType promises.
#[inline]
fn has_version(ether_type: u16, packet: Packet<'_>) -> bool {
    match (ether_type, packet.bytes.first()) {
        (IPV4, Some(first)) => first >> 4 == 4,
        (IPV6, Some(first)) => first >> 4 == 6,
        _ => false,
    }
}

fn ether_type_of_family(family: u32) -> Result<u16, Skipped> {
    match family {
        FAMILY_IPV4 => Ok(IPV4),
        family if FAMILIES_IPV6.contains(&family) => Ok(IPV6),
        _ => Err(Skipped::NotIp(Carried::Family(family))),
    }
}

/// Returns whether this EtherType leads to IP, with something between.
pub(crate) fn is_wrapping(ether_type: u16) -> bool {
    MPLS.contains(&ether_type) || ether_type == PPPOE
}
