//! rustls with aws-lc-rs: its secrets pass the functions that derive keys.

use iced_x86::{Decoder, DecoderOptions, Instruction, Mnemonic, OpKind, Register as Iced};

use crate::Part;
use crate::elf::Image;
use crate::loads::{self, Load};
use crate::place::{Call, Kind, Library, Point, Register};
use crate::version;
use crate::walk;
use crate::why::NotFound;

/// How far from its start a function names its source, in bytes.
const LARGEST: u64 = 8192;

/// How long the paths of sources are in front of what is searched for, in bytes.
const LONGEST_PATH: usize = 512;

/// The functions, each with where the last argument in a register is.
#[derive(Clone, Copy, PartialEq)]
enum Derives {
    /// `HKDF_expand(out, out_len, digest, prk, prk_len, info, info_len)`.
    Hkdf,
    /// `CRYPTO_tls1_prf(digest, out, out_len, secret, secret_len, label, label_len, seed1, seed1_len, seed2, seed2_len)`, and
    /// `tls1_P_hash`, which it ends in with the same ones from the fourth on.
    Prf,
}

impl Derives {
    fn source(self) -> &'static [u8] {
        match self {
            Derives::Hkdf => b"/fipsmodule/hkdf/hkdf.c\0",
            Derives::Prf => b"/fipsmodule/tls/kdf.c\0",
        }
    }

    fn name(self) -> &'static [u8] {
        match self {
            Derives::Hkdf => b"_HKDF_expand",
            Derives::Prf => b"_CRYPTO_tls1_prf",
        }
    }
}

pub(crate) fn find(image: &Image<'_>) -> Result<Part, NotFound> {
    let all = [Derives::Hkdf, Derives::Prf];
    let functions = all.map(|derives| match named(image, derives) {
        Some(function) => Some(vec![function]),
        None => unnamed(image, derives),
    });
    if functions.iter().all(Option::is_none) {
        return Err(NotFound::NoLibrary);
    }
    let points: Vec<Point> = all
        .into_iter()
        .zip(functions)
        .flat_map(|(derives, functions)| {
            functions.unwrap_or_default().into_iter().map(move |at| (derives, at))
        })
        .filter_map(|(derives, function)| point(image, derives, function))
        .collect();
    // Without this one a library for other things is in the file only.
    if !points.iter().any(|point| matches!(point.call, Call::Hkdf { .. })) {
        return Err(NotFound::Unproved(Kind::AwsLc));
    }
    let library = Library { kind: Kind::AwsLc, version: version::of(image, Kind::AwsLc) };
    Ok(Part { library, points })
}

fn point(image: &Image<'_>, derives: Derives, function: u64) -> Option<Point> {
    let place = walk::place(image, function, &[Register::Rcx, Register::R8, Register::R9])?;
    let [secret, secret_length, third] = place.arguments[..] else { return None };
    // Above the return address.
    let stack = place.below.checked_add(8)?;
    let call = match derives {
        Derives::Hkdf => {
            Call::Hkdf { prk: secret, prk_length: secret_length, info: third, info_length_at: stack }
        }
        Derives::Prf => Call::Prf { secret, secret_length, label: third, label_length_at: stack },
    };
    Some(Point { offset: image.offset(place.address)?, step: place.step, call })
}

fn named(image: &Image<'_>, derives: Derives) -> Option<u64> {
    let is = |name: &[u8]| name.starts_with(b"aws_lc_") && name.ends_with(derives.name());
    let symbol = image.symbols().find(|symbol| symbol.name().is_some_and(is));
    symbol.map(|symbol| symbol.address)
}

/// Returns the functions that name the source file, as they do where they report an error. None if nothing names it.
fn unnamed(image: &Image<'_>, derives: Derives) -> Option<Vec<u64>> {
    let ends = loads::addresses(image, derives.source());
    let mut functions = Vec::new();
    for end in &ends {
        for load in loads::of(image, loads::beginning(image, *end, LONGEST_PATH), *end) {
            functions.extend(around(image, load).filter(|function| names(image, *function, load, derives)));
        }
    }
    functions.sort_unstable();
    functions.dedup();
    functions.retain(|function| loads::is_called(image, *function));
    (!ends.is_empty()).then_some(functions)
}

/// Returns where the function around a place begins, by the table for unwinding (LSB 5.0, section 10.6.2): version 1, the
/// number of entries in four bytes, and entries of two times four bytes relative to the table, in order.
fn around(image: &Image<'_>, load: Load) -> Option<u64> {
    let (table, bytes) = image.unwinding()?;
    let ([1, _, 3, 0x3b, ..], entries) = bytes.split_first_chunk::<12>()? else { return None };
    let (entries, _) = entries.as_chunks::<8>();
    let start = |entry: &[u8; 8]| {
        let [a, b, c, d, ..] = *entry;
        table.wrapping_add_signed(i64::from(i32::from_le_bytes([a, b, c, d])))
    };
    let behind = entries.partition_point(|entry| start(entry) <= load.at);
    let function = start(entries.get(behind.checked_sub(1)?)?);
    (load.at.checked_sub(function)? < LARGEST).then_some(function)
}

/// Returns whether a function, decoded from its start, takes the address there, and is the one that is looked for.
fn names(image: &Image<'_>, function: u64, load: Load, derives: Derives) -> bool {
    let mut decoder = Decoder::with_ip(64, image.code(function, 2 * 8192), function, DecoderOptions::NONE);
    let mut instruction = Instruction::default();
    let mut seen = false;
    while decoder.can_decode() && decoder.ip() <= load.at.saturating_add(32) {
        decoder.decode_out(&mut instruction);
        if instruction.is_invalid() {
            break;
        }
        seen |= instruction.ip() == load.at;
        let near = instruction.ip().abs_diff(load.at) <= 24;
        if derives == Derives::Hkdf
            && near
            && is_too_large(&instruction)
            && (seen || instruction.ip() < load.at)
        {
            return seen || decoder.ip() <= load.at;
        }
    }
    seen && derives == Derives::Prf
}

/// Returns whether an instruction loads 100, `HKDF_R_OUTPUT_TOO_LARGE`, as the third argument of `ERR_put_error`: the error
/// that only `HKDF_expand` gives.
fn is_too_large(instruction: &Instruction) -> bool {
    instruction.mnemonic() == Mnemonic::Mov
        && instruction.op0_register() == Iced::EDX
        && instruction.op1_kind() == OpKind::Immediate32
        && instruction.immediate32() == 100
}
