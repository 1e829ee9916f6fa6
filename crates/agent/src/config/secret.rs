//! The key, and the platform that it may be sent to.

use std::path::{Path, PathBuf};

use push::{ApiKey, BaseUrl, PRODUCTION_URL, UrlRules};

use super::args::ConfigArgs;
use super::problem::Problem;
use super::settings::Config;
use crate::regular::{self, ReadError};

/// The variable that may hold the key.
pub(crate) const KEY_VARIABLE: &str = "APISEC_API_KEY";
/// A key file larger than this is something else (the longest session tokens have a few KiB).
const MAX_KEY: u64 = 64 << 10;

/// The platform to push to.
#[derive(Clone, Debug)]
pub(crate) struct Platform {
    /// Where.
    pub(crate) url: BaseUrl,
    /// With which key.
    pub(crate) key: ApiKey,
    /// Certificates (PEM) to trust beside those of the system.
    pub(crate) ca_file: Option<PathBuf>,
}

/// Decides which key is sent where. A key from `--key-file` or the variable wins over that of the Secret, and that over the
/// one in the configuration. Neither is sent where only the configuration says so: who may edit the ConfigMap must not be
/// able to send it elsewhere. A URL in the Secret goes with the Secret's key. For the same reason such a key is not sent on
/// the word of certificates that only the configuration names: whoever may edit the ConfigMap may put an authority of their
/// own into it.
///
/// # Errors
/// There is no key, the URL cannot be used, or the key may not be sent there: nothing is pushed, capture goes on.
pub(crate) fn platform(config: &Config, args: &ConfigArgs) -> Result<Platform, Problem> {
    let own = own_key(args)?;
    let secret = &config.secret;
    let own_is_given = own.is_some();
    let url = url(config, args, own_is_given)?;
    let key = own.or_else(|| secret.key.clone()).or_else(|| config.key.clone()).ok_or_else(|| {
        let text = format!(
            "is missing or blank: endpoints are found and shown, nothing is pushed; set apiKey in the Secret or in the configuration (`traffic-monitor setup` asks for it), or give --key-file or {KEY_VARIABLE}"
        );
        Problem::error("apiKey", text)
    })?;
    let ca_file = certificates(config, args, own_is_given || secret.key.is_some())?;
    Ok(Platform { url, key, ca_file })
}

/// Returns where the platform is, which takes no key.
///
/// # Errors
/// The URL cannot be used, or a key that is there may not be sent there.
pub(crate) fn platform_url(config: &Config, args: &ConfigArgs) -> Result<BaseUrl, Problem> {
    url(config, args, own_key(args)?.is_some())
}

fn url(config: &Config, args: &ConfigArgs, own_is_given: bool) -> Result<BaseUrl, Problem> {
    let secret = &config.secret;
    let rules = UrlRules {
        allow_http: args.allow_http,
        bound: own_is_given || (secret.key.is_some() && secret.url.is_none()),
        allowed_hosts: args.allow_api_host.clone(),
    };
    let text = secret.url.as_deref().or(config.url.as_deref()).unwrap_or(PRODUCTION_URL);
    BaseUrl::parse(text, &rules).map_err(|error| {
        Problem::error("apisecUrl/devApiUrl", format!("{error}; nothing is pushed, capture goes on"))
    })
}

/// The file of further certificate authorities: that of the flag, else that of the configuration, which for a key from
/// elsewhere has to lie in the Secret's folder.
fn certificates(config: &Config, args: &ConfigArgs, bound: bool) -> Result<Option<PathBuf>, Problem> {
    if args.ca_file.is_some() {
        return Ok(args.ca_file.clone());
    }
    let Some(file) = &config.monitor.ca_file else { return Ok(None) };
    // The files of a Secret are symbolic links to a folder inside of its own.
    let inside = || Some(file.canonicalize().ok()?.starts_with(args.secret.canonicalize().ok()?));
    if bound && inside() != Some(true) {
        let text = format!(
            "{} is not used: the key does not come from the configuration, which therefore cannot say whose certificates are trusted; put the file into the Secret ({}/ca.pem) or start with --ca-file; nothing is pushed, capture goes on",
            file.display(),
            args.secret.display()
        );
        return Err(Problem::error("monitor.caFile", text));
    }
    Ok(Some(file.clone()))
}

/// The key from `--key-file` or the variable.
fn own_key(args: &ConfigArgs) -> Result<Option<ApiKey>, Problem> {
    match &args.key_file {
        Some(path) => read_key(path).map(Some),
        None => Ok(std::env::var(KEY_VARIABLE).ok().and_then(|text| ApiKey::new(&text))),
    }
}

fn read_key(path: &Path) -> Result<ApiKey, Problem> {
    let blank = || Problem::error(path.display().to_string(), "the key file is blank");
    ApiKey::new(&read_key_text(path)?).ok_or_else(blank)
}

/// Reads the text of a key file, trimmed.
///
/// # Errors
/// The file cannot be read, is no regular file, or is too large.
pub(crate) fn read_key_text(path: &Path) -> Result<String, Problem> {
    let problem = |text: String| Problem::error(path.display().to_string(), text);
    let bytes = regular::read(path, MAX_KEY).map_err(|error| match error {
        ReadError::System(error) => problem(format!("the key cannot be read ({error})")),
        ReadError::NotRegular(_) => problem(format!("{error}, or give the key by {KEY_VARIABLE}")),
        ReadError::TooLarge(_) => problem(format!("{error} A key file holds one line with the key")),
    })?;
    let text =
        String::from_utf8(bytes).map_err(|_| problem("the key cannot be read (it is not UTF-8)".into()))?;
    Ok(text.trim().to_owned())
}
