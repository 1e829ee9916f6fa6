//! Reading the bodies that the store has.

use inventory::{BodyExample, EndpointKey};
use redb::Database;

use crate::changes::Kind;
use crate::database::{self, guarded};
use crate::record::{body_key, encode_key, read_body, read_endpoint};
use crate::trouble::Trouble;

/// What the store has of a body.
#[derive(Debug)]
pub(crate) enum Fetched {
    Body(BodyExample),
    /// There is none, or it is damaged.
    Lost,
    /// The store cannot be read now.
    Away,
}

/// Reads a body: beside its endpoint, or in the record of one that an earlier version wrote.
pub(super) fn read(database: &Database, key: &EndpointKey) -> Fetched {
    let Some(key) = encode_key(key) else { return Fetched::Lost };
    let beside = body_key(&key);
    let read = guarded(|| {
        if let Some(value) = database::get(database, Kind::Body, &beside)? {
            return Ok(read_body(&beside, &value).ok());
        }
        Ok(database::get(database, Kind::Endpoint, &key)?.and_then(|value| body_inside(&key, &value)))
    });
    match read {
        Ok(Some(body)) => Fetched::Body(body),
        Ok(None) | Err(Trouble::Damaged(_)) => Fetched::Lost,
        Err(_) => Fetched::Away,
    }
}

/// The body that stands in the record of an endpoint.
pub(super) fn body_inside(key: &[u8], value: &[u8]) -> Option<BodyExample> {
    Some(*read_endpoint(key, value).ok()?.1.details.body?)
}
