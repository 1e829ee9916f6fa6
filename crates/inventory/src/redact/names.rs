//! Names of fields whose values are secret or personal: of headers, parameters, cookies, JSON members, elements.

/// The most letters and digits of a name that are looked at.
const MAX_NAME: usize = 128;

/// The most words of a name that are told apart.
const MAX_WORDS: usize = 16;

/// Parts of a name, its words written together, that make its value a credential wherever they stand.
const CREDENTIAL_PARTS: [&str; 38] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "privatekey",
    "encryptionkey",
    "signingkey",
    "subscriptionkey",
    "licensekey",
    "appkey",
    "authkey",
    "sharedkey",
    "masterkey",
    "sshkey",
    "functionskey",
    "accountkey",
    "clientkey",
    "credential",
    "session",
    "sessid",
    "signature",
    "jwt",
    "csrf",
    "xsrf",
    "cvv",
    "bearer",
    "cookie",
    "mnemonic",
    "securitycode",
    "verificationcode",
    "accesscode",
    "recoverycode",
    "authcode",
];

/// Words that do so only by themselves: as parts they stand in `author`, `spinner`, `inside`.
const CREDENTIAL_WORDS: [&str; 15] = [
    "auth",
    "authorization",
    "authentication",
    "sid",
    "otp",
    "totp",
    "hotp",
    "pin",
    "cvc",
    "csc",
    "sig",
    "hmac",
    "mfa",
    "tan",
    "pass",
];

/// Words that, at the end of a name, say that the value is about the thing and not the thing: `tokenType`.
const ABOUT: [&str; 54] = [
    "count",
    "type",
    "types",
    "expiry",
    "expires",
    "expiration",
    "expired",
    "ttl",
    "in",
    "at",
    "date",
    "time",
    "timeout",
    "age",
    "enabled",
    "required",
    "valid",
    "verified",
    "supported",
    "length",
    "len",
    "size",
    "min",
    "max",
    "limit",
    "limits",
    "policy",
    "status",
    "state",
    "url",
    "uri",
    "endpoint",
    "method",
    "mode",
    "strength",
    "usage",
    "used",
    "remaining",
    "budget",
    "provider",
    "issuer",
    "scope",
    "scopes",
    "algorithm",
    "alg",
    "version",
    "label",
    "format",
    "position",
    "index",
    "brand",
    "currency",
    "country",
    "balance",
];

/// Credentials that hold others: all that is below them is one. Below the rest, only what is named like a value.
const HOLDERS: [&str; 5] = ["secret", "credential", "password", "privatekey", "auth"];

/// Names that, below a credential, hold it.
const VALUES: [&str; 12] =
    ["value", "id", "key", "data", "raw", "text", "string", "content", "hash", "plain", "access", "refresh"];

/// Words for numbers that belong to a person, and from how many digits on a value is one.
const PERSONAL: [(&str, usize); 36] = [
    ("phone", 6),
    ("phones", 6),
    ("telephone", 6),
    ("phonenumber", 6),
    ("mobile", 6),
    ("tel", 6),
    ("msisdn", 6),
    ("fax", 6),
    ("cellphone", 6),
    ("whatsapp", 6),
    ("iban", 6),
    ("bban", 6),
    ("account", 6),
    ("accounts", 6),
    ("acct", 6),
    ("accountnumber", 6),
    ("accountno", 6),
    ("routing", 6),
    ("sortcode", 6),
    ("card", 8),
    ("cards", 8),
    ("pan", 8),
    ("creditcard", 8),
    ("cardnumber", 8),
    ("ccnumber", 8),
    ("ccnum", 8),
    ("ssn", 4),
    ("passport", 4),
    ("nationalid", 4),
    ("taxid", 4),
    ("socialsecurity", 4),
    ("driverlicense", 4),
    ("birth", 4),
    ("birthdate", 4),
    ("birthday", 4),
    ("dob", 4),
];

/// The words of a name in lower case: split at humps, and at what is neither letter nor digit; digits at the end of a
/// word dropped (`cvv2`, `password1`).
struct Words {
    text: [u8; MAX_NAME],
    ends: [usize; MAX_WORDS],
    count: usize,
}

impl Words {
    fn of(name: &[u8]) -> Words {
        let mut words = Words { text: [0; MAX_NAME], ends: [0; MAX_WORDS], count: 0 };
        let mut length = 0;
        for (at, &byte) in name.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| name.get(at)).copied().unwrap_or(0);
            let after = name.get(at + 1).copied().unwrap_or(0);
            let hump = byte.is_ascii_uppercase()
                && (before.is_ascii_lowercase() || before.is_ascii_uppercase() && after.is_ascii_lowercase());
            if hump || !byte.is_ascii_alphanumeric() {
                length = words.end_word(length);
            }
            if byte.is_ascii_alphanumeric() && length < MAX_NAME {
                words.text[length] = byte.to_ascii_lowercase();
                length += 1;
            }
        }
        words.end_word(length);
        words
    }

    /// Ends a word at `length`, without its digits; gives where the next begins.
    fn end_word(&mut self, mut length: usize) -> usize {
        let start = self.squashed_len();
        while length > start && self.text[length - 1].is_ascii_digit() {
            length -= 1;
        }
        if length > start && self.count < MAX_WORDS {
            self.ends[self.count] = length;
            self.count += 1;
        }
        self.squashed_len()
    }

    fn squashed_len(&self) -> usize {
        self.count.checked_sub(1).map_or(0, |last| self.ends[last])
    }

    /// All words written together.
    fn squashed(&self) -> &str {
        std::str::from_utf8(&self.text[..self.squashed_len()]).unwrap_or_default()
    }

    fn iter(&self) -> impl DoubleEndedIterator<Item = &str> {
        (0..self.count).map(|at| {
            let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
            self.squashed().get(start..self.ends[at]).unwrap_or_default()
        })
    }

    fn is_about(&self) -> bool {
        self.count > 1 && self.iter().next_back().is_some_and(|last| ABOUT.contains(&last))
    }

    /// Whether a part stands anywhere. Names are too short for a searcher to pay off.
    fn has(&self, part: &str) -> bool {
        self.squashed().as_bytes().windows(part.len()).any(|window| window == part.as_bytes())
    }

    fn has_any(&self, parts: &[&str]) -> bool {
        parts.iter().any(|part| self.has(part))
    }
}

/// Whether the value under this name is a credential.
pub(crate) fn is_credential_name(name: &[u8]) -> bool {
    if name.is_empty() {
        return false;
    }
    let words = Words::of(name);
    let named = words.has_any(&CREDENTIAL_PARTS) || words.iter().any(|word| CREDENTIAL_WORDS.contains(&word));
    named && !words.is_about() && !words.has("secretar")
}

/// Whether a number under this name is a credential: in the plural it counts (`tokens: 512`).
pub(crate) fn is_credential_number(name: &[u8]) -> bool {
    let words = Words::of(name);
    is_credential_name(name)
        && !words.iter().any(|word| ["tokens", "sessions", "cookies", "secrets"].contains(&word))
}

/// Whether all text below a credential of this name is one too.
pub(crate) fn holds_credentials(name: &[u8]) -> bool {
    let words = Words::of(name);
    words.has_any(&HOLDERS[..4]) || words.iter().any(|word| word == HOLDERS[4])
}

/// Whether a member of this name, below a credential, holds it.
pub(crate) fn is_value_name(name: &[u8]) -> bool {
    Words::of(name).iter().next_back().is_some_and(|last| VALUES.contains(&last))
}

/// Whether the value under this name is an e-mail address, whatever it looks like.
pub(crate) fn is_email_name(name: &[u8]) -> bool {
    let words = Words::of(name);
    words.iter().next_back().is_some_and(|last| ["email", "emails", "mail"].contains(&last))
        || words.squashed().ends_with("emailaddress")
}

/// From how many digits on a value under this name is a person's number (phone, account, card, birth...), if ever.
pub(crate) fn personal_digits(name: &[u8]) -> Option<usize> {
    let words = Words::of(name);
    if words.is_about() && !words.has("birth") {
        return None;
    }
    let named = |word: &str| words.iter().any(|one| one == word) || word.len() > 7 && words.has(word);
    PERSONAL.iter().find(|(word, _)| named(word)).map(|(_, digits)| *digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_by_name() {
        for name in [
            "password",
            "userPassword",
            "new_password",
            "X-Api-Key",
            "api_key",
            "apikey",
            "APIKey",
            "access-token",
            "id_token",
            "accesstoken",
            "client_secret",
            "clientSecret",
            "sid",
            "PHPSESSID",
            "JSESSIONID",
            "connect.sid",
            "sessionId",
            "auth",
            "X-Auth-Key",
            "pin",
            "PIN",
            "cvv2",
            "cvc",
            "otp",
            "user[password]",
            "_csrf",
            "X-XSRF-TOKEN",
            "jwt",
            "sig",
            "X-Amz-Signature",
            "private_key",
            "pass",
            "dbPass",
            "Ocp-Apim-Subscription-Key",
            "securityCode",
            "password1",
        ] {
            assert!(is_credential_name(name.as_bytes()), "{name}");
        }
        for name in [
            "author",
            "authors",
            "spinner",
            "inside",
            "side",
            "tokenType",
            "token_type",
            "expires_in",
            "token_expires_in",
            "sessionCount",
            "passenger",
            "compass",
            "key",
            "keyword",
            "secretary",
            "shipping",
            "pinned",
            "residence",
            "signal",
            "authProvider",
            "passwordPolicy",
            "quantity",
            "name",
            "id",
            "status",
            "tank",
            "",
        ] {
            assert!(!is_credential_name(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn numbers_of_credentials() {
        assert!(is_credential_number(b"pin") && is_credential_number(b"otp"));
        assert!(!is_credential_number(b"max_tokens") && !is_credential_number(b"tokens"));
    }

    #[test]
    fn personal_by_name() {
        for name in ["email", "userEmail", "e-mail", "contact_email", "emailAddress"] {
            assert!(is_email_name(name.as_bytes()), "{name}");
        }
        for name in ["emailVerified", "mailbox", "emailCount", "name"] {
            assert!(!is_email_name(name.as_bytes()), "{name}");
        }
        for name in [
            "phone",
            "phoneNumber",
            "mobile",
            "iban",
            "account_number",
            "cardNumber",
            "creditCard",
            "ssn",
            "dateOfBirth",
            "birthDate",
        ] {
            assert!(personal_digits(name.as_bytes()).is_some(), "{name}");
        }
        for name in [
            "price",
            "cardType",
            "accountStatus",
            "discount",
            "company",
            "span",
            "id",
            "accountBalance",
            "telemetry",
        ] {
            assert!(personal_digits(name.as_bytes()).is_none(), "{name}");
        }
    }

    #[test]
    fn long_and_odd_names_are_no_problem() {
        assert!(!is_credential_name("ä".repeat(500).as_bytes()));
        assert!(!is_credential_name("aB".repeat(500).as_bytes()));
        assert!(is_credential_name(b"--password--"));
    }
}
