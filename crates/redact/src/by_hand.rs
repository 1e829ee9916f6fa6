//! Redacted exchanges and bodies that no redactor made, for the tests of crates behind it.
//!
//! Only tests turn on the feature `by-hand` that has this: a product that used it would not build.

use decode::Timestamp;

use crate::auth::{Carrier, Claims, Credentials};
use crate::calls::Calls;
use crate::descriptors::Descriptors;
use crate::novelty::{Fingerprint, Route};
use crate::owner::Owner;
use crate::paths::{Pace, Paths};
use crate::redacted::{OpenedBody, RedactedBody, RedactedExchange};
use crate::redactor::Redactor;
use crate::says::Says;
use crate::sealed::{SealedBody, SealedFields, SealedPath};
use crate::shape::Shape;
use crate::signature::{Signature, is_page};

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
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub request_type: Option<String>,
    pub response_type: Option<String>,
    pub status: Option<u16>,
    pub noise: Option<&'static str>,
    pub calls: Option<Calls>,
    /// The length of the answer's body, if the answer was seen whole.
    pub length: Option<u32>,
    /// Where a redirect leads.
    pub location: &'static str,
    pub connection: u32,
    pub credentials: Credentials,
    pub carriers: Vec<Carrier>,
    pub claims: Option<Claims>,
    pub came_over_tls: bool,
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
            query: Vec::new(),
            headers: Vec::new(),
            request_type: None,
            response_type: None,
            status: Some(200),
            noise: None,
            calls: None,
            length: None,
            location: "",
            connection: 0,
            credentials: Credentials::NONE,
            carriers: Vec::new(),
            claims: None,
            came_over_tls: false,
        }
    }
}

impl Exchange {
    /// What makes its answer the same as others, as [`Signature::of`] gives it.
    fn signature(&self) -> Option<Signature> {
        let (status, media) = (self.status?, self.response_type.as_deref());
        let walls = Says::of(status) == Says::Refused || is_page(status, media);
        let made = |length| Signature::made(status, media, self.location, length, &self.template);
        self.length.filter(|_| walls).map(made)
    }
}

impl From<Exchange> for RedactedExchange {
    fn from(exchange: Exchange) -> RedactedExchange {
        let signature = exchange.signature();
        RedactedExchange {
            owner: exchange.owner,
            fingerprint: exchange.fingerprint,
            route: Route(0),
            followed: false,
            time: exchange.time,
            method: exchange.method,
            path: None,
            template: exchange.template,
            path_params: exchange.path_params,
            path_shape: Shape::default(),
            query: exchange.query,
            headers: exchange.headers,
            request_type: exchange.request_type,
            response_type: exchange.response_type,
            status: exchange.status,
            noise: exchange.noise,
            calls: exchange.calls,
            signature,
            connection: exchange.connection,
            credentials: exchange.credentials,
            carriers: exchange.carriers,
            token: None,
            claims: exchange.claims,
            came_over_tls: exchange.came_over_tls,
            left_out: 0,
            told: false,
            body: None,
            answer: None,
            fields: None,
            teaches: true,
            answer_fields: Vec::new(),
            describes: None,
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
    OpenedBody { example, fields: fields.to_vec(), ..OpenedBody::default() }
}

/// Opens the bodies of request and answer, which are JSON, as the redactor does: their shapes are learned.
#[must_use]
pub fn with_bodies(exchange: &mut RedactedExchange, request: &str, answer: &str) -> OpenedBody {
    let sealed = |text: &str| SealedBody {
        bytes: text.as_bytes().to_vec(),
        whole: true,
        content_type: "application/json".to_owned(),
        content_encoding: String::new(),
    };
    let body = |text: &str| (!text.is_empty()).then(|| sealed(text));
    (exchange.body, exchange.answer) = (body(request), body(answer));
    exchange.fields = Some(SealedFields::default());
    Redactor::default().open(exchange, &Descriptors::default())
}

/// Opens the path of an exchange by the form of its steps alone: numbers are values and words are words. For tests of
/// what comes behind.
pub fn open_plainly(exchange: &mut RedactedExchange) {
    let Some(SealedPath::Captured(path)) = exchange.path.take() else { return };
    let mut paths = Paths::fixed();
    let text = String::from_utf8_lossy(&path).into_owned();
    let plain: Vec<String> = text
        .split('/')
        .map(|segment| if segment.parse::<u64>().is_ok() { "{id}".to_owned() } else { segment.to_owned() })
        .collect();
    paths.recall(&exchange.owner, &plain.join("/"), 1, exchange.time);
    exchange.path = Some(SealedPath::Captured(path));
    paths.open(exchange, &Redactor::default());
}

/// The templates that lines of method, path, status and names of fields of the answer lead to, by tabs, with what is
/// decided at the end. For experiments: `tests/templates/run --lines` writes such lines.
#[must_use]
pub fn templates(lines: &str) -> String {
    let owner = Owner::Address(([10, 0, 0, 1], 80).into());
    let (mut paths, redactor) = (Paths::fixed(), Redactor::default());
    let mut all = std::collections::BTreeSet::new();
    for line in lines.lines() {
        let mut parts = line.split('\t');
        let method = parts.next().unwrap_or_default();
        let target = parts.next().unwrap_or_default();
        let status: Option<u16> = parts.next().and_then(|status| status.parse().ok());
        let names: Vec<_> =
            parts.next().unwrap_or_default().split(',').filter(|name| !name.is_empty()).collect();
        if !status.is_some_and(|status| (200..300).contains(&status) || [304, 409, 422].contains(&status)) {
            continue;
        }
        let mut exchange: RedactedExchange =
            Exchange { status, ..Exchange::new(owner.clone(), method, "") }.into();
        exchange.path = Some(SealedPath::Captured(crate::template::split(target.as_bytes()).0.to_vec()));
        let object: serde_json::Map<_, _> = names.iter().map(|name| ((*name).to_owned(), 1.into())).collect();
        exchange.answer = Some(SealedBody {
            bytes: serde_json::Value::Object(object).to_string().into_bytes(),
            whole: true,
            content_type: String::new(),
            content_encoding: String::new(),
        });
        let _ = redactor.open(&mut exchange, &Descriptors::default());
        paths.open(&mut exchange, &redactor);
        all.insert((method.to_owned(), exchange.template));
    }
    paths.judge(Pace::AtEnd);
    let now = |(method, template): &(String, String)| {
        (method.clone(), paths.current(&owner, template).unwrap_or_default())
    };
    let found: std::collections::BTreeSet<_> = all.iter().map(now).collect();
    let rows = found.iter().filter(|(_, template)| !crate::is_undecided(template));
    rows.map(|(method, template)| format!("{method}\t{template}\n")).collect()
}
