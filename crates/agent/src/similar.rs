//! 'Did you mean': the nearest of the names that are known.

/// The candidate with the fewest edits (letters put in, left out, replaced, or swapped with their neighbour) to `text`,
/// if a slip of the keyboard explains it: at most one edit for every three letters.
pub(crate) fn nearest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = text.chars().count().div_ceil(3);
    let distance = |candidate: &&str| edits(text, candidate);
    let all = candidates.into_iter().map(|candidate| (distance(&candidate), candidate));
    all.filter(|(edits, _)| *edits <= most).min().map(|(_, candidate)| candidate)
}

/// The distance of two words (optimal string alignment), upper and lower case being the same.
fn edits(a: &str, b: &str) -> usize {
    let [a, b] = [a, b].map(|word| word.to_lowercase().chars().collect::<Vec<_>>());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
            let mut best =
                (cell(&last, j) + usize::from(x != y)).min(cell(&last, j + 1) + 1).min(cell(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                best = best.min(cell(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_edits() {
        for (a, b, count) in [
            ("", "", 0),
            ("", "abc", 3),
            ("cart", "carts", 1),
            ("cart", "crat", 1),
            ("Cart", "cart", 0),
            ("kitten", "sitting", 3),
            ("ab", "ba", 1),
        ] {
            assert_eq!((edits(a, b), edits(b, a)), (count, count), "{a} {b}");
        }
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
