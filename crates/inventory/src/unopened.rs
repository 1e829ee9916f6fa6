//! Why bodies gave no example.

use redact::Unopened;

/// Bodies that gave no example, by reason; see [`Unopened`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the reasons have them")]
pub struct UnopenedCounts {
    pub binary: u64,
    pub not_json: u64,
    pub not_multipart: u64,
    pub cut: u64,
    pub empty: u64,
    pub too_long: u64,
    pub coding_unknown: u64,
    pub coding_broken: u64,
    pub coding_too_large: u64,
    pub too_many_codings: u64,
}

impl UnopenedCounts {
    /// Returns the reasons as metric labels, with their counts.
    #[must_use]
    pub fn ways(&self) -> [(&'static str, u64); 10] {
        [
            ("binary", self.binary),
            ("not_json", self.not_json),
            ("not_multipart", self.not_multipart),
            ("cut", self.cut),
            ("empty", self.empty),
            ("too_long", self.too_long),
            ("coding_unknown", self.coding_unknown),
            ("coding_broken", self.coding_broken),
            ("coding_too_large", self.coding_too_large),
            ("too_many_codings", self.too_many_codings),
        ]
    }

    pub(crate) fn add(&mut self, reason: Unopened) {
        let way = match reason {
            Unopened::Binary => &mut self.binary,
            Unopened::NotJson => &mut self.not_json,
            Unopened::NotMultipart => &mut self.not_multipart,
            Unopened::Cut => &mut self.cut,
            Unopened::Empty => &mut self.empty,
            Unopened::TooLong => &mut self.too_long,
            Unopened::CodingUnknown => &mut self.coding_unknown,
            Unopened::CodingBroken => &mut self.coding_broken,
            Unopened::CodingTooLarge => &mut self.coding_too_large,
            Unopened::TooManyCodings => &mut self.too_many_codings,
        };
        *way += 1;
    }
}
