//! What hostile documents cost.

use super::super::{Shape, Shapes};
use super::learned;
use crate::document::Syntax;

/// More than a document or an endpoint may take: 4,096 nodes with names as long as may be would be less.
const MOST: usize = 2 << 20;

fn kept(documents: &[String], syntax: Syntax<'_>) -> (Shape, Shapes) {
    let (mut last, mut all) = (Shape::default(), Shapes::default());
    for text in documents {
        let Some(shape) = learned(syntax, text.as_bytes(), true) else { continue };
        assert!(shape.heap_bytes() < MOST, "{}", shape.heap_bytes());
        let mut one = Shapes::default();
        one.add_request("x/y", shape.clone(), 1);
        all.join(one);
        last = shape;
    }
    (last, all)
}

#[test]
fn ten_thousand_names_are_a_map() {
    let word =
        |n: usize| n.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect::<String>();
    let names: Vec<String> = (0..10_000).map(|n| format!("\"{}\": {{\"x\": {n}}}", word(n))).collect();
    let (shape, all) = kept(&[format!("{{{}}}", names.join(","))], Syntax::Json);
    assert_eq!(shape.nodes(), 3);
    assert!(all.heap_bytes() < 16 << 10 && shape.schema().get("properties").is_none());
    let separate: Vec<String> = names.iter().map(|name| format!("{{{name}}}")).collect();
    assert!(kept(&separate, Syntax::Json).1.heap_bytes() < 16 << 10);
}

#[test]
fn what_is_ten_thousand_deep_ends_early() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":[", "]}]")] {
        let text = open.repeat(10_000) + "1" + &close.repeat(10_000);
        let (shape, all) = kept(&[text], Syntax::Json);
        assert!(shape.nodes() <= 32 && all.heap_bytes() < 16 << 10);
        assert!(shape.schema().to_string().contains("x-truncated"), "{}", shape.schema());
        let stored = serde_json::to_string(&all).unwrap();
        assert_eq!(serde_json::from_str::<Shapes>(&stored).unwrap(), all, "it is not too deep for the store");
    }
    let (shape, _) = kept(&["<a>".repeat(10_000)], Syntax::Xml);
    assert!(shape.nodes() <= 32);
}

#[test]
fn long_texts_are_lengths() {
    let long = "x y ".repeat(1 << 18);
    let (shape, all) = kept(&[format!("{{\"a\": \"{long}\", \"b\": [\"{long}\"]}}")], Syntax::Json);
    assert!(shape.heap_bytes() + all.heap_bytes() < 4096);
    assert_eq!(shape.schema()["properties"]["a"]["maxLength"], 10_000_000);
}

/// A tree as wide as it may be at every level.
#[test]
fn wide_trees_are_cut_to_what_an_endpoint_may_keep() {
    fn tree(levels: usize) -> String {
        let members = (0..26).map(|n| {
            let inner = if levels == 0 { "1".to_owned() } else { tree(levels - 1) };
            format!("\"{}\": {inner}", char::from(b'a' + n).to_string().repeat(120))
        });
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }
    let (shape, all) = kept(&[tree(2)], Syntax::Json);
    assert!(shape.nodes() <= 4096, "{}", shape.nodes());
    let sampled = all.requests().next().unwrap().1;
    assert!(sampled.shape.nodes() <= 1024 && all.heap_bytes() < 512 << 10, "{}", all.heap_bytes());
    assert!(sampled.shape.schema().to_string().contains("x-truncated"));
}

/// Each member holds lists in lists.
#[test]
fn what_is_wide_and_deep_is_cut_too() {
    let lists = "[".repeat(20) + &"]".repeat(20);
    let members: Vec<String> = (0..250)
        .map(|n| format!("\"{}\": {lists}", char::from(b'a' + (n % 26) as u8).to_string().repeat(n / 26 + 1)))
        .collect();
    let inner = format!("{{{}}}", members.join(","));
    let (shape, all) = kept(&[format!("{{\"a\": {inner}, \"b\": {inner}}}")], Syntax::Json);
    assert!(shape.nodes() <= 4096 && all.heap_bytes() < 512 << 10, "{} {}", shape.nodes(), all.heap_bytes());
}

#[test]
fn many_media_types_and_statuses_are_a_few() {
    let mut all = Shapes::default();
    for n in 0..1000_u16 {
        let mut one = Shapes::default();
        one.add_request(&format!("x/{n}"), Shape::default(), 1);
        one.add_response(n, &format!("x/{n}"), Shape::default(), 1);
        all.join(one);
    }
    assert_eq!((all.requests().count(), all.responses().count()), (8, 24));
}
