//! The names of the outermost fields of an answer, as hashes: what tells users from actions.

use std::hash::BuildHasher;
use std::ops::{ControlFlow, Range};

use foldhash::fast::FixedState;

use crate::body::coding;
use crate::document::{Container, Document, Observer, Syntax};
use crate::redactor::Redactor;
use crate::sealed::SealedBody;

/// At most so many names are read.
const MOST: usize = 64;

impl Redactor {
    /// Opens the beginning of an answer, of which nothing but these hashes is kept.
    pub(crate) fn answer_fields(&self, body: SealedBody) -> Vec<u32> {
        match coding::decode(body.bytes, body.whole, &body.content_encoding) {
            Ok(decoded) => fields(&decoded.bytes),
            Err(_) => Vec::new(),
        }
    }
}

/// Returns the hashes of the names of the outermost fields of a JSON document, or of those of the objects in its outermost
/// array; nothing where it is no JSON.
fn fields(bytes: &[u8]) -> Vec<u32> {
    let mut names = Names { depth: 0, fields_at: 0, hashes: Vec::new() };
    Document { syntax: Syntax::Json, bytes, whole: false }.walk(&mut names);
    names.hashes.sort_unstable();
    names.hashes.dedup();
    names.hashes
}

struct Names {
    depth: usize,
    /// How deep the fields stand whose names are wanted; 0 as long as none were found.
    fields_at: usize,
    hashes: Vec<u32>,
}

impl Observer for Names {
    fn enter(&mut self, container: Container, _: usize) -> ControlFlow<()> {
        self.depth += 1;
        if self.fields_at == 0 && self.depth <= 2 && matches!(container, Container::Fields) {
            self.fields_at = self.depth;
        }
        ControlFlow::Continue(())
    }

    fn name(&mut self, name: &str, _: Range<usize>) -> ControlFlow<()> {
        if self.depth == self.fields_at {
            self.hashes.push(FixedState::with_seed(0).hash_one(name) as u32);
        }
        if self.hashes.len() < MOST { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    fn leave(&mut self, _: Range<usize>) -> ControlFlow<()> {
        self.depth = self.depth.saturating_sub(1);
        ControlFlow::Continue(())
    }
}
