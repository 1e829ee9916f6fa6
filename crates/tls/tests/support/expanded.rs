//! What rustls hands to HKDF-Expand, as a probe there sees it.

use std::sync::{Arc, Mutex};

use rustls::crypto::hmac::Tag;
use rustls::crypto::tls13::{Hkdf, HkdfExpander, OkmBlock, OutputLengthError};
use rustls::{SupportedCipherSuite, Tls13CipherSuite};
use traffic_monitor_tls::{Label, Secret, Store};

/// A call: the secret that is expanded, and to what.
#[derive(Clone)]
pub struct Call {
    secret: Vec<u8>,
    info: Vec<u8>,
}

/// The calls so far.
#[derive(Clone, Default)]
pub struct Expanded(Arc<Mutex<Vec<Call>>>);

impl Call {
    /// RFC 8446, section 7.1: the length of what is wanted, the label, the context.
    fn parts(&self) -> (&[u8], &[u8]) {
        let (label, rest) = self.info[3..].split_at(usize::from(self.info[2]));
        (label, &rest[1..])
    }

    pub fn label(&self) -> Option<Label> {
        Label::expanded_to(self.parts().0)
    }

    /// The first bytes of the context.
    pub fn name(&self) -> [u8; 32] {
        self.parts().1[..32].try_into().unwrap()
    }
}

impl Expanded {
    /// The calls that name a stage, which are taken away.
    pub fn take(&self) -> Vec<Call> {
        let calls = std::mem::take(&mut *self.0.lock().unwrap());
        calls.into_iter().filter(|call| call.label().is_some()).collect()
    }

    pub fn store(&self) -> Store {
        Expanded::in_store(&self.take())
    }

    pub fn in_store(calls: &[Call]) -> Store {
        let mut store = Store::default();
        for call in calls {
            store.add(call.name(), call.label().unwrap(), Secret::new(&call.secret).unwrap());
        }
        store
    }
}

/// A suite of TLS 1.3 as it is, and what it expands.
pub fn listened_to(suite: SupportedCipherSuite) -> (SupportedCipherSuite, Expanded) {
    let SupportedCipherSuite::Tls13(&Tls13CipherSuite { ref common, hkdf_provider, aead_alg, quic }) = suite
    else {
        panic!("TLS 1.3");
    };
    let expanded = Expanded::default();
    let hkdf: &'static Listening =
        Box::leak(Box::new(Listening { hkdf: hkdf_provider, to: expanded.clone() }));
    let common = rustls::crypto::CipherSuiteCommon {
        suite: common.suite,
        hash_provider: common.hash_provider,
        confidentiality_limit: common.confidentiality_limit,
    };
    let suite = Tls13CipherSuite { common, hkdf_provider: hkdf, aead_alg, quic };
    (SupportedCipherSuite::Tls13(Box::leak(Box::new(suite))), expanded)
}

struct Listening {
    hkdf: &'static dyn Hkdf,
    to: Expanded,
}

impl Hkdf for Listening {
    fn extract_from_zero_ikm(&self, salt: Option<&[u8]>) -> Box<dyn HkdfExpander> {
        self.extract_from_secret(salt, &vec![0; self.hkdf.extract_from_zero_ikm(None).hash_len()])
    }

    /// An extraction is a MAC of the secret with the salt as its key (RFC 5869, section 2.2): so the one that is handed on is known.
    fn extract_from_secret(&self, salt: Option<&[u8]>, secret: &[u8]) -> Box<dyn HkdfExpander> {
        let len = self.hkdf.extract_from_zero_ikm(None).hash_len();
        let salt = salt.map_or_else(|| vec![0; len], <[u8]>::to_vec);
        let extracted = self.hkdf.hmac_sign(&OkmBlock::new(&salt), secret);
        self.expander_for_okm(&OkmBlock::new(extracted.as_ref()))
    }

    fn expander_for_okm(&self, okm: &OkmBlock) -> Box<dyn HkdfExpander> {
        let (secret, inner) = (okm.as_ref().to_vec(), self.hkdf.expander_for_okm(okm));
        Box::new(Expander { inner, secret, to: self.to.clone() })
    }

    fn hmac_sign(&self, key: &OkmBlock, message: &[u8]) -> Tag {
        self.hkdf.hmac_sign(key, message)
    }
}

struct Expander {
    inner: Box<dyn HkdfExpander>,
    secret: Vec<u8>,
    to: Expanded,
}

impl Expander {
    fn note(&self, info: &[&[u8]]) {
        let call = Call { secret: self.secret.clone(), info: info.concat() };
        self.to.0.lock().unwrap().push(call);
    }
}

impl HkdfExpander for Expander {
    fn expand_slice(&self, info: &[&[u8]], output: &mut [u8]) -> Result<(), OutputLengthError> {
        self.note(info);
        self.inner.expand_slice(info, output)
    }

    fn expand_block(&self, info: &[&[u8]]) -> OkmBlock {
        self.note(info);
        self.inner.expand_block(info)
    }

    fn hash_len(&self) -> usize {
        self.inner.hash_len()
    }
}
