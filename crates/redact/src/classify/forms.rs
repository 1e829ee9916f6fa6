//! Known forms of tokens: what they begin with, and what follows. The list is `data/token-forms.tsv`, which says its sources.

use std::sync::LazyLock;

use super::bytes::{from, until};

/// The list, one form a line: issuer, beginning, alphabet, least number of characters, source.
const LIST: &str = include_str!("../../data/token-forms.tsv");

/// The longest number of a ticket, in digits.
const MAX_TICKET: usize = 20;

/// What follows the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alphabet {
    Digits,
    Hex,
    HexDash,
    /// Capitals and digits.
    Upper,
    /// Small letters and digits.
    Lower,
    Alnum,
    /// Letters, digits and `_`.
    Word,
    Base64Url,
    /// Base64url and dots.
    Dotted,
    Base64,
    /// Base64url, percent signs and `+`.
    Twitter,
    /// Letters, digits and `$`.
    Dollar,
    /// What hashes of passwords have.
    Hash,
    /// A path of a URL.
    Path,
    /// 14 letters and digits, a dot, and hexadecimal digits.
    Airtable,
    /// A number, a dash, and 20 letters and digits.
    Ticket,
}

impl Alphabet {
    fn named(name: &str) -> Option<Alphabet> {
        Some(match name {
            "digits" => Alphabet::Digits,
            "hex" => Alphabet::Hex,
            "hexdash" => Alphabet::HexDash,
            "upper" => Alphabet::Upper,
            "lower" => Alphabet::Lower,
            "alnum" => Alphabet::Alnum,
            "word" => Alphabet::Word,
            "base64url" => Alphabet::Base64Url,
            "dotted" => Alphabet::Dotted,
            "base64" => Alphabet::Base64,
            "twitter" => Alphabet::Twitter,
            "dollar" => Alphabet::Dollar,
            "hash" => Alphabet::Hash,
            "path" => Alphabet::Path,
            "airtable" => Alphabet::Airtable,
            "ticket" => Alphabet::Ticket,
            _ => return None,
        })
    }

    fn has(self, byte: u8) -> bool {
        let more: &[u8] = match self {
            Alphabet::Digits => return byte.is_ascii_digit(),
            Alphabet::Hex => return byte.is_ascii_hexdigit(),
            Alphabet::HexDash => return byte.is_ascii_hexdigit() || byte == b'-',
            Alphabet::Upper => return byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Alphabet::Lower => return byte.is_ascii_lowercase() || byte.is_ascii_digit(),
            Alphabet::Alnum => b"",
            Alphabet::Word => b"_",
            Alphabet::Base64Url => b"-_",
            Alphabet::Dotted => b"-_.",
            Alphabet::Base64 => b"-_+/=",
            Alphabet::Twitter => b"-_%+",
            Alphabet::Dollar => b"$",
            Alphabet::Hash => b"./+=$,-",
            Alphabet::Path => b"-_./@%",
            Alphabet::Airtable => b".",
            Alphabet::Ticket => b"-",
        };
        byte.is_ascii_alphanumeric() || more.contains(&byte)
    }
}

/// One form.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    pub(super) prefix: &'static str,
    pub(super) alphabet: Alphabet,
    pub(super) least: usize,
    /// Whether it is told from words even in the middle of one.
    anywhere: bool,
}

/// The forms by their first byte, the longest beginnings first, and which two bytes they begin with.
pub(super) struct Forms {
    by_first: [Vec<Form>; 128],
    /// A bit for each pair of bytes of ASCII.
    pairs: Pairs,
    /// The same for forms that are found in the middle of words.
    inside: Pairs,
}

/// A bit for each pair of bytes of ASCII.
type Pairs = Box<[u64; 256]>;

/// All forms.
pub(super) static FORMS: LazyLock<Forms> = LazyLock::new(|| Forms::of(forms()));

/// Returns the forms of the list.
pub(super) fn forms() -> impl Iterator<Item = Form> {
    LIST.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut cells = line.split('\t').skip(1);
        let prefix = cells.next()?;
        let alphabet = Alphabet::named(cells.next()?)?;
        let least = cells.next()?.parse().ok()?;
        let marked = prefix.len() > 3 && !prefix.bytes().all(|byte| byte.is_ascii_alphanumeric());
        Some(Form {
            prefix,
            alphabet,
            least,
            anywhere: marked || prefix.len() > 8 || alphabet == Alphabet::Upper,
        })
    })
}

/// Returns the place of a pair of bytes in [`Forms::pairs`], and its bit there.
fn pair(first: u8, second: u8) -> (usize, u64) {
    let pair = usize::from(first & 127) << 7 | usize::from(second & 127);
    (pair >> 6, 1 << (pair & 63))
}

impl Forms {
    fn of(forms: impl Iterator<Item = Form>) -> Forms {
        let mut all = Forms {
            by_first: [const { Vec::new() }; 128],
            pairs: Box::new([0; 256]),
            inside: Box::new([0; 256]),
        };
        for form in forms {
            let [first, second, ..] = form.prefix.as_bytes() else { continue };
            let (place, bit) = pair(*first, *second);
            let inside = if form.anywhere { all.inside.get_mut(place) } else { None };
            inside.into_iter().chain(all.pairs.get_mut(place)).for_each(|pairs| *pairs |= bit);
            all.by_first.get_mut(usize::from(*first)).into_iter().for_each(|list| list.push(form));
        }
        for list in &mut all.by_first {
            list.sort_by_key(|form| std::cmp::Reverse(form.prefix.len()));
        }
        all
    }

    /// Returns the form that a text has at its beginning, with the length of what belongs to it. `before` is the byte before it.
    pub(super) fn find(&self, text: &[u8], before: u8) -> Option<(Form, usize)> {
        let [first, second, ..] = text else { return None };
        let (place, bit) = pair(*first, *second);
        // Most text is none: two bytes decide that.
        if self.pairs.get(place)? & bit == 0 {
            return None;
        }
        let forms = self.by_first.get(usize::from(*first))?;
        forms.iter().find_map(|form| Some((*form, form.length(text, before)?)))
    }
}

impl Forms {
    /// Returns the length of the token at the beginning of a text in the middle of a word.
    #[inline]
    pub(super) fn find_inside(&self, text: &[u8], before: u8) -> Option<usize> {
        let [first, second, ..] = text else { return None };
        let (place, bit) = pair(*first, *second);
        if self.inside.get(place)? & bit == 0 {
            return None;
        }
        self.find(text, before).map(|(_, length)| length)
    }
}

impl Form {
    /// Returns the length of the token at the beginning of a text, with what is written right behind it.
    fn length(self, text: &[u8], before: u8) -> Option<usize> {
        let tail = text.strip_prefix(self.prefix.as_bytes())?;
        let starts = match self.alphabet {
            Alphabet::Upper => !(before.is_ascii_uppercase() || before.is_ascii_digit()),
            _ => self.anywhere || !before.is_ascii_alphanumeric(),
        };
        // What is long is read last: only of a token, which is not read again.
        if !starts || !self.fits(tail) {
            return None;
        }
        let run = tail.iter().take_while(|byte| self.alphabet.has(**byte)).count();
        let goes_on = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        Some(self.prefix.len() + run + from(tail, run).iter().take_while(goes_on).count())
    }

    /// Returns whether enough of the alphabet follows the beginning, and in the order that it has to have.
    fn fits(self, tail: &[u8]) -> bool {
        let near = until(tail, self.least);
        let enough = near.len() == self.least && near.iter().all(|byte| self.alphabet.has(*byte));
        enough
            && match self.alphabet {
                Alphabet::Airtable => {
                    near.get(14) == Some(&b'.') && from(near, 15).iter().all(u8::is_ascii_hexdigit)
                }
                Alphabet::Ticket => is_ticket(tail),
                _ => true,
            }
    }
}

/// Returns whether this is a number, a dash, and a word of 20 letters and digits or more.
fn is_ticket(tail: &[u8]) -> bool {
    let digits = until(tail, MAX_TICKET).iter().take_while(|byte| byte.is_ascii_digit()).count();
    let word = until(from(tail, digits + 1), 20);
    digits > 0
        && tail.get(digits) == Some(&b'-')
        && word.len() == 20
        && word.iter().all(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns tails of the least length, of letters alone where the alphabet has some.
    fn example(form: Form) -> String {
        let letters = match form.alphabet {
            Alphabet::Digits => "1234567890",
            Alphabet::Hex | Alphabet::HexDash => "abcdefabcdef",
            Alphabet::Upper => "QWERTZUIOP",
            Alphabet::Ticket => return format!("{}1-{}", form.prefix, "qwertzuiopqwertzuiop"),
            Alphabet::Airtable => return format!("{}{}.{}", form.prefix, "qwertzuiopasdf", "ab".repeat(32)),
            _ => "qwertzuiopasdfghjkl",
        };
        form.prefix.to_owned() + &letters.chars().cycle().take(form.least).collect::<String>()
    }

    #[test]
    fn every_line_is_a_form_and_finds_its_example() {
        let lines = LIST.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(lines.count(), forms().count());
        for form in forms() {
            let text = example(form);
            let found = FORMS.find(text.as_bytes(), b' ').map(|(_, length)| length);
            assert_eq!(found, Some(text.len()), "{text}");
            let short = until(text.as_bytes(), text.len() - 1);
            let found = FORMS.find(short, b' ').map(|(other, _)| other.prefix);
            assert_ne!(found, Some(form.prefix), "{text}");
        }
    }

    #[test]
    fn inside_of_words_and_beside_marks() {
        let at = |text: &str, before| FORMS.find(text.as_bytes(), before).is_some();
        assert!(at("xoxp-23984754863-2348975623103", b'm') && at("AKIAQWERTZUIOPASDFGH", b'x'));
        assert!(
            !at("AKIAQWERTZUIOPASDFGH", b'X')
                && !at("oy2qwertzuiopasdfghjklqwertzuiopasdfghjklqwertzu", b'b')
        );
        for text in [
            "sk-learn-something-or-other-today",
            "npm_run",
            "xoxb-team-channel",
            "SG.com",
            "key-value",
            "pat",
            "AC/DC",
        ] {
            assert!(!at(text, b' '), "{text}");
        }
    }
}
