//! Records of TLS 1.2 with a cipher in CBC mode and a MAC (RFC 5246, section 6.2.3.2; RFC 7366).

use std::ops::Range;

use aws_lc_rs::cipher::{AES_128, AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey};
use aws_lc_rs::hmac;

use crate::record::HEADER;
use crate::suite::{Cipher, Mac};

/// The bytes of a block, and of the vector that each record begins with.
const BLOCK: usize = 16;

/// The key and the MAC of a direction.
pub(crate) struct Cbc {
    key: DecryptingKey,
    mac: hmac::Key,
    mac_len: usize,
    /// Whether the MAC is over what is sealed, and stands behind it.
    outside: bool,
}

impl Mac {
    fn algorithm(self) -> hmac::Algorithm {
        match self {
            Mac::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Mac::Sha256 => hmac::HMAC_SHA256,
            Mac::Sha384 => hmac::HMAC_SHA384,
        }
    }

    /// Returns the number of bytes of a MAC, and of its key.
    pub(crate) fn len(self) -> usize {
        match self {
            Mac::Sha1 => 20,
            Mac::Sha256 => 32,
            Mac::Sha384 => 48,
        }
    }
}

impl Cbc {
    /// With these keys; none where their lengths are wrong, or the cipher has no MAC.
    pub(crate) fn new(cipher: Cipher, key: &[u8], mac_key: &[u8], outside: bool) -> Option<Cbc> {
        let (algorithm, mac) = match cipher {
            Cipher::Aes128Cbc(mac) => (&AES_128, mac),
            Cipher::Aes256Cbc(mac) => (&AES_256, mac),
            Cipher::Aes128Gcm | Cipher::Aes256Gcm | Cipher::Chacha20Poly1305 => return None,
        };
        let key = DecryptingKey::cbc(UnboundCipherKey::new(algorithm, key).ok()?).ok()?;
        Some(Cbc { key, mac: hmac::Key::new(mac.algorithm(), mac_key), mac_len: mac.len(), outside })
    }

    /// Opens a whole record in its place, as the one of this number. Returns where its content is, or nothing if the MAC
    /// refuses it.
    pub(crate) fn open(&self, number: u64, record: &mut [u8]) -> Option<Range<usize>> {
        let end = record.len().checked_sub(if self.outside { self.mac_len } else { 0 })?;
        if self.outside {
            self.verify(number, record, HEADER..end, record.get(end..)?)?;
        }
        let (vector, sealed) = record.get_mut(HEADER..end)?.split_first_chunk_mut::<BLOCK>()?;
        let plain = self.key.decrypt(sealed, DecryptionContext::Iv128((*vector).into())).ok()?;
        // The last byte says how many stand before it that are the same.
        let padding = usize::from(*plain.last()?) + 1;
        let (rest, padded) = plain.split_at_checked(plain.len().checked_sub(padding)?)?;
        if padded.iter().any(|&byte| usize::from(byte) + 1 != padding) {
            return None;
        }
        let start = HEADER + BLOCK;
        let len = if self.outside { rest.len() } else { rest.len().checked_sub(self.mac_len)? };
        if !self.outside {
            let mac = record.get(start + len..start + len + self.mac_len)?;
            self.verify(number, record, start..start + len, mac)?;
        }
        Some(start..start + len)
    }

    /// Returns nothing unless this is the MAC of a part of the record.
    fn verify(&self, number: u64, record: &[u8], part: Range<usize>, mac: &[u8]) -> Option<()> {
        let len = u16::try_from(part.len()).ok()?.to_be_bytes();
        let mut message = Vec::with_capacity(8 + HEADER + part.len());
        message.extend_from_slice(&number.to_be_bytes());
        message.extend_from_slice(record.get(..3)?);
        message.extend_from_slice(&len);
        message.extend_from_slice(record.get(part)?);
        hmac::verify(&self.mac, &message, mac).ok()
    }
}
