//! Comparing paths: two endpoints are the same when method and shape are.

/// Returns the shape of a path: every `{name}` replaced by `{}`.
pub(super) fn shape(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let name = after.find(['{', '}', '/']).unwrap_or(after.len());
        match after.get(name..).and_then(|tail| tail.strip_prefix('}')) {
            Some(tail) => {
                out.push_str("{}");
                rest = tail;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out + rest
}

/// Returns the name of a variable segment: `id` for `{id}`.
pub(super) fn variable(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}').filter(|name| !name.is_empty() && !name.contains(['{', '}']))
}

/// Returns whether `template` matches everything that `path` (itself a template or not) matches.
pub(super) fn covers(template: &str, path: &str) -> bool {
    zip_segments(template, path)
        .is_some_and(|mut pairs| pairs.all(|(t, p)| variable(t).is_some() || shape(t) == shape(p)))
}

/// Returns how many segments of a path are literals. Of several templates that cover a path, the one with most says most.
pub(super) fn literals(path: &str) -> usize {
    path.split('/').filter(|segment| variable(segment).is_none()).count()
}

/// Returns whether `literal` is what the platform had before `template` was known: the template covers it, and where it
/// has a literal for a variable, that holds a digit, as values do and words do not (`/users/7`, but not `/users/me`).
pub(super) fn supersedes(template: &str, literal: &str) -> bool {
    let mut differ = false;
    zip_segments(template, literal).is_some_and(|mut pairs| {
        pairs.all(|(t, l)| match (variable(t), variable(l)) {
            (Some(_), None) => {
                differ = true;
                l.bytes().any(|b| b.is_ascii_digit())
            }
            (Some(_), Some(_)) => true,
            (None, _) => t == l,
        })
    }) && differ
}

/// Returns the segments of two paths in pairs, if they have equally many.
fn zip_segments<'a>(a: &'a str, b: &'a str) -> Option<impl Iterator<Item = (&'a str, &'a str)>> {
    (a.matches('/').count() == b.matches('/').count()).then(|| a.split('/').zip(b.split('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_variables_do_not_matter() {
        assert_eq!(shape("/users/{userId}/orders/{o}"), "/users/{}/orders/{}");
        assert_eq!(shape("/users/{user_id}/orders/{}"), "/users/{}/orders/{}");
        assert_eq!(shape("/files/{name}.{ext}"), "/files/{}.{}");
        for odd in ["", "/", "/{", "/}", "/{a/b}", "/{{", "/a{"] {
            assert_eq!(shape(odd), odd);
        }
        assert_eq!(shape("/{{a}}"), "/{{}}");
    }

    #[test]
    fn a_template_covers_what_it_matches() {
        assert!(covers("/users/{user_id}", "/users/john"));
        assert!(covers("/users/{user_id}", "/users/{id}"));
        assert!(covers("/users/john", "/users/john"));
        assert!(!covers("/users/john", "/users/{id}"));
        assert!(!covers("/users/{id}", "/users/john/orders"));
        assert!(!covers("/users/{id}/orders/1", "/users/7/orders/{o}"));
        assert!(literals("/users/john") > literals("/{a}/john"));
    }

    #[test]
    fn only_values_are_superseded() {
        assert!(supersedes("/users/{id}", "/users/17"));
        assert!(supersedes("/users/{id}/orders/{o}", "/users/{id}/orders/a1"));
        for literal in ["/users/me", "/users/{x}", "/users", "/carts/17"] {
            assert!(!supersedes("/users/{id}", literal), "{literal}");
        }
    }
}
