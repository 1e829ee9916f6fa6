//! A segment, taken apart into what can be a value and what stands behind it.

use super::class::Classes;
use super::form::{Form, form_of};
use super::joint::Joint;
use crate::classify::{MARK, ODD, kinds_of};
use crate::template::{Neighbours, Segment, is_named};

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step<'a> {
    /// How it hangs on the one before.
    pub(crate) joint: Joint,
    /// Its text in the normal form of paths, which is ASCII.
    pub(crate) text: &'a [u8],
    /// What its text looks like.
    pub(crate) form: Form,
    /// The class of a value that it is, if it is one and that is known.
    pub(crate) class: Classes,
}

impl<'a> Step<'a> {
    /// Returns its text.
    pub(crate) fn word(&self) -> &'a str {
        str::from_utf8(self.text).unwrap_or_default()
    }
}

/// Extensions that are a choice of representation, or name the type of a file.
const EXTENSIONS: [&str; 48] = [
    "7z", "aspx", "atom", "bin", "bz2", "css", "csv", "do", "doc", "docx", "geojson", "gif", "gz", "htm",
    "html", "ico", "ics", "jpeg", "jpg", "js", "json", "jsonld", "jsp", "kml", "map", "md", "mp3", "mp4",
    "pdf", "php", "png", "rss", "svg", "tar", "tgz", "tsv", "ttf", "txt", "wasm", "webp", "woff", "woff2",
    "xls", "xlsx", "xml", "yaml", "yml", "zip",
];

/// Where in a path a segment stands. Extensions and verbs stand at its end, and belong to the value elsewhere.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place<'a> {
    pub(crate) neighbours: Neighbours<'a>,
    /// Whether the segment before it is a value by its form.
    pub(crate) value_before: bool,
}

impl Place<'_> {
    /// Returns the form of a text in this place.
    fn form(self, decoded: &[u8], kinds: u8) -> Form {
        match form_of(decoded, kinds) {
            Form::Mixed if is_named(decoded, self.neighbours.before) => Form::Typed,
            form => form.after(self.neighbours.before, self.value_before),
        }
    }
}

/// Gives the steps of one segment in their order, each with its text without any encoding.
#[inline]
pub(crate) fn steps<'a>(segment: Segment<'a>, place: Place<'_>, mut each: impl FnMut(Step<'a>, &'a [u8])) {
    // Parentheses, dots and colons are marks.
    if segment.kinds & (MARK | ODD) != 0 {
        parts(segment, place, each);
    } else {
        each(whole(segment, place), segment.decoded);
    }
}

/// A segment that is one step.
#[inline]
fn whole<'a>(segment: Segment<'a>, place: Place<'_>) -> Step<'a> {
    let form = place.form(segment.decoded, segment.kinds);
    Step { joint: Joint::Slash, text: segment.normal, form, class: Classes::default() }
}

/// A segment that may have parts.
fn parts<'a>(segment: Segment<'a>, place: Place<'_>, mut each: impl FnMut(Step<'a>, &'a [u8])) {
    let normal = str::from_utf8(segment.normal).unwrap_or_default();
    let decoded = segment.decoded;
    let step =
        |joint, text: &'a str, form| Step { joint, text: text.as_bytes(), form, class: Classes::default() };
    if let Some((entity, key)) = key(normal) {
        each(step(Joint::Slash, entity, Form::Word), entity.as_bytes());
        let value = decoded.get(entity.len() + 1..decoded.len() - 1).unwrap_or_default();
        each(step(Joint::Key, key, Form::Typed), value);
        return;
    }
    if place.neighbours.last
        && let Some((value, joint, rest)) = behind(normal)
    {
        // What stands behind is plain, so the value is what is left of the decoded text too.
        let plain = decoded.get(..decoded.len().saturating_sub(rest.len() + 1)).unwrap_or_default();
        each(step(Joint::Slash, value, place.form(plain, kinds_of(plain))), plain);
        each(step(joint, rest, Form::Word), rest.as_bytes());
        return;
    }
    each(whole(segment, place), decoded);
}

/// The segment that a text of a template is.
pub(crate) fn plain(text: &str) -> Segment<'_> {
    let bytes = text.as_bytes();
    Segment { normal: bytes, decoded: bytes, kinds: kinds_of(bytes) }
}

/// `Orders(7)` as `Orders` and `7`.
fn key(text: &str) -> Option<(&str, &str)> {
    let (entity, key) = text.strip_suffix(')')?.split_once('(')?;
    let named = entity.starts_with(|one: char| one.is_ascii_alphabetic() || one == '_');
    let plain = entity.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte));
    (named && plain && !key.is_empty()).then_some((entity, key))
}

/// The value before a known extension or a custom verb, and what stands behind.
fn behind(text: &str) -> Option<(&str, Joint, &str)> {
    if let Some((value, verb)) = text.rsplit_once(':')
        && !value.is_empty()
        && !value.contains(':')
        && verb.len() > 1
        && verb.bytes().all(|byte| byte.is_ascii_alphabetic())
    {
        return Some((value, Joint::Colon, verb));
    }
    let (value, extension) = text.rsplit_once('.')?;
    let known = EXTENSIONS.binary_search(&extension.to_ascii_lowercase().as_str()).is_ok();
    (!value.is_empty() && known && !value.contains('@')).then_some((value, Joint::Dot, extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joints(segment: &str) -> Vec<(Joint, &str)> {
        let mut all = Vec::new();
        let place =
            Place { neighbours: Neighbours { last: true, ..Neighbours::default() }, ..Place::default() };
        steps(plain(segment), place, |step, _| all.push((step.joint, step.word())));
        all
    }

    #[test]
    fn segments_come_apart() {
        use Joint::{Colon, Dot, Key, Slash};
        assert_eq!(joints("users"), [(Slash, "users")]);
        assert_eq!(joints("7.json"), [(Slash, "7"), (Dot, "json")]);
        assert_eq!(joints("7:cancel"), [(Slash, "7"), (Colon, "cancel")]);
        assert_eq!(joints("Orders(7)"), [(Slash, "Orders"), (Key, "7")]);
        assert_eq!(joints("Orders('a')"), [(Slash, "Orders"), (Key, "'a'")]);
        for whole in
            [":search", "urn:uuid:7", "aa:bb:cc:dd:ee:ff", "12:30", "1.2.3", "v1.0", ".env", "f()", "a.b"]
        {
            assert_eq!(joints(whole), [(Slash, whole)], "{whole}");
        }
    }

    #[test]
    fn the_list_is_in_order() {
        assert!(EXTENSIONS.is_sorted());
    }
}
