//! A request as it is captured, and what the redactor makes of it.

use ::flow::Direction;
use ::http::{Body, Exchange, Head, Protocol, RequestHead};
use ::redact::{Known, Look, Owner, RedactedExchange, Redactor};

/// What a client sends. The response has the same header fields.
pub struct Posted<'a> {
    /// The target of the request.
    pub target: &'a [u8],
    /// The header fields, with their line ends.
    pub fields: &'a [u8],
    /// The body.
    pub body: &'a [u8],
    /// Whether that is all of it.
    pub whole: bool,
}

impl Posted<'_> {
    /// Returns the exchange as it leaves the capture thread.
    pub fn redacted(&self, redactor: &Redactor) -> RedactedExchange {
        let request = RequestHead {
            time: ::flow::Timestamp::from_nanos(1),
            direction: Direction::Forward,
            protocol: Protocol::Http11,
            method: b"POST",
            target: self.target,
            authority: b"",
            headers: Head::new(self.fields),
        };
        let exchange = Exchange {
            request,
            request_body: Body { len: self.body.len() as u64, kept: self.body, whole: self.whole },
            status: Some(200),
            response_headers: Head::new(self.fields),
            response_body: Body::default(),
            complete: true,
            grpc: None,
            told: false,
        };
        let owner = Owner::Address(([10, 0, 0, 2], 8080).into());
        let look = Known::new(1, self.body.len()).look(&owner, ([10, 0, 0, 9], 40_000).into(), &exchange);
        let Look::New(novelty) = look else { panic!("it is new") };
        redactor.exchange(owner, &novelty, &exchange)
    }
}
