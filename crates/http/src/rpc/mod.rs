//! Calls of gRPC, gRPC-Web and Connect in HTTP: their messages are counted, and their status is found, wherever it stands.
//!
//! gRPC has it in the trailers of HTTP/2. gRPC-Web and the streams of Connect have it in the last message of the body (`ending`), after
//! base64 where the type says so; a unary call of Connect has it in the JSON of an error, or in the status of HTTP.
//! (<https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md>, <https://connectrpc.com/docs/protocol>)

mod base64;
mod ending;
mod messages;

use base64::Base64;
use ending::{Ending, Form as EndingForm};
use messages::Messages;

use crate::message::{Grpc, RequestHead};

/// How a call is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// gRPC.
    Grpc,
    /// gRPC-Web.
    Web,
    /// gRPC-Web, whose body is in base64.
    WebText,
    /// Connect: the body is the message.
    Unary,
    /// Connect with messages as gRPC has them.
    Stream,
}

impl Form {
    /// Returns how the request says that the call is written, or none if it is no call.
    #[inline]
    #[must_use]
    pub fn of(request: &RequestHead<'_>) -> Option<Form> {
        let media = request.headers.content_type()?.strip_prefix(b"application/")?;
        if media.starts_with(b"grpc-web-text") {
            Some(Form::WebText)
        } else if media.starts_with(b"grpc-web") {
            Some(Form::Web)
        } else if media.starts_with(b"grpc") {
            Some(Form::Grpc)
        } else if media.starts_with(b"connect+") {
            Some(Form::Stream)
        } else {
            let unary = media.starts_with(b"json") || media.starts_with(b"proto");
            // Only then all fields are looked at.
            let method = || request.target.rsplit(|&byte| byte == b'/').next()?.first();
            let connect = unary
                && method().is_some_and(u8::is_ascii_uppercase)
                && request.headers.get("connect-protocol-version").is_some();
            connect.then_some(Form::Unary)
        }
    }
}

/// What is followed of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rpc {
    form: Form,
    request: Messages,
    response: Messages,
    request_text: Base64,
    response_text: Base64,
    ending: Ending,
    /// The status of HTTP; 0 as long as there is none.
    http: u16,
}

impl Rpc {
    /// A call, if the request is one.
    pub(crate) fn of(request: &RequestHead<'_>) -> Option<Rpc> {
        Form::of(request).map(|form| Rpc {
            form,
            request: Messages::default(),
            response: Messages::default(),
            request_text: Base64::default(),
            response_text: Base64::default(),
            ending: Ending::new(match form {
                Form::Grpc | Form::Web | Form::WebText => EndingForm::Lines,
                Form::Unary | Form::Stream => EndingForm::Json,
            }),
            http: 0,
        })
    }

    pub(crate) fn add_to_request(&mut self, data: &[u8]) {
        match self.form {
            Form::Unary => {}
            Form::WebText => self.request_text.decode(data, |bytes| self.request.add(bytes, |_| {})),
            Form::Grpc | Form::Web | Form::Stream => self.request.add(data, |_| {}),
        }
    }

    pub(crate) fn add_to_response(&mut self, data: &[u8]) {
        let Rpc { ending, response, .. } = self;
        let end = |bytes: &[u8]| ending.add(bytes);
        match self.form {
            Form::Unary if self.http == 200 => {}
            Form::Unary => self.ending.add(data),
            Form::WebText => {
                let mut end = end;
                self.response_text.decode(data, |bytes| response.add(bytes, &mut end));
            }
            Form::Grpc | Form::Web | Form::Stream => response.add(data, end),
        }
    }

    pub(crate) fn miss_in_request(&mut self, bytes: u64) {
        self.request_text.lose();
        self.request.miss(if self.form == Form::WebText { u64::MAX } else { bytes });
    }

    pub(crate) fn miss_in_response(&mut self, bytes: u64) {
        self.response_text.lose();
        self.ending.miss();
        self.response.miss(if self.form == Form::WebText { u64::MAX } else { bytes });
    }

    /// The final response begins.
    pub(crate) fn respond(&mut self, http: u16) {
        self.http = http;
    }

    /// Returns what is known of it, with the `grpc-status` of fields or trailers if there was one.
    pub(crate) fn grpc(&self, field: Option<u32>) -> Grpc {
        let unary = u32::from(self.form == Form::Unary);
        let answered = unary * u32::from(self.http == 200);
        Grpc {
            status: field.or(self.ending.status()).or_else(|| self.by_http()),
            request_messages: self.request.count + unary,
            response_messages: self.response.count + answered,
            compressed: self.request.compressed || self.response.compressed,
        }
    }

    /// Returns what the status of HTTP says of a call of Connect.
    fn by_http(&self) -> Option<u32> {
        match (self.form, self.http) {
            (Form::Unary, 200) => Some(0),
            // An end without an error.
            (Form::Stream, 200) => self.ending.ended().then_some(0),
            (Form::Unary | Form::Stream, http) => code_of_http(http),
            _ => None,
        }
    }
}

/// The code for a status of HTTP that comes without one ('HTTP to Error Code').
fn code_of_http(status: u16) -> Option<u32> {
    match status {
        0..300 => None,
        400 => Some(13),
        401 => Some(16),
        403 => Some(7),
        404 => Some(12),
        429 | 502..=504 => Some(14),
        _ => Some(2),
    }
}

/// A status in digits.
pub(crate) fn number(value: &[u8]) -> Option<u32> {
    std::str::from_utf8(value.trim_ascii()).ok()?.parse().ok()
}

#[cfg(test)]
mod tests;
