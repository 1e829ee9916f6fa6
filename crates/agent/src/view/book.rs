//! What of the endpoints is new to a page: each has a revision, and a page asks for what came since the last one that it has.

use std::collections::{HashMap, VecDeque};

use serde::Serialize;

use crate::report::Listed;

/// The most endpoints in one answer; the page asks again at once when there are more.
const ROWS: usize = 2_000;

/// The most endpoints that went whose ids are kept. A page that has to know of more begins anew.
const GONE: usize = 10_000;

/// All endpoints as they were last listed.
pub(super) struct Book {
    /// Another one in each run, and when pages have to begin anew.
    epoch: u64,
    revision: u64,
    known: HashMap<String, (u64, Listed)>,
    gone: VecDeque<(u64, String)>,
}

/// What is new to a page.
#[derive(Serialize)]
pub(super) struct News {
    epoch: u64,
    revision: u64,
    /// Whether there is more.
    more: bool,
    endpoints: Vec<Listed>,
    gone: Vec<String>,
}

impl Book {
    pub(super) fn new(epoch: u64) -> Book {
        Book { epoch, revision: 0, known: HashMap::new(), gone: VecDeque::new() }
    }

    /// Takes in the endpoints as they are now.
    pub(super) fn take(&mut self, listed: Vec<Listed>) {
        let mut before = std::mem::take(&mut self.known);
        for one in listed {
            let known = before.remove(&one.id).filter(|(_, known)| *known == one);
            let revision = known.map_or_else(|| self.next(), |(revision, _)| revision);
            self.known.insert(one.id.clone(), (revision, one));
        }
        for (id, _) in before {
            let revision = self.next();
            self.gone.push_back((revision, id));
        }
        if self.gone.len() > GONE {
            self.gone.clear();
            self.epoch += 1;
        }
    }

    fn next(&mut self) -> u64 {
        self.revision += 1;
        self.revision
    }

    /// Returns what came after the revision `since` of the same `epoch`; of another epoch everything.
    pub(super) fn since(&self, epoch: u64, since: u64) -> News {
        let since = if epoch == self.epoch { since } else { 0 };
        let mut new: Vec<_> = self.known.values().filter(|(revision, _)| *revision > since).collect();
        new.sort_unstable_by_key(|(revision, _)| *revision);
        let more = new.len() > ROWS;
        new.truncate(ROWS);
        let revision = match new.last() {
            Some((last, _)) if more => *last,
            _ => self.revision,
        };
        let gone = self.gone.iter().filter(|(gone, _)| (since + 1..=revision).contains(gone));
        News {
            epoch: self.epoch,
            revision,
            more,
            endpoints: new.into_iter().map(|(_, one)| one.clone()).collect(),
            gone: gone.map(|(_, id)| id.clone()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn listed(id: &str, requests: u64) -> Listed {
        let one = json!({"id": id, "service": "shop/cart", "named": true, "method": "GET", "path": "/", "requests": requests,
            "statuses": [], "unanswered": 0, "query": 0, "protection": "open", "credentials": [], "labels": [],
            "findings": [], "first_seen": 0, "last_seen": 0, "state": "pushed"});
        serde_json::from_value(one).unwrap()
    }

    fn ids(news: &News) -> Vec<&str> {
        news.endpoints.iter().map(|one| one.id.as_str()).collect()
    }

    #[test]
    fn a_page_gets_what_changed_and_what_went() {
        let mut book = Book::new(7);
        book.take(vec![listed("a", 1), listed("b", 1)]);
        let first = book.since(0, 99);
        assert_eq!((ids(&first), first.epoch, first.revision, first.more), (vec!["a", "b"], 7, 2, false));
        book.take(vec![listed("a", 1), listed("b", 2), listed("c", 1)]);
        let second = book.since(7, first.revision);
        assert_eq!((ids(&second), second.gone.len()), (vec!["b", "c"], 0));
        book.take(vec![listed("c", 1)]);
        let mut third = book.since(7, second.revision);
        third.gone.sort();
        assert_eq!((ids(&third), third.gone.join(" ")), (vec![], "a b".to_owned()));
        assert_eq!(ids(&book.since(6, third.revision)), ["c"], "another epoch");
    }

    #[test]
    fn what_came_back_is_not_gone() {
        let mut book = Book::new(7);
        book.take(vec![listed("a", 1)]);
        book.take(vec![]);
        book.take(vec![listed("a", 1)]);
        let news = book.since(7, 1);
        assert_eq!(
            (ids(&news), news.gone.join(" ")),
            (vec!["a"], "a".to_owned()),
            "the page removes, then adds"
        );
    }

    #[test]
    fn many_come_in_pieces_and_many_that_go_begin_another_epoch() {
        let mut book = Book::new(7);
        book.take((0..2_500).map(|number| listed(&format!("{number:04}"), 1)).collect());
        let first = book.since(7, 0);
        assert_eq!((first.endpoints.len(), first.more, first.revision), (2_000, true, 2_000));
        let second = book.since(7, first.revision);
        assert_eq!((second.endpoints.len(), second.more), (500, false));
        book.take((0..10_001).map(|number| listed(&format!("x{number}"), 1)).collect());
        book.take(vec![listed("last", 1)]);
        let third = book.since(7, second.revision);
        assert_eq!((ids(&third), third.epoch), (vec!["last"], 8));
    }
}
