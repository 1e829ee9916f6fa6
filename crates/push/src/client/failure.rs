//! Failures of calls, by what is to be done about them, with a text that may be shown.

use std::error::Error;
use std::fmt;
use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use serde_json::Value;

use super::call::CallKind;
use super::key::ApiKey;

/// The longest wait, in seconds, that a `Retry-After` can order: a platform with a wrong clock must not stop us for days.
const MAX_RETRY_AFTER: u64 = 3600;

/// How much of an error text is shown, in characters: a line that people still read.
const MAX_SHOWN: usize = 300;

/// How much of an error text is searched for the key, in characters, before it is cut to [`MAX_SHOWN`].
const MAX_SEARCHED: usize = 4096;

/// How long a piece of the key must be, in characters, to be taken out of a text.
const KEY_PIECE: usize = 8;

/// Why a call did not succeed, in the classes of the platform's failure table. The texts are for people: capped,
/// escaped, and without the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Network errors, time-outs, 408, 425, 429, 5xx, and everything else that is not listed below: it may go well later.
    Retry {
        /// What happened.
        shown: String,
        /// How long the platform asks to wait (`Retry-After`), at most an hour.
        after: Option<Duration>,
    },
    /// 401, 403: the key is wrong or has expired.
    Key {
        /// What the platform said.
        shown: String,
    },
    /// 404 on preview, commit or add-endpoints: the mapping is wrong.
    Mapping {
        /// What the platform said.
        shown: String,
    },
    /// 400, 413, 422: the platform cannot take this.
    Refused {
        /// The status.
        status: u16,
        /// What the platform said.
        shown: String,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Retry { shown, .. }
            | Self::Key { shown }
            | Self::Mapping { shown }
            | Self::Refused { shown, .. } => f.write_str(shown),
        }
    }
}

impl Error for Failure {}

impl Failure {
    /// Returns the failure for an answer with a status other than 2xx. `after` is what its `Retry-After` asks for, see
    /// [`retry_after`]. The body may be any bytes. Its message, if it has one, is shown without `key`.
    #[must_use]
    pub fn from_answer(
        kind: CallKind,
        status: u16,
        after: Option<Duration>,
        body: &[u8],
        key: &ApiKey,
    ) -> Self {
        let shown = match said(body) {
            Some(said) => format!("HTTP {status}: {}", shown(said.as_str(), key)),
            None if (300..400).contains(&status) => {
                format!("HTTP {}: a redirect that is not followed", named(status))
            }
            None => format!("HTTP {}", named(status)),
        };
        match status {
            401 | 403 => Self::Key { shown },
            // A call that only lists holds nothing that could be refused: there it is trouble like any other.
            _ if matches!(kind, CallKind::Listing | CallKind::Applications | CallKind::Application) => {
                Self::Retry { shown, after }
            }
            404 => Self::Mapping { shown },
            400 | 413 | 422 => Self::Refused { status, shown },
            _ => Self::Retry { shown, after },
        }
    }

    /// Returns the failure for a call without a whole answer.
    pub(super) fn from_network(error: &reqwest::Error, key: &ApiKey) -> Self {
        let what = match error {
            _ if error.is_connect() && error.is_timeout() => "cannot connect: time-out",
            _ if error.is_timeout() => "no whole answer in time",
            _ if error.is_connect() => "cannot connect",
            _ => "the connection failed",
        };
        let cause = innermost(error);
        let shown =
            if error.is_timeout() { what.to_owned() } else { format!("{what}: {}", shown(&cause, key)) };
        Self::Retry { shown, after: None }
    }

    /// Returns the failure for an answer of 2xx that cannot be used.
    pub(crate) fn unreadable(why: &str) -> Self {
        Self::Retry { shown: format!("unreadable answer: {why}"), after: None }
    }
}

/// Returns a status with its name, if it has one: `404 Not Found`.
fn named(status: u16) -> String {
    StatusCode::from_u16(status).map_or_else(|_| status.to_string(), |status| status.to_string())
}

/// Returns the text of the error at the bottom of the chain: the others only say that a request was made.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// Returns the first of `message`, `error`, `title`, `detail` that an error body has as text (or, one level down, as its
/// `message`).
fn said(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    ["message", "error", "title", "detail"].iter().find_map(|key| {
        let found = value.get(key)?;
        let text = found.as_str().or_else(|| found.get("message")?.as_str())?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    })
}

/// Returns a text of the platform as it may be shown: at most 300 characters, without the key or pieces of it, and with
/// control, format and other unprintable characters escaped.
fn shown(text: &str, key: &ApiKey) -> String {
    let text: Vec<char> = text.chars().take(MAX_SEARCHED).collect();
    let hidden = key_pieces(&text, key);
    let mut out = String::new();
    for (i, &c) in text.iter().take(MAX_SHOWN).enumerate() {
        match (hidden.get(i), c) {
            (Some(true), _) if i > 0 && hidden.get(i - 1) == Some(&true) => {}
            (Some(true), _) => out.push_str("(key)"),
            (_, '"' | '\'' | '\\') => out.push(c),
            _ => out.extend(c.escape_debug()),
        }
    }
    if text.len() > MAX_SHOWN {
        out.push('…');
    }
    out
}

/// Returns which characters of `text` belong to a piece of the key of at least [`KEY_PIECE`] characters, or to all of a shorter
/// one.
fn key_pieces(text: &[char], key: &ApiKey) -> Vec<bool> {
    let mut hidden = vec![false; text.len()];
    let secret = key.secret();
    let piece = secret.chars().count().min(KEY_PIECE);
    for start in 0..(text.len() + 1).saturating_sub(piece) {
        let window = start..start + piece;
        let Some(candidate) = text.get(window.clone()) else { break };
        if secret.contains(&candidate.iter().collect::<String>())
            && let Some(marks) = hidden.get_mut(window)
        {
            marks.fill(true);
        }
    }
    hidden
}

/// Returns how long `Retry-After` asks to wait, in seconds or until a date (RFC 9110, section 10.2.3): at most an hour.
/// `date` is the answer's `Date`, `now` our clock.
#[must_use]
pub fn retry_after(value: &str, date: Option<&str>, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    // A date is by the clock of the platform, which says what that shows; ours may be wrong.
    let theirs = date.and_then(|date| httpdate::parse_http_date(date).ok());
    let now = theirs.unwrap_or(now);
    let wait = if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        Duration::from_secs(value.parse().unwrap_or(u64::MAX))
    } else {
        httpdate::parse_http_date(value).ok()?.duration_since(now).unwrap_or_default()
    };
    Some(wait.min(Duration::from_secs(MAX_RETRY_AFTER)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> ApiKey {
        ApiKey::new("canary.0123456789abcdef").unwrap()
    }

    fn answer(kind: CallKind, status: u16, body: &str) -> Failure {
        Failure::from_answer(kind, status, None, body.as_bytes(), &key())
    }

    #[test]
    fn statuses_fall_into_the_classes_of_the_table() {
        for status in [302, 405, 408, 409, 425, 429, 500, 501, 502, 503, 504, 599] {
            assert!(matches!(answer(CallKind::Add, status, ""), Failure::Retry { .. }), "{status}");
        }
        for status in [401, 403] {
            assert!(matches!(answer(CallKind::Listing, status, ""), Failure::Key { .. }), "{status}");
        }
        for status in [400, 413, 422] {
            assert!(matches!(answer(CallKind::Commit, status, ""), Failure::Refused { .. }), "{status}");
        }
        assert!(matches!(answer(CallKind::Preview, 404, ""), Failure::Mapping { .. }));
        for (kind, status) in [(CallKind::Applications, 404), (CallKind::Listing, 422)] {
            assert!(matches!(answer(kind, status, ""), Failure::Retry { .. }), "{kind:?} {status}");
        }
    }

    #[test]
    fn the_first_known_text_is_shown_else_the_status() {
        let show = |body: &str| answer(CallKind::Add, 422, body).to_string();
        assert_eq!(show(r#"{"detail":"d","title":"t","error":"e"}"#), "HTTP 422: e");
        assert_eq!(show(r#"{"message":null,"error":{"message":"deep"}}"#), "HTTP 422: deep");
        for body in ["", "<html>no</html>", "[]", "{\"message\":\" \"}", "\"x\"", "{\"mess"] {
            assert_eq!(show(body), "HTTP 422 Unprocessable Entity", "{body}");
        }
    }

    #[test]
    fn shown_text_is_capped_and_escaped() {
        let body = format!(r#"{{"message":"a\nERROR b\u001b[2J\u202ec{}"}}"#, "x".repeat(5000));
        let text = answer(CallKind::Add, 500, &body).to_string();
        assert!(text.starts_with("HTTP 500: a\\nERROR b\\u{1b}[2J\\u{202e}cxxx"), "{text}");
        assert!(text.chars().count() < 400 && text.ends_with('…'));
        assert!(text.chars().all(|c| !c.is_control()));
    }

    #[test]
    fn an_echoed_key_is_hidden_whole_or_in_pieces() {
        for echo in ["canary.0123456789abcdef", "canary.01234", "56789abcdef"] {
            let text =
                answer(CallKind::Add, 401, &format!(r#"{{"error":"bad token {echo}, sorry"}}"#)).to_string();
            assert_eq!(text, "HTTP 401: bad token (key), sorry");
        }
        let far = format!(r#"{{"error":"{}canary.0123456789abcdef"}}"#, "y".repeat(MAX_SHOWN - 5));
        assert!(!answer(CallKind::Add, 401, &far).to_string().contains("canar"));
    }

    #[test]
    fn retry_after_in_seconds_and_as_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_700);
        let wait = |value: &str| retry_after(value, None, now).map(|wait| wait.as_secs());
        assert_eq!(wait("120"), Some(120));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:37 GMT"), Some(77));
        assert_eq!(wait("Wed, 06 Nov 1991 08:49:37 GMT"), Some(0));
        assert_eq!(wait("99999999999999999999999"), Some(MAX_RETRY_AFTER));
        assert_eq!(wait("Sat, 06 Nov 2094 08:49:37 GMT"), Some(MAX_RETRY_AFTER));
        for nonsense in ["", "-5", "soon", "1.5"] {
            assert_eq!(wait(nonsense), None, "{nonsense}");
        }
        let [until, date] = ["Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:30 GMT"];
        assert_eq!(
            retry_after(until, Some(date), now),
            Some(Duration::from_secs(7)),
            "our clock may be wrong"
        );
    }
}
