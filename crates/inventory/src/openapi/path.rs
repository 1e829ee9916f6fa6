//! Templates as paths of OpenAPI.

use std::collections::BTreeMap;

/// A template as a path of OpenAPI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    /// The path: names of variables stand once in it.
    pub(super) text: String,
    /// The names of its variables in order, with those that they have in the template.
    pub(super) variables: Vec<Variable>,
}

/// A variable of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Variable {
    /// Its name in the document.
    pub(super) name: String,
    /// Its name in the template.
    pub(super) known: String,
}

/// The names of the variables of paths that OpenAPI takes for the same, since they differ in these names alone (section
/// 4.8.8.2), by the path without names.
pub(super) type Names = BTreeMap<String, Vec<String>>;

/// Returns the names that such paths have in common: those of the first of them in their order.
pub(super) fn canonical<'a>(templates: impl Iterator<Item = &'a str>) -> Names {
    let mut sorted: Vec<&str> = templates.collect();
    sorted.sort_unstable();
    let mut names = Names::new();
    for template in sorted {
        let (nameless, known) = apart(template);
        names.entry(nameless).or_insert_with(|| distinct(&known));
    }
    names
}

impl Path {
    /// The path of a template; none where a document has no place for it.
    pub(super) fn of(template: &str, names: &Names) -> Option<Path> {
        let (nameless, known) = apart(template);
        let names = names.get(&nameless)?;
        let mut parts = nameless.split("{}");
        let mut text = parts.next().filter(|text| text.starts_with('/'))?.to_owned();
        for (name, part) in names.iter().zip(parts) {
            text.push_str(&format!("{{{name}}}{part}"));
        }
        let variable = |(name, known): (&String, String)| Variable { name: name.clone(), known };
        Some(Path { text, variables: names.iter().zip(known).map(variable).collect() })
    }

    /// The word that operations of this path are grouped by: the first that names no version and is not `api`.
    pub(super) fn tag(&self) -> Option<&str> {
        let version = |word: &str| {
            word.strip_prefix('v').is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()))
        };
        let words = self.text.split('/').filter(|word| !word.is_empty() && !word.contains('{'));
        words.filter(|word| !version(word) && !word.eq_ignore_ascii_case("api")).find(|word| !word.is_empty())
    }
}

/// Returns a template with `{}` for each variable, and their names.
fn apart(template: &str) -> (String, Vec<String>) {
    let (mut nameless, mut names, mut rest) = (String::new(), Vec::new(), template);
    while let Some((before, (name, behind))) =
        rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        nameless.push_str(before);
        nameless.push_str("{}");
        names.push(name.to_owned());
        rest = behind;
    }
    nameless.push_str(rest);
    (nameless, names)
}

/// Returns names of which each stands once: what is not decided has a number for a name.
fn distinct(names: &[String]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for (number, name) in names.iter().enumerate() {
        let plain = if name.starts_with('?') { format!("undecided{}", number + 1) } else { name.clone() };
        let mut unique = plain.clone();
        let mut more = 2;
        while all.contains(&unique) {
            unique = format!("{plain}{more}");
            more += 1;
        }
        all.push(unique);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_segments_stay() {
        for template in ["/users/{userId}", "/orders/{id}:cancel", "/f/{id}.json", "/Users({id})/items", "/"]
        {
            let names = canonical([template].into_iter());
            assert_eq!(Path::of(template, &names).unwrap().text, template);
        }
        assert_eq!(Path::of("*", &canonical(["*"].into_iter())), None);
    }

    #[test]
    fn paths_that_differ_in_names_are_one() {
        let both = ["/users/{userId}/x/{id}", "/users/{id}/x/{id}"];
        let names = canonical(both.into_iter());
        let paths = both.map(|template| Path::of(template, &names).unwrap());
        assert_eq!(paths.each_ref().map(|path| path.text.as_str()), ["/users/{id}/x/{id2}"; 2]);
        assert_eq!(paths[0].variables[0], Variable { name: "id".into(), known: "userId".into() });
    }

    #[test]
    fn what_is_not_decided_has_a_number() {
        let template = "/users/{?1f}/{?20}/{id}";
        let path = Path::of(template, &canonical([template].into_iter())).unwrap();
        assert_eq!(path.text, "/users/{undecided1}/{undecided2}/{id}");
    }

    #[test]
    fn tags() {
        let tag = |text: &str| Path { text: text.into(), variables: vec![] }.tag().map(str::to_owned);
        assert_eq!(tag("/api/v1/users/{id}").as_deref(), Some("users"));
        assert_eq!(tag("/v2/{id}"), None);
    }
}
