//! Paths as captured: their normal form, and the values in them by their form alone.

mod noun;
mod path;

pub(crate) use noun::noun;
use path::{Scratch, Span, is_normal};
pub(crate) use path::{Segment, decode, decode_once, pairs, split};

use crate::classify::{Kind, MAX_TEXT, Meaning, Shape, fits, kind_of_text, meaning, until};

/// The name of the variable that stands for all that is deeper than a path may be.
pub(crate) const REST: &str = "rest";

/// Why a path is cut to what fits.
pub(crate) const TOO_DEEP: &str = "path too deep";

/// Returns whether the noun before it makes a segment secret, or a number of a person: `/passports/C01X00T47`.
pub(crate) fn is_named(decoded: &[u8], noun: &[u8]) -> bool {
    match meaning(noun) {
        Meaning::Credential => true,
        Meaning::Personal(_, shape @ Shape::Digits(_)) => fits(shape, &String::from_utf8_lossy(decoded)),
        _ => false,
    }
}

/// Returns the segment after `before` as a variable, if it is one by its form or by that word.
pub(crate) fn param_of(before: &[u8], segment: &[u8]) -> Option<Param> {
    let mut value = segment.to_vec();
    decode(&mut value);
    let kind = if is_named(&value, before) { Kind::Other } else { kind_of_text(&value) };
    kind.class()?;
    let noun = String::from_utf8_lossy(before).into_owned();
    Some(Param { kind, noun, value })
}

/// A variable of a path. Not for `Debug` output: the value is as captured.
#[derive(PartialEq, Eq)]
pub(crate) struct Param {
    pub(crate) kind: Kind,
    /// The word before it, empty for none.
    pub(crate) noun: String,
    pub(crate) value: Vec<u8>,
}

impl std::fmt::Debug for Param {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.kind)
    }
}

/// Gives the segments of paths in their normal form and without any encoding.
#[derive(Debug, Default)]
pub(crate) struct Segments {
    spans: Vec<Span>,
    scratch: Scratch,
    /// The last segment, where it is written in another way than in its normal form.
    before: Vec<u8>,
}

/// Where in a path a segment stands.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Neighbours<'a> {
    /// The normal form of the segment before it, empty for none.
    pub(crate) before: &'a [u8],
    /// Whether it ends the path.
    pub(crate) last: bool,
}

impl Segments {
    /// Shows each segment; returns whether the path was too deep.
    pub(crate) fn each(&mut self, path: &[u8], mut each: impl FnMut(Segment<'_>, Neighbours<'_>)) -> bool {
        let deep = path::segments(path, &mut self.spans);
        let mut left = self.spans.len();
        // The last segment as captured, if that is its normal form.
        let mut plain: Option<&[u8]> = Some(b"");
        for Span { range, kinds } in &self.spans {
            let raw = path.get(range.clone()).unwrap_or_default();
            left -= 1;
            let before = plain.unwrap_or(&self.before);
            let neighbours = Neighbours { before, last: left == 0 };
            if raw.len() > MAX_TEXT {
                // Long enough to be a value, whatever it holds.
                let cut = until(raw, MAX_TEXT + 1);
                each(Segment { normal: cut, decoded: cut, kinds: *kinds }, neighbours);
                plain = Some(cut);
            } else if is_normal(*kinds) {
                each(Segment { normal: raw, decoded: raw, kinds: *kinds }, neighbours);
                plain = Some(raw);
            } else {
                let segment = self.scratch.segment(raw);
                each(segment, neighbours);
                self.before.clear();
                self.before.extend_from_slice(segment.normal);
                plain = None;
            }
        }
        deep
    }
}
