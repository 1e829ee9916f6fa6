//! A connection that is HTTP/1: what is known of its two directions together.

use flow::{Direction, Missing};

use super::after::After;
use super::half::{Half, Stage};
use super::pairing::Pairing;
use crate::counters::{Reason, Unanswered};
use crate::intake::Intake;
use crate::message::{Progress, Sink};
use crate::turn::Turn;

/// A connection that is HTTP/1.
#[derive(Debug)]
pub(crate) struct Http1 {
    /// The direction of the requests.
    pub(super) client: Direction,
    pub(super) pairing: Pairing,
    pub(super) requests: Half,
    pub(super) responses: Half,
    pub(super) answers: Answers,
}

/// Whom the response that is being read answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Answers {
    /// The first request that waits.
    #[default]
    First,
    /// No request that is known, and nothing of its body has come.
    NobodyYet,
    /// No request that is known.
    Nobody,
}

impl Http1 {
    /// Begins with directions that stand there. With `gapped`, requests may have been missed before.
    pub(crate) fn new(client: Direction, requests: Stage, responses: Stage, gapped: bool) -> Http1 {
        let mut pairing = Pairing::default();
        if gapped {
            pairing.requests_lost(0);
        }
        let (requests, responses) = (Half::new(requests), Half::new(responses));
        Http1 { client, pairing, requests, responses, answers: Answers::First }
    }

    /// Takes bytes. Returns what the connection turns into, if it does.
    #[inline]
    pub(crate) fn data<'d, S: Sink>(
        &mut self,
        direction: Direction,
        data: &'d [u8],
        intake: &mut Intake<'_, S>,
    ) -> Option<Turn<'d, After>> {
        if direction == self.client {
            self.request_data(data, intake);
            None
        } else {
            self.response_data(data, intake)
        }
    }

    /// Takes note that bytes are missing.
    pub(crate) fn skip<S: Sink>(
        &mut self,
        direction: Direction,
        bytes: u64,
        missing: Missing,
        intake: &mut Intake<'_, S>,
    ) {
        if direction == self.client {
            self.request_skip(bytes, missing, intake);
        } else {
            self.response_skip(bytes, missing, intake);
        }
    }

    /// Takes note that bytes are missing, and nobody knows how many: where the next message begins is open in any case.
    pub(crate) fn lose<S: Sink>(
        &mut self,
        direction: Direction,
        missing: Missing,
        intake: &mut Intake<'_, S>,
    ) {
        if direction == self.client {
            self.request_skip(u64::MAX, missing, intake);
        } else {
            self.responses_lost(Reason::of(missing), intake);
        }
    }

    /// Takes the end of a direction. Returns whether both have ended.
    pub(crate) fn fin<S: Sink>(&mut self, direction: Direction, intake: &mut Intake<'_, S>) -> bool {
        if direction == self.client {
            self.end_requests(intake);
        } else {
            self.end_responses(true, intake);
        }
        let ended = self.requests.stage == Stage::Ended && self.responses.stage == Stage::Ended;
        if ended {
            self.flush(Unanswered::Closed, intake);
        }
        ended
    }

    /// Takes the end of the connection; `reason` is why what waits has no response.
    pub(crate) fn end<S: Sink>(&mut self, reason: Unanswered, intake: &mut Intake<'_, S>) {
        self.end_requests(intake);
        self.end_responses(false, intake);
        self.flush(reason, intake);
    }

    /// Hands on the requests at the head of the queue that have ended.
    pub(super) fn settle<S: Sink>(&mut self, intake: &mut Intake<'_, S>) {
        while let Some(first) = self.pairing.first().filter(|first| first.ended()) {
            let reason = first.unpaired.unwrap_or(Unanswered::Closed);
            intake.give(&first.exchange(self.client), reason);
            self.pairing.pop_first();
        }
    }

    /// Hands on all requests that wait, as far as they were read.
    pub(super) fn flush<S: Sink>(&mut self, reason: Unanswered, intake: &mut Intake<'_, S>) {
        while let Some(first) = self.pairing.first() {
            if first.making.request == Progress::Open {
                first.making.request = Progress::Cut;
            }
            intake.give(&first.exchange(self.client), first.unpaired.unwrap_or(reason));
            self.pairing.pop_first();
        }
    }

    /// Takes back the buffer in which bytes of a direction waited.
    pub(crate) fn reuse(&mut self, direction: Direction, buffer: Vec<u8>) {
        let half = if direction == self.client { &mut self.requests } else { &mut self.responses };
        half.waiting.reuse(buffer);
    }

    /// Returns how many bytes that come next in a direction belong to a body of which nothing more is kept.
    #[inline]
    pub(crate) fn unneeded(&mut self, direction: Direction) -> u64 {
        let is_client = direction == self.client;
        let stage = if is_client { self.requests.stage } else { self.responses.stage };
        let Stage::Body(body) = stage else { return 0 };
        let wanted = if is_client {
            self.pairing.last().is_some_and(|last| last.making.wants_request())
        } else {
            self.responding().is_some_and(|first| first.making.wants_response())
        };
        if wanted { 0 } else { body.left() }
    }

    /// Returns the number of bytes of memory behind it.
    pub(crate) fn held(&self) -> usize {
        self.pairing.held() + self.requests.waiting.capacity() + self.responses.waiting.capacity()
    }
}
