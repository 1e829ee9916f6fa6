//! What a reader found.

use super::given_up::GivenUp;
use super::operation::Operation;

/// What a reader found in an exchange of its protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// What was asked for, in the order of the request.
    pub(crate) operations: Vec<Operation>,
    /// Why something that was asked for has no name here, each time.
    pub(crate) given_up: Vec<GivenUp>,
}

impl Found {
    pub(super) fn given_up(reason: GivenUp) -> Found {
        Found { operations: Vec::new(), given_up: vec![reason] }
    }

    pub(super) fn add(&mut self, one: Result<Operation, GivenUp>) {
        match one {
            Ok(operation) => self.operations.push(operation),
            Err(reason) => self.given_up.push(reason),
        }
    }
}
