//! 'Did you mean': the nearest of the names that are known.

use strsim::osa_distance;

/// Returns the nearest of the names that stand for Services, with and without their namespaces: that of `namespace/name`, or of the
/// name alone.
pub(crate) fn nearest_service<'a>(
    (namespace, name): (&str, &str),
    keys: &(impl Iterator<Item = &'a str> + Clone),
) -> Option<&'a str> {
    let full = format!("{namespace}/{name}");
    let is_full = |key: &&str| key.contains('/');
    let of_full = nearest(&full, keys.clone().filter(is_full));
    let bare = |key: &'a str| key.rsplit('/').next().unwrap_or(key);
    // The same name in another namespace is another Service.
    let others = keys.clone().filter(|key| !is_full(key) || bare(key) != name);
    of_full.filter(|key| bare(key) != name || key.split('/').next() == Some(namespace)).or_else(|| {
        let near = nearest(name, others.clone().map(bare))?;
        others.clone().find(|key| bare(key) == near)
    })
}

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
    fn services_are_compared_with_their_namespaces() {
        let keys = ["shop/orders", "payments", "bank/cart"];
        let near = |namespace, name| nearest_service((namespace, name), &keys.into_iter());
        assert_eq!(near("shop", "order"), Some("shop/orders"));
        assert_eq!(near("shopp", "orders"), None, "it may be meant to be another one");
        assert_eq!(near("shop", "payment"), Some("payments"));
        assert_eq!(near("shop", "cart"), None, "that is another team's");
        assert_eq!(near("shop", "unlike"), None);
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
