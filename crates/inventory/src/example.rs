//! Examples of how an endpoint is called. Each is from one request: a mixture of two was never made, and may not work.

use redact::{RedactedExchange, is_common_header};
use serde::{Deserialize, Serialize};

use crate::names::{PATH_PARAMS, borrowed};
use crate::texts::{Pairs, cut};

/// At most so many examples of one endpoint: the platform takes three sets of details a day.
pub(crate) const EXAMPLES: usize = 3;

/// The parameters and headers of one request, redacted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Example {
    /// Which one of its endpoint it is; each new one has a higher number.
    pub number: u32,
    /// The name and the surrogate of each variable of the template, in order.
    pub path_params: Pairs,
    /// Query parameters.
    pub query: Pairs,
    /// Request headers, names in lower case.
    pub headers: Pairs,
    /// Whether the body example of the endpoint came with it.
    pub body: bool,
    /// Whether the platform was told of it.
    pub told: bool,
}

/// Names of query parameters and headers.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) query: Vec<String>,
    pub(crate) headers: Vec<String>,
}

impl Example {
    /// Takes from a request what has one of these names.
    fn of(exchange: &RedactedExchange, names: &Names, number: u32, body: bool) -> Example {
        let mut example = Example { number, body, ..Example::default() };
        let named = |names: &[String], (name, _): &(&str, &str)| names.iter().any(|one| one == cut(name));
        example.path_params.extend(borrowed(exchange.path_params()).take(PATH_PARAMS));
        example.query.extend(borrowed(exchange.query()).filter(|pair| named(&names.query, pair)));
        example.headers.extend(borrowed(exchange.headers()).filter(|pair| named(&names.headers, pair)));
        example
    }

    /// Returns whether it has all names of another that say something about the API.
    fn covers(&self, other: &Example) -> bool {
        other.query.iter().all(|(name, _)| self.query.has(name))
            && other.headers.iter().all(|(name, _)| is_common_header(name) || self.headers.has(name))
    }

    fn heap_bytes(&self) -> usize {
        let pairs = [&self.path_params, &self.query, &self.headers];
        size_of::<Example>() + pairs.iter().map(|pairs| pairs.heap_bytes()).sum::<usize>()
    }
}

/// The examples of one endpoint: first the one whose body is kept, if there is a body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExampleList(Vec<Example>);

impl ExampleList {
    /// The examples in the order in which they are told.
    pub fn iter(&self) -> impl Iterator<Item = &Example> {
        self.0.iter()
    }

    /// Returns whether there are none, as in records of earlier versions.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the one to tell first.
    #[must_use]
    pub fn first(&self) -> Option<&Example> {
        self.0.first()
    }

    /// Returns the one to tell next: the first that was not told, or the first of all.
    #[must_use]
    pub fn next(&self) -> Option<&Example> {
        self.0.iter().find(|example| !example.told).or(self.0.first())
    }

    /// Takes over a request whose body became the body example, as far as it has these names.
    pub(crate) fn add_with_body(&mut self, exchange: &RedactedExchange, names: &Names) {
        self.0.iter_mut().for_each(|example| example.body = false);
        let example = Example::of(exchange, names, self.next_number(), true);
        self.0.insert(0, example);
        self.trim();
    }

    /// Takes over a request that has names which none before it had, or the first of all, as far as it has these names.
    pub(crate) fn add(&mut self, exchange: &RedactedExchange, names: &Names) {
        self.0.push(Example::of(exchange, names, self.next_number(), false));
        self.trim();
    }

    /// Takes note that the platform was told of the example with this number. Returns whether there are others that it was not
    /// told of.
    pub(crate) fn told(&mut self, number: u32) -> bool {
        self.0.iter_mut().filter(|example| example.number == number).for_each(|example| example.told = true);
        self.0.iter().any(|example| !example.told)
    }

    /// Takes note that where it is pushed to nothing was told.
    pub(crate) fn tell_again(&mut self) {
        self.0.iter_mut().for_each(|example| example.told = false);
    }

    /// Takes over the examples of another record of the same endpoint; `body` says whether its body is kept, and not the one here.
    pub(crate) fn join(&mut self, other: ExampleList, body: bool) {
        let mut others = other.0;
        let loser = if body { &mut self.0 } else { &mut others };
        loser.iter_mut().for_each(|example| example.body = false);
        let mut number = self.next_number();
        for example in &mut others {
            example.number = number;
            number = number.saturating_add(1);
        }
        self.0.append(&mut others);
        self.0.sort_by_key(|example| !example.body);
        self.trim();
    }

    /// Gives each example the path parameters that `fit` makes of its own.
    pub(crate) fn fit(&mut self, fit: impl Fn(&Pairs) -> Pairs) {
        self.0.iter_mut().for_each(|example| example.path_params = fit(&example.path_params));
    }

    /// Returns what they occupy, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.0.iter().map(Example::heap_bytes).sum()
    }

    fn next_number(&self) -> u32 {
        self.0.iter().map(|example| example.number).max().map_or(0, |number| number.saturating_add(1))
    }

    /// Forgets those that another one covers, and those for which there is no room. Never the one with the body.
    fn trim(&mut self) {
        let mut at = 0;
        while let Some(example) = self.0.get(at) {
            let covered = |other: &Example| {
                let first = other.body || other.number > example.number;
                other.covers(example) && (first || !example.covers(other))
            };
            let others = self.0.iter().filter(|other| other.number != example.number);
            match !example.body && others.into_iter().any(covered) {
                true => drop(self.0.remove(at)),
                false => at += 1,
            }
        }
        self.0.truncate(EXAMPLES);
        self.0.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use redact::by_hand;

    use super::*;
    use crate::testing::{at, exchange};

    /// Names for which there is room.
    fn all() -> Names {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let query = ('a'..='z').map(String::from).chain(["body".to_owned()]).collect();
        Names { query, headers: owned(&["accept", "x-shop"]) }
    }

    fn with(query: &[&str], headers: &[&str]) -> RedactedExchange {
        let pairs = |names: &[&str]| names.iter().map(|name| ((*name).into(), "1".into())).collect();
        let (query, headers) = (pairs(query), pairs(headers));
        by_hand::Exchange { query, headers, ..exchange("cart", "GET", "/users", at(1)) }.into()
    }

    fn names(list: &ExampleList) -> Vec<Vec<&str>> {
        list.iter().map(|one| one.query.iter().map(|(name, _)| name).collect()).collect()
    }

    #[test]
    fn one_that_has_all_names_of_another_stands_for_it() {
        let mut list = ExampleList::default();
        for query in [&[][..], &["a"], &["b"], &["a", "c"]] {
            list.add(&with(query, &["accept"]), &all());
        }
        assert_eq!(names(&list), [vec!["b"], vec!["a", "c"]]);
        list.add_with_body(&with(&[], &[]), &all());
        assert_eq!(names(&list), [vec![], vec!["b"], vec!["a", "c"]]);
        list.add_with_body(&with(&["b"], &[]), &all());
        assert_eq!(names(&list), [vec!["b"], vec!["a", "c"]]);
        assert_eq!(list.iter().map(|one| one.body).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn each_is_told_once_and_the_one_with_a_body_first() {
        let mut list = ExampleList::default();
        list.add(&with(&["a"], &[]), &all());
        list.add_with_body(&with(&["b"], &["x-shop"]), &all());
        let first = list.next().unwrap().clone();
        assert!(first.body && first.query.has("b"));
        assert!(list.told(first.number), "one is left");
        let second = list.next().unwrap().number;
        assert_ne!(first.number, second);
        assert!(!list.told(second));
        list.tell_again();
        assert_eq!(list.next().unwrap().number, first.number);
    }

    #[test]
    fn there_are_few() {
        let mut list = ExampleList::default();
        let letters: Vec<String> = ('a'..='z').map(String::from).collect();
        letters.iter().for_each(|name| list.add(&with(&[name], &[]), &all()));
        assert_eq!(list.iter().count(), EXAMPLES);
        let mut other = list.clone();
        other.add_with_body(&with(&["body"], &[]), &all());
        list.join(other, true);
        assert_eq!(list.iter().count(), EXAMPLES);
        assert!(list.first().unwrap().body);
    }
}
