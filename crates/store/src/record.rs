//! How an endpoint, or a learned mapping, is written: key and value as bytes.
//!
//! Key of an endpoint: a tag for the kind of owner, then namespace, name, method and template, each with its length in
//! front (16 bits, little-endian); of a mapping: the same without method and template; of a body: a tag, then the key of
//! its endpoint, and so of shapes; of paths: a tag, then tag and names of their owner. Value: the version of the form, a CRC-32 over key, version and payload (little-endian), the payload,
//! which is JSON; of a body: its media type with its length in front, then its text. redb's own checksums are looked
//! at when the file is opened, not when a value is read.

use std::sync::Arc;

use identify::ServiceName;
use inventory::{BodyExample, EndpointKey, LearnedMapping, Record};
use redact::{Owner, Shapes, StoredPaths};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::changes::Kind;

/// The version of the form of values. Older ones are read; there are none yet.
const VERSION: u8 = 1;

const SERVICE: u8 = 1;
const ADDRESS: u8 = 2;
/// Stands before the key of an endpoint where the value is its body.
const BODY: u8 = 3;

/// Stands before the key of an owner where the value is what is known about its paths.
const PATHS: u8 = 4;

/// Stands before the key of an endpoint where the value is its shapes.
const SHAPES: u8 = 5;

/// Why a stored value was left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Its checksum or its form is wrong.
    Damaged,
    /// A later version of this program wrote it.
    Newer,
}

/// Reads an endpoint from its key and its value as they stand in the file. Any bytes may stand there.
///
/// # Errors
/// Key and value do not belong together, or one of them is not what this version knows.
pub fn read_endpoint(key: &[u8], value: &[u8]) -> Result<(EndpointKey, Record), Unreadable> {
    let record = decode_value(key, value)?;
    Ok((decode_key(key).ok_or(Unreadable::Damaged)?, record))
}

/// Reads a learned mapping from its key and its value, as [`read_endpoint`].
///
/// # Errors
/// As [`read_endpoint`].
pub fn read_mapping(key: &[u8], value: &[u8]) -> Result<(ServiceName, LearnedMapping), Unreadable> {
    let mapping = decode_value(key, value)?;
    Ok((decode_service(key).ok_or(Unreadable::Damaged)?, mapping))
}

/// Reads what is known about the paths of an owner from its key and its value, as [`read_endpoint`].
///
/// # Errors
/// As [`read_endpoint`].
pub fn read_paths(key: &[u8], value: &[u8]) -> Result<(Owner, StoredPaths), Unreadable> {
    let paths = decode_value(key, value)?;
    Ok((decode_owner(key).ok_or(Unreadable::Damaged)?, paths))
}

/// Reads the shapes of an endpoint from their key and their value, as [`read_endpoint`].
///
/// # Errors
/// As [`read_endpoint`].
pub fn read_shapes(key: &[u8], value: &[u8]) -> Result<(EndpointKey, Shapes), Unreadable> {
    let shapes = decode_value(key, value)?;
    let endpoint = key.strip_prefix(&[SHAPES]).and_then(decode_key);
    Ok((endpoint.ok_or(Unreadable::Damaged)?, shapes))
}

/// The key as bytes. `None` when a part of it is too long to be stored.
pub(crate) fn encode_key(key: &EndpointKey) -> Option<Vec<u8>> {
    let (tag, namespace, name) = names(&key.owner);
    parts(tag, &[&namespace, &name, &key.method, &key.template])
}

/// The key of the paths of an owner. `None` when a name is too long to be stored.
pub(crate) fn encode_owner(owner: &Owner) -> Option<Vec<u8>> {
    let (tag, namespace, name) = names(owner);
    Some([vec![PATHS], parts(tag, &[&namespace, &name])?].concat())
}

/// The reverse of [`encode_owner`].
fn decode_owner(bytes: &[u8]) -> Option<Owner> {
    let (tag, mut rest) = bytes.strip_prefix(&[PATHS])?.split_first()?;
    let (namespace, name) = (part(&mut rest)?, part(&mut rest)?);
    owner(*tag, namespace, name).filter(|_| rest.is_empty())
}

/// The tag for the kind of an owner, and its names.
fn names(owner: &Owner) -> (u8, String, String) {
    match owner {
        Owner::Service(service) => (SERVICE, service.namespace.clone(), service.name.clone()),
        Owner::Address(socket) => (ADDRESS, String::new(), socket.to_string()),
    }
}

/// The reverse of [`names`].
fn owner(tag: u8, namespace: String, name: String) -> Option<Owner> {
    match tag {
        SERVICE => Some(Owner::Service(Arc::new(ServiceName { namespace, name }))),
        ADDRESS => Some(Owner::Address(name.parse().ok()?)),
        _ => None,
    }
}

/// The key of the body of an endpoint, from that of the endpoint.
pub(crate) fn body_key(endpoint: &[u8]) -> Vec<u8> {
    [&[BODY], endpoint].concat()
}

/// The key of the shapes of an endpoint, from that of the endpoint.
pub(crate) fn shapes_key(endpoint: &[u8]) -> Vec<u8> {
    [&[SHAPES], endpoint].concat()
}

/// Returns what a value with this key is about. `None` if it is no key.
pub(crate) fn kind_of(key: &[u8]) -> Option<Kind> {
    match key.split_first() {
        Some((&BODY, endpoint)) => decode_key(endpoint).map(|_| Kind::Body),
        Some((&SHAPES, endpoint)) => decode_key(endpoint).map(|_| Kind::Shapes),
        _ if decode_owner(key).is_some() => Some(Kind::Paths),
        _ if decode_service(key).is_some() => Some(Kind::Mapping),
        _ => decode_key(key).map(|_| Kind::Endpoint),
    }
}

/// The key of a learned mapping. `None` when a name is too long to be stored.
pub(crate) fn encode_service(service: &ServiceName) -> Option<Vec<u8>> {
    parts(SERVICE, &[&service.namespace, &service.name])
}

/// The reverse of [`encode_service`].
fn decode_service(bytes: &[u8]) -> Option<ServiceName> {
    let mut rest = bytes.strip_prefix(&[SERVICE])?;
    let (namespace, name) = (part(&mut rest)?, part(&mut rest)?);
    rest.is_empty().then_some(ServiceName { namespace, name })
}

fn parts(tag: u8, parts: &[&str]) -> Option<Vec<u8>> {
    let mut bytes = vec![tag];
    for part in parts {
        bytes.extend_from_slice(&u16::try_from(part.len()).ok()?.to_le_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    Some(bytes)
}

/// Takes the next part off the front.
fn part(rest: &mut &[u8]) -> Option<String> {
    let (length, tail) = rest.split_first_chunk::<2>()?;
    let (text, tail) = tail.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
    *rest = tail;
    String::from_utf8(text.to_vec()).ok()
}

/// The reverse of [`encode_key`].
fn decode_key(bytes: &[u8]) -> Option<EndpointKey> {
    let (tag, mut rest) = bytes.split_first()?;
    let mut part = || part(&mut rest);
    let (namespace, name, method, template) = (part()?, part()?, part()?, part()?);
    let owner = owner(*tag, namespace, name)?;
    rest.is_empty().then_some(EndpointKey { owner, method, template })
}

/// The value as bytes, to be stored under this key. `None` when it cannot be written.
pub(crate) fn encode_value(key: &[u8], record: &impl Serialize) -> Option<Vec<u8>> {
    Some(with_checksum(key, &serde_json::to_vec(record).ok()?))
}

/// A body as bytes, to be stored under this key. The text stands as it is, so that it takes what it was said to take.
/// `None` when its type is too long to be stored.
pub(crate) fn encode_body(key: &[u8], body: &BodyExample) -> Option<Vec<u8>> {
    let length = u16::try_from(body.content_type.len()).ok()?.to_le_bytes();
    let payload = [&length, body.content_type.as_bytes(), body.content.as_bytes()].concat();
    Some(with_checksum(key, &payload))
}

/// Reads a body from its key and its value as they stand in the file, as [`read_endpoint`].
///
/// # Errors
/// As [`read_endpoint`].
pub fn read_body(key: &[u8], value: &[u8]) -> Result<BodyExample, Unreadable> {
    let mut rest = payload(key, value)?;
    let content_type = part(&mut rest).ok_or(Unreadable::Damaged)?;
    let content = String::from_utf8(rest.to_vec()).map_err(|_| Unreadable::Damaged)?;
    Ok(BodyExample { content_type, content })
}

fn with_checksum(key: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(payload.len() + 5);
    bytes.push(VERSION);
    bytes.extend_from_slice(&checksum(key, VERSION, payload).to_le_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// The reverse of [`encode_value`].
fn decode_value<T: DeserializeOwned>(key: &[u8], bytes: &[u8]) -> Result<T, Unreadable> {
    serde_json::from_slice(payload(key, bytes)?).map_err(|_| Unreadable::Damaged)
}

/// What stands behind version and checksum, if these are right.
fn payload<'a>(key: &[u8], bytes: &'a [u8]) -> Result<&'a [u8], Unreadable> {
    let (version, rest) = bytes.split_first().ok_or(Unreadable::Damaged)?;
    let (stored, payload) = rest.split_first_chunk::<4>().ok_or(Unreadable::Damaged)?;
    if u32::from_le_bytes(*stored) != checksum(key, *version, payload) {
        return Err(Unreadable::Damaged);
    }
    if *version > VERSION {
        return Err(Unreadable::Newer);
    }
    Ok(payload)
}

fn checksum(key: &[u8], version: u8, payload: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(key);
    crc.update(&[version]);
    crc.update(payload);
    crc.finalize()
}

/// A value as a later version would write it.
#[cfg(test)]
pub(crate) fn as_newer(key: &[u8], payload: &[u8]) -> Vec<u8> {
    let checksum = checksum(key, VERSION + 1, payload).to_le_bytes();
    [&[VERSION + 1], checksum.as_slice(), payload].concat()
}

#[cfg(test)]
mod tests {
    use decode::Timestamp;
    use inventory::{BodyExample, Counts, Delivery, Details, Instance, Progress, Record};

    use super::*;
    use crate::testing::owner;

    fn key(owner: Owner) -> EndpointKey {
        EndpointKey { owner, method: "GET".into(), template: "/users/{userId}".into() }
    }

    fn record() -> Record {
        let seen = Some(Timestamp::from_nanos(17));
        let counts = Counts { first: seen, last: seen, requests: 3, statuses: vec![(200, 3)], unanswered: 0 };
        let body = BodyExample { content_type: "application/json".into(), content: "{}".into() };
        let mut details: Details = serde_json::from_str(r#"{"query": [["page","1"]]}"#).unwrap();
        details.body = Some(Box::new(body));
        let instance = Instance { app: "a".into(), instance: "i".into() };
        let progress = Progress { instance: Some(instance), pushed_revision: 2, ..Progress::default() };
        let delivery = Delivery { progress: Some(Box::new(progress)), ..Delivery::default() };
        Record { counts, details, delivery, noise: Some("health check".into()), ..Record::default() }
    }

    fn without_body(mut record: Record) -> Record {
        record.details.body = None;
        record
    }

    #[test]
    fn bodies_come_back_as_they_were() {
        let key = body_key(&encode_key(&key(owner("cart"))).unwrap());
        for content in ["", "{\"a\": \"\u{202e}\"}"] {
            let body = BodyExample { content_type: "application/json".into(), content: content.into() };
            let value = encode_body(&key, &body).unwrap();
            assert_eq!(read_body(&key, &value), Ok(body));
            for bit in 0..value.len() * 8 {
                let mut flipped = value.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(read_body(&key, &flipped), Err(Unreadable::Damaged), "bit {bit}");
            }
        }
    }

    #[test]
    fn keys_and_values_come_back() {
        for owner in [owner("cart"), Owner::Address("[::1]:80".parse().unwrap())] {
            let key = key(owner);
            let bytes = encode_key(&key).unwrap();
            assert_eq!(decode_key(&bytes), Some(key));
            let value = encode_value(&bytes, &record()).unwrap();
            assert_eq!(decode_value(&bytes, &value), Ok(without_body(record())));
        }
    }

    #[test]
    fn every_flipped_bit_is_found() {
        let key = encode_key(&key(owner("cart"))).unwrap();
        let value = encode_value(&key, &record()).unwrap();
        for bit in 0..value.len() * 8 {
            let mut flipped = value.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode_value::<Record>(&key, &flipped), Err(Unreadable::Damaged), "bit {bit}");
        }
        for length in 0..value.len() {
            assert_eq!(
                decode_value::<Record>(&key, &value[..length]),
                Err(Unreadable::Damaged),
                "cut at {length}"
            );
        }
    }

    #[test]
    fn a_value_under_another_key_is_damage() {
        let mine = encode_key(&key(owner("cart"))).unwrap();
        let other = encode_key(&key(owner("shop"))).unwrap();
        let value = encode_value(&mine, &record()).unwrap();
        assert_eq!(decode_value::<Record>(&other, &value), Err(Unreadable::Damaged));
    }

    #[test]
    fn a_newer_value_is_told_from_damage() {
        let key = encode_key(&key(owner("cart"))).unwrap();
        assert_eq!(decode_value::<Record>(&key, &as_newer(&key, b"?")), Err(Unreadable::Newer));
    }

    #[test]
    fn fields_that_an_older_version_did_not_write_are_filled_in() {
        let record: Record = serde_json::from_str(r#"{"counts":{"requests":4}}"#).unwrap();
        assert_eq!((record.counts.requests, record.delivery), (4, Delivery::default()));
    }

    /// What stands on customers' disks: it is read for ever. Whoever changes the form adds a version and keeps this.
    #[test]
    fn a_value_of_version_1_is_read() {
        const KEY: &[u8] = b"\x01\x04\x00shop\x04\x00cart\x03\x00GET\x0f\x00/users/{userId}";
        const VALUE: &[u8] = b"\x01!s\x86k{\"counts\":{\"first\":17,\"last\":17,\"requests\":3,\
            \"statuses\":[[200,3]],\"unanswered\":0},\"details\":{\"path_params\":[],\"query\":[[\"page\",\"1\"]],\
            \"headers\":[],\"request_types\":[],\"response_types\":[],\"body\":{\"content_type\":\"application/json\",\
            \"content\":\"{}\"},\"body_fields\":0,\"body_seen\":false,\"beyond_caps\":0},\"delivery\":{\"confirmed\":false,\
            \"unsettled\":false,\"revision\":0,\"news_at\":0,\"progress\":{\"instance\":{\"app\":\"a\",\"instance\":\"i\"},\
            \"platform_id\":null,\"platform_path\":null,\"added\":false,\"adds\":0,\"pushed_revision\":2,\"pushed_at\":0,\
            \"verified_at\":0,\"commits\":[],\"superseded\":[],\"unmatched_at\":0,\"failures\":0,\"restored\":false,\
            \"gone_at\":0},\"not_before\":0,\"last_error\":null,\"set_aside\":null},\"noise\":\"health check\"}";
        assert_eq!(decode_key(KEY), Some(key(owner("cart"))));
        assert_eq!(decode_value(KEY, VALUE), Ok(record()));
        // What is written now has the body beside it.
        let Some(now) = encode_value(KEY, &record()) else { panic!() };
        assert!(!String::from_utf8_lossy(&now).contains("\"body\""));
        assert_eq!(decode_value(KEY, &now), Ok(without_body(record())));
    }

    #[test]
    fn bad_keys_are_refused() {
        let good = encode_key(&key(owner("cart"))).unwrap();
        for length in 0..good.len() {
            assert_eq!(decode_key(&good[..length]), None);
        }
        assert_eq!(decode_key(&[good.as_slice(), b"x"].concat()), None);
        let long = EndpointKey { template: "x".repeat(70_000), ..key(owner("cart")) };
        assert_eq!(encode_key(&long), None);
    }
}
