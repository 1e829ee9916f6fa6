//! The client of the platform, from the configuration.

use std::io::{self, Write};

use inventory::{Instance, Item, printable};
use push::{BaseUrl, Client, ClientSettings, Engine, EngineSettings};

use crate::config::{Config, Platform, Problem};

/// An engine for this platform, as the configuration says.
///
/// # Errors
/// The key cannot be sent, or the CA file cannot be used.
pub(crate) fn engine(config: &Config, platform: Platform) -> Result<Engine, Problem> {
    Ok(Engine::new(client(platform)?, engine_settings(config)))
}

/// The client alone: when the key or the URL has changed.
///
/// # Errors
/// As [`engine`].
pub(crate) fn client(platform: Platform) -> Result<Client, Problem> {
    let settings =
        ClientSettings { ca_file: platform.ca_file, ..ClientSettings::new(platform.url, platform.key) };
    Client::new(settings).map_err(|error| Problem::error("apiKey, caFile", error.to_string()))
}

pub(crate) fn engine_settings(config: &Config) -> EngineSettings {
    let monitor = &config.monitor;
    EngineSettings {
        preview_batch: monitor.preview_batch,
        add_batch: monitor.add_batch,
        calls_per_second: monitor.calls_per_second,
        ..EngineSettings::default()
    }
}

/// Prints the calls that the push of an item would make.
///
/// # Errors
/// Those of `out`.
pub(crate) fn print_plan(
    out: &mut impl Write,
    url: &BaseUrl,
    instance: &Instance,
    item: &Item,
) -> io::Result<()> {
    writeln!(out, "# {} {} of {}", item.key.method, printable(item.key.template.as_bytes()), item.key.owner)?;
    for call in push::plan(url, instance, item) {
        writeln!(out, "{} {}", call.method, call.url)?;
        if let Some(kind) = call.content_type {
            writeln!(out, "Content-Type: {kind}\n\n{}", call.body)?;
        }
        writeln!(out)?;
    }
    Ok(())
}
