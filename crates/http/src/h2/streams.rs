//! The streams of a connection that are open, by their number.

use std::collections::VecDeque;

use super::stream::Stream;
use crate::MAX_WAITING;

/// How many streams are followed on one connection. Servers allow 100 to 250, but gRPC may have many that wait for events.
pub(crate) const MAX_STREAMS: usize = 1024;

/// So many are kept for the next requests when none is open.
const KEPT: usize = 32;

/// What most requests and their responses need, in bytes of text: a buffer of this size need not grow.
const USUAL: usize = 256;

/// The open streams.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    /// Their numbers, ascending, with their places.
    open: VecDeque<(u32, u32)>,
    places: Vec<Stream>,
    free: Vec<u32>,
    /// The capacity of all texts.
    texts: usize,
    /// Where in `open` the last search ended. Frames of one stream come together, and streams are mostly answered in their order.
    last: usize,
}

impl Streams {
    /// The stream with this number.
    pub(crate) fn get(&mut self, id: u32) -> Option<&mut Stream> {
        let place = self.place(id)?;
        self.places.get_mut(place)
    }

    fn place(&mut self, id: u32) -> Option<usize> {
        let at = self.find(id)?;
        self.open.get(at).map(|open| open.1 as usize)
    }

    /// Returns where in `open` the stream with this number is.
    #[inline]
    fn find(&mut self, id: u32) -> Option<usize> {
        if self.open.get(self.last).is_none_or(|open| open.0 != id) {
            self.last = self.open.binary_search_by_key(&id, |open| open.0).ok()?;
        }
        Some(self.last)
    }

    /// A buffer for the next request.
    pub(crate) fn buffer(&mut self) -> Vec<u8> {
        let place = self.free.last().and_then(|&place| self.places.get_mut(place as usize));
        let mut text = place.map_or_else(Vec::new, |stream| std::mem::take(&mut stream.text));
        text.reserve(USUAL);
        text
    }

    /// Gives a buffer back that was not used.
    pub(crate) fn give_back(&mut self, mut text: Vec<u8>) {
        if let Some(stream) = self.free.last().and_then(|&place| self.places.get_mut(place as usize)) {
            crate::message::recycle(&mut text);
            stream.text = text;
            Self::count(&mut self.texts, stream);
        }
    }

    /// Opens a stream, which is not open, with a number above all others unless numbers were missed.
    pub(crate) fn open(&mut self, id: u32, begin: impl FnOnce(&mut Stream)) {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(Stream::default());
            (self.places.len() - 1) as u32
        });
        match self.open.back() {
            Some(newest) if newest.0 > id => {
                let at = self.open.partition_point(|open| open.0 < id);
                self.open.insert(at, (id, place));
            }
            _ => self.open.push_back((id, place)),
        }
        if let Some(stream) = self.places.get_mut(place as usize) {
            begin(stream);
            Self::count(&mut self.texts, stream);
        }
    }

    /// Changes a stream in a way that may change the memory behind it.
    pub(crate) fn with(&mut self, id: u32, change: impl FnOnce(&mut Stream)) {
        if let Some(stream) = self.place(id).and_then(|place| self.places.get_mut(place)) {
            change(stream);
            Self::count(&mut self.texts, stream);
        }
    }

    fn count(texts: &mut usize, stream: &mut Stream) {
        *texts = *texts + stream.text.capacity() - stream.counted;
        stream.counted = stream.text.capacity();
    }

    /// Takes a stream out, lets it be looked at, and keeps its memory for another one.
    pub(crate) fn close(&mut self, id: u32, look: impl FnOnce(&Stream)) {
        let Some(at) = self.find(id) else { return };
        let Some((_, place)) = self.open.remove(at) else { return };
        if let Some(stream) = self.places.get_mut(place as usize) {
            look(stream);
            stream.reset();
            Self::count(&mut self.texts, stream);
            self.free.push(place);
        }
        if self.open.is_empty() && self.places.len() > KEPT {
            self.shrink();
        }
    }

    /// Gives memory back when none is open.
    fn shrink(&mut self) {
        self.places.truncate(KEPT);
        self.places.shrink_to_fit();
        self.texts = self.places.iter().map(|stream| stream.counted).sum();
        self.free = (0..KEPT as u32).collect();
        self.open = VecDeque::new();
    }

    /// The number of the oldest one.
    pub(crate) fn first(&self) -> Option<u32> {
        self.open.front().map(|open| open.0)
    }

    /// All that are open.
    pub(crate) fn each(&mut self, mut change: impl FnMut(u32, &mut Stream)) {
        for &(id, place) in &self.open {
            if let Some(stream) = self.places.get_mut(place as usize) {
                change(id, stream);
            }
        }
    }

    /// Returns whether another request has no room.
    pub(crate) fn is_full(&self) -> bool {
        self.open.len() >= MAX_STREAMS || self.has_no_memory()
    }

    /// Returns whether no more of bodies is kept.
    pub(crate) fn has_no_memory(&self) -> bool {
        self.texts > MAX_WAITING
    }

    /// Bytes of memory behind it.
    pub(crate) fn held(&self) -> usize {
        let numbers =
            self.open.capacity() * size_of::<(u32, u32)>() + self.free.capacity() * size_of::<u32>();
        self.texts + self.places.capacity() * size_of::<Stream>() + numbers
    }
}
