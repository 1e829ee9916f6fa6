//! The messages of gRPC in a body: each has a prefix of five bytes, a flag and its length.
//! (<https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>, Length-Prefixed-Message.)

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
}

impl Messages {
    /// Takes the next bytes of the body.
    pub(crate) fn add(&mut self, mut data: &[u8]) {
        while !self.lost && !data.is_empty() {
            if self.left > 0 {
                let taken = data.len().min(self.left as usize);
                self.left -= taken as u32;
                data = data.get(taken..).unwrap_or_default();
            } else if let Some((&byte, rest)) = data.split_first() {
                self.prefix_byte(byte);
                data = rest;
            }
        }
    }

    fn prefix_byte(&mut self, byte: u8) {
        match self.prefix {
            0 => {
                // Only the lowest bit has a meaning; gRPC-Web marks its trailers with the highest.
                self.lost = byte > 1;
                self.compressed |= byte == 1;
                self.count += u32::from(!self.lost);
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
            messages.add(&body[..cut]);
            messages.add(&body[cut..]);
            assert_eq!((messages.count, messages.compressed, messages.lost), (3, true, false), "{cut}");
        }
    }

    #[test]
    fn missing_bytes_inside_of_a_message_do_no_harm() {
        let mut messages = Messages::default();
        messages.add(b"\0\0\0\x01\0abc");
        messages.miss(253);
        messages.add(b"\0\0\0\0\0");
        assert_eq!(messages.count, 2);
        messages.miss(1);
        messages.add(b"\0\0\0\0\0");
        assert_eq!(messages.count, 2);
    }
}
