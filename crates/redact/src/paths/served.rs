//! Descriptions of an API that its service serves itself (`/openapi.json`, `/v3/api-docs`, `/swagger/doc.json`): evidence about
//! the paths of that service, and of no other.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::template::split;

/// The most that is read of a description, in bytes.
pub(crate) const MAX_DESCRIPTION: usize = 1024 * 1024;

/// The longest path that is taken from one, in bytes.
const MAX_PATH: usize = 1024;

/// The most paths that are taken from one.
const MAX_PATHS: usize = 4096;

/// The most addresses of one that are looked at for what stands before its paths.
const MAX_SERVERS: usize = 4;

/// What paths that lead to a description have in them, in lower case.
const MARKS: [&[u8]; 3] = [b"openapi", b"swagger", b"api-docs"];

/// Returns whether a path looks as if it led to a description.
pub(crate) fn may_describe(path: &[u8]) -> bool {
    MARKS.iter().any(|mark| path.windows(mark.len()).any(|part| part.eq_ignore_ascii_case(mark)))
}

/// Returns the paths of a description in JSON (OpenAPI 3.0 and 3.1, or Swagger 2.0), as they are and as they are behind the paths
/// of its addresses; none where it is no such description, or is cut.
pub(crate) fn described(document: &[u8]) -> Option<Vec<String>> {
    let found: Description = serde_json::from_slice(document).ok()?;
    found.version()?;
    let mut bases: Vec<&str> =
        found.servers.iter().take(MAX_SERVERS).map(|server| base(&server.url)).collect();
    bases.extend(found.base_path.as_deref().map(base));
    bases.push("");
    bases.sort_unstable();
    bases.dedup();
    let behind =
        |path: &String| -> Vec<String> { bases.iter().map(|base| format!("{base}{path}")).collect() };
    let all = found.paths.0.iter().flat_map(behind).filter(|path| path.len() <= MAX_PATH);
    Some(all.take(MAX_PATHS).collect())
}

/// Returns the path of an address, without a slash at its end.
fn base(url: &str) -> &str {
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default(),
        None if url.starts_with('/') => url,
        None => "",
    };
    // A variable in it stands for more than a step.
    if path.contains('{') { "" } else { path.trim_end_matches('/') }
}

/// What is read of a description. All else is passed over without being kept.
#[derive(Deserialize)]
struct Description {
    openapi: Option<String>,
    swagger: Option<String>,
    #[serde(rename = "basePath")]
    base_path: Option<String>,
    #[serde(default)]
    servers: Vec<Server>,
    paths: PathNames,
}

#[derive(Deserialize)]
struct Server {
    #[serde(default)]
    url: String,
}

impl Description {
    /// The version of its format.
    fn version(&self) -> Option<&str> {
        let version = self.openapi.as_deref().or(self.swagger.as_deref())?;
        version.starts_with(['2', '3']).then_some(version)
    }
}

/// The names in an object, as far as they are paths.
struct PathNames(Vec<String>);

impl<'de> Deserialize<'de> for PathNames {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<PathNames, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = PathNames;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of paths")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<PathNames, M::Error> {
                let mut all = BTreeMap::new();
                while let Some((name, IgnoredAny)) = map.next_entry::<String, IgnoredAny>()? {
                    if name.starts_with('/') && all.len() < MAX_PATHS {
                        let path = String::from_utf8_lossy(split(name.as_bytes()).0).into_owned();
                        all.insert(path, ());
                    }
                }
                Ok(PathNames(all.into_keys().collect()))
            }
        }
        from.deserialize_map(Names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_to_a_description() {
        for path in
            ["/openapi.json", "/v3/api-docs", "/Swagger/doc.json", "/api/openapi", "/v3/api-docs/admin"]
        {
            assert!(may_describe(path.as_bytes()), "{path}");
        }
        for path in ["/", "/api/docs", "/open/api", "/users/7"] {
            assert!(!may_describe(path.as_bytes()), "{path}");
        }
    }

    #[test]
    fn paths_stand_behind_those_of_the_addresses() {
        let of = |text: &str| described(text.as_bytes());
        let three = r#"{"openapi":"3.1.0","info":{},"servers":[{"url":"https://a.example/v1/"},{"url":"https://{host}/{x}"}],
            "paths":{"/a/{id}":{"get":{}},"x-no":1,"/b?c=1":null}}"#;
        assert_eq!(of(three).unwrap(), ["/a/{id}", "/v1/a/{id}", "/b", "/v1/b"]);
        let two = r#"{"swagger":"2.0","basePath":"/api","paths":{"/a":{}}}"#;
        assert_eq!(of(two).unwrap(), ["/a", "/api/a"]);
        for other in [
            r#"{"paths":{"/a":{}}}"#,
            r#"{"openapi":"1","paths":{}}"#,
            r#"{"openapi":"3.0.0"}"#,
            "[]",
            "{\"openapi\":",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
