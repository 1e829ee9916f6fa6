//! Planted secrets: in every place that a request has, under every encoding, none may come out.

use std::fmt::Write as _;
use std::io::Write as _;

use crate::captured::{exchange, novelty, owner, request};
use crate::sealed::SealedBody;
use crate::{Descriptors, Examples, Redactor};

/// Found by their form, wherever they stand.
const BY_FORM: [&str; 37] = [
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UifQ.",
    "AKIAIOSFODNN7EXAMPLE",
    "ASIAY34FZKBOKMUTVV7A",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "gho_9aB8cD7eF6gH5iJ4kL3mN2oP1qR0sT9uV8wX",
    "github_pat_11ABCDEFG0abcdefghijkl_MNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstuv",
    "glpat-a1B2c3D4e5F6g7H8i9J0",
    "xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy",
    "xoxp-23984754863-2348975623103",
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "rk_live_9bT5pKxQ2vZ8mN3cR7yW1aLd",
    "whsec_5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH",
    "AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY",
    "ya29.A0ARrdaM9kPqR7sT2uVwXyZ1234567890abcdef",
    "sk-proj-9f8E7d6C5b4A3f2E1d0C9b8A7f6E5d4C",
    "sk-ant-api03-Zx9Yw8Vu7Ts6Rq5Po4Nm3Lk2Ji1H",
    "npm_9sT8rQ7pO6nM5lK4jI3hG2fE1dC0bA9zY8xW",
    "pypi-AgEIcHlwaS5vcmcCJDk2ZjE0YzE3",
    "dckr_pat_7fQm2Lx9Kp4Rt6Wv8Zb1Nc3Hd5",
    "hf_aBcDeFgHiJkLmNoPqRsTuVwXyZ01234567",
    "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",
    "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",
    "hvs.CAESIJ7fT2kPq9mXwZ4vRb8NcLd5",
    "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "x7Kq2LmN9pRs4TvW8yZa1Bc3",
    "V1StGXR8_Z5jdHi6B-myT1x",
    "john.doe@planted.example",
    "o.neil+tag@mail.planted.co.uk",
    "4111111111111111",
    "5500 0000 0000 0004",
    "3782-822463-10005",
    "DE89370400440532013000",
    "078-05-1120",
    "+14155550132",
];

/// Found by the name of their field.
const BY_NAME: [(&str, &str); 26] = [
    ("password", "hunter2zz"),
    ("newPassword", "correct-horse"),
    ("user_passwd", "trustno1x"),
    ("pwd", "qwertzuiop"),
    ("passphrase", "open-sesame"),
    ("secret", "s3cr3tvalue"),
    ("client_secret", "clisec-99"),
    ("clientSecret", "clisec-98"),
    ("token", "tok-abc"),
    ("accessToken", "tok-def"),
    ("refresh_token", "tok-ghi"),
    ("api_key", "key-abc"),
    ("apikey", "key-def"),
    ("X-Api-Key", "key-ghi"),
    ("access_key", "key-jkl"),
    ("privateKey", "key-mno"),
    ("session", "sess-abc"),
    ("sid", "sess-def"),
    ("JSESSIONID", "sess-ghi"),
    ("X-Auth-Key", "auth-abc"),
    ("otp", "839204"),
    ("pin", "93847"),
    ("cvv", "9374"),
    ("signature", "sig-abc"),
    ("csrf_token", "csrf-abc"),
    ("phone", "0301234987"),
];

fn percent(text: &str, lower: bool) -> String {
    let escape = |byte: u8| if lower { format!("%{byte:02x}") } else { format!("%{byte:02X}") };
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { escape(byte) })
        .collect()
}

fn every_byte(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "%{byte:02x}");
        out
    })
}

/// Returns how a client could write a value.
fn writings(secret: &str) -> Vec<String> {
    let once = percent(secret, false);
    vec![
        once.clone(),
        percent(secret, true),
        once.replace("%20", "+"),
        every_byte(secret),
        percent(&once, false),
    ]
}

/// All that leaves for a request: the redacted exchange and what became of its body.
fn shown(target: &str, fields: &str, body: Option<SealedBody>) -> String {
    let redactor = Redactor::new(Examples::Redacted);
    let captured = exchange(request("POST", target, fields), b"kept");
    let mut redacted = redactor.exchange(owner("cart"), &novelty("x"), &captured);
    (redacted.answer, redacted.body) = (body.clone(), body);
    let opened = redactor.open(&mut redacted, &Descriptors::default());
    // The same comes so often that it could be an enumeration: what a store keeps then, and what is printed.
    let mut shapes = opened.shapes().clone();
    (0..5).for_each(|_| shapes.join(shapes.clone()));
    let stored = serde_json::to_string(&shapes).unwrap();
    let printed = format!("{redacted:?} {opened:?} {stored} {}", shapes.to_json());
    let mut plain = printed.clone().into_bytes();
    crate::template::decode(&mut plain);
    printed + &String::from_utf8_lossy(&plain)
}

#[track_caller]
fn absent(secret: &str, shown: &str) {
    assert!(!shown.contains(secret), "{secret} is in {shown}");
}

#[test]
fn in_paths_and_queries() {
    for secret in BY_FORM {
        for written in writings(secret) {
            for target in [
                format!("/reset/{written}"),
                format!("/a/{written}/b"),
                format!("/a/x-{written}"),
                format!("/a;jsessionid={written}/b"),
                format!("/a?x={written}"),
                format!("/a?x=see+{written}+now&y=1"),
                format!("/a?next=https%3A%2F%2Fb%2Fc%3Fd%3D{written}"),
                format!("/a?{written}=1"),
                format!("/a?{written}"),
                format!("http://cart/a?x={written}"),
                format!("/a#{written}"),
            ] {
                absent(secret, &shown(&target, "", None));
            }
        }
    }
    for (name, secret) in BY_NAME {
        for written in writings(secret) {
            for target in [
                format!("/a?{name}={written}"),
                format!("/a?x=1&{}={written}", every_byte(name)),
                format!("/a?u[{name}]={written}"),
                format!("/a?next=%2Fb%3F{name}%3D{written}"),
            ] {
                if name != "phone" || !target.contains("next") {
                    absent(secret, &shown(&target, "", None));
                }
            }
        }
    }
}

#[test]
fn in_headers_and_cookies() {
    for secret in BY_FORM {
        for written in writings(secret).into_iter().chain([secret.to_owned()]) {
            for fields in [
                format!("X-Custom: {written}\r\n"),
                format!("X-Custom: a {written}; b\r\nX-Custom: c\r\n"),
                format!("Referer: https://a/b?c={written}&d=1\r\n"),
                format!("Cookie: a=b; c={written}\r\n"),
                format!("Authorization: Bearer {written}\r\n"),
                format!("User-Agent: app/1 ({written})\r\n"),
                format!("Content-Type: text/plain; x={written}\r\n"),
                format!("Host: {written}\r\nProxy-Authorization: Basic {written}\r\n"),
            ] {
                absent(secret, &shown("/a", &fields, None));
            }
        }
        if secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
            absent(
                &secret.to_ascii_lowercase(),
                &shown("/a", &format!("{secret}: 1\r\nCookie: {secret}=1\r\n"), None),
            );
        }
    }
    for (name, secret) in BY_NAME {
        for fields in [
            format!("{name}: {secret}\r\n"),
            format!("X-{name}: {secret}\r\n"),
            format!("Cookie: a=1; {name}={secret}\r\n"),
            format!("Authorization: {secret}\r\nX-Authorization: Custom {secret}\r\n"),
            format!("Connection: {name}\r\n{name}: {secret}\r\n"),
        ] {
            absent(secret, &shown("/a", &fields, None));
        }
    }
}

fn coded(bytes: &[u8], coding: &str) -> Vec<u8> {
    match coding {
        "gzip" => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        "deflate" => {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        "zstd" => zstd::encode_all(bytes, 1).unwrap(),
        "br" => crate::body::stored_brotli(bytes),
        _ => bytes.to_vec(),
    }
}

#[track_caller]
fn absent_from_body(secret: &str, content_type: &str, body: &str) {
    for (coding, whole) in
        [("", true), ("gzip", true), ("deflate", true), ("zstd", true), ("br", true), ("", false)]
    {
        let sealed = SealedBody {
            bytes: coded(body.as_bytes(), coding),
            whole,
            content_type: content_type.to_owned(),
            content_encoding: coding.to_owned(),
        };
        absent(secret, &shown("/a", "", Some(sealed)));
    }
}

#[test]
fn in_bodies() {
    for secret in BY_FORM {
        let json = serde_json::to_string(secret).unwrap();
        let escaped: String = secret.chars().map(|one| format!("\\u{:04x}", one as u32)).collect();
        absent_from_body(
            secret,
            "application/json",
            &format!("{{\"a\":[{{\"b\":{{\"c\":[1,{json}]}}}}],\"d\":2}}"),
        );
        absent_from_body(secret, "", &format!("{{\"a\":\"\\\"x {escaped}\",{json}:1}}"));
        absent_from_body(secret, "application/x-ndjson", &format!("{{\"a\":{json}}}\n{{\"a\":{json}}}\n"));
        absent_from_body(secret, "text/plain", &format!("first {secret}\n{}\n", percent(secret, true)));
        absent_from_body(secret, "text/xml", &format!("<a b=\"{secret}\">{secret}<!-- {secret} --></a>"));
        for written in writings(secret) {
            absent_from_body(
                secret,
                "application/x-www-form-urlencoded",
                &format!("a=1&b={written}&{written}=c&d=2"),
            );
        }
        let part = format!("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n{secret}\r\n");
        let file = format!(
            "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"{secret}.txt\"\r\n\r\n{secret}\r\n"
        );
        absent_from_body(secret, "multipart/form-data; boundary=x", &format!("{part}{file}--x--\r\n"));
    }
    for (name, secret) in BY_NAME {
        let inner = format!("{{\\\"{name}\\\": \\\"{secret}\\\"}}");
        absent_from_body(
            secret,
            "application/json",
            &format!("{{\"a\":[{{\"{name}\":\"{secret}\",\"p\":\"{inner}\"}}],\"z\":1}}"),
        );
        absent_from_body(
            secret,
            "application/x-www-form-urlencoded",
            &format!("a=1&{name}={secret}&b[{name}]={secret}&c=2"),
        );
        absent_from_body(
            secret,
            "text/xml",
            &format!("<a {name}='{secret}'><n:{name}>{secret}</n:{name}></a>"),
        );
        let part = format!("--x\r\nContent-Disposition: form-data; name={name}\r\n\r\n{secret}\r\n--x--\r\n");
        absent_from_body(secret, "multipart/form-data; boundary=x", &part);
        if name != "phone" {
            absent_from_body(
                secret,
                "text/plain",
                &format!("x={name}\n{name}={secret}\n\"{name}\" : \"{secret}\""),
            );
        }
    }
}
