//! Names of fields that clients, browsers and proxies send with almost every request. They say nothing about who asks, so
//! whoever looks for that can pass them over ([`Head::unusual`](super::Head::unusual)).

/// Names of fields that say nothing about who asks, in lower case: [`Head::unusual`](crate::Head::unusual) leaves them out.
pub const EVERYDAY: [&str; 73] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "access-control-request-headers",
    "access-control-request-method",
    "b3",
    "baggage",
    "cache-control",
    "cf-connecting-ip",
    "cf-ipcountry",
    "cf-ray",
    "cf-visitor",
    "cdn-loop",
    "connection",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-type",
    "date",
    "dnt",
    "expect",
    "forwarded",
    "grpc-accept-encoding",
    "grpc-encoding",
    "grpc-timeout",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "keep-alive",
    "origin",
    "postman-token",
    "pragma",
    "priority",
    "range",
    "referer",
    "save-data",
    "sec-ch-ua",
    "sec-ch-ua-mobile",
    "sec-ch-ua-platform",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "sec-fetch-user",
    "sec-gpc",
    "te",
    "traceparent",
    "tracestate",
    "transfer-encoding",
    "uber-trace-id",
    "upgrade",
    "upgrade-insecure-requests",
    "user-agent",
    "via",
    "x-amzn-trace-id",
    "x-b3-parentspanid",
    "x-b3-sampled",
    "x-b3-spanid",
    "x-b3-traceid",
    "x-correlation-id",
    "x-envoy-attempt-count",
    "x-envoy-expected-rq-timeout-ms",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-proto",
    "x-forwarded-scheme",
    "x-real-ip",
    "x-request-id",
    "x-requested-with",
];

/// Places for the keys of the names: so many that most are looked for once.
const PLACES: usize = 256;

/// The keys of the names, each at its place or the next free one behind it; 0 where there is none.
#[expect(clippy::indexing_slicing, reason = "a constant: the compiler checks it")]
static KEYS: [u64; PLACES] = {
    let (mut keys, mut at) = ([0; PLACES], 0);
    while at < EVERYDAY.len() {
        let key = key(EVERYDAY[at].as_bytes());
        let mut place = place(key);
        while keys[place] != 0 {
            place = (place + 1) % PLACES;
        }
        keys[place] = key;
        at += 1;
    }
    keys
};

/// Returns whether this is one of the names, whatever its case. Looks at its first and last eight bytes and its length: a
/// name that differs from one of these in the middle alone is taken for it.
#[inline]
pub(crate) const fn is_everyday(name: &[u8]) -> bool {
    let key = key(name);
    let mut place = place(key);
    // A quarter of the places is taken: the search ends.
    while let Some(known) = at(&KEYS, place) {
        if known == key {
            return true;
        }
        place = (place + 1) % PLACES;
    }
    false
}

/// The key at a place, if there is one.
#[expect(clippy::indexing_slicing, reason = "the remainder is below the number of places")]
const fn at(keys: &[u64; PLACES], place: usize) -> Option<u64> {
    let key = keys[place % PLACES];
    if key == 0 { None } else { Some(key) }
}

const fn place(key: u64) -> usize {
    (key >> 56) as usize % PLACES
}

/// A number for the first and last bytes of a name, in lower case, and its length; not 0.
const fn key(name: &[u8]) -> u64 {
    const LOWER: u64 = 0x2020_2020_2020_2020;
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
    let (first, last) = match (name.first_chunk(), name.last_chunk()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => match (name.first_chunk(), name.last_chunk()) {
            (Some(first), Some(last)) => {
                (u32::from_le_bytes(*first) as u64, u32::from_le_bytes(*last) as u64)
            }
            _ => match name {
                [] => (0, 0),
                [first, .., last] => (*first as u64, *last as u64),
                [only] => (*only as u64, 0),
            },
        },
    };
    let mixed = (first | LOWER).wrapping_mul(ODD) ^ (last | LOWER).rotate_left(32) ^ name.len() as u64;
    let mixed = mixed.wrapping_mul(ODD);
    if mixed == 0 { 1 } else { mixed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_case() {
        for name in EVERYDAY {
            assert!(
                is_everyday(name.as_bytes()) && is_everyday(name.to_ascii_uppercase().as_bytes()),
                "{name}"
            );
        }
    }

    #[test]
    fn other_names() {
        for name in [
            "",
            "a",
            "authorization",
            "cookie",
            "x-api-key",
            "x-real-id",
            "hosts",
            "hos",
            "t",
            "tee",
            "dnd",
            "x-request-ie",
            "access-control-request",
            "x-forwarded-client-cert",
        ] {
            assert!(!is_everyday(name.as_bytes()), "{name}");
        }
    }
}
