//! Header blocks of the client: requests, and their trailers.

use super::session::Http2;
use super::side::{Block, From};
use crate::counters::{Reason, Unanswered};
use crate::intake::Intake;
use crate::message::{Progress, Protocol, Sink};

/// A list of so many unknown fields is a request: it has at least three pseudo-header fields, and trailers have few fields.
const MANY: u32 = 3;

impl Http2 {
    pub(super) fn request_block<S: Sink>(&mut self, block: Block, bytes: &[u8], intake: &mut Intake<'_, S>) {
        let id = block.stream;
        if id <= self.last || id.is_multiple_of(2) {
            // Trailers, of a stream that is open or was.
            self.decode_unkept(From::Client, bytes, intake);
            if block.ends {
                self.ended(From::Client, id, intake);
            }
            return;
        }
        let mut text = self.streams.buffer();
        let Ok(list) = self.client.decoder.decode(bytes, &mut text) else {
            self.streams.give_back(text);
            self.client.decoder.forget();
            return self.head_lost(From::Client, id, block.ends, Reason::Malformed, intake);
        };
        intake.counters.bad_fields += u64::from(list.bad);
        if list.pseudo == 0 && list.unknown < MANY && !list.too_large {
            // Trailers of a stream that is older than what was seen.
            return self.streams.give_back(text);
        }
        let connect = list.method.of(&text) == b"CONNECT" && !list.extended;
        let target = if connect { list.authority } else { list.path };
        let known = !list.method.is_empty() && !target.is_empty();
        if list.too_large || (!known && list.unknown == 0) {
            self.streams.give_back(text);
            let reason = if list.too_large { Reason::HeadTooLarge } else { Reason::Malformed };
            return self.head_lost(From::Client, id, block.ends, reason, intake);
        }
        self.last = id;
        self.make_room(intake);
        intake.counters.requests += 1;
        intake.counters.waiting_requests += 1;
        intake.counters.unknown_names += u64::from(!known);
        let (direction, flood) = (self.direction, self.flood.is_on());
        self.streams.open(id, |stream| {
            stream.begin(text, list, block.time, Protocol::Http2);
            stream.end = Some(intake.end);
            if block.ends {
                stream.making.request = Progress::Ended;
            } else if !flood {
                let keep = intake.sink.request(&stream.request_head(direction));
                stream.making.keep_request(keep);
            }
        });
    }

    /// Before another request is held: what waited too long, or the oldest ones when there are too many, are handed on.
    fn make_room<S: Sink>(&mut self, intake: &mut Intake<'_, S>) {
        self.pass_over_lost(intake);
        while self.streams.is_full()
            && let Some(id) = self.streams.first()
        {
            if let Some(stream) = self.streams.get(id) {
                stream.making.cut();
            }
            self.close(id, Unanswered::Pipelined, intake);
        }
    }

    /// The head of a message was there and cannot be read.
    pub(super) fn head_lost<S: Sink>(
        &mut self,
        from: From,
        id: u32,
        ends: bool,
        reason: Reason,
        intake: &mut Intake<'_, S>,
    ) {
        match self.streams.get(id) {
            Some(stream) => {
                stream.making.gapped = true;
                if ends {
                    self.ended(from, id, intake);
                }
            }
            None if from == From::Client && id > self.last => {
                self.last = id;
                intake.counters.requests += 1;
                intake.counters.give_up(reason);
            }
            None => {}
        }
    }
}
