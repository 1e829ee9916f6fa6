//! What a reader sees.

use super::body::Text;
use super::known_texts::KnownTexts;
use super::operation::OperationOutcome;
use crate::says::Says;
use crate::sealed::SealedFields;

/// The most calls of one batch that are read. What is beyond them is given up.
pub(super) const MAX_CALLS: usize = 64;

/// What a reader sees of an exchange.
pub(super) struct Seen<'a> {
    /// The method, in upper case.
    pub(super) method: &'a str,
    /// Query and header of the request, capped.
    pub(super) fields: &'a SealedFields,
    /// The body of the request, capped, without content codings; none where none was kept or it cannot be read.
    pub(super) body: Option<Text<'a>>,
    /// The same of the response.
    pub(super) answer: Option<Text<'a>>,
    /// The final status, if a response was seen.
    pub(super) status: Option<u16>,
    /// GraphQL texts by their hashes, for this owner.
    pub(super) texts: &'a KnownTexts,
    /// A number for the owner.
    pub(super) owner: u64,
}

impl Seen<'_> {
    /// Returns the value of a header field of the request, its name in any case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.headers();
        let (_, value) = fields.find(|(one, _)| one.eq_ignore_ascii_case(name.as_bytes()))?;
        std::str::from_utf8(value).ok()
    }

    /// Returns what the status says of the calls of a request.
    pub(super) fn outcome(&self) -> OperationOutcome {
        match self.status {
            Some(status) if Says::of(status) == Says::Exists && status < 400 => OperationOutcome::Fine,
            None => OperationOutcome::Fine,
            Some(_) => OperationOutcome::Doubtful,
        }
    }
}
