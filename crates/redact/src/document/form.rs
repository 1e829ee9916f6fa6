//! `application/x-www-form-urlencoded` (the URL standard, section 5).

use memchr::memchr;

use super::events::{Container, End, Kind, Observer};
use super::steps::{Step, Steps, part};

/// Names and values in the order of the text, as the URL standard parses them. Of a form that is cut, the last pair is not told.
pub(super) fn walk<O: Observer>(text: &[u8], whole: bool, steps: &mut Steps<'_, O>) -> Step {
    steps.enter(Container::Fields, 0)?;
    let mut at = 0;
    loop {
        let rest = part(text, at..text.len());
        let length = match memchr(b'&', rest) {
            Some(length) => length,
            None if whole => rest.len(),
            None => return Err(End::Cut { at }),
        };
        pair(part(rest, 0..length), at, steps)?;
        at += length + 1;
        if at > text.len() {
            return steps.leave(text.len()..text.len());
        }
    }
}

/// A name and its value. Without `=` the value is empty; what is empty altogether is no pair.
fn pair<O: Observer>(text: &[u8], at: usize, steps: &mut Steps<'_, O>) -> Step {
    let Some((name, value)) = form_urlencoded::parse(text).next() else { return Ok(()) };
    let equals = memchr(b'=', text).unwrap_or(text.len());
    steps.name(&name, at..at + equals)?;
    steps.value(Kind::Text, &value, at + text.len().min(equals + 1)..at + text.len())
}

#[cfg(test)]
mod tests {
    use std::ops::{ControlFlow, Range};

    use proptest::prelude::*;

    use super::super::tests::{tells, told};
    use super::super::{Document, Scalar, Syntax};
    use super::*;

    #[test]
    fn names_and_values() {
        tells(
            Syntax::Form,
            "a=1&b=hun%20ter+2&c&&=d&e=f=g&%C3%A9=%zz",
            "{a: '1' b: 'hun ter 2' c: '' : 'd' e: 'f=g' é: '%zz'}",
        );
        tells(Syntax::Form, "", "{}");
        assert_eq!(
            told(Syntax::Form, "a=1&b=2&passwo", false),
            ("{a: '1' b: '2'}".into(), End::Cut { at: 8 })
        );
    }

    #[derive(Default)]
    struct Pairs(Vec<(String, String)>);

    impl Observer for Pairs {
        fn name(&mut self, name: &str, _: Range<usize>) -> ControlFlow<()> {
            self.0.push((name.to_owned(), String::new()));
            ControlFlow::Continue(())
        }

        fn value(&mut self, value: &Scalar<'_>) -> ControlFlow<()> {
            value.text.clone_into(&mut self.0.last_mut().unwrap().1);
            ControlFlow::Continue(())
        }
    }

    proptest! {
        #[test]
        fn as_the_url_standard_reads_them(text in "[a&=%+é0-9A-F]{0,40}|\\PC{0,40}") {
            let mut pairs = Pairs::default();
            Document { syntax: Syntax::Form, bytes: text.as_bytes(), whole: true }.walk(&mut pairs);
            let expected: Vec<_> = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
            prop_assert_eq!(pairs.0, expected);
        }
    }
}
