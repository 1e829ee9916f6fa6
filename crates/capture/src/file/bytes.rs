//! Numbers in the byte order of the machine that wrote the file.

/// The byte order of a file, or of a section of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ByteOrder {
    #[default]
    Little,
    Big,
}

impl ByteOrder {
    #[inline]
    pub(super) fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            ByteOrder::Little => u16::from_le_bytes(bytes),
            ByteOrder::Big => u16::from_be_bytes(bytes),
        }
    }

    #[inline]
    pub(super) fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            ByteOrder::Little => u32::from_le_bytes(bytes),
            ByteOrder::Big => u32::from_be_bytes(bytes),
        }
    }

    /// Splits `N` 32-bit numbers from the beginning of the bytes.
    #[inline]
    pub(super) fn split_u32s<const N: usize>(self, bytes: &[u8]) -> Option<([u32; N], &[u8])> {
        let (head, rest) = bytes.split_at_checked(4 * N)?;
        let (words, _) = head.as_chunks::<4>();
        let mut numbers = [0; N];
        for (number, word) in numbers.iter_mut().zip(words) {
            *number = self.u32(*word);
        }
        Some((numbers, rest))
    }
}
