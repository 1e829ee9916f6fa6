//! Redacted copies of documents, whatever they are written in.

use super::{form, json, text};
use crate::document::{Document, Syntax};
use crate::redactor::Redactor;

impl Redactor {
    /// Returns a redacted copy of a document in its own syntax; none where it is not written in that syntax, or was cut
    /// before anything of it was whole.
    #[must_use]
    pub fn copy(&self, document: Document<'_>) -> Option<String> {
        let Document { syntax, bytes, whole } = document;
        match syntax {
            Syntax::Json => json::redacted(self, bytes, whole).map(|value| value.to_string()),
            Syntax::Form => form::urlencoded(self, bytes, whole).map(|(shown, _)| shown),
            Syntax::Multipart { boundary } => form::multipart(self, bytes, boundary).map(|(shown, _)| shown),
            Syntax::Xml => Some(text::xml(self, &String::from_utf8_lossy(bytes))),
            Syntax::Text => Some(text::plain(self, &String::from_utf8_lossy(bytes))),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Examples;

    const SYNTAXES: [Syntax<'_>; 5] =
        [Syntax::Json, Syntax::Form, Syntax::Multipart { boundary: "x" }, Syntax::Xml, Syntax::Text];

    proptest! {
        #[test]
        fn any_bytes_are_copied_in_their_syntax(
            bytes in "[<>{}\\[\\]\":,=&;/\\\\a1%+ \n-]{0,60}|\\PC{0,60}",
            syntax in prop::sample::select(&SYNTAXES[..]),
            whole: bool,
            examples in prop_oneof![Just(Examples::Redacted), Just(Examples::Synthetic), Just(Examples::Real)],
        ) {
            let copy = Redactor::new(examples).copy(Document { syntax, bytes: bytes.as_bytes(), whole });
            if let (Syntax::Json, Some(copy)) = (syntax, copy) {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&copy).is_ok(), "{}", copy);
            }
        }
    }
}
