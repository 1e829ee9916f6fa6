//! What documents teach.

use serde_json::json;

use super::{learned, schema_of};
use crate::captured::{exchange, novelty, opened, owner, request};
use crate::document::Syntax;
use crate::{Descriptors, Examples, Redactor, Shapes};

fn json_schema(documents: &[&str]) -> serde_json::Value {
    schema_of(Syntax::Json, documents)
}

#[test]
fn types_and_what_is_optional() {
    let schema = json_schema(&[
        r#"{"id": 17, "price": 2.5, "ok": true, "gone": null, "tags": ["a b", "c d"]}"#,
        r#"{"id": -3, "price": 300, "ok": "no", "gone": null, "more": {}}"#,
    ]);
    let expected = json!({
        "type": "object",
        "properties": {
            "gone": {"type": "null"},
            "id": {"type": "integer", "minimum": -10, "maximum": 100},
            "more": {"type": "object"},
            "ok": {"type": ["boolean", "string"], "minLength": 1, "maxLength": 10},
            "price": {"type": "number", "minimum": 1, "maximum": 1000},
            "tags": {"type": "array", "minItems": 1, "maxItems": 10, "items": {"type": "string", "minLength": 1, "maxLength": 10}},
        },
        "required": ["gone", "id", "ok", "price"],
    });
    assert_eq!(schema, expected);
}

#[test]
fn formats_and_unions() {
    let schema = json_schema(&[r#"[{"at": "2024-05-31T08:00:00Z", "x": 1}, {"at": null, "x": "a"}, 7]"#]);
    let at = json!({"type": ["null", "string"], "format": "date-time", "minLength": 10, "maxLength": 100});
    assert_eq!(schema["items"]["properties"]["at"], at);
    assert_eq!(schema["items"]["type"], json!(["integer", "object"]));
    assert_eq!(schema["items"]["properties"]["x"]["type"], json!(["integer", "string"]));
}

#[test]
fn a_document_that_was_cut_requires_nothing_of_what_did_not_end() {
    let mut all = learned(Syntax::Json, br#"{"a": 1, "b": {"c": 2, "d": 3}}"#, true).unwrap();
    all.join(learned(Syntax::Json, br#"{"a": 1, "b": {"c": 2, "#, false).unwrap());
    assert_eq!(all.schema()["required"], json!(["a", "b"]));
    assert_eq!(all.schema()["properties"]["b"]["required"], json!(["c", "d"]));
    let cut = learned(Syntax::Json, br#"{"list": [{"a": 1, "b": 2}, {"a": 1}, {"c"#, false).unwrap().schema();
    assert_eq!(cut.get("required"), None);
    assert_eq!(cut["properties"]["list"]["items"]["required"], json!(["a"]));
    assert_eq!(cut["properties"]["list"].get("maxItems"), None);
    assert_eq!(learned(Syntax::Json, b"{'a': 1}", true), None);
    assert_eq!(learned(Syntax::Json, b"", true), None);
}

#[test]
fn names_that_are_values_do_not_come_out() {
    let schema = json_schema(&[
        r#"{"550e8400-e29b-41d4-a716-446655440000": {"n": 1}, "total": 2, "ann@shop.test": {"n": 2}, "4711": {"n": 3}}"#,
    ]);
    assert_eq!(schema["properties"].as_object().unwrap().keys().collect::<Vec<_>>(), ["total"]);
    assert_eq!(schema["additionalProperties"]["properties"]["n"]["type"], "integer");
    assert_eq!(schema["propertyNames"], json!({"x-sensitive": ["email"]}));
    let many: String = (0..8).map(|n| format!("\"sku-{n}a\": 1, ")).collect();
    let schema = json_schema(&[&format!("{{{many}\"total\": 1}}"), r#"{"sku-77b": 2}"#]);
    assert_eq!(schema["properties"].as_object().unwrap().keys().collect::<Vec<_>>(), ["total"]);
    let people = [
        "ann", "bob", "eve", "joe", "kim", "lee", "mia", "ned", "pat", "ray", "sam", "sue", "tim", "tom",
        "una", "zoe",
    ];
    let documents: Vec<String> = people.iter().map(|name| format!("{{\"{name}\": {{\"n\": 1}}}}")).collect();
    let schema = json_schema(&documents.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(!schema.to_string().contains("ann"), "{schema}");
}

#[test]
fn enumerations_are_few_words_that_come_again() {
    let of = |value: fn(usize) -> String| {
        let documents: Vec<String> = (0..24)
            .map(|n| format!("{{\"status\": \"{0}\", \"owner\": \"{0}\", \"token\": \"{0}\"}}", value(n)))
            .collect();
        json_schema(&documents.iter().map(String::as_str).collect::<Vec<_>>())["properties"].take()
    };
    let schema = of(|n| ["open", "closed"][n % 2].to_owned());
    assert_eq!(schema["status"]["enum"], json!(["closed", "open"]));
    assert_eq!((schema["owner"].get("enum"), schema["token"].get("enum")), (None, None));
    assert_eq!(of(|n| format!("state {}", n % 2))["status"].get("enum"), None);
    assert_eq!(of(|n| if n == 7 { "odd".into() } else { "open".into() })["status"].get("enum"), None);
}

#[test]
fn values_that_are_no_enumeration_are_not_written() {
    let shape = learned(Syntax::Json, br#"{"status": "waiting-for-ann"}"#, true).unwrap();
    let mut all = shape.clone();
    for _ in 0..18 {
        all.join(shape.clone());
    }
    let written = |shape: &crate::Shape| {
        format!("{} {shape:?} {}", serde_json::to_string(shape).unwrap(), shape.schema())
    };
    assert!(!written(&all).contains("waiting-for-ann"));
    all.join(shape);
    assert!(written(&all).contains("waiting-for-ann"), "with twenty samples it is one");
}

#[test]
fn forms_and_elements_have_the_types_that_their_texts_look_like() {
    let schema = schema_of(Syntax::Form, &["page=2&tag=a&tag=b&on=true&x=1.5", "page=3&tag=c&on=false"]);
    assert_eq!(schema["properties"]["page"], json!({"type": "integer", "minimum": 1, "maximum": 10}));
    assert_eq!(schema["properties"]["tag"]["type"], "array");
    assert_eq!(
        (&schema["properties"]["on"]["type"], &schema["properties"]["x"]["type"]),
        (&json!("boolean"), &json!("number"))
    );
    assert_eq!(schema["required"], json!(["on", "page", "tag"]));
    let schema = schema_of(Syntax::Xml, &["<a id='1'><b>x</b><b>y</b><c/>text</a>"]);
    let properties = &schema["properties"];
    assert_eq!((&schema["type"], &properties["b"]["type"]), (&json!("object"), &json!("array")));
    assert_eq!(
        (&properties["id"]["type"], &properties["#text"]["type"]),
        (&json!("integer"), &json!("string"))
    );
    let text = "--x\r\nContent-Disposition: form-data; name=f; filename=a.pdf\r\n\r\n%PDF\r\n\
                --x\r\nContent-Disposition: form-data; name=n\r\n\r\n7\r\n--x--\r\n";
    let schema = schema_of(Syntax::Multipart { boundary: "x" }, &[text]);
    assert_eq!(schema["properties"]["f"]["contentMediaType"], "application/octet-stream");
    assert_eq!(
        (&schema["properties"]["n"]["type"], &schema["required"]),
        (&json!("integer"), &json!(["f", "n"]))
    );
}

#[test]
fn several_documents_in_one_body_are_samples_of_one_shape() {
    let schema = json_schema(&["{\"a\": 1}\n{\"a\": 2, \"b\": 3}\n"]);
    assert_eq!(schema["required"], json!(["a"]));
}

#[test]
fn labels_are_the_verdicts_of_the_redactor() {
    let schema = json_schema(&[
        r#"{"mail": "ann@shop.test", "note": "card 4111 1111 1111 1111", "n": 5500000000000004, "phone": {"home": "030 1234567"},
           "token": {"current": "x1"}, "payload": "{\"password\": \"hunter2\"}", "size": 12345678, "city": "Berlin", "dob": "1990-01-02",
           "iban": "DE89370400440532013000", "sha": {"checksum": "d41d8cd98f00b204e9800998ecf8427e"}}"#,
    ]);
    let at = |pointer: &str| schema.pointer(&format!("/properties/{pointer}/x-sensitive")).cloned();
    for (pointer, label) in [
        ("mail", "email"),
        ("note", "card"),
        ("n", "card"),
        ("phone/properties/home", "phone"),
        ("token/properties/current", "credential"),
        ("payload", "credential"),
        ("city", "postal-address"),
        ("dob", "birth-date"),
        ("iban", "iban"),
    ] {
        assert_eq!(at(pointer), Some(json!([label])), "{pointer}");
    }
    assert_eq!((at("size"), at("sha/properties/checksum")), (None, None));
}

fn shapes(examples: Examples, target: &str, fields: &str) -> Shapes {
    let captured = exchange(request("POST", target, fields), br#"{"a": "open"}"#);
    let redactor = Redactor::new(examples);
    let mut redacted = redactor.exchange(owner("cart"), &novelty("x"), &captured);
    let opened_body = redactor.open(&mut redacted, &Descriptors::default());
    let mut shapes = opened_body.shapes().clone();
    shapes.add_path(opened(redacted, &redactor).path_shape().clone());
    shapes
}

#[test]
fn parameters_by_their_places() {
    let fields = "Host: a\r\nX-Tenant: 42\r\nAuthorization: Bearer abc\r\nCookie: sid=s3cr3t; theme=dark\r\nAccept: */*\r\nX-Api-Key: k9\r\n\
                  Content-Type: application/json\r\n";
    let mut all = shapes(Examples::Redacted, "/users/77/days/2024-05-31?page=2&mail=ann%40shop.test", fields);
    all.join(shapes(Examples::Redacted, "/users/78/days/2024-06-01?page=x", "X-Tenant: 43\r\n"));
    let parameters: Vec<_> = all
        .parameters()
        .map(|one| {
            (
                one.location.name(),
                one.name,
                one.required,
                one.schema()["type"].clone(),
                one.shape().labels().is_empty(),
            )
        })
        .collect();
    let expected = [
        ("path", "date", true, json!("string"), true),
        ("path", "userId", true, json!("integer"), true),
        ("query", "mail", false, json!("string"), false),
        ("query", "page", true, json!("string"), true),
        ("header", "x-api-key", false, json!("string"), false),
        ("header", "x-tenant", true, json!("integer"), true),
        ("cookie", "sid", false, json!("string"), false),
        ("cookie", "theme", false, json!("string"), true),
    ];
    assert_eq!(parameters, expected);
    assert_eq!(
        all.requests().map(|(media, sampled)| (media, sampled.samples)).collect::<Vec<_>>(),
        [("application/json", 2)]
    );
}

#[test]
fn no_mode_shows_more() {
    let show = |examples| {
        let mut all = shapes(examples, "/a?state=open", "Content-Type: application/json\r\n");
        for _ in 0..30 {
            all.join(shapes(examples, "/a?state=open", "Content-Type: application/json\r\n"));
        }
        all.to_json().to_string()
    };
    assert_eq!(show(Examples::Redacted).matches("\"enum\":[\"open\"]").count(), 2);
    assert_eq!(show(Examples::Real), show(Examples::Redacted));
    assert!(!show(Examples::Synthetic).contains("open"));
    let labels = |examples| shapes(examples, "/a?mail=ann%40shop.test", "").to_json();
    assert_eq!(labels(Examples::Real), labels(Examples::Synthetic));
}
