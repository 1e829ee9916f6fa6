//! The client of the platform, from the configuration.

use std::io::{self, Write};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use inventory::{Instance, Item};
use push::{ApiKey, BaseUrl, Client, ClientError, ClientSettings, Connected, Engine, EngineSettings};
use redact::printable;

use crate::config::{Config, Platform, Problem};
use crate::regular;

/// The authorities of a whole system have about 200 KiB; a larger file is something else.
pub(crate) const MAX_CERTIFICATES: u64 = 4 << 20;
/// The last second of the year 9999, after which a date has no four digits for the year.
const LAST_DATE: u64 = 253_402_300_799;

/// Returns when a key expires, if it says so.
pub(crate) fn key_expiry(key: &ApiKey) -> Option<SystemTime> {
    key.expiry().map(date)
}

/// Returns the time so many seconds after the Unix epoch. What is beyond all dates is the last of them.
pub(crate) fn date(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds.min(LAST_DATE))
}

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
    client_that_tells(platform, None)
}

/// The same, which tells of each new connection.
///
/// # Errors
/// As [`engine`].
pub(crate) fn client_that_tells(platform: Platform, connected: Option<Connected>) -> Result<Client, Problem> {
    client_with(platform, |settings| ClientSettings { connected, ..settings })
}

/// The same, for a person who waits no longer than this for a connection, and for an answer.
///
/// # Errors
/// As [`engine`].
pub(crate) fn client_within(
    platform: Platform,
    connect_timeout: Duration,
    call_timeout: Duration,
) -> Result<Client, Problem> {
    client_with(platform, |settings| ClientSettings { connect_timeout, call_timeout, ..settings })
}

fn client_with(
    platform: Platform,
    with: impl FnOnce(ClientSettings) -> ClientSettings,
) -> Result<Client, Problem> {
    if let Some(path) = &platform.ca_file {
        // The client opens it anew, and would wait for a pipe.
        regular::open(path, MAX_CERTIFICATES)
            .map_err(|error| Problem::error("caFile", format!("{} {error}", path.display())))?;
    }
    let settings =
        ClientSettings { ca_file: platform.ca_file, ..ClientSettings::new(platform.url, platform.key) };
    Client::new(with(settings)).map_err(|error| {
        let place = match &error {
            ClientError::Key => "apiKey",
            ClientError::CaFile { .. } => "caFile",
            ClientError::Tls(_) => "TLS",
        };
        Problem::error(place, error.to_string())
    })
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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use push::{ApiKey, PRODUCTION_URL, UrlRules};

    use super::*;

    #[test]
    fn an_error_is_titled_by_what_is_wrong() {
        let refused = |key: &str, ca_file: Option<&str>| {
            let url = BaseUrl::parse(PRODUCTION_URL, &UrlRules::default()).unwrap();
            let key = ApiKey::new(key).unwrap();
            client(Platform { url, key, ca_file: ca_file.map(PathBuf::from) }).err().unwrap().to_string()
        };
        assert!(refused("a\nb", None).starts_with("apiKey: the API key holds line ends"));
        let ca_file = |path| refused("k", Some(path));
        assert!(ca_file("/dev/zero").starts_with("caFile: /dev/zero is not a regular file"));
        assert!(ca_file("/nonexistent").starts_with("caFile: /nonexistent cannot be read"));
        assert!(ca_file("/proc/self/status").starts_with("caFile: "), "no certificates");
    }
}
