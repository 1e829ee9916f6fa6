//! 'Did you mean': the nearest of the names that are known.

use strsim::osa_distance;

/// Returns the candidate with the fewest edits to `text`, if a slip of the keyboard explains it: at most one edit for
/// every three letters. An edit inserts, deletes or replaces a letter, or swaps two neighbours; case does not matter.
pub(crate) fn nearest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = text.chars().count().div_ceil(3);
    let text = text.to_lowercase();
    let all =
        candidates.into_iter().map(|candidate| (osa_distance(&text, &candidate.to_lowercase()), candidate));
    all.filter(|(edits, _)| *edits <= most).min().map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_inserts_deletes_replaces_or_swaps() {
        for (text, known) in
            [("cart", "carts"), ("carts", "cart"), ("cart", "care"), ("crat", "cart"), ("CART", "cart")]
        {
            assert_eq!(nearest(text, [known]), Some(known), "{text}");
        }
        assert_eq!(nearest("kitten", ["sitting"]), None, "three edits");
        assert_eq!(nearest("ab", ["ba"]), Some("ba"), "a swap is one edit");
    }

    #[test]
    fn only_a_slip_has_a_nearest_name() {
        let known = ["cart", "payment-service", "pay"];
        assert_eq!(nearest("crat", known), Some("cart"));
        assert_eq!(nearest("payment_service", known), Some("payment-service"));
        assert_eq!(nearest("orders", known), None);
        assert_eq!(nearest("x", []), None);
    }
}
