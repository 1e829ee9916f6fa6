//! Heads that the capture cut: it copied the beginnings of packets only (a snap length). What is there of the head is read,
//! and where the message ends is not known.

use memchr::{memchr, memrchr};

use super::fields::{Block, Claim, Coding, Length, block};
use super::half::Stage;
use super::line::{Grammar, REQUEST, RESPONSE};
use super::session::Http1;
use super::stand::{Before, Stand};
use crate::counters::{Reason, Unanswered};
use crate::intake::Intake;
use crate::message::{Head, Progress, Sink};

/// Reads what is there of a head: its start line and the field lines that are whole. None if the start line is not.
fn read<L>(held: &[u8], grammar: &Grammar<L>) -> Option<(L, Block)> {
    let start = memchr(b'\n', held)?;
    let line = (grammar.read)(held.get(..start)?)?;
    let whole = held.get(..memrchr(b'\n', held)? + 1)?;
    let mut block = block(&[whole, b"\r\n"].concat(), start + 1, grammar.notes)?;
    if block.folded {
        // What is folded may go on in what is missing.
        (block.end, block.folded, block.marks) = (block.start, false, Default::default());
    }
    // What says how long the body is may be missing.
    block.claim = Claim { length: Length::Contradiction, coding: Coding::Other };
    Some((line, Block { len: held.len(), ..block }))
}

impl Http1 {
    /// Takes the rest of a packet of the client that was not copied, if that is no reason to give anything up: behind a whole
    /// request line, or behind what was no request. Returns whether it is none.
    pub(super) fn request_cut<S: Sink>(&mut self, intake: &mut Intake<'_, S>) -> bool {
        match self.requests.stage {
            Stage::Start => {}
            Stage::Search(Reason::NotCopied) => return true,
            Stage::Search(_) | Stage::Body(_) | Stage::Expecting(_) | Stage::Ended | Stage::Untaken => {
                return false;
            }
        }
        let Some((line, block)) = read(self.requests.waiting.bytes(), &REQUEST) else { return false };
        let place = self.requests.waiting.place;
        let head = self.requests.release(intake.counters);
        self.admit(&head, line, block, place, intake);
        self.requests.waiting.reuse(head);
        self.requests.stage = match self.requests.stage {
            Stage::Search(Reason::Framing) => Stage::Search(Reason::NotCopied),
            other => other,
        };
        // Others may follow in what is missing.
        self.pairing.requests_lost(Before::Lost);
        true
    }

    /// Does the same for the server, of which final responses count.
    pub(super) fn response_cut<S: Sink>(&mut self, intake: &mut Intake<'_, S>) -> bool {
        match self.responses.stage {
            Stage::Start => {}
            Stage::Search(Reason::NotCopied) => return true,
            Stage::Search(_) | Stage::Body(_) | Stage::Expecting(_) | Stage::Ended | Stage::Untaken => {
                return false;
            }
        }
        let read = read(self.responses.waiting.bytes(), &RESPONSE);
        let Some(((_, status), block)) = read.filter(|((_, status), _)| !matches!(status, 100..200)) else {
            return false;
        };
        let place = self.responses.waiting.place;
        let stand = Stand { server: place.sequence, client: place.acknowledgment };
        let head = self.responses.release(intake.counters);
        intake.counters.head_bytes += block.len as u64;
        intake.counters.bad_fields += u64::from(block.bad);
        let lines = head.get(block.start..block.end).unwrap_or_default();
        self.responses.stage = Stage::Search(Reason::NotCopied);
        let placed = self.pairing.place(stand);
        self.pass_over(placed.over, Unanswered::Gap, intake);
        match self.pairing.first().filter(|_| placed.found) {
            Some(pending) => {
                pending.respond(status, Head { lines, marks: block.marks });
                self.end_response(Progress::Cut, intake);
            }
            None => intake.counters.orphans += 1,
        }
        self.responses.waiting.reuse(head);
        // Others may follow in what is missing.
        self.pairing.responses_lost(intake.end, false);
        true
    }
}
