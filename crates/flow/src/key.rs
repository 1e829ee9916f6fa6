//! The hash of a connection's identity, the same for both directions.

use std::hash::{BuildHasher, Hash, Hasher};
use std::net::{IpAddr, SocketAddr};

use decode::Origin;
use foldhash::fast::RandomState;

/// Returns the hash of two ends and their origin, in whichever order the ends come. The seed is secret and random: addresses and
/// ports are chosen by strangers, who must not be able to make them collide.
#[inline]
pub(crate) fn hash(seed: &RandomState, one: &SocketAddr, other: &SocketAddr, origin: Origin) -> u32 {
    let mut hasher = seed.build_hasher();
    if let (SocketAddr::V4(one), SocketAddr::V4(other)) = (one, other) {
        let (one, other) =
            (word(u32::from(*one.ip()), one.port()), word(u32::from(*other.ip()), other.port()));
        hasher.write_u64(one.min(other));
        hasher.write_u64(one.max(other));
    } else {
        let (low, high) = if in_order(one, other) { (one, other) } else { (other, one) };
        for end in [low, high] {
            hasher.write_u128(wide(end));
            hasher.write_u16(end.port());
        }
    }
    origin.hash(&mut hasher);
    let hash = hasher.finish();
    (hash >> 32) as u32 ^ hash as u32
}

/// Returns whether `one` comes before `other` in an order of all ends, by which the two directions of a connection can be
/// told apart when nothing else of it is known.
pub(crate) fn in_order(one: &SocketAddr, other: &SocketAddr) -> bool {
    (wide(one), one.port()) <= (wide(other), other.port())
}

/// Returns the hash as the hash table wants it: with its bits above and below.
#[inline]
pub(crate) fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}

fn word(address: u32, port: u16) -> u64 {
    u64::from(address) << 16 | u64::from(port)
}

fn wide(end: &SocketAddr) -> u128 {
    match end.ip() {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_hash_alike_and_other_connections_do_not() {
        let seed = RandomState::default();
        let ends: Vec<SocketAddr> =
            ["10.0.0.1:1", "10.0.0.1:2", "10.0.0.2:1", "[fe80::1]:1", "[fe80::1]:2", "[fe80::2]:1"]
                .iter()
                .map(|end| end.parse().unwrap())
                .collect();
        let mut seen = Vec::new();
        for (position, one) in ends.iter().enumerate() {
            for other in &ends[position..] {
                let hash = hash(&seed, one, other, Origin::Wire);
                assert_eq!(hash, super::hash(&seed, other, one, Origin::Wire));
                assert!(!seen.contains(&hash), "{one} {other}");
                seen.push(hash);
                assert!(one == other || in_order(one, other) != in_order(other, one));
            }
        }
    }
}
