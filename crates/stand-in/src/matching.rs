//! How a request finds the endpoints that it belongs to, and how endpoints are named.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

/// Returns the name of a variable segment, if it is one: `{name}`.
pub(super) fn variable(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}').filter(|name| !name.is_empty())
}

/// Returns the names of the variable segments of a template, in order.
pub(super) fn variables(template: &str) -> impl Iterator<Item = &str> {
    template.split('/').filter_map(variable)
}

/// Returns the template with every `{name}` replaced by `{}`: what makes two endpoints the same.
pub(super) fn shape(template: &str) -> String {
    let segments: Vec<&str> =
        template.split('/').map(|s| if variable(s).is_some() { "{}" } else { s }).collect();
    segments.join("/")
}

/// Matches a path (without query) against a template: a variable takes any segment that is not empty, a literal the
/// same text, after percent-decoding. Returns the variables' values, decoded.
pub(super) fn matches(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let mut values = Vec::new();
    let mut segments = path.split('/');
    for expected in template.split('/') {
        let segment = segments.next()?;
        match variable(expected) {
            Some(_) if segment.is_empty() => return None,
            Some(name) => values.push((name.to_owned(), decoded(segment))),
            None if expected == segment || decoded(expected) == decoded(segment) => {}
            None => return None,
        }
    }
    segments.next().is_none().then_some(values)
}

/// Returns a key to sort templates by. Of two that match the same path, the one that sorts first is the more literal: it has
/// fewer variables, or its first variable comes later.
pub(super) fn generality(template: &str) -> (usize, Vec<bool>) {
    let pattern: Vec<bool> = template.split('/').map(|segment| variable(segment).is_some()).collect();
    (pattern.iter().filter(|variable| **variable).count(), pattern)
}

/// Returns the parameters of a query, names and values decoded; the first value of a name counts.
pub(super) fn query_parameters(query: &str) -> Vec<(String, String)> {
    let mut parameters: Vec<(String, String)> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")));
        if !parameters.iter().any(|(known, _)| *known == name) {
            parameters.push((name, value));
        }
    }
    parameters
}

/// Returns the platform's id of an endpoint: padded base64 of `METHOD:path`.
pub(super) fn endpoint_id(method: &str, path: &str) -> String {
    STANDARD.encode(format!("{}:{path}", method.to_uppercase()))
}

/// Returns an id in the standard alphabet; ids in the URL-safe one are accepted too.
pub(super) fn canonical_id(id: &str) -> String {
    id.replace('-', "+").replace('_', "/")
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(template: &str, path: &str) -> Option<Vec<String>> {
        Some(matches(template, path)?.into_iter().map(|(name, value)| format!("{name}={value}")).collect())
    }

    #[test]
    fn a_variable_takes_one_segment_that_is_not_empty() {
        assert_eq!(values("/v2/carts/{id}", "/v2/carts/77"), Some(vec!["id=77".to_owned()]));
        assert_eq!(values("/v2/carts/{id}", "/v2/carts/"), None);
        assert_eq!(values("/v2/carts/{id}", "/v2/carts"), None);
        assert_eq!(values("/v2/carts/{id}", "/v2/carts/77/items"), None);
        assert_eq!(values("/v2/carts/{id}", "/v2/carts/77/"), None);
        assert_eq!(values("/{a}/{b}", "/1/x%2Fy"), Some(vec!["a=1".to_owned(), "b=x/y".to_owned()]));
    }

    #[test]
    fn literals_are_compared_decoded_and_braces_alone_are_literal() {
        assert!(matches("/a b", "/a%20b").is_some());
        assert!(matches("/A", "/a").is_none());
        assert!(matches("/{}", "/x").is_none());
        assert!(matches("/", "/").is_some());
    }

    #[test]
    fn the_most_literal_sorts_first() {
        let mut templates = ["/{a}/{b}", "/{a}/me", "/users/{id}", "/users/me"];
        templates.sort_by_key(|template| generality(template));
        assert_eq!(templates, ["/users/me", "/users/{id}", "/{a}/me", "/{a}/{b}"]);
    }

    #[test]
    fn names_do_not_change_the_shape() {
        assert_eq!(shape("/u/{userId}/o/{x}"), "/u/{}/o/{}");
        assert_eq!(variables("/u/{userId}/o/{x}").collect::<Vec<_>>(), ["userId", "x"]);
    }

    #[test]
    fn ids_are_those_of_the_platform() {
        assert_eq!(endpoint_id("get", "/api/v1/users"), "R0VUOi9hcGkvdjEvdXNlcnM=");
        assert_eq!(canonical_id("a-b_c="), "a+b/c=");
    }

    #[test]
    fn the_first_value_of_a_query_parameter_counts() {
        let pairs = query_parameters("a=1&&b=x+y%21&a=2&c");
        let expected = [("a", "1"), ("b", "x y!"), ("c", "")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        assert_eq!(pairs, expected);
    }
}
