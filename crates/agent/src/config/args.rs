//! The flags and variables that say where the configuration is.

use std::path::PathBuf;

use clap::Args;

/// The place at which the guide's ConfigMap is mounted.
const DEFAULT_PATH: &str = "/etc/traffic-monitor/service_config.json";

/// The sources of the configuration and of the key, and the hosts to which the key may be sent.
#[derive(Args, Clone, Debug)]
pub(crate) struct ConfigArgs {
    /// The configuration file [default: /etc/traffic-monitor/service_config.json]
    #[arg(long, value_name = "FILE", env = "SERVICE_CONFIG_PATH")]
    pub(crate) config: Option<PathBuf>,
    /// Read the API key from this file instead (the variable APISEC_API_KEY works too; both win over the configuration)
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// Where a Secret with the files apiKey and, if wanted, apisecUrl is mounted; it wins over the configuration
    #[arg(long, value_name = "DIR", default_value = "/etc/traffic-monitor-key")]
    pub(crate) secret: PathBuf,
    /// Trust the certificate authorities in this file (PEM) too; wins over caFile of the configuration
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Allow a key that is not from the configuration to be sent to this host too, besides *.apisecapps.com
    #[arg(long, value_name = "HOST")]
    pub(crate) allow_api_host: Vec<String>,
    /// Allow plain HTTP to a platform on loopback, for tests
    #[arg(long)]
    pub(crate) allow_http: bool,
}

impl ConfigArgs {
    /// Returns the path of the configuration file: the given one, else where the ConfigMap is mounted.
    pub(crate) fn path(&self) -> PathBuf {
        self.config.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_PATH))
    }
}
