//! Names of credentials.

use super::super::bytes::from;
use super::super::words::{Words, is_one_of, letters};

/// Parts of a name, its words written together, that make its value a credential wherever they stand.
const PARTS: [&str; 66] = [
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
    "storagekey",
    "servicekey",
    "serverkey",
    "webhookkey",
    "integrationkey",
    "sessionkey",
    "securitykey",
    "hostkey",
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
    "seedphrase",
    "securitycode",
    "verificationcode",
    "confirmationcode",
    "accesscode",
    "recoverycode",
    "backupcode",
    "authcode",
    "authorizationcode",
    "devicecode",
    "onetimecode",
    "smscode",
    "stringdata",
    "connectionstring",
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
    "пароль",
    "密码",
];

/// Words that do so only by themselves: as parts they stand in `author`, `spinner`, `inside`.
const WORDS: [&str; 24] = [
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
    "pw",
    "creds",
    "pgpass",
    "userpass",
    "dbpass",
    "mypass",
    "rootpass",
    "adminpass",
    "smtppass",
    "haslo",
];

/// Words before `pass` with which it is a ticket.
const TICKETS: [&str; 24] = [
    "boarding", "season", "ski", "bus", "rail", "train", "day", "night", "week", "lift", "museum", "event",
    "party", "free", "travel", "city", "visitor", "guest", "gate", "parking", "hall", "battle", "by", "low",
];

/// Words that, at the end of a name, say that the value is about the thing and not the thing: `tokenType`.
const ABOUT: [&str; 139] = [
    "count",
    "counts",
    "type",
    "types",
    "kind",
    "expiry",
    "expires",
    "expiration",
    "expired",
    "ttl",
    "in",
    "at",
    "on",
    "date",
    "time",
    "timeout",
    "age",
    "duration",
    "lifetime",
    "validity",
    "interval",
    "period",
    "start",
    "end",
    "year",
    "month",
    "day",
    "hours",
    "minutes",
    "seconds",
    "ms",
    "enabled",
    "disabled",
    "required",
    "optional",
    "valid",
    "verified",
    "supported",
    "allowed",
    "length",
    "len",
    "size",
    "min",
    "max",
    "limit",
    "limits",
    "quota",
    "policy",
    "status",
    "state",
    "active",
    "url",
    "uri",
    "href",
    "link",
    "endpoint",
    "method",
    "methods",
    "mode",
    "strength",
    "complexity",
    "usage",
    "used",
    "uses",
    "remaining",
    "attempts",
    "retries",
    "budget",
    "provider",
    "issuer",
    "audience",
    "scope",
    "scopes",
    "algorithm",
    "alg",
    "version",
    "label",
    "title",
    "name",
    "names",
    "description",
    "desc",
    "hint",
    "question",
    "prompt",
    "message",
    "placeholder",
    "format",
    "position",
    "index",
    "order",
    "sort",
    "level",
    "group",
    "category",
    "brand",
    "symbol",
    "standard",
    "decimals",
    "supply",
    "price",
    "amount",
    "network",
    "chain",
    "contract",
    "address",
    "currency",
    "country",
    "locale",
    "balance",
    "color",
    "colour",
    "icon",
    "image",
    "logo",
    "width",
    "height",
    "style",
    "room",
    "track",
    "speaker",
    "topic",
    "owner",
    "manager",
    "service",
    "server",
    "host",
    "port",
    "domain",
    "file",
    "path",
    "store",
    "driver",
    "banner",
    "consent",
    "samesite",
    "changed",
    "created",
    "updated",
];

/// Words for things of which the plural is a number: `tokens: 512`.
const COUNTED: [&str; 5] = ["tokens", "sessions", "cookies", "secrets", "credentials"];

#[expect(clippy::indexing_slicing, reason = "a constant: the compiler checks it")]
const LETTERS: [u32; PARTS.len()] = {
    let (mut all, mut at) = ([0; PARTS.len()], 0);
    while at < all.len() {
        all[at] = letters(PARTS[at].as_bytes());
        at += 1;
    }
    all
};

/// The shortest word that is told at the end of a name that is written as one: `tokencount`, as header fields come.
const MIN_JOINED: usize = 4;

/// Returns whether the value under the name is about the thing that the name says, and not the thing.
pub(super) fn is_about(words: &Words) -> bool {
    words.count() > 1 && words.ends_in(&ABOUT)
}

/// Returns whether a name in one word is a credential's with a word behind it that says that the value is about it.
fn is_about_joined(words: &Words) -> bool {
    let name = words.squashed();
    let about = |part: &str| {
        let place = name.windows(part.len()).position(|window| window == part.as_bytes());
        place.is_some_and(|at| {
            let rest = from(name, at + part.len());
            rest.len() >= MIN_JOINED && is_one_of(rest, &ABOUT)
        })
    };
    words.count() == 1 && PARTS.iter().any(|part| about(part))
}

/// Returns whether a name says something about the thing that it stands below: `type`, `expires_in`.
pub(super) fn is_aside(words: &Words) -> bool {
    words.ends_in(&ABOUT)
}

/// Returns whether the value under this name is a credential.
pub(super) fn is_credential(words: &Words) -> bool {
    let mut parts = PARTS.iter().zip(LETTERS);
    let has = |part: &str| if part == "secret" { words.has_but(part, "ar") } else { words.has(part) };
    let named = parts.any(|(part, letters)| words.spells(letters) && has(part))
        || words.has_word(&WORDS)
        || is_pass(words);
    named && !is_about(words) && !is_about_joined(words)
}

/// Returns whether the words of a name, written together, end as the name of a credential: `Mot de passe`.
pub(super) fn ends_as_credential(words: &Words) -> bool {
    PARTS.iter().any(|part| words.squashed().ends_with(part.as_bytes()))
}

/// Returns whether the thing of this name is counted where its value is a number.
pub(super) fn is_counted(words: &Words) -> bool {
    words.has_word(&COUNTED)
}

/// Returns whether the value under this name is a credential where it stands beside no other: `?key=`, `X-Key`.
pub(super) fn is_bare_key(words: &Words) -> bool {
    words.last() == b"key" && (words.count() == 1 || words.count() == 2 && words.get(0) == b"x")
}

/// `pass` as a word, unless it is a ticket.
fn is_pass(words: &Words) -> bool {
    (0..words.count()).any(|at| {
        let ticket = at.checked_sub(1).is_some_and(|before| is_one_of(words.get(before), &TICKETS));
        words.get(at) == b"pass" && !ticket
    })
}

/// Words before `token` with which it is a place in a list.
const PAGES: [&str; 10] =
    ["page", "next", "prev", "previous", "continuation", "cursor", "sync", "resume", "start", "change"];

/// Returns whether a token under this name belongs to a page of a list or to a form.
pub(super) fn is_of_page_or_form(words: &Words) -> bool {
    let name = words.squashed();
    let before = name.strip_suffix(b"token").unwrap_or_default();
    PAGES.iter().any(|page| before.ends_with(page.as_bytes()))
        || ["csrf", "xsrf", "antiforgery", "requestverification"].iter().any(|part| words.has(part))
}

/// Returns whether a credential under this name is a signature, or the key of one.
pub(super) fn is_signature(words: &Words) -> bool {
    words.has("signature") || words.has_word(&["sig", "hmac"])
}

/// Returns whether a credential under this name is that of a session.
pub(super) fn is_session(words: &Words) -> bool {
    words.has("session") || words.has("sessid") || words.has_word(&["sid", "sess"])
}

/// Returns whether the certificate of a client stands under this name.
pub(super) fn is_certificate(words: &Words) -> bool {
    words.has("clientcert") || words.ends_in(&["cert"])
}
