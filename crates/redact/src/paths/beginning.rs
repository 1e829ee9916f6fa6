//! What most paths of a Service begin with (`/api/v1`), which the capture thread need not walk over each time.

use memchr::memchr2;

use super::chain::Chain;
use super::form::{Form, form_of};
use super::joint::Joint;
use super::node::{Name, Node};
use crate::classify::{DIGIT, JOIN, LETTER, kinds_of, only};

/// Words that most paths begin with, and where they lead. The default is that they have none in common.
#[derive(Debug, Default)]
pub(super) struct Beginning {
    /// `/api/v1`, as it stands in paths.
    text: Vec<u8>,
    place: Chain,
    /// The last of the words.
    last: Vec<u8>,
    depth: usize,
}

/// A path from where it is to be walked over.
#[derive(Debug)]
pub(super) struct Begun<'b> {
    pub(super) place: Chain,
    /// The segment before.
    pub(super) before: &'b [u8],
    /// How many segments were passed over.
    pub(super) depth: usize,
    pub(super) rest: &'b [u8],
}

impl Beginning {
    /// Returns what at least half of the paths begin with.
    pub(super) fn of(root: &Node) -> Beginning {
        let (mut all, mut node) = (Beginning::default(), root);
        while let Some((key, child)) = node.children.iter().max_by_key(|(_, child)| child.count)
            && child.count >= root.count / 2
            && let Some(word) = plain(child)
        {
            all.text.push(b'/');
            all.text.extend_from_slice(word);
            all.last = word.to_vec();
            all.place = all.place.then(*key);
            all.depth += 1;
            node = child;
        }
        all
    }

    /// Returns a path from behind this, or the whole where it begins in another way.
    #[inline]
    pub(super) fn behind<'b>(&'b self, path: &'b [u8]) -> Begun<'b> {
        match path.strip_prefix(self.text.as_slice()) {
            // Dots, encoded or not, may lead back.
            Some(rest) if rest.starts_with(b"/") && memchr2(b'.', b'%', rest).is_none() => {
                Begun { place: self.place, before: &self.last, depth: self.depth, rest }
            }
            _ => Begun { place: Chain::default(), before: b"", depth: 0, rest: path },
        }
    }
}

/// The text of a step that is a word wherever it stands, and is written in one way.
fn plain(node: &Node) -> Option<&[u8]> {
    let Name::Literal(word) = &node.name else { return None };
    let word = word.as_bytes();
    let kinds = kinds_of(word);
    let plain = node.joint == Joint::Slash && only(kinds, LETTER | DIGIT | JOIN);
    (plain && form_of(word, kinds) == Form::Word).then_some(word)
}
