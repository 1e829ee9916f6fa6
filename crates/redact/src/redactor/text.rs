//! Text in which secrets may stand anywhere, in any syntax, under encodings.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::{memchr, memchr2};

use super::cover::Cover;
use super::rewrite::Rewrite;
use super::surrogate;
use super::values::Redactor;
use crate::classify::{Hit, Label, Scan, Wanted, block, from, inserted, text_of, until};
use crate::document::{Document, End, Syntax, begins_with_header, guessed_table, unescaped};
use crate::template::decode_once;

/// So many encodings inside each other are undone in search of secrets.
const MAX_ENCODINGS: usize = 3;

/// Documents in documents are read so deep: events in messages in envelopes.
const MAX_INNER: usize = 4;

/// From this depth on encodings are not undone again: what is around has been read without them.
const MAX_DECODED: usize = 2;

/// The shortest base64 that is unpacked: nine characters, as `pin: 4711` has.
const MIN_PACKED: usize = 12;

/// So many times its length is read of a text in search of JSON in it, beside what was found.
const MAX_SEARCH: usize = 4;

/// The shortest text with a name and a value: `pw=1`.
const MIN_MARKS: usize = 4;

impl Redactor {
    /// Returns a value under its name, with so many documents around it. With `lines`, it may have lines with names; with `guessed`,
    /// its name does not say that it is public.
    pub(super) fn inner<'a>(
        &self,
        (name, cover): (&str, Cover),
        value: &'a str,
        guessed: bool,
        depth: usize,
        lines: bool,
    ) -> Cow<'a, str> {
        if value.is_empty() {
            return Cow::Borrowed(value);
        }
        if let Some(fake) = self.covered(name, value, cover) {
            return Cow::Owned(fake);
        }
        self.searched(value, Wanted { personal: self.hides_persons(), guessed }, depth, lines)
    }

    /// Returns what is shown of text in which secrets may stand anywhere, under up to [`MAX_ENCODINGS`] percent-encodings and character
    /// references of XML.
    pub(crate) fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let wanted = Wanted { personal: self.hides_persons(), guessed: true };
        self.searched(text, wanted, 0, true)
    }

    /// Marks and names between values, as they stand. Most are a comma, or a name with its quotes.
    pub(super) fn marks<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if text.len() < MIN_MARKS || !text.bytes().any(|byte| byte.is_ascii_alphanumeric() || byte >= 0x80) {
            return Cow::Borrowed(text);
        }
        self.plain(text, Wanted { personal: self.hides_persons(), guessed: true })
    }

    fn searched<'a>(&self, text: &'a str, wanted: Wanted, depth: usize, lines: bool) -> Cow<'a, str> {
        let mut shown = self.as_written(text, wanted, depth, lines);
        if depth >= MAX_DECODED || !text.bytes().any(|byte| byte == b'%' || byte == b'&') {
            return shown;
        }
        let mut decoded = shown.as_bytes().to_vec();
        for _ in 0..MAX_ENCODINGS {
            let percent = decoded.contains(&b'%') && decode_once(&mut decoded);
            if !(percent | unescape(&mut decoded)) {
                break;
            }
            let inner = String::from_utf8_lossy(&decoded).into_owned();
            if let Cow::Owned(redacted) = self.as_written(&inner, wanted, depth, lines) {
                decoded = redacted.clone().into_bytes();
                shown = Cow::Owned(redacted);
            }
        }
        shown
    }

    /// Returns what is shown of text as it stands, by the syntax that it is written in.
    fn as_written<'a>(&self, text: &'a str, wanted: Wanted, depth: usize, lines: bool) -> Cow<'a, str> {
        let syntax = if depth < MAX_INNER { syntax_of(text, lines) } else { None };
        if syntax == Some(Syntax::Text) && block(text.as_bytes()).is_some() {
            return self.around(text, wanted, depth);
        }
        if let Some(syntax) = syntax {
            let document = Document { syntax, bytes: text.as_bytes(), whole: true };
            let rewritten = Rewrite::of(self, document, text, depth, false);
            if !matches!(rewritten.end, End::Malformed { .. } | End::TooDeep { .. }) {
                return rewritten.shown.map_or(Cow::Borrowed(text), Cow::Owned);
            }
        }
        self.mixed(text, wanted, depth)
    }

    /// Returns what is shown of text with keys or certificates in it, which are no lines with names.
    fn around<'a>(&self, text: &'a str, wanted: Wanted, depth: usize) -> Cow<'a, str> {
        // A certificate looks random all over; what is known may stand in it all the same.
        let public = Wanted { guessed: false, ..wanted };
        let (mut shown, mut rest) = (String::new(), text);
        while let Some((block, is_private)) = block(rest.as_bytes()) {
            let before = rest.get(..block.start).unwrap_or_default();
            shown += &self.as_written(before, wanted, depth, true);
            let key = rest.get(block.clone()).unwrap_or_default();
            shown += &if is_private {
                self.find(Label::Credential);
                surrogate::credential(key).into()
            } else {
                self.plain(key, public)
            };
            rest = rest.get(block.end..).unwrap_or_default();
        }
        shown += &self.as_written(rest, wanted, depth, true);
        if shown == text { Cow::Borrowed(text) } else { Cow::Owned(shown) }
    }

    /// Returns what is shown of text with JSON in it.
    fn mixed<'a>(&self, text: &'a str, wanted: Wanted, depth: usize) -> Cow<'a, str> {
        let (mut shown, mut copied, mut at) = (String::new(), 0, 0);
        let mut budget = text.len() * MAX_SEARCH;
        while depth < MAX_INNER
            && budget > 0
            && let Some(found) = memchr2(b'{', b'[', from(text.as_bytes(), at))
        {
            at += found;
            let Some(rest) = text.get(at..).filter(|rest| begins_json(rest.as_bytes())) else {
                at += 1;
                continue;
            };
            let document = Document { syntax: Syntax::Json, bytes: rest.as_bytes(), whole: true };
            let rewritten = Rewrite::of(self, document, rest, depth, true);
            if rewritten.end != End::Stopped {
                budget = budget.saturating_sub(rewritten.read.max(1));
                at += 1;
                continue;
            }
            shown += &self.leaf(text.get(copied..at).unwrap_or_default(), wanted, depth);
            let as_is = || rest.get(..rewritten.read).unwrap_or_default();
            shown += rewritten.shown.as_deref().unwrap_or_else(as_is);
            at += rewritten.read.max(1);
            copied = at;
        }
        if copied == 0 {
            return self.leaf(text, wanted, depth);
        }
        shown += &self.leaf(text.get(copied..).unwrap_or_default(), wanted, depth);
        if shown == text { Cow::Borrowed(text) } else { Cow::Owned(shown) }
    }

    /// Returns what is shown of text without a syntax: what is found in it, and what its base64 holds.
    fn leaf<'a>(&self, text: &'a str, wanted: Wanted, depth: usize) -> Cow<'a, str> {
        let shown = self.plain(text, wanted);
        match self.unpacked(&shown, depth) {
            Some(unpacked) => Cow::Owned(unpacked),
            None => shown,
        }
    }

    /// Returns what is shown of text as it stands: every hit is replaced.
    fn plain<'a>(&self, text: &'a str, wanted: Wanted) -> Cow<'a, str> {
        let mut inserted = inserted(text.as_bytes());
        inserted.retain(|hit| hit.is_credential() || wanted.personal);
        if inserted.is_empty() {
            return self.replaced(text, Scan::of(text.as_bytes(), wanted));
        }
        let text = self.replaced(text, inserted.into_iter());
        Cow::Owned(self.replaced(&text, Scan::of(text.as_bytes(), wanted)).into_owned())
    }

    /// Returns text with all that is found replaced. Of what is found twice the second is what is left of it, and what ends inside of a
    /// character is as much as has whole ones.
    fn replaced<'a>(&self, text: &'a str, hits: impl Iterator<Item = Hit>) -> Cow<'a, str> {
        let (mut out, mut from) = (String::new(), 0);
        for hit in hits {
            let start = text.floor_char_boundary(hit.range.start).max(from);
            let end = text.ceil_char_boundary(hit.range.end);
            let Some(found) = text.get(start..end).filter(|found| !found.is_empty()) else { continue };
            self.find(hit.label);
            out.push_str(text.get(from..start).unwrap_or_default());
            out.push_str(&if hit.is_credential() {
                surrogate::credential(found)
            } else {
                surrogate::value(found)
            });
            from = end;
        }
        if from == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(text.get(from..).unwrap_or_default());
        Cow::Owned(out)
    }

    /// Returns text with what is secret in its base64 replaced; none where there is nothing.
    fn unpacked(&self, text: &str, depth: usize) -> Option<String> {
        if depth >= MAX_INNER || text.len() < MIN_PACKED {
            return None;
        }
        let is_packed = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte);
        let (mut shown, mut copied, mut at) = (String::new(), 0, 0);
        let bytes = text.as_bytes();
        while at < bytes.len() {
            let rest = from(bytes, at);
            let length = rest.iter().take_while(|byte| is_packed(**byte)).count();
            if length >= MIN_PACKED
                && let Some(packed) = self.repacked(until(rest, length), depth)
            {
                let padding = from(rest, length).iter().take(2).take_while(|byte| **byte == b'=').count();
                shown += text.get(copied..at).unwrap_or_default();
                shown += &if padding > 0 { padded(&packed) } else { packed };
                copied = at + length + padding;
            }
            at += length + 1;
        }
        (copied > 0).then(|| shown + text.get(copied..).unwrap_or_default())
    }

    /// Returns base64 of what may be shown of the text that base64 holds; none where that is all.
    fn repacked(&self, run: &[u8], depth: usize) -> Option<String> {
        let plain = text_of(run)?;
        let wanted = Wanted { personal: self.hides_persons(), guessed: true };
        match self.searched(&plain, wanted, depth + 1, true) {
            Cow::Borrowed(_) => None,
            Cow::Owned(shown) if run.iter().any(|byte| b"-_".contains(byte)) => {
                Some(URL_SAFE_NO_PAD.encode(shown))
            }
            Cow::Owned(shown) => Some(STANDARD_NO_PAD.encode(shown)),
        }
    }
}

/// Returns base64 with its padding.
fn padded(packed: &str) -> String {
    packed.to_owned() + ["", "===", "==", "="].get(packed.len() % 4).copied().unwrap_or_default()
}

/// Returns the syntax that a text looks like; of text in lines only with `lines`.
fn syntax_of(text: &str, lines: bool) -> Option<Syntax<'static>> {
    let bytes = text.trim_start_matches('\u{feff}').trim_ascii_start().as_bytes();
    match bytes {
        [b'[', ..] if lines && begins_with_header(bytes) => Some(Syntax::Text),
        [b'{' | b'[', ..] if begins_json(bytes) => Some(Syntax::Json),
        [b'<', b'?' | b'!' | b'a'..=b'z' | b'A'..=b'Z', ..] => Some(Syntax::Xml),
        _ if is_form(bytes) => Some(Syntax::Form),
        _ if lines && memchr(b'\n', bytes).is_some() => Some(table_of(bytes).unwrap_or(Syntax::Text)),
        _ if lines && bytes.iter().any(|byte| b":=".contains(byte)) => Some(Syntax::Text),
        _ => None,
    }
}

/// Returns the syntax of a table where text looks like one, and the name of a column makes a difference.
fn table_of(text: &[u8]) -> Option<Syntax<'static>> {
    let (separator, names) = guessed_table(text)?;
    let tells = names.iter().any(|name| Cover::of(name) != Cover::Open);
    tells.then_some(Syntax::Table { separator })
}

/// Returns whether this may be JSON with something in it, as its first bytes say.
fn begins_json(bytes: &[u8]) -> bool {
    let [open, rest @ ..] = bytes else { return false };
    match (open, rest.trim_ascii_start().first()) {
        (b'{', Some(first)) => b"\"}".contains(first),
        (b'[', Some(first)) => b"{[\"-0123456789tfn]".contains(first),
        _ => false,
    }
}

/// Returns whether this is a form: names of what names have, values without blanks, and more than a value that ends in `=`.
fn is_form(bytes: &[u8]) -> bool {
    let name =
        bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-.[]%+".contains(byte)).count();
    let graphic =
        || bytes.iter().all(u8::is_ascii_graphic) && !bytes.iter().any(|byte| b"\"'<>{}\\;, ".contains(byte));
    name > 0 && matches!(from(bytes, name), [b'=', next, ..] if *next != b'=') && graphic()
}

/// Undoes character references of XML. Returns whether there were any.
fn unescape(text: &mut Vec<u8>) -> bool {
    if !(text.contains(&b'&') && text.contains(&b';')) {
        return false;
    }
    let plain = unescaped(&String::from_utf8_lossy(text)).into_owned();
    let changed = plain.as_bytes() != text.as_slice();
    *text = plain.into_bytes();
    changed
}
