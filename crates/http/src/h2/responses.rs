//! Header blocks of the server: responses, interim ones, and trailers.

use super::session::Http2;
use super::side::{Block, From};
use crate::counters::Reason;
use crate::intake::Intake;
use crate::message::{Sink, may_go_on};

impl Http2 {
    pub(super) fn response_block<S: Sink>(&mut self, block: Block, bytes: &[u8], intake: &mut Intake<'_, S>) {
        let (id, direction) = (block.stream, self.direction);
        let Some(stream) = self.streams.get(id) else { return self.orphan(block, bytes, intake) };
        stream.lost = stream.lost.map(|_| intake.time);
        let at = stream.text.len();
        let Ok(list) = self.server.decoder.decode(bytes, &mut stream.text) else {
            stream.text.truncate(at);
            self.server.decoder.forget();
            return self.head_lost(From::Server, id, block.ends, Reason::Malformed, intake);
        };
        intake.counters.bad_fields += u64::from(list.bad);
        if stream.responded || (list.pseudo == 0 && list.unknown == 0) {
            // Trailers. Without a response before them that was missed.
            stream.making.gapped |= !stream.responded;
            stream.grpc_status = stream.grpc_status.or(list.grpc_status);
            stream.text.truncate(at);
        } else if matches!(list.status, 100..200) && list.status != 101 {
            intake.counters.interim += 1;
            stream.text.truncate(at);
            return;
        } else {
            stream.respond(list);
            if !block.ends && list.status != 0 {
                let (request, fields) = (stream.request_head(direction), stream.response_head());
                let keep = intake.sink.response(&request, list.status, fields);
                let may_go_on = may_go_on(&request, fields);
                stream.making.keep_response(keep);
                if may_go_on {
                    stream.show(direction, intake.sink);
                }
            }
        }
        self.streams.with(id, |_| {});
        if block.ends {
            self.ended(From::Server, id, intake);
        }
    }

    /// A block of a stream that is not known, or of a promised one.
    fn orphan<S: Sink>(&mut self, block: Block, bytes: &[u8], intake: &mut Intake<'_, S>) {
        let list = self.decode_unkept(From::Server, bytes, intake);
        if list.status >= 200 && !block.stream.is_multiple_of(2) {
            intake.counters.orphans += 1;
        }
    }
}
