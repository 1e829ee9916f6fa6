//! How much text a block may become: an index of one byte may stand for 4 KB, again and again (an HPACK bomb).
//!
//! What names from a table become is paid from a credit. It grows with what the connection carries, so that reading it never
//! costs much more than its bytes do, whatever they say. Large fields that are sent by a number with each request
//! (cookies, tokens) are paid by the answers.

/// What a connection begins with, and the most that is saved up: four heads of the largest size.
const MOST: usize = 4 * crate::MAX_HEAD;

/// What a byte on the wire earns. Measured: a bomb then costs about what as many bytes of usual traffic do.
const PER_BYTE: usize = 16;

/// What an answered request earns: more than browsers and proxies send as one head.
const PER_ANSWER: usize = 16 * 1024;

/// What a field costs beside its text (as RFC 9113, section 6.5.2, counts it).
const PER_FIELD: usize = 32;

/// The credit of one direction, in bytes of text.
#[derive(Debug)]
pub(super) struct Credit(usize);

impl Credit {
    pub(super) fn new() -> Credit {
        Credit(MOST)
    }

    /// The connection carried so many bytes.
    pub(super) fn earn(&mut self, bytes: usize) {
        self.0 = self.0.saturating_add(bytes.saturating_mul(PER_BYTE)).min(MOST);
    }

    /// A request was answered.
    pub(super) fn answered(&mut self) {
        self.0 = self.0.saturating_add(PER_ANSWER).min(MOST);
    }

    /// Pays for so much text of one field. False when there is not enough, and nothing is paid.
    #[inline]
    pub(super) fn pay(&mut self, text: usize) -> bool {
        match self.0.checked_sub(text + PER_FIELD) {
            Some(left) => {
                self.0 = left;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_spent_and_earned_and_has_an_end() {
        let mut credit = Credit::new();
        assert!(credit.pay(MOST - PER_FIELD) && !credit.pay(0));
        credit.earn(10);
        assert!(credit.pay(10 * PER_BYTE - PER_FIELD) && !credit.pay(0));
        credit.answered();
        assert!(!credit.pay(PER_ANSWER) && credit.pay(PER_ANSWER - PER_FIELD));
        credit.earn(usize::MAX);
        assert!(!credit.pay(MOST) && credit.pay(MOST - PER_FIELD));
    }
}
