//! The operations inside of one URL: what a request asks for where its body or a header says it, and not its path.
//!
//! A protocol is a file here with one function, from what is [`Seen`] of an exchange to what is [`Found`] in it, and a line in
//! [`READERS`]. It works on bytes that are capped and behind the queue. It names nothing that it did not read whole.

mod body;
mod given_up;
mod graphql;
mod jsonrpc;
mod known_texts;
mod mcp;
mod names;
mod operation;
mod soap;

use http::{Exchange, RequestHead};

use crate::novelty::Novelty;
use crate::owner::Owner;
use crate::redacted::RedactedExchange;
use crate::redactor::Redactor;
use crate::says::Says;
use crate::sealed::SealedFields;

pub use given_up::GivenUp;
pub(crate) use known_texts::KnownTexts;
pub use operation::{Operation, OperationKind, OperationOutcome, OperationProtocol};

use body::{Text, decoded};

/// The most calls of one batch that are read. What is beyond them is given up.
const MAX_CALLS: usize = 64;

/// The protocols, the more special of two first: MCP is JSON-RPC.
const READERS: [fn(&Seen<'_>) -> Option<Found>; 4] = [graphql::read, mcp::read, jsonrpc::read, soap::read];

/// What a reader sees of an exchange.
struct Seen<'a> {
    /// The method, in upper case.
    method: &'a str,
    /// Query and header of the request, capped.
    fields: &'a SealedFields,
    /// The body of the request, capped, without content codings; none where none was kept or it cannot be read.
    body: Option<Text<'a>>,
    /// The same of the response.
    answer: Option<Text<'a>>,
    /// The final status, if a response was seen.
    status: Option<u16>,
    /// GraphQL texts by their hashes, for this owner.
    texts: &'a KnownTexts,
    /// A number for the owner.
    owner: u64,
}

impl Seen<'_> {
    /// Returns the value of a header field of the request, its name in any case.
    fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.headers();
        let (_, value) = fields.find(|(one, _)| one.eq_ignore_ascii_case(name.as_bytes()))?;
        std::str::from_utf8(value).ok()
    }

    /// Returns what the status says of the calls of a request.
    fn outcome(&self) -> OperationOutcome {
        match self.status {
            Some(status) if Says::of(status) == Says::Exists && status < 400 => OperationOutcome::Fine,
            None => OperationOutcome::Fine,
            Some(_) => OperationOutcome::Doubtful,
        }
    }
}

/// What a reader found in an exchange of its protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// What was asked for, in the order of the request.
    pub(crate) operations: Vec<Operation>,
    /// Why something that was asked for has no name here, each time.
    pub(crate) given_up: Vec<GivenUp>,
}

impl Found {
    fn given_up(reason: GivenUp) -> Found {
        Found { operations: Vec::new(), given_up: vec![reason] }
    }

    fn add(&mut self, one: Result<Operation, GivenUp>) {
        match one {
            Ok(operation) => self.operations.push(operation),
            Err(reason) => self.given_up.push(reason),
        }
    }
}

impl Redactor {
    /// Returns what an exchange as captured asks for beside its URL, as far as its bodies were kept.
    #[must_use]
    pub fn operations_of(&self, owner: Owner, exchange: &Exchange<'_>) -> Vec<Operation> {
        self.operations(&self.exchange(owner, &Novelty::of_everything(), exchange)).operations
    }

    /// Returns the operations of an exchange whose bodies are still sealed.
    pub(crate) fn operations(&self, exchange: &RedactedExchange) -> Found {
        let Some(fields) = exchange.fields.as_ref().filter(|_| exchange.noise.is_none()) else {
            return Found::default();
        };
        let body = exchange.body.as_ref().filter(|body| body::may_carry(&body.content_type));
        if body.is_none() && !graphql::may_be_asked_by(&exchange.method, fields) {
            return Found::default();
        }
        let body = body.and_then(|body| decoded(body.clone()));
        let answer = exchange.answer.as_ref().and_then(|answer| decoded(answer.clone()));
        let seen = Seen {
            method: &exchange.method,
            fields,
            body: body.as_ref().map(Text::of),
            answer: answer.as_ref().map(Text::of),
            status: exchange.status,
            texts: &self.texts,
            owner: self.texts.number(&exchange.owner),
        };
        READERS.iter().find_map(|read| read(&seen)).unwrap_or_default()
    }
}

/// Returns whether the body of a request with this head may say what it asks for.
#[must_use]
pub fn may_carry_operations(head: &RequestHead<'_>) -> bool {
    head.method == b"POST"
        && body::may_carry(&String::from_utf8_lossy(head.headers.content_type().unwrap_or_default()))
}

#[cfg(test)]
mod tests;
