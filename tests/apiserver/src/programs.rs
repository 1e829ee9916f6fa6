//! What clients start in pods.

use std::process::Output;

/// What a client wants to be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exec {
    /// The pod's namespace.
    pub namespace: String,
    /// The pod's name.
    pub pod: String,
    /// The container, if the client named one.
    pub container: String,
    /// The program and its arguments.
    pub command: Vec<String>,
}

/// What is started: gives what the program says, or why it cannot be started.
pub(crate) type Programs = dyn Fn(&Exec) -> Result<Output, String> + Send + Sync;
