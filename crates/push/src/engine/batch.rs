//! Which items go together in one call, and how a batch is taken apart when one item spoils it.

use std::collections::VecDeque;

/// Batches of places in a list of items, to be sent in order.
#[derive(Debug, Default)]
pub(super) struct Batches(VecDeque<Vec<usize>>);

impl Batches {
    /// Makes batches of at most `size` places. A place that goes alone (`true`) makes a batch of its own.
    pub(super) fn new(places: impl IntoIterator<Item = (usize, bool)>, size: usize) -> Self {
        let mut batches: VecDeque<Vec<usize>> = VecDeque::new();
        let mut room = 0;
        for (place, alone) in places {
            match batches.back_mut() {
                Some(open) if room > 0 && !alone => open.push(place),
                _ => {
                    batches.push_back(vec![place]);
                    room = if alone { 1 } else { size };
                }
            }
            room = room.saturating_sub(1);
        }
        Self(batches)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn next(&mut self) -> Option<Vec<usize>> {
        self.0.pop_front()
    }

    /// Puts the same item first once more.
    pub(super) fn again(&mut self, place: usize) {
        self.0.push_front(vec![place]);
    }

    /// Puts both halves of a refused batch first.
    pub(super) fn split(&mut self, mut batch: Vec<usize>) {
        let rest = batch.split_off(batch.len() / 2);
        self.0.push_front(rest);
        self.0.push_front(batch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_filled_in_order_and_suspects_go_alone() {
        let places = [(0, false), (1, false), (2, false), (3, true), (4, true), (5, false), (6, false)];
        let mut batches = Batches::new(places, 2);
        for expected in [vec![0, 1], vec![2], vec![3], vec![4], vec![5, 6]] {
            assert_eq!(batches.next(), Some(expected));
        }
        assert!(batches.is_empty());
    }

    #[test]
    fn halving_finds_the_spoiler_in_few_calls() {
        let mut batches = Batches::new((0..50).map(|i| (i, false)), 50);
        let (mut calls, mut sent) = (0, Vec::new());
        while let Some(batch) = batches.next() {
            calls += 1;
            match batch[..] {
                [37] => {}
                _ if batch.contains(&37) => batches.split(batch),
                _ => sent.extend(batch),
            }
        }
        assert_eq!(sent, (0..50).filter(|&i| i != 37).collect::<Vec<_>>());
        assert!(calls <= 13, "{calls}");
    }
}
