//! An exchange as captured to the form that may leave the capture worker.

use http::{Exchange, Head};

use super::Redactor;
use super::fields::MediaType;
use crate::noise::noise;
use crate::template::{TOO_DEEP, Template, split};
use crate::{Fingerprint, Owner, RedactedExchange, SealedBody};

/// The longest method, in bytes. The longest registered one (`UPDATEREDIRECTREF`) has 17.
const MAX_METHOD: usize = 32;

/// What stands for a method that is none.
const NO_METHOD: &[u8] = b"INVALID";

/// The longest `Content-Type` and `Content-Encoding` that go with a sealed body, in bytes. A boundary has at most 70.
const MAX_CODING: usize = 512;

/// The method as captured, or `INVALID` for what has the form of something else.
pub(crate) fn method<'a>(captured: &'a [u8]) -> &'a [u8] {
    let letters = captured.iter().all(|byte| byte.is_ascii_alphabetic() || b"-_".contains(byte));
    if letters && (1..=MAX_METHOD).contains(&captured.len()) { captured } else { NO_METHOD }
}

/// The media type that a head says.
pub(crate) fn media_type(head: Head<'_>) -> Option<MediaType> {
    MediaType::of(head.get("content-type")?)
}

impl Redactor {
    /// The exchange with every secret and personal value replaced. Made in the capture worker, for exchanges that teach
    /// something ([`crate::Look::New`]).
    #[must_use]
    pub fn exchange(
        &self,
        owner: Owner,
        fingerprint: Fingerprint,
        exchange: &Exchange<'_>,
    ) -> RedactedExchange {
        let request = &exchange.request;
        let (path, query) = split(request.path_and_query());
        let template = Template::of(path);
        let path_params =
            template.params.iter().map(|param| (param.name.clone(), self.path_value(param))).collect();
        let name = |head| media_type(head).map(|name| name.as_str().to_owned());
        RedactedExchange {
            owner,
            fingerprint,
            time: request.time,
            method: String::from_utf8_lossy(method(request.method)).to_ascii_uppercase(),
            template: template.text,
            path_params,
            unsettled: template.unsettled,
            query: self.query(query),
            headers: self.headers(request.headers),
            request_type: name(request.headers),
            response_type: name(exchange.response_headers),
            status: exchange.status,
            noise: noise(request).or(template.deep.then_some(TOO_DEEP)),
            body: sealed(exchange),
        }
    }
}

fn sealed(exchange: &Exchange<'_>) -> Option<SealedBody> {
    let body = &exchange.request_body;
    let field = |name| {
        let values = exchange.request.headers.iter().filter(|field| field.0.eq_ignore_ascii_case(name));
        let values: Vec<_> = values.map(|field| String::from_utf8_lossy(field.1)).collect();
        let mut text = values.join(", ");
        text.truncate(text.floor_char_boundary(MAX_CODING));
        text
    };
    (!body.kept.is_empty()).then(|| SealedBody {
        bytes: body.kept.to_vec(),
        whole: body.whole,
        content_type: field(b"content-type"),
        content_encoding: field(b"content-encoding"),
    })
}
