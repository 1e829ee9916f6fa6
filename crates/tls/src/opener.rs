//! Opens records with the keys of one direction.

use std::ops::Range;

use aws_lc_rs::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};

use crate::cbc::Cbc;
use crate::record::{ContentType, HEADER};
use crate::schedule::{Keys, next_secret, traffic_keys};
use crate::secret::Secret;
use crate::suite::{Cipher, Suite, Version};

/// What the keys of an AEAD take on the heap: the context of a cipher (584 bytes in aws-lc 0.47) and a secret.
const KEYS: usize = 640;

/// The bytes that a tag takes.
const TAG: usize = 16;

/// The bytes of a nonce that TLS 1.2 sends with each record of AES-GCM (RFC 5288, section 3).
const EXPLICIT: usize = 8;

/// The keys of a direction, and which record comes next.
pub(crate) struct Opener {
    suite: Suite,
    keys: Keys,
    /// The number of the next record.
    pub(crate) number: u64,
    /// What a KeyUpdate is derived of; only TLS 1.3 has it.
    secret: Option<Secret>,
}

/// A record that was opened: what it holds, and where in the record that is.
pub(crate) type Opened = (ContentType, Range<usize>);

impl Opener {
    /// With keys of TLS 1.2, of which `number` records went unopened.
    pub(crate) fn of_master(suite: Suite, keys: Keys, number: u64) -> Opener {
        Opener { suite, keys, number, secret: None }
    }

    /// With a traffic secret of TLS 1.3; none where its length is wrong.
    pub(crate) fn of_traffic(suite: Suite, secret: &Secret) -> Option<Opener> {
        Opener::of_owned(suite, Secret::new(secret.bytes())?)
    }

    /// With a traffic secret of TLS 1.3; none where its length is wrong.
    pub(crate) fn of_owned(suite: Suite, secret: Secret) -> Option<Opener> {
        Some(Opener { suite, keys: traffic_keys(suite, &secret)?, number: 0, secret: Some(secret) })
    }

    /// Returns what follows on it after a KeyUpdate; TLS 1.2 has none.
    pub(crate) fn updated(&self) -> Option<Opener> {
        Opener::of_owned(self.suite, next_secret(self.suite.hash, self.secret.as_ref()?)?)
    }

    /// Opens a whole record, header and all, in its place as the next one. Returns where its content is, or nothing if the
    /// tag refuses it; the record is of no use then.
    pub(crate) fn open(&mut self, record: &mut [u8]) -> Option<Opened> {
        let opened = self.open_as(self.number, record)?;
        self.number += 1;
        Some(opened)
    }

    /// Opens a record as the one of this number.
    pub(crate) fn open_as(&self, number: u64, record: &mut [u8]) -> Option<Opened> {
        match (&self.keys, self.suite.version) {
            (Keys::Aead { key, iv }, Version::Tls13) => open13(key, iv, number, record),
            (Keys::Aead { key, iv }, Version::Tls12) => open12(self.suite.cipher, key, iv, number, record),
            (Keys::Cbc(cbc), _) => {
                let kind = ContentType::of(*record.first()?)?;
                Some((kind, cbc.open(number, record)?))
            }
        }
    }

    /// Returns the number of bytes of memory behind it.
    pub(crate) fn held(&self) -> usize {
        match &self.keys {
            Keys::Aead { .. } => KEYS,
            Keys::Cbc(_) => size_of::<Cbc>(),
        }
    }
}

/// RFC 8446, section 5.2.
fn open13(key: &LessSafeKey, iv: &[u8; NONCE_LEN], number: u64, record: &mut [u8]) -> Option<Opened> {
    let (header, sealed) = record.split_first_chunk_mut::<HEADER>()?;
    let nonce = Nonce::assume_unique_for_key(mixed(iv, number));
    let plain = key.open_in_place(nonce, Aad::from(*header), sealed).ok()?;
    // The type stands behind the content, before any number of zeros.
    let end = plain.iter().rposition(|&byte| byte != 0)?;
    Some((ContentType::of(*plain.get(end)?)?, HEADER..HEADER + end))
}

/// RFC 5246, section 6.2.3.3.
fn open12(
    cipher: Cipher,
    key: &LessSafeKey,
    iv: &[u8; NONCE_LEN],
    number: u64,
    record: &mut [u8],
) -> Option<Opened> {
    let (header, sealed) = record.split_first_chunk_mut::<HEADER>()?;
    let (nonce, explicit) = if cipher == Cipher::Chacha20Poly1305 {
        (mixed(iv, number), 0)
    } else {
        let mut nonce = *iv;
        nonce.get_mut(4..)?.copy_from_slice(sealed.get(..EXPLICIT)?);
        (nonce, EXPLICIT)
    };
    let sealed = sealed.get_mut(explicit..)?;
    let len = u16::try_from(sealed.len().checked_sub(TAG)?).ok()?;
    let [kind, major, minor, ..] = *header;
    let mut aad = [0; 13];
    aad.get_mut(..8)?.copy_from_slice(&number.to_be_bytes());
    aad.get_mut(8..11)?.copy_from_slice(&[kind, major, minor]);
    aad.get_mut(11..)?.copy_from_slice(&len.to_be_bytes());
    let nonce = Nonce::assume_unique_for_key(nonce);
    let plain = key.open_in_place(nonce, Aad::from(aad), sealed).ok()?;
    let start = HEADER + explicit;
    Some((ContentType::of(kind)?, start..start + plain.len()))
}

/// The nonce of a record by its number (RFC 8446, section 5.3; RFC 7905, section 2).
fn mixed(iv: &[u8; NONCE_LEN], number: u64) -> [u8; NONCE_LEN] {
    let mut nonce = *iv;
    for (byte, number) in nonce.iter_mut().rev().zip(number.to_le_bytes()) {
        *byte ^= number;
    }
    nonce
}
