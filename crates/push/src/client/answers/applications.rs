//! The applications of the platform and their instances, as it lists them page by page.

use serde::Deserialize;
use serde_json::Value;

use super::text::Text;

/// An application as the platform lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its id.
    pub id: String,
    /// Its name; empty where the platform gives none.
    pub name: String,
    /// Its instances, in the platform's order.
    pub instances: Vec<ApplicationInstance>,
}

/// An instance of an [`Application`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationInstance {
    /// Its id.
    pub id: String,
    /// Its name; empty where the platform gives none.
    pub name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    /// Must be there, for an answer of another kind must not be taken for 'none'; `null` is none.
    #[serde(deserialize_with = "Option::deserialize")]
    applications: Option<Vec<Option<PageEntry>>>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageEntry {
    #[serde(default)]
    application_id: Text,
    #[serde(default)]
    application_name: Text,
    instances: Option<Vec<Option<PageInstance>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInstance {
    #[serde(default)]
    instance_id: Text,
    #[serde(default)]
    instance_name: Text,
}

/// Reads a page of applications. Returns them and the token of the next page, if there is one. Entries without an id are
/// left out.
///
/// # Errors
/// If it is no JSON, was cut, or has no list of applications.
pub fn applications(answer: &[u8]) -> Result<(Vec<Application>, Option<String>), serde_json::Error> {
    let page: Page = serde_json::from_slice(answer)?;
    let found = page.applications.into_iter().flatten().flatten().filter_map(application).collect();
    Ok((found, page.next_token.filter(|token| !token.trim().is_empty())))
}

/// Returns the id in the answer to the creation of an application.
#[must_use]
pub fn new_application(answer: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    id(answer.get("applicationId")?)
}

/// Returns the id in the answer to the creation of an instance. Its shape is not certain, so all that are known are
/// read.
#[must_use]
pub fn new_instance(answer: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let of = |value: &Value| ["instanceId", "id"].iter().find_map(|key| id(value.get(key)?));
    let first = |key: &str| answer.get(key)?.get(0).and_then(|value| id(value).or_else(|| of(value)));
    let lists = ["instanceIds", "items", "instances"];
    lists.into_iter().find_map(first).or_else(|| of(answer.get(0).unwrap_or(&answer)))
}

/// Returns the id of the first instance in the answer about one application.
#[must_use]
pub fn first_instance(answer: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let first = answer.get("instances")?.get(0)?;
    ["instanceId", "id"].iter().find_map(|key| id(first.get(key)?))
}

/// Returns an id: a text that can stand in a path. Dots alone would be a step in it.
fn id(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|id| id.chars().any(|c| c != '.')).map(str::to_owned)
}

fn application(entry: PageEntry) -> Option<Application> {
    let instance = |entry: PageInstance| {
        let id = entry.instance_id.some()?;
        Some(ApplicationInstance { id, name: entry.instance_name.some().unwrap_or_default() })
    };
    Some(Application {
        id: entry.application_id.some()?,
        name: entry.application_name.some().unwrap_or_default(),
        instances: entry.instances.into_iter().flatten().flatten().filter_map(instance).collect(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::error::Category;

    use super::*;

    #[test]
    fn ids_of_what_was_created_are_read_in_every_known_shape() {
        for answer in [
            r#"{"instanceIds":["i"]}"#,
            r#"[{"instanceId":"i"}]"#,
            r#"{"instanceId":"i"}"#,
            r#"{"items":[{"instanceId":"i"}]}"#,
            r#"{"instances":[{"instanceId":"i"}]}"#,
            r#"{"instances":[{"id":" i "}]}"#,
            r#"{"id":"i","name":"x"}"#,
        ] {
            assert_eq!(new_instance(answer.as_bytes()).as_deref(), Some("i"), "{answer}");
        }
        for answer in
            ["", "{}", "[]", "null", r#"{"instanceIds":[]}"#, r#"{"id":".."}"#, r#"{"id":7}"#, "<html>"]
        {
            assert_eq!(new_instance(answer.as_bytes()), None, "{answer}");
        }
        assert_eq!(new_application(br#"{"applicationId":"a","hostUrls":["/"]}"#).as_deref(), Some("a"));
        assert_eq!(new_application(br#"{"applicationId":""}"#), None);
        assert_eq!(
            first_instance(br#"{"instances":[{"instanceId":"i"},{"instanceId":"j"}]}"#).as_deref(),
            Some("i")
        );
        assert_eq!(first_instance(br#"{"instances":[]}"#), None);
    }

    #[test]
    fn a_page_of_applications_in_full_and_with_holes() {
        let answer = br#"{"applications":[
            {"applicationId":"a","applicationName":"cart","other":1,
             "instances":[{"instanceId":"i","instanceName":"prod","hostUrl":"/"},{"instanceId":"j"},{},null]},
            {"applicationId":"b","applicationName":null,"instances":null}, {"applicationName":"x"}, null],
            "nextToken":"t"}"#;
        let (found, next) = applications(answer).unwrap();
        let instance = |id: &str, name: &str| ApplicationInstance { id: id.into(), name: name.into() };
        let application =
            |id: &str, name: &str, instances| Application { id: id.into(), name: name.into(), instances };
        assert_eq!(
            found,
            [
                application("a", "cart", vec![instance("i", "prod"), instance("j", "")]),
                application("b", "", vec![])
            ]
        );
        assert_eq!(next.as_deref(), Some("t"));
        for last in [r#"{"applications":[]}"#, r#"{"applications":null,"nextToken":" "}"#] {
            assert_eq!(applications(last.as_bytes()).unwrap(), (vec![], None), "{last}");
        }
        for (nonsense, wrong) in [
            ("", Category::Eof),
            ("{}", Category::Data),
            ("[]", Category::Data),
            ("<html>", Category::Syntax),
            (r#"{"applications":{}}"#, Category::Data),
            (r#"{"applications":[{"a"#, Category::Eof),
        ] {
            let error = applications(nonsense.as_bytes()).err().map(|error| error.classify());
            assert_eq!(error, Some(wrong), "{nonsense}");
        }
    }
}
