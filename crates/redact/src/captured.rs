//! Exchanges as captured, for tests.

use std::sync::Arc;

use flow::{Direction, Timestamp};
use http::{Body, Exchange, Head, Protocol, RequestHead};
use identify::ServiceName;

use crate::auth::Credentials;
use crate::novelty::{Fingerprint, Novelty};
use crate::owner::Owner;
use crate::{Pace, Paths, RedactedExchange, Redactor};

/// A request with these field lines.
pub(crate) fn request<'a>(method: &'a str, target: &'a str, fields: &'a str) -> RequestHead<'a> {
    RequestHead {
        time: Timestamp::from_nanos(1),
        direction: Direction::Forward,
        protocol: Protocol::Http11,
        method: method.as_bytes(),
        target: target.as_bytes(),
        authority: b"",
        headers: Head::new(fields.as_bytes()),
    }
}

/// A request with this body, whole, answered by 200 with JSON.
pub(crate) fn exchange<'a>(request: RequestHead<'a>, body: &'a [u8]) -> Exchange<'a> {
    Exchange {
        request,
        request_body: Body { len: body.len() as u64, kept: body, whole: true },
        status: Some(200),
        response_headers: Head::new(b"Content-Type: application/json\r\n"),
        response_body: Body::default(),
        complete: true,
        grpc: None,
        told: false,
    }
}

/// A Service in the namespace `shop`.
pub(crate) fn owner(name: &str) -> Owner {
    Owner::Service(Arc::new(ServiceName { namespace: "shop".into(), name: name.into() }))
}

/// Something new, the same in every run.
pub(crate) fn novelty(text: &str) -> Novelty {
    let hash = text.bytes().fold(0, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let fingerprint = Fingerprint(hash);
    Novelty {
        fingerprint,
        operation: hash,
        connection: 0,
        credentials: Credentials::NONE,
        followed: false,
        shapes: true,
    }
}

/// An exchange with its path opened, and judged as if there were no others.
pub(crate) fn opened(mut exchange: RedactedExchange, redactor: &Redactor) -> RedactedExchange {
    let mut paths = Paths::fixed();
    paths.open(&mut exchange, redactor);
    paths.judge(Pace::AtEnd);
    paths.rename(&mut exchange);
    exchange
}
