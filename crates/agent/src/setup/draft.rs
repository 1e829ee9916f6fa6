//! What the file is to say: key, URL and mappings, on top of what it said before.

use std::collections::BTreeMap;

use inventory::Instance;
use push::{BaseUrl, PRODUCTION_URL, UrlError, UrlRules};

use super::key::Key;
use super::manifest::Manifest;
use super::node::{Map, Node};
use crate::config::{self, Problem};

const KEY: &str = "apiKey";
const MAPPINGS: &str = "serviceMappings";
const ONBOARD: &str = "autoOnboardNewServices";
/// The two names of the URL's setting; the second is that of the guide.
const URLS: [&str; 2] = ["apisecUrl", "devApiUrl"];
/// What the configuration is called in messages.
const PLACE: &str = "service_config.json";

/// Where the key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// In a Secret, beside the ConfigMap.
    TwoDocuments,
    /// In the ConfigMap, as in the guide.
    OneDocument,
}

/// What becomes of a mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Added,
    Changed,
    Removed,
}

/// The file as it is to be. It holds the key, so it has no `Debug`.
pub(super) struct Draft {
    manifest: Manifest,
    config: Map,
    /// The configuration as it stood.
    config_text: Option<String>,
    before: BTreeMap<String, Instance>,
    key: Option<Key>,
    key_before: Option<Key>,
    url: Option<String>,
    /// What is worth knowing of the old file.
    pub(super) notes: Vec<String>,
}

impl Draft {
    /// A draft on top of the file's text, or a new one.
    ///
    /// # Errors
    /// The text is not one that can be changed without loss. The message quotes nothing of it.
    pub(super) fn read(text: Option<&str>) -> Result<Draft, String> {
        let manifest = text.map_or_else(|| Ok(Manifest::default()), Manifest::parse)?;
        let config_text = manifest.config().map(str::to_owned);
        let config = match &config_text {
            Some(text) => parse(text)?,
            None => new_config(),
        };
        let mut draft = Draft {
            before: mappings(&config),
            manifest,
            config,
            config_text,
            key: None,
            key_before: None,
            url: None,
            notes: Vec::new(),
        };
        draft.find_key();
        Ok(draft)
    }

    fn find_key(&mut self) {
        let secret = self.manifest.secret_key().map(|text| Key::new(&text));
        let plain = self.config.text(&[KEY]).map(Key::new);
        for error in [&secret, &plain].into_iter().flatten().filter_map(|key| key.as_ref().err()) {
            self.notes.push(format!("{error}; the file's key is not used"));
        }
        let [secret, plain] = [secret, plain].map(|key| key.and_then(Result::ok).flatten());
        if secret.is_some() && plain.is_some() && secret != plain {
            self.notes.push("the Secret and the ConfigMap hold different keys; the Secret's is used".into());
        }
        self.key = secret.or(plain);
        self.key_before = self.key.clone();
    }

    pub(super) fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    pub(super) fn set_key(&mut self, key: Key) {
        self.key = Some(key);
    }

    /// Returns whether the key is another one than in the old file.
    pub(super) fn key_changed(&self) -> bool {
        self.key != self.key_before
    }

    /// The platform's URL: the one given, else what the agent would use.
    pub(super) fn url(&self) -> String {
        let in_config = || URLS.iter().find_map(|name| self.config.text(&[name]).map(str::to_owned));
        let old = || self.manifest.secret_url().or_else(in_config).filter(|url| !url.trim().is_empty());
        self.url.clone().or_else(old).unwrap_or_else(|| PRODUCTION_URL.to_owned())
    }

    pub(super) fn set_url(&mut self, url: &str) {
        self.url = Some(url.to_owned());
        self.put_url(url);
    }

    /// Sets the URL in the configuration, under the names that it has there, else under the guide's.
    fn put_url(&mut self, url: &str) {
        let there: Vec<&str> = URLS.into_iter().filter(|name| self.config.get(name).is_some()).collect();
        for name in if there.is_empty() { &URLS[1..] } else { &there } {
            self.config.set(name, url.into());
        }
    }

    pub(super) fn set_onboard(&mut self, flag: bool) {
        self.config.set(ONBOARD, Node::Bool(flag));
    }

    /// The mappings that the agent would take.
    pub(super) fn mappings(&self) -> BTreeMap<String, Instance> {
        mappings(&self.config)
    }

    pub(super) fn map(&mut self, service: &str, instance: &Instance) {
        self.config.edit(MAPPINGS, |all| {
            all.edit(service, |entry| {
                entry.set("appId", instance.app.as_str().into());
                entry.set("instanceId", instance.instance.as_str().into());
            });
        });
    }

    /// Removes a mapping; whether it was there.
    pub(super) fn unmap(&mut self, service: &str) -> bool {
        let mut removed = false;
        self.config.edit(MAPPINGS, |all| removed = all.remove(service).is_some());
        removed
    }

    /// Returns what becomes of the mappings that change, in the order of their names.
    pub(super) fn changes(&self) -> Vec<(String, Change)> {
        let after = self.mappings();
        let removed = self.before.keys().filter(|name| !after.contains_key(*name));
        let mut all: Vec<_> = removed.map(|name| (name.clone(), Change::Removed)).collect();
        all.extend(after.iter().filter_map(|(name, instance)| match self.before.get(name) {
            None => Some((name.clone(), Change::Added)),
            Some(old) if old != instance => Some((name.clone(), Change::Changed)),
            Some(_) => None,
        }));
        all.sort_by(|(a, _), (b, _)| a.cmp(b));
        all
    }

    /// Returns whether the key moves out of the Secret, which then still is in the cluster.
    pub(super) fn leaves_secret(&self, form: Form) -> bool {
        form == Form::OneDocument && self.manifest.has_secret()
    }

    /// Returns what the agent will say of the configuration.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let text = self.config_text(&self.config);
        config::parse(text.as_bytes(), PLACE).map_or_else(|problem| vec![problem], |config| config.problems)
    }

    /// The text of the file, and whether comments of the old one are left out.
    ///
    /// # Errors
    /// A value that YAML cannot hold.
    pub(super) fn render(mut self, form: Form) -> Result<(String, bool), String> {
        let url = self.url();
        let secret_url = self.manifest.secret_url();
        let key = self.key.as_ref().map(Key::secret).unwrap_or_default().to_owned();
        match form {
            Form::TwoDocuments => {
                let url = Some(url).filter(|url| secret_url.is_some() || only_beside_key(url));
                self.manifest.set_secret(&key, url.as_deref());
                self.config.remove(KEY);
            }
            Form::OneDocument => {
                self.manifest.clear_secret();
                if secret_url.is_some() {
                    self.put_url(&url);
                }
                self.config.set_first(KEY, key.as_str().into());
            }
        }
        let text = self.config_text(&self.config);
        self.manifest.set_config(&text);
        Ok((self.manifest.render()?, self.manifest.drops_comments()))
    }

    /// The text of a configuration; the old one as it stood where nothing changed.
    fn config_text(&self, config: &Map) -> String {
        match &self.config_text {
            Some(text) if parse(text).is_ok_and(|old| old == *config) => text.clone(),
            // Maps with text keys always serialise.
            _ => serde_json::to_string_pretty(config).unwrap_or_default() + "\n",
        }
    }
}

/// Returns whether a key out of a Secret is sent to this URL only when the URL stands beside it.
fn only_beside_key(url: &str) -> bool {
    let rules = UrlRules { allow_http: true, bound: true, allowed_hosts: Vec::new() };
    matches!(BaseUrl::parse(url, &rules), Err(UrlError::Host(_)))
}

/// The configuration of a new file, with the keys and in the order of the guide.
fn new_config() -> Map {
    Map::from([
        (ONBOARD, Node::Bool(false)),
        (URLS[1], PRODUCTION_URL.into()),
        (MAPPINGS, Node::Map(Map::default())),
    ])
}

fn parse(text: &str) -> Result<Map, String> {
    // The agent's own reader first: its message says what to do.
    config::parse(text.as_bytes(), PLACE).map_err(|problem| problem.to_string())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match serde_json::from_str(text) {
        Ok(Node::Map(map)) if map.get(MAPPINGS).is_none_or(|mappings| mappings.as_map().is_some()) => Ok(map),
        _ => Err(format!("{PLACE}: {MAPPINGS} is not an object; repair it, or take it out")),
    }
}

fn mappings(config: &Map) -> BTreeMap<String, Instance> {
    let entries = config.get(MAPPINGS).and_then(Node::as_map).into_iter().flat_map(Map::iter);
    let entry = |(name, entry): (&str, &Node)| {
        let id = |key| entry.as_map()?.text(&[key]).map(str::trim).filter(|id| !id.is_empty());
        Some((name.to_owned(), Instance { app: id("appId")?.into(), instance: id("instanceId")?.into() }))
    };
    entries.filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = r#"{"apiKey":"old-key","serviceMappings":{"z":{"appId":"a","instanceId":"i","x":1},"b":{"appId":" "}},"monitor":{"port":1},"own":[1.5]}"#;

    fn one_document(config: &str) -> String {
        let mut manifest = Manifest::default();
        manifest.set_config(config);
        manifest.render().unwrap()
    }

    fn draft(text: &str) -> Draft {
        Draft::read(Some(text)).unwrap_or_else(|error| panic!("{error}"))
    }

    fn instance(app: &str, instance: &str) -> Instance {
        Instance { app: app.into(), instance: instance.into() }
    }

    fn key(text: &str) -> Key {
        Key::new(text).ok().flatten().unwrap()
    }

    /// The configuration in a rendered text.
    fn config(text: &str) -> String {
        Manifest::parse(text).unwrap_or_else(|error| panic!("{error}")).config().unwrap().to_owned()
    }

    #[test]
    fn a_new_file_in_both_forms() {
        let new = || {
            let mut draft = Draft::read(None).unwrap_or_else(|error| panic!("{error}"));
            draft.set_key(key("k3y"));
            draft.map("cart", &instance("app", "inst"));
            draft
        };
        let rest = "  \"autoOnboardNewServices\": false,\n  \"devApiUrl\": \"https://api.apisecapps.com\",\n  \"serviceMappings\": {\n    \"cart\": {\n      \"appId\": \"app\",\n      \"instanceId\": \"inst\"\n    }\n  }\n}\n";
        let (one, dropped) = new().render(Form::OneDocument).unwrap();
        assert_eq!(config(&one), format!("{{\n  \"apiKey\": \"k3y\",\n{rest}"));
        assert!(!one.contains("Secret") && !dropped);
        let (two, _) = new().render(Form::TwoDocuments).unwrap();
        assert_eq!(config(&two), format!("{{\n{rest}"));
        assert!(
            two.contains("kind: Secret") && two.contains("apiKey: k3y") && !two.contains("apisecUrl"),
            "{two}"
        );
    }

    #[test]
    fn the_key_moves_between_the_forms_and_all_else_stays() {
        let (two, _) = draft(&one_document(CONFIG)).render(Form::TwoDocuments).unwrap();
        assert!(!config(&two).contains("apiKey") && two.contains("apiKey: old-key"));
        let expected = r#"{"serviceMappings":{"z":{"appId":"a","instanceId":"i","x":1},"b":{"appId":" "}},"monitor":{"port":1},"own":[1.5]}"#;
        let compact = |text: &str| serde_json::to_string(&parse(&config(text)).unwrap_or_default()).unwrap();
        assert_eq!(compact(&two), expected);
        let back = draft(&two);
        assert!(back.leaves_secret(Form::OneDocument) && !back.leaves_secret(Form::TwoDocuments));
        let (one, _) = back.render(Form::OneDocument).unwrap();
        assert_eq!(compact(&one), CONFIG);
        assert_eq!(draft(&two).render(Form::TwoDocuments).unwrap().0, two, "nothing to do changes nothing");
    }

    #[test]
    fn a_url_outside_of_the_platform_stands_beside_the_key() {
        let mut outside = draft(&one_document(CONFIG));
        outside.set_url("https://gw.corp/apisec");
        let (two, _) = outside.render(Form::TwoDocuments).unwrap();
        assert!(two.contains("apisecUrl: https://gw.corp/apisec"), "{two}");
        assert!(config(&two).contains(r#""devApiUrl": "https://gw.corp/apisec""#));
        let mut back = draft(&two);
        assert_eq!(back.url(), "https://gw.corp/apisec");
        back.set_url("https://api.dev.apisecapps.com");
        let (one, _) = back.render(Form::OneDocument).unwrap();
        assert!(
            config(&one).contains(r#""devApiUrl": "https://api.dev.apisecapps.com""#)
                && !one.contains("gw.corp")
        );
    }

    #[test]
    fn mappings_are_added_changed_and_removed() {
        let mut draft = draft(&one_document(CONFIG));
        assert!(draft.unmap("z") && !draft.unmap("z"));
        draft.map("new", &instance("1", "2"));
        draft.map("b", &instance("3", "4"));
        let expected = [("b", Change::Added), ("new", Change::Added), ("z", Change::Removed)];
        assert_eq!(draft.changes(), expected.map(|(name, change)| (name.to_owned(), change)));
        draft.map("z", &instance("a", "other"));
        assert_eq!(draft.changes()[2], ("z".to_owned(), Change::Changed));
        assert_eq!(draft.mappings().len(), 3);
    }

    #[test]
    fn what_cannot_be_kept_is_refused_and_what_is_odd_is_said() {
        for config in ["{", "[]", "", r#"{"serviceMappings": []}"#] {
            let error = Draft::read(Some(&one_document(config))).err().unwrap();
            assert!(error.contains(PLACE), "{config}: {error}");
        }
        let two = draft(&one_document(CONFIG)).render(Form::TwoDocuments).unwrap().0;
        let both = two.replace("\"monitor\": {", "\"apiKey\": \"other\",\n      \"monitor\": {");
        let draft = draft(&both);
        assert!(draft.notes[0].contains("different keys") && draft.key() == Some(&key("old-key")));
        assert!(draft.problems().iter().any(|problem| problem.text.contains("serviceMappings.b.appId")));
    }
}
