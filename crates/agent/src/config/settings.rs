//! What a configuration says.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use push::ApiKey;
use redact::{Examples, PathRule};

use super::mapping::Mappings;
use super::problem::Problem;

/// A configuration that was read, with what was wrong in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// `apiKey`, trimmed; none when blank or missing.
    pub(crate) key: Option<ApiKey>,
    /// `apisecUrl` or `devApiUrl`, as written.
    pub(crate) url: Option<String>,
    /// The mounted Secret.
    pub(crate) secret: Mounted,
    /// `autoOnboardNewServices`.
    pub(crate) onboard: bool,
    /// `serviceMappings`.
    pub(crate) mappings: Mappings,
    /// `monitor`.
    pub(crate) monitor: Monitor,
    /// A wrong value. It is not used, but for placeholders of the example, about which the platform has the last word.
    pub(crate) problems: Vec<Problem>,
}

/// The contents of the mounted Secret `traffic-monitor-api-key`, as far as they are there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mounted {
    /// `apiKey`; none when blank or missing.
    pub(crate) key: Option<ApiKey>,
    /// `apisecUrl`.
    pub(crate) url: Option<String>,
}

/// The `monitor` object: our own settings, with the defaults of the platform's contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Monitor {
    /// How far values are replaced by surrogates before they are sent.
    pub(crate) examples: Examples,
    /// How many bytes of a body are read.
    pub(crate) body_bytes: usize,
    /// How many endpoints a Service may have.
    pub(crate) endpoints_per_service: usize,
    /// The memory budget in MiB; 0: the default of the command (run 160, replay 64).
    pub(crate) memory_mib: usize,
    /// The largest size of the store in MiB.
    pub(crate) store_mib: usize,
    /// How long a template that might still change waits before it is pushed, in seconds.
    pub(crate) settle_seconds: u64,
    /// How long additions to an endpoint are collected before they are pushed, in seconds.
    pub(crate) collect_seconds: u64,
    /// After how many days an endpoint that is not seen any more is marked; 0 for never.
    pub(crate) unseen_days: u64,
    /// Requests in one preview call.
    pub(crate) preview_batch: usize,
    /// Endpoints in one add call.
    pub(crate) add_batch: usize,
    /// The most calls to the platform in a second.
    pub(crate) calls_per_second: u32,
    /// Where health (and metrics) are served.
    pub(crate) port: u16,
    /// Whether metrics are served.
    pub(crate) metrics: bool,
    /// True if TLS is read, where the operator turned that on (`--tls`).
    pub(crate) tls: bool,
    /// A file with further certificate authorities (PEM).
    pub(crate) ca_file: Option<PathBuf>,
    /// Folders with key logs that programs write.
    pub(crate) key_logs: Vec<PathBuf>,
    /// Files with descriptor sets of protobuf.
    pub(crate) descriptor_sets: Vec<PathBuf>,
    /// The teams' own documents of OpenAPI, by the Service that they are of: what `drift` compares with.
    pub(crate) specs: BTreeMap<String, PathBuf>,
    /// The rules of people about words and variables in paths.
    pub(crate) path_rules: Arc<[PathRule]>,
}

impl Default for Monitor {
    fn default() -> Self {
        Monitor {
            examples: Examples::default(),
            body_bytes: 65_536,
            endpoints_per_service: 5_000,
            memory_mib: 0,
            store_mib: 256,
            settle_seconds: 30,
            collect_seconds: 60,
            unseen_days: 30,
            preview_batch: 1,
            add_batch: 50,
            calls_per_second: 10,
            port: 9808,
            metrics: false,
            tls: true,
            ca_file: None,
            key_logs: Vec::new(),
            descriptor_sets: Vec::new(),
            specs: BTreeMap::new(),
            path_rules: [].into(),
        }
    }
}
