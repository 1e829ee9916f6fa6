//! The laws of the join.

use proptest::prelude::*;
use serde_json::json;

use super::super::looks::Looks;
use super::super::node::{Array, Field, Object, Shape, Text};
use super::super::span::Span;
use super::super::values::Values;
use crate::classify::{Label, Labels};

fn span() -> impl Strategy<Value = Span> {
    prop_oneof![
        Just(Span::default()),
        "-?(0|[1-9][0-9]{0,6})(\\.[0-9])?".prop_map(|text| Span::of_number(&text).unwrap_or_default())
    ]
}

fn looks() -> impl Strategy<Value = Looks> {
    prop::sample::subsequence(
        vec![
            Looks::QUOTED,
            Looks::PLAIN,
            Looks::INTEGER,
            Looks::NUMBER,
            Looks::UUID,
            Looks::DATE,
            Looks::BINARY,
        ],
        1..4,
    )
    .prop_map(|all| all.into_iter().fold(Looks::default(), Looks::with))
}

fn values() -> impl Strategy<Value = Values> {
    let word = "[a-z]";
    prop::collection::vec(word, 0..12).prop_map(|words| {
        let mut values = Values::default();
        words.iter().for_each(|word| values.add(word));
        values
    })
}

fn text() -> impl Strategy<Value = Text> {
    (looks(), span(), span(), values()).prop_map(|(looks, length, numbers, values)| Text {
        looks,
        length,
        numbers,
        values,
    })
}

fn leaf() -> impl Strategy<Value = Shape> {
    (any::<[bool; 4]>(), span(), prop::option::of(text()), any::<bool>()).prop_map(
        |([null, boolean, fraction, cut], numbers, text, email)| Shape {
            null,
            boolean,
            fraction,
            cut,
            numbers,
            text: text.map(Box::new),
            labels: if email { Label::Email.into() } else { Labels::default() },
            ..Shape::default()
        },
    )
}

/// Names of which some are alike, so that objects of them become maps.
fn shape() -> impl Strategy<Value = Shape> {
    leaf().prop_recursive(3, 40, 8, |inner| {
        let field = (inner.clone(), any::<[bool; 2]>()).prop_map(|(shape, [optional, repeated])| Field {
            shape,
            optional,
            repeated,
        });
        let name = prop_oneof!["[a-d]", "x[0-9]"];
        let object = (
            prop::collection::btree_map(name, field, 0..9),
            prop::option::of(inner.clone()),
            any::<[bool; 2]>(),
        )
            .prop_map(|(fields, rest, [whole, map])| {
                let fields = fields.into_iter().map(|(name, field)| {
                    // What is whole has had all that is not optional, and what is not has missed nothing.
                    (name.into(), Field { optional: field.optional && whole, ..field })
                });
                let mut object = Object {
                    fields: fields.collect(),
                    rest: rest.map(Box::new),
                    whole,
                    map: map && whole,
                    ..Object::default()
                };
                object.settle();
                object
            });
        let array = (inner, span()).prop_map(|(items, length)| Array { length, items });
        (leaf(), prop::option::of(object), prop::option::of(array)).prop_map(|(shape, object, array)| Shape {
            object: object.map(Box::new),
            array: array.map(Box::new),
            ..shape
        })
    })
}

fn join(one: &Shape, other: &Shape) -> Shape {
    let mut all = one.clone();
    all.join(other.clone());
    all
}

/// A shape without counts of values: whether there are too many of them stays.
fn without_counts(shape: &Shape) -> Shape {
    let mut stripped = shape.clone();
    fn strip(shape: &mut Shape) {
        if let Some(text) = &mut shape.text
            && let Values::Few { samples, values } = &mut text.values
        {
            *samples = (*samples).min(1);
            values.iter_mut().for_each(|(_, count)| *count = 1);
        }
        if let Some(array) = &mut shape.array {
            strip(&mut array.items);
        }
        if let Some(object) = &mut shape.object {
            object.fields.iter_mut().for_each(|(_, field)| strip(&mut field.shape));
            object.rest.iter_mut().for_each(|rest| strip(rest));
        }
    }
    strip(&mut stripped);
    stripped
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn join_is_commutative(one in shape(), other in shape()) {
        prop_assert_eq!(join(&one, &other), join(&other, &one));
    }

    #[test]
    fn join_is_associative(one in shape(), two in shape(), three in shape()) {
        prop_assert_eq!(join(&join(&one, &two), &three), join(&one, &join(&two, &three)));
    }

    #[test]
    fn join_is_idempotent_but_for_counts(one in shape()) {
        prop_assert_eq!(without_counts(&join(&one, &one)), without_counts(&one));
        prop_assert_eq!(join(&one, &Shape::default()), one);
    }

    #[test]
    fn shapes_come_back_from_a_store_without_values(one in shape()) {
        let stored = serde_json::to_string(&one).unwrap();
        let back: Shape = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(serde_json::to_string(&back).unwrap(), stored);
        prop_assert_eq!(back.schema(), one.schema());
    }

    #[test]
    fn trimmed_shapes_are_small_and_say_so(one in shape(), most in 1..20usize) {
        let mut trimmed = one.clone();
        trimmed.trim(most);
        prop_assert!(trimmed.nodes() <= most.max(1));
        prop_assert!(trimmed.nodes() == one.nodes() || trimmed.schema().to_string().contains("x-truncated"));
    }
}

#[test]
fn a_schema_has_its_keys_in_order() {
    let shape = Shape { null: true, boolean: true, ..Shape::default() };
    assert_eq!(shape.schema(), json!({"type": ["boolean", "null"]}));
    assert_eq!(json!({"b": 1, "a": 2}).to_string(), r#"{"a":2,"b":1}"#, "serde_json keeps keys in order");
}
