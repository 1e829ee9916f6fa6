//! Places in paths, by the steps that lead to them.

/// A place in the paths of a Service: a hash of the keys of the steps that lead to it. The default is where paths begin.
///
/// The keys of words are hashes under a secret, so nobody outside can look for two places with one hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Chain(u64);

/// Odd, with as many ones as zeros: the digits of the golden ratio.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

impl Chain {
    /// Returns the place behind this one, by the key of the step.
    #[inline]
    pub(crate) fn then(self, key: u64) -> Chain {
        let product = u128::from(self.0 ^ key.wrapping_add(SPREAD)) * u128::from(SPREAD);
        // Both halves: the low bits of a product know nothing of the high bits of its factors.
        Chain((product >> 64) as u64 ^ product as u64)
    }

    /// Returns it as bytes, for a hasher.
    pub(crate) fn bytes(self) -> [u8; 8] {
        self.0.to_ne_bytes()
    }
}
