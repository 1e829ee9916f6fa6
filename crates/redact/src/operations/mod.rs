//! The operations inside of one URL: what a request asks for where its body or a header says it, and not its path.
//!
//! A protocol is a file here with one function, from what is [`Seen`] of an exchange to what is [`Found`] in it, and a line in
//! [`READERS`]. It works on bytes that are capped and behind the queue. It names nothing that it did not read whole.

mod body;
pub(crate) mod found;
pub(crate) mod given_up;
mod graphql;
mod jsonrpc;
mod known_texts;
mod mcp;
mod names;
pub(crate) mod operation;
mod seen;
mod soap;

use http::{Exchange, RequestHead};

use crate::novelty::Novelty;
use crate::owner::Owner;
use crate::redacted::RedactedExchange;
use crate::redactor::Redactor;

pub use given_up::GivenUp;
pub(crate) use known_texts::KnownTexts;
pub use operation::{Operation, OperationKind, OperationOutcome, OperationProtocol};

use body::{Text, decoded};
use found::Found;
use seen::Seen;

/// The protocols, the more special of two first: MCP is JSON-RPC.
const READERS: [fn(&Seen<'_>) -> Option<Found>; 4] = [graphql::read, mcp::read, jsonrpc::read, soap::read];

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
