//! The form of a template that the platform takes.

/// Returns a template in which a variable is a whole segment, as the platform has them: `/users/{userId}:activate` is
/// `/users/{userId}` there, and `/Orders({id})/items` is `/{id}/items`.
#[must_use]
pub fn in_whole_segments(template: &str) -> String {
    let whole = |segment: &str| -> String {
        let name = segment.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
        name.map_or_else(|| segment.to_owned(), |(name, _)| format!("{{{name}}}"))
    };
    template.split('/').map(whole).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_whole_segments() {
        for (template, whole) in [
            ("/users/{userId}", "/users/{userId}"),
            ("/users/{userId}:activate", "/users/{userId}"),
            ("/issues/{issueId}.json", "/issues/{issueId}"),
            ("/odata/Orders({id})/items", "/odata/{id}/items"),
            ("/a/b.json", "/a/b.json"),
            ("*", "*"),
        ] {
            assert_eq!(in_whole_segments(template), whole);
        }
    }
}
