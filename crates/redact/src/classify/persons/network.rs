//! Addresses of machines on networks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::super::bytes::{from, until};

/// The address that stands for those of clients.
const SURROGATE: [u8; 4] = [192, 0, 2, 1];

/// The longest address, in bytes.
const MAX_ADDRESS: usize = 45;

/// Returns where the address that begins at `start` ends: of a card of a network, or of a machine on the Internet or an inner network.
pub(super) fn address_at(text: &[u8], start: usize) -> Option<usize> {
    let rest = from(text, start);
    hardware(rest).or_else(|| internet(rest)).map(|length| start + length)
}

/// Six pairs of hexadecimal digits (IEEE 802), with one kind of separator, or three fours with dots.
fn hardware(rest: &[u8]) -> Option<usize> {
    let between = *rest.get(2)?;
    if b":-".contains(&between) {
        groups(rest, 2, between)
    } else if rest.get(4) == Some(&b'.') {
        groups(rest, 4, b'.')
    } else {
        None
    }
}

/// The length of twelve hexadecimal digits in groups.
fn groups(rest: &[u8], size: usize, between: u8) -> Option<usize> {
    let length = 12 + 12 / size - 1;
    let text = rest.get(..length)?;
    let such = text.iter().enumerate().all(|(at, byte)| match at % (size + 1) {
        place if place == size => *byte == between,
        _ => byte.is_ascii_hexdigit(),
    });
    // Digits in fours are numbers.
    let lettered = size == 2 || text.iter().any(u8::is_ascii_alphabetic);
    let ends = !rest.get(length).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == between);
    (such && lettered && ends).then_some(length)
}

fn internet(rest: &[u8]) -> Option<usize> {
    // Most words are none, which their first bytes say.
    let first = until(rest, 5).iter().position(|byte| !byte.is_ascii_hexdigit())?;
    if !matches!(rest.get(first), Some(b'.' | b':')) {
        return None;
    }
    let is_address = |byte: &u8| byte.is_ascii_hexdigit() || b".:".contains(byte);
    let run = rest.iter().take(MAX_ADDRESS).take_while(|byte| is_address(byte)).count();
    let run = until(rest, run);
    let colon = run.iter().position(|byte| *byte == b':').unwrap_or(run.len());
    if colon < 5 && colon < run.len() {
        let address: Ipv6Addr = text(run)?.parse().ok()?;
        let named = run.iter().any(u8::is_ascii_digit) && !address.is_loopback() && !address.is_unspecified();
        return named.then_some(text(run)?.len());
    }
    let four = text(until(run, colon))?;
    let address: Ipv4Addr = four.parse().ok()?;
    let next = rest.get(four.len()).copied();
    let bound = matches!(next, Some(b':' | b'/')) && rest.get(four.len() + 1).is_some_and(u8::is_ascii_digit);
    is_someones(address, bound).then_some(four.len())
}

/// Text without the dots at its end.
fn text(run: &[u8]) -> Option<&str> {
    let end = run.iter().rposition(|byte| *byte != b'.')? + 1;
    std::str::from_utf8(until(run, end)).ok()
}

/// Returns whether an address belongs to someone, and is no version (`120.0.0.0`, `4.18.0.1`): those begin with small numbers, and
/// have more of them. One of an inner network with a port or a length behind it (`bound`) says where a program listens.
fn is_someones(address: Ipv4Addr, bound: bool) -> bool {
    let octets = address.octets();
    let inner = address.is_private() || address.is_link_local() || matches!(octets, [100, 64..=127, ..]);
    let other = address.is_loopback() || matches!(octets, [0 | 224..=255, ..]) || octets == SURROGATE;
    let small = octets.iter().filter(|octet| **octet < 10).count();
    let version = small > 2
        || octets.ends_with(&[0, 0])
        || small == 2 && octets.first().is_some_and(|first| *first < 30);
    !(other || inner && bound || version)
}

/// Returns whether there is an address in a value: alone, with a port, or in a list.
pub(super) fn has_address(value: &str) -> bool {
    value.split([',', ' ', ';', '/', '"']).any(|piece| {
        let piece = piece.trim_start_matches('[');
        let piece = piece.split_once(']').map_or(piece, |(address, _)| address);
        let four = piece.split_once(':').map_or(piece, |(address, _)| address);
        piece.parse::<IpAddr>().is_ok() || four.parse::<Ipv4Addr>().is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let whole = |text: &str| address_at(text.as_bytes(), 0) == Some(text.len());
        for text in [
            "84.21.77.9",
            "203.0.113.7",
            "203.0.113.77",
            "2a02:8109:abc::12",
            "2001:4860:4860::8888",
            "aa:bb:cc:dd:ee:0f",
            "AA-BB-CC-DD-EE-0F",
        ] {
            assert!(whole(text), "{text}");
        }
        for text in [
            "10.0.0.1",
            "127.0.0.1",
            "120.0.0.0",
            "4.18.0.305",
            "1.2.3.4",
            "::1",
            "10:30:15",
            "192.0.2.1",
            "aa:bb:cc:dd:ee:ff:00",
        ] {
            assert!(!whole(text), "{text}");
        }
        assert_eq!(address_at(b"84.21.77.9:443", 0), Some(10));
        assert_eq!(address_at(b"84.21.77.9.", 0), Some(10));
        assert!(
            has_address("10.1.2.3:80")
                && has_address("a, [::1]:443")
                && !has_address("10:30")
                && !has_address("1.2")
        );
    }
}
