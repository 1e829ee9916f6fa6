//! The messages of gRPC in a body: each has a prefix of five bytes, a flag and its length. gRPC-Web and Connect mark the last
//! one, which is none but says how the call ended.
//! (<https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>, Length-Prefixed-Message.)

/// The flag of a compressed message.
const COMPRESSED: u8 = 0x01;
/// Those of the end: in gRPC-Web and in Connect.
const END: u8 = 0x80 | 0x02;

/// Follows the messages of one direction of a stream.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Messages {
    /// How many began.
    pub(crate) count: u32,
    /// One of them was compressed.
    pub(crate) compressed: bool,
    /// Where messages begin is not known any more: bytes were missing.
    lost: bool,
    /// What is left of the message.
    left: u32,
    /// How much of a prefix is there, and what it says so far.
    prefix: u8,
    length: u32,
    /// It is the end, in the clear.
    end: bool,
}

impl Messages {
    /// Takes the next bytes of the body. What of them is the end goes to `end`.
    pub(crate) fn add(&mut self, mut data: &[u8], mut end: impl FnMut(&[u8])) {
        while !self.lost && !data.is_empty() {
            if self.left > 0 {
                let taken = data.len().min(self.left as usize);
                self.left -= taken as u32;
                if self.end {
                    end(data.get(..taken).unwrap_or_default());
                }
                data = data.get(taken..).unwrap_or_default();
            } else if let Some((&byte, rest)) = data.split_first() {
                self.prefix_byte(byte);
                data = rest;
                if self.end && self.prefix == 0 && self.left == 0 {
                    end(&[]);
                }
            }
        }
    }

    fn prefix_byte(&mut self, byte: u8) {
        match self.prefix {
            0 => {
                self.lost = byte & !(COMPRESSED | END) != 0;
                self.end = byte == 0x80 || byte == 0x02;
                let message = byte & !COMPRESSED == 0;
                self.compressed |= byte == COMPRESSED;
                self.count += u32::from(message);
            }
            _ => self.length = self.length << 8 | u32::from(byte),
        }
        self.prefix += 1;
        if self.prefix == 5 {
            (self.left, self.prefix, self.length) = (self.length, 0, 0);
        }
    }

    /// Bytes are missing.
    pub(crate) fn miss(&mut self, bytes: u64) {
        match u32::try_from(bytes).ok().and_then(|bytes| self.left.checked_sub(bytes)) {
            Some(left) if self.left > 0 => self.left = left,
            _ => self.lost = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_counted_in_any_cut() {
        let body = b"\0\0\0\0\x02ab\x01\0\0\0\0\0\0\0\x01\0".repeat(2);
        let body = &body[..17];
        for cut in 0..body.len() {
            let mut messages = Messages::default();
            messages.add(&body[..cut], |_| panic!("no end"));
            messages.add(&body[cut..], |_| panic!("no end"));
            assert_eq!((messages.count, messages.compressed, messages.lost), (3, true, false), "{cut}");
        }
    }

    #[test]
    fn missing_bytes_inside_of_a_message_do_no_harm() {
        let mut messages = Messages::default();
        messages.add(b"\0\0\0\x01\0abc", |_| {});
        messages.miss(253);
        messages.add(b"\0\0\0\0\0", |_| {});
        assert_eq!(messages.count, 2);
        messages.miss(1);
        messages.add(b"\0\0\0\0\0", |_| {});
        assert_eq!(messages.count, 2);
    }
}
