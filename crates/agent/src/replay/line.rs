//! One exchange as it is printed.

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::net::SocketAddr;

use http::Exchange;
use identify::Answer;
use redact::{Operation, Redactor, printable};
use serde::Serialize;

use crate::pipeline::naming::Asked;

/// An exchange in the form of `--output exchanges`.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    /// When the request began, in seconds since the Unix epoch.
    time: f64,
    protocol: &'static str,
    source: SocketAddr,
    destination: SocketAddr,
    service: Option<String>,
    /// None when it is not known.
    method: Option<Cow<'a, str>>,
    /// As it stood in the request; bytes that are not printable ASCII percent-encoded. None when it is not known.
    target: Option<String>,
    host: Option<Cow<'a, str>>,
    status: Option<u16>,
    request_headers: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    request_body_bytes: u64,
    response_body_bytes: u64,
    complete: bool,
    /// What the request asks for beside its URL, as `protocol kind name`; the calls of a batch with a comma between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    /// The `grpc-status`, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    grpc_status: Option<u32>,
    /// `unknown` when method or target is.
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<&'static str>,
}

impl<'a> Line<'a> {
    /// The heads of the table.
    pub(super) const HEADS: &'static str = "TIME               CLIENT                SERVER                SERVICE               STATUS  REQUEST";

    /// An exchange as captured.
    pub(super) fn raw(asked: &Asked<'_>, exchange: &Exchange<'a>) -> Line<'a> {
        let request = &exchange.request;
        let lossy = String::from_utf8_lossy;
        Line {
            time: (request.time.as_nanos() / 1_000) as f64 / 1e6,
            protocol: request.protocol.name(),
            source: asked.client,
            destination: asked.server,
            service: service(asked.answer),
            method: (!request.method.is_empty()).then(|| lossy(request.method)),
            target: (!request.target.is_empty()).then(|| encoded(request.target)),
            host: request.host().map(lossy),
            status: exchange.status,
            request_headers: request
                .headers
                .iter()
                .map(|(name, value)| (lossy(name), lossy(value)))
                .collect(),
            request_body_bytes: exchange.request_body.len,
            response_body_bytes: exchange.response_body.len,
            complete: exchange.complete,
            operation: None,
            grpc_status: exchange.grpc.and_then(|grpc| grpc.status),
            confidence: (!request.is_known()).then_some("unknown"),
        }
    }

    /// The line with what the request asks for beside its URL.
    pub(super) fn with_operations(mut self, operations: &[Operation]) -> Line<'a> {
        let names = operations.iter().map(|one| {
            let name = printable(one.name().as_bytes());
            format!("{} {} {name}", one.protocol().name(), one.kind().name())
        });
        self.operation = (!operations.is_empty()).then(|| names.collect::<Vec<_>>().join(", "));
        self
    }

    /// An exchange with everything secret and personal replaced.
    pub(super) fn redacted(redactor: &Redactor, asked: &Asked<'_>, exchange: &Exchange<'a>) -> Line<'a> {
        let request = &exchange.request;
        let shown = redactor.show(request);
        let headers = shown.headers().iter().map(|(name, value)| (name.clone().into(), value.clone().into()));
        Line {
            target: (!request.target.is_empty()).then(|| shown.target().to_owned()),
            host: shown.host().map(|host| host.to_owned().into()),
            request_headers: headers.collect(),
            ..Line::raw(asked, exchange)
        }
    }
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let service = self.service.as_deref().unwrap_or("-");
        let status = self.status.map_or("-".into(), |status| status.to_string());
        let (client, server) = (self.source.to_string(), self.destination.to_string());
        write!(f, "{:<17.6}  {client:<20}  {server:<20}  {service:<20}  {status:<6}  ", self.time)?;
        let shown = |text: Option<&str>| printable(text.unwrap_or("?").as_bytes()).into_owned();
        write!(f, "{} {}", shown(self.method.as_deref()), shown(self.target.as_deref()))?;
        match &self.operation {
            Some(operation) => write!(f, "  [{operation}]"),
            None => Ok(()),
        }
    }
}

/// The Service, as `namespace/name`.
fn service(answer: &Answer) -> Option<String> {
    match answer {
        Answer::Service(name, _) => Some(name.to_string()),
        Answer::Ambiguous(_) | Answer::Unknown => None,
    }
}

/// Percent-encodes what is not printable ASCII.
fn encoded(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'!'..=b'~' => text.push(char::from(byte)),
            _ => {
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
    text
}
