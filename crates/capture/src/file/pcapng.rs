//! The pcapng format (draft-ietf-opsawg-pcapng): sections of blocks, each section with its own byte order and
//! interfaces. Blocks that hold no frame and no TLS key
//! log and describe no interface are skipped.

use decode::{Frame, LinkType, Timestamp};

use super::bytes::ByteOrder;
use super::pcap::link_type;
use super::step::{MAX_FRAME_BYTES, Step};

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
/// Obsolete: a frame with a 16-bit interface number and a drop count.
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
const DECRYPTION_SECRETS: u32 = 10;
/// The type of secrets that are a TLS key log.
const TLS_KEY_LOG: u32 = 0x544c_534b;

/// What stands before the body of each block: its type and its length, which is repeated after the body.
const BLOCK_HEADER_BYTES: usize = 8;
/// The two lengths and the type of a block without a body.
const MIN_BLOCK_BYTES: usize = 12;
/// What stands between the block header and the options of an interface description.
const INTERFACE_BYTES: usize = 8;
/// What stands between the block header of decryption secrets and the secrets.
const SECRETS_BYTES: usize = 8;
/// The longest block that is looked into: a frame with its options. Longer ones are skipped or damaged.
const MAX_BLOCK_BYTES: usize = MAX_FRAME_BYTES + 64 * 1024;
/// Interfaces of one section; 65,536 is what the obsolete packet block can name. They are kept in memory.
const MAX_INTERFACES: usize = 65_536;

const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
const OPTION_TIME_RESOLUTION: u16 = 9;
const OPTION_TIME_OFFSET: u16 = 14;

/// The state between blocks: the section.
#[derive(Debug, Default)]
pub(super) struct Pcapng {
    order: ByteOrder,
    interfaces: Vec<Interface>,
    /// How many interfaces the sections before had: keeps numbers apart.
    interfaces_before: u32,
    /// When the last frame with a time was captured: simple packet blocks have no time of their own.
    last_time: Option<Timestamp>,
}

/// An interface description block.
#[derive(Clone, Copy, Debug)]
struct Interface {
    link: Result<LinkType, u16>,
    snap_len: u32,
    clock: Clock,
    /// Nanoseconds that are added to each time.
    offset: i64,
}

/// How a time in units of `if_tsresol` becomes nanoseconds.
#[derive(Clone, Copy, Debug)]
enum Clock {
    /// A unit is so many nanoseconds.
    Multiply(u64),
    /// So many units are one nanosecond.
    Divide(u64),
    /// A unit is 2 to the power of minus this seconds.
    Binary(u32),
}

/// Returns whether a pcapng file begins so.
pub(super) fn is_start(start: &[u8]) -> bool {
    start.starts_with(&SECTION_HEADER.to_be_bytes())
}

impl Clock {
    /// Reads a value of `if_tsresol`: with the highest bit a negative power of 2, else of 10.
    fn new(resolution: u8) -> Clock {
        let power = u32::from(resolution & 0x7f);
        match resolution & 0x80 {
            0 if power <= 9 => Clock::Multiply(10_u64.pow(9 - power)),
            // A unit so short that 64 bits of it are no time at all.
            0 => Clock::Divide(10_u64.checked_pow(power - 9).unwrap_or(u64::MAX)),
            _ => Clock::Binary(power),
        }
    }

    #[inline]
    fn nanoseconds(self, time: u64) -> u64 {
        match self {
            Clock::Multiply(factor) => time.saturating_mul(factor),
            Clock::Divide(divisor) => time / divisor,
            Clock::Binary(shift) => {
                let nanoseconds = u128::from(time) * 1_000_000_000;
                u64::try_from(nanoseconds.checked_shr(shift).unwrap_or(0)).unwrap_or(u64::MAX)
            }
        }
    }
}

impl Pcapng {
    /// Returns the block at the beginning of `bytes`.
    #[inline]
    pub(super) fn next<'a>(&mut self, bytes: &'a [u8]) -> Step<'a> {
        let Some(([kind, len], _)) = self.order.split_u32s(bytes) else {
            return Step::Need(BLOCK_HEADER_BYTES);
        };
        // The same in both byte orders, and the block that says which one holds.
        if kind == SECTION_HEADER {
            return self.section(bytes);
        }
        let len = len as usize;
        if len < MIN_BLOCK_BYTES || !len.is_multiple_of(4) {
            return Step::Damaged("a block has an impossible length");
        }
        if kind == DECRYPTION_SECRETS {
            return self.secrets(bytes, len);
        }
        if !matches!(kind, INTERFACE_DESCRIPTION | PACKET | SIMPLE_PACKET | ENHANCED_PACKET) {
            return Step::Skip(len);
        }
        if len > MAX_BLOCK_BYTES {
            return Step::Damaged("a block claims to be longer than any frame");
        }
        let Some(block) = bytes.get(..len) else {
            return Step::Need(len);
        };
        let body = block.get(BLOCK_HEADER_BYTES..len - 4).unwrap_or_default();
        let found = match kind {
            ENHANCED_PACKET => self.enhanced_packet(body),
            INTERFACE_DESCRIPTION => self.interface(body),
            PACKET => self.packet(body),
            _ => self.simple_packet(body),
        };
        match found {
            Ok(Found::Frame(frame)) => Step::Frame(frame, len),
            Ok(Found::Unsupported(number)) => Step::Unsupported(number, len),
            Ok(Found::Interface) => Step::Skip(len),
            Err(what) => Step::Damaged(what),
        }
    }

    fn section<'a>(&mut self, bytes: &'a [u8]) -> Step<'a> {
        let Some((head, _)) = bytes.split_first_chunk::<MIN_BLOCK_BYTES>() else {
            return Step::Need(MIN_BLOCK_BYTES);
        };
        let [_, _, _, _, l0, l1, l2, l3, magic @ ..] = *head;
        let order = match [ByteOrder::Little, ByteOrder::Big]
            .into_iter()
            .find(|o| o.u32(magic) == BYTE_ORDER_MAGIC)
        {
            Some(order) => order,
            None => return Step::Damaged("a section header without a byte order"),
        };
        let len = order.u32([l0, l1, l2, l3]) as usize;
        if len < MIN_BLOCK_BYTES || !len.is_multiple_of(4) {
            return Step::Damaged("a section header has an impossible length");
        }
        self.order = order;
        self.interfaces_before = self.interfaces_before.saturating_add(self.interfaces.len() as u32);
        self.interfaces.clear();
        Step::Skip(len)
    }

    /// A block of decryption secrets, for the packets that come behind it. Those of other protocols are skipped.
    fn secrets<'a>(&self, bytes: &'a [u8], len: usize) -> Step<'a> {
        if len < MIN_BLOCK_BYTES + SECRETS_BYTES {
            return Step::Damaged("a block of secrets is too short");
        }
        let body = bytes.get(BLOCK_HEADER_BYTES..).unwrap_or_default();
        let Some(([kind, secrets_len], _)) = self.order.split_u32s(body) else {
            return Step::Need(BLOCK_HEADER_BYTES + SECRETS_BYTES);
        };
        if kind != TLS_KEY_LOG {
            return Step::Skip(len);
        }
        if len > MAX_BLOCK_BYTES {
            return Step::LongKeyLog(len);
        }
        let Some(block) = bytes.get(..len) else { return Step::Need(len) };
        let body = block.get(BLOCK_HEADER_BYTES + SECRETS_BYTES..len - 4).unwrap_or_default();
        match body.get(..secrets_len as usize) {
            Some(key_log) => Step::KeyLog(key_log, len),
            None => Step::Damaged("secrets are longer than their block"),
        }
    }

    fn interface<'a>(&mut self, body: &[u8]) -> Result<Found<'a>, &'static str> {
        let (head, mut options) =
            body.split_first_chunk::<INTERFACE_BYTES>().ok_or("an interface description is too short")?;
        if self.interfaces.len() == MAX_INTERFACES {
            return Err("more interfaces than a section can have");
        }
        let [n0, n1, _, _, s0, s1, s2, s3] = *head;
        let number = self.order.u16([n0, n1]);
        let snap_len = self.order.u32([s0, s1, s2, s3]);
        let link = link_type(number).ok_or(number);
        let mut interface = Interface { link, snap_len, clock: Clock::Multiply(1000), offset: 0 };
        while let Some((&[c0, c1, l0, l1], rest)) = options.split_first_chunk() {
            let len = usize::from(self.order.u16([l0, l1]));
            let Some(value) = rest.get(..len) else { break };
            match (self.order.u16([c0, c1]), value) {
                (OPTION_TIME_RESOLUTION, &[resolution]) => interface.clock = Clock::new(resolution),
                (OPTION_TIME_OFFSET, &[a, b, c, d, e, f, g, h]) => {
                    let (first, second) = (self.order.u32([a, b, c, d]), self.order.u32([e, f, g, h]));
                    let (high, low) = match self.order {
                        ByteOrder::Little => (second, first),
                        ByteOrder::Big => (first, second),
                    };
                    let seconds = ((u64::from(high) << 32) | u64::from(low)).cast_signed();
                    interface.offset = seconds.saturating_mul(1_000_000_000);
                }
                _ => {}
            }
            options = rest.get(len.next_multiple_of(4)..).unwrap_or_default();
        }
        self.interfaces.push(interface);
        Ok(Found::Interface)
    }

    #[inline]
    fn enhanced_packet<'a>(&mut self, body: &'a [u8]) -> Result<Found<'a>, &'static str> {
        let ([interface, high, low, captured, wire_len], data) =
            self.order.split_u32s(body).ok_or("a packet block is too short")?;
        self.frame(interface, (high, low), captured, wire_len, data)
    }

    fn packet<'a>(&mut self, body: &'a [u8]) -> Result<Found<'a>, &'static str> {
        let (&[i0, i1, _, _], rest) = body.split_first_chunk().ok_or("a packet block is too short")?;
        let ([high, low, captured, wire_len], data) =
            self.order.split_u32s(rest).ok_or("a packet block is too short")?;
        self.frame(u32::from(self.order.u16([i0, i1])), (high, low), captured, wire_len, data)
    }

    #[inline]
    fn frame<'a>(
        &mut self,
        number: u32,
        (high, low): (u32, u32),
        captured: u32,
        wire_len: u32,
        data: &'a [u8],
    ) -> Result<Found<'a>, &'static str> {
        let interface =
            self.interfaces.get(number as usize).ok_or("a packet of an interface that is not described")?;
        let time = interface.clock.nanoseconds((u64::from(high) << 32) | u64::from(low));
        let time = Timestamp::from_nanos(time.saturating_add_signed(interface.offset));
        let bytes = data.get(..captured as usize).ok_or("a packet is longer than its block")?;
        self.last_time = Some(time);
        Ok(Found::new(interface, time, bytes, wire_len, self.interfaces_before.saturating_add(number)))
    }

    /// A simple packet block belongs to the first interface, has no time, and says only how long the frame was.
    fn simple_packet<'a>(&mut self, body: &'a [u8]) -> Result<Found<'a>, &'static str> {
        let ([wire_len], data) = self.order.split_u32s(body).ok_or("a packet block is too short")?;
        let interface = self.interfaces.first().ok_or("a packet of an interface that is not described")?;
        let limit = if interface.snap_len == 0 { u32::MAX } else { interface.snap_len };
        let captured = data.len().min(wire_len.min(limit) as usize);
        let bytes = data.get(..captured).unwrap_or_default();
        let time = self.last_time.unwrap_or(Timestamp::from_nanos(0));
        Ok(Found::new(interface, time, bytes, wire_len, self.interfaces_before))
    }
}

/// What a block held.
enum Found<'a> {
    Frame(Frame<'a>),
    Unsupported(u16),
    Interface,
}

impl<'a> Found<'a> {
    #[inline]
    fn new(from: &Interface, time: Timestamp, bytes: &'a [u8], wire_len: u32, interface: u32) -> Found<'a> {
        match from.link {
            Ok(link) => {
                let wire_len = wire_len.max(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
                Found::Frame(Frame { time, link, bytes, wire_len, interface })
            }
            Err(number) => Found::Unsupported(number),
        }
    }
}
