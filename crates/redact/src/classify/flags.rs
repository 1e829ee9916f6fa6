//! Values that say how a thing is, and not the thing.

use super::words::longest;

/// Words that say it under the name of a credential: `mfa: "enabled"`, `auth: "oauth2"`. Words that people take for
/// passwords (`admin`, `guest`, `default`) are not among them.
const FLAGS: [&str; 125] = [
    "true",
    "false",
    "yes",
    "no",
    "on",
    "off",
    "null",
    "none",
    "nil",
    "undefined",
    "n/a",
    "enabled",
    "disabled",
    "enable",
    "disable",
    "required",
    "optional",
    "mandatory",
    "active",
    "inactive",
    "activated",
    "deactivated",
    "pending",
    "expired",
    "expiring",
    "revoked",
    "valid",
    "invalid",
    "verified",
    "unverified",
    "confirmed",
    "unconfirmed",
    "locked",
    "unlocked",
    "set",
    "unset",
    "missing",
    "present",
    "absent",
    "empty",
    "strict",
    "lax",
    "unknown",
    "success",
    "failed",
    "failure",
    "allow",
    "deny",
    "allowed",
    "denied",
    "accepted",
    "rejected",
    "granted",
    "ok",
    "error",
    "open",
    "closed",
    "started",
    "ended",
    "always",
    "never",
    "auto",
    "automatic",
    "manual",
    "must_change",
    "reset",
    "basic",
    "bearer",
    "digest",
    "negotiate",
    "oauth",
    "oauth1",
    "oauth2",
    "oidc",
    "openid",
    "saml",
    "saml2",
    "ldap",
    "kerberos",
    "ntlm",
    "jwt",
    "jws",
    "jwe",
    "mfa",
    "2fa",
    "otp",
    "totp",
    "hotp",
    "sms",
    "email",
    "phone",
    "push",
    "webauthn",
    "fido2",
    "u2f",
    "passkey",
    "biometric",
    "certificate",
    "mtls",
    "tls",
    "hmac",
    "apikey",
    "api_key",
    "api-key",
    "access_token",
    "refresh_token",
    "id_token",
    "session",
    "cookie",
    "sso",
    "anonymous",
    "rs256",
    "rs384",
    "rs512",
    "hs256",
    "hs384",
    "hs512",
    "es256",
    "es384",
    "ps256",
    "eddsa",
    "ed25519",
    "sha256",
    "sha512",
    "hmac-sha256",
];

/// The longest flag.
const LONGEST: usize = longest(&FLAGS);

/// Returns whether a value says how a thing is: a flag, or nothing but marks in the place of a value.
pub(crate) fn is_flag(value: &str) -> bool {
    let value = value.trim();
    let masked = value.chars().all(|one| "*\u{2022}".contains(one));
    masked || value.len() <= LONGEST && FLAGS.iter().any(|flag| flag.eq_ignore_ascii_case(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_passwords() {
        for value in ["", "true", "Enabled", " OAuth2 ", "RS256", "****", "none"] {
            assert!(is_flag(value), "{value}");
        }
        for value in ["hunter2", "admin", "guest", "1", "enabled2", "*a*"] {
            assert!(!is_flag(value), "{value}");
        }
    }
}
