//! HPACK, the compression of header lists (RFC 7541): a decoder that can join in the middle.

mod credit;
mod huffman;
mod integer;
mod kind;
mod list;
mod statics;
mod table;

use memchr::memchr3;

pub(crate) use list::{List, Part, offset};

use credit::Credit;
use kind::Kind;
use table::{Found, Table};

/// The decoder of one direction.
#[derive(Debug)]
pub(crate) struct Decoder {
    table: Table,
    /// The name of a literal field while its value is read.
    name: Vec<u8>,
    credit: Credit,
}

/// The block is not right (a COMPRESSION_ERROR, RFC 9113, section 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// What becomes of a literal field in the table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Index {
    Insert,
    Leave,
}

impl Decoder {
    /// Returns the decoder of a direction that is seen from its beginning (`whole`), or was joined.
    pub(crate) fn new(whole: bool) -> Decoder {
        Decoder { table: Table::new(whole), name: Vec::new(), credit: Credit::new() }
    }

    /// What was inserted so far, or may have been, is not known from here on.
    pub(crate) fn forget(&mut self) {
        self.table = Table::new(false);
    }

    /// The connection carried so many bytes, in either direction.
    pub(crate) fn earn(&mut self, bytes: usize) {
        self.credit.earn(bytes);
    }

    /// One of its requests was answered.
    pub(crate) fn answered(&mut self) {
        self.credit.answered();
    }

    /// Bytes of memory behind it.
    pub(crate) fn held(&self) -> usize {
        self.table.held() + self.name.capacity()
    }

    /// Decodes a whole block. The text of the list is added to `text`.
    pub(crate) fn decode(&mut self, block: &[u8], text: &mut Vec<u8>) -> Result<List, Malformed> {
        let (mut list, mut rest) = (List::new(text), block);
        while let Some(&first) = rest.first() {
            rest = match first {
                0x80.. => self.indexed(rest, &mut list, text)?,
                0x40.. => self.literal(rest, 6, Index::Insert, &mut list, text)?,
                0x20.. => {
                    let (size, rest) = integer::read(rest, 5).ok_or(Malformed)?;
                    self.table.resize(size as usize);
                    rest
                }
                _ => self.literal(rest, 4, Index::Leave, &mut list, text)?,
            };
        }
        Ok(list)
    }

    /// A field of a table (section 6.1).
    fn indexed<'b>(
        &mut self,
        bytes: &'b [u8],
        list: &mut List,
        text: &mut Vec<u8>,
    ) -> Result<&'b [u8], Malformed> {
        let (index, rest) = integer::read(bytes, 7).ok_or(Malformed)?;
        let index = index as usize;
        if let Some(field) = statics::get(index) {
            if !list.admits(field.name.len() + field.value.len(), text, &mut self.credit) {
                return Ok(rest);
            }
            let at = text.len();
            let value = begin(field.kind, field.name.as_bytes(), text);
            text.extend_from_slice(field.value.as_bytes());
            finish(field.kind, text);
            list.ends(field.kind, at, value, text);
            return Ok(rest);
        }
        match self.table.get(index.checked_sub(statics::COUNT).ok_or(Malformed)?) {
            Found::Field(kind, line, name) => {
                if list.admits(line.len(), text, &mut self.credit) {
                    list.line(kind, line, name + 2, text);
                }
            }
            Found::Unknown => list.unknown += 1,
            Found::Nothing => return Err(Malformed),
        }
        Ok(rest)
    }

    /// A field whose value, and perhaps name, is here (section 6.2).
    fn literal<'b>(
        &mut self,
        bytes: &'b [u8],
        prefix: u32,
        index: Index,
        list: &mut List,
        text: &mut Vec<u8>,
    ) -> Result<&'b [u8], Malformed> {
        let (name, rest) = integer::read(bytes, prefix).ok_or(Malformed)?;
        let (mut kind, rest) = self.name(name as usize, rest, list)?;
        let at = text.len();
        let value = begin(kind, &self.name, text);
        let rest = string(rest, text)?;
        let written = text.get(value..).unwrap_or_default();
        if kind != Kind::Unknown && memchr3(b'\n', b'\r', 0, written).is_some() {
            // It would end the line that it is kept in (and RFC 9113, section 8.2.1, forbids it).
            kind = Kind::Bad;
        }
        if index == Index::Insert {
            self.table.insert(kind, &self.name, written);
        }
        if kind == Kind::Unknown {
            list.unknown += 1;
            text.truncate(at);
        } else {
            finish(kind, text);
            list.ends(kind, at, value, text);
        }
        Ok(rest)
    }

    /// Reads the name of a literal field to `self.name`. One that there is no credit for stays unknown.
    fn name<'b>(
        &mut self,
        index: usize,
        rest: &'b [u8],
        list: &mut List,
    ) -> Result<(Kind, &'b [u8]), Malformed> {
        self.name.clear();
        if index == 0 {
            let rest = string(rest, &mut self.name)?;
            return Ok((Kind::of(&self.name), rest));
        }
        if let Some(field) = statics::get(index) {
            self.name.extend_from_slice(field.name.as_bytes());
            return Ok((field.kind, rest));
        }
        match self.table.get(index - statics::COUNT) {
            Found::Field(..) if list.too_large => Ok((Kind::Unknown, rest)),
            // It is copied out of the table, and then to where it is kept.
            Found::Field(_, _, name) if !self.credit.pay(2 * name) => {
                list.too_large = true;
                Ok((Kind::Unknown, rest))
            }
            Found::Field(kind, line, name) => {
                self.name.extend_from_slice(line.get(..name).unwrap_or_default());
                // What was bad may have been the value.
                Ok((if kind == Kind::Bad { Kind::of(&self.name) } else { kind }, rest))
            }
            Found::Unknown => Ok((Kind::Unknown, rest)),
            Found::Nothing => Err(Malformed),
        }
    }
}

/// Writes what stands before a value; gives where the value begins.
fn begin(kind: Kind, name: &[u8], text: &mut Vec<u8>) -> usize {
    if !kind.is_pseudo() {
        text.extend_from_slice(name);
        text.extend_from_slice(b": ");
    }
    text.len()
}

/// Writes what stands behind it.
fn finish(kind: Kind, text: &mut Vec<u8>) {
    if !kind.is_pseudo() {
        text.push(b'\n');
    }
}

/// Reads a string (section 5.2) to the end of `out`; gives the bytes after it.
fn string<'b>(bytes: &'b [u8], out: &mut Vec<u8>) -> Result<&'b [u8], Malformed> {
    let coded = bytes.first().is_some_and(|first| first & 0x80 != 0);
    let (len, rest) = integer::read(bytes, 7).ok_or(Malformed)?;
    let (string, rest) = rest.split_at_checked(len as usize).ok_or(Malformed)?;
    if !coded {
        out.extend_from_slice(string);
    } else if !huffman::decode(string, out) {
        return Err(Malformed);
    }
    Ok(rest)
}

#[cfg(test)]
mod tests;
