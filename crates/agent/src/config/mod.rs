//! The configuration: `service_config.json`, and what flags and variables change of it.

mod duplicates;
mod file;
mod mapping;
mod mounted;
mod placeholder;
mod problem;
mod secret;
mod settings;

use std::path::PathBuf;

use crate::cli::ConfigArgs;

pub(crate) use mapping::{Mappings, bare, covers};
pub(crate) use mounted::Mounted;
pub(crate) use placeholder::is_placeholder;
pub(crate) use problem::Problem;
pub(crate) use secret::{KEY_VARIABLE, Platform, platform, read_key_text};
pub(crate) use settings::Monitor;

/// Where the guide's ConfigMap is mounted.
const DEFAULT_PATH: &str = "/etc/traffic-monitor/service_config.json";

/// A configuration that was read, with what was wrong in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Config {
    /// `apiKey`, trimmed; none when blank or missing.
    pub(crate) key: Option<push::ApiKey>,
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
    /// What was wrong. It is not used, but for placeholders of the example, about which the platform has the last word.
    pub(crate) problems: Vec<Problem>,
}

/// The path of the configuration file: as given, else where the ConfigMap is mounted.
pub(crate) fn path(args: &ConfigArgs) -> PathBuf {
    args.config.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_PATH))
}

/// Reads the configuration file and the mounted Secret. What is right in them is used, what is wrong is named in
/// [`Config::problems`].
///
/// # Errors
/// Nothing of it can be used: it is missing, too large, or not a JSON object.
pub(crate) fn load(args: &ConfigArgs) -> Result<Config, Problem> {
    let path = path(args);
    let mut config = file::read(&path).and_then(|text| file::parse(&text, &path.display().to_string()))?;
    mounted::add(&mut config, &args.secret);
    Ok(config)
}

/// Reads a configuration from its text, as [`load`] does; `place` is its name in messages.
///
/// # Errors
/// As [`load`].
pub(crate) fn parse(text: &str, place: &str) -> Result<Config, Problem> {
    file::parse(text, place)
}
