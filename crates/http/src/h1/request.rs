//! The client's direction: requests and their bodies.

use flow::{Missing, Timestamp};

use super::body::{Body, Framing};
use super::fields::{Block, unfolded};
use super::half::{Gathered, Parse, Stage, parse};
use super::line::{Likeness, REQUEST, RequestLine, begins_request};
use super::resync::{after_head, blank_lines};
use super::session::Http1;
use crate::counters::{Reason, Unanswered};
use crate::intake::Intake;
use crate::message::{Progress, Sink};

impl Http1 {
    /// Takes bytes of the client.
    pub(crate) fn request_data<S: Sink>(&mut self, data: &[u8], intake: &mut Intake<'_, S>) {
        let (mut rest, mut fresh) = (data, true);
        while !rest.is_empty() {
            rest = match self.requests.stage {
                Stage::Start => self.request_start(rest, intake),
                Stage::Body(body) => self.request_body(body, rest, intake),
                Stage::Expecting(body) => self.expect(body, rest, intake),
                Stage::Search(reason) => self.search_request(reason, rest, fresh, intake),
                Stage::Ended => {
                    intake.counters.skip(Reason::Ended, rest.len());
                    &[]
                }
            };
            fresh = false;
        }
    }

    fn request_start<'d, S: Sink>(&mut self, data: &'d [u8], intake: &mut Intake<'_, S>) -> &'d [u8] {
        if !self.requests.waiting.is_empty() {
            return self.request_goes_on(data, intake);
        }
        let data = blank_lines(data, intake.counters);
        if data.is_empty() {
            return data;
        }
        match parse(data, &REQUEST) {
            Parse::Head(line, block) => {
                self.admit(data, line, block, intake.time, intake);
                data.get(block.len..).unwrap_or_default()
            }
            Parse::More => {
                self.requests.hold_head(data, intake.time, intake.counters);
                &[]
            }
            Parse::TooLarge => {
                self.give_up_head(Reason::HeadTooLarge, intake);
                data
            }
            Parse::No => {
                self.requests_lost(Reason::Malformed, intake);
                data
            }
        }
    }

    /// Takes more of a head of which a part is held.
    fn request_goes_on<'d, S: Sink>(&mut self, data: &'d [u8], intake: &mut Intake<'_, S>) -> &'d [u8] {
        match self.requests.gather(data, &REQUEST, intake.counters) {
            Gathered::More => &[],
            Gathered::Whole(taken) => {
                let time = self.requests.waiting.time;
                let head = self.requests.release(intake.counters);
                if let Parse::Head(line, block) = parse(&head, &REQUEST) {
                    self.admit(&head, line, block, time, intake);
                }
                self.requests.waiting.reuse(head);
                data.get(taken..).unwrap_or_default()
            }
            Gathered::TooLarge => {
                self.give_up_head(Reason::HeadTooLarge, intake);
                data
            }
            Gathered::No(taken) => {
                self.requests.discard(Reason::Malformed, intake.counters);
                self.requests_lost(Reason::Malformed, intake);
                data.get(taken..).unwrap_or_default()
            }
        }
    }

    /// Takes a request whose head is complete.
    pub(super) fn admit<S: Sink>(
        &mut self,
        head: &[u8],
        line: RequestLine,
        block: Block,
        time: Timestamp,
        intake: &mut Intake<'_, S>,
    ) {
        intake.counters.requests += 1;
        intake.counters.waiting_requests += 1;
        intake.counters.head_bytes += block.len as u64;
        let unfolded =
            if block.folded { unfolded(head.get(..block.len).unwrap_or(head), block.start) } else { None };
        let (head, block) = unfolded.as_ref().map_or((head, block), |copy| (copy.0.as_slice(), copy.1));
        intake.counters.bad_fields += u64::from(block.bad);
        self.pass_over_lost(intake);

        let responses_lost =
            matches!(self.responses.stage, Stage::Search(reason) if reason != Reason::Joined);
        if self.pairing.another(responses_lost) {
            self.flush_ended(Unanswered::Gap, intake);
        }
        let closed = (self.responses.stage == Stage::Ended).then_some(Unanswered::Closed);
        let client = self.client;
        let (pending, unpaired) = self.pairing.push();
        pending.begin(head, line, block, time);
        pending.unpaired = closed.or(unpaired);
        let connect = pending.method() == b"CONNECT";
        let framing = Framing::of_request(block.claim);
        if matches!(framing, Framing::Body(_)) {
            let keep = intake.sink.request(&pending.request_head(client));
            pending.making.keep_request(keep);
        }
        match framing {
            _ if connect => {
                self.requests.stage = Stage::Search(Reason::Connect);
                self.end_request(Progress::Ended, intake);
            }
            Framing::Empty => self.end_request(Progress::Ended, intake),
            Framing::Body(body) => self.requests.stage = Stage::Body(body),
            Framing::Unclear => {
                self.requests.stage = Stage::Search(Reason::Framing);
                self.end_request(Progress::Cut, intake);
            }
        }
    }

    /// A new request, seen or missed, says that the response of the one before it, which may have been in a gap, was.
    fn pass_over_lost<S: Sink>(&mut self, intake: &mut Intake<'_, S>) {
        let client = self.client;
        if let Some(first) = self.pairing.first().filter(|first| first.response_lost) {
            intake.give(&first.exchange(client), Unanswered::Gap);
            self.pairing.pop_first();
        }
    }

    fn request_body<'d, S: Sink>(
        &mut self,
        mut body: Body,
        data: &'d [u8],
        intake: &mut Intake<'_, S>,
    ) -> &'d [u8] {
        let mut last = self.pairing.last();
        let each = |bytes: &[u8]| {
            if let Some(last) = &mut last {
                last.add_to_request(bytes);
            }
        };
        match body.read(data, intake.counters, each) {
            Ok(rest) => {
                self.request_body_at(body, intake);
                rest
            }
            Err(rest) => {
                self.requests_lost(Reason::Malformed, intake);
                rest
            }
        }
    }

    /// The request's body was read up to here.
    fn request_body_at<S: Sink>(&mut self, body: Body, intake: &mut Intake<'_, S>) {
        if body.ended() {
            self.requests.stage = Stage::Start;
            self.end_request(Progress::Ended, intake);
        } else {
            self.requests.stage = Stage::Body(body);
        }
    }

    /// There is no more of the request that is being read.
    fn end_request<S: Sink>(&mut self, progress: Progress, intake: &mut Intake<'_, S>) {
        let client = self.client;
        let Some(last) = self.pairing.last() else { return };
        last.making.request = progress;
        if let Some(reason) = last.unpaired {
            intake.give(&last.exchange(client), reason);
            self.pairing.pop_last();
        }
        self.settle(intake);
    }

    /// Takes the body that the client was told not to send, or the request after it.
    fn expect<'d, S: Sink>(&mut self, body: Body, data: &'d [u8], intake: &mut Intake<'_, S>) -> &'d [u8] {
        let requests = &mut self.requests;
        match requests.liken(data, intake.time, begins_request, intake.counters) {
            Likeness::Maybe => return &[],
            Likeness::No => requests.stage = Stage::Body(body),
            Likeness::Yes => {
                requests.stage = Stage::Start;
                self.end_request(Progress::Ended, intake);
            }
        }
        self.read_held_request(intake);
        &[]
    }

    /// Reads what is held as what the stage now says that it is.
    pub(crate) fn read_held_request<S: Sink>(&mut self, intake: &mut Intake<'_, S>) {
        let held = self.requests.release(intake.counters);
        self.request_data(&held, intake);
        self.requests.waiting.reuse(held);
    }

    fn search_request<'d, S: Sink>(
        &mut self,
        reason: Reason,
        data: &'d [u8],
        fresh: bool,
        intake: &mut Intake<'_, S>,
    ) -> &'d [u8] {
        let start = match begins_request(data) {
            _ if !fresh => None,
            Likeness::Yes => Some(0),
            Likeness::Maybe if data.contains(&b' ') => Some(0),
            Likeness::Maybe | Likeness::No => after_head(data),
        };
        intake.counters.skip(reason, start.unwrap_or(data.len()));
        let Some(start) = start else { return &[] };
        self.requests.stage = Stage::Start;
        data.get(start..).unwrap_or_default()
    }

    /// Takes note that bytes of the client are not here.
    pub(crate) fn request_skip<S: Sink>(&mut self, bytes: u64, missing: Missing, intake: &mut Intake<'_, S>) {
        if let Stage::Expecting(body) = self.requests.stage {
            self.requests.stage = Stage::Body(body);
            self.read_held_request(intake);
        }
        if missing == Missing::NotCopied && self.request_cut(intake) {
            return;
        }
        if let Stage::Body(mut body) = self.requests.stage
            && body.skip(bytes)
        {
            if let Some(last) = self.pairing.last() {
                last.making.miss_in_request(bytes);
                last.making.gapped |= missing == Missing::Gap;
            }
            self.request_body_at(body, intake);
        } else {
            self.requests_lost(Reason::of(missing), intake);
        }
    }

    /// Gives up the head that is held, or begins here.
    fn give_up_head<S: Sink>(&mut self, reason: Reason, intake: &mut Intake<'_, S>) {
        intake.counters.requests += 1;
        intake.counters.give_up(reason);
        self.requests.discard(reason, intake.counters);
        self.requests_lost(reason, intake);
    }

    /// Notes that it is open where the next request begins, and whether some were missed.
    fn requests_lost<S: Sink>(&mut self, reason: Reason, intake: &mut Intake<'_, S>) {
        let holds = !self.requests.waiting.is_empty();
        match self.requests.stage {
            Stage::Ended => {}
            Stage::Start if holds => self.give_up_head(reason, intake),
            Stage::Start | Stage::Search(_) => {
                self.requests.stage = Stage::Search(reason);
                self.pass_over_lost(intake);
                self.pairing.requests_lost(self.pairing.len());
            }
            Stage::Body(_) | Stage::Expecting(_) => {
                self.requests.stage = Stage::Search(reason);
                self.pairing.requests_lost(self.pairing.len().saturating_sub(1));
                self.end_request(Progress::Cut, intake);
                self.pass_over_lost(intake);
            }
        }
    }

    /// Takes note that the client sends nothing more.
    pub(crate) fn end_requests<S: Sink>(&mut self, intake: &mut Intake<'_, S>) {
        let holds = !self.requests.waiting.is_empty();
        match self.requests.stage {
            Stage::Start if holds => self.give_up_head(Reason::Ended, intake),
            Stage::Body(_) => self.end_request(Progress::Cut, intake),
            Stage::Expecting(_) => {
                self.requests.discard(Reason::Ended, intake.counters);
                self.end_request(Progress::Ended, intake);
            }
            Stage::Start | Stage::Search(_) | Stage::Ended => {}
        }
        self.requests.stage = Stage::Ended;
    }
}
