//! The client's direction: requests and their bodies.

use flow::Missing;

use super::body::{Body, Framing};
use super::fields::{Block, unfolded};
use super::half::{Gathered, Parse, Stage, parse};
use super::line::{Likeness, REQUEST, RequestLine, begins_request};
use super::pending::Progress;
use super::resync::{after_head, blank_lines};
use crate::MAX_KEEP;
use crate::connection::{Call, Connection, hand_on};
use crate::counters::{Reason, Unanswered};
use crate::message::{Keep, Seen};

impl Connection {
    /// Takes bytes of the client.
    pub(crate) fn request_data<S: FnMut(Seen<'_>) -> Keep>(&mut self, data: &[u8], call: &mut Call<'_, S>) {
        let (mut rest, mut fresh) = (data, true);
        while !rest.is_empty() {
            rest = match self.requests().stage {
                Stage::Start => self.request_start(rest, call),
                Stage::Body(body) => self.request_body(body, rest, call),
                Stage::Expecting(body) => self.expect(body, rest, call),
                Stage::Search(reason) => self.search_request(reason, rest, fresh, call),
                Stage::Ended => {
                    call.counters.skip(Reason::Ended, rest.len());
                    &[]
                }
            };
            fresh = false;
        }
    }

    fn request_start<'d, S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        data: &'d [u8],
        call: &mut Call<'_, S>,
    ) -> &'d [u8] {
        if self.requests().holds() {
            return self.request_goes_on(data, call);
        }
        let data = blank_lines(data, call.counters);
        if data.is_empty() {
            return data;
        }
        match parse(data, &REQUEST) {
            Parse::Head(line, block) => {
                self.admit(data, line, block, call.time, call);
                data.get(block.len..).unwrap_or_default()
            }
            Parse::More => {
                self.requests().hold_head(data, call.time, call.counters);
                &[]
            }
            Parse::TooLarge => {
                self.give_up_head(Reason::HeadTooLarge, call);
                data
            }
            Parse::No => {
                self.requests_lost(Reason::Malformed, call);
                data
            }
        }
    }

    /// Takes more of a head of which a part is held.
    fn request_goes_on<'d, S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        data: &'d [u8],
        call: &mut Call<'_, S>,
    ) -> &'d [u8] {
        match self.requests().gather(data, &REQUEST, call.counters) {
            Gathered::More => &[],
            Gathered::Whole(taken) => {
                let time = self.requests().time;
                let head = self.requests().release(call.counters);
                if let Parse::Head(line, block) = parse(&head, &REQUEST) {
                    self.admit(&head, line, block, time, call);
                }
                self.give_back(self.client, head);
                data.get(taken..).unwrap_or_default()
            }
            Gathered::TooLarge => {
                self.give_up_head(Reason::HeadTooLarge, call);
                data
            }
            Gathered::No(taken) => {
                self.requests().drop_held(Reason::Malformed, call.counters);
                self.requests_lost(Reason::Malformed, call);
                data.get(taken..).unwrap_or_default()
            }
        }
    }

    /// A request's head is complete.
    fn admit<S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        head: &[u8],
        line: RequestLine,
        block: Block,
        time: u64,
        call: &mut Call<'_, S>,
    ) {
        call.counters.requests += 1;
        call.counters.waiting_requests += 1;
        call.counters.head_bytes += block.len as u64;
        let unfolded =
            if block.folded { unfolded(head.get(..block.len).unwrap_or(head), block.start) } else { None };
        let (head, block) = unfolded.as_ref().map_or((head, block), |copy| (&copy.0[..], copy.1));
        call.counters.bad_fields += u64::from(block.bad);
        self.pass_over_lost(call);

        let responses_lost =
            matches!(self.responses().stage, Stage::Search(reason) if reason != Reason::Joined);
        if self.pairing.another(responses_lost) {
            self.flush_ended(Unanswered::Gap, call);
        }
        let closed = (self.responses().stage == Stage::Ended).then_some(Unanswered::Closed);
        let client = self.client;
        let (pending, unpaired) = self.pairing.push();
        pending.begin(head, line, block, time);
        pending.unpaired = closed.or(unpaired);
        let connect = pending.method() == b"CONNECT";
        let framing = Framing::of_request(block.claim);
        if matches!(framing, Framing::Body(_)) {
            let keep = (call.sink)(Seen::Request(pending.request_head(client)));
            pending.keep_request(keep.0.min(MAX_KEEP));
        }
        match framing {
            _ if connect => {
                self.requests().stage = Stage::Search(Reason::Connect);
                self.end_request(Progress::Ended, call);
            }
            Framing::Empty => self.end_request(Progress::Ended, call),
            Framing::Body(body) => self.requests().stage = Stage::Body(body),
            Framing::Unclear => {
                self.requests().stage = Stage::Search(Reason::Framing);
                self.end_request(Progress::Cut, call);
            }
        }
    }

    /// A new request, seen or missed, says that the response of the one before it, which may have been in a gap, was.
    fn pass_over_lost<S: FnMut(Seen<'_>) -> Keep>(&mut self, call: &mut Call<'_, S>) {
        let client = self.client;
        if let Some(first) = self.pairing.first().filter(|first| first.response_lost) {
            hand_on(first, client, Unanswered::Gap, call);
            self.pairing.pop_first();
        }
    }

    fn request_body<'d, S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        mut body: Body,
        data: &'d [u8],
        call: &mut Call<'_, S>,
    ) -> &'d [u8] {
        let mut last = self.pairing.last();
        let each = |bytes: &[u8]| {
            if let Some(last) = &mut last {
                last.add_to_request(bytes);
            }
        };
        match body.read(data, call.counters, each) {
            Ok(rest) => {
                self.request_body_at(body, call);
                rest
            }
            Err(rest) => {
                self.requests_lost(Reason::Malformed, call);
                rest
            }
        }
    }

    /// The request's body was read up to here.
    fn request_body_at<S: FnMut(Seen<'_>) -> Keep>(&mut self, body: Body, call: &mut Call<'_, S>) {
        if body.ended() {
            self.requests().stage = Stage::Start;
            self.end_request(Progress::Ended, call);
        } else {
            self.requests().stage = Stage::Body(body);
        }
    }

    /// There is no more of the request that is being read.
    fn end_request<S: FnMut(Seen<'_>) -> Keep>(&mut self, progress: Progress, call: &mut Call<'_, S>) {
        let client = self.client;
        let Some(last) = self.pairing.last() else { return };
        last.request = progress;
        if let Some(reason) = last.unpaired {
            hand_on(last, client, reason, call);
            self.pairing.pop_last();
        }
        self.settle(call);
    }

    /// Takes the body that the client was told not to send, or the request after it.
    fn expect<'d, S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        body: Body,
        data: &'d [u8],
        call: &mut Call<'_, S>,
    ) -> &'d [u8] {
        let requests = self.half(self.client);
        match requests.liken(data, call.time, begins_request, call.counters) {
            Likeness::Maybe => return &[],
            Likeness::No => requests.stage = Stage::Body(body),
            Likeness::Yes => {
                requests.stage = Stage::Start;
                self.end_request(Progress::Ended, call);
            }
        }
        self.read_held_request(call);
        &[]
    }

    /// Reads what is held as what the stage now says that it is.
    pub(crate) fn read_held_request<S: FnMut(Seen<'_>) -> Keep>(&mut self, call: &mut Call<'_, S>) {
        let held = self.requests().release(call.counters);
        self.request_data(&held, call);
        self.give_back(self.client, held);
    }

    fn search_request<'d, S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        reason: Reason,
        data: &'d [u8],
        fresh: bool,
        call: &mut Call<'_, S>,
    ) -> &'d [u8] {
        let start = match begins_request(data) {
            _ if !fresh => None,
            Likeness::Yes => Some(0),
            Likeness::Maybe if data.contains(&b' ') => Some(0),
            Likeness::Maybe | Likeness::No => after_head(data),
        };
        call.counters.skip(reason, start.unwrap_or(data.len()));
        let Some(start) = start else { return &[] };
        self.requests().stage = Stage::Start;
        data.get(start..).unwrap_or_default()
    }

    /// Bytes of the client are not here.
    pub(crate) fn request_skip<S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        bytes: u64,
        missing: Missing,
        call: &mut Call<'_, S>,
    ) {
        if let Stage::Expecting(body) = self.requests().stage {
            self.requests().stage = Stage::Body(body);
            self.read_held_request(call);
        }
        if let Stage::Body(mut body) = self.requests().stage
            && body.skip(bytes)
        {
            if let Some(last) = self.pairing.last() {
                last.miss_in_request(bytes);
                last.intact &= missing == Missing::NotCopied;
            }
            self.request_body_at(body, call);
        } else {
            self.requests_lost(Reason::of(missing), call);
        }
    }

    /// The head that is held, or begins here, is not read.
    fn give_up_head<S: FnMut(Seen<'_>) -> Keep>(&mut self, reason: Reason, call: &mut Call<'_, S>) {
        call.counters.requests += 1;
        call.counters.give_up(reason);
        self.requests().drop_held(reason, call.counters);
        self.requests_lost(reason, call);
    }

    /// From here on it is open where the next request begins, and whether some were missed.
    fn requests_lost<S: FnMut(Seen<'_>) -> Keep>(&mut self, reason: Reason, call: &mut Call<'_, S>) {
        let holds = self.requests().holds();
        match self.requests().stage {
            Stage::Ended => {}
            Stage::Start if holds => self.give_up_head(reason, call),
            Stage::Start | Stage::Search(_) => {
                self.requests().stage = Stage::Search(reason);
                self.pass_over_lost(call);
                self.pairing.requests_lost(self.pairing.len());
            }
            Stage::Body(_) | Stage::Expecting(_) => {
                self.requests().stage = Stage::Search(reason);
                self.pairing.requests_lost(self.pairing.len().saturating_sub(1));
                self.end_request(Progress::Cut, call);
                self.pass_over_lost(call);
            }
        }
    }

    /// The client sends nothing more.
    pub(crate) fn end_requests<S: FnMut(Seen<'_>) -> Keep>(&mut self, call: &mut Call<'_, S>) {
        let holds = self.requests().holds();
        match self.requests().stage {
            Stage::Start if holds => self.give_up_head(Reason::Ended, call),
            Stage::Body(_) => self.end_request(Progress::Cut, call),
            Stage::Expecting(_) => {
                self.requests().drop_held(Reason::Ended, call.counters);
                self.end_request(Progress::Ended, call);
            }
            Stage::Start | Stage::Search(_) | Stage::Ended => {}
        }
        self.requests().stage = Stage::Ended;
    }
}
