//! A sealed path is opened: it teaches the tree of its Service, and becomes a template.

use super::Paths;
use super::joint::Joint;
use super::keys::Keys;
use super::naming::{Names, text_of};
use super::node::{Name, Node, Seen, Tree, Weight};
use super::path::{Path, UNKNOWN, undecided, write_step};
use crate::classify::{Kind, kind_of_text};
use crate::noise::PREFLIGHT;
use crate::redacted::RedactedExchange;
use crate::redactor::Redactor;
use crate::says::Says;
use crate::sealed::SealedPath;
use crate::shape::Teacher;
use crate::template::{Param, REST, TOO_DEEP, is_named};

impl Paths {
    /// Opens the path of an exchange: the exchange has its template and its path parameters from here on.
    ///
    /// What is answered as a guess is answered teaches nothing: its steps that are not known are not told apart. Of what is
    /// refused, and of preflights, the steps are told apart, but they are no evidence.
    pub fn open(&mut self, exchange: &mut RedactedExchange, redactor: &Redactor) {
        let weight = match exchange.status.map(Says::of) {
            Some(Says::Absent) => None,
            Some(Says::Refused) => Some(Weight::None),
            _ if exchange.noise == Some(PREFLIGHT) => Some(Weight::None),
            Some(Says::Exists) | None => Some(Weight::One),
        };
        self.open_as(exchange, redactor, weight);
    }

    /// The same for an exchange that teaches nothing, whatever its answer is.
    pub fn open_only(&mut self, exchange: &mut RedactedExchange, redactor: &Redactor) {
        self.open_as(exchange, redactor, None);
    }

    fn open_as(&mut self, exchange: &mut RedactedExchange, redactor: &Redactor, weight: Option<Weight>) {
        let path = match exchange.path.take() {
            None => return,
            Some(SealedPath::Fixed(text)) => {
                exchange.template = text;
                return;
            }
            Some(SealedPath::Captured(path)) => Path::of(&path),
        };
        if exchange.noise.is_none() {
            exchange.noise = path.deep.then_some(TOO_DEEP);
        }
        if let Some(weight) = weight {
            let mut fields = std::mem::take(&mut exchange.answer_fields);
            fields.retain(|_| weight == Weight::One);
            let method = method_bit(&exchange.method);
            let seen = Seen { method, fields: &fields, time: exchange.time, weight };
            self.observe(&exchange.owner, &path, seen);
            if let (Weight::One, Some(templates)) = (weight, exchange.describes.take()) {
                self.describe(&exchange.owner, &templates);
            }
        }
        let found = template(self.trees.get(&exchange.owner), &path, self.keys, redactor);
        let judge = Redactor::default();
        let teacher = Teacher { judge: &judge, values: false };
        exchange.path_shape =
            teacher.path(found.variables.iter().map(|(name, noun, value)| (&**name, &**noun, *value)));
        (exchange.template, exchange.path_params) = (found.text, found.params);
    }
}

/// A bit for a method; all that are not common share one.
fn method_bit(method: &str) -> u16 {
    let common = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];
    1 << common.iter().position(|one| *one == method).unwrap_or(common.len())
}

/// What a path is by the tree of its Service.
struct Found<'p> {
    /// Its template.
    text: String,
    /// The name and surrogate of each variable.
    params: Vec<(String, String)>,
    /// The name, the word before it, and the value of each that is decided.
    variables: Vec<(String, String, &'p [u8])>,
}

/// The template of a path, and its variables.
fn template<'p>(tree: Option<&Tree>, path: &'p Path, keys: Keys, redactor: &Redactor) -> Found<'p> {
    let steps = path.steps();
    let (mut text, mut names) = (String::new(), Names::default());
    let (mut params, mut variables) = (Vec::new(), Vec::new());
    let mut place = tree.map(|tree| &tree.root);
    let mut noun = String::new();
    for (at, step) in steps.iter().enumerate() {
        let found = place.and_then(|node| {
            let key = node.key(step, keys);
            Some((node, key, node.children.get(&key)?))
        });
        if found.is_none() && step.joint == Joint::Dot && place.is_some_and(Node::is_variable) {
            continue;
        }
        let (written, variable) = match found {
            Some((before, key, node)) => {
                (text_of(node, key, before, &mut names).into_owned(), !node.is_literal())
            }
            None if step.form.is_certain() || step.joint == Joint::Key => {
                (format!("{{{}}}", names.free("id")), true)
            }
            None if matches!(step.joint, Joint::Dot | Joint::Colon) => (step.word().to_owned(), false),
            None => (undecided(UNKNOWN), true),
        };
        write_step(&mut text, step.joint, &written);
        if variable {
            let name = written.trim_matches(['{', '}']).to_owned();
            params.push((name.clone(), surrogate(path.value(at), &noun, redactor)));
            if !name.starts_with('?') {
                variables.push((name, noun, path.value(at)));
            }
        }
        place = found.map(|(.., node)| node);
        noun = match place.map(|node| &node.name) {
            Some(Name::Literal(text)) => text.to_string(),
            _ => String::new(),
        };
    }
    if path.deep {
        let name = names.free(REST);
        write_step(&mut text, Joint::Slash, &format!("{{{name}}}"));
        params.push((name, "1".to_owned()));
    }
    if text.is_empty() {
        text.push('/');
    }
    Found { text, params, variables }
}

/// What stands in the place of the value of a variable. A word in such a place may be the name of someone.
fn surrogate(value: &[u8], noun: &str, redactor: &Redactor) -> String {
    let kind = match kind_of_text(value) {
        Kind::Unsettled | Kind::Word if is_named(value, noun.as_bytes()) => Kind::Other,
        Kind::Unsettled | Kind::Word if redactor.hides_persons() => return redactor.hidden(value),
        kind => kind,
    };
    redactor.path_value(&Param { kind, noun: noun.to_owned(), value: value.to_owned() })
}
