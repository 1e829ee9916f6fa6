//! The frames of a connection: what each of them changes.

use std::time::Duration;

use flow::{Direction, Missing, Timestamp, Unwanted};

use super::PREFACE;
use super::flood::Flood;
use super::frame::{CONTINUATION, DATA, Frame, HEADER, HEADERS, PUSH_PROMISE, RST_STREAM, begins, find};
use super::hpack::List;
use super::side::{Block, Fits, From, Payload, Side, Stage, wanted};
use super::streams::Streams;
use crate::counters::{Reason, Unanswered};
use crate::intake::{Intake, reaches};
use crate::message::{Progress, Sink, Unreadable, recycle};

/// How long an exchange waits for more of its response once that may have been missed: longer than servers let a request wait.
const LOST_AFTER: Duration = Duration::from_secs(60);

/// A connection that is HTTP/2.
///
/// It holds at most two frames and two header blocks of [`crate::MAX_HEAD`], two tables
/// of at most 64 KiB as HPACK counts, and [`MAX_STREAMS`](super::streams::MAX_STREAMS) streams that together keep
/// [`crate::MAX_WAITING`] and one more request with its response, in buffers that may be twice as large as what is in them.
#[derive(Debug)]
pub(crate) struct Http2 {
    pub(super) client: Side,
    pub(super) server: Side,
    pub(super) streams: Streams,
    /// The text of a list that is not kept.
    pub(super) scratch: Vec<u8>,
    /// The highest number of a stream that was opened.
    pub(super) last: u32,
    /// The direction of the requests.
    pub(super) direction: Direction,
    pub(super) flood: Flood,
    /// It is not HTTP/2 after all.
    refused: bool,
}

impl Http2 {
    /// A connection of which each direction is seen from its beginning, or is not. `direction` is that of the requests.
    pub(crate) fn new(direction: Direction, client_whole: bool, server_whole: bool) -> Http2 {
        let stage = |whole, begins| if whole { begins } else { Stage::Search(Reason::Joined) };
        Http2 {
            client: Side::new(stage(client_whole, Stage::Preface(0)), client_whole),
            server: Side::new(stage(server_whole, Stage::Frame), server_whole),
            streams: Streams::default(),
            scratch: Vec::new(),
            last: 0,
            direction,
            flood: Flood::default(),
            refused: false,
        }
    }

    /// Returns the direction of the requests.
    pub(crate) fn direction(&self) -> Direction {
        self.direction
    }

    /// Returns who sends in a direction.
    fn sender(&self, direction: Direction) -> From {
        if direction == self.direction { From::Client } else { From::Server }
    }

    pub(super) fn side(&mut self, from: From) -> &mut Side {
        match from {
            From::Client => &mut self.client,
            From::Server => &mut self.server,
        }
    }

    /// Takes bytes. Returns why the connection is not wanted, if it is not HTTP/2 after all.
    pub(crate) fn data<S: Sink>(
        &mut self,
        direction: Direction,
        data: &[u8],
        intake: &mut Intake<'_, S>,
    ) -> Result<(), Unwanted> {
        let from = self.sender(direction);
        self.client.decoder.earn(data.len());
        self.server.decoder.earn(data.len());
        let mut rest = data;
        while !rest.is_empty() {
            if self.refused {
                intake.counters.skip(Reason::Unreadable, rest.len());
                break;
            }
            rest = match self.side(from).stage {
                Stage::Upgrade(body) => self.upgrading(body, rest, intake),
                Stage::Preface(seen) => self.preface(seen, rest, intake),
                Stage::Frame => self.frame(from, rest, intake),
                Stage::Payload(payload) => self.payload(from, payload, rest, intake),
                Stage::Search(reason) => self.search(from, reason, rest, intake),
                Stage::Ended => {
                    intake.counters.skip(Reason::Ended, rest.len());
                    &[]
                }
            };
        }
        if self.refused {
            self.end(Unanswered::Unreadable, None, intake);
            return Err(intake.unreadable(self.direction, Unreadable::Unknown));
        }
        Ok(())
    }

    fn preface<'d, S>(&mut self, seen: usize, data: &'d [u8], intake: &mut Intake<'_, S>) -> &'d [u8] {
        let expected = PREFACE.get(seen..).unwrap_or_default();
        let (now, rest) = data.split_at(expected.len().min(data.len()));
        if !expected.starts_with(now) {
            self.refused = true;
            return data;
        }
        intake.counters.framing_bytes += now.len() as u64;
        let seen = seen + now.len();
        self.client.stage = if seen == PREFACE.len() { Stage::Frame } else { Stage::Preface(seen) };
        rest
    }

    fn search<'d, S>(
        &mut self,
        from: From,
        reason: Reason,
        data: &'d [u8],
        intake: &mut Intake<'_, S>,
    ) -> &'d [u8] {
        let all = reason != Reason::Malformed || self.flood.searches(data.len());
        let start = if all { find(data) } else { begins(data).then_some(0) };
        intake.counters.skip(reason, start.unwrap_or(data.len()));
        let Some(start) = start else { return &[] };
        self.side(from).stage = Stage::Frame;
        data.get(start..).unwrap_or_default()
    }

    /// Takes the beginning of a frame; gives what comes after what was taken.
    fn frame<'d, S: Sink>(&mut self, from: From, data: &'d [u8], intake: &mut Intake<'_, S>) -> &'d [u8] {
        let time = intake.time;
        let side = self.side(from);
        if side.held().is_empty()
            && let Some(frame) = Frame::read(data)
            && let Some((bytes, rest)) = data.split_at_checked(wanted(frame))
        {
            self.begin(from, frame, bytes, time, intake);
            return rest;
        }
        let mut rest = data;
        let mut need = HEADER;
        while let Some(taken) = side.gather(rest, need, time, intake.counters) {
            rest = rest.get(taken..).unwrap_or_default();
            let Some(frame) = Frame::read(side.held()) else { break };
            need = if frame.is_right() { wanted(frame) } else { HEADER };
            if side.held().len() < need {
                continue;
            }
            let time = side.time;
            let held = side.release(intake.counters);
            self.begin(from, frame, &held, time, intake);
            self.side(from).reuse(held);
            return rest;
        }
        &[]
    }

    /// A frame begins: `bytes` is its header, with the whole payload where that is a part of a header block.
    fn begin<S: Sink>(
        &mut self,
        from: From,
        frame: Frame,
        bytes: &[u8],
        time: Timestamp,
        intake: &mut Intake<'_, S>,
    ) {
        let whole = self.side(from).first;
        let fits = self.side(from).fits(frame);
        if fits == Fits::No {
            intake.counters.skip(Reason::Malformed, bytes.len());
            self.refused |= whole || self.flood.wrong();
            return self.lost(from, Reason::Malformed, intake);
        }
        intake.counters.framing_bytes += HEADER as u64;
        if frame.kind != CONTINUATION {
            self.side(from).drop_block(Reason::Malformed, intake.counters);
        }
        let payload = bytes.get(HEADER..).unwrap_or_default();
        if frame.has_block() && payload.len() == frame.len as usize && fits == Fits::Yes {
            return self.fragment(from, frame, payload, time, intake);
        }
        self.pass(from, frame, fits, payload, intake);
    }

    /// A frame whose payload is read as it comes, or read past.
    fn pass<S: Sink>(
        &mut self,
        from: From,
        frame: Frame,
        fits: Fits,
        payload: &[u8],
        intake: &mut Intake<'_, S>,
    ) {
        let data = (frame.kind == DATA).then_some(frame.stream);
        let mut skipped = None;
        if frame.has_block() {
            let reason = if fits == Fits::Yes { Reason::HeadTooLarge } else { Reason::Malformed };
            self.block_lost(from, frame, reason, intake);
            skipped = Some(reason);
        }
        if frame.kind == RST_STREAM {
            self.reset(frame.stream, intake);
        }
        intake.counters.skip(skipped.unwrap_or(Reason::Malformed), payload.len());
        self.side(from).stage = Stage::Payload(Payload {
            left: frame.len - payload.len() as u32,
            padding: 0,
            padded: data.is_some() && frame.is_padded(),
            data,
            ends: frame.ends_stream() && data.is_some(),
            skipped,
        });
        if frame.len as usize == payload.len() {
            self.payload_ended(from, intake);
        }
    }

    /// A header block, or a part of it, cannot be read: what it inserted is not known from here on.
    fn block_lost<S: Sink>(&mut self, from: From, frame: Frame, reason: Reason, intake: &mut Intake<'_, S>) {
        let side = self.side(from);
        side.drop_block(reason, intake.counters);
        side.decoder.forget();
        if frame.kind == HEADERS {
            self.head_lost(from, frame.stream, frame.ends_stream(), reason, intake);
        }
    }

    /// A frame with a part of a header block.
    fn fragment<S: Sink>(
        &mut self,
        from: From,
        frame: Frame,
        payload: &[u8],
        time: Timestamp,
        intake: &mut Intake<'_, S>,
    ) {
        let Some(fragment) = frame.fragment(payload) else {
            intake.counters.skip(Reason::Malformed, payload.len());
            return self.block_lost(from, frame, Reason::Malformed, intake);
        };
        intake.counters.framing_bytes += (payload.len() - fragment.len()) as u64;
        let promise = frame.kind == PUSH_PROMISE;
        let block =
            Block { stream: frame.stream, ends: frame.ends_stream(), promise, time, too_large: false };
        if frame.kind != CONTINUATION && frame.ends_headers() {
            intake.counters.head_bytes += fragment.len() as u64;
            return self.block(from, block, fragment, intake);
        }
        let side = self.side(from);
        if frame.kind != CONTINUATION {
            side.block = Some(block);
        }
        side.add_fragment(fragment, intake.counters);
        if frame.ends_headers()
            && let Some(block) = side.block.take()
        {
            let skipped = block.too_large.then_some(Reason::HeadTooLarge);
            let fragments = side.take_fragments(skipped, intake.counters);
            if block.too_large {
                side.decoder.forget();
                if !block.promise {
                    self.head_lost(from, block.stream, block.ends, Reason::HeadTooLarge, intake);
                }
            } else {
                self.block(from, block, &fragments, intake);
            }
            self.side(from).reuse_fragments(fragments);
        }
    }

    /// A whole header block.
    fn block<S: Sink>(&mut self, from: From, block: Block, bytes: &[u8], intake: &mut Intake<'_, S>) {
        match from {
            _ if block.promise => {
                intake.counters.promises += 1;
                self.decode_unkept(from, bytes, intake);
            }
            From::Client => self.request_block(block, bytes, intake),
            From::Server => self.response_block(block, bytes, intake),
        }
    }

    /// Takes more of a payload.
    fn payload<'d, S: Sink>(
        &mut self,
        from: From,
        mut payload: Payload,
        data: &'d [u8],
        intake: &mut Intake<'_, S>,
    ) -> &'d [u8] {
        let mut rest = data;
        if payload.padded
            && let Some((&padding, after)) = rest.split_first()
        {
            intake.counters.framing_bytes += 1;
            (payload.padded, payload.left, rest) = (false, payload.left - 1, after);
            payload.padding = u32::from(padding).min(payload.left);
        }
        let content = (payload.left - payload.padding).min(u32::try_from(rest.len()).unwrap_or(u32::MAX));
        let (content, after) = rest.split_at(content as usize);
        let (padding, after) = match payload.left - content.len() as u32 {
            left if left == payload.padding => after.split_at(after.len().min(left as usize)),
            _ => after.split_at(0),
        };
        payload.left -= (content.len() + padding.len()) as u32;
        payload.padding = payload.padding.min(payload.left);
        intake.counters.framing_bytes += padding.len() as u64;
        match (payload.data, payload.skipped) {
            (Some(stream), _) => {
                intake.counters.body_bytes += content.len() as u64;
                if self.add(from, stream, content, intake.time) {
                    self.show(stream, intake);
                }
            }
            (None, None) => intake.counters.framing_bytes += content.len() as u64,
            (None, Some(reason)) => intake.counters.skip(reason, content.len()),
        }
        self.side(from).stage = Stage::Payload(payload);
        if payload.left == 0 {
            self.payload_ended(from, intake);
        }
        after
    }

    fn payload_ended<S: Sink>(&mut self, from: From, intake: &mut Intake<'_, S>) {
        let stage = std::mem::replace(&mut self.side(from).stage, Stage::Frame);
        if let Stage::Payload(Payload { data: Some(stream), ends: true, .. }) = stage {
            self.ended(from, stream, intake);
        }
    }

    /// Adds to the body of a message. Returns whether it is an answer that goes on, and is to be shown.
    fn add(&mut self, from: From, id: u32, data: &[u8], time: Timestamp) -> bool {
        let (full, mut goes_on) = (self.streams.has_no_memory(), false);
        self.streams.with(id, |stream| match from {
            From::Client => {
                if full {
                    stream.making.stop_request();
                }
                stream.add_to_request(data);
            }
            From::Server => {
                stream.lost = stream.lost.map(|_| time);
                if full {
                    stream.making.stop_response();
                }
                stream.add_to_response(data);
                goes_on = stream.goes_on(time);
            }
        });
        goes_on
    }

    /// Shows the sink a stream whose answer goes on.
    fn show<S: Sink>(&mut self, id: u32, intake: &mut Intake<'_, S>) {
        let direction = self.direction;
        if let Some(stream) = self.streams.get(id) {
            stream.show(direction, intake.sink);
        }
    }

    /// Notes that a message has ended.
    pub(super) fn ended<S: Sink>(&mut self, from: From, id: u32, intake: &mut Intake<'_, S>) {
        let Some(stream) = self.streams.get(id) else { return };
        match from {
            From::Client => stream.making.request = Progress::Ended,
            From::Server => stream.making.response = Progress::Ended,
        }
        if stream.ended() {
            self.close(id, Unanswered::Closed, intake);
        }
    }

    /// A stream is given up by one side (RST_STREAM).
    fn reset<S: Sink>(&mut self, id: u32, intake: &mut Intake<'_, S>) {
        if let Some(stream) = self.streams.get(id) {
            stream.making.cut();
            self.close(id, Unanswered::Reset, intake);
        }
    }

    /// Hands on an exchange; `reason` is why it has no response, if it has none.
    pub(super) fn close<S: Sink>(&mut self, id: u32, reason: Unanswered, intake: &mut Intake<'_, S>) {
        // Where answers are not captured, nothing tells a flood from traffic.
        let answers = !self.server.first && !matches!(self.server.stage, Stage::Search(_));
        let Http2 { direction, flood, client, server, .. } = self;
        self.streams.close(id, |stream| {
            let mut given_up = false;
            if stream.responded {
                flood.answered();
                client.decoder.answered();
                server.decoder.answered();
            } else if answers && matches!(reason, Unanswered::Reset | Unanswered::Pipelined) {
                given_up = flood.given_up();
            }
            if given_up {
                intake.counters.waiting_requests -= 1;
                return intake.counters.give_up(Reason::Flood);
            }
            let reason = if stream.responded { Unanswered::Unknown } else { reason };
            intake.give(&stream.exchange(*direction), reason);
        });
    }

    /// Takes note that bytes are not here.
    pub(crate) fn skip<S: Sink>(
        &mut self,
        direction: Direction,
        bytes: u64,
        missing: Missing,
        intake: &mut Intake<'_, S>,
    ) {
        let from = self.sender(direction);
        let side = self.side(from);
        let Stage::Payload(mut payload) = side.stage else {
            return self.lost(from, Reason::of(missing), intake);
        };
        let Some(left) = u32::try_from(bytes).ok().and_then(|bytes| payload.left.checked_sub(bytes)) else {
            return self.lost(from, Reason::of(missing), intake);
        };
        // They are all in the payload of a frame whose end is known: frames go on behind it.
        let content = payload.left - payload.padding;
        (payload.left, payload.padded, payload.padding) = (left, false, payload.padding.min(left));
        side.stage = Stage::Payload(payload);
        if let Some(id) = payload.data {
            self.streams.with(id, |stream| {
                stream.making.gapped |= missing == Missing::Gap;
                match from {
                    From::Client => stream.making.miss_in_request(bytes.min(u64::from(content))),
                    From::Server => stream.making.miss_in_response(bytes.min(u64::from(content))),
                }
            });
        }
        if left == 0 {
            self.payload_ended(from, intake);
        }
    }

    /// Notes that it is open where the next frame begins, and what was inserted.
    pub(super) fn lost<S: Sink>(&mut self, from: From, reason: Reason, intake: &mut Intake<'_, S>) {
        self.side(from).lost(reason, intake.counters);
        let (time, mut ended) = (intake.time, Vec::new());
        self.streams.each(|id, stream| {
            match from {
                From::Client if stream.making.request == Progress::Open => {
                    stream.making.request = Progress::Cut;
                }
                From::Server => stream.lost = Some(time),
                From::Client => return,
            }
            stream.making.gapped = true;
            if stream.ended() {
                ended.push(id);
            }
        });
        for id in ended {
            self.close(id, Unanswered::Gap, intake);
        }
    }

    /// Hands on exchanges whose response may have been missed, and of which nothing more came since.
    pub(super) fn pass_over_lost<S: Sink>(&mut self, intake: &mut Intake<'_, S>) {
        while let Some(id) = self.streams.first()
            && let Some(stream) = self.streams.get(id)
            && stream.lost.is_some_and(|lost| intake.time.saturating_since(lost) > LOST_AFTER)
        {
            stream.making.cut();
            self.close(id, Unanswered::Gap, intake);
        }
    }

    /// Takes the end of a direction. Returns whether both have ended.
    pub(crate) fn fin<S: Sink>(&mut self, direction: Direction, intake: &mut Intake<'_, S>) -> bool {
        self.end_side(self.sender(direction), Unanswered::Closed, intake);
        self.client.stage == Stage::Ended && self.server.stage == Stage::Ended
    }

    /// Takes the end of the connection; `reason` is why what is open has no response, and `taken` up to where the server had the
    /// client's stream, if that is known.
    pub(crate) fn end<S: Sink>(
        &mut self,
        reason: Unanswered,
        taken: Option<u32>,
        intake: &mut Intake<'_, S>,
    ) {
        let (mut refused, taken) = (Vec::new(), |end| taken.is_none_or(|taken| reaches(taken, end)));
        self.streams.each(|id, stream| {
            if !stream.responded && !stream.end.is_none_or(taken) {
                refused.push(id);
            }
        });
        for id in refused {
            self.streams.close(id, |_| intake.refuse_request());
        }
        self.end_side(From::Client, reason, intake);
        self.end_side(From::Server, reason, intake);
    }

    /// Ends a side, from which nothing more comes. Without a server no request will be answered.
    fn end_side<S: Sink>(&mut self, from: From, reason: Unanswered, intake: &mut Intake<'_, S>) {
        self.lost(from, Reason::Ended, intake);
        self.side(from).stage = Stage::Ended;
        while self.server.stage == Stage::Ended
            && let Some(id) = self.streams.first()
        {
            if let Some(stream) = self.streams.get(id) {
                stream.making.cut();
            }
            self.close(id, reason, intake);
        }
    }

    /// Returns the bytes of memory behind it.
    pub(crate) fn held(&self) -> usize {
        let sides = self.client.memory() + self.server.memory();
        size_of::<Http2>() + sides + self.scratch.capacity() + self.streams.held()
    }

    /// Decodes a block for what it inserts.
    pub(super) fn decode_unkept<S>(&mut self, from: From, bytes: &[u8], intake: &mut Intake<'_, S>) -> List {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        let side = self.side(from);
        let list = side.decoder.decode(bytes, &mut scratch);
        if list.is_err() {
            side.decoder.forget();
        }
        recycle(&mut scratch);
        self.scratch = scratch;
        let list = list.unwrap_or_default();
        intake.counters.bad_fields += u64::from(list.bad);
        list
    }
}
