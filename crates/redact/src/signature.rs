//! What makes two answers the same, whatever was asked for.

use foldhash::fast::FixedState;
use http::{Exchange, Head};
use serde::{Deserialize, Serialize};
use std::hash::{BuildHasher, Hash};

use crate::says::Says;
use crate::template::split;

/// What makes two answers the same, whatever was asked for. Texts are hashed to 16 bits: enough to tell answers apart, and
/// too few to tell what they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    status: u16,
    /// The media type of the body.
    media: u16,
    /// Where a redirect leads.
    location: u16,
    /// The length of the body in bytes; 0 for redirects, whose bodies repeat where they lead.
    length: u32,
    /// The length of the path that was asked for, since some answers repeat it.
    path: u16,
}

/// What an answer may have in common with others.
pub type Form = u64;

impl Signature {
    /// The signature of a whole answer that a wall may give: a refusal, or a page.
    pub(crate) fn of(exchange: &Exchange<'_>, status: u16, media: Option<&str>) -> Option<Signature> {
        let redirects = (300..400).contains(&status);
        let (path, _) = split(exchange.request.path_and_query());
        let signature = || Signature {
            status,
            media: media.map_or(0, hash),
            location: if redirects { location(exchange.response_headers, path) } else { 0 },
            length: if redirects { 0 } else { saturated(exchange.response_body.len) },
            path: u16::try_from(path.len()).unwrap_or(u16::MAX),
        };
        let walls = Says::of(status) == Says::Refused || is_page(status, media);
        (exchange.complete && walls).then(signature)
    }

    /// Returns what it may have in common with others: all of it, and the same but for the path that it may repeat.
    #[must_use]
    pub fn forms(&self) -> [Form; 2] {
        let Signature { status, media, location, length, path } = *self;
        let form = |repeats: bool, length| {
            FixedState::with_seed(0).hash_one((status, media, location, repeats, length))
        };
        [form(false, i64::from(length)), form(true, i64::from(length) - i64::from(path))]
    }

    /// Returns whether two answers are the same.
    #[must_use]
    pub fn is_like(&self, other: &Signature) -> bool {
        self.forms().iter().zip(other.forms()).any(|(one, other)| *one == other)
    }

    #[cfg(any(test, feature = "by-hand"))]
    pub(crate) fn made(
        status: u16,
        media: Option<&str>,
        location: &str,
        length: u32,
        path: &str,
    ) -> Signature {
        let path = u16::try_from(path.len()).unwrap_or(u16::MAX);
        Signature { status, media: media.map_or(0, hash), location: hash(location), length, path }
    }
}

/// Returns whether an answer is a page for people.
pub(crate) fn is_page(status: u16, media: Option<&str>) -> bool {
    (200..300).contains(&status) && matches!(media, Some("text/html" | "application/xhtml+xml"))
}

/// Where a redirect leads, without the query and without the path that was asked for: to the same path elsewhere is one
/// place.
fn location(head: Head<'_>, path: &[u8]) -> u16 {
    let (to, _) = split(head.get("location").unwrap_or_default());
    match to.strip_suffix(path) {
        Some(before) => hash((before, true)),
        None => hash((to, false)),
    }
}

fn hash(what: impl Hash) -> u16 {
    FixedState::with_seed(0).hash_one(what) as u16
}

fn saturated(length: u64) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use http::Body;

    use super::*;
    use crate::captured::{exchange, request};

    fn answer(path: &str, status: u16, head: &str, length: u64) -> Option<Signature> {
        let mut answered = exchange(request("GET", path, ""), b"");
        answered.response_headers = Head::new(head.as_bytes());
        answered.response_body = Body { len: length, ..Body::default() };
        let media = head.contains("html").then_some("text/html");
        Signature::of(&answered, status, media)
    }

    fn alike(one: Option<Signature>, other: Option<Signature>) -> bool {
        one.unwrap().is_like(&other.unwrap())
    }

    #[test]
    fn answers_are_told_apart_by_status_type_and_length() {
        let one = answer("/a", 401, "", 17);
        assert!(alike(one, answer("/b", 401, "", 17)));
        for other in [
            answer("/b", 403, "", 17),
            answer("/b", 401, "", 18),
            answer("/b", 401, "content-type: text/html\n", 17),
        ] {
            assert!(!alike(one, other), "{other:?}");
        }
    }

    #[test]
    fn an_answer_that_repeats_the_path_is_the_same() {
        assert!(alike(answer("/a", 403, "", 102), answer("/admin", 403, "", 106)));
    }

    #[test]
    fn redirects_are_told_apart_by_where_they_lead() {
        let to = |path, location: &str, length| answer(path, 302, &format!("location: {location}\n"), length);
        let login = to("/a", "/login?next=%2Fa", 30);
        assert!(alike(login, to("/admin", "/login?next=%2Fadmin", 35)));
        assert!(!alike(login, to("/b", "/home", 30)));
        let secure = to("/a", "https://shop.test/a", 0);
        assert!(alike(secure, to("/b/c", "https://shop.test/b/c?x=1", 0)));
        assert!(!alike(secure, to("/b/c", "https://shop.test/b", 0)));
    }

    #[test]
    fn only_refusals_and_pages_have_one() {
        assert!(answer("/a", 200, "content-type: text/html\n", 9).is_some());
        for status in [200, 204, 304, 404, 409, 422] {
            assert_eq!(answer("/a", status, "", 9), None, "{status}");
        }
    }
}
