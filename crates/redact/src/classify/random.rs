//! Text that only a random generator writes.

use super::bigrams::seldom;
use super::bytes::{BASE64URL, kinds_of, only};

/// The shortest opaque token: 120 bits in base64.
pub(super) const MIN_OPAQUE: usize = 20;

/// The fewest pairs of letters by which words are told from letters by chance.
const MIN_PAIRS: usize = 8;

/// How seldom the pairs of letters are on average, in hundredths, from which on they are by chance.
const SELDOM: usize = 43;

/// Returns whether the whole text is base64url of [`MIN_OPAQUE`] characters or more (padded or not) that no one wrote
/// by hand.
pub(crate) fn is_opaque(text: &[u8]) -> bool {
    let body = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    body.len() >= MIN_OPAQUE && only(kinds_of(body), BASE64URL) && is_random(body)
}

/// What is counted of a text.
#[derive(Default)]
struct Counts {
    /// Changes between capitals, small letters and digits, but for a capital before small letters.
    changes: usize,
    /// Whether a letter follows a digit.
    inner_digits: bool,
    /// Pairs of letters in which no word begins, and how seldom words have them in all.
    pairs: usize,
    seldom: usize,
}

impl Counts {
    fn of(text: &[u8]) -> Counts {
        let mut counts = Counts::default();
        let mut before = (0, 0);
        for &byte in text {
            let now = match byte {
                b'0'..=b'9' => 1,
                b'a'..=b'z' => 2,
                b'A'..=b'Z' => 3,
                _ => 0,
            };
            let (was, letter) = before;
            let capitalised = was == 3 && now == 2;
            counts.changes += usize::from(was != now && was != 0 && now != 0 && !capitalised);
            counts.inner_digits |= was == 1 && now > 1;
            if was > 1 && now > 1 && (was == now || capitalised) {
                counts.pairs += 1;
                counts.seldom += seldom(letter, byte);
            }
            before = (now, byte);
        }
        counts
    }
}

/// Returns whether letters and digits change too often for words, or letters stand in another order than in words. Words change
/// where a hump begins, and at their numbers: once in three characters at most, and once in five where letters follow digits. Random
/// base64 changes at every second one.
pub(super) fn is_random(text: &[u8]) -> bool {
    let Counts { changes, inner_digits, pairs, seldom } = Counts::of(text);
    changes * if inner_digits { 5 } else { 3 } >= text.len()
        || pairs >= MIN_PAIRS && seldom * 100 >= pairs * SELDOM
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_text_is_opaque_and_words_are_not() {
        for text in [
            "dGhpcyBpcyBhIHRva2VuIQ==",
            "V1StGXR8_Z5jdHi6B-myT",
            "cjld2cjxh0000qzrmn831i7rn",
            "9f86d081884c7d659a2feaa0c55ad015",
            "pi_3MtwBwLkdIwHu7ix28a3tqPa",
            "x7Kq2LmN9pRs4TvW8yZa1Bc3",
            "4eC39HqLyjWDarjtT1zdp7dc",
            "wqzkvxjhbtrnmpdgfcls",
            "HJQWXKZPLRTVBNMDFGCS",
            "wKnkjWWEIlzVnxPllLpfsNEDcsKlXV",
        ] {
            assert!(is_opaque(text.as_bytes()), "{text}");
        }
        for text in [
            "terms-and-conditions-of-use",
            "10-best-places-to-visit-in-2024",
            "getUserAccountDetailsV2",
            "listUserOrdersByDate",
            "internationalisation",
            "MAXIMUM_NUMBER_OF_RETRIES_3",
            "report-2024-01-31-final-version",
            "short1A2b3C",
            "application-x-www-form",
            "covid-19-vaccination-centres",
            "NotificationPreferences2",
            "AbstractSingletonProxyFactoryBean",
            "geschwindigkeitsbegrenzung",
            "zakelijkeverzekering-aanvragen",
            "developpement-durable-et-environnement",
            "HTTPServerErrorDocumentHandler",
            "kubernetes-dashboard-metrics-scraper",
        ] {
            assert!(!is_opaque(text.as_bytes()), "{text}");
        }
    }
}
