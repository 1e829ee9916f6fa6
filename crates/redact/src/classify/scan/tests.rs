//! What is found in texts, and what is not.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::spent::spent;

fn found(text: &str) -> Vec<&str> {
    Scan::of(text.as_bytes(), Wanted::ALL).map(|hit| &text[hit.range]).collect()
}

#[test]
fn secrets_in_the_middle_of_text() {
    let cases: [(&str, &[&str]); 28] = [
        ("{\"xml\":\"<a><password>hun ter2</password></a>\"}", &["hun ter2"]),
        ("<x:Token type='a'>\n abc \n</x:Token><n>3</n>", &["abc"]),
        ("<token/>abc</a> a > b <!-- x -->y", &[]),
        ("<name>ann</name> </password>rest", &[]),
        ("if token>3 then", &[]),
        ("write to john@example.com, or call +1 415 555 2671.", &["john@example.com", "+1 415 555 2671"]),
        ("see https://user:s3cret@host/x?y", &["user:s3cret"]),
        ("Authorization: Bearer abc123def", &["Bearer abc123def"]),
        ("got Bearer abc123def here", &["abc123def"]),
        ("the bearer of news", &[]),
        ("Basic dXNlcjpwYXNz", &["dXNlcjpwYXNz"]),
        ("Basic plan", &[]),
        ("password=hunter2&x=1", &["hunter2"]),
        ("{\"a\":1,\"password\": \"hun ter2\"}", &["hun ter2"]),
        ("{\\\"api_key\\\":\\\"k-1\\\"}", &["k-1"]),
        ("token: abc; x", &["abc"]),
        ("a ghp_16C7e42F292c6912E7710c838347Ae178B4a.", &["ghp_16C7e42F292c6912E7710c838347Ae178B4a."]),
        ("x-AKIAIOSFODNN7EXAMPLE-y", &["AKIAIOSFODNN7EXAMPLE-y"]),
        ("card 4111 1111 1111 1111 123", &["4111 1111 1111 1111"]),
        ("IBAN DE89 3704 0044 0532 0130 00!", &["DE89 3704 0044 0532 0130 00"]),
        ("ssn 078-05-1120", &["078-05-1120"]),
        ("id=550e8400-e29b-41d4-a716-446655440000", &[]),
        ("W/\"d41d8cd98f00b204e9800998ecf8427e\"", &["d41d8cd98f00b204e9800998ecf8427e"]),
        ("mailto:a@b.cd?subject=x", &["a@b.cd"]),
        ("tel:+4915112345678", &["+4915112345678"]),
        ("jörg.müller@bücher.example", &["jörg.müller@bücher.example"]),
        ("sig=a/b+c==", &["a/b+c=="]),
        ("go to /a?param=password&value=x1&b=2", &["x1"]),
    ];
    for (text, expected) in cases {
        assert_eq!(found(text), expected, "{text}");
    }
}

#[test]
fn private_keys_whole() {
    let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----";
    assert_eq!(found(&format!("x {key} y")), [key]);
    assert_eq!(found("-----BEGIN PRIVATE KEY-----\ncut"), ["-----BEGIN PRIVATE KEY-----\ncut"]);
    assert!(found("-----BEGIN CERTIFICATE-----\n").is_empty());
}

#[test]
fn ordinary_business_text_stays() {
    for text in [
        "3",
        "19.99",
        "1,234.50 EUR",
        "2024-01-31",
        "2024-01-31T10:00:00+02:00",
        "2024-01-31 10:00:00.123456",
        "1700000000",
        "1700000000123",
        "v1.2.3-beta.4",
        "2.0.1",
        "IN_PROGRESS",
        "Widget 2000 XL",
        "SKU-12345",
        "A1-B2",
        "en-US,en;q=0.9",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
        "application/vnd.api+json; charset=utf-8",
        "192.168.1.10:8080",
        "10.0.0.0/8",
        "::1",
        "52.5200065999999,13.404954",
        "https://shop.example.com/products/summer-2024?page=2&sort=price",
        "12:30-14:00",
        "1-2 days",
        "ISBN 978-3-16-148410-0",
        "#ff8800",
        "100%",
        "iPhone 15 Pro Max 256GB",
        "size: XL, colour: blue",
        "a=b&c=d",
        "gzip, deflate, br",
        "no-cache",
        "Mon, 01 Jan 2024 00:00:00 GMT",
        "order 20240131-0001",
        "text with_underscores and-dashes",
        "C:\\Users\\x\\file.txt",
        "5 out of 10 (50 %)",
        "tokenType: bearer",
        "550e8400-e29b-41d4-a716-446655440000",
        "507f1f77bcf86cd799439011",
        "the quick brown fox",
        "Straße 12, 10115 Berlin",
        "+5",
        "-273.15",
        "1e10",
        "EUR 5.00",
        "key=value",
        "00:00:00",
    ] {
        assert_eq!(found(text), Vec::<&str>::new(), "{text}");
    }
}

/// The second of two values in one run of base64 is found as well as the first.
#[test]
fn all_secrets_of_a_run() {
    let (one, two) = ("x7Kq2LmN9pRs4TvW8yZa1Bc3", "Qm4Zt8Yb2Xc6Vd1Wf5Ug9Th3");
    assert_eq!(found(&format!("a {one}/{two} b")), [one, two]);
    let (one, two) = ("9f86d081884c7d659a2feaa0c55ad015", "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(found(&format!("{one}-{two}")), [one, two]);
    assert_eq!(found(&format!("ghp_16C7e42F292c6912E7710c838347Ae178B4a/{one}")).len(), 2);
    // In a run that is longer than what is judged together.
    let long = "some/words/of-a-path/".repeat(1000);
    assert_eq!(found(&format!("{long}{one}/{two}")), [one, two]);
}

/// What is public stays so behind what is found in it.
#[test]
fn a_certificate_stays_behind_a_hit() {
    let line = "MIIBkTCB+wIJAKHHgBqZp1Yt7Kq2LmN9pRs4TvW8yZa1Bc3x7Kq2LmN9pRs4TvW8";
    let text =
        format!("-----BEGIN CERTIFICATE-----\nAKIAIOSFODNN7EXAMPLE\n{line}\n-----END CERTIFICATE-----");
    assert_eq!(found(&text), ["AKIAIOSFODNN7EXAMPLE"]);
}

fn time_of(text: &str) -> Duration {
    spent(|| {
        let _ = found(text);
        let _ = inserted(text.as_bytes());
        let _ = block(text.as_bytes());
    })
}

/// Four times as much takes four times as long, and not sixteen.
#[test]
fn long_hostile_text_takes_linear_time() {
    for unit in [
        "a-",
        "1 ",
        "://",
        "=",
        "password=",
        "eyJ.",
        "-----BEGIN ",
        "(",
        "+1",
        "a@",
        "x:",
        "AB12 ",
        "sk-",
        "a/",
        "é",
        "Basic ",
        "lat=",
        "lat:",
        "lat='",
        "city=x",
        "-p.",
        "-p.x ",
        "mysql -p\"",
        "-a=",
        "--lat=.",
        "-u=.",
        "--token=-x",
        "bearer.",
        "basic.",
        "pat.",
        "pat12345678901234.",
        "ST-1-",
        "AKIA",
        "ghp_",
        "x-api-key:",
        "-----BEGIN CERTIFICATE",
        "-----BEGIN PRIVATE KEY",
        "VALUES",
        "(pin)VALUES(",
        "(a)values(1,",
        "' ",
        "by '",
        "is ",
        "pin is ",
        "login a password ",
        "<pin>",
        "<lat ",
        "token={",
        "x7Kq2LmN9pRs4TvW8yZa1Bc3/",
        "4bf92f3577b34da6a3ce929d0e0e4736-x/",
        "dXNlcjpwYXNz",
        "a@[1",
        "\"a",
        "code 12345 ",
    ] {
        let of = |length: usize| format!("0{}", unit.repeat(length / unit.len()));
        let (short, long) = (time_of(&of(32 << 10)), time_of(&of(128 << 10)));
        assert!(long < 8 * short + Duration::from_millis(40), "{unit}: {short:?}, then {long:?}");
    }
}

proptest! {
    #[test]
    fn ranges_are_ahead_and_between_characters(
        text in "\\PC{0,80}|[a-f0-9@.:=/+ é-]{0,80}|(city=|city: |<city>|--city |x@a\\.|x@|AKIA)[漢é.a1]{60,200} pin=1",
    ) {
        let mut from = 0;
        for hit in Scan::of(text.as_bytes(), Wanted::ALL) {
            prop_assert!(hit.range.start >= from && hit.range.end > hit.range.start);
            prop_assert!(text.get(hit.range.clone()).is_some());
            from = hit.range.end;
        }
    }
}
