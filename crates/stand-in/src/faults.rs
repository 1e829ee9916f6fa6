//! Misbehaviour on demand.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use hyper::body::Frame;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::mpsc;

use super::call::Call;

/// The size of a huge answer: more than any client should be willing to hold.
const HUGE_BYTES: usize = 100 << 20;

/// What is sent at a time of a huge answer.
const HUGE_PIECE: &[u8] = &[b' '; 64 << 10];

/// The pace of a slow trickle: one byte each time.
const TRICKLE_PAUSE: Duration = Duration::from_millis(100);

/// How long the first half of a cut answer gets to leave before the connection is closed.
const CUT_PAUSE: Duration = Duration::from_millis(30);

/// A misbehaviour, and when it shows. In JSON: `{"call": "preview", "action": "status", "status": 503, "times": 2}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// Which calls; `any` by default.
    #[serde(default)]
    pub call: Call,
    /// What happens.
    #[serde(flatten)]
    pub action: Action,
    /// How many of these calls go well before the fault begins.
    #[serde(default)]
    pub skip: u32,
    /// How many times it happens; always if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// With which probability (0 to 1) it happens; always if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
}

impl Fault {
    /// Returns a fault that happens at every such call.
    pub fn always(call: Call, action: Action) -> Self {
        Fault { call, action, skip: 0, times: None, probability: None }
    }

    /// Returns a fault that happens at the next `times` such calls.
    pub fn times(call: Call, action: Action, times: u32) -> Self {
        Fault { times: Some(times), ..Fault::always(call, action) }
    }
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Action {
    /// Answers with this status, without doing anything unless `processed`.
    Status {
        /// The status code, 200 to 599.
        status: u16,
        /// The body of the answer.
        #[serde(default)]
        body: AnswerBody,
        /// The value of `Retry-After`: seconds or a date.
        #[serde(default)]
        retry_after: Option<String>,
        /// Whether the request takes effect first.
        #[serde(default)]
        processed: bool,
    },
    /// Answers this much later.
    Delay {
        /// How much.
        milliseconds: u64,
        /// Whether the request takes effect before the wait (else after it).
        #[serde(default)]
        processed: bool,
    },
    /// Resets the connection before the request takes effect.
    ResetBefore,
    /// Resets the connection after the request took effect.
    ResetAfter,
    /// Closes the connection in the middle of the answer's body.
    Cut,
    /// Sends the answer's body one byte each 100 ms.
    Trickle,
    /// Answers 200 with 100 MiB of white space.
    Huge,
    /// Redirects to another URL.
    Redirect {
        /// The URL, `Location`.
        location: String,
        /// The status code; 307 by default.
        #[serde(default = "temporary_redirect")]
        status: u16,
    },
    /// Answers an `add-endpoints` as if it had stored the endpoints.
    Forget,
    /// Answers 401, as for a key that was revoked.
    Revoked,
    /// Leaves `path` out of the suggestions of a preview.
    OmitPath,
    /// Answers a preview with `{}`.
    EmptyObject,
}

fn temporary_redirect() -> u16 {
    StatusCode::TEMPORARY_REDIRECT.as_u16()
}

/// The body of an answer that a fault gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AnswerBody {
    /// An object with `message`.
    #[default]
    Json,
    /// A page as proxies make them.
    Html,
    /// A line of plain text.
    Text,
    /// Nothing.
    Empty,
}

/// The faults in force.
#[derive(Default)]
pub(super) struct Faults {
    active: Vec<Fault>,
    /// Decides about faults with a probability.
    random: fastrand::Rng,
}

impl Faults {
    pub(super) fn set(&mut self, faults: Vec<Fault>, seed: u64) {
        (self.active, self.random) = (faults, fastrand::Rng::with_seed(seed));
    }

    /// Returns the faults in force, with the counts that are left.
    pub(super) fn active(&self) -> &[Fault] {
        &self.active
    }

    /// Returns what goes wrong with this call: at most one action of those that are not a delay, and any number of delays.
    pub(super) fn next(&mut self, call: Call) -> Vec<Action> {
        let mut actions: Vec<Action> = Vec::new();
        for fault in self.active.iter_mut().filter(|fault| fault.call == Call::Any || fault.call == call) {
            let delay = matches!(fault.action, Action::Delay { .. });
            let taken = actions.iter().any(|action| !matches!(action, Action::Delay { .. }));
            if (delay || !taken) && happens(fault, &mut self.random) {
                actions.push(fault.action.clone());
            }
        }
        self.active.retain(|fault| fault.times != Some(0));
        actions
    }
}

fn happens(fault: &mut Fault, random: &mut fastrand::Rng) -> bool {
    if fault.skip > 0 {
        fault.skip -= 1;
        return false;
    }
    if fault.probability.is_some_and(|probability| random.f64() >= probability) {
        return false;
    }
    match &mut fault.times {
        Some(0) => false,
        Some(left) => {
            *left -= 1;
            true
        }
        None => true,
    }
}

/// Returns the answer with a status that a fault asks for; 500 if that is no status.
pub(super) fn answer(status: u16, body: AnswerBody, retry_after: Option<&str>) -> Response<Body> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let reason = status.canonical_reason().unwrap_or("Unknown");
    let (kind, text) = match body {
        AnswerBody::Json => {
            ("application/json", json!({"message": format!("injected: {reason}")}).to_string())
        }
        AnswerBody::Html => (
            "text/html",
            format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"),
        ),
        AnswerBody::Text => ("text/plain", format!("upstream says: {reason}\n")),
        AnswerBody::Empty => ("", String::new()),
    };
    let mut answer = Response::new(Body::from(text));
    *answer.status_mut() = status;
    set(answer.headers_mut(), header::CONTENT_TYPE, kind);
    set(answer.headers_mut(), header::RETRY_AFTER, retry_after.unwrap_or_default());
    answer
}

/// Returns the redirect that a fault asks for.
pub(super) fn redirect(status: u16, location: &str) -> Response<Body> {
    let mut answer = answer(status, AnswerBody::Empty, None);
    set(answer.headers_mut(), header::LOCATION, location);
    answer
}

fn set(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    match HeaderValue::from_str(value) {
        Ok(value) if !value.is_empty() => drop(headers.insert(name, value)),
        _ => {}
    }
}

/// Returns a body that breaks off after the first half of `whole`; its `Content-Length` promises all of it.
#[expect(clippy::disallowed_methods, reason = "lets the first half leave")]
pub(super) fn cut(whole: Bytes) -> Body {
    let length = whole.len();
    // An answer without a body is cut too: it promises a byte that does not come.
    body(length.max(1), async move |send| {
        let half = whole.slice(..length / 2);
        if !half.is_empty() && send.send(Ok(half)).await.is_err() {
            return;
        }
        tokio::time::sleep(CUT_PAUSE).await;
        // The error makes the server close the connection. Nobody listens any more if the client has gone.
        let _ = send.send(Err(std::io::ErrorKind::BrokenPipe.into())).await;
    })
}

/// Returns a body that comes one byte at a time.
#[expect(clippy::disallowed_methods, reason = "paces the trickle")]
pub(super) fn trickle(whole: Bytes) -> Body {
    body(whole.len(), async move |send| {
        for place in 0..whole.len() {
            tokio::time::sleep(TRICKLE_PAUSE).await;
            if send.send(Ok(whole.slice(place..=place))).await.is_err() {
                return;
            }
        }
    })
}

/// Returns a body of 100 MiB that is never in memory as a whole.
pub(super) fn huge() -> Body {
    body(HUGE_BYTES, async |send| {
        for _ in 0..HUGE_BYTES / HUGE_PIECE.len() {
            if send.send(Ok(Bytes::from_static(HUGE_PIECE))).await.is_err() {
                return;
            }
        }
    })
}

type Piece = Result<Bytes, std::io::Error>;

/// Returns a body of `length` bytes whose pieces `write` sends. It ends when the client goes away: sending fails then.
fn body<W>(length: usize, write: impl FnOnce(mpsc::Sender<Piece>) -> W) -> Body
where
    W: Future<Output = ()> + Send + 'static,
{
    let (send, receive) = mpsc::channel(1);
    tokio::spawn(write(send));
    Body::new(Pieces { receive, left: u64::try_from(length).unwrap_or(u64::MAX) })
}

struct Pieces {
    receive: mpsc::Receiver<Piece>,
    left: u64,
}

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let piece = std::task::ready!(self.receive.poll_recv(context));
        if let Some(Ok(bytes)) = &piece {
            self.left = self.left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        }
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        hyper::body::SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Faults {
        Faults { active: serde_json::from_str(text).expect("faults"), random: fastrand::Rng::with_seed(7) }
    }

    #[test]
    fn a_count_runs_out_and_skips_come_first() {
        let mut faults = faults(r#"[{"call":"preview","action":"reset-before","times":2,"skip":1}]"#);
        let seen: Vec<bool> = (0..5).map(|_| !faults.next(Call::Preview).is_empty()).collect();
        assert_eq!(seen, [false, true, true, false, false]);
        assert!(faults.active().is_empty());
    }

    #[test]
    fn only_its_call_is_hit_and_delays_add_to_another_action() {
        let mut faults = faults(
            r#"[{"call":"add","action":"forget"},{"action":"delay","milliseconds":5},{"action":"revoked"}]"#,
        );
        assert_eq!(faults.next(Call::Add).len(), 2);
        assert_eq!(
            faults.next(Call::Listing),
            [Action::Delay { milliseconds: 5, processed: false }, Action::Revoked]
        );
    }

    #[test]
    fn a_probability_is_kept_and_repeats_with_its_seed() {
        let run = || {
            let mut faults = faults(r#"[{"action":"cut","probability":0.25}]"#);
            (0..4000).map(|_| faults.next(Call::Add).len()).collect::<Vec<_>>()
        };
        let (first, second) = (run(), run());
        assert_eq!(first, second);
        let hits: usize = first.iter().sum();
        assert!((850..1150).contains(&hits), "{hits} of 4000");
    }

    #[test]
    fn an_answer_survives_values_that_are_no_headers() {
        let answer = answer(9999, AnswerBody::Text, Some("1\r\nX: y"));
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(answer.headers().get(header::RETRY_AFTER).is_none());
        assert!(redirect(308, "http://other/").headers().contains_key(header::LOCATION));
    }
}
