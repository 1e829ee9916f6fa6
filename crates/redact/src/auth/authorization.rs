//! The value of `Authorization`: a scheme and what follows it (RFC 9110, section 11.4).

use memchr::{memchr, memmem};

use super::credentials::{Credentials, Place, Scheme};
use crate::classify::{from, is_flag, until};

/// The longest value that may be a flag (`null`, `undefined`) and no credential, in bytes.
const MAX_FLAG: usize = 16;

/// How the base64url text of `{"` begins: the first part of every JWT.
const JWT: &[u8] = b"eyJ";

/// How the first part of a JWT begins that says `{"alg":"none"` before all else.
const UNSIGNED: &[u8] = b"eyJhbGciOiJub25lI";

/// Returns what a value of `Authorization` is.
pub(crate) fn credentials(value: &[u8]) -> Credentials {
    let end = memchr(b' ', value).unwrap_or(value.len());
    let (scheme, rest) = (until(value, end), from(value, end).trim_ascii_start());
    if is_nothing(rest) && (rest != b"" || is_nothing(scheme)) {
        return Credentials::NONE;
    }
    let key = Credentials::NONE.with(Place::Header);
    let is = |name: &[u8]| scheme.eq_ignore_ascii_case(name);
    let begins = |name: &[u8]| scheme.get(..name.len()).is_some_and(|one| one.eq_ignore_ascii_case(name));
    Credentials::of(match () {
        () if rest.is_empty() => return key,
        () if is(b"bearer") => token(rest),
        () if is(b"basic") => Scheme::Basic,
        () if begins(b"aws4-") => Scheme::SigV4,
        () if is(b"digest") => Scheme::Digest,
        () if is(b"oauth") && memmem::find(rest, b"oauth_signature").is_some() => Scheme::OAuth1,
        () if is(b"oauth") => token(rest),
        () if is(b"negotiate") || is(b"ntlm") => Scheme::Negotiate,
        () if is(b"hawk") => Scheme::Hawk,
        () if is(b"aws") || is(b"signature") || begins(b"hmac") || begins(b"sharedkey") => Scheme::Signature,
        () if is(b"token") || is(b"apikey") || is(b"key") => return key,
        () => Scheme::Other,
    })
}

/// Returns which kind of bearer token this is.
fn token(token: &[u8]) -> Scheme {
    match () {
        () if !token.starts_with(JWT) || memchr(b'.', token).is_none() => Scheme::Bearer,
        // One that nobody signed has nothing behind its last dot.
        () if token.ends_with(b".") || token.starts_with(UNSIGNED) => Scheme::UnsignedJwt,
        () => Scheme::Jwt,
    }
}

/// Returns the token of a JWT behind `Bearer`, without its signature.
pub(crate) fn jwt(value: &[u8]) -> Option<&[u8]> {
    let rest = from(value, memchr(b' ', value)?).trim_ascii_start();
    let header = memchr(b'.', rest)?;
    let payload = memchr(b'.', from(rest, header + 1))?;
    Some(until(rest, header + 1 + payload))
}

/// Returns whether a value stands in the place of a credential and says that there is none.
pub(crate) fn is_nothing(value: &[u8]) -> bool {
    value.is_empty() || value.len() <= MAX_FLAG && std::str::from_utf8(value).is_ok_and(is_flag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes() {
        let cases = [
            ("Basic dTpw", Scheme::Basic),
            ("bearer abc.def-1", Scheme::Bearer),
            ("Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", Scheme::Jwt),
            ("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", Scheme::UnsignedJwt),
            ("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln", Scheme::UnsignedJwt),
            ("Bearer eyJ0eXAiOiJKV1QiLCJhbGciOiJOT05FIn0.eyJzdWIiOiIxIn0.", Scheme::UnsignedJwt),
            ("Digest username=\"a\", realm=\"b\"", Scheme::Digest),
            ("AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu/s3/aws4_request, Signature=ab", Scheme::SigV4),
            ("AWS AKIA:sig", Scheme::Signature),
            ("HMAC-SHA256 a:b", Scheme::Signature),
            ("Signature keyId=\"a\",signature=\"b\"", Scheme::Signature),
            ("SharedKey a:b", Scheme::Signature),
            ("Hawk id=\"a\"", Scheme::Hawk),
            ("OAuth oauth_consumer_key=\"a\", oauth_signature=\"b\"", Scheme::OAuth1),
            ("OAuth 00Dx!AQ", Scheme::Bearer),
            ("Negotiate YII=", Scheme::Negotiate),
            ("DPoP abc", Scheme::Other),
        ];
        for (value, scheme) in cases {
            assert_eq!(credentials(value.as_bytes()), Credentials::of(scheme), "{value}");
        }
        for value in ["Token abc1", "ApiKey abc1", "s3cr3t-k3y", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"] {
            assert_eq!(credentials(value.as_bytes()), Credentials::NONE.with(Place::Header), "{value}");
        }
    }

    #[test]
    fn what_stands_where_none_are() {
        for value in [
            "",
            "null",
            "undefined",
            "Bearer",
            "Bearer ",
            "Bearer null",
            "bearer undefined",
            "Basic",
            "Token none",
        ] {
            assert_eq!(credentials(value.as_bytes()), Credentials::NONE, "{value}");
        }
    }

    #[test]
    fn a_token_loses_its_signature() {
        assert_eq!(jwt(b"Bearer eyJh.eyJi.c2ln"), Some(&b"eyJh.eyJi"[..]));
        assert_eq!(jwt(b"Bearer eyJh.eyJi."), Some(&b"eyJh.eyJi"[..]));
        assert_eq!(jwt(b"Bearer eyJh.eyJi"), None);
        assert_eq!(jwt(b"eyJh"), None);
    }
}
