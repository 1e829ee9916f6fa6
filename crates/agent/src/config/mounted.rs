//! The mounted Secret: the key where only those read it who may, and the URL that goes with it.

use std::path::Path;

use push::ApiKey;

use super::placeholder;
use super::problem::Problem;
use super::secret::read_key_text;
use super::settings::{Config, Mounted};

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
    if key.as_deref().is_some_and(placeholder::is_key) {
        let place = folder.join("apiKey").display().to_string();
        config.problems.push(Problem::error(place, placeholder::FILL_IN));
    }
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::{ConfigArgs, load, platform};

    /// The arguments of an agent with this configuration and, of the Secret, these files.
    fn args(folder: &tempfile::TempDir, config: &str, secret: &[(&str, &str)]) -> ConfigArgs {
        let path = folder.path().join("config.json");
        fs::write(&path, config).unwrap();
        secret.iter().for_each(|(name, text)| fs::write(folder.path().join(name), text).unwrap());
        ConfigArgs {
            config: Some(path),
            secret: folder.path().to_owned(),
            key_file: None,
            ca_file: None,
            allow_api_host: Vec::new(),
            allow_http: false,
        }
    }

    fn goes_to(config: &str, secret: &[(&str, &str)]) -> Result<(String, usize), String> {
        let folder = tempfile::tempdir().unwrap();
        let args = args(&folder, config, secret);
        let config = load(&args).unwrap();
        let platform = platform(&config, &args).map_err(|problem| problem.to_string())?;
        assert_eq!(platform.key, push::ApiKey::new(secret[0].1).unwrap(), "that of the Secret");
        Ok((platform.url.to_string(), config.problems.iter().filter(|problem| problem.error).count()))
    }

    #[test]
    fn the_key_of_a_secret_goes_nowhere_that_only_the_configuration_names() {
        let elsewhere = r#"{"apisecUrl": "https://evil.example.com"}"#;
        let refused = goes_to(elsewhere, &[("apiKey", "s3cret")]).unwrap_err();
        assert!(refused.contains("evil.example.com") && !refused.contains("s3cret"), "{refused}");
        let with_url = [("apiKey", "s3cret"), ("apisecUrl", "https://own.example.com")];
        let (url, errors) = goes_to(elsewhere, &with_url).unwrap();
        assert!(url.starts_with("https://own.example.com") && errors == 1, "{url} {errors}");
    }

    #[test]
    fn the_key_of_a_secret_wins_and_a_difference_is_said() {
        let (_, errors) = goes_to(r#"{"apiKey": "other"}"#, &[("apiKey", " s3cret\n")]).unwrap();
        assert_eq!(errors, 1);
        assert_eq!(goes_to(r#"{"apiKey": "s3cret"}"#, &[("apiKey", "s3cret")]).unwrap().1, 0);
        assert_eq!(goes_to("{}", &[("apiKey", "s3cret")]).unwrap().1, 0);
        assert_eq!(goes_to("{}", &[("apiKey", "your-api-key-here\n")]).unwrap().1, 1, "that of the example");
    }

    #[test]
    fn certificates_that_only_the_configuration_names_are_not_trusted_with_the_key_of_a_secret() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::NamedTempFile::new().unwrap();
        let config =
            |file: &std::path::Path| format!(r#"{{"apiKey": "k", "monitor": {{"caFile": {file:?}}}}}"#);
        let go = |config: &str, secret: &[(&str, &str)], flag: Option<&std::path::Path>| {
            let mut args = args(&folder, config, secret);
            args.ca_file = flag.map(Into::into);
            let platform = platform(&load(&args).unwrap(), &args);
            platform.map(|platform| platform.ca_file).map_err(|problem| problem.to_string())
        };
        let own = go(&config(elsewhere.path()), &[], None);
        assert_eq!(
            own.unwrap().as_deref(),
            Some(elsewhere.path()),
            "a key and certificates of the same hand"
        );
        let secret = [("apiKey", "s3cret"), ("ca.pem", "certificates")];
        let refused = |file: &std::path::Path| {
            let why = go(&config(file), &secret, None).unwrap_err();
            assert!(why.contains("caFile") && why.contains("--ca-file"), "{why}");
        };
        refused(elsewhere.path());
        let beside = folder.path().join("ca.pem");
        assert_eq!(go(&config(&beside), &secret, None).unwrap(), Some(beside.clone()));
        let tricky = folder.path().join("..").join(elsewhere.path().file_name().unwrap());
        refused(&tricky);
        std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("link.pem")).unwrap();
        refused(&folder.path().join("link.pem"));
        let flag = go(&config(elsewhere.path()), &secret, Some(elsewhere.path()));
        assert_eq!(flag.unwrap().as_deref(), Some(elsewhere.path()));
    }
}
