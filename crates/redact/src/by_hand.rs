//! Redacted exchanges and bodies that no redactor made, for the tests of crates behind it.
//!
//! Only tests turn on the feature `by-hand` that has this: a product that used it would not build.

use decode::Timestamp;

use crate::calls::Calls;
use crate::novelty::Fingerprint;
use crate::owner::Owner;
use crate::redacted::{OpenedBody, RedactedBody, RedactedExchange};

/// What is to be in a [`RedactedExchange`]; its getters say what each field is.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the getters of RedactedExchange have them")]
pub struct Exchange {
    pub owner: Owner,
    pub fingerprint: Fingerprint,
    pub time: Timestamp,
    pub method: String,
    pub template: String,
    pub path_params: Vec<(String, String)>,
    pub unsettled: bool,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub request_type: Option<String>,
    pub response_type: Option<String>,
    pub status: Option<u16>,
    pub noise: Option<&'static str>,
    pub calls: Option<Calls>,
}

impl Exchange {
    /// A request without parameters, answered by 200 at the beginning of time.
    #[must_use]
    pub fn new(owner: Owner, method: &str, template: &str) -> Exchange {
        Exchange {
            owner,
            fingerprint: Fingerprint(0),
            time: Timestamp::from_nanos(0),
            method: method.to_owned(),
            template: template.to_owned(),
            path_params: Vec::new(),
            unsettled: false,
            query: Vec::new(),
            headers: Vec::new(),
            request_type: None,
            response_type: None,
            status: Some(200),
            noise: None,
            calls: None,
        }
    }
}

impl From<Exchange> for RedactedExchange {
    fn from(exchange: Exchange) -> RedactedExchange {
        RedactedExchange {
            owner: exchange.owner,
            fingerprint: exchange.fingerprint,
            time: exchange.time,
            method: exchange.method,
            template: exchange.template,
            path_params: exchange.path_params,
            unsettled: exchange.unsettled,
            query: exchange.query,
            headers: exchange.headers,
            request_type: exchange.request_type,
            response_type: exchange.response_type,
            status: exchange.status,
            noise: exchange.noise,
            calls: exchange.calls,
            left_out: 0,
            body: None,
        }
    }
}

/// A fingerprint that is the same in every run.
#[must_use]
pub fn fingerprint(hash: u64) -> Fingerprint {
    Fingerprint(hash)
}

/// A body with an example, if there is to be one, and the names of its fields.
#[must_use]
pub fn opened(content: Option<&str>, fields: &[String]) -> OpenedBody {
    let example = content.map(|content| RedactedBody {
        content_type: "application/json".to_owned(),
        content: content.to_owned(),
    });
    OpenedBody { example, fields: fields.to_vec(), reason: None, left_out: 0 }
}
