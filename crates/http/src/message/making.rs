//! An exchange in the making. All bytes of bodies pass through here, whichever version of HTTP they came in.

use std::borrow::BorrowMut;

use super::growing::{Growing, Progress};
use super::{Begun, Body, Grpc};
use crate::MAX_KEEP;
use crate::message::Keep;
use crate::rpc::Rpc;

/// How far the two messages of an exchange were seen, what is kept of their bodies, and what is followed of a call:
/// in a box where few exchanges are calls.
#[derive(Debug)]
pub(crate) struct Making<C> {
    request_body: Growing,
    response_body: Growing,
    call: Option<C>,
    pub(crate) request: Progress,
    pub(crate) response: Progress,
    /// Bytes of it were missing.
    pub(crate) gapped: bool,
    /// What the sink made of it before its end.
    pub(crate) begun: Begun,
}

impl<C> Default for Making<C> {
    fn default() -> Making<C> {
        Making {
            request_body: Growing::default(),
            response_body: Growing::default(),
            call: None,
            request: Progress::Open,
            response: Progress::Open,
            gapped: false,
            begun: Begun::Later,
        }
    }
}

impl<C: BorrowMut<Rpc>> Making<C> {
    /// Follows a call, if it is one.
    pub(crate) fn follow(&mut self, call: Option<C>) {
        self.call = call;
    }

    /// Returns whether a call is followed.
    pub(crate) fn is_call(&self) -> bool {
        self.call.is_some()
    }

    /// Sets how much of the request's body is kept.
    pub(crate) fn keep_request(&mut self, keep: Keep) {
        self.request_body.keep(keep.0.min(MAX_KEEP));
    }

    /// Sets how much of the response's body is kept.
    pub(crate) fn keep_response(&mut self, keep: Keep) {
        self.response_body.keep(keep.0.min(MAX_KEEP));
    }

    /// Keeps nothing more of the request's body.
    pub(crate) fn stop_request(&mut self) {
        self.request_body.stop();
    }

    /// Keeps nothing more of the response's body.
    pub(crate) fn stop_response(&mut self) {
        self.response_body.stop();
    }

    /// Returns whether more of the request's body is to be looked at.
    pub(crate) fn wants_request(&self) -> bool {
        self.request_body.wants() || self.call.is_some()
    }

    /// Returns whether more of the response's body is to be looked at.
    pub(crate) fn wants_response(&self) -> bool {
        self.response_body.wants() || self.call.is_some()
    }

    /// Takes bytes of the request's body, and adds those that are kept to the buffer.
    #[inline]
    pub(crate) fn add_to_request(&mut self, data: &[u8], buffer: &mut Vec<u8>) {
        self.request_body.add(data, buffer);
        if let Some(call) = self.rpc() {
            call.add_to_request(data);
        }
    }

    /// Takes bytes of the response's body, and adds those that are kept to the buffer.
    #[inline]
    pub(crate) fn add_to_response(&mut self, data: &[u8], buffer: &mut Vec<u8>) {
        self.response_body.add(data, buffer);
        if let Some(call) = self.rpc() {
            call.add_to_response(data);
        }
    }

    /// Takes a whole response, of which nothing is copied.
    #[inline]
    pub(crate) fn whole_response(&mut self, status: u16, body: &[u8]) {
        if let Some(call) = self.rpc() {
            call.respond(status);
            call.add_to_response(body);
        }
    }

    /// Passes over bytes of the request's body that are not here.
    pub(crate) fn miss_in_request(&mut self, bytes: u64) {
        self.request_body.miss(bytes);
        if let Some(call) = self.rpc() {
            call.miss_in_request(bytes);
        }
    }

    /// Passes over bytes of the response's body that are not here.
    pub(crate) fn miss_in_response(&mut self, bytes: u64) {
        self.response_body.miss(bytes);
        if let Some(call) = self.rpc() {
            call.miss_in_response(bytes);
        }
    }

    /// Begins the final response. From here on nothing more of the request's body is kept.
    pub(crate) fn respond(&mut self, status: u16) {
        self.request_body.stop();
        if let Some(call) = self.rpc() {
            call.respond(status);
        }
    }

    /// Returns whether the sink took it before its end.
    pub(crate) fn is_told(&self) -> bool {
        self.begun == Begun::Told
    }

    /// Gives up what is still open of it.
    pub(crate) fn cut(&mut self) {
        for progress in [&mut self.request, &mut self.response] {
            if *progress == Progress::Open {
                *progress = Progress::Cut;
            }
        }
    }

    /// Returns whether bytes of the request's body came.
    pub(crate) fn has_request_body(&self) -> bool {
        self.request_body.has_begun()
    }

    /// Returns how many bytes of the request's body were kept.
    pub(crate) fn kept_of_request(&self) -> u32 {
        self.request_body.kept()
    }

    /// Returns how many bytes of the response's body were kept.
    pub(crate) fn kept_of_response(&self) -> u32 {
        self.response_body.kept()
    }

    /// The request's body, of which these bytes were kept.
    pub(crate) fn request_body<'a>(&self, kept: &'a [u8]) -> Body<'a> {
        self.request_body.body(kept, self.request)
    }

    /// The response's body, of which these bytes were kept.
    pub(crate) fn response_body<'a>(&self, kept: &'a [u8]) -> Body<'a> {
        self.response_body.body(kept, self.response)
    }

    /// Returns what is known of the call, with the `grpc-status` of the fields or trailers; none if it is no call.
    pub(crate) fn grpc(&self, status: impl FnOnce() -> Option<u32>) -> Option<Grpc> {
        self.call.as_ref().map(|call| call.borrow().grpc(status()))
    }

    fn rpc(&mut self) -> Option<&mut Rpc> {
        self.call.as_mut().map(BorrowMut::borrow_mut)
    }
}
