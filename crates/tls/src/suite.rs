//! Cipher suites whose records are opened.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Algorithm, CHACHA20_POLY1305};

/// The version of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Tls12,
    Tls13,
}

/// The hash of a suite, by which keys are derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
}

/// A cipher suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Suite {
    pub(crate) version: Version,
    pub(crate) cipher: Cipher,
    pub(crate) hash: Hash,
}

/// How content is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cipher {
    Aes128Gcm,
    Aes256Gcm,
    Chacha20Poly1305,
    Aes128Cbc(Mac),
    Aes256Cbc(Mac),
}

/// What proves a record that is sealed in CBC mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mac {
    Sha1,
    Sha256,
    Sha384,
}

impl Cipher {
    /// Returns the algorithm of a cipher that proves its records itself.
    pub(crate) fn aead(self) -> Option<&'static Algorithm> {
        match self {
            Cipher::Aes128Gcm => Some(&AES_128_GCM),
            Cipher::Aes256Gcm => Some(&AES_256_GCM),
            Cipher::Chacha20Poly1305 => Some(&CHACHA20_POLY1305),
            Cipher::Aes128Cbc(_) | Cipher::Aes256Cbc(_) => None,
        }
    }

    /// Returns the number of bytes of its key.
    pub(crate) fn key_len(self) -> usize {
        match self {
            Cipher::Aes128Gcm | Cipher::Aes128Cbc(_) => 16,
            Cipher::Aes256Gcm | Cipher::Aes256Cbc(_) | Cipher::Chacha20Poly1305 => 32,
        }
    }
}

impl Suite {
    /// Returns the suite of this number (IANA, TLS Cipher Suites), if records of it are opened.
    pub(crate) fn new(version: Version, number: u16) -> Option<Suite> {
        let (cipher, hash) = match version {
            Version::Tls13 => match number {
                0x1301 => (Cipher::Aes128Gcm, Hash::Sha256),
                0x1302 => (Cipher::Aes256Gcm, Hash::Sha384),
                0x1303 => (Cipher::Chacha20Poly1305, Hash::Sha256),
                _ => return None,
            },
            // Of RFC 5288, 5289, 5487, 8442: for each key exchange first AES-128, then AES-256.
            Version::Tls12 => match number {
                0x009c..=0x00ad | 0xc02b..=0xc032 | 0xd001 | 0xd002 => {
                    let first = if number >= 0xc000 { 1 } else { 0 };
                    let longer = number & 1 != first;
                    if longer { (Cipher::Aes256Gcm, Hash::Sha384) } else { (Cipher::Aes128Gcm, Hash::Sha256) }
                }
                // Of RFC 7905.
                0xcca8..=0xccae => (Cipher::Chacha20Poly1305, Hash::Sha256),
                // Of RFC 5246, 5289 and 8422: of SHA-1, of SHA-256, and of SHA-384.
                0x002f..=0x0034 | 0xc004 | 0xc009 | 0xc00e | 0xc013 => {
                    (Cipher::Aes128Cbc(Mac::Sha1), Hash::Sha256)
                }
                0x0035..=0x003a | 0xc005 | 0xc00a | 0xc00f | 0xc014 => {
                    (Cipher::Aes256Cbc(Mac::Sha1), Hash::Sha256)
                }
                0x003c | 0x003e..=0x0040 | 0x0067 | 0x006c | 0xc023 | 0xc025 | 0xc027 | 0xc029 => {
                    (Cipher::Aes128Cbc(Mac::Sha256), Hash::Sha256)
                }
                0x003d | 0x0068..=0x006b | 0x006d => (Cipher::Aes256Cbc(Mac::Sha256), Hash::Sha256),
                0xc024 | 0xc026 | 0xc028 | 0xc02a => (Cipher::Aes256Cbc(Mac::Sha384), Hash::Sha384),
                _ => return None,
            },
        };
        Some(Suite { version, cipher, hash })
    }

    /// Returns the fewest bytes that the content of a sealed record has.
    pub(crate) fn least_content(self) -> usize {
        match (self.version, self.cipher) {
            // The type inside, and the tag.
            (Version::Tls13, _) => 1 + 16,
            // The part of the nonce that is sent, and the tag.
            (Version::Tls12, Cipher::Aes128Gcm | Cipher::Aes256Gcm) => 8 + 16,
            (Version::Tls12, Cipher::Chacha20Poly1305) => 16,
            // A vector, and the blocks of a MAC and of its padding.
            (Version::Tls12, Cipher::Aes128Cbc(_) | Cipher::Aes256Cbc(_)) => 16 + 32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_by_their_numbers() {
        let cipher = |version, number| Suite::new(version, number).map(|suite| (suite.cipher, suite.hash));
        let (short, long) = ((Cipher::Aes128Gcm, Hash::Sha256), (Cipher::Aes256Gcm, Hash::Sha384));
        for number in [0x009c, 0x009e, 0x00a8, 0x00ac, 0xc02b, 0xc02f, 0xc031, 0xd001] {
            assert_eq!(cipher(Version::Tls12, number), Some(short), "{number:x}");
            assert_eq!(cipher(Version::Tls12, number + 1), Some(long), "{number:x} and one");
        }
        assert_eq!(cipher(Version::Tls12, 0xcca8), Some((Cipher::Chacha20Poly1305, Hash::Sha256)));
        assert_eq!(cipher(Version::Tls13, 0x1302), Some(long));
        let cbc = |number| cipher(Version::Tls12, number).map(|(cipher, _)| cipher);
        assert_eq!(cbc(0x002f), Some(Cipher::Aes128Cbc(Mac::Sha1)));
        assert_eq!(cbc(0xc014), Some(Cipher::Aes256Cbc(Mac::Sha1)));
        assert_eq!(cbc(0x003d), Some(Cipher::Aes256Cbc(Mac::Sha256)));
        assert_eq!(cbc(0xc027), Some(Cipher::Aes128Cbc(Mac::Sha256)));
        assert_eq!(cipher(Version::Tls12, 0xc028), Some((Cipher::Aes256Cbc(Mac::Sha384), Hash::Sha384)));
        // RC4, 3DES, NULL with SHA-256, Camellia, CCM, and suites of the other version.
        for number in [0x0005, 0x000a, 0x003b, 0x0041, 0xc09c, 0x1301] {
            assert_eq!(cipher(Version::Tls12, number), None, "{number:x}");
        }
        assert_eq!(cipher(Version::Tls13, 0x1304), None);
        assert_eq!(cipher(Version::Tls13, 0xc02f), None);
    }
}
