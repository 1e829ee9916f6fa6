//! The server's direction: responses and their bodies.

use flow::Missing;

use super::after::After;
use super::body::{Body, Framing};
use super::fields::{Block, unfolded};
use super::half::{Gathered, HELD_AT_ONCE, Parse, Stage, parse};
use super::line::{Likeness, RESPONSE, begins_response};
use super::pending::Pending;
use super::resync::blank_lines;
use super::session::{Answers, Http1};
use super::stand::Stand;
use crate::MAX_KEEP;
use crate::counters::{Reason, Unanswered};
use crate::h2::Http2;
use crate::intake::{Intake, Place};
use crate::message::{self, Head, Keep, Progress, Sink, Unreadable, may_go_on};
use crate::turn::Turn;

/// What comes behind the bytes that were read, or what the connection turns into before them.
type Read<'d> = Result<&'d [u8], (After, &'d [u8])>;

impl Http1 {
    /// Takes bytes of the server. Returns what the connection turns into, if it does.
    pub(super) fn response_data<'d, S: Sink>(
        &mut self,
        data: &'d [u8],
        intake: &mut Intake<'_, S>,
    ) -> Option<Turn<'d, After>> {
        (self.pairing.heard, self.pairing.taken) = (intake.end, intake.acknowledgment);
        let (mut rest, mut fresh) = (data, true);
        while !rest.is_empty() {
            rest = match self.responses.stage {
                Stage::Start => match self.response_start(rest, intake) {
                    Ok(rest) => rest,
                    Err((after, rest)) => {
                        let waited = (self.requests.release(intake.counters), self.requests.waiting.place);
                        return Some(Turn { into: after, waited, rest, place: intake.place(rest.len()) });
                    }
                },
                Stage::Body(body) => self.response_body(body, rest, fresh, intake),
                Stage::Search(reason) => self.search_response(reason, rest, fresh, intake),
                Stage::Expecting(_) | Stage::Ended | Stage::Untaken => {
                    intake.counters.skip(Reason::Ended, rest.len());
                    &[]
                }
            };
            fresh = false;
        }
        None
    }

    fn response_start<'d, S: Sink>(&mut self, data: &'d [u8], intake: &mut Intake<'_, S>) -> Read<'d> {
        if !self.responses.waiting.is_empty() {
            return self.response_goes_on(data, intake);
        }
        let data = blank_lines(data, intake.counters);
        if data.is_empty() {
            return Ok(data);
        }
        match parse(data, &RESPONSE) {
            Parse::Head((_, status), block) => self
                .respond(data, status, block, intake.place(data.len()), intake)
                .map_err(|after| (after, data.get(block.len..).unwrap_or_default())),
            Parse::More => {
                self.responses.hold_head(data, intake.place(data.len()), intake.counters);
                Ok(&[])
            }
            Parse::TooLarge => {
                let (head, rest) = data.split_at(HELD_AT_ONCE.min(data.len()));
                self.responses.hold_head(head, intake.place(data.len()), intake.counters);
                Ok(rest)
            }
            Parse::No => {
                self.responses_lost(Reason::Malformed, data.len(), intake);
                Ok(data)
            }
        }
    }

    /// Takes more of a head of which a part is held.
    fn response_goes_on<'d, S: Sink>(&mut self, data: &'d [u8], intake: &mut Intake<'_, S>) -> Read<'d> {
        match self.responses.gather(data, &RESPONSE, intake.counters) {
            Gathered::More if self.responses.is_beyond(intake.end) => {
                self.responses_lost(Reason::HeadTooLarge, 0, intake);
                Ok(&[])
            }
            Gathered::More => Ok(&[]),
            Gathered::Larger(taken) => {
                let place = self.responses.waiting.place;
                let head = self.responses.release_lines(intake.counters);
                let rest = data.get(taken..).unwrap_or_default();
                let Parse::Head((_, status), block) = parse(&head, &RESPONSE) else {
                    intake.counters.skip(Reason::HeadTooLarge, head.len());
                    self.responses_lost(Reason::HeadTooLarge, rest.len(), intake);
                    return Ok(rest);
                };
                self.pairing.first().into_iter().for_each(|first| first.making.gapped = true);
                self.respond(&head, status, block, place, intake).map_err(|after| (after, rest))?;
                // The field that says where its body ends may be behind what fits.
                if self.responses.stage == Stage::Body(Body::Close) {
                    self.end_response(Progress::Cut, intake);
                    self.responses.stage = Stage::Search(Reason::HeadTooLarge);
                }
                Ok(rest)
            }
            Gathered::Whole(taken) => {
                let place = self.responses.waiting.place;
                let head = self.responses.release(intake.counters);
                let rest = data.get(taken..).unwrap_or_default();
                if let Parse::Head((_, status), block) = parse(&head, &RESPONSE) {
                    self.respond(&head, status, block, place, intake).map_err(|after| (after, rest))?;
                }
                self.responses.waiting.reuse(head);
                Ok(rest)
            }
            Gathered::TooLarge => {
                self.responses_lost(Reason::HeadTooLarge, data.len(), intake);
                Ok(data)
            }
            Gathered::No(taken) => {
                self.responses_lost(Reason::Malformed, data.len(), intake);
                Ok(data.get(taken..).unwrap_or_default())
            }
        }
    }

    /// Takes a response whose head is complete. Returns the bytes of `data` behind what was read.
    fn respond<'d, S: Sink>(
        &mut self,
        data: &'d [u8],
        status: u16,
        block: Block,
        place: Place,
        intake: &mut Intake<'_, S>,
    ) -> Result<&'d [u8], After> {
        let stand = Stand { server: place.sequence, client: place.acknowledgment };
        intake.counters.head_bytes += block.len as u64;
        let rest = data.get(block.len..).unwrap_or_default();
        let unfolded =
            if block.folded { unfolded(data.get(..block.len).unwrap_or(data), block.start) } else { None };
        let (head, block) = unfolded.as_ref().map_or((data, block), |copy| (copy.0.as_slice(), copy.1));
        intake.counters.bad_fields += u64::from(block.bad);
        let lines = head.get(block.start..block.end).unwrap_or_default();
        let fields = Head { lines, marks: block.marks };
        if matches!(status, 100..200) && status != 101 {
            intake.counters.interim += 1;
            self.pairing.meets(stand);
            return Ok(rest);
        }
        self.responses.stage = Stage::Start;
        let placed = self.pairing.place(stand);
        self.pass_over(placed.over, Unanswered::Gap, intake);
        if placed.found {
            self.final_response(fields, status, block, rest, intake)
        } else {
            self.orphan(fields, status, block, intake).map_or(Ok(rest), Err)
        }
    }

    fn final_response<'d, S: Sink>(
        &mut self,
        fields: Head<'_>,
        status: u16,
        block: Block,
        rest: &'d [u8],
        intake: &mut Intake<'_, S>,
    ) -> Result<&'d [u8], After> {
        let client = self.client;
        let Some(pending) = self.pairing.first() else { return Ok(rest) };
        let request = pending.request_head(client);
        let keep = intake.sink.response(&request, status, fields);
        let connected = pending.method() == b"CONNECT" && matches!(status, 200..300);
        let body = match self.requests.stage {
            Stage::Body(body) => Some(body),
            _ => None,
        };
        let whole = pending.making.request == Progress::Ended || body.is_some();
        if status == 101 && whole && fields.lists("upgrade", "h2c") {
            let http2 = Box::new(Http2::upgraded(client, &request, body));
            return Err(self.upgrade(http2, intake));
        }
        if connected || status == 101 {
            let next = if connected { Unreadable::Tunnel } else { upgraded(fields, request.headers) };
            self.whole_response(fields, status, &[], Keep(0), intake);
            return Err(self.unreadable(next, intake));
        }
        let framing = Framing::of_response(block.claim, status, pending.method() == b"HEAD");
        let len = match framing {
            Framing::Empty => Some(0),
            Framing::Body(Body::Length(len)) => usize::try_from(len).ok(),
            Framing::Body(_) | Framing::Unclear => None,
        };
        let body = len
            .and_then(|len| rest.split_at_checked(len))
            .filter(|_| pending.making.request != Progress::Open);
        if let Some((body, rest)) = body {
            self.whole_response(fields, status, body, keep, intake);
            self.refused_tunnel();
            return Ok(rest);
        }
        pending.respond(status, fields);
        pending.making.keep_response(keep);
        if matches!(framing, Framing::Body(Body::Close | Body::Chunked(_)))
            && may_go_on(&pending.request_head(client), fields)
        {
            pending.show(client, intake.sink);
        }
        match framing {
            Framing::Body(body) => self.responses.stage = Stage::Body(body),
            Framing::Empty | Framing::Unclear => self.end_response(Progress::Ended, intake),
        }
        self.refused_tunnel();
        self.expect_body_or_request();
        Ok(rest)
    }

    /// The connection goes on as HTTP/2, and answers the request that asked for it there.
    fn upgrade<S: Sink>(&mut self, mut http2: Box<Http2>, intake: &mut Intake<'_, S>) -> After {
        self.pairing.pop_first();
        self.flush(Unanswered::Unreadable, None, intake);
        if self.requests.stage == Stage::Ended {
            http2.fin(self.client, intake);
        }
        After::Http2(http2)
    }

    /// Nothing that comes from here on can be read.
    fn unreadable<S: Sink>(&mut self, why: Unreadable<'static>, intake: &mut Intake<'_, S>) -> After {
        self.requests.discard(Reason::Unreadable, intake.counters);
        self.responses.discard(Reason::Unreadable, intake.counters);
        self.flush(Unanswered::Unreadable, None, intake);
        After::Unreadable(intake.unreadable(self.client, why))
    }

    /// The response of the first request, whole and in place: nothing of it is copied.
    fn whole_response<S: Sink>(
        &mut self,
        fields: Head<'_>,
        status: u16,
        body: &[u8],
        keep: Keep,
        intake: &mut Intake<'_, S>,
    ) {
        let client = self.client;
        let Some(first) = self.pairing.first() else { return };
        let kept = body.get(..keep.0.min(MAX_KEEP)).unwrap_or(body);
        let whole = kept.len() == body.len();
        let exchange = first.exchange_with(
            client,
            status,
            fields,
            message::Body { len: body.len() as u64, kept, whole },
            body,
        );
        intake.counters.body_bytes += body.len() as u64;
        intake.give(&exchange, Unanswered::Closed);
        self.pairing.pop_first();
        self.settle(intake);
    }

    /// Takes a response that answers no request that is known: its end is followed all the same. Returns what it turns
    /// the connection into, if it does.
    fn orphan<S: Sink>(
        &mut self,
        fields: Head<'_>,
        status: u16,
        block: Block,
        intake: &mut Intake<'_, S>,
    ) -> Option<After> {
        intake.counters.orphans += 1;
        if status == 101 {
            return Some(self.unreadable(upgraded(fields, Head::default()), intake));
        }
        if let Framing::Body(body) = Framing::of_response(block.claim, status, false) {
            self.answers = Answers::NobodyYet;
            self.responses.stage = Stage::Body(body);
        }
        None
    }

    /// After a CONNECT that was refused the connection goes on as HTTP/1.
    fn refused_tunnel(&mut self) {
        if self.requests.stage == Stage::Search(Reason::Connect) && self.pairing.len() == 0 {
            self.requests.stage = Stage::Start;
        }
    }

    /// After a final response the client may leave out a body that it asked about (RFC 9110, section 10.1.1).
    fn expect_body_or_request(&mut self) {
        let Stage::Body(body) = self.requests.stage else { return };
        let asked = self.pairing.first().is_some_and(|first| {
            let untouched = first.making.request == Progress::Open && !first.making.has_request_body();
            untouched && first.expects()
        });
        if asked && self.pairing.len() == 1 && body.untouched() {
            self.requests.stage = Stage::Expecting(body);
        }
    }

    fn response_body<'d, S: Sink>(
        &mut self,
        mut body: Body,
        data: &'d [u8],
        fresh: bool,
        intake: &mut Intake<'_, S>,
    ) -> &'d [u8] {
        let begins = self.orphan_goes_on();
        if fresh && self.is_over(begins, data, intake) {
            self.end_response(Progress::Cut, intake);
            self.responses.stage = Stage::Start;
            return data;
        }
        let mut pending = self.responding();
        let each = |bytes: &[u8]| {
            if let Some(pending) = &mut pending {
                pending.add_to_response(bytes);
            }
        };
        match body.read(data, intake.counters, each) {
            Ok(rest) => {
                self.response_body_at(body, intake);
                rest
            }
            Err(rest) => {
                self.responses_lost(Reason::Malformed, rest.len(), intake);
                rest
            }
        }
    }

    /// Returns whether a segment begins the next response although the body before it has not ended: nothing came of that
    /// body, so it must have answered a HEAD, or its client has asked again since. `begins`: nothing came.
    fn is_over<S: Sink>(&self, begins: bool, data: &[u8], intake: &Intake<'_, S>) -> bool {
        let here = intake.end.wrapping_sub(data.len() as u32);
        (begins || self.pairing.awaits(here)) && begins_response(data) == Likeness::Yes
    }

    /// Notes that more of a body comes. Returns whether it is the first of a response that answers no known request.
    fn orphan_goes_on(&mut self) -> bool {
        let begins = self.answers == Answers::NobodyYet;
        if begins {
            self.answers = Answers::Nobody;
        }
        begins
    }

    /// The response's body was read up to here.
    fn response_body_at<S: Sink>(&mut self, body: Body, intake: &mut Intake<'_, S>) {
        if body.ended() {
            self.responses.stage = Stage::Start;
            self.end_response(Progress::Ended, intake);
        } else {
            self.responses.stage = Stage::Body(body);
            let (client, now) = (self.client, intake.time);
            if let Some(pending) = self.responding().filter(|pending| pending.goes_on(now)) {
                pending.show(client, intake.sink);
            }
        }
    }

    /// The request whose response is being read.
    pub(super) fn responding(&mut self) -> Option<&mut Pending> {
        self.pairing.first().filter(|first| self.answers == Answers::First && first.responded())
    }

    /// There is no more of the response that is being read.
    pub(super) fn end_response<S: Sink>(&mut self, progress: Progress, intake: &mut Intake<'_, S>) {
        if let Some(pending) = self.responding() {
            pending.making.response = progress;
        }
        self.answers = Answers::First;
        self.settle(intake);
    }

    fn search_response<'d, S: Sink>(
        &mut self,
        reason: Reason,
        data: &'d [u8],
        fresh: bool,
        intake: &mut Intake<'_, S>,
    ) -> &'d [u8] {
        if fresh && begins_response(data) != Likeness::No {
            self.responses.stage = Stage::Start;
            return data;
        }
        intake.counters.skip(reason, data.len());
        &[]
    }

    /// Takes note that bytes of the server are not here.
    pub(crate) fn response_skip<S: Sink>(
        &mut self,
        bytes: u64,
        missing: Missing,
        intake: &mut Intake<'_, S>,
    ) {
        if missing == Missing::NotCopied && self.response_cut(intake) {
            return;
        }
        if let Stage::Body(mut body) = self.responses.stage
            && body.skip(bytes)
        {
            self.orphan_goes_on();
            if let Some(pending) = self.responding() {
                pending.making.miss_in_response(bytes);
                pending.making.gapped |= missing == Missing::Gap;
            }
            self.response_body_at(body, intake);
        } else {
            self.responses_lost(Reason::of(missing), 0, intake);
        }
    }

    /// Notes that it is open where the next response begins, from `rest` bytes before the end of those that came, and that
    /// some may have been missed.
    pub(super) fn responses_lost<S: Sink>(
        &mut self,
        reason: Reason,
        rest: usize,
        intake: &mut Intake<'_, S>,
    ) {
        self.responses.discard(reason, intake.counters);
        let between = self.responses.stage == Stage::Start;
        match self.responses.stage {
            Stage::Ended => return,
            Stage::Body(_) => self.end_response(Progress::Cut, intake),
            Stage::Start | Stage::Search(_) | Stage::Expecting(_) | Stage::Untaken => {}
        }
        self.responses.stage = Stage::Search(reason);
        if matches!(reason, Reason::Malformed | Reason::HeadTooLarge) {
            self.pairing.responses_unread();
        } else {
            self.pairing.responses_lost(intake.end.wrapping_sub(rest as u32), between);
        }
    }

    /// Hands on the requests that the server took before it ended. Whether it took others shows when the connection is over.
    fn flush_taken<S: Sink>(&mut self, taken: u32, intake: &mut Intake<'_, S>) {
        let asked = self.pairing.taken(taken);
        self.pass_over(asked, Unanswered::Closed, intake);
    }

    /// Takes note that the server sends nothing more; `fin` when it said so itself.
    pub(crate) fn end_responses<S: Sink>(&mut self, fin: bool, intake: &mut Intake<'_, S>) {
        self.responses.discard(Reason::Ended, intake.counters);
        match self.responses.stage {
            Stage::Body(Body::Close) if fin => self.end_response(Progress::Ended, intake),
            Stage::Body(_) => self.end_response(Progress::Cut, intake),
            Stage::Start | Stage::Expecting(_) | Stage::Search(_) | Stage::Ended | Stage::Untaken => {}
        }
        self.responses.stage = Stage::Ended;
        if fin {
            self.pairing.taken = intake.acknowledgment;
            self.flush_taken(intake.acknowledgment, intake);
        }
    }
}

/// Returns what follows the response 101.
fn upgraded(response: Head<'_>, request: Head<'_>) -> Unreadable<'static> {
    let to = |protocol| response.lists("upgrade", protocol) || request.lists("upgrade", protocol);
    if to("websocket") {
        Unreadable::WebSocket
    } else if to("h2c") {
        Unreadable::Http2
    } else {
        Unreadable::Upgraded
    }
}
