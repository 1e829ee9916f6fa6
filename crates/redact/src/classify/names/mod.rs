//! Names of fields whose values are secret, personal, or neither: of headers, parameters, cookies, members, elements.

mod credentials;
mod naming;
mod personal;
mod plain;

pub(crate) use naming::{KINDS, NAMING, is_naming};
pub(crate) use personal::Shape;

use super::label::Label;
use super::words::Words;

/// What a name says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Nothing: its form decides.
    Open,
    /// It is a credential.
    Credential,
    /// It is of this kind and belongs to a person, if it has this shape.
    Personal(Label, Shape),
}

/// The most blanks in a name of which the whole is judged. Of a longer one the last words are.
const MAX_BLANKS: usize = 1;

/// Returns what a name says of its value.
pub(crate) fn meaning(name: &[u8]) -> Meaning {
    if name.is_empty() {
        return Meaning::Open;
    }
    let words = Words::of(ending(without_operator(name)));
    match () {
        () if credentials::is_credential(&words) => Meaning::Credential,
        () if name.contains(&b' ') && credentials::ends_as_credential(&Words::of(name)) => {
            Meaning::Credential
        }
        () => personal::named(&words).map_or(Meaning::Open, |(label, shape)| Meaning::Personal(label, shape)),
    }
}

/// Operators in brackets at the end of the name of a parameter: `filter[token][in]`.
const OPERATORS: [&[u8]; 12] =
    [b"eq", b"ne", b"in", b"nin", b"like", b"gt", b"gte", b"lt", b"lte", b"contains", b"is", b"not"];

/// Returns a name without the operator at its end.
fn without_operator(name: &[u8]) -> &[u8] {
    let operator = |name: &[u8]| {
        OPERATORS.iter().find(|one| name.ends_with(&[b"[", **one, b"]"].concat())).map(|one| one.len() + 2)
    };
    match name.last() {
        Some(b']') => operator(name).map_or(name, |length| super::bytes::until(name, name.len() - length)),
        _ => name,
    }
}

/// Returns the last words of a name that is almost a sentence: the thing is named at its end.
fn ending(name: &[u8]) -> &[u8] {
    let mut blanks = name.iter().enumerate().rev().filter(|(_, byte)| **byte == b' ').map(|(at, _)| at);
    match blanks.nth(MAX_BLANKS) {
        Some(at) => super::bytes::from(name, at + 1),
        None => name,
    }
}

/// Returns whether the value under this name is a credential.
pub(crate) fn is_credential_name(name: &[u8]) -> bool {
    meaning(name) == Meaning::Credential
}

/// Returns whether a number under this name, which is that of a credential, counts them: `max_tokens: 512`.
pub(crate) fn is_counted_name(name: &[u8]) -> bool {
    credentials::is_counted(&Words::of(name))
}

/// Returns whether a name says something about what it stands below, and not the thing: `type` below `token`.
pub(crate) fn is_aside_name(name: &[u8]) -> bool {
    credentials::is_aside(&Words::of(name))
}

/// Returns whether a name is no more than `key` or `x-key`: in parameters and headers that is a credential, elsewhere a
/// name of anything.
pub(crate) fn is_bare_key_name(name: &[u8]) -> bool {
    credentials::is_bare_key(&Words::of(name))
}

/// Returns whether a credential under this name is a signature, or the key of one.
pub(crate) fn is_signature_name(name: &[u8]) -> bool {
    credentials::is_signature(&Words::of(name))
}

/// Returns whether a credential under this name is that of a session.
pub(crate) fn is_session_name(name: &[u8]) -> bool {
    credentials::is_session(&Words::of(name))
}

/// Returns whether a token under this name belongs to a page of a list or to a form, and not to who asks.
pub(crate) fn is_page_or_form_name(name: &[u8]) -> bool {
    credentials::is_of_page_or_form(&Words::of(name))
}

/// Returns whether the certificate of a client stands under this name.
pub(crate) fn is_certificate_name(name: &[u8]) -> bool {
    credentials::is_certificate(&Words::of(name))
}

/// Returns whether the value under this name is public although it looks random or passes a check: checksums, public
/// keys, versions, barcodes.
pub(crate) fn is_plain_name(name: &[u8]) -> bool {
    plain::is_plain(&Words::of(name))
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
            "contrase\u{f1}a",
            "l\u{f6}senord",
            "PGPASS",
            "PGPASSWORD",
            "MYSQL_PWD",
            "device_code",
            "stringData",
            "пароль",
            "/password",
            "the new password",
            "secretary_password",
            "secretarySecret",
            "Mot de passe",
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
            "sessionTitle",
            "pinColor",
            "tokenSymbol",
            "boardingPass",
            "session_name",
            "Two tokens were lost",
            "password reset is done",
        ] {
            assert!(!is_credential_name(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn personal_by_name() {
        for name in [
            "email",
            "userEmail",
            "e-mail",
            "contact_email",
            "emailAddress",
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
            "taxId",
            "user_tax_id",
            "passport_no",
            "first_name",
            "street",
            "address",
            "clientIp",
            "lat",
            "Stra\u{df}e",
            "T\u{e9}l",
            "shippingAddress",
            "exp_date",
            "cardholderName",
        ] {
            assert!(matches!(meaning(name.as_bytes()), Meaning::Personal(..)), "{name}");
        }
        for name in [
            "emailVerified",
            "mailbox",
            "emailCount",
            "name",
            "price",
            "cardType",
            "accountStatus",
            "discount",
            "company",
            "span",
            "id",
            "accountBalance",
            "telemetry",
            "serverAddress",
            "velocity",
            "panel",
            "sinus",
            "vintage",
            "relationship",
            "platform",
            "recipe",
            "addressType",
            "cellar",
        ] {
            assert_eq!(meaning(name.as_bytes()), Meaning::Open, "{name}");
        }
    }

    #[test]
    fn long_and_odd_names_are_no_problem() {
        assert!(!is_credential_name("ä".repeat(500).as_bytes()));
        assert!(!is_credential_name("aB".repeat(500).as_bytes()));
        assert!(is_credential_name(b"--password--"));
        assert!(!is_credential_name(&[0xff, 0xc3, b'a']));
    }
}
