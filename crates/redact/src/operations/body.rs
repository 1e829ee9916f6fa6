//! Bodies as the readers of operations see them.

use memchr::memmem;
use serde_json::Value;

use crate::body::coding;
use crate::media::MediaType;
use crate::sealed::SealedBody;

/// A body without content codings, or its beginning.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) whole: bool,
    /// The media type in lower case without parameters, empty for none.
    pub(super) media: &'a str,
    /// The `Content-Type` as it was written.
    pub(super) content_type: &'a str,
}

/// A body that was opened.
pub(super) struct Decoded {
    bytes: Vec<u8>,
    whole: bool,
    media: String,
    content_type: String,
}

/// Undoes the content codings of a body. None where they are broken or not known.
pub(super) fn decoded(body: SealedBody) -> Option<Decoded> {
    let media = MediaType::of(body.content_type.as_bytes());
    let media = media.as_ref().map_or("", MediaType::as_str).to_owned();
    let decoded = coding::decode(body.bytes, body.whole, &body.content_encoding).ok()?;
    Some(Decoded { bytes: decoded.bytes, whole: decoded.whole, media, content_type: body.content_type })
}

impl<'a> Text<'a> {
    pub(super) fn of(decoded: &'a Decoded) -> Text<'a> {
        let Decoded { bytes, whole, media, content_type } = decoded;
        Text { bytes, whole: *whole, media, content_type }
    }

    /// Returns whether it says that it is JSON, or says nothing.
    pub(super) fn may_be_json(self) -> bool {
        self.media.is_empty() || self.media.ends_with("/json") || self.media.ends_with("+json")
    }

    pub(super) fn holds(self, text: &str) -> bool {
        memmem::find(self.bytes, text.as_bytes()).is_some()
    }

    /// Returns it as a value of JSON; none where it is cut or no JSON.
    pub(super) fn json(self) -> Option<Value> {
        if self.whole { serde_json::from_slice(self.bytes).ok() } else { None }
    }

    /// Returns the values of JSON that it holds: one, or those of the events of a stream.
    pub(super) fn messages(self) -> Vec<Value> {
        if self.media != "text/event-stream" {
            return self.json().into_iter().collect();
        }
        let lines = self.bytes.split(|byte| matches!(byte, b'\n' | b'\r'));
        let data = lines.filter_map(|line| line.strip_prefix(b"data:"));
        data.filter_map(|data| serde_json::from_slice(data).ok()).collect()
    }
}

/// Returns whether a body may carry operations, by its media type.
pub(super) fn may_carry(content_type: &str) -> bool {
    let media = content_type.to_ascii_lowercase();
    media.is_empty() || ["json", "graphql", "xml"].iter().any(|kind| media.contains(kind))
}
