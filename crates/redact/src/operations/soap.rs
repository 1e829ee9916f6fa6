//! SOAP 1.1 and 1.2, by the action of the header or the first element of the body.

use std::ops::{ControlFlow, Range};

use super::body::Text;
use super::found::Found;
use super::given_up::GivenUp;
use super::names::named;
use super::operation::{Operation, OperationKind, OperationOutcome, OperationProtocol};
use super::seen::Seen;
use crate::document::{Container, Document, Observer, Syntax, parameter};

pub(super) fn read(seen: &Seen<'_>) -> Option<Found> {
    let body = seen.body.filter(|_| seen.method == "POST")?;
    let action = match body.media {
        // SOAP 1.1, section 6.1.1: the field is there, empty or not.
        "text/xml" | "application/xml" => seen.header("soapaction")?.to_owned(),
        // SOAP 1.2, part 2, section 6.5.3.
        "application/soap+xml" => parameter(body.content_type, "action").unwrap_or_default(),
        _ => return None,
    };
    let asked = of_action(action.trim_matches('"')).map(str::to_owned).or_else(|| element(body));
    let Some(asked) = asked else {
        return (!body.whole).then(|| Found::given_up(GivenUp::Cut));
    };
    let mut found = Found::default();
    found.add(named(&asked).map(|name| Operation {
        protocol: OperationProtocol::Soap,
        kind: OperationKind::Call,
        name: name.to_owned(),
        fields: Vec::new(),
        outcome: outcome(seen),
    }));
    Some(found)
}

/// The last step of an action, which is a URI: the operation as its description names it.
fn of_action(action: &str) -> Option<&str> {
    let last = action.rsplit(['/', '#', ':']).next().unwrap_or_default();
    (!last.is_empty()).then_some(last)
}

fn outcome(seen: &Seen<'_>) -> OperationOutcome {
    let Some(answer) = seen.answer else { return seen.outcome() };
    let mut first = First::default();
    let _ = document(answer).walk(&mut first);
    if first.found.as_deref() != Some("Fault") {
        return seen.outcome();
    }
    // Section 4.4.1 of 1.1 and 5.4.6 of 1.2: the fault is the server's, or the request's.
    match first.code.as_deref().map(|code| code.rsplit(':').next().unwrap_or_default()) {
        Some(code) if code.starts_with("Server") || code == "Receiver" => OperationOutcome::Failed,
        _ => OperationOutcome::Doubtful,
    }
}

/// The first element of the body of an envelope.
fn element(text: Text<'_>) -> Option<String> {
    let mut first = First::default();
    let _ = document(text).walk(&mut first);
    first.found
}

fn document(text: Text<'_>) -> Document<'_> {
    Document { syntax: Syntax::Xml, bytes: text.bytes, whole: text.whole }
}

/// Looks for the first element of `Envelope/Body`, and for the code of a fault.
#[derive(Default)]
struct First {
    /// The names of the elements that are open.
    open: Vec<String>,
    name: Option<String>,
    found: Option<String>,
    code: Option<String>,
}

impl First {
    fn is_open(&self, path: &[&str]) -> bool {
        self.open.len() == path.len() && self.open.iter().zip(path).all(|(one, other)| one == other)
    }
}

impl Observer for First {
    fn name(&mut self, name: &str, _: Range<usize>) -> ControlFlow<()> {
        self.name = Some(name.to_owned());
        ControlFlow::Continue(())
    }

    fn enter(&mut self, container: Container, _: usize) -> ControlFlow<()> {
        let name = self.name.take().filter(|_| container == Container::Element).unwrap_or_default();
        if self.found.is_none() && self.is_open(&["Envelope", "Body"]) {
            self.found = Some(name.clone());
            if name != "Fault" {
                return ControlFlow::Break(());
            }
        }
        self.open.push(name);
        ControlFlow::Continue(())
    }

    fn value(&mut self, value: &crate::document::Scalar<'_>) -> ControlFlow<()> {
        let in_code = self.is_open(&["Envelope", "Body", "Fault", "faultcode"])
            || self.is_open(&["Envelope", "Body", "Fault", "Code", "Value"]);
        // An attribute has a name.
        if in_code && self.name.take().is_none() && !value.text.trim().is_empty() {
            self.code = Some(value.text.trim().to_owned());
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn leave(&mut self, _: Range<usize>) -> ControlFlow<()> {
        self.open.pop();
        ControlFlow::Continue(())
    }
}
