//! Names of fields whose values are secret or personal: of headers, parameters, cookies, JSON members, elements.

use super::words::{Words, letters};

/// Parts of a name, its words written together, that make its value a credential wherever they stand.
const CREDENTIAL_PARTS: [&str; 47] = [
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
    // The same in other languages.
    "passwort",
    "kennwort",
    "motdepasse",
    "contrasena",
    "senha",
    "wachtwoord",
    "losenord",
    "adgangskode",
    "parola",
];

/// Words that do so only by themselves: as parts they stand in `author`, `spinner`, `inside`.
const CREDENTIAL_WORDS: [&str; 16] = [
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
    "pw",
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
const HOLDERS: [&str; 4] = ["secret", "credential", "password", "privatekey"];

/// The same as a word by itself.
const HOLDER_WORDS: [&str; 1] = ["auth"];

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

#[expect(clippy::indexing_slicing, reason = "a constant: the compiler checks it")]
const CREDENTIAL_LETTERS: [u32; CREDENTIAL_PARTS.len()] = {
    let (mut all, mut at) = ([0; CREDENTIAL_PARTS.len()], 0);
    while at < all.len() {
        all[at] = letters(CREDENTIAL_PARTS[at].as_bytes());
        at += 1;
    }
    all
};

#[expect(clippy::indexing_slicing, reason = "a constant: the compiler checks it")]
const PERSONAL_LETTERS: [u32; PERSONAL.len()] = {
    let (mut all, mut at) = ([0; PERSONAL.len()], 0);
    while at < all.len() {
        all[at] = letters(PERSONAL[at].0.as_bytes());
        at += 1;
    }
    all
};

/// Returns whether the value under the name is about the thing that the name says, and not the thing.
fn is_about(words: &Words) -> bool {
    words.are_several() && words.ends_in(&ABOUT)
}

/// Returns whether the value under this name is a credential.
pub(crate) fn is_credential_name(name: &[u8]) -> bool {
    if name.is_empty() {
        return false;
    }
    let words = Words::of(name);
    let mut parts = CREDENTIAL_PARTS.iter().zip(CREDENTIAL_LETTERS);
    let named = parts.any(|(part, letters)| words.spells(letters) && words.has(part))
        || words.has_word(&CREDENTIAL_WORDS);
    named && !is_about(&words) && !words.has("secretar")
}

/// Returns whether a number under this name is a credential: in the plural it counts (`tokens: 512`).
pub(crate) fn is_credential_number(name: &[u8]) -> bool {
    let words = Words::of(name);
    is_credential_name(name) && !words.has_word(&["tokens", "sessions", "cookies", "secrets"])
}

/// Returns whether all text below a credential of this name is one too.
pub(crate) fn holds_credentials(name: &[u8]) -> bool {
    let words = Words::of(name);
    words.has_any(&HOLDERS) || words.has_word(&HOLDER_WORDS)
}

/// Returns whether a member of this name, below a credential, holds it.
pub(crate) fn is_value_name(name: &[u8]) -> bool {
    Words::of(name).ends_in(&VALUES)
}

/// Returns whether the value under this name is an e-mail address, whatever it looks like.
pub(crate) fn is_email_name(name: &[u8]) -> bool {
    let words = Words::of(name);
    words.ends_in(&["email", "emails", "mail"]) || words.squashed().ends_with(b"emailaddress")
}

/// From how many digits on a value under this name is a person's number (phone, account, card, birth...), if ever.
pub(crate) fn personal_digits(name: &[u8]) -> Option<usize> {
    let words = Words::of(name);
    if is_about(&words) && !words.has("birth") {
        return None;
    }
    let named = |word: &str| words.has_word(&[word]) || word.len() > 7 && words.has(word);
    let mut known = PERSONAL.iter().zip(PERSONAL_LETTERS);
    known.find(|((word, _), letters)| words.spells(*letters) && named(word)).map(|((_, digits), _)| *digits)
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
