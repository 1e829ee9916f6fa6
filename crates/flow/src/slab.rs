//! A slab: values at numbered places that stay where they are, in chunks, so that growth copies nothing.

/// Values per chunk: large enough that allocations are rare, small against any memory limit.
const CHUNK: usize = 256;

/// Values at numbered places.
pub(crate) struct Slab<T> {
    chunks: Vec<Vec<Option<T>>>,
    free: Vec<u32>,
    most: usize,
}

impl<T> Slab<T> {
    /// Creates an empty slab of at most `most` places, which is at most `u32::MAX`.
    pub(crate) fn new(most: usize) -> Slab<T> {
        Slab { chunks: Vec::new(), free: Vec::new(), most: most.min(u32::MAX as usize) }
    }

    /// Returns how many places have memory, used or not.
    pub(crate) fn places(&self) -> usize {
        self.most.min(self.chunks.len() * CHUNK)
    }

    /// Returns how many places the next [`Slab::insert`] would add.
    pub(crate) fn growth(&self) -> usize {
        let room = self.most - self.places();
        if self.free.is_empty() { CHUNK.min(room) } else { 0 }
    }

    /// Returns whether no place that has memory is free.
    pub(crate) fn is_full(&self) -> bool {
        self.free.is_empty()
    }

    /// Puts a value at a free place; `None` when there is none.
    pub(crate) fn insert(&mut self, value: T) -> Option<u32> {
        if self.free.is_empty() {
            self.grow();
        }
        let index = self.free.pop()?;
        *self.place(index)? = Some(value);
        Some(index)
    }

    fn grow(&mut self) {
        let (first, count) = (self.places(), self.growth());
        if count > 0 {
            self.chunks.push(std::iter::repeat_with(|| None).take(count).collect());
            self.free.extend((first..first + count).rev().map(|index| index as u32));
        }
    }

    fn place(&mut self, index: u32) -> Option<&mut Option<T>> {
        self.chunks.get_mut(index as usize / CHUNK)?.get_mut(index as usize % CHUNK)
    }

    #[inline]
    pub(crate) fn get(&self, index: u32) -> Option<&T> {
        self.chunks.get(index as usize / CHUNK)?.get(index as usize % CHUNK)?.as_ref()
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, index: u32) -> Option<&mut T> {
        self.place(index)?.as_mut()
    }

    /// Drops the value at a place, which becomes free.
    pub(crate) fn remove(&mut self, index: u32) {
        if self.place(index).is_some_and(|place| place.take().is_some()) {
            self.free.push(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_used_again_and_never_exceed_the_limit() {
        let mut slab = Slab::new(CHUNK + 3);
        let all: Vec<u32> = (0..CHUNK + 3).map(|value| slab.insert(value).unwrap()).collect();
        assert_eq!((slab.insert(9), slab.places(), slab.growth()), (None, CHUNK + 3, 0));
        assert!(all.iter().enumerate().all(|(value, index)| slab.get(*index) == Some(&value)));
        slab.remove(all[CHUNK]);
        slab.remove(all[CHUNK]);
        assert_eq!(slab.get(all[CHUNK]), None);
        assert_eq!(slab.insert(77), Some(all[CHUNK]));
        assert_eq!(slab.get_mut(all[CHUNK]), Some(&mut 77));
        assert_eq!((slab.insert(9), slab.get(u32::MAX)), (None, None));
    }
}
