//! What stands between a link header and IP on some links: MPLS labels (RFC 3032) and PPPoE (RFC 2516).

use crate::link::{self, IPV4, IPV6, MPLS, PPPOE, is_wrapping};
use crate::packet::Packet;
use crate::{Carried, Skipped};

/// Headers around each other that are passed over: MPLS around Ethernet around PPPoE, and one to spare.
const MAX_WRAPPINGS: usize = 4;
/// Labels of one stack; more than four are rare.
const MAX_LABELS: usize = 16;
const LABEL_BYTES: u32 = 4;
/// The bit of the last label of a stack.
const BOTTOM: u8 = 1;
/// What stands before a frame in a pseudowire (RFC 4385, section 3).
const CONTROL_WORD_BYTES: u32 = 4;
/// Version and type of PPPoE, both 1.
const PPPOE_VERSION: u8 = 0x11;
const PPPOE_BYTES: u32 = 6;
const PPP_BYTES: u32 = 2;
const PPP_IPV4: u16 = 0x0021;
const PPP_IPV6: u16 = 0x0057;

/// Returns the IP packet behind what stands before it.
#[cold]
#[inline(never)]
pub(crate) fn unwrapped(mut ether_type: u16, mut packet: Packet<'_>) -> Result<(u16, Packet<'_>), Skipped> {
    for _ in 0..MAX_WRAPPINGS {
        (ether_type, packet) = match ether_type {
            IPV4 | IPV6 => return Ok((ether_type, packet)),
            PPPOE => pppoe(packet)?,
            mpls if MPLS.contains(&mpls) => behind_labels(packet)?,
            _ => break,
        };
    }
    match ether_type {
        IPV4 | IPV6 => Ok((ether_type, packet)),
        other => Err(Skipped::NotIp(Carried::of_ether_type(other))),
    }
}

/// Returns what is behind the labels. Nothing says what that is: IP by its version, else a frame of Ethernet, with a
/// control word before it or not.
fn behind_labels(mut packet: Packet<'_>) -> Result<(u16, Packet<'_>), Skipped> {
    for _ in 0..MAX_LABELS {
        let [_, _, last, _] = *packet.header::<{ LABEL_BYTES as usize }>()?;
        packet = packet.skip(LABEL_BYTES)?;
        if last & BOTTOM != 0 {
            return labelled(packet);
        }
    }
    Err(Skipped::Malformed)
}

fn labelled(packet: Packet<'_>) -> Result<(u16, Packet<'_>), Skipped> {
    match link::raw(packet) {
        Err(Skipped::NotIp(_)) => {}
        packet => return packet,
    }
    let leads = |frame: &(u16, Packet<'_>)| matches!(frame.0, IPV4 | IPV6) || is_wrapping(frame.0);
    let word = packet.skip(CONTROL_WORD_BYTES).and_then(link::ethernet);
    match word {
        Ok(frame) if leads(&frame) => Ok(frame),
        _ => link::ethernet(packet),
    }
}

fn pppoe(packet: Packet<'_>) -> Result<(u16, Packet<'_>), Skipped> {
    let [version, code, _, _, l0, l1, p0, p1] = *packet.header::<{ (PPPOE_BYTES + PPP_BYTES) as usize }>()?;
    let len = u32::from(u16::from_be_bytes([l0, l1]));
    if version != PPPOE_VERSION || code != 0 || len < PPP_BYTES {
        return Err(Skipped::Malformed);
    }
    let packet = packet.skip(PPPOE_BYTES)?.limit(len).skip(PPP_BYTES)?;
    match u16::from_be_bytes([p0, p1]) {
        PPP_IPV4 => Ok((IPV4, packet)),
        PPP_IPV6 => Ok((IPV6, packet)),
        other => Err(Skipped::NotIp(Carried::Ppp(other))),
    }
}
