//! Code that takes an address.

use crate::elf::{Image, Segment};

/// The most places that are found. The texts that are searched for are named at some dozens of places.
const MAX: usize = 4096;

/// A place in the code that takes an address.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    /// Where the instruction begins.
    pub(crate) at: u64,
    /// The address that it takes.
    pub(crate) target: u64,
}

/// Returns the places that take an address between these two: `lea register, [rip + n]`, and `mov register, n` in programs
/// that are mapped where they say. Some of them may be no instructions: their bytes only look so.
pub(crate) fn of(image: &Image<'_>, least: u64, most: u64) -> Vec<Load> {
    let wanted = |load: &Load| (least..=most).contains(&load.target);
    let mut found: Vec<Load> = image.code_segments().flat_map(relative).filter(wanted).take(MAX).collect();
    if image.fixed {
        let left = MAX.saturating_sub(found.len());
        found.extend(image.code_segments().flat_map(absolute).filter(wanted).take(left));
    }
    found
}

/// `lea r64, [rip + disp32]`: a REX prefix with W, 8D, a ModRM byte of 0 and 5, and the distance from the next instruction.
fn relative<'a>(segment: &'a Segment<'_>) -> impl Iterator<Item = Load> + 'a {
    let lea = move |at: usize| {
        let begin = at.checked_sub(1)?;
        let [0x48 | 0x4c, _, modrm, distance @ ..] = segment.bytes.get(begin..)?.first_chunk::<7>()? else {
            return None;
        };
        let here = segment.address.wrapping_add(begin as u64);
        let target = here.wrapping_add(7).wrapping_add_signed(i64::from(i32::from_le_bytes(*distance)));
        (modrm & 0xc7 == 5).then_some(Load { at: here, target })
    };
    memchr::memchr_iter(0x8d, segment.bytes).filter_map(lea)
}

/// `mov r32, imm32`: B8 to BF and the number.
fn absolute<'a>(segment: &'a Segment<'_>) -> impl Iterator<Item = Load> + 'a {
    let mov = |(number, window): (usize, &[u8])| {
        let [opcode, value @ ..] = window.first_chunk::<5>()?;
        let target = u64::from(u32::from_le_bytes(*value));
        let at = segment.address.wrapping_add(number as u64);
        (opcode & 0xf8 == 0xb8).then_some(Load { at, target })
    };
    segment.bytes.windows(5).enumerate().filter_map(mov)
}

/// Returns where a text is mapped, each place once, 64 at most.
pub(crate) fn addresses(image: &Image<'_>, text: &[u8]) -> Vec<u64> {
    let in_segment = |segment: &Segment<'_>| {
        let (address, found) = (segment.address, memchr::memmem::find_iter(segment.bytes, text));
        found.map(move |at| address.wrapping_add(at as u64)).take(64).collect::<Vec<_>>()
    };
    image.segments().iter().flat_map(in_segment).take(64).collect()
}

/// Returns where the text begins that ends at an address with this one and a zero, `most` bytes before that at most.
pub(crate) fn beginning(image: &Image<'_>, end: u64, most: usize) -> u64 {
    let before = image.before(end, most);
    let zero = memchr::memrchr(0, before).map_or(0, |zero| zero + 1);
    end.saturating_sub(before.len().saturating_sub(zero) as u64)
}

/// Direct branches with four bytes of distance.
#[derive(Clone, Copy)]
pub(crate) enum Branch {
    Call = 0xe8,
    Jump = 0xe9,
}

/// Returns the places of branches to some functions, which are sorted, and to which: 4096 at most. Some of the places may be no
/// instructions.
pub(crate) fn branches<'a>(image: &Image<'a>, branch: Branch, functions: &[u64]) -> Vec<(u64, u64)> {
    let in_segment = |segment: &Segment<'a>| {
        let (address, bytes) = (segment.address, segment.bytes);
        memchr::memchr_iter(branch as u8, bytes).filter_map(move |at| {
            let distance = bytes.get(at.checked_add(1)?..)?.first_chunk()?;
            let here = address.wrapping_add(at as u64);
            let target = here.wrapping_add(5).wrapping_add_signed(i64::from(i32::from_le_bytes(*distance)));
            functions.binary_search(&target).is_ok().then_some((here, target))
        })
    };
    if functions.is_empty() {
        return Vec::new();
    }
    image.code_segments().flat_map(in_segment).take(MAX).collect()
}
