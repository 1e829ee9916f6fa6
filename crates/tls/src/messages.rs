//! Handshake messages out of the contents of records (RFC 8446, section 4).

use crate::reader::Reader;

/// The longest ClientHello that is waited for. Post-quantum key shares make them about 2 KiB, tickets more.
pub const MAX_HELLO: usize = 16 * 1024;

/// What stands before the body of a message: its type, and a length of three bytes.
const HEADER: usize = 4;

pub(crate) const CLIENT_HELLO: u8 = 1;
pub(crate) const SERVER_HELLO: u8 = 2;
pub(crate) const END_OF_EARLY_DATA: u8 = 5;
pub(crate) const ENCRYPTED_EXTENSIONS: u8 = 8;
pub(crate) const FINISHED: u8 = 20;
pub(crate) const KEY_UPDATE: u8 = 24;

/// A whole message.
pub(crate) struct Message {
    pub(crate) kind: u8,
    /// The body of the kinds that are read; of others, and where it is too long, it is empty.
    pub(crate) body: Vec<u8>,
}

/// The message that is being read. Bodies are kept of a few kinds only, so a chain of certificates takes no memory.
#[derive(Default)]
pub(crate) struct Messages {
    header: [u8; HEADER],
    have: usize,
    len: usize,
    left: usize,
    body: Vec<u8>,
}

impl Messages {
    /// Takes bytes off `bytes` up to the end of a message. Returns it, or nothing if they hold no end.
    pub(crate) fn next(&mut self, bytes: &mut &[u8]) -> Option<Message> {
        while self.have < HEADER {
            let (&byte, rest) = bytes.split_first()?;
            *bytes = rest;
            *self.header.get_mut(self.have)? = byte;
            self.have += 1;
            if self.have == HEADER {
                let [_, high, middle, low] = self.header;
                self.len = u32::from_be_bytes([0, high, middle, low]) as usize;
                self.left = self.len;
            }
        }
        let [kind, ..] = self.header;
        let wanted = matches!(kind, CLIENT_HELLO | SERVER_HELLO | ENCRYPTED_EXTENSIONS);
        let mut reader = Reader(bytes);
        let taken = reader.take(self.left.min(bytes.len())).unwrap_or_default();
        *bytes = reader.0;
        if wanted && self.len <= MAX_HELLO {
            self.body.extend_from_slice(taken);
        }
        self.left -= taken.len();
        if self.left > 0 {
            return None;
        }
        self.have = 0;
        Some(Message { kind, body: std::mem::take(&mut self.body) })
    }

    /// Returns the number of bytes of memory behind it.
    pub(crate) fn held(&self) -> usize {
        self.body.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_out_whole_in_any_cut() {
        let certificate = [&[11, 1, 0, 0][..], &[7; 65_536]].concat();
        let bytes = [&[2, 0, 0, 3, 1, 2, 3, 14, 0, 0, 0][..], &certificate, &[8, 0, 0, 1, 9]].concat();
        for size in [1, 2, 3, 5, 100, 100_000] {
            let (mut messages, mut found) = (Messages::default(), Vec::new());
            for mut piece in bytes.chunks(size) {
                while let Some(message) = messages.next(&mut piece) {
                    found.push((message.kind, message.body));
                }
                assert!(messages.held() <= 16, "the certificate is not kept");
            }
            assert_eq!(found, [(2, vec![1, 2, 3]), (14, vec![]), (11, vec![]), (8, vec![9])], "{size}");
        }
    }

    #[test]
    fn what_is_too_long_is_not_kept() {
        let bytes = [&[1, 0, 0x40, 1][..], &[7; MAX_HELLO + 1]].concat();
        for size in [100, 100_000] {
            let mut messages = Messages::default();
            let found: Vec<_> =
                bytes.chunks(size).filter_map(|mut piece| messages.next(&mut piece)).collect();
            assert!(matches!(&found[..], [Message { kind: 1, body }] if body.is_empty()));
        }
    }
}
