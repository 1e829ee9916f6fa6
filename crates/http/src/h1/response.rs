//! The server's direction: responses and their bodies.

use flow::Missing;

use super::body::{Body, Framing};
use super::fields::{Block, unfolded};
use super::half::{Gathered, Parse, Stage, parse};
use super::line::{Likeness, RESPONSE, begins_response};
use super::pending::Progress;
use super::resync::blank_lines;
use crate::MAX_KEEP;
use crate::connection::{Call, Connection, Phase, hand_on};
use crate::counters::{Reason, Unanswered};
use crate::h2::Http2;
use crate::message::{self, Head, Keep, Seen, Unreadable};

impl Connection {
    /// Takes bytes of the server.
    pub(crate) fn response_data<S: FnMut(Seen<'_>) -> Keep>(&mut self, data: &[u8], call: &mut Call<'_, S>) {
        let (mut rest, mut fresh) = (data, true);
        while !rest.is_empty() {
            match self.phase {
                Phase::Unreadable(_) => return call.counters.skip(Reason::Unreadable, rest.len()),
                Phase::Http2 => return self.http2_data(self.client.reverse(), rest, call),
                Phase::Detecting | Phase::Http | Phase::Ended => {}
            }
            rest = match self.responses().stage {
                Stage::Start => self.response_start(rest, call),
                Stage::Body(body) => self.response_body(body, rest, fresh, call),
                Stage::Search(reason) => self.search_response(reason, rest, fresh, call),
                Stage::Expecting(_) | Stage::Ended => {
                    call.counters.skip(Reason::Ended, rest.len());
                    &[]
                }
            };
            fresh = false;
        }
    }

    fn response_start<'d, S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        data: &'d [u8],
        call: &mut Call<'_, S>,
    ) -> &'d [u8] {
        if self.responses().holds() {
            return self.response_goes_on(data, call);
        }
        let data = blank_lines(data, call.counters);
        if data.is_empty() {
            return data;
        }
        match parse(data, &RESPONSE) {
            Parse::Head((_, status), block) => self.respond(data, status, block, call),
            Parse::More => {
                self.responses().hold_head(data, call.time, call.counters);
                &[]
            }
            Parse::TooLarge => {
                self.responses_lost(Reason::HeadTooLarge, call);
                data
            }
            Parse::No => {
                self.responses_lost(Reason::Malformed, call);
                data
            }
        }
    }

    /// Takes more of a head of which a part is held.
    fn response_goes_on<'d, S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        data: &'d [u8],
        call: &mut Call<'_, S>,
    ) -> &'d [u8] {
        match self.responses().gather(data, &RESPONSE, call.counters) {
            Gathered::More => &[],
            Gathered::Whole(taken) => {
                let head = self.responses().release(call.counters);
                let rest = data.get(taken..).unwrap_or_default();
                if let Parse::Head((_, status), block) = parse(&head, &RESPONSE) {
                    self.respond(&head, status, block, call);
                }
                self.give_back(self.client.reverse(), head);
                rest
            }
            Gathered::TooLarge => {
                self.responses_lost(Reason::HeadTooLarge, call);
                data
            }
            Gathered::No(taken) => {
                self.responses_lost(Reason::Malformed, call);
                data.get(taken..).unwrap_or_default()
            }
        }
    }

    /// A response's head is complete; gives what of `data` comes after what was read of it.
    fn respond<'d, S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        data: &'d [u8],
        status: u16,
        block: Block,
        call: &mut Call<'_, S>,
    ) -> &'d [u8] {
        call.counters.head_bytes += block.len as u64;
        let rest = data.get(block.len..).unwrap_or_default();
        let unfolded =
            if block.folded { unfolded(data.get(..block.len).unwrap_or(data), block.start) } else { None };
        let (head, block) = unfolded.as_ref().map_or((data, block), |copy| (&copy.0[..], copy.1));
        call.counters.bad_fields += u64::from(block.bad);
        let lines = head.get(block.start..block.end).unwrap_or_default();
        let fields = Head { lines, marks: block.marks };
        if matches!(status, 100..200) && status != 101 {
            call.counters.interim += 1;
            return rest;
        }
        self.responses().stage = Stage::Start;
        self.final_response(fields, status, block, rest, call)
    }

    fn final_response<'d, S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        fields: Head<'_>,
        status: u16,
        block: Block,
        rest: &'d [u8],
        call: &mut Call<'_, S>,
    ) -> &'d [u8] {
        let client = self.client;
        let Some(pending) = self.pairing.answered() else {
            self.orphan(fields, status, block, call);
            return rest;
        };
        let request = pending.request_head(client);
        let keep = (call.sink)(Seen::Response(request, status, fields)).0.min(MAX_KEEP);
        let connected = pending.method() == b"CONNECT" && matches!(status, 200..300);
        if status == 101 && pending.request == Progress::Ended && fields.lists("upgrade", "h2c") {
            let http2 = Http2::upgraded(client, &request);
            self.upgrade(http2, call);
            return rest;
        }
        if connected || status == 101 {
            let next = if connected { Unreadable::Tunnel } else { upgraded(fields, request.headers) };
            self.whole_response(fields, status, &[], 0, call);
            self.unreadable(client, next, call);
            return rest;
        }
        let framing = Framing::of_response(block.claim, status, pending.method() == b"HEAD");
        let len = match framing {
            Framing::Empty => Some(0),
            Framing::Body(Body::Length(len)) => usize::try_from(len).ok(),
            Framing::Body(_) | Framing::Unclear => None,
        };
        let body =
            len.and_then(|len| rest.split_at_checked(len)).filter(|_| pending.request != Progress::Open);
        if let Some((body, rest)) = body {
            self.whole_response(fields, status, body, keep, call);
            self.refused_tunnel();
            return rest;
        }
        pending.respond(status, fields);
        pending.keep_response(keep);
        match framing {
            Framing::Body(body) => self.responses().stage = Stage::Body(body),
            Framing::Empty | Framing::Unclear => self.end_response(Progress::Ended, call),
        }
        self.refused_tunnel();
        self.expect_body_or_request();
        rest
    }

    /// The connection goes on as HTTP/2, and answers the request that asked for it there.
    fn upgrade<S: FnMut(Seen<'_>) -> Keep>(&mut self, http2: Http2, call: &mut Call<'_, S>) {
        self.pairing.pop_first();
        self.flush(Unanswered::Unreadable, call);
        self.phase = Phase::Http2;
        self.http2 = Some(Box::new(http2));
        let held = self.requests().release(call.counters);
        self.http2_data(self.client, &held, call);
    }

    /// The response of the first request, whole and in place: nothing of it is copied.
    fn whole_response<S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        fields: Head<'_>,
        status: u16,
        body: &[u8],
        keep: usize,
        call: &mut Call<'_, S>,
    ) {
        let client = self.client;
        let Some(first) = self.pairing.first() else { return };
        let kept = body.get(..keep).unwrap_or(body);
        let whole = kept.len() == body.len();
        let exchange = first.exchange_with(
            client,
            status,
            fields,
            message::Body { len: body.len() as u64, kept, whole },
            body,
        );
        call.counters.body_bytes += body.len() as u64;
        call.counters.waiting_requests -= 1;
        call.counters.answered += 1;
        call.counters.incomplete += u64::from(!exchange.complete);
        (call.sink)(Seen::Exchange(exchange));
        self.pairing.pop_first();
        self.settle(call);
    }

    /// A response that answers no request that is known: its end is followed all the same.
    fn orphan<S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        fields: Head<'_>,
        status: u16,
        block: Block,
        call: &mut Call<'_, S>,
    ) {
        call.counters.orphans += 1;
        if status == 101 {
            return self.unreadable(self.client, upgraded(fields, Head::default()), call);
        }
        if let Framing::Body(body) = Framing::of_response(block.claim, status, false) {
            self.orphan = true;
            self.orphan_begins = true;
            self.responses().stage = Stage::Body(body);
        }
    }

    /// After a CONNECT that was refused the connection goes on as HTTP/1.
    fn refused_tunnel(&mut self) {
        if self.requests().stage == Stage::Search(Reason::Connect) && self.pairing.len() == 0 {
            self.requests().stage = Stage::Start;
        }
    }

    /// After a final response the client may leave out a body that it asked about (RFC 9110, section 10.1.1).
    fn expect_body_or_request(&mut self) {
        let client = self.client;
        let Stage::Body(body) = self.requests().stage else { return };
        let asked = self.pairing.first().is_some_and(|first| {
            let untouched = first.request == Progress::Open && !first.has_request_body();
            untouched && first.request_head(client).headers.lists("expect", "100-continue")
        });
        if asked && self.pairing.len() == 1 && body.untouched() {
            self.requests().stage = Stage::Expecting(body);
        }
    }

    fn response_body<'d, S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        mut body: Body,
        data: &'d [u8],
        fresh: bool,
        call: &mut Call<'_, S>,
    ) -> &'d [u8] {
        let begins = std::mem::take(&mut self.orphan_begins);
        if begins && fresh && begins_response(data) == Likeness::Yes {
            // It must have answered a HEAD.
            self.orphan = false;
            self.responses().stage = Stage::Start;
            return data;
        }
        let mut pending = self.responding();
        let each = |bytes: &[u8]| {
            if let Some(pending) = &mut pending {
                pending.add_to_response(bytes);
            }
        };
        match body.read(data, call.counters, each) {
            Ok(rest) => {
                self.response_body_at(body, call);
                rest
            }
            Err(rest) => {
                self.responses_lost(Reason::Malformed, call);
                rest
            }
        }
    }

    /// The response's body was read up to here.
    fn response_body_at<S: FnMut(Seen<'_>) -> Keep>(&mut self, body: Body, call: &mut Call<'_, S>) {
        if body.ended() {
            self.responses().stage = Stage::Start;
            self.end_response(Progress::Ended, call);
        } else {
            self.responses().stage = Stage::Body(body);
        }
    }

    /// The request whose response is being read.
    pub(crate) fn responding(&mut self) -> Option<&mut super::pending::Pending> {
        if self.orphan { None } else { self.pairing.first().filter(|first| first.responded()) }
    }

    /// There is no more of the response that is being read.
    fn end_response<S: FnMut(Seen<'_>) -> Keep>(&mut self, progress: Progress, call: &mut Call<'_, S>) {
        if let Some(pending) = self.responding() {
            pending.response = progress;
        }
        self.orphan = false;
        self.orphan_begins = false;
        self.settle(call);
    }

    fn search_response<'d, S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        reason: Reason,
        data: &'d [u8],
        fresh: bool,
        call: &mut Call<'_, S>,
    ) -> &'d [u8] {
        if fresh && begins_response(data) != Likeness::No {
            self.responses().stage = Stage::Start;
            return data;
        }
        call.counters.skip(reason, data.len());
        &[]
    }

    /// Bytes of the server are not here.
    pub(crate) fn response_skip<S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        bytes: u64,
        missing: Missing,
        call: &mut Call<'_, S>,
    ) {
        if let Stage::Body(mut body) = self.responses().stage
            && body.skip(bytes)
        {
            self.orphan_begins = false;
            if let Some(pending) = self.responding() {
                pending.miss_in_response(bytes);
                pending.intact &= missing == Missing::NotCopied;
            }
            self.response_body_at(body, call);
        } else {
            self.responses_lost(Reason::of(missing), call);
        }
    }

    /// From here on it is open where the next response begins, and whether some were missed. A single request goes
    /// on waiting: until the client sends another one, the next response is its own. Of several it can't be said
    /// which one a response belongs to, now or later.
    fn responses_lost<S: FnMut(Seen<'_>) -> Keep>(&mut self, reason: Reason, call: &mut Call<'_, S>) {
        self.responses().drop_held(reason, call.counters);
        match self.responses().stage {
            Stage::Ended => return,
            Stage::Body(_) => self.end_response(Progress::Cut, call),
            Stage::Start | Stage::Search(_) | Stage::Expecting(_) => {}
        }
        self.responses().stage = Stage::Search(reason);
        if self.pairing.responses_lost() {
            self.flush_ended(Unanswered::Gap, call);
        } else if let Some(first) = self.pairing.first().filter(|first| !first.responded()) {
            first.response_lost = true;
        }
    }

    /// Hands on what waits for a response only, and what is still open once it ends.
    pub(crate) fn flush_ended<S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        reason: Unanswered,
        call: &mut Call<'_, S>,
    ) {
        let client = self.client;
        while let Some(first) = self.pairing.first() {
            if first.request == Progress::Open {
                first.unpaired = first.unpaired.or(Some(reason));
                return;
            }
            hand_on(first, client, first.unpaired.unwrap_or(reason), call);
            self.pairing.pop_first();
        }
    }

    /// The server sends nothing more; `fin` when it said so itself.
    pub(crate) fn end_responses<S: FnMut(Seen<'_>) -> Keep>(&mut self, fin: bool, call: &mut Call<'_, S>) {
        self.responses().drop_held(Reason::Ended, call.counters);
        match self.responses().stage {
            Stage::Body(Body::Close) if fin => self.end_response(Progress::Ended, call),
            Stage::Body(_) => self.end_response(Progress::Cut, call),
            Stage::Start | Stage::Expecting(_) | Stage::Search(_) | Stage::Ended => {}
        }
        self.responses().stage = Stage::Ended;
        if fin {
            self.flush_ended(Unanswered::Closed, call);
        }
    }
}

/// What follows the response 101.
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
