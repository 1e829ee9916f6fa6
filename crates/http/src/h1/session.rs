//! A connection that is HTTP/1: what is known of its two directions together.

use flow::{Direction, Kept, Missing};

use super::after::After;
use super::half::{Half, Stage};
use super::pairing::Pairing;
use super::stand::Before;
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
    /// Begins with directions that stand there. `before` is what is known of earlier requests; `astray`: responses may have
    /// been missed.
    pub(crate) fn new(
        client: Direction,
        requests: Stage,
        responses: Stage,
        before: Before,
        astray: bool,
    ) -> Http1 {
        let pairing = Pairing::joined(before, astray);
        let (requests, responses) = (Half::new(requests), Half::new(responses));
        Http1 { client, pairing, requests, responses, answers: Answers::First }
    }

    /// Sets how far the client's stream had reached the server so far.
    pub(crate) fn taken_to(&mut self, sequence: u32) {
        self.pairing.taken = sequence;
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
            self.responses_lost(Reason::of(missing), 0, intake);
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
            self.flush(Unanswered::Closed, Some(self.pairing.taken), intake);
        }
        ended
    }

    /// Takes the end of the connection; `reason` is why what waits has no response, and the server had the client's stream up to
    /// `taken`, if that is known.
    pub(crate) fn end<S: Sink>(
        &mut self,
        reason: Unanswered,
        taken: Option<u32>,
        intake: &mut Intake<'_, S>,
    ) {
        self.end_requests(intake);
        self.end_responses(false, intake);
        self.flush(reason, taken, intake);
    }

    /// Returns the direction of the requests.
    pub(crate) fn client(&self) -> Direction {
        self.client
    }

    /// Hands on the requests at the head of the queue that have ended.
    pub(super) fn settle<S: Sink>(&mut self, intake: &mut Intake<'_, S>) {
        while let Some(first) = self.pairing.first().filter(|first| first.ended()) {
            let reason = first.unpaired.unwrap_or(Unanswered::Closed);
            intake.give(&first.exchange(self.client), reason);
            self.pairing.pop_first();
        }
    }

    /// Hands on all requests that wait, as far as they were read; but for those that the server did not take, which had
    /// the client's stream up to `taken`, if that is known.
    pub(super) fn flush<S: Sink>(
        &mut self,
        reason: Unanswered,
        taken: Option<u32>,
        intake: &mut Intake<'_, S>,
    ) {
        while let Some(first) = self.pairing.first() {
            if first.making.request == Progress::Open {
                first.making.request = Progress::Cut;
            }
            if first.responded() || taken.is_none_or(|taken| first.is_taken(taken)) {
                intake.give(&first.exchange(self.client), first.unpaired.unwrap_or(reason));
            } else {
                intake.refuse_request();
            }
            self.pairing.pop_first();
        }
    }

    /// Hands on the first requests, so many of them: no response is waited for any more, for this reason.
    pub(super) fn pass_over<S: Sink>(
        &mut self,
        requests: usize,
        reason: Unanswered,
        intake: &mut Intake<'_, S>,
    ) {
        let client = self.client;
        for _ in 0..requests {
            let Some(first) = self.pairing.first() else { return };
            if first.making.request == Progress::Open {
                first.unpaired = first.unpaired.or(Some(reason));
                return;
            }
            intake.give(&first.exchange(client), first.unpaired.unwrap_or(reason));
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

    /// Returns what is lost with it: nothing where both directions are between messages, and all is known.
    pub(crate) fn kept(&self) -> Kept {
        let between = |half: &Half| half.stage == Stage::Start && half.waiting.is_empty();
        let rests = between(&self.requests) && between(&self.responses) && self.pairing.rests();
        if rests { Kept::Client(self.client) } else { Kept::Usual }
    }

    /// Returns the number of bytes of memory behind it.
    pub(crate) fn held(&self) -> usize {
        self.pairing.held() + self.requests.waiting.capacity() + self.responses.waiting.capacity()
    }
}
