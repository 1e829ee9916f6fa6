//! The hash of a handshake (RFC 8446, section 4.4.1), by which a secret of the key schedule is known.

use aws_lc_rs::digest::{self, Context, Digest};

use crate::messages::MAX_HELLO;
use crate::suite::Hash;

/// The most bytes of messages that are kept until they are hashed: two ClientHellos with what is between and behind them.
const MAX_KEPT: usize = 3 * MAX_HELLO;

/// The type of the message that stands for a first ClientHello.
const MESSAGE_HASH: u8 = 254;

/// What the hash of a message takes on the heap, at most (SHA-384), with the state of its own.
const HASHING: usize = 256;

/// The messages of a handshake up to the server's Finished.
pub(crate) enum Transcript {
    /// The hellos. They are hashed when the hash is asked for: most secrets are known by the client's random.
    Hellos(Hellos),
    Hashed(Box<Hashed>),
    /// Bytes of them are missing, or nobody needs them.
    Gone,
}

#[derive(Clone, Default)]
pub(crate) struct Hellos {
    bytes: Vec<u8>,
    /// Where the first ClientHello ends.
    first: usize,
}

pub(crate) struct Hashed {
    client_hello: Digest,
    hellos: Digest,
    /// What is hashed further; none behind the server's Finished.
    running: Option<Context>,
    finished: Option<Digest>,
}

impl Default for Transcript {
    fn default() -> Transcript {
        Transcript::Hellos(Hellos::default())
    }
}

impl Transcript {
    /// Takes bytes of messages.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        match self {
            Transcript::Hellos(hellos) if hellos.bytes.len().saturating_add(bytes.len()) <= MAX_KEPT => {
                hellos.bytes.extend_from_slice(bytes);
            }
            Transcript::Hellos(_) => *self = Transcript::Gone,
            Transcript::Hashed(hashed) => {
                if let Some(running) = &mut hashed.running {
                    running.update(bytes);
                }
            }
            Transcript::Gone => {}
        }
    }

    /// Takes note that the last message was the client's first hello.
    pub(crate) fn first_hello(&mut self) {
        if let Transcript::Hellos(hellos) = self {
            hellos.first = hellos.bytes.len();
        }
    }

    /// Takes note that the last message asks for another hello: of the first one only the hash counts.
    pub(crate) fn retry(&mut self, hash: Hash) {
        let Transcript::Hellos(Hellos { bytes, first }) = self else { return };
        let Some((hello, retry)) = bytes.split_at_checked(*first) else { return };
        let hello = digest::digest(hash.digest(), hello);
        let length = u8::try_from(hello.as_ref().len()).unwrap_or_default();
        let bytes = [&[MESSAGE_HASH, 0, 0, length], hello.as_ref(), retry].concat();
        *self = Transcript::Hellos(Hellos { bytes, first: 0 });
    }

    /// Returns the hash up to the ClientHello, and up to the ServerHello, once that has come.
    pub(crate) fn hellos(&mut self, hash: Hash) -> Option<(Digest, Digest)> {
        if let Transcript::Hellos(Hellos { bytes, first }) = self {
            let client_hello = digest::digest(hash.digest(), bytes.get(..*first)?);
            let mut running = Context::new(hash.digest());
            running.update(bytes);
            let hellos = running.clone().finish();
            let running = Some(running);
            *self = Transcript::Hashed(Box::new(Hashed { client_hello, hellos, running, finished: None }));
        }
        let Transcript::Hashed(hashed) = self else { return None };
        Some((hashed.client_hello, hashed.hellos))
    }

    /// Returns another one with the same hellos.
    pub(crate) fn hellos_so_far(&self) -> Transcript {
        if let Transcript::Hellos(hellos) = self {
            Transcript::Hellos(hellos.clone())
        } else {
            Transcript::Gone
        }
    }

    /// Takes note that the last message was the server's Finished.
    pub(crate) fn finish(&mut self) {
        if let Transcript::Hashed(hashed) = self
            && let Some(running) = hashed.running.take()
        {
            hashed.finished = Some(running.finish());
        }
    }

    /// Returns the hash up to the server's Finished, once that has come.
    pub(crate) fn finished(&self) -> Option<Digest> {
        if let Transcript::Hashed(hashed) = self { hashed.finished } else { None }
    }

    /// Takes note that bytes of the server are missing. What is hashed to the end stays.
    pub(crate) fn lose(&mut self) {
        if self.finished().is_none() {
            self.forget();
        }
    }

    /// Takes note that nobody needs it.
    pub(crate) fn forget(&mut self) {
        *self = Transcript::Gone;
    }

    /// Returns the number of bytes of memory behind it.
    pub(crate) fn held(&self) -> usize {
        match self {
            Transcript::Hellos(hellos) => hellos.bytes.capacity(),
            Transcript::Hashed(hashed) => {
                size_of::<Hashed>() + hashed.running.as_ref().map_or(0, |_| HASHING)
            }
            Transcript::Gone => 0,
        }
    }
}
