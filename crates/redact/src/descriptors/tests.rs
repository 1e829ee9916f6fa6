//! Descriptor sets as protoc writes them (`data/shop.proto`).

use super::*;
use crate::captured::{exchange, novelty, owner, request};
use crate::{Examples, Redactor};

const SHOP: &[u8] = include_bytes!("data/shop.pb");

fn call(path: &str, media: &str) -> RedactedExchange {
    redacted(path, &format!("Content-Type: {media}\r\n"))
}

fn redacted(path: &str, fields: &str) -> RedactedExchange {
    let captured = exchange(request("POST", path, fields), b"");
    Redactor::new(Examples::Redacted).exchange(owner("cart"), &novelty(path), &captured)
}

fn shop() -> Descriptors {
    let mut descriptors = Descriptors::default();
    assert_eq!(descriptors.add(SHOP), Ok(2));
    descriptors
}

#[test]
fn a_request_is_shown_with_all_its_fields() {
    let (body, names) = shop().example(&call("/shop.v1.Cart/AddItem", "application/grpc+proto")).unwrap();
    assert_eq!(body.content_type, "application/json");
    let item =
        r#"{"kind":"KIND_UNSPECIFIED","kinds":["KIND_UNSPECIFIED"],"size":{"depth":"1","widthCm":1.5}}"#;
    let expected = format!(
        r#"{{"cartId":"text","item":{item},"more":[{item}],"counts":{{"text":"1"}},"places":{{"1":{item}}},
           "at":"2024-01-01T00:00:00Z","note":"text","gift":true,"picture":"Ynl0ZXM=","big":"1","small":1,"otherName":"text"}}"#
    );
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(value(&body.content), value(&expected));
    assert_eq!(names.len(), 12);
    assert!(names.contains(&"cartId".to_owned()));
}

#[test]
fn messages_in_themselves_end() {
    let (body, _) = shop().example(&call("/shop.v1.Cart/Watch", "application/connect+json")).unwrap();
    assert!(body.content.contains(r#""value":1"#) && body.content.len() < 2000, "{}", body.content);
}

#[test]
fn what_is_no_call_of_a_known_method_has_no_example() {
    let shop = shop();
    assert_eq!(shop.example(&call("/shop.v1.Cart/Other", "application/grpc")), None);
    assert_eq!(shop.example(&call("/shop.v1.Cart/AddItem", "text/plain")), None);
    assert_eq!(shop.example(&redacted("/shop.v1.Cart/AddItem", "")), None);
}

#[test]
fn what_is_no_descriptor_set_is_refused_and_harms_nothing() {
    let mut shop = shop();
    for bytes in [&b""[..], b"syntax = \"proto3\";", &SHOP[..SHOP.len() - 1], &[0xff; 64]] {
        assert_eq!(shop.add(bytes), Err(NoDescriptorSet));
    }
    assert!(shop.example(&call("/shop.v1.Cart/AddItem", "application/grpc")).is_some());
    for at in 0..SHOP.len() {
        let mut bytes = SHOP.to_vec();
        bytes[at] ^= 0x15;
        let mut descriptors = Descriptors::default();
        let _ = descriptors.add(&bytes);
        let _ = descriptors.example(&call("/shop.v1.Cart/AddItem", "application/grpc"));
    }
}

/// A message of 200 fields of its own kind: all of it would be 200 to the power of 5.
#[test]
fn wide_messages_are_shown_less_deep() {
    let field = |number: u8| {
        let name = format!("field{number}");
        [&[0x0a, name.len() as u8][..], name.as_bytes(), b"\x28\x0b\x32\x02.M"].concat()
    };
    let part = |tag: u8, bytes: &[u8]| {
        let len = bytes.len();
        [&[tag, len as u8 & 0x7f | 0x80, (len >> 7) as u8], bytes].concat()
    };
    let fields: Vec<u8> = (0..200).flat_map(|number| part(0x12, &field(number))).collect();
    let message = part(0x22, &[b"\x0a\x01M", &fields[..]].concat());
    let service = part(0x32, b"\x0a\x01S\x12\x09\x0a\x03Get\x12\x02.M");
    let set = part(0x0a, &[message, service].concat());
    let mut descriptors = Descriptors::default();
    assert_eq!(descriptors.add(&set), Ok(1));
    let (body, names) = descriptors.example(&call("/S/Get", "application/grpc")).unwrap();
    assert!(names.len() <= 64 && body.content.len() < 16_384, "{}", body.content.len());
}
