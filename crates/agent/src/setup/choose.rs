//! Choosing from a list by number or name; other text is possible too.

use super::input::Input;
use super::page::{cut, put, say};
use crate::failure::Failure;

/// How many entries are shown at once: they leave room for the question on a small terminal.
pub(super) const SHOWN: usize = 15;
/// The columns of an entry behind its number.
pub(super) const COLUMNS: usize = 70;

/// A list to choose from.
pub(super) struct List {
    /// What its entries are, for headings.
    pub(super) title: String,
    pub(super) entries: Vec<Entry>,
}

/// An entry of a list.
pub(super) struct Entry {
    /// What is shown.
    pub(super) label: String,
    /// What chooses it, besides its number: its id first, then its name.
    pub(super) names: Vec<String>,
}

/// What was answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The entry at this place.
    Entry(usize),
    /// Something else.
    Text(String),
    /// Nothing.
    Empty,
}

/// Asks until there is an answer other than `?` (which shows the list) and `?text` (which searches it). In a pipe every
/// answer is taken as it is: a script must not depend on what there is to choose from.
///
/// # Errors
/// There is no answer.
pub(super) fn choose(input: &mut Input, prompt: &str, what: &str, list: &List) -> Result<Answer, Failure> {
    loop {
        let line = input.line(prompt, what)?;
        if line.is_empty() {
            return Ok(Answer::Empty);
        }
        if !input.is_terminal() {
            return Ok(Answer::Text(line));
        }
        if let Some(search) = line.strip_prefix('?') {
            list.show(search.trim());
            continue;
        }
        match list.find(&line)[..] {
            [] => return Ok(Answer::Text(line)),
            [at] => return Ok(Answer::Entry(at)),
            _ => input.refuse(what, "several have this name: choose by number")?,
        }
    }
}

impl List {
    /// The entries that an answer means: those of this name, else the one of this number.
    fn find(&self, answer: &str) -> Vec<usize> {
        let named = |(_, entry): &(usize, &Entry)| entry.names.iter().any(|name| name == answer);
        let named: Vec<usize> = self.entries.iter().enumerate().filter(named).map(|(at, _)| at).collect();
        if !named.is_empty() {
            return named;
        }
        let number = answer.parse().ok().filter(|number| (1..=self.entries.len()).contains(number));
        number.map(|number: usize| number - 1).into_iter().collect()
    }

    /// Returns whether an answer is a number behind those of the list: a slip, and no id.
    pub(super) fn has_no(&self, answer: &str) -> bool {
        let short = answer.len() <= 4 && answer.bytes().all(|byte| byte.is_ascii_digit());
        short && !self.entries.is_empty() && self.find(answer).is_empty()
    }

    /// The id of the entry at this place.
    pub(super) fn id_at(&self, at: usize) -> Option<String> {
        self.entries.get(at)?.names.first().cloned()
    }

    /// The name of the entry with this id; the id itself where there is none.
    pub(super) fn name_of<'a>(&'a self, id: &'a str) -> &'a str {
        let entry = self.entries.iter().find(|entry| entry.names.first().is_some_and(|known| known == id));
        entry.and_then(|entry| entry.names.get(1)).filter(|name| !name.is_empty()).map_or(id, String::as_str)
    }

    /// Shows the entries with this text, with their numbers.
    pub(super) fn show(&self, search: &str) {
        let search = search.to_lowercase();
        let matching = |(_, entry): &(usize, &Entry)| entry.label.to_lowercase().contains(&search);
        let all: Vec<_> = self.entries.iter().enumerate().filter(matching).collect();
        say(&format!("{}:", self.title));
        for (at, entry) in all.iter().take(SHOWN) {
            put(&format!("  {:>4}  {}", at + 1, cut(&entry.label, COLUMNS)));
        }
        match all.len() {
            0 => say("  none"),
            count if count > SHOWN => {
                say(&format!("  ... and {} more: ?text shows those with this text", count - SHOWN));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_before_numbers() {
        let entry = |names: &[&str]| Entry {
            label: String::new(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        };
        let list = List {
            title: String::new(),
            entries: vec![entry(&["2", "a"]), entry(&["b"]), entry(&["b", "c"])],
        };
        assert_eq!(list.find("a"), [0]);
        assert_eq!(list.find("2"), [0], "a name that is a number");
        assert_eq!(list.find("3"), [2]);
        assert_eq!(list.find("b"), [1, 2]);
        for nothing in ["0", "4", "A", "-1", "x"] {
            assert!(list.find(nothing).is_empty(), "{nothing}");
        }
    }
}
