//! `configmap.yaml`: the documents of the file, ours among them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::node::{Map, Node};

/// The ConfigMap of the guide, and its key with the configuration.
const CONFIG_MAP: &str = "traffic-monitor-config";
const CONFIG_KEY: &str = "service_config.json";
/// The Secret with the API key.
pub(super) const SECRET: &str = "traffic-monitor-api-key";
const SECRET_KEY: &str = "apiKey";
const SECRET_URL: &str = "apisecUrl";
/// Where the DaemonSet runs.
pub(super) const NAMESPACE: &str = "kube-system";

/// What a new file begins with.
const HEAD: &str = "# Made by 'traffic-monitor setup'. It holds the API key: do not commit it.\n";

/// The documents of a manifest. It may hold the key, so it has no `Debug`.
#[derive(Clone, Default)]
pub struct Manifest(Vec<Document>);

/// A document as it stood, and as it is to be.
#[derive(Clone)]
struct Document {
    text: String,
    node: Node,
}

impl Manifest {
    /// Reads a manifest, with or without a byte order mark, with LF or CRLF.
    ///
    /// # Errors
    /// What is wrong and where. The message quotes nothing of the file, which may hold the key.
    pub fn parse(text: &str) -> Result<Manifest, String> {
        // CR LF, CR and LF are line breaks (YAML 1.2, section 5.4).
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
        let mut documents = Vec::new();
        for (first_line, text) in split(&text) {
            let document = Document { node: parse(&text, first_line)?, text };
            if !document.may_be_applied() {
                return Err(format!(
                    "holds something else than objects for kubectl (the document at line {first_line} has no `kind`)"
                ));
            }
            documents.push(document);
        }
        let manifest = Manifest(documents);
        for (kind, name) in [("ConfigMap", CONFIG_MAP), ("Secret", SECRET)] {
            if manifest.0.iter().filter(|document| document.is(kind, name)).count() > 1 {
                return Err(format!("holds two documents of the kind {kind} with the name {name}"));
            }
        }
        Ok(manifest)
    }

    /// The text of `service_config.json`.
    pub fn config(&self) -> Option<&str> {
        self.find("ConfigMap", CONFIG_MAP)?.text(&["data", CONFIG_KEY])
    }

    /// The key in the Secret.
    pub(super) fn secret_key(&self) -> Option<String> {
        self.secret_text(SECRET_KEY)
    }

    /// The platform's URL in the Secret.
    pub(super) fn secret_url(&self) -> Option<String> {
        self.secret_text(SECRET_URL)
    }

    /// Returns whether the Secret is there.
    pub(super) fn has_secret(&self) -> bool {
        self.find("Secret", SECRET).is_some()
    }

    /// A value of the Secret; `stringData` wins over `data`, as in Kubernetes.
    fn secret_text(&self, name: &str) -> Option<String> {
        let secret = self.find("Secret", SECRET)?;
        let encoded = || String::from_utf8(STANDARD.decode(secret.text(&["data", name])?).ok()?).ok();
        secret.text(&["stringData", name]).map(str::to_owned).or_else(encoded)
    }

    /// Sets the text of `service_config.json`.
    pub(super) fn set_config(&mut self, text: &str) {
        self.edit("ConfigMap", CONFIG_MAP, |object| {
            object.edit("data", |data| data.set(CONFIG_KEY, text.into()));
        });
    }

    /// Sets key and URL of the Secret.
    pub(super) fn set_secret(&mut self, key: &str, url: Option<&str>) {
        self.edit("Secret", SECRET, |secret| {
            for (name, value) in [(SECRET_KEY, Some(key)), (SECRET_URL, url)] {
                forget(secret, "data", name);
                match value {
                    Some(value) => secret.edit("stringData", |data| data.set(name, value.into())),
                    None => forget(secret, "stringData", name),
                }
            }
        });
    }

    /// Takes key and URL out of the Secret; nothing is left of it where it held nothing else.
    pub(super) fn clear_secret(&mut self) {
        let Some(at) = self.0.iter().position(|document| document.is("Secret", SECRET)) else { return };
        if let Some(Document { node: Node::Map(secret), .. }) = self.0.get_mut(at) {
            for name in [SECRET_KEY, SECRET_URL] {
                forget(secret, "data", name);
                forget(secret, "stringData", name);
            }
            if secret.get("data").is_none() && secret.get("stringData").is_none() {
                self.0.remove(at);
            }
        }
    }

    /// The whole text. Documents that did not change stay as they stood, comments included; of the others the comments at
    /// the beginning do.
    ///
    /// # Errors
    /// A value that YAML cannot hold.
    pub fn render(&self) -> Result<String, String> {
        let mut texts = Vec::new();
        for (place, document) in self.0.iter().enumerate() {
            let text = document.render()?;
            texts.push(if place == 0 && document.text.is_empty() { format!("{HEAD}{text}") } else { text });
        }
        Ok(texts.join("---\n"))
    }

    /// Returns whether [`Manifest::render`] leaves comments out.
    pub(super) fn drops_comments(&self) -> bool {
        self.0
            .iter()
            .any(|document| !document.unchanged() && document.comments() > comments(head(&document.text)))
    }

    fn find(&self, kind: &str, name: &str) -> Option<&Map> {
        self.0.iter().find(|document| document.is(kind, name))?.node.as_map()
    }

    /// Changes the object of this kind and name. A new one is in the namespace of the other one, and the Secret stands
    /// first.
    fn edit(&mut self, kind: &str, name: &str, change: impl FnOnce(&mut Map)) {
        let mut object = self.find(kind, name).cloned().unwrap_or_else(|| self.new_object(kind, name));
        change(&mut object);
        let node = Node::Map(object);
        match self.0.iter_mut().find(|document| document.is(kind, name)) {
            Some(document) => document.node = node,
            None if kind == "Secret" => self.0.insert(0, Document { text: String::new(), node }),
            None => self.0.push(Document { text: String::new(), node }),
        }
    }

    fn new_object(&self, kind: &str, name: &str) -> Map {
        let other = self.find("ConfigMap", CONFIG_MAP).or_else(|| self.find("Secret", SECRET));
        let namespace = other.map_or(Some(NAMESPACE), |other| other.text(&["metadata", "namespace"]));
        let mut metadata = Map::from([("name", name.into())]);
        if let Some(namespace) = namespace {
            metadata.set("namespace", namespace.into());
        }
        Map::from([("apiVersion", "v1".into()), ("kind", kind.into()), ("metadata", Node::Map(metadata))])
    }
}

impl Document {
    fn is(&self, kind: &str, name: &str) -> bool {
        self.node.as_map().is_some_and(|map| {
            map.text(&["kind"]) == Some(kind) && map.text(&["metadata", "name"]) == Some(name)
        })
    }

    /// Returns whether it is an object, or comments alone.
    fn may_be_applied(&self) -> bool {
        match &self.node {
            Node::Null => true,
            node => node.as_map().is_some_and(|map| map.text(&["kind"]).is_some()),
        }
    }

    fn unchanged(&self) -> bool {
        !self.text.is_empty() && parse(&self.text, 1).is_ok_and(|old| old == self.node)
    }

    fn comments(&self) -> usize {
        comments(&self.text)
    }

    fn render(&self) -> Result<String, String> {
        if self.unchanged() {
            return Ok(self.text.clone());
        }
        let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
        let yaml = serde_saphyr::to_string_with_options(&self.node, options)
            .map_err(|error| format!("cannot be written as YAML: {error}"))?;
        Ok(format!("{}{yaml}", head(&self.text)))
    }
}

/// Removes a name from a map of the object, and the map when it is empty then.
fn forget(object: &mut Map, map: &str, name: &str) {
    if object.get(map).and_then(Node::as_map).is_some_and(|inner| inner.get(name).is_some()) {
        object.edit(map, |inner| drop(inner.remove(name)));
        if object.get(map).and_then(Node::as_map).is_some_and(Map::is_empty) {
            object.remove(map);
        }
    }
}

/// The documents of a stream, with the number of the line that each begins at. A line that begins with `---` separates
/// them wherever it stands: inside of values lines are indented (YAML 1.2, section 9.1.2).
fn split(text: &str) -> Vec<(usize, String)> {
    let mut all = vec![(1, String::new())];
    for (number, line) in text.lines().enumerate() {
        if line == "---" || line.starts_with("--- ") {
            all.push((number + 2, String::new()));
        } else if let Some((_, document)) = all.last_mut() {
            document.push_str(line);
            document.push('\n');
        }
    }
    all.retain(|(_, document)| !document.trim().is_empty());
    all
}

fn parse(text: &str, first_line: usize) -> Result<Node, String> {
    let options = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::from_str_with_options::<Node>(text, options).map_err(|error| {
        let line = error.location().map_or(1, |location| usize::try_from(location.line()).unwrap_or(1));
        format!("is not YAML at line {}: {}", first_line + line.saturating_sub(1), without_quotes(&error))
    })
}

/// Returns what is wrong, without a word of the text: that may be the key. The messages of the parser are fixed texts;
/// other errors may quote keys and values.
fn without_quotes(error: &serde_saphyr::Error) -> String {
    use serde_saphyr::Error;
    match error.without_snippet() {
        fixed @ (Error::ExternalMessage { .. } | Error::Eof { .. } | Error::MultipleDocuments { .. }) => {
            fixed.to_string().splitn(3, ": ").last().unwrap_or_default().to_owned()
        }
        Error::DuplicateMappingKey { .. } => "a key stands twice in one mapping".into(),
        _ => "something that is not expected here".into(),
    }
}

/// The comments that a document begins with.
fn head(text: &str) -> &str {
    let end = text.lines().take_while(|line| line.starts_with('#')).map(|line| line.len() + 1).sum();
    text.get(..end).unwrap_or_default()
}

/// Returns how many lines of comments a text has; our own values have none, for JSON knows no comments.
fn comments(text: &str) -> usize {
    text.lines().filter(|line| line.trim_start().starts_with('#')).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_quotes_nothing() {
        for text in
            ["secretKey1: a\nsecretKey1: b\n", "a: *secretKey1\n", "a: !!int secretKey1\n", "- [secretKey1\n"]
        {
            let why = Manifest::parse(text).err().expect(text);
            assert!(why.starts_with("is not YAML at line ") && !why.contains("secretKey1"), "{why}");
        }
        let twice = Manifest::parse("kind: A\nkind: B\n").err();
        assert_eq!(twice.as_deref(), Some("is not YAML at line 2: a key stands twice in one mapping"));
    }

    const GUIDE: &str = r#"apiVersion: v1
kind: ConfigMap
metadata:
  name: traffic-monitor-config
  namespace: kube-system
data:
  service_config.json: |
    {
      "apiKey": "k"
    }
"#;

    fn manifest(text: &str) -> Manifest {
        Manifest::parse(text).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn reads_the_guides_form_also_from_windows() {
        for text in
            [GUIDE.to_owned(), format!("\u{feff}{}", GUIDE.replace('\n', "\r\n")), GUIDE.replace('\n', "\r")]
        {
            let manifest = manifest(&text);
            assert_eq!(manifest.config(), Some("{\n  \"apiKey\": \"k\"\n}\n"));
            assert!(!manifest.has_secret() && manifest.secret_key().is_none());
            assert_eq!(manifest.render().unwrap(), GUIDE, "nothing changed");
        }
    }

    #[test]
    fn a_new_file_has_the_guides_names_and_layout() {
        let mut manifest = Manifest::default();
        manifest.set_config("{\n  \"apiKey\": \"k\"\n}\n");
        assert_eq!(manifest.render().unwrap(), format!("{HEAD}{GUIDE}"));
        manifest.set_secret("s3cret", Some("https://x.example"));
        let secret = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: traffic-monitor-api-key\n  namespace: kube-system\n\
            stringData:\n  apiKey: s3cret\n  apisecUrl: https://x.example\n";
        assert_eq!(manifest.render().unwrap(), format!("{HEAD}{secret}---\n{GUIDE}"));
    }

    #[test]
    fn keeps_what_it_does_not_touch() {
        let other = "# not ours\nkind:   Namespace   # as it stood\nmetadata: {name: shop}\n";
        let labelled = GUIDE.replace(
            "  namespace: kube-system\n",
            "  namespace: monitoring\n  labels:\n    team: \"007\"\n    on: 'yes'\n  annotations:\n    note: |-\n      a\n      b\n",
        ) + "  extra.txt: 'x: 1'\n";
        let mut manifest = manifest(&format!("# kept\n{labelled}---\n{other}"));
        assert!(!manifest.drops_comments());
        manifest.set_config("{}\n");
        assert!(!manifest.drops_comments());
        manifest.set_secret("k", None);
        let text = manifest.render().unwrap();
        assert!(text.ends_with(other) && text.contains("---\n# kept\napiVersion"), "{text}");
        let read = Manifest::parse(&text).unwrap_or_else(|error| panic!("{error}"));
        let map = read.find("ConfigMap", CONFIG_MAP).unwrap();
        assert_eq!(map.text(&["metadata", "labels", "team"]), Some("007"));
        assert_eq!(map.text(&["metadata", "labels", "on"]), Some("yes"));
        assert_eq!(map.text(&["metadata", "annotations", "note"]), Some("a\nb"));
        assert_eq!(map.text(&["data", "extra.txt"]), Some("x: 1"));
        let secret = read.find("Secret", SECRET).unwrap();
        assert_eq!(secret.text(&["metadata", "namespace"]), Some("monitoring"));
    }

    #[test]
    fn a_secret_is_read_in_both_forms_and_cleared() {
        let text = "kind: Secret\nmetadata: {name: traffic-monitor-api-key}\ndata: {apiKey: a2V5Cg==, other: eA==}\n";
        let mut manifest = manifest(text);
        assert_eq!(manifest.secret_key().as_deref(), Some("key\n"));
        manifest.set_secret("new", None);
        assert_eq!(manifest.secret_key().as_deref(), Some("new"));
        manifest.clear_secret();
        assert!(manifest.has_secret() && manifest.secret_key().is_none(), "it holds another key");
        let mut plain = Manifest::default();
        plain.set_secret("k", Some("u"));
        plain.clear_secret();
        assert!(!plain.has_secret());
    }

    #[test]
    fn errors_name_the_line_and_quote_nothing() {
        let secret = "kind: Secret\nstringData:\n  apiKey: 'canary\n";
        let error = Manifest::parse(&format!("kind: A\n---\n{secret}")).err().unwrap();
        assert!(error.contains("line 5") || error.contains("line 6"), "{error}");
        assert!(!error.contains("canary"), "{error}");
        let error = Manifest::parse(&format!("{GUIDE}---\n{GUIDE}")).err().unwrap();
        assert!(error.contains("two documents"), "{error}");
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for (text, line) in [
            ("Dear diary,\nnothing today.\n", 1),
            ("{\"apiKey\": \"canary\", \"serviceMappings\": {}}\n", 1),
            ("- kind: ConfigMap\n", 1),
            ("kind: Secret\n---\napiKey: canary\n", 3),
        ] {
            let error = Manifest::parse(text).err().unwrap();
            assert!(
                error.contains(&format!("at line {line} has no `kind`")) && !error.contains("canary"),
                "{error}"
            );
        }
        assert!(Manifest::parse("# only a comment\n---\n{\"kind\": \"List\", \"items\": []}\n").is_ok());
    }

    #[test]
    fn comments_inside_are_said_to_go() {
        let mut manifest = manifest(&GUIDE.replace("\ndata:", "\n# the data\ndata:"));
        assert!(!manifest.drops_comments());
        manifest.set_config("{}\n");
        assert!(manifest.drops_comments());
    }
}
