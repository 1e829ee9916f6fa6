//! Go's `crypto/tls`: its programs keep the names of all functions for their stack traces, also when they are stripped.

use iced_x86::{Decoder, DecoderOptions, Mnemonic, Register as Iced};

use crate::elf::{Image, Segment};
use crate::place::{Call, Kind, Library, Part, Point, Register};
use crate::version;
use crate::walk;
use crate::why::NotFound;

/// The function that takes all secrets, whether or not there is a `KeyLogWriter`.
const NAME: &[u8] = b"crypto/tls.(*Config).writeKeyLog\0";

/// The first word of the table of functions: since Go 1.20, and in 1.18 and 1.19, with the same layout (`runtime/symtab.go`).
const MAGIC: [u32; 2] = [0xffff_fff1, 0xffff_fff0];

/// The same of Go 1.16 and 1.17, of which only 1.17 has its arguments in registers.
const MAGIC_1_16: u32 = 0xffff_fffa;

/// How every table goes on behind the first byte, with instructions of one byte and addresses of eight.
const HEADER: [u8; 7] = [0xff, 0xff, 0xff, 0, 0, 1, 8];

/// The most places that are taken for a table where no section says where it is.
const MAX_TABLES: usize = 8;

/// The most functions of a table that are looked at. Large programs have some 200,000.
const MAX_FUNCTIONS: usize = 4 << 20;

/// Where a module keeps the address of its text (`runtime.moduledata.text`), since Go 1.26 in a section of its own.
const MODULE_TEXT: u64 = 22 * 8;

/// The table of functions (`.gopclntab`).
struct Table<'a> {
    address: u64,
    bytes: &'a [u8],
}

impl Table<'_> {
    fn number(&self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(*self.bytes.get(at..)?.first_chunk()?))
    }

    /// Returns a number of the header, which has eight bytes each behind the first eight.
    fn header(&self, word: usize) -> Option<u64> {
        Some(u64::from_le_bytes(*self.bytes.get(8 * word..)?.first_chunk()?))
    }

    fn offset(&self, word: usize) -> Option<usize> {
        usize::try_from(self.header(word)?).ok()
    }

    fn is_name(&self, names: usize, at: u32) -> bool {
        let at = usize::try_from(at).ok().and_then(|at| names.checked_add(at));
        at.and_then(|at| self.bytes.get(at..)).is_some_and(|name| name.starts_with(NAME))
    }

    /// Returns how far from the beginning of the text the function is.
    fn entry(&self) -> Option<u32> {
        let (count, names, table) = (self.offset(1)?, self.offset(4)?, self.offset(8)?);
        let all = self.bytes.get(table..)?.chunks_exact(8).take(count.min(MAX_FUNCTIONS));
        let mut all = all.enumerate().filter_map(|(number, _)| {
            let at = table.checked_add(number.checked_mul(8)?)?;
            let (entry, function) =
                (self.number(at)?, usize::try_from(self.number(at.checked_add(4)?)?).ok()?);
            let name = self.number(table.checked_add(function)?.checked_add(4)?)?;
            self.is_name(names, name).then_some(entry)
        });
        all.next()
    }

    /// Returns the address of the function in a table of Go 1.17.
    fn address_1_17(&self) -> Option<u64> {
        let (count, names, table) = (self.offset(1)?, self.offset(3)?, self.offset(7)?);
        let all = self.bytes.get(table..)?.chunks_exact(16).take(count.min(MAX_FUNCTIONS));
        let mut all = all.filter_map(|entry| {
            let (address, function) = entry.split_first_chunk::<8>()?;
            let function = usize::try_from(u64::from_le_bytes(*function.first_chunk()?)).ok()?;
            let name = self.number(table.checked_add(function)?.checked_add(8)?)?;
            self.is_name(names, name).then_some(u64::from_le_bytes(*address))
        });
        all.next()
    }
}

pub(crate) fn find(image: &Image<'_>) -> Result<Part, NotFound> {
    let table = table(image).ok_or(NotFound::NoLibrary)?;
    let version = go_version(image);
    let function = match table.number(0) {
        Some(magic) if MAGIC.contains(&magic) => {
            let entry = table.entry().ok_or(NotFound::GoWithoutTls)?;
            let mut functions = texts(image, &table).map(|text| text.wrapping_add(u64::from(entry)));
            functions.find(|function| begins(image, *function))
        }
        Some(MAGIC_1_16) if version.as_deref().is_some_and(|version| version.starts_with("1.17")) => {
            let address = table.address_1_17().ok_or(NotFound::GoWithoutTls)?;
            Some(address).filter(|function| begins(image, *function))
        }
        _ => return Err(NotFound::GoVersion),
    };
    let unproved = NotFound::Unproved(Kind::Go);
    let arguments = [Register::Rbx, Register::Rdi, Register::R9, Register::Rcx, Register::Rsi, Register::R10];
    let place = walk::place(image, function.ok_or(unproved)?, &arguments, 3).ok_or(unproved)?;
    let [label, random, secret, label_length, random_length, secret_length] = place.arguments[..] else {
        return Err(unproved);
    };
    let offset = image.offset(place.address).ok_or(unproved)?;
    let call = Call::Go { label, label_length, random, random_length, secret, secret_length };
    let library = Library { kind: Kind::Go, version };
    Ok(Part { library, points: vec![Point { offset, step: place.step, call }] })
}

/// Returns the table. Linkers of C put it into another section in programs that are mapped anywhere: then the first one
/// that has the function counts.
fn table<'a>(image: &Image<'a>) -> Option<Table<'a>> {
    let named = [".gopclntab", ".data.rel.ro.gopclntab"].into_iter().find_map(|name| image.section(name));
    if let Some((address, bytes)) = named {
        return Some(Table { address, bytes });
    }
    let in_segment = |segment: &Segment<'a>| {
        let (address, bytes) = (segment.address, segment.bytes);
        memchr::memmem::find_iter(bytes, &HEADER).filter_map(move |at| {
            let at = at.checked_sub(1)?;
            Some(Table { address: address.wrapping_add(at as u64), bytes: bytes.get(at..)? })
        })
    };
    let mut tables = image.segments().iter().flat_map(in_segment).take(MAX_TABLES);
    tables.find(|table| match table.number(0) {
        Some(MAGIC_1_16) => table.address_1_17().is_some(),
        Some(magic) => MAGIC.contains(&magic) && table.entry().is_some(),
        None => false,
    })
}

/// Returns where the text may begin: what the table says, or the loader writes there; what the module says; the section.
fn texts(image: &Image<'_>, table: &Table<'_>) -> impl Iterator<Item = u64> {
    let loaded = |address: u64| image.relocated(address);
    let header = table.header(3);
    let relocated = loaded(table.address.wrapping_add(24));
    let module = image.section(".go.module").map(|(address, _)| address.wrapping_add(MODULE_TEXT));
    let in_module = module.and_then(|address| image.mapped(address)).map(u64::from_le_bytes);
    let section = image.section(".text").map(|(address, _)| address);
    let all = [header, relocated, in_module, module.and_then(loaded), section];
    all.into_iter().flatten().filter(|text| *text != 0)
}

/// Returns whether a function begins as Go's do: it looks whether its stack is large enough.
fn begins(image: &Image<'_>, function: u64) -> bool {
    let mut decoder = Decoder::with_ip(64, image.code(function, 32), function, DecoderOptions::NONE);
    let mut instruction = decoder.decode();
    if instruction.mnemonic() == Mnemonic::Lea && instruction.op0_register() == Iced::R12 {
        instruction = decoder.decode();
    }
    instruction.mnemonic() == Mnemonic::Cmp
        && matches!(instruction.op0_register(), Iced::RSP | Iced::R12)
        && instruction.memory_base() == Iced::R14
        && instruction.memory_displacement64() == 16
        && decoder.decode().is_jcc_short_or_near()
}

/// Returns the version of Go (`debug/buildinfo`).
fn go_version(image: &Image<'_>) -> Option<String> {
    let (_, bytes) = image.section(".go.buildinfo")?;
    let rest = bytes.strip_prefix(b"\xff Go buildinf:")?;
    let (size, flags) = (*rest.first()?, *rest.get(1)?);
    let text = if flags & 2 != 0 {
        // The length in front of it is below 128.
        bytes.get(33..)?
    } else {
        // The address of a string's address and length.
        let text = u64::from_le_bytes(*bytes.get(16..)?.first_chunk()?);
        let text = u64::from_le_bytes(image.mapped(text)?);
        &image.mapped::<8>(text).filter(|_| size == 8)?[..]
    };
    version::version(text.strip_prefix(b"go")?)
}
