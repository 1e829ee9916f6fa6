//! The configuration: `service_config.json`, and what flags and variables change of it.

mod args;
pub(crate) mod descriptors;
mod duplicates;
mod file;
mod known;
mod mapping;
mod mounted;
mod placeholder;
mod problem;
mod secret;
mod settings;

pub(crate) use args::ConfigArgs;
pub use file::parse;
pub(crate) use mapping::{Mappings, bare, covers};
pub(crate) use placeholder::is_placeholder;
pub use problem::Problem;
pub(crate) use secret::{KEY_VARIABLE, Platform, platform, platform_url, read_key_text};
pub use settings::Config;
pub(crate) use settings::Monitor;

/// Reads the configuration file and the mounted Secret. What is right in them is used, what is wrong is named in
/// [`Config::problems`].
///
/// # Errors
/// Nothing of it can be used: it is missing, too large, or not a JSON object.
pub(crate) fn load(args: &ConfigArgs) -> Result<Config, Problem> {
    let path = args.path();
    let mut config = parse(&file::read(&path)?, &path.display().to_string())?;
    mounted::add(&mut config, &args.secret);
    Ok(config)
}
