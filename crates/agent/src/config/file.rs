//! Reading `service_config.json`: tolerant of what Windows editors do to it, exact about what is wrong.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use inventory::Instance;
use redact::{Examples, PathRule};
use serde_json::{Map, Value};

use super::mapping::bare;
use super::problem::Problem;
use super::settings::Config;
use super::{duplicates, known, placeholder};
use crate::regular::{self, ReadError};

/// A ConfigMap holds at most 1 MiB; a larger file is something else.
const MAX_SIZE: u64 = 4 << 20;

/// The most files that a list names.
const MAX_FILES: usize = 64;

/// The most folders that a list names.
const MAX_FOLDERS: usize = 16;

/// The most rules about paths.
const MAX_RULES: usize = 256;

/// The most problems that are named.
const MAX_PROBLEMS: usize = 100;

/// Reads the bytes of a configuration file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let problem = |text: String| Problem::error(path.display().to_string(), text);
    regular::read(path, MAX_SIZE).map_err(|error| match error {
        ReadError::System(_) => problem(format!(
            "{error}; create it by the setup script and apply the ConfigMap traffic-monitor-config, or name another file by --config or SERVICE_CONFIG_PATH"
        )),
        _ => problem(error.to_string()),
    })
}

/// Reads a configuration from the bytes of its file. What is right in it is used, what is wrong is named in the
/// configuration's list of problems. `place` is the name of the file in messages.
///
/// # Errors
/// Nothing of it can be used: it is empty, not UTF-8, or not a JSON object.
pub fn parse(bytes: &[u8], place: &str) -> Result<Config, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Problem::error(place, format!("is not UTF-8 (byte {}); save it as UTF-8", error.valid_up_to() + 1))
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(Problem::error(place, "is empty; run the setup script to make a new one"));
    }
    let value: Value = serde_json::from_str(text).map_err(|error| {
        Problem::error(
            format!("{place} line {} column {}", error.line(), error.column()),
            match is_manifest(text) {
                true => "is a Kubernetes object: apply it by kubectl; the configuration is the JSON under its service_config.json"
                    .to_owned(),
                false => format!("is not JSON: {error}; look for a missing quote, a comma too many or too few"),
            },
        )
    })?;
    let Value::Object(object) = value else {
        return Err(Problem::error(
            place,
            "must hold one JSON object: {\"apiKey\": ..., \"serviceMappings\": {...}}",
        ));
    };
    let mut reader = Reader { text, place, config: Config::default() };
    reader.top(&object);
    reader.duplicates();
    Ok(reader.config)
}

/// Returns whether the file that was named is configmap.yaml itself.
fn is_manifest(text: &str) -> bool {
    text.lines().any(|line| line.trim_end() == "apiVersion: v1")
}

struct Reader<'a> {
    text: &'a str,
    place: &'a str,
    config: Config,
}

impl Reader<'_> {
    fn top(&mut self, object: &Map<String, Value>) {
        let (mut apisec_url, mut dev_url) = (None, None);
        for (key, value) in object {
            let path: &[&str] = &[key];
            match key.as_str() {
                "apiKey" => {
                    let text = self.string(path, value);
                    if text.as_deref().is_some_and(placeholder::is_key) {
                        self.error(path, format!("apiKey {}", placeholder::FILL_IN));
                    }
                    self.config.key = text.and_then(|text| push::ApiKey::new(&text));
                }
                "apisecUrl" => apisec_url = self.string(path, value),
                "devApiUrl" => dev_url = self.string(path, value),
                "autoOnboardNewServices" => {
                    self.config.onboard = self.boolean(path, value).unwrap_or(false);
                }
                "serviceMappings" => self.mappings(value),
                "monitor" => self.monitor(value),
                _ => self.unknown(path),
            }
        }
        let trim = |url: String| Some(url.trim().to_owned()).filter(|url| !url.is_empty());
        let (apisec_url, dev_url) = (apisec_url.and_then(trim), dev_url.and_then(trim));
        if let (Some(a), Some(b)) = (&apisec_url, &dev_url)
            && a.trim_end_matches('/') != b.trim_end_matches('/')
        {
            let text =
                format!("apisecUrl ({a}) and devApiUrl ({b}) differ; apisecUrl is used: remove the other");
            self.error(&["devApiUrl"], text);
        }
        self.config.url = apisec_url.or(dev_url);
    }

    fn mappings(&mut self, value: &Value) {
        let Some(object) = self.object(&["serviceMappings"], value) else { return };
        for (name, value) in object {
            let path: &[&str] = &["serviceMappings", name];
            let Some(entry) = self.object(path, value) else { continue };
            let mut ids = [None, None];
            for (id, key) in ids.iter_mut().zip(["appId", "instanceId"]) {
                *id = entry.get(key).and_then(Value::as_str).map(str::trim);
                // Dots alone would be a step in the path of a URL.
                *id = id.filter(|id| id.chars().any(|c| c != '.'));
                if id.is_none() {
                    let text = format!(
                        "serviceMappings.{}.{key} is missing, empty or no id; this mapping is ignored: copy the id from the platform's address bar (.../application/<applicationId>/instance/<instanceId>)",
                        name.escape_debug()
                    );
                    self.error(path, text);
                }
            }
            for key in entry.keys().filter(|key| !["appId", "instanceId"].contains(&key.as_str())) {
                self.unknown(&["serviceMappings", name, key]);
            }
            if name.trim().is_empty() {
                self.error(path, "a mapping without a name is ignored: give the name of the Service".into());
            } else if let [Some(app), Some(instance)] = ids {
                self.placeholders(path, name, [app, instance]);
                let instance = Instance { app: app.into(), instance: instance.into() };
                self.config.mappings.insert(name.clone(), instance);
            }
        }
    }

    /// Names what of a mapping is still that of the example.
    fn placeholders(&mut self, path: &[&str], name: &str, ids: [&str; 2]) {
        let ids: Vec<&str> = ids.into_iter().filter(|id| placeholder::is_id(id)).collect();
        if !ids.is_empty() {
            let text = format!(
                "serviceMappings.{}: the placeholder {} of the example still stands here: put the platform's id in its place (.../application/<applicationId>/instance/<instanceId> in the address bar)",
                name.escape_debug(),
                ids.join(", ")
            );
            self.error(path, text);
        } else if placeholder::is_id(bare(name)) {
            let text = format!(
                "serviceMappings.{name}: this name is the placeholder of the example: give the name of the Service"
            );
            self.error(path, text);
        }
    }

    /// Names what stands twice.
    fn duplicates(&mut self) {
        for path in duplicates::find(self.text, MAX_PROBLEMS) {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let text = format!(
                "{} stands more than once in its object; the last one counts: remove the others",
                path.join(".").escape_debug()
            );
            self.warn(&path, text);
        }
    }

    fn monitor(&mut self, value: &Value) {
        let Some(object) = self.object(&["monitor"], value) else { return };
        let mut monitor = std::mem::take(&mut self.config.monitor);
        for (key, value) in object {
            let path: &[&str] = &["monitor", key];
            match key.as_str() {
                "examples" => self.examples(path, value, &mut monitor.examples),
                "bodyBytes" => self.number(path, value, 0..=1 << 20, &mut monitor.body_bytes),
                "endpointsPerService" => {
                    self.number(path, value, 1..=100_000, &mut monitor.endpoints_per_service);
                }
                "memoryMiB" => self.number(path, value, 32..=65_536, &mut monitor.memory_mib),
                "storeMiB" => self.number(path, value, 8..=65_536, &mut monitor.store_mib),
                "settleSeconds" => self.number(path, value, 0..=86_400, &mut monitor.settle_seconds),
                "collectSeconds" => self.number(path, value, 0..=86_400, &mut monitor.collect_seconds),
                "unseenDays" => self.number(path, value, 0..=3_650, &mut monitor.unseen_days),
                "previewBatch" => self.number(path, value, 1..=1_000, &mut monitor.preview_batch),
                "addBatch" => self.number(path, value, 1..=1_000, &mut monitor.add_batch),
                "callsPerSecond" => self.number(path, value, 1..=10_000, &mut monitor.calls_per_second),
                "port" => self.number(path, value, 0..=65_535, &mut monitor.port),
                "metrics" => monitor.metrics = self.boolean(path, value).unwrap_or(false),
                "tls" => monitor.tls = self.boolean(path, value).unwrap_or(true),
                "caFile" => {
                    monitor.ca_file =
                        self.string(path, value).filter(|file| !file.is_empty()).map(Into::into);
                }
                "keyLogs" => monitor.key_logs = self.folders(path, value),
                "descriptorSets" => {
                    monitor.descriptor_sets = self.files(path, value);
                }
                "specs" => monitor.specs = self.specs(path, value),
                "pathRules" => monitor.path_rules = self.path_rules(path, value),
                _ => self.unknown(path),
            }
        }
        self.config.monitor = monitor;
    }

    fn examples(&mut self, path: &[&str], value: &Value, target: &mut Examples) {
        match value.as_str() {
            Some("redacted") => *target = Examples::Redacted,
            Some("synthetic") => *target = Examples::Synthetic,
            Some("real") => *target = Examples::Real,
            _ => {
                // What was wanted is not known, and what is shown once cannot be taken back.
                *target = Examples::Synthetic;
                self.error(
                    path,
                    format!(
                        "{} must be \"redacted\", \"synthetic\" or \"real\"; until it is, every value is a surrogate (\"synthetic\")",
                        path.join(".")
                    ),
                );
            }
        }
    }

    fn string(&mut self, path: &[&str], value: &Value) -> Option<String> {
        if value.is_null() {
            return None;
        }
        let text = value.as_str().map(str::to_owned);
        if text.is_none() {
            self.wrong(path, "a string in double quotes");
        }
        text
    }

    fn files(&mut self, path: &[&str], value: &Value) -> Vec<PathBuf> {
        let list = value.as_array().filter(|list| list.len() <= MAX_FILES);
        let files: Option<Vec<PathBuf>> =
            list.and_then(|list| list.iter().map(|file| file.as_str().map(Into::into)).collect());
        files.unwrap_or_else(|| {
            self.wrong(path, &format!("a list of at most {MAX_FILES} names of files: [\"/path/to/set.pb\"]"));
            Vec::new()
        })
    }

    /// Folders, by names that say where they are whatever the working directory is.
    fn folders(&mut self, path: &[&str], value: &Value) -> Vec<PathBuf> {
        let list = value.as_array().filter(|list| list.len() <= MAX_FOLDERS);
        let folder =
            |folder: &Value| folder.as_str().map(PathBuf::from).filter(|folder| folder.is_absolute());
        list.and_then(|list| list.iter().map(folder).collect()).unwrap_or_else(|| {
            let expected =
                format!("a list of at most {MAX_FOLDERS} folders, from the root on: [\"/var/log/keys\"]");
            self.wrong(path, &expected);
            Vec::new()
        })
    }

    /// Documents by the Service that they are of.
    fn specs(&mut self, path: &[&str], value: &Value) -> BTreeMap<String, PathBuf> {
        let object = value.as_object().filter(|object| object.len() <= MAX_FILES);
        let file = |(name, file): (&String, &Value)| Some((name.clone(), file.as_str()?.into()));
        object.and_then(|object| object.iter().map(file).collect()).unwrap_or_else(|| {
            self.wrong(
                path,
                &format!("an object of at most {MAX_FILES} Services with a file each: {{\"shop/cart\": \"/path/to/openapi.yaml\"}}"),
            );
            BTreeMap::new()
        })
    }

    /// Rules about paths. One that is none is left out, with an error: the others hold.
    fn path_rules(&mut self, path: &[&str], value: &Value) -> Arc<[PathRule]> {
        let Some(list) = value.as_array().filter(|list| list.len() <= MAX_RULES) else {
            self.wrong(
                path,
                &format!("a list of at most {MAX_RULES} rules: [\"/users/{{login}}\", \"cart /reports/*\"]"),
            );
            return [].into();
        };
        let mut rules = Vec::new();
        for (number, rule) in list.iter().enumerate() {
            match rule.as_str().unwrap_or_default().parse() {
                Ok(rule) => rules.push(rule),
                Err(error) => self.error(path, format!("{}[{number}]: {error}", path.join("."))),
            }
        }
        rules.into()
    }

    fn boolean(&mut self, path: &[&str], value: &Value) -> Option<bool> {
        let flag = value.as_bool();
        if flag.is_none() {
            self.wrong(path, "true or false, without quotes");
        }
        flag
    }

    fn number<T: TryFrom<u64>>(
        &mut self,
        path: &[&str],
        value: &Value,
        range: RangeInclusive<u64>,
        target: &mut T,
    ) {
        let number = value.as_u64().filter(|number| range.contains(number));
        match number.and_then(|number| T::try_from(number).ok()) {
            Some(number) => *target = number,
            None => self.wrong(path, &format!("a whole number from {} to {}", range.start(), range.end())),
        }
    }

    fn object<'v>(&mut self, path: &[&str], value: &'v Value) -> Option<&'v Map<String, Value>> {
        let object = value.as_object();
        if object.is_none() {
            self.wrong(path, "an object: {...}");
        }
        object
    }

    fn wrong(&mut self, path: &[&str], expected: &str) {
        self.error(path, format!("{} must be {expected}; it is ignored", path.join(".").escape_debug()));
    }

    fn unknown(&mut self, path: &[&str]) {
        self.warn(
            path,
            format!(
                "{} is not a key that is known; it is ignored{}",
                path.join(".").escape_debug(),
                known::meant(path)
            ),
        );
    }

    fn error(&mut self, path: &[&str], text: String) {
        if self.is_full() {
            return;
        }
        let place = self.place_of(path);
        self.config.problems.push(Problem::error(place, text));
    }

    fn warn(&mut self, path: &[&str], text: String) {
        if self.is_full() {
            return;
        }
        let place = self.place_of(path);
        self.config.problems.push(Problem::warning(place, text));
    }

    /// Returns whether more is wrong than anyone reads: the rest shows when these are corrected.
    fn is_full(&self) -> bool {
        self.config.problems.len() >= MAX_PROBLEMS
    }

    /// The file with the line of a key: each name of the path is looked for behind the one before.
    fn place_of(&self, path: &[&str]) -> String {
        let mut at = 0;
        for name in path {
            let quoted = Value::from(*name).to_string();
            match self.text[at..].find(&quoted) {
                Some(found) => at += found + quoted.len(),
                None => return self.place.to_owned(),
            }
        }
        format!("{} line {}", self.place, self.text[..at].matches('\n').count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUIDE: &str = r#"{
      "apiKey": " your-api-key-here ",
      "autoOnboardNewServices": false,
      "devApiUrl": "https://api.dev.apisecapps.com",
      "serviceMappings": {
        "service-name-1": {
          "appId": "application-id-1",
          "instanceId": "instance-id-1"
        }
      }
    }"#;

    fn read_text(text: &str, place: &str) -> Result<Config, Problem> {
        parse(text.as_bytes(), place)
    }

    fn problems(text: &str) -> Vec<String> {
        read_text(text, "c.json").unwrap().problems.iter().map(ToString::to_string).collect()
    }

    /// The example of the guide, filled in.
    fn filled() -> String {
        let names = [
            ("your-api-key-here", "k"),
            ("service-name-1", "cart"),
            ("application-id-1", "a"),
            ("instance-id-1", "i"),
        ];
        names.iter().fold(GUIDE.to_owned(), |text, (from, to)| text.replace(from, to))
    }

    #[test]
    fn what_of_the_example_was_not_filled_in_is_an_error() {
        let all = read_text(GUIDE, "c.json").unwrap().problems;
        assert!(all.iter().all(|problem| problem.error), "{all:?}");
        let all: Vec<String> = all.iter().map(ToString::to_string).collect();
        assert_eq!(all.len(), 2, "{all:#?}");
        assert!(all[0].starts_with("c.json line 2: apiKey is the placeholder of the example"), "{all:#?}");
        let ids = "c.json line 6: serviceMappings.service-name-1: the placeholder application-id-1, instance-id-1 of the example";
        assert!(all[1].starts_with(ids), "{all:#?}");
        let name =
            problems(r#"{"serviceMappings": {"shop/service-name-2": {"appId": "a", "instanceId": "i"}}}"#);
        assert!(name.len() == 1 && name[0].contains("this name is the placeholder"), "{name:?}");
    }

    #[test]
    fn what_stands_twice_is_named_and_the_last_counts() {
        let text = "{\"apiKey\": \"one\",\n\"serviceMappings\": {\n\"a\": {\"appId\": \"x\", \"instanceId\": \"i\"},\n\"a\": {\"appId\": \"y\", \"instanceId\": \"i\"}},\n\"apiKey\": \"two\"}";
        let config = read_text(text, "c.json").unwrap();
        assert_eq!(config.key, push::ApiKey::new("two"));
        assert_eq!(config.mappings.iter().map(|(_, ids)| &*ids.app).collect::<Vec<_>>(), ["y"]);
        assert!(config.problems.iter().all(|problem| !problem.error), "{:?}", config.problems);
        let all = problems(text);
        assert_eq!(all.len(), 2, "{all:#?}");
        assert!(all[0].starts_with("c.json line 3: serviceMappings.a stands more than once"), "{all:#?}");
        assert!(all[1].starts_with("c.json line 1: apiKey stands more than once"), "{all:#?}");
    }

    #[test]
    fn reads_the_example_of_the_guide() {
        let config = read_text(&filled(), "c.json").unwrap();
        assert_eq!(config.problems, vec![]);
        assert_eq!(config.url.as_deref(), Some("https://api.dev.apisecapps.com"));
        assert!(config.key.is_some());
        assert_eq!(config.mappings.keys().collect::<Vec<_>>(), vec!["cart"]);
        assert_eq!(config.monitor, crate::config::Monitor::default());
    }

    #[test]
    fn takes_what_windows_editors_write() {
        let text = format!("\u{feff}{}", filled().replace('\n', "\r\n"));
        assert_eq!(read_text(&text, "c.json").unwrap().problems, vec![]);
    }

    #[test]
    fn uses_what_is_right_and_names_what_is_wrong() {
        let text = "{\n\"apiKey\": 5,\n\"serviceMappings\": {\n\"cart\": {\"appId\": \"a\", \"instanceId\": \" \"},\n\"pay\": {\"appId\": \"a\", \"instanceId\": \"i\"},\n\"x\": 3\n},\n\"typo\": 1,\n\"monitor\": {\"port\": \"9808\", \"bodyBytes\": 10}\n}";
        let config = read_text(text, "c.json").unwrap();
        assert_eq!(config.mappings.keys().collect::<Vec<_>>(), vec!["pay"]);
        assert_eq!(config.monitor.body_bytes, 10);
        let all = problems(text);
        for start in [
            "c.json line 2: apiKey must be a string",
            "c.json line 4: serviceMappings.cart.instanceId is missing",
            "c.json line 6: serviceMappings.x must be an object",
            "c.json line 8: typo is not a key",
            "c.json line 9: monitor.port must be a whole number from 0 to 65535",
        ] {
            assert!(all.iter().any(|p| p.starts_with(start)), "{start} not in {all:#?}");
        }
        assert_eq!(all.len(), 5);
    }

    #[test]
    fn examples_that_cannot_be_read_show_the_least() {
        let config = read_text(r#"{"monitor": {"examples": "Synthetic"}}"#, "c.json").unwrap();
        assert_eq!(config.monitor.examples, Examples::Synthetic);
        assert!(
            config.problems[0].error && config.problems[0].to_string().contains("every value is a surrogate")
        );
    }

    #[test]
    fn a_manifest_is_told_from_broken_json() {
        let manifest =
            "# Example\napiVersion: v1\nkind: ConfigMap\ndata:\n  service_config.json: |\n    {}\n";
        let problem = read_text(manifest, "configmap.yaml").unwrap_err().to_string();
        assert!(problem.contains("apply it by kubectl"), "{problem}");
    }

    #[test]
    fn says_where_json_is_broken() {
        let error = read_text("{\n  \"apiKey\": \"x\",\n}", "c.json").unwrap_err().to_string();
        assert!(error.starts_with("c.json line 3 column"), "{error}");
        assert!(read_text("", "c.json").unwrap_err().to_string().contains("empty"));
        assert!(read_text("[]", "c.json").unwrap_err().to_string().contains("object"));
    }

    #[test]
    fn two_urls_that_differ_are_an_error_and_the_newer_name_wins() {
        let text = r#"{"devApiUrl": "https://b.apisecapps.com/", "apisecUrl": "https://a.apisecapps.com"}"#;
        assert_eq!(read_text(text, "c.json").unwrap().url.as_deref(), Some("https://a.apisecapps.com"));
        assert!(problems(text)[0].contains("differ"));
        let same = r#"{"devApiUrl": "https://a.apisecapps.com/", "apisecUrl": "https://a.apisecapps.com"}"#;
        assert!(problems(same).is_empty());
    }

    #[test]
    fn a_blank_key_is_no_key() {
        assert!(read_text(r#"{"apiKey": "  "}"#, "c.json").unwrap().key.is_none());
    }

    #[test]
    fn a_missing_file_says_what_to_do() {
        let error = read(Path::new("/nonexistent/c.json")).unwrap_err().to_string();
        assert!(error.contains("/nonexistent/c.json") && error.contains("--config"), "{error}");
    }
}
