//! Paths to templates: `/users/77/orders/5` is `/users/{userId}/orders/{orderId}`.
//!
//! [`Walk`] is what both the template and the novelty filter ([`crate::Known`]) go by, so that they agree.

mod noun;
mod path;

use path::{Scratch, Segment, Span};
pub(crate) use path::{decode, decode_once, pairs, split};

use crate::classify::{Class, Kind, MAX_TEXT, Meaning, ODD, Shape, fits, kind_of_bytes, meaning};

/// The longest word, in bytes of the normal form. What is longer is a value.
const MAX_LITERAL: usize = 128;

/// The name of the variable that stands for all that is deeper than a path may be.
const REST: &str = "rest";

/// Why a path is cut to what fits.
pub(crate) const TOO_DEEP: &str = "path too deep";

/// The kind of a segment after `noun`, the word before it (empty for none).
fn kind_of_segment(segment: &Segment<'_>, noun: &[u8]) -> Kind {
    match kind_of_bytes(segment.decoded, segment.kinds) {
        Kind::Unsettled if is_named(segment, noun) => Kind::Other,
        Kind::Word | Kind::Unsettled if segment.normal.len() > MAX_LITERAL => Kind::Other,
        kind => kind,
    }
}

/// Returns whether the noun before it makes a segment secret, or a number of a person: `/passports/C01X00T47`.
fn is_named(segment: &Segment<'_>, noun: &[u8]) -> bool {
    match meaning(noun) {
        Meaning::Credential => true,
        Meaning::Personal(shape @ Shape::Digits(_)) => fits(shape, &String::from_utf8_lossy(segment.decoded)),
        _ => false,
    }
}

/// The template of a path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Template {
    /// The template: `/` and segments; each variable is `{name}`.
    pub(crate) text: String,
    /// Name and value of each variable, and the noun before it. The values are as captured, without any encoding.
    pub(crate) params: Vec<Param>,
    /// Whether a word could be an id.
    pub(crate) unsettled: bool,
    /// Whether the path was deeper than is read; the last variable stands for the rest.
    pub(crate) deep: bool,
}

/// A variable of a template. Not for `Debug` output: the value is as captured.
#[derive(PartialEq, Eq)]
pub(crate) struct Param {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// The word before it, empty for none.
    pub(crate) noun: String,
    pub(crate) value: Vec<u8>,
}

impl std::fmt::Debug for Param {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {:?}", self.name, self.kind)
    }
}

/// The memory that walks over paths use again and again.
#[derive(Default)]
pub(crate) struct Walk {
    spans: Vec<Span>,
    scratch: Scratch,
    /// The noun, if it is not as captured.
    noun: Vec<u8>,
}

impl Walk {
    /// Shows each segment of a path with its kind; gives whether the path was too deep.
    pub(crate) fn path(&mut self, path: &[u8], mut each: impl FnMut(Segment<'_>, Kind)) -> bool {
        let deep = path::segments(path, &mut self.spans);
        let mut noun: Option<&[u8]> = Some(b"");
        for Span { range, kinds } in &self.spans {
            let raw = path.get(range.clone()).unwrap_or_default();
            if raw.len() > MAX_TEXT {
                let cut = raw.get(..MAX_TEXT).unwrap_or(raw);
                each(Segment { normal: cut, decoded: cut, kinds: *kinds }, Kind::Other);
                noun = Some(b"");
                continue;
            }
            let segment = self.scratch.segment(raw, *kinds);
            let kind = kind_of_segment(&segment, noun.unwrap_or(&self.noun));
            each(segment, kind);
            noun = match kind.class() {
                Some(_) => Some(b""),
                None if kinds & ODD == 0 => Some(raw),
                None => {
                    self.noun.clear();
                    self.noun.extend_from_slice(segment.normal);
                    None
                }
            };
        }
        deep
    }
}

impl Template {
    /// The template of a path as captured, without its query: see [`split`]. `*` stays (RFC 9112, section 3.2.4).
    pub(crate) fn of(path: &[u8]) -> Template {
        let mut template =
            Template { text: String::new(), params: Vec::new(), unsettled: false, deep: false };
        if path == b"*" {
            template.text.push('*');
            return template;
        }
        let deep = Walk::default().path(path, |segment, kind| {
            let noun = template.noun();
            template.text.push('/');
            template.unsettled |= kind == Kind::Unsettled;
            match kind.class() {
                None => template.text.push_str(&String::from_utf8_lossy(segment.normal)),
                Some(class) => template.push(class, kind, &noun, segment.decoded),
            }
        });
        if deep {
            template.deep = true;
            template.text.push('/');
            template.push_named(REST.to_owned(), Kind::Other, "", b"");
        }
        if template.text.is_empty() {
            template.text.push('/');
        }
        template
    }

    /// The template of a path that has no variables.
    pub(crate) fn literal(path: &[u8]) -> Template {
        let text = String::from_utf8_lossy(path).into_owned();
        Template { text, params: Vec::new(), unsettled: false, deep: false }
    }

    /// The last segment so far, if it is a word.
    fn noun(&self) -> String {
        let last = self.text.rsplit('/').next().unwrap_or_default();
        if last.starts_with('{') { String::new() } else { last.to_owned() }
    }

    fn push(&mut self, class: Class, kind: Kind, noun: &str, value: &[u8]) {
        let name = match class {
            Class::Date => "date".to_owned(),
            Class::Email => "email".to_owned(),
            Class::Id => noun::noun(noun).map_or_else(|| "id".to_owned(), |noun| noun + "Id"),
        };
        self.push_named(name, kind, noun, value);
    }

    fn push_named(&mut self, name: String, kind: Kind, noun: &str, value: &[u8]) {
        let taken = |name: &str| self.params.iter().any(|param| param.name == name);
        let free = |number: usize| Some(format!("{name}{number}")).filter(|name| !taken(name));
        let name = if taken(&name) { (2..).find_map(free).unwrap_or_default() } else { name };
        self.text.push('{');
        self.text.push_str(&name);
        self.text.push('}');
        self.params.push(Param { name, kind, noun: noun.to_owned(), value: value.to_owned() });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Examples, Redactor};

    fn template(path: &str) -> String {
        Template::of(split(path.as_bytes()).0).text
    }

    #[test]
    fn variables_are_named_by_the_noun_before() {
        let cases = [
            ("/users/77/orders/5", "/users/{userId}/orders/{orderId}"),
            ("/categories/3", "/categories/{categoryId}"),
            ("/v1/77", "/v1/{id}"),
            ("/api/77", "/api/{id}"),
            ("/77", "/{id}"),
            ("/77/88", "/{id}/{id2}"),
            ("/addresses/1", "/addresses/{addressId}"),
            ("/news/1", "/news/{newsId}"),
            ("/line-items/1", "/line-items/{lineItemId}"),
            ("/users/1/users/2", "/users/{userId}/users/{userId2}"),
            ("/users/1/2", "/users/{userId}/{id}"),
            ("/users/550e8400-e29b-41d4-a716-446655440000", "/users/{userId}"),
            ("/users/john%40example.com/x", "/users/{email}/x"),
            ("/reports/2024-05-31", "/reports/{date}"),
            ("/reports/2024-05-31/2024-06-01", "/reports/{date}/{date2}"),
            ("/events/2024-05-31T08%3A00%3A00Z", "/events/{date}"),
            ("/users/{id}/x", "/users/{userId}/x"),
            ("/users/%7Bid%7D", "/users/{userId}"),
            ("/", "/"),
            ("", "/"),
            ("/a?x=/77", "/a"),
            ("/a/77/#/88", "/a/{aId}"),
            ("*", "*"),
            ("odd", "/odd"),
            ("/password/ab12", "/password/{passwordId}"),
            ("/café/1", "/caf%C3%A9/{id}"),
        ];
        for (path, expected) in cases {
            assert_eq!(template(path), expected, "{path}");
        }
    }

    #[test]
    fn unsettled_templates() {
        for (path, expected) in
            [("/v1/users/77", false), ("/items/ab12cd", true), ("/oauth2/token", true), ("/", false)]
        {
            assert_eq!(Template::of(path.as_bytes()).unsettled, expected, "{path}");
        }
    }

    #[test]
    fn long_and_deep_paths_stay_small() {
        let long = template(&format!("/a/{}", "b".repeat(8192)));
        assert_eq!(long, "/a/{aId}");
        let deep = Template::of("/a".repeat(4096).as_bytes());
        assert!(deep.deep && deep.text.ends_with("/a/{rest}") && deep.text.len() < 100);
        let wide = template(&"/\u{fc}".repeat(64).repeat(64));
        assert!(wide.len() < 8192);
    }

    fn segment() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-z]{1,12}",
            "[0-9]{1,12}",
            "[a-f0-9]{16,40}",
            "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}",
            "20[0-9]{2}-0[1-9]-1[0-9]",
            "[a-z]{1,5}(@|%40)[a-z]{1,5}\\.de",
            "[A-Za-z0-9_-]{1,40}",
            "[ -~]{0,12}",
            "\\PC{0,6}",
        ]
    }

    /// A path of the template with these values in the place of its variables.
    fn rendered(template: &Template, examples: Examples) -> String {
        let redactor = Redactor::new(examples);
        let mut params = template.params.iter();
        let segments = template.text.split('/').map(|segment| match segment.strip_prefix('{') {
            Some(_) => params.next().map_or_else(String::new, |param| redactor.path_value(param)),
            None => segment.to_owned(),
        });
        segments.collect::<Vec<_>>().join("/").replace(' ', "%20")
    }

    proptest! {
        #[test]
        fn a_path_of_surrogates_has_the_same_template(segments in prop::collection::vec(segment(), 0..6)) {
            let path = segments.iter().map(|segment| format!("/{segment}")).collect::<String>();
            let once = Template::of(split(path.as_bytes()).0);
            for examples in [Examples::Redacted, Examples::Synthetic] {
                let path = rendered(&once, examples);
                let twice = Template::of(path.as_bytes());
                prop_assert_eq!(&twice.text, &once.text, "{}", path);
                prop_assert_eq!(twice.unsettled, once.unsettled);
            }
        }

        #[test]
        fn any_bytes_give_a_clean_template(path in prop::collection::vec(any::<u8>(), 0..200)) {
            let template = Template::of(split(&path).0).text;
            prop_assert!(template == "*" || template.starts_with('/'));
            prop_assert!(template.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert!(template == "/" || !template.ends_with('/') && !template.contains("//"));
        }
    }
}
