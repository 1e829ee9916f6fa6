//! rustls with aws-lc-rs: its secrets pass the functions that derive keys.

use iced_x86::{Decoder, DecoderOptions, Instruction, Mnemonic, OpKind, Register as Iced};

use crate::elf::Image;
use crate::loads::{self, Branch, Load};
use crate::place::{Call, Kind, Library, Part, Point, Register};
use crate::version;
use crate::walk;
use crate::why::NotFound;

/// How far from its start a function names its source, in bytes.
const LARGEST: u64 = 8192;

/// How long the paths of sources are in front of what is searched for, in bytes.
const LONGEST_PATH: usize = 512;

/// The folder that the sources are in.
const FOLDER: &[u8] = b"crypto/";

/// The most places where the path of a source stands. Linkers keep one.
const MAX_TEXTS: usize = 4;

/// The most places that name a source of which the function around is decoded, which is at most some 0.1 ms each. Those
/// sources report a dozen errors.
const MAX_NAMED: usize = 64;

/// The most functions that are probed for one. Compilers make one or two.
const MAX_FUNCTIONS: usize = 8;

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
            Derives::Hkdf => b"fipsmodule/hkdf/hkdf.c\0",
            Derives::Prf => b"fipsmodule/tls/kdf.c\0",
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
    // Others use aws-lc as well, and BoringSSL has the same sources.
    if functions.iter().all(Option::is_none) || !image.has(b"rustls") {
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
    let place = walk::place(image, function, &[Register::Rcx, Register::R9, Register::R8], 1)?;
    let [secret, third, secret_length] = place.arguments[..] else { return None };
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
    // Behind its folder: a program that only searches for the text, as this one, is none.
    let is_path = |end: &u64| image.before(*end, FOLDER.len()) == FOLDER;
    let ends = loads::addresses(image, derives.source()).into_iter();
    let ends: Vec<u64> = ends.filter(is_path).take(MAX_TEXTS).collect();
    if ends.is_empty() {
        return None;
    }
    let of = |end: &u64| loads::of(image, loads::beginning(image, *end, LONGEST_PATH), *end);
    let function =
        |load: Load| around(image, load.at).filter(|function| names(image, *function, load, derives));
    Some(called(image, sorted(ends.iter().flat_map(of).take(MAX_NAMED).filter_map(function))))
}

/// Returns those functions that are called directly, and for the others those that end in a jump to them: compilers move what
/// is rarely needed out of a function, and what stays jumps to the rest.
fn called(image: &Image<'_>, functions: Vec<u64>) -> Vec<u64> {
    let called_of = |functions: &[u64]| {
        sorted(loads::branches(image, Branch::Call, functions).into_iter().map(|(_, function)| function))
    };
    let mut called = called_of(&functions);
    let others: Vec<u64> = functions.into_iter().filter(|function| !called.contains(function)).collect();
    let jumps = loads::branches(image, Branch::Jump, &others).into_iter();
    let starts =
        jumps.filter_map(|(jump, _)| around(image, jump).filter(|start| reaches(image, *start, jump)));
    called.extend(called_of(&sorted(starts)));
    sorted(called.into_iter())
}

/// Returns some functions in order, each once, [`MAX_FUNCTIONS`] at most.
fn sorted(functions: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut functions: Vec<u64> = functions.collect();
    functions.sort_unstable();
    functions.dedup();
    functions.truncate(MAX_FUNCTIONS);
    functions
}

/// Returns where the function around a place begins, by the table for unwinding (LSB 5.0, section 10.6.2): version 1, the
/// number of entries in four bytes, and entries of two times four bytes relative to the table, in order.
fn around(image: &Image<'_>, at: u64) -> Option<u64> {
    let (table, bytes) = image.unwinding()?;
    let ([1, _, 3, 0x3b, ..], entries) = bytes.split_first_chunk::<12>()? else { return None };
    let (entries, _) = entries.as_chunks::<8>();
    let start = |entry: &[u8; 8]| {
        let [a, b, c, d, ..] = *entry;
        table.wrapping_add_signed(i64::from(i32::from_le_bytes([a, b, c, d])))
    };
    let behind = entries.partition_point(|entry| start(entry) <= at);
    let function = start(entries.get(behind.checked_sub(1)?)?);
    (at.checked_sub(function)? < LARGEST).then_some(function)
}

/// Returns the instructions of a function from its start to some behind a place. None if none begins at the place.
fn decoded(image: &Image<'_>, function: u64, at: u64) -> Option<Vec<Instruction>> {
    let length = usize::try_from(at.checked_sub(function)?).ok()?.checked_add(32)?;
    let decoder = Decoder::with_ip(64, image.code(function, length), function, DecoderOptions::NONE);
    let instructions: Vec<_> =
        decoder.into_iter().take_while(|instruction| !instruction.is_invalid()).collect();
    instructions.iter().any(|instruction| instruction.ip() == at).then_some(instructions)
}

/// Returns whether a function, decoded from its start, has an instruction that begins at a place.
fn reaches(image: &Image<'_>, function: u64, at: u64) -> bool {
    decoded(image, function, at).is_some()
}

/// Returns whether a function, decoded from its start, takes the address there, and is the one that is looked for.
fn names(image: &Image<'_>, function: u64, load: Load, derives: Derives) -> bool {
    let Some(instructions) = decoded(image, function, load.at) else { return false };
    let near = |instruction: &Instruction| instruction.ip().abs_diff(load.at) <= 24;
    match derives {
        Derives::Hkdf => {
            instructions.iter().any(|instruction| near(instruction) && is_too_large(instruction))
        }
        Derives::Prf => true,
    }
}

/// Returns whether an instruction loads 100, `HKDF_R_OUTPUT_TOO_LARGE`, as the third argument of `ERR_put_error`: the error
/// that only `HKDF_expand` gives.
fn is_too_large(instruction: &Instruction) -> bool {
    instruction.mnemonic() == Mnemonic::Mov
        && instruction.op0_register() == Iced::EDX
        && instruction.op1_kind() == OpKind::Immediate32
        && instruction.immediate32() == 100
}
