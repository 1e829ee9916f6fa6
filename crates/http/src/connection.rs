//! One connection: which direction is the client's, and what is done with what happens.

use flow::{Direction, End, Event, Flow, Missing, Unwanted, Verdict};

use crate::counters::{Counters, Reason, Unanswered};
use crate::h1::half::{Half, Stage};
use crate::h1::pairing::Pairing;
use crate::h1::pending::{Pending, Progress};
use crate::h2::{From, Http2};
use crate::message::{Keep, Seen, Unreadable};

/// What is known of the protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing yet.
    #[default]
    Detecting,
    /// It is HTTP/1.
    Http,
    /// It is HTTP/2.
    Http2,
    /// It can't be read, and so is not wanted.
    Unreadable(Unwanted),
    /// It has ended.
    Ended,
}

/// The state of one connection.
///
/// It holds memory only for what waits: a head of which a part is missing, and requests until their responses have
/// ended. At most two heads ([`crate::MAX_HEAD`]), [`crate::MAX_WAITING`] and one more request with its response, in
/// buffers that may be twice as large as what is in them.
#[derive(Debug)]
pub struct Connection {
    pub(crate) pairing: Pairing,
    pub(crate) forward: Half,
    pub(crate) backward: Half,
    pub(crate) phase: Phase,
    /// The direction of the requests, once the phase is [`Phase::Http`].
    pub(crate) client: Direction,
    /// The response that is being read answers no request that is known.
    pub(crate) orphan: bool,
    /// Nothing of its body has come yet.
    pub(crate) orphan_begins: bool,
    /// Its state when it is HTTP/2.
    pub(crate) http2: Option<Box<Http2>>,
}

impl Default for Connection {
    fn default() -> Connection {
        Connection {
            pairing: Pairing::default(),
            forward: Half::default(),
            backward: Half::default(),
            phase: Phase::Detecting,
            client: Direction::Forward,
            orphan: false,
            orphan_begins: false,
            http2: None,
        }
    }
}

/// What a connection needs to deal with an event.
pub(crate) struct Call<'c, S> {
    pub(crate) time: u64,
    pub(crate) counters: &'c mut Counters,
    pub(crate) sink: &'c mut S,
}

impl Connection {
    /// Takes what happened next in one direction at `time` (nanoseconds since the Unix epoch), and gives what it
    /// makes of it to `sink`. [`Verdict::Nothing`] says that nothing more of this connection can be read.
    pub fn event(
        &mut self,
        flow: &Flow,
        direction: Direction,
        time: u64,
        event: Event<'_>,
        counters: &mut Counters,
        sink: &mut impl FnMut(Seen<'_>) -> Keep,
    ) -> Verdict {
        let mut call = Call { time, counters, sink };
        match event {
            Event::Data(data) => {
                call.counters.bytes += data.len() as u64;
                self.data(flow, direction, data, &mut call);
            }
            Event::Skip(bytes, missing) => self.skip(direction, bytes, missing, &mut call),
            Event::End(end) => self.end(flow, direction, end, &mut call),
        }
        match self.phase {
            Phase::Unreadable(why) => Verdict::Nothing(why),
            _ => Verdict::After(self.unneeded(direction)),
        }
    }

    fn data<S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        flow: &Flow,
        direction: Direction,
        data: &[u8],
        call: &mut Call<'_, S>,
    ) {
        match self.phase {
            Phase::Http => self.http_data(direction, data, call),
            Phase::Http2 => self.http2_data(direction, data, call),
            Phase::Detecting => self.detect(flow, direction, data, call),
            Phase::Unreadable(_) => call.counters.skip(Reason::Unreadable, data.len()),
            Phase::Ended => call.counters.skip(Reason::Ended, data.len()),
        }
    }

    pub(crate) fn http_data<S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        direction: Direction,
        data: &[u8],
        call: &mut Call<'_, S>,
    ) {
        if direction == self.client {
            self.request_data(data, call);
        } else {
            self.response_data(data, call);
        }
    }

    pub(crate) fn http2_data<S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        direction: Direction,
        data: &[u8],
        call: &mut Call<'_, S>,
    ) {
        let Some(http2) = &mut self.http2 else { return };
        http2.data(http2.sender(direction), data, call);
        if http2.refused {
            http2.end(From::Server, Unanswered::Unreadable, call);
            http2.end(From::Client, Unanswered::Unreadable, call);
            self.unreadable(self.client, Unreadable::Unknown, call);
        }
    }

    fn skip<S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        direction: Direction,
        bytes: u64,
        missing: Missing,
        call: &mut Call<'_, S>,
    ) {
        match missing {
            Missing::NotCopied => call.counters.not_copied_bytes += bytes,
            Missing::Gap => call.counters.gap_bytes += bytes,
        }
        match self.phase {
            Phase::Http if direction == self.client => self.request_skip(bytes, missing, call),
            Phase::Http => self.response_skip(bytes, missing, call),
            Phase::Http2 => {
                if let Some(http2) = &mut self.http2 {
                    http2.skip(http2.sender(direction), bytes, missing, call);
                }
            }
            Phase::Detecting => self.detect_skip(direction, missing, call),
            Phase::Unreadable(_) | Phase::Ended => {}
        }
    }

    fn end<S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        flow: &Flow,
        direction: Direction,
        end: End,
        call: &mut Call<'_, S>,
    ) {
        let both = end != End::Fin;
        if self.phase == Phase::Http {
            if both || direction == self.client {
                self.end_requests(call);
            }
            if both || direction != self.client {
                self.end_responses(end == End::Fin, call);
            }
        } else {
            if let Some(http2) = &mut self.http2 {
                for from in [From::Client, From::Server] {
                    if both || from == http2.sender(direction) {
                        http2.end(from, unanswered(end), call);
                    }
                }
            }
            self.half(direction).stage = Stage::Ended;
        }
        if both || (self.forward.stage == Stage::Ended && self.backward.stage == Stage::Ended) {
            if self.phase == Phase::Detecting {
                self.detect_end(flow, call);
            }
            self.flush(unanswered(end), call);
            let phase = if let Phase::Unreadable(_) = self.phase { self.phase } else { Phase::Ended };
            *self = Connection { phase, client: self.client, ..Connection::default() };
        }
    }

    /// From here on nothing can be read; `client` is the direction of the client.
    pub(crate) fn unreadable<S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        client: Direction,
        why: Unreadable<'_>,
        call: &mut Call<'_, S>,
    ) {
        self.forward.drop_held(Reason::Unreadable, call.counters);
        self.backward.drop_held(Reason::Unreadable, call.counters);
        self.flush(Unanswered::Unreadable, call);
        let unwanted = if let Unreadable::Tls { .. } = why { Unwanted::Tls } else { Unwanted::NoHttp };
        *self = Connection { phase: Phase::Unreadable(unwanted), client, ..Connection::default() };
        call.counters.unreadable += 1;
        (call.sink)(Seen::Unreadable(client, why));
    }

    /// Hands on the requests at the head of the queue that have ended.
    pub(crate) fn settle<S: FnMut(Seen<'_>) -> Keep>(&mut self, call: &mut Call<'_, S>) {
        while let Some(first) = self.pairing.first().filter(|first| first.ended()) {
            let reason = first.unpaired.unwrap_or(Unanswered::Closed);
            hand_on(first, self.client, reason, call);
            self.pairing.pop_first();
        }
    }

    /// Hands on all requests that wait, as far as they were read.
    pub(crate) fn flush<S: FnMut(Seen<'_>) -> Keep>(&mut self, reason: Unanswered, call: &mut Call<'_, S>) {
        while let Some(first) = self.pairing.first() {
            if first.request == Progress::Open {
                first.request = Progress::Cut;
            }
            hand_on(first, self.client, first.unpaired.unwrap_or(reason), call);
            self.pairing.pop_first();
        }
    }

    pub(crate) fn half(&mut self, direction: Direction) -> &mut Half {
        match direction {
            Direction::Forward => &mut self.forward,
            Direction::Backward => &mut self.backward,
        }
    }

    /// Gives a buffer back that was released, unless nothing will be held any more.
    pub(crate) fn give_back(&mut self, direction: Direction, buffer: Vec<u8>) {
        if matches!(self.phase, Phase::Http | Phase::Detecting) {
            self.half(direction).reuse(buffer);
        }
    }

    /// The direction of the requests.
    pub(crate) fn requests(&mut self) -> &mut Half {
        self.half(self.client)
    }

    /// The direction of the responses.
    pub(crate) fn responses(&mut self) -> &mut Half {
        self.half(self.client.reverse())
    }

    /// How many bytes that come next in a direction belong to a body of which nothing more is kept.
    #[inline]
    fn unneeded(&mut self, direction: Direction) -> u64 {
        let Stage::Body(body) = self.half(direction).stage else { return 0 };
        let wanted = match self.phase {
            Phase::Http if direction == self.client => self.pairing.last().map(|last| last.wants_request()),
            Phase::Http => self.responding().map(|first| first.wants_response()),
            _ => return 0,
        };
        if wanted == Some(true) { 0 } else { body.left() }
    }

    /// Returns the bytes of memory that it holds beyond its own size. It is exact.
    #[must_use]
    pub fn held(&self) -> usize {
        let http2 = self.http2.as_ref().map_or(0, |http2| http2.held());
        self.pairing.held() + self.forward.capacity() + self.backward.capacity() + http2
    }
}

/// Gives an exchange to the sink.
pub(crate) fn hand_on<S: FnMut(Seen<'_>) -> Keep>(
    pending: &Pending,
    client: Direction,
    reason: Unanswered,
    call: &mut Call<'_, S>,
) {
    let exchange = pending.exchange(client);
    call.counters.waiting_requests -= 1;
    match exchange.status {
        Some(_) => call.counters.answered += 1,
        None => call.counters.unanswered[reason as usize] += 1,
    }
    call.counters.incomplete += u64::from(!exchange.complete);
    (call.sink)(Seen::Exchange(exchange));
}

fn unanswered(end: End) -> Unanswered {
    match end {
        End::Fin => Unanswered::Closed,
        End::Reset => Unanswered::Reset,
        End::Idle => Unanswered::Idle,
        End::Evicted => Unanswered::Evicted,
        End::Replaced => Unanswered::Replaced,
        End::Stopped => Unanswered::Stopped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_connection_is_small() {
        assert!(size_of::<Connection>() <= 312, "{}", size_of::<Connection>());
        assert_eq!(Connection::default().held(), 0);
    }
}
