//! Keys out of secrets: RFC 8446, section 7, for TLS 1.3; RFC 5246, sections 5 and 6.3, for TLS 1.2.

use aws_lc_rs::aead::{LessSafeKey, NONCE_LEN, UnboundKey};
use aws_lc_rs::digest;
use aws_lc_rs::hkdf::{self, HKDF_SHA256, HKDF_SHA384, KeyType, Prk};
use aws_lc_rs::tls_prf::{self, P_SHA256, P_SHA384};
use zeroize::Zeroizing;

use crate::cbc::Cbc;
use crate::reader::Reader;
use crate::secret::{MAX_SECRET, RANDOM_LEN, Secret};
use crate::step::Sender;
use crate::suite::{Cipher, Hash, Suite};

/// The longest key of a cipher.
const MAX_KEY: usize = 32;

/// What seals the records of one direction.
pub(crate) enum Keys {
    Aead {
        key: LessSafeKey,
        /// What is mixed with the number of a record to a nonce; of AES-GCM in TLS 1.2 the first four bytes are the beginning
        /// of each nonce.
        iv: [u8; NONCE_LEN],
    },
    /// In a box: it is several times as large.
    Cbc(Box<Cbc>),
}

impl Hash {
    fn hkdf(self) -> hkdf::Algorithm {
        match self {
            Hash::Sha256 => HKDF_SHA256,
            Hash::Sha384 => HKDF_SHA384,
        }
    }

    pub(crate) fn digest(self) -> &'static digest::Algorithm {
        match self {
            Hash::Sha256 => &digest::SHA256,
            Hash::Sha384 => &digest::SHA384,
        }
    }

    fn prf(self) -> &'static tls_prf::Algorithm {
        match self {
            Hash::Sha256 => &P_SHA256,
            Hash::Sha384 => &P_SHA384,
        }
    }

    fn len(self) -> usize {
        match self {
            Hash::Sha256 => 32,
            Hash::Sha384 => MAX_SECRET,
        }
    }
}

/// A length that is asked of HKDF.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// Fills `out` by HKDF-Expand-Label (RFC 8446, section 7.1).
fn expand(hash: Hash, secret: &Secret, label: &str, context: &[u8], out: &mut [u8]) -> Option<()> {
    let length = u16::try_from(out.len()).ok()?.to_be_bytes();
    let label_len = [u8::try_from("tls13 ".len() + label.len()).ok()?];
    let context_len = [u8::try_from(context.len()).ok()?];
    let info = [&length[..], &label_len, b"tls13 ", label.as_bytes(), &context_len, context];
    let secret = Prk::new_less_safe(hash.hkdf(), secret.bytes());
    secret.expand(&info, Length(out.len())).ok()?.fill(out).ok()
}

/// Returns the keys of a traffic secret of TLS 1.3; none where the secret is not as long as the suite's hash.
pub(crate) fn traffic_keys(suite: Suite, secret: &Secret) -> Option<Keys> {
    if secret.bytes().len() != suite.hash.len() {
        return None;
    }
    let algorithm = suite.cipher.aead()?;
    let mut key = Zeroizing::new([0; MAX_KEY]);
    let key = key.get_mut(..algorithm.key_len())?;
    expand(suite.hash, secret, "key", &[], key)?;
    let mut iv = [0; NONCE_LEN];
    expand(suite.hash, secret, "iv", &[], &mut iv)?;
    Some(Keys::Aead { key: LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?), iv })
}

/// Returns the traffic secret that follows on this one after a KeyUpdate (RFC 8446, section 7.2).
pub(crate) fn next_secret(hash: Hash, secret: &Secret) -> Option<Secret> {
    derived(hash, secret, "traffic upd", &[])
}

/// Returns the secret that is derived of another one with this label (RFC 8446, section 7.1); `transcript` is the hash of the
/// handshake so far.
pub(crate) fn derived(hash: Hash, secret: &Secret, label: &str, transcript: &[u8]) -> Option<Secret> {
    let mut derived = Zeroizing::new([0; MAX_SECRET]);
    let derived = derived.get_mut(..hash.len())?;
    expand(hash, secret, label, transcript, derived)?;
    Secret::new(derived)
}

/// Returns the keys of a sender in TLS 1.2. `randoms` are the client's and the server's.
pub(crate) fn master_keys(
    suite: Suite,
    master: &Secret,
    randoms: (&[u8; RANDOM_LEN], &[u8; RANDOM_LEN]),
    encrypt_then_mac: bool,
    sender: Sender,
) -> Option<Keys> {
    let (mac_len, key_len, iv_len) = match suite.cipher {
        Cipher::Aes128Gcm | Cipher::Aes256Gcm => (0, suite.cipher.key_len(), 4),
        Cipher::Chacha20Poly1305 => (0, suite.cipher.key_len(), NONCE_LEN),
        Cipher::Aes128Cbc(mac) | Cipher::Aes256Cbc(mac) => (mac.len(), suite.cipher.key_len(), 0),
    };
    let secret = tls_prf::Secret::new(suite.hash.prf(), master.bytes()).ok()?;
    let len = 2 * (mac_len + key_len + iv_len);
    let block = secret.derive_with_seed_concatination(b"key expansion", randoms.1, randoms.0, len).ok()?;
    // For MACs, for the cipher, for nonces: of each first the client's, then the server's.
    let mut reader = Reader(block.as_ref());
    let mut part = |len| {
        let (client, server) = (reader.take(len)?, reader.take(len)?);
        Some(if sender == Sender::Client { client } else { server })
    };
    let (mac, key, nonce) = (part(mac_len)?, part(key_len)?, part(iv_len)?);
    let Some(algorithm) = suite.cipher.aead() else {
        return Cbc::new(suite.cipher, key, mac, encrypt_then_mac).map(Box::new).map(Keys::Cbc);
    };
    let mut iv = [0; NONCE_LEN];
    iv.get_mut(..iv_len)?.copy_from_slice(nonce);
    Some(Keys::Aead { key: LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?), iv })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<_> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    /// RFC 8448, section 3: the server's handshake traffic secret, and the key and iv that are derived of it.
    #[test]
    fn keys_of_a_traffic_secret() {
        let secret = hex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");
        let secret = Secret::new(&secret).unwrap();
        let mut key = [0; 16];
        expand(Hash::Sha256, &secret, "key", &[], &mut key).unwrap();
        assert_eq!(key[..], hex("3fce516009c21727d0f2e4e86ee403bc"));
        let mut iv = [0; 12];
        expand(Hash::Sha256, &secret, "iv", &[], &mut iv).unwrap();
        assert_eq!(iv[..], hex("5d313eb2671276ee13000b30"));
    }

    /// RFC 5869, appendix A.3: the one test case of SHA-256 whose info is empty, taken through its extracted key.
    #[test]
    fn the_hkdf_beneath_is_that_of_its_rfc() {
        let secret = hex("19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04");
        let prk = Prk::new_less_safe(HKDF_SHA256, &secret);
        let mut out = [0; 42];
        prk.expand(&[], Length(42)).unwrap().fill(&mut out).unwrap();
        let expected = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8";
        assert_eq!(out[..], hex(expected));
    }

    #[test]
    fn a_secret_of_another_hash_has_no_keys() {
        use crate::suite::Version;
        let suite = Suite::new(Version::Tls13, 0x1302).unwrap();
        assert!(traffic_keys(suite, &Secret::new(&[1; 32]).unwrap()).is_none());
        assert!(traffic_keys(suite, &Secret::new(&[1; 48]).unwrap()).is_some());
    }
}
