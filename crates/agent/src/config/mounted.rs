//! The mounted Secret: the key where only those read it who may, and the URL that goes with it.

use std::path::Path;

use push::ApiKey;

use super::secret::read_key_text;
use super::{Config, Problem};

/// What a Secret `traffic-monitor-api-key` holds, as far as it is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mounted {
    /// `apiKey`; none when blank or missing.
    pub(crate) key: Option<ApiKey>,
    /// `apisecUrl`.
    pub(crate) url: Option<String>,
}

/// Adds the Secret in this folder to a configuration. Without one nothing changes.
pub(super) fn add(config: &mut Config, folder: &Path) {
    let mut read = |name: &str| {
        let path = folder.join(name);
        if !path.exists() {
            return None;
        }
        let text = read_key_text(&path);
        text.map_err(|problem| config.problems.push(problem)).ok().filter(|text| !text.is_empty())
    };
    let (key, url) = (read("apiKey"), read("apisecUrl"));
    let mounted = Mounted { key: key.and_then(|text| ApiKey::new(&text)), url };
    let place = folder.display().to_string();
    if let (Some(a), Some(b)) = (&mounted.key, &config.key)
        && a != b
    {
        config.problems.push(Problem::error(
            place.clone(),
            "the Secret traffic-monitor-api-key and the ConfigMap traffic-monitor-config hold different keys; that of the Secret is used: remove apiKey from the ConfigMap",
        ));
    }
    if let (Some(a), Some(b)) = (&mounted.url, &config.url)
        && a.trim_end_matches('/') != b.trim_end_matches('/')
    {
        let text = format!(
            "apisecUrl in the Secret traffic-monitor-api-key ({a}) and the URL in the ConfigMap ({b}) differ; that of the Secret is used: change or remove one"
        );
        config.problems.push(Problem::error(place, text));
    }
    config.secret = mounted;
}
