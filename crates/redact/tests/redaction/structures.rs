//! Where a value can stand in a request.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// A request to be redacted.
#[derive(Default)]
pub(crate) struct Request {
    pub(crate) target: String,
    pub(crate) fields: String,
    pub(crate) content_type: &'static str,
    pub(crate) coding: &'static str,
    pub(crate) body: Vec<u8>,
}

/// What stands there: a value, its name, and a harmless name to wrap it in.
pub(crate) struct Planted<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
    pub(crate) inner: &'a str,
}

/// What makes a request of it; none where such a value or name cannot stand.
pub(crate) type Structure = fn(&Planted<'_>) -> Option<Request>;

/// Every byte but letters and digits percent-encoded.
pub(crate) fn percent(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

fn target(target: String) -> Option<Request> {
    Some(Request { target, ..Request::default() })
}

/// Header fields hold printable text.
fn header(name: &str, value: &str) -> Option<Request> {
    let value: String = if value.is_ascii() { value.to_owned() } else { percent(value) };
    let such = name.is_ascii() && !value.contains(['\n', '\r']) && !name.contains([' ', '[']);
    such.then(|| Request {
        target: "/a".into(),
        fields: format!("{name}: {value}\r\n"),
        ..Request::default()
    })
}

fn body(content_type: &'static str, body: impl Into<Vec<u8>>) -> Option<Request> {
    Some(Request { target: "/a".into(), content_type, body: body.into(), ..Request::default() })
}

fn document(value: &Value) -> Option<Request> {
    body("application/json", value.to_string())
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

fn form(text: &str) -> String {
    percent(text).replace("%20", "+")
}

/// A cell of a table.
fn cell(text: &str) -> String {
    if text.contains([',', ';', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// A name that can be an element's.
fn is_element(name: &str) -> bool {
    name.chars().all(|one| one.is_alphanumeric() || "-_.".contains(one))
}

/// Values that stand on one line.
fn line<'a>(planted: &Planted<'a>) -> Option<&'a str> {
    (!planted.value.contains(['\n', '\r'])).then_some(planted.value)
}

/// Values that need no quotes.
fn bare<'a>(planted: &Planted<'a>) -> Option<&'a str> {
    planted
        .value
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_./+=".contains(&byte))
        .then_some(planted.value)
}

fn utf16(text: &str, little: bool) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(|unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}

fn coded(coding: &'static str, text: &str) -> Option<Request> {
    let bytes = match coding {
        "gzip" => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(text.as_bytes()).ok()?;
            encoder.finish().ok()?
        }
        _ => zstd::encode_all(text.as_bytes(), 1).ok()?,
    };
    body("application/json", bytes).map(|request| Request { coding, ..request })
}

/// Structures in which a value has a name.
pub(crate) const NAMED: &[(&str, Structure)] = &[
    ("query", |p| target(format!("/a?x=1&{}={}", percent(p.name), form(p.value)))),
    ("query, nested", |p| target(format!("/a?u[{}]={}", percent(p.name), form(p.value)))),
    ("query, nested twice", |p| target(format!("/a?filter[{}][eq]={}", percent(p.name), form(p.value)))),
    ("query, encoded twice", |p| target(format!("/a?{}={}", percent(p.name), percent(&percent(p.value))))),
    ("query, encoded three times", |p| {
        target(format!("/a?{}={}", percent(p.name), percent(&percent(&percent(p.value)))))
    }),
    ("query, name and value", |p| target(format!("/a?name={}&value={}", percent(p.name), form(p.value)))),
    ("query with JSON", |p| target(format!("/a?data={}", percent(&json!({p.name: p.value}).to_string())))),
    ("query with JSON, encoded three times", |p| {
        target(format!("/a?data={}", percent(&percent(&percent(&json!({p.name: p.value}).to_string())))))
    }),
    ("query with JSON pairs", |p| {
        target(format!("/a?data={}", percent(&json!([{"name": p.name, "value": p.value}]).to_string())))
    }),
    ("query with a URL", |p| {
        target(format!(
            "/a?next={}",
            percent(&format!("https://b.test/c?{}={}&d=1", percent(p.name), percent(p.value)))
        ))
    }),
    ("query with base64 of JSON", |p| {
        target(format!("/a?state={}", percent(&STANDARD.encode(json!({p.name: p.value}).to_string()))))
    }),
    ("query with base64url of a form", |p| {
        target(format!(
            "/a?state={}",
            URL_SAFE_NO_PAD.encode(format!("a=1&{}={}", percent(p.name), form(p.value)))
        ))
    }),
    ("header", |p| header(p.name, p.value)),
    ("header with X", |p| header(&format!("X-{}", p.name), p.value)),
    ("header with JSON", |p| header("X-Context", &json!({p.name: p.value}).to_string())),
    ("header with JSON below", |p| {
        header("X-Context", &json!({"a": {p.name: {p.inner: p.value}}}).to_string())
    }),
    ("header with pairs", |p| header("X-Context", &format!("a=1; {}={}", p.name, bare(p)?))),
    ("header with base64 of JSON", |p| {
        header("X-Context", &STANDARD.encode(json!({p.name: p.value}).to_string()))
    }),
    ("header with a URL", |p| {
        header("Referer", &format!("https://b.test/c?{}={}", percent(p.name), percent(p.value)))
    }),
    ("cookie", |p| header("Cookie", &format!("a=1; {}={}", p.name, percent(p.value)))),
    ("JSON", |p| document(&json!({"a": 1, p.name: p.value}))),
    ("JSON, nested", |p| document(&json!({"a": [{"b": {p.name: p.value}}]}))),
    ("JSON, list below the name", |p| document(&json!({p.name: [p.value, p.value]}))),
    ("JSON, object below the name", |p| document(&json!({p.name: {p.inner: p.value}}))),
    ("JSON, deep below the name", |p| document(&json!({p.name: {"a": [{p.inner: [p.value]}]}}))),
    ("JSON, name and value", |p| document(&json!([{"name": p.name, "value": p.value}]))),
    ("JSON, key and value", |p| document(&json!({"items": [{"key": p.name, "value": p.value}]}))),
    ("JSON, field and value", |p| {
        document(&json!({"changes": [{"field": p.name, "old": "", "value": p.value}]}))
    }),
    ("JSON, value before name", |p| {
        body("application/json", format!("[{{\"value\":{},\"name\":\"{}\"}}]", json!(p.value), p.name))
    }),
    ("JSON, name and object as value", |p| document(&json!([{"name": p.name, "value": {p.inner: p.value}}]))),
    ("JSON, arrays of pairs", |p| document(&json!([["a", "b"], [p.name, p.value]]))),
    ("JSON, arrays of pairs below", |p| document(&json!({"headers": [[p.name, p.value]]}))),
    ("JSON in a string", |p| document(&json!({"payload": json!({p.name: p.value}).to_string()}))),
    ("JSON in a string in a string", |p| {
        document(&json!({"a": json!({"b": json!({p.name: p.value}).to_string()}).to_string()}))
    }),
    ("JSON with escaped quotes in text", |p| {
        document(&json!({"log": format!("got {} from client", json!({p.name: p.value}))}))
    }),
    ("JSON pairs in a string", |p| {
        document(&json!({"payload": json!([{"name": p.name, "value": p.value}]).to_string()}))
    }),
    ("JSON with a byte order mark", |p| {
        body("application/json", format!("\u{feff}{}", json!({p.name: p.value})))
    }),
    ("JSON in UTF-16, little", |p| {
        body("application/json", utf16(&json!({p.name: p.value}).to_string(), true))
    }),
    ("JSON in UTF-16, big", |p| {
        body("application/json; charset=utf-16", utf16(&json!({p.name: p.value}).to_string(), false))
    }),
    ("JSON in UTF-16 as text", |p| {
        body("text/plain", utf16(&json!({p.name: {p.inner: p.value}}).to_string(), true))
    }),
    ("JSON as text", |p| body("text/plain", json!({"a": 1, p.name: p.value}).to_string())),
    ("JSON as text, below the name", |p| {
        body("text/plain", json!({"a": {p.name: {p.inner: p.value}}}).to_string())
    }),
    ("JSON as text, pairs", |p| body("text/plain", json!([{"name": p.name, "value": p.value}]).to_string())),
    ("JSON as text, arrays of pairs", |p| body("text/plain", json!([[p.name, p.value]]).to_string())),
    ("JSON as text, several lines", |p| {
        body("text/plain", serde_json::to_string_pretty(&json!({"a": {p.name: [p.value]}})).ok()?)
    }),
    ("JSON without a type", |p| body("", json!({p.name: {p.inner: p.value}}).to_string())),
    ("NDJSON", |p| {
        body("application/x-ndjson", format!("{}\n{}\n", json!({p.name: p.value}), json!({"a": 1})))
    }),
    ("NDJSON as text", |p| {
        body("text/plain", format!("{}\n{}\n", json!({"a": 1}), json!({p.name: {p.inner: p.value}})))
    }),
    ("events", |p| {
        body("text/event-stream", format!("event: a\ndata: {}\n\n", json!({p.name: {p.inner: p.value}})))
    }),
    ("form", |p| {
        body("application/x-www-form-urlencoded", format!("a=1&{}={}", percent(p.name), form(p.value)))
    }),
    ("form, nested", |p| {
        body("application/x-www-form-urlencoded", format!("u%5B{}%5D={}", percent(p.name), form(p.value)))
    }),
    ("form, repeated", |p| {
        body("application/x-www-form-urlencoded", format!("{0}=a&{0}={1}", percent(p.name), form(p.value)))
    }),
    ("form, name and value", |p| {
        body("application/x-www-form-urlencoded", format!("name={}&value={}", percent(p.name), form(p.value)))
    }),
    ("form, encoded three times", |p| {
        body(
            "application/x-www-form-urlencoded",
            format!("{}={}", percent(p.name), percent(&percent(&percent(p.value)))),
        )
    }),
    ("form with JSON", |p| {
        body(
            "application/x-www-form-urlencoded",
            format!("payload={}", percent(&json!({p.name: p.value}).to_string())),
        )
    }),
    ("form with JSON below", |p| {
        body(
            "application/x-www-form-urlencoded",
            format!("payload={}", percent(&json!({"a": {p.name: {p.inner: p.value}}}).to_string())),
        )
    }),
    ("form with JSON pairs", |p| {
        body(
            "application/x-www-form-urlencoded",
            format!("payload={}", percent(&json!([{"key": p.name, "value": p.value}]).to_string())),
        )
    }),
    ("form with base64 of JSON", |p| {
        body(
            "application/x-www-form-urlencoded",
            format!("payload={}", percent(&STANDARD.encode(json!({p.name: p.value}).to_string()))),
        )
    }),
    ("multipart", |p| part(p.name, "", p.value)),
    ("multipart with JSON", |p| {
        part("meta", "Content-Type: application/json\r\n", &json!({p.name: {p.inner: p.value}}).to_string())
    }),
    ("multipart with JSON pairs", |p| {
        part("meta", "", &json!([{"name": p.name, "value": p.value}]).to_string())
    }),
    ("XML", |p| element(p, &format!("<a><{0}>{1}</{0}></a>", p.name, xml(p.value)))),
    ("XML, nested value", |p| {
        element(p, &format!("<a><{0}><value>{1}</value></{0}></a>", p.name, xml(p.value)))
    }),
    ("XML, deeper", |p| {
        element(p, &format!("<a><{0}><b x=\"1\"><{2}>{1}</{2}></b></{0}></a>", p.name, xml(p.value), p.inner))
    }),
    ("XML attribute", |p| element(p, &format!("<a {}=\"{}\">b</a>", p.name, xml(p.value)))),
    ("XML with key", |p| {
        body("text/xml", format!("<a><entry key=\"{}\">{}</entry></a>", p.name, xml(p.value)))
    }),
    ("XML with name and value", |p| {
        body("text/xml", format!("<a><property name=\"{}\" value=\"{}\"/></a>", p.name, xml(p.value)))
    }),
    ("XML with value and name", |p| {
        body("text/xml", format!("<a><property value=\"{}\" name=\"{}\"/></a>", xml(p.value), p.name))
    }),
    ("XML with elements for both", |p| {
        body(
            "text/xml",
            format!("<a><entry><key>{}</key><value>{}</value></entry></a>", p.name, xml(p.value)),
        )
    }),
    ("XML-RPC", |p| {
        body(
            "text/xml",
            format!(
                "<methodCall><params><param><value><struct><member><name>{}</name><value><string>{}</string></value></member></struct></value></param></params></methodCall>",
                p.name,
                xml(p.value)
            ),
        )
    }),
    ("XML with CDATA", |p| element(p, &format!("<a><{0}><![CDATA[{1}]]></{0}></a>", p.name, p.value))),
    ("SOAP", |p| {
        element(
            p,
            &format!(
                "<soap:Envelope xmlns:soap=\"urn:s\"><soap:Body><m:login><m:{0}>{1}</m:{0}></m:login></soap:Body></soap:Envelope>",
                p.name,
                xml(p.value)
            ),
        )
    }),
    ("XML as text", |p| {
        body(
            "text/plain",
            format!("<a><entry><name>{}</name><value>{}</value></entry></a>", p.name, xml(p.value)),
        )
    }),
    ("XML in JSON", |p| {
        document(&json!({"xml": format!("<a><entry key=\"{}\">{}</entry></a>", p.name, xml(p.value))}))
    }),
    ("YAML", |p| body("application/yaml", format!("a: 1\n{}: {}\nb: 2\n", p.name, line(p)?))),
    ("YAML, below the name", |p| {
        body("application/yaml", format!("{}:\n  {}: {}\nb: 2\n", p.name, p.inner, line(p)?))
    }),
    ("YAML, list", |p| body("application/yaml", format!("{}:\n  - a1\n  - {}\n", p.name, line(p)?))),
    ("YAML, block", |p| body("application/yaml", format!("{}: |\n  {}\nb: 2\n", p.name, line(p)?))),
    ("YAML, name and value", |p| {
        body("application/yaml", format!("env:\n- name: {}\n  value: {}\n", p.name, line(p)?))
    }),
    ("TOML, below a header", |p| {
        body("application/toml", format!("a = 1\n[{}]\n{} = '{}'\n", p.name, p.inner, line(p)?))
    }),
    ("INI, below a header", |p| {
        body("text/plain", format!("[x]\na=1\n[{}]\n; note\n{}={}\n", p.name, p.inner, line(p)?))
    }),
    ("CSV", |p| body("text/csv", format!("id,{},note\r\n7,{},x\r\n", cell(p.name), cell(p.value)))),
    ("CSV, semicolons", |p| {
        body("text/csv", format!("{};id;note\n{};7;x\n{};8;y\n", cell(p.name), cell(p.value), cell(p.value)))
    }),
    ("TSV as text", |p| {
        let value = line(p).filter(|value| !value.contains(['"', '\t']))?;
        body("text/plain", format!("id\t{}\tnote\n7\t{value}\tx\n", p.name))
    }),
    ("text", |p| body("text/plain", format!("Dear all,\n{}: {}\nbye\n", p.name, line(p)?))),
    ("text with several words", |p| body("text/plain", format!("{}: {} and more\n", p.name, line(p)?))),
    ("text with =", |p| body("text/plain", format!("export {}={}\n", p.name, bare(p)?))),
    ("text in a sentence", |p| {
        body("text/plain", format!("He sent {}={} to me.", p.name, bare(p)?.trim_end_matches('.')))
    }),
    ("SQL", |p| {
        body("text/plain", format!("UPDATE users SET a = 1, {} = '{}' WHERE id = 3", p.name, line(p)?))
    }),
    ("SQL in JSON", |p| {
        document(&json!({"query": format!("SELECT * FROM users WHERE {} = '{}'", p.name, line(p)?)}))
    }),
    ("command", |p| body("text/plain", format!("deploy --host a.test --{} {} --now", p.name, bare(p)?))),
    ("command with =", |p| document(&json!({"cmd": format!("deploy --{}={}", p.name, bare(p)?)}))),
    ("command as a list", |p| document(&json!({"args": ["deploy", format!("--{}", p.name), bare(p)?]}))),
    ("connection string", |p| {
        document(&json!({"dsn": format!("Server=db;Database=x;{}={};Encrypt=True", p.name, bare(p)?)}))
    }),
    ("GraphQL variables", |p| {
        document(
            &json!({"query": "mutation($v: String!) { a(v: $v) { id } }", "variables": {p.name: p.value}}),
        )
    }),
    ("GraphQL variables below", |p| {
        document(&json!({"query": "mutation { a }", "variables": {"input": {p.name: {p.inner: p.value}}}}))
    }),
    ("GraphQL inline", |p| {
        document(
            &json!({"query": format!("mutation {{ login(user: \"ann\", {}: {}) {{ id }} }}", p.name, json!(p.value))}),
        )
    }),
    ("GraphQL inline object", |p| {
        body(
            "application/graphql",
            format!(
                "mutation {{ login(input: {{user: \"ann\", {}: {}}}) {{ id }} }}",
                p.name,
                json!(p.value)
            ),
        )
    }),
    ("base64 of JSON in JSON", |p| {
        document(&json!({"blob": STANDARD.encode(json!({p.name: p.value}).to_string())}))
    }),
    ("base64 of text in JSON", |p| {
        document(&json!({"blob": STANDARD.encode(format!("a: 1\n{}: {}\n", p.name, p.value))}))
    }),
    ("gzip", |p| coded("gzip", &json!({p.name: {p.inner: p.value}}).to_string())),
    ("zstd", |p| coded("zstd", &json!({p.name: p.value}).to_string())),
];

/// Structures in which a value stands by itself.
pub(crate) const ALONE: &[(&str, Structure)] = &[
    ("path segment", |p| target(format!("/x/{}/y", percent(p.value)))),
    ("path segment, encoded twice", |p| target(format!("/x/{}", percent(&percent(p.value))))),
    ("query", |p| target(format!("/a?x={}", form(p.value)))),
    ("query, encoded three times", |p| target(format!("/a?x={}", percent(&percent(&percent(p.value)))))),
    ("query in a sentence", |p| target(format!("/a?q={}", form(&format!("see {} now", p.value))))),
    ("header", |p| header("X-Info", p.value)),
    ("header with pairs", |p| header("X-Info", &format!("a=1; b=\"{}\"", p.value.replace('"', "\\\"")))),
    ("authorization", |p| header("Authorization", p.value)),
    ("authorization with scheme", |p| header("Authorization", &format!("Bearer {}", p.value))),
    ("authorization with other scheme", |p| header("X-Authorization", &format!("Custom {}", p.value))),
    ("JSON", |p| document(&json!({"note": p.value}))),
    ("JSON list", |p| document(&json!({"a": ["b", p.value]}))),
    ("JSON in a sentence", |p| document(&json!({"note": format!("see {} now", p.value)}))),
    ("JSON in a string", |p| document(&json!({"payload": json!({"note": p.value}).to_string()}))),
    ("JSON as text", |p| body("text/plain", json!({"note": p.value}).to_string())),
    ("JSON in UTF-16", |p| body("application/json", utf16(&json!({"note": p.value}).to_string(), true))),
    ("form", |p| body("application/x-www-form-urlencoded", format!("a=1&x={}", form(p.value)))),
    ("multipart", |p| part("x", "", p.value)),
    ("XML", |p| body("text/xml", format!("<a><b>{}</b></a>", xml(p.value)))),
    ("XML attribute", |p| body("text/xml", format!("<a b=\"{}\"/>", xml(p.value)))),
    ("text", |p| body("text/plain", format!("first\nit is {} there\nlast", p.value))),
    ("text, beside punctuation", |p| body("text/plain", format!("(see '{}', <{}>.)", p.value, p.value))),
    ("YAML", |p| body("application/yaml", format!("a:\n  - b: {}\n", line(p)?))),
    ("base64 of JSON", |p| document(&json!({"blob": STANDARD.encode(json!({"note": p.value}).to_string())}))),
    ("gzip", |p| coded("gzip", &json!({"note": p.value}).to_string())),
];

fn part(name: &str, more: &str, content: &str) -> Option<Request> {
    body(
        "multipart/form-data; boundary=x",
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n{more}\r\n{content}\r\n--x--\r\n"),
    )
}

fn element(planted: &Planted<'_>, text: &str) -> Option<Request> {
    (is_element(planted.name) && !planted.value.contains("]]>")).then(|| body("text/xml", text)).flatten()
}
