//! Connections at rest that were forgotten: what a later segment needs to go on with them.

use crate::event::Direction;

/// The share of the memory that is for them: one part of so many.
const SHARE: usize = 16;

/// A fixed table in which a newer one takes the place of an older one with the same slot: sixteen bytes each.
pub(crate) struct Parked {
    /// The tag of its hash, who the client is, and the next sequence number of each side, or zeros: so the memory of a new
    /// table is that of zeroed pages, which the kernel gives when they are used.
    slots: Vec<[u32; 4]>,
}

/// A connection at rest. Of its sides the one whose address is lower comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rest {
    /// Whether the side with the lower address is the client.
    pub(crate) client_is_low: bool,
    /// The next sequence number of each side.
    pub(crate) next: [u32; 2],
}

impl Rest {
    /// Returns the next sequence number of a direction, where `first` says whether the lower side sends forward.
    pub(crate) fn next(self, direction: Direction, first_is_low: bool) -> u32 {
        let [low, high] = self.next;
        if (direction == Direction::Forward) == first_is_low { low } else { high }
    }
}

impl Parked {
    /// Creates a table for a table of connections with so much memory.
    pub(crate) fn new(memory: usize) -> Parked {
        let most = memory / SHARE / size_of::<[u32; 4]>();
        Parked { slots: vec![[0; 4]; (most / 2 + 1).next_power_of_two()] }
    }

    pub(crate) fn memory(&self) -> usize {
        self.slots.len() * size_of::<[u32; 4]>()
    }

    fn slot(&mut self, hash: u32) -> Option<&mut [u32; 4]> {
        let slot = hash as usize & (self.slots.len() - 1);
        self.slots.get_mut(slot)
    }

    /// Remembers a connection.
    pub(crate) fn add(&mut self, hash: u32, rest: Rest) {
        let [low, high] = rest.next;
        if let Some(slot) = self.slot(hash) {
            *slot = [hash | 1, 2 | u32::from(rest.client_is_low), low, high];
        }
    }

    /// Returns the connection with this hash, if it is remembered.
    pub(crate) fn get(&mut self, hash: u32) -> Option<Rest> {
        let [tag, client, low, high] = *self.slot(hash)?;
        (tag == hash | 1 && client != 0).then_some(Rest { client_is_low: client & 1 == 1, next: [low, high] })
    }

    /// Forgets the connection with this hash.
    pub(crate) fn remove(&mut self, hash: u32) {
        if let Some(slot) = self.slot(hash).filter(|slot| slot.first() == Some(&(hash | 1))) {
            *slot = [0; 4];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_parked_is_found_until_another_takes_its_slot() {
        let mut parked = Parked::new(1 << 12);
        assert_eq!(parked.memory(), 16 * 16);
        let rest = Rest { client_is_low: true, next: [7, 9] };
        parked.add(32, rest);
        assert_eq!((parked.get(32), parked.get(48), parked.get(31)), (Some(rest), None, None));
        assert_eq!((rest.next(Direction::Forward, true), rest.next(Direction::Forward, false)), (7, 9));
        let other = Rest { client_is_low: false, ..rest };
        parked.add(48, other);
        assert_eq!((parked.get(32), parked.get(48)), (None, Some(other)));
        parked.remove(32);
        parked.remove(48);
        assert_eq!(parked.get(48), None);
    }
}
