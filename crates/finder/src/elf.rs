//! An ELF file: what of it is mapped where, and its symbols.

use std::ops::RangeInclusive;

use object::elf::{
    EM_AARCH64, EM_X86_64, ET_EXEC, FileHeader64, NT_GNU_BUILD_ID, PF_X, PT_GNU_EH_FRAME, PT_LOAD, PT_NOTE,
    ProgramHeader64, Rela64, SHT_DYNSYM, SHT_RELA, SHT_SYMTAB, STT_FUNC, STT_GNU_IFUNC, SectionHeader64,
    Sym64,
};
use object::read::elf::{FileHeader, ProgramHeader, Rela, SectionHeader, Sym};
use object::{LittleEndian, SectionIndex};

use crate::place::BuildId;
use crate::why::NotFound;

const LITTLE: LittleEndian = LittleEndian;

/// The largest file that is read, in bytes. The largest program seen with a TLS library in it has 300 MB.
pub const MAX_FILE: usize = 512 << 20;

/// The most segments that are mapped. Linkers make four to eight.
const MAX_SEGMENTS: usize = 32;

/// The most notes that are looked at.
const MAX_NOTES: usize = 64;

/// The most symbols of a table that are looked at. Browsers with all of theirs have a million.
const MAX_SYMBOLS: usize = 4 << 20;

/// A file for x86-64.
pub(crate) struct Image<'a> {
    data: &'a [u8],
    segments: Vec<Segment<'a>>,
    headers: &'a [ProgramHeader64<LittleEndian>],
    sections: &'a [SectionHeader64<LittleEndian>],
    /// The names of sections.
    names: &'a [u8],
    /// Whether it is mapped where it says, so that its code names addresses as they are.
    pub(crate) fixed: bool,
}

/// What is mapped at once.
#[derive(Clone, Copy)]
pub(crate) struct Segment<'a> {
    pub(crate) address: u64,
    pub(crate) bytes: &'a [u8],
    offset: u64,
    executable: bool,
}

impl Segment<'_> {
    /// Returns how far into the segment an address is.
    fn at(&self, address: u64) -> Option<usize> {
        let at = usize::try_from(address.checked_sub(self.address)?).ok()?;
        (at < self.bytes.len()).then_some(at)
    }
}

/// A symbol that is defined in the file.
pub(crate) struct Symbol<'a> {
    /// Its name and all that stands behind it in the table of names.
    name: &'a [u8],
    pub(crate) address: u64,
}

impl<'a> Symbol<'a> {
    /// Returns its name, none if that is longer than 255 bytes.
    pub(crate) fn name(&self) -> Option<&'a [u8]> {
        let start = self.name.get(..256).unwrap_or(self.name);
        start.get(..memchr::memchr(0, start)?)
    }
}

impl<'a> Image<'a> {
    /// Reads the headers.
    pub(crate) fn read(data: &'a [u8]) -> Result<Image<'a>, NotFound> {
        if data.len() > MAX_FILE {
            return Err(NotFound::TooLarge);
        }
        if !data.starts_with(b"\x7fELF") {
            return Err(NotFound::NotElf);
        }
        // Both widths have the machine at one place.
        let machine = match *data.get(18..20).ok_or(NotFound::Malformed)? {
            [low, high] => u16::from_le_bytes([low, high]),
            _ => 0,
        };
        let header = FileHeader64::<LittleEndian>::parse(data).map_err(|_| NotFound::Machine(machine))?;
        match (header.e_machine(LITTLE), header.is_little_endian()) {
            (EM_X86_64, true) => {}
            (EM_AARCH64, true) => return Err(NotFound::Aarch64),
            _ => return Err(NotFound::Machine(machine)),
        }
        let headers = header.program_headers(LITTLE, data).map_err(|_| NotFound::Malformed)?;
        // A file without sections, or with such as make no sense, runs as well.
        let sections = header.section_headers(LITTLE, data).unwrap_or_default();
        let names = header.shstrndx(LITTLE, data).ok().and_then(|index| usize::try_from(index).ok());
        let names = names.and_then(|index| sections.get(index)?.data(LITTLE, data).ok());
        let segments = segments(headers, data)?;
        let fixed = header.e_type(LITTLE) == ET_EXEC;
        Ok(Image { data, segments, headers, sections, names: names.unwrap_or_default(), fixed })
    }

    /// Returns the offset in the file of an address of code.
    pub(crate) fn offset(&self, address: u64) -> Option<u64> {
        self.code_segments().find_map(|segment| segment.offset.checked_add(segment.at(address)? as u64))
    }

    /// Returns the code from an address on, `most` bytes at most; nothing where there is no code.
    pub(crate) fn code(&self, address: u64, most: usize) -> &'a [u8] {
        let code = self.code_segments().find_map(|segment| segment.bytes.get(segment.at(address)?..));
        code.map_or(&[], |code| code.get(..most).unwrap_or(code))
    }

    /// Returns what is mapped right before an address, `most` bytes at most.
    pub(crate) fn before(&self, address: u64, most: usize) -> &'a [u8] {
        let before = self.segments.iter().find_map(|segment| segment.bytes.get(..segment.at(address)?));
        before.map_or(&[], |before| before.get(before.len().saturating_sub(most)..).unwrap_or_default())
    }

    /// Returns the `N` bytes that are mapped at an address.
    pub(crate) fn mapped<const N: usize>(&self, address: u64) -> Option<[u8; N]> {
        let bytes = self.segments.iter().find_map(|segment| segment.bytes.get(segment.at(address)?..))?;
        bytes.first_chunk().copied()
    }

    pub(crate) fn segments(&self) -> &[Segment<'a>] {
        &self.segments
    }

    pub(crate) fn code_segments(&self) -> impl Iterator<Item = &Segment<'a>> {
        self.segments.iter().filter(|segment| segment.executable)
    }

    /// Returns whether a text is mapped.
    pub(crate) fn has(&self, text: &[u8]) -> bool {
        self.segments.iter().any(|segment| memchr::memmem::find(segment.bytes, text).is_some())
    }

    /// Returns the address and the bytes of the first section of a name.
    pub(crate) fn section(&self, name: &str) -> Option<(u64, &'a [u8])> {
        let is = |section: &&SectionHeader64<LittleEndian>| {
            let at = usize::try_from(section.sh_name(LITTLE)).ok();
            let here = at.and_then(|at| self.names.get(at..)?.strip_prefix(name.as_bytes()));
            here.is_some_and(|rest| rest.first() == Some(&0))
        };
        let section = self.sections.iter().find(is)?;
        Some((section.sh_addr(LITTLE), section.data(LITTLE, self.data).ok()?))
    }

    /// Returns the symbols that are defined in the file, those of linking before those that are exported.
    pub(crate) fn symbols(&self) -> impl Iterator<Item = Symbol<'a>> {
        [SHT_SYMTAB, SHT_DYNSYM].into_iter().filter_map(|of| self.table(of)).flat_map(|(symbols, names)| {
            symbols.iter().take(MAX_SYMBOLS).filter_map(move |symbol| {
                let function = matches!(symbol.st_type(), STT_FUNC | STT_GNU_IFUNC);
                let defined = symbol.st_shndx(LITTLE) != 0 && symbol.st_value(LITTLE) != 0;
                let name = names.get(usize::try_from(symbol.st_name(LITTLE)).ok()?..)?;
                (function && defined).then(|| Symbol { name, address: symbol.st_value(LITTLE) })
            })
        })
    }

    /// Returns the first table of symbols of a type, and the names of its symbols.
    fn table(&self, of: u32) -> Option<(&'a [Sym64<LittleEndian>], &'a [u8])> {
        let section = self.sections.iter().find(|section| section.sh_type(LITTLE) == of)?;
        let SectionIndex(names) = section.link(LITTLE);
        let names = self.sections.get(names)?.data(LITTLE, self.data).ok()?;
        Some((section.data_as_array(LITTLE, self.data).ok()?, names))
    }

    /// Returns what the loader writes to an address of a file that is mapped anywhere.
    pub(crate) fn relocated(&self, address: u64) -> Option<u64> {
        let section = self.sections.iter().find(|section| section.sh_type(LITTLE) == SHT_RELA)?;
        let all: &[Rela64<LittleEndian>] = section.data_as_array(LITTLE, self.data).ok()?;
        let one = all.iter().find(|one| one.r_offset(LITTLE) == address)?;
        u64::try_from(one.r_addend(LITTLE)).ok()
    }

    /// Returns the addresses of the table for unwinding, which stripped files have too (`.eh_frame_hdr`), and its bytes.
    pub(crate) fn unwinding(&self) -> Option<(u64, &'a [u8])> {
        let header = self.headers.iter().find(|header| header.p_type(LITTLE) == PT_GNU_EH_FRAME)?;
        Some((header.p_vaddr(LITTLE), header.data(LITTLE, self.data).ok()?))
    }

    /// Returns the build id.
    pub(crate) fn build_id(&self) -> Option<BuildId> {
        let notes = self.headers.iter().filter(|header| header.p_type(LITTLE) == PT_NOTE).take(MAX_NOTES);
        let mut notes = notes
            .filter_map(|header| header.notes(LITTLE, self.data).ok()?)
            .flat_map(|mut notes| std::iter::from_fn(move || notes.next().ok()?).take(MAX_NOTES));
        let note = notes.find(|note| note.name() == b"GNU" && note.n_type(LITTLE) == NT_GNU_BUILD_ID)?;
        BuildId::new(note.desc())
    }
}

/// Returns what is mapped. Files whose segments overlap are refused: their bytes would be searched again and again.
fn segments<'a>(
    headers: &[ProgramHeader64<LittleEndian>],
    data: &'a [u8],
) -> Result<Vec<Segment<'a>>, NotFound> {
    let mut segments: Vec<Segment<'a>> = Vec::new();
    for header in headers.iter().filter(|header| header.p_type(LITTLE) == PT_LOAD) {
        let bytes = header.data(LITTLE, data).map_err(|()| NotFound::Malformed)?;
        let (address, offset) = (header.p_vaddr(LITTLE), header.p_offset(LITTLE));
        let executable = header.p_flags(LITTLE) & PF_X != 0;
        if segments.len() == MAX_SEGMENTS || address.checked_add(bytes.len() as u64).is_none() {
            return Err(NotFound::Malformed);
        }
        segments.push(Segment { address, bytes, offset, executable });
    }
    let mut spans: Vec<RangeInclusive<u64>> = Vec::new();
    for segment in segments.iter().filter(|segment| !segment.bytes.is_empty()) {
        let last = segment.offset.saturating_add(segment.bytes.len() as u64 - 1);
        if spans.iter().any(|span| segment.offset <= *span.end() && *span.start() <= last) {
            return Err(NotFound::Malformed);
        }
        spans.push(segment.offset..=last);
    }
    Ok(segments)
}
