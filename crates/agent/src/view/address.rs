//! The address of the page: a token that other users of this machine cannot guess, and a code that the browser gets.
//!
//! What a program is started with is shown to all users of the machine. So the browser is started with a code, which leads to
//! the address once.

use std::fs::File;
use std::io::{self, Read};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use axum::http::uri::Authority;

/// The bytes of a token: nobody guesses 128 bits.
const BYTES: usize = 16;

/// What the address has in it.
pub(super) struct Secrets {
    token: String,
    /// What leads to the token, until that is used.
    code: Mutex<Option<String>>,
}

impl Secrets {
    /// # Errors
    /// The system has no random numbers.
    pub(super) fn new() -> io::Result<Secrets> {
        Ok(Secrets { token: random()?, code: Mutex::new(Some(random()?)) })
    }

    /// The first segment of all paths.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// The code for the browser, unless it was used.
    pub(super) fn code(&self) -> Option<String> {
        self.code.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes a code back. Returns whether it was the right one; it is so once.
    pub(super) fn redeem(&self, code: &str) -> bool {
        let mut known = self.code.lock().unwrap_or_else(PoisonError::into_inner);
        known.take_if(|known| known == code).is_some()
    }
}

fn random() -> io::Result<String> {
    let mut bytes = [0; BYTES];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Returns whether a `Host` (RFC 9110, section 7.2) is `localhost` or a loopback address: no web page reaches this one under a
/// name of its own.
pub(super) fn is_loopback_name(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host();
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    !host.contains('@')
        && (name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_good_once_and_no_two_secrets_are_the_same() {
        let secrets = Secrets::new().unwrap();
        let code = secrets.code().unwrap();
        assert!(code != secrets.token() && code.len() == 2 * BYTES);
        assert_ne!(Secrets::new().unwrap().token(), secrets.token());
        assert!(!secrets.redeem("") && !secrets.redeem(secrets.token()), "a wrong one changes nothing");
        assert!(secrets.redeem(&code) && !secrets.redeem(&code));
        assert_eq!(secrets.code(), None);
    }

    #[test]
    fn names_of_this_machine() {
        for host in ["127.0.0.1:80", "localhost", "LOCALHOST:1", "[::1]:1", "127.9.9.9"] {
            assert!(is_loopback_name(host), "{host}");
        }
        for host in ["", "shop.example", "127.0.0.1.shop.example", "a@127.0.0.1", "10.0.0.1", "localhost.x"] {
            assert!(!is_loopback_name(host), "{host}");
        }
    }
}
