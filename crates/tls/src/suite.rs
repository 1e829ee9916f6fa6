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
}

impl Cipher {
    pub(crate) fn algorithm(self) -> &'static Algorithm {
        match self {
            Cipher::Aes128Gcm => &AES_128_GCM,
            Cipher::Aes256Gcm => &AES_256_GCM,
            Cipher::Chacha20Poly1305 => &CHACHA20_POLY1305,
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
        // CBC, CCM, and suites of the other version.
        for number in [0x002f, 0xc013, 0xc09c, 0x1301] {
            assert_eq!(cipher(Version::Tls12, number), None, "{number:x}");
        }
        assert_eq!(cipher(Version::Tls13, 0x1304), None);
        assert_eq!(cipher(Version::Tls13, 0xc02f), None);
    }
}
