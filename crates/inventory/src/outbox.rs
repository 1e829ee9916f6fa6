//! What goes between the inventory and the push: items out, outcomes back.

use decode::Timestamp;
use redact::{Owner, RedactedBody};
use serde::{Deserialize, Serialize};

use crate::fnv::fnv;
use crate::stored::{list, never};

/// Which endpoint: owner, method and template.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EndpointKey {
    /// Whose.
    pub owner: Owner,
    /// The method, in upper case.
    pub method: String,
    /// The template.
    pub template: String,
}

impl EndpointKey {
    /// Returns a number for it, the same in every run and every version.
    #[must_use]
    pub fn number(&self) -> u64 {
        fnv(&format!("{}\n{}\n{}", self.owner, self.method, self.template))
    }
}

/// The platform's names for where endpoints of a Service go.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Instance {
    /// `appId`.
    pub app: String,
    /// `instanceId`.
    pub instance: String,
}

/// A body as it may be sent: redacted text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyExample {
    /// Its media type.
    pub content_type: String,
    /// Its redacted text.
    pub content: String,
}

impl From<&RedactedBody> for BodyExample {
    fn from(body: &RedactedBody) -> BodyExample {
        BodyExample { content_type: body.content_type().to_owned(), content: body.content().to_owned() }
    }
}

/// An endpoint that is to be pushed now, with all that is to be sent.
#[derive(Clone, Debug)]
pub struct Item {
    /// Which endpoint.
    pub key: EndpointKey,
    /// The path to push: the template with variables as whole segments ([`crate::in_whole_segments`]).
    pub path: String,
    /// The name and the surrogate of each variable segment of the template, in order.
    pub path_params: Vec<(String, String)>,
    /// Query parameters: names and surrogate values.
    pub query: Vec<(String, String)>,
    /// Request headers, redacted, ready to be sent (see [`redact::RedactedExchange::headers`]).
    pub headers: Vec<(String, String)>,
    /// Which example parameters and headers are; none where they are of several requests, as earlier versions kept them.
    pub example: Option<u32>,
    /// Whether the body example came with them.
    pub has_body: bool,
    /// The best body example so far, if it came with them.
    pub body: Option<BodyExample>,
    /// The revision of what is known that this item shows; comes back in the outcome.
    pub revision: u64,
    /// How far the push of it has come, as last recorded.
    pub progress: Progress,
    /// Templates of the same Service and method that this agent added to the same instance and that cover it, as `/users/{userId}`
    /// covers `/users/me`. They stand for other endpoints: only a template that someone else made stands for this one.
    pub apart: Vec<String>,
}

impl Item {
    /// Puts a body in. The content type among the headers becomes that of the body: in records of earlier versions headers and
    /// body may be from different requests.
    pub fn set_body(&mut self, body: BodyExample) {
        if let Some((_, value)) = self.headers.iter_mut().find(|(name, _)| name == "content-type")
            && !value.to_ascii_lowercase().starts_with(&body.content_type.to_ascii_lowercase())
        {
            value.clone_from(&body.content_type);
        }
        self.body = Some(body);
    }
}

/// How far the push of one endpoint has come. Stored with the endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// The instance that all of this is about. Another mapping starts from the default.
    pub instance: Option<Instance>,
    /// The id that the platform gave it.
    pub platform_id: Option<String>,
    /// The path as the platform has it (its own parameter names).
    pub platform_path: Option<String>,
    /// Whether this agent added it (else it was there, or a template that covers it was adopted).
    pub added: bool,
    /// How many `add-endpoints` with it were answered by 2xx.
    pub adds: u32,
    /// The revision last pushed completely; 0 for none.
    pub pushed_revision: u64,
    /// When that was.
    #[serde(with = "never")]
    pub pushed_at: Option<Timestamp>,
    /// When a listing last showed it.
    #[serde(with = "never")]
    pub verified_at: Option<Timestamp>,
    /// When its details were committed, newest last; entries older than a day may be dropped.
    #[serde(with = "list")]
    pub commits: Vec<Timestamp>,
    /// Literals on the platform that this template superseded: there is no call to remove them.
    pub superseded: Vec<String>,
    /// How many there are beyond these.
    pub superseded_beyond: u64,
    /// When the platform's matcher last knew nothing that covers it.
    #[serde(with = "never")]
    pub unmatched_at: Option<Timestamp>,
    /// How many pushes of it in a row ended without a clear answer.
    pub failures: u32,
    /// Whether it was removed from the platform by someone and then added again, which is done once.
    pub restored: bool,
    /// Since when a listing no longer shows it; none while it is there. It is pushed again when it is next seen.
    #[serde(with = "never")]
    pub gone_at: Option<Timestamp>,
    /// When this node's turn comes to do what another node was to do first; none while no turn is waited for. Turns begin
    /// anew after a restart, when all nodes would have theirs at once.
    #[serde(skip)]
    pub turn_at: Option<Timestamp>,
    /// How often in a row another node was seen at work when the turn had come.
    #[serde(skip)]
    pub turns: u8,
}

/// What came of pushing one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Which endpoint.
    pub key: EndpointKey,
    /// The revision that the item had.
    pub revision: u64,
    /// The example that the item had ([`Item::example`]).
    pub example: Option<u32>,
    /// What is to be stored as its progress now, whatever the verdict.
    pub progress: Progress,
    /// How it ended.
    pub verdict: Verdict,
}

/// How the push of one item ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The platform answered 2xx for the last step.
    Pushed,
    /// Not now; it stays in the outbox. With the reason and the time before which it is not to be tried again.
    Later {
        /// Why, for people.
        reason: String,
        /// Not before this time.
        not_before: Timestamp,
    },
    /// The platform cannot take it: kept, counted, listed, not tried again until something new is learned or the
    /// mapping changes.
    SetAside {
        /// Why, for people.
        reason: String,
    },
}

/// An endpoint that is believed to be on the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Believed {
    /// Which endpoint.
    pub key: EndpointKey,
    /// The id that the platform gave it.
    pub platform_id: Option<String>,
}

/// What a listing says about an endpoint that was believed to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Which endpoint.
    pub key: EndpointKey,
    /// The id and the path under which it is listed; `None` if it is not.
    pub listed: Option<(String, String)>,
}
