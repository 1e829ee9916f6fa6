//! One operation.

use serde::{Deserialize, Serialize};

/// The protocol that an operation belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OperationProtocol {
    /// GraphQL (<https://spec.graphql.org>) over HTTP.
    GraphQl,
    /// JSON-RPC 2.0 (<https://www.jsonrpc.org/specification>).
    JsonRpc,
    /// The Model Context Protocol (<https://modelcontextprotocol.io>), which is JSON-RPC.
    Mcp,
    /// SOAP 1.1 and 1.2 (<https://www.w3.org/TR/soap/>).
    Soap,
}

/// What kind of operation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OperationKind {
    /// A query of GraphQL.
    Query,
    /// A mutation of GraphQL.
    Mutation,
    /// A subscription of GraphQL.
    Subscription,
    /// A call that has an answer.
    Call,
    /// A call of JSON-RPC that has none.
    Notification,
}

impl OperationProtocol {
    /// Returns its name, as it is shown and stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            OperationProtocol::GraphQl => "graphql",
            OperationProtocol::JsonRpc => "jsonrpc",
            OperationProtocol::Mcp => "mcp",
            OperationProtocol::Soap => "soap",
        }
    }
}

impl OperationKind {
    /// Returns its name, as it is shown and stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            OperationKind::Query => "query",
            OperationKind::Mutation => "mutation",
            OperationKind::Subscription => "subscription",
            OperationKind::Call => "call",
            OperationKind::Notification => "notification",
        }
    }
}

/// What became of it, as far as that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationOutcome {
    /// Nothing says that it failed.
    Fine,
    /// The server ran it, and it failed.
    Failed,
    /// It failed in a way that does not say that there is such an operation: an error where it is known, and else nothing.
    Doubtful,
}

/// Something that a request asked for beside its URL. Its names are redacted: what looks like a value is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    pub(crate) protocol: OperationProtocol,
    pub(crate) kind: OperationKind,
    pub(crate) name: String,
    pub(crate) fields: Vec<String>,
    pub(crate) outcome: OperationOutcome,
}

impl Operation {
    /// Returns its protocol.
    #[must_use]
    pub fn protocol(&self) -> OperationProtocol {
        self.protocol
    }

    /// Returns its kind.
    #[must_use]
    pub fn kind(&self) -> OperationKind {
        self.kind
    }

    /// Returns its name, at most 128 bytes; of GraphQL without a name the root fields in braces.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the root fields of GraphQL, at most 16; of other protocols none.
    #[must_use]
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// Returns what became of it.
    #[must_use]
    pub fn outcome(&self) -> OperationOutcome {
        self.outcome
    }
}
