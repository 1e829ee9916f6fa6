//! The client's direction: requests and their bodies.

use flow::Missing;

use super::body::{Body, Framing};
use super::fields::{Block, unfolded};
use super::half::{Gathered, HELD_AT_ONCE, Parse, Stage, parse};
use super::line::{Likeness, REQUEST, RequestLine, begins_request};
use super::resync::{after_head, blank_lines};
use super::session::Http1;
use super::stand::{Before, Stand};
use crate::counters::{Reason, Unanswered};
use crate::intake::{Intake, Place};
use crate::message::{Progress, Sink};

impl Http1 {
    /// Takes bytes of the client.
    pub(crate) fn request_data<S: Sink>(&mut self, data: &[u8], intake: &mut Intake<'_, S>) {
        if self.is_untaken(intake) {
            self.requests.stage = Stage::Untaken;
        }
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
                Stage::Untaken => {
                    intake.counters.skip(Reason::NotTaken, rest.len());
                    &[]
                }
            };
            fresh = false;
        }
    }

    /// Returns whether bytes that come now can be no request: the answer to the last one goes on until the connection ends,
    /// and its client had a part of it when it sent them.
    fn is_untaken<S>(&mut self, intake: &Intake<'_, S>) -> bool {
        let idle = self.requests.stage == Stage::Start && self.requests.waiting.is_empty();
        let goes_on = self.responses.stage == Stage::Body(Body::Close);
        idle && goes_on
            && self.responding().is_some_and(|first| first.stand.server != intake.acknowledgment)
            && self.pairing.len() == 1
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
                self.admit(data, line, block, intake.place(data.len()), intake);
                data.get(block.len..).unwrap_or_default()
            }
            Parse::More => {
                self.requests.hold_head(data, intake.place(data.len()), intake.counters);
                &[]
            }
            Parse::TooLarge => {
                let (head, rest) = data.split_at(HELD_AT_ONCE.min(data.len()));
                self.requests.hold_head(head, intake.place(data.len()), intake.counters);
                rest
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
            Gathered::Whole(taken) => {
                let place = self.requests.waiting.place;
                let head = self.requests.release(intake.counters);
                if let Parse::Head(line, block) = parse(&head, &REQUEST) {
                    self.admit(&head, line, block, place, intake);
                }
                self.requests.waiting.reuse(head);
                data.get(taken..).unwrap_or_default()
            }
            Gathered::More if self.requests.is_beyond(intake.end) => {
                self.give_up_head(Reason::HeadTooLarge, intake);
                &[]
            }
            Gathered::More => &[],
            Gathered::Larger(taken) => {
                let place = self.requests.waiting.place;
                let head = self.requests.release_lines(intake.counters);
                match parse(&head, &REQUEST) {
                    Parse::Head(line, block) => {
                        self.admit(&head, line, block, place, intake);
                        self.pairing.last().into_iter().for_each(|last| last.making.gapped = true);
                    }
                    _ => {
                        intake.counters.skip(Reason::HeadTooLarge, head.len());
                        self.give_up_head(Reason::HeadTooLarge, intake);
                    }
                }
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
        place: Place,
        intake: &mut Intake<'_, S>,
    ) {
        let end = place.sequence.wrapping_add(block.len as u32);
        let stand = Stand { server: place.acknowledgment, client: end };
        intake.counters.requests += 1;
        intake.counters.waiting_requests += 1;
        intake.counters.head_bytes += block.len as u64;
        let unfolded =
            if block.folded { unfolded(head.get(..block.len).unwrap_or(head), block.start) } else { None };
        let (head, block) = unfolded.as_ref().map_or((head, block), |copy| (copy.0.as_slice(), copy.1));
        intake.counters.bad_fields += u64::from(block.bad);
        if matches!(self.responses.stage, Stage::Body(body) if body.lacks_last_line())
            && stand.server == self.pairing.heard
        {
            self.responses.stage = Stage::Start;
            self.end_response(Progress::Ended, intake);
        }
        if self.pairing.another(stand) {
            self.pass_over(self.pairing.len(), Unanswered::Gap, intake);
        }
        let client = self.client;
        while let Some(oldest) = self.pairing.crowded() {
            intake.give(&oldest.exchange(client), Unanswered::Pipelined);
            self.pairing.make_room();
        }
        let (pending, before) = self.pairing.push(stand);
        pending.begin(head, line, block, place.time, stand);
        pending.before = before;
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
        match requests.liken(data, intake.place(data.len()), begins_request, intake.counters) {
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
        let place = self.requests.waiting.place;
        let held = self.requests.release(intake.counters);
        self.request_data(&held, &mut intake.at(place, held.len()));
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
        if start.is_some_and(|start| start > 0) {
            self.pairing.requests_lost(Before::Asked);
        }
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
        if self.requests.stage == Stage::Start && holds {
            return self.give_up_head(reason, intake);
        }
        let what = if reason == Reason::Malformed { Before::Junk } else { Before::Lost };
        self.pairing.requests_lost(what);
        match self.requests.stage {
            Stage::Ended | Stage::Untaken => {}
            Stage::Start | Stage::Search(_) => self.requests.stage = Stage::Search(reason),
            Stage::Body(_) | Stage::Expecting(_) => {
                self.requests.stage = Stage::Search(reason);
                self.end_request(Progress::Cut, intake);
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
            Stage::Start | Stage::Search(_) | Stage::Ended | Stage::Untaken => {}
        }
        self.requests.stage = Stage::Ended;
    }
}
