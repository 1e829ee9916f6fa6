//! Protocols that are recognised by their first bytes, to say why a connection is not read. Only where these bytes
//! make it certain.

use crate::h1::token::is_token;

/// Which side sends the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Client,
    Server,
    Either,
}

/// So many first bytes are enough to tell, but for protocols of lines.
pub(crate) const ENOUGH: usize = 16;

/// Fixed bytes at a fixed place.
const MAGICS: &[(&str, usize, &[u8], Side)] = &[
    ("ssh", 0, b"SSH-2.0-", Side::Either),
    ("ssh", 0, b"SSH-1.99-", Side::Either),
    ("postgres", 0, &[0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f], Side::Client),
    ("postgres", 0, &[0, 0, 0, 8, 4, 0xd2, 0x16, 0x30], Side::Client),
    ("postgres", 0, &[0, 0, 0, 16, 4, 0xd2, 0x16, 0x2e], Side::Client),
    ("mongodb", 12, &[0xdd, 0x07, 0, 0], Side::Either),
    ("mongodb", 12, &[0xd4, 0x07, 0, 0], Side::Client),
    ("amqp", 0, &[b'A', b'M', b'Q', b'P', 0, 0, 9, 1], Side::Client),
    ("amqp", 0, &[b'A', b'M', b'Q', b'P', 0, 1, 0, 0], Side::Client),
    ("amqp", 0, &[b'A', b'M', b'Q', b'P', 3, 1, 0, 0], Side::Client),
    ("nats", 0, b"INFO {\"", Side::Server),
    ("nats", 0, b"CONNECT {\"", Side::Client),
    ("smb", 4, b"\xffSMB", Side::Either),
    ("smb", 4, b"\xfeSMB", Side::Either),
    ("vnc", 0, b"RFB 003.", Side::Server),
    ("bittorrent", 0, b"\x13BitTorrent protocol", Side::Either),
    ("cassandra", 0, &[3, 0, 0, 0, 5, 0, 0, 0, 0], Side::Client),
    ("cassandra", 0, &[4, 0, 0, 0, 5, 0, 0, 0, 0], Side::Client),
    ("cassandra", 0, &[5, 0, 0, 0, 5, 0, 0, 0, 0], Side::Client),
];

/// Whether bytes have a form.
type Form = fn(&[u8]) -> bool;

/// What has more of a form than fixed bytes.
const FORMS: &[(&str, Form, Side)] = &[
    ("redis", is_redis, Side::Client),
    ("postgres", is_postgres_startup, Side::Client),
    ("mysql", is_mysql_greeting, Side::Server),
    ("mqtt", is_mqtt_connect, Side::Client),
    ("kafka", is_kafka_request, Side::Client),
    ("cassandra", is_cassandra_startup, Side::Client),
    ("dns", is_dns_query, Side::Client),
    ("memcached", is_memcached, Side::Client),
    ("smtp_or_ftp", is_greeting_220, Side::Server),
    ("rtsp", |bytes| first_line_has(bytes, b" RTSP/1.0") || bytes.starts_with(b"RTSP/1.0 "), Side::Client),
    ("http09", is_http09, Side::Client),
    ("sip", |bytes| first_line_has(bytes, b" SIP/2.0"), Side::Client),
];

/// The protocol that begins with these bytes, and who sends them.
pub(crate) fn recognise(bytes: &[u8]) -> Option<(&'static str, Side)> {
    let magic =
        MAGICS.iter().find(|(_, at, magic, _)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(magic)));
    let magic = magic.map(|&(name, .., side)| (name, side));
    magic.or_else(|| FORMS.iter().find(|form| form.1(bytes)).map(|&(name, _, side)| (name, side)))
}

/// A request of HTTP/0.9: a line with a path and no version, and nothing else.
fn is_http09(bytes: &[u8]) -> bool {
    let Some(path) = bytes.strip_prefix(b"GET /") else { return false };
    let path = path.trim_ascii_end();
    let line_ends = bytes.iter().filter(|byte| **byte == b'\n').count();
    bytes.ends_with(b"\n") && line_ends == 1 && path.iter().all(u8::is_ascii_graphic)
}

/// An array of bulk strings: `*2\r\n$3\r\n`.
fn is_redis(bytes: &[u8]) -> bool {
    let number = |bytes: &[u8]| bytes.iter().take(9).take_while(|byte| byte.is_ascii_digit()).count();
    let Some(rest) = bytes.strip_prefix(b"*") else { return false };
    let digits = number(rest);
    let Some(rest) = rest.get(digits..).and_then(|rest| rest.strip_prefix(b"\r\n$")) else { return false };
    let length = number(rest);
    digits > 0 && length > 0 && rest.get(length..).is_some_and(|rest| rest.starts_with(b"\r\n"))
}

/// A startup message of protocol 3.0 with its first parameter.
fn is_postgres_startup(bytes: &[u8]) -> bool {
    let [0, 0, high, low, 0, 3, 0, 0, first, ..] = bytes else { return false };
    (9..=10_000).contains(&u16::from_be_bytes([*high, *low])) && first.is_ascii_lowercase()
}

/// The initial handshake packet of protocol 10: its number is 0 and the version begins with a digit.
fn is_mysql_greeting(bytes: &[u8]) -> bool {
    let [length, 0, 0, 0, 10, first, rest @ ..] = bytes else { return false };
    let version = rest.iter().take(64).take_while(|byte| byte.is_ascii_graphic()).count();
    *length > 40 && first.is_ascii_digit() && version > 2 && rest.get(version) == Some(&0)
}

/// CONNECT with the name of the protocol.
fn is_mqtt_connect(bytes: &[u8]) -> bool {
    let Some(rest) = bytes.strip_prefix(&[0x10]) else { return false };
    let length = rest.iter().take(4).take_while(|byte| **byte >= 0x80).count() + 1;
    rest.get(length..)
        .is_some_and(|rest| rest.starts_with(b"\0\x04MQTT") || rest.starts_with(b"\0\x06MQIsdp"))
}

/// A request that fills the segment: key and version in their ranges, a client id in printable characters.
fn is_kafka_request(bytes: &[u8]) -> bool {
    let [a, b, c, d, 0, key @ 0..=100, 0, 0..=20, _, _, _, _, high, low, rest @ ..] = bytes else {
        return false;
    };
    let client_id = rest.get(..usize::from(u16::from_be_bytes([*high, *low])));
    let exact = u32::from_be_bytes([*a, *b, *c, *d]) as usize == bytes.len() - 4;
    exact && *key < 100 && client_id.is_some_and(|id| !id.is_empty() && id.iter().all(u8::is_ascii_graphic))
}

/// STARTUP with its string map.
fn is_cassandra_startup(bytes: &[u8]) -> bool {
    matches!(bytes, [3..=5, 0..=1, _, _, 1, 0, 0, _, _, 0, 1..=9, ..])
        && memchr::memmem::find(bytes, b"CQL_VERSION").is_some()
}

/// One query that fills the segment (RFC 1035, section 4.2.2): one question, no answer, no authority.
fn is_dns_query(bytes: &[u8]) -> bool {
    let [high, low, _, _, flags, second, 0, 1, 0, 0, 0, 0, 0, 0..=2, label @ 1..=63, ..] = bytes else {
        return false;
    };
    let exact = usize::from(u16::from_be_bytes([*high, *low])) == bytes.len() - 2;
    exact && flags & 0xfe == 0 && second & 0x8f == 0 && bytes.len() > 15 + usize::from(*label)
}

/// A command of the text protocol in a line of its own.
fn is_memcached(bytes: &[u8]) -> bool {
    let Some(line) = first_line(bytes) else { return false };
    let mut words = line.split(|&byte| byte == b' ');
    let command = words.next().unwrap_or_default();
    let arguments = words.filter(|word| !word.is_empty()).count();
    match command {
        b"get" | b"gets" => arguments >= 1,
        b"set" | b"add" | b"replace" | b"append" | b"prepend" => (4..=5).contains(&arguments),
        b"version" | b"stats" | b"mn" => arguments == 0,
        b"mg" | b"ms" => arguments >= 1,
        _ => false,
    }
}

/// `220` and a name of the server.
fn is_greeting_220(bytes: &[u8]) -> bool {
    (bytes.starts_with(b"220 ") || bytes.starts_with(b"220-")) && first_line(bytes).is_some()
}

/// Returns whether the first line ends with this, after a method.
fn first_line_has(bytes: &[u8], end: &[u8]) -> bool {
    first_line(bytes)
        .is_some_and(|line| line.ends_with(end) && line.first().is_some_and(|&byte| is_token(byte)))
}

/// The first line, if its end is there and it is text.
fn first_line(bytes: &[u8]) -> Option<&[u8]> {
    let line = bytes.get(..memchr::memchr(b'\n', bytes)?)?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    line.iter().all(|byte| matches!(byte, b' '..=b'~')).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell_the_protocol() {
        let mysql = b"\x4a\0\0\0\x0a8.0.36\0\x08\0\0\0abcdefgh\0\xff";
        let kafka = b"\0\0\0\x11\0\x12\0\x03\0\0\0\x01\0\x07rdkafka";
        let cases: [(&[u8], &str, Side); 16] = [
            (b"SSH-2.0-OpenSSH_9.2\r\n", "ssh", Side::Either),
            (b"*1\r\n$4\r\nPING\r\n", "redis", Side::Client),
            (&[0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f], "postgres", Side::Client),
            (b"\0\0\0\x21\0\x03\0\0user\0app\0", "postgres", Side::Client),
            (mysql, "mysql", Side::Server),
            (b"\x10\x0c\0\x04MQTT\x04\x02\0\x3c\0\0", "mqtt", Side::Client),
            (&kafka[..], "kafka", Side::Client),
            (b"\x40\0\0\0\x01\0\0\0\0\0\0\0\xdd\x07\0\0\0", "mongodb", Side::Either),
            (b"AMQP\0\0\x09\x01", "amqp", Side::Client),
            (b"INFO {\"server_id\":\"x\"}\r\n", "nats", Side::Server),
            (b"220 mail.example ESMTP\r\n", "smtp_or_ftp", Side::Server),
            (b"get key\r\n", "memcached", Side::Client),
            (b"OPTIONS rtsp://h/ RTSP/1.0\r\n", "rtsp", Side::Client),
            (b"\0\x15\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x01a\x01b\0\0\x01\0\x01", "dns", Side::Client),
            (b"\x04\0\0\0\x05\0\0\0\0", "cassandra", Side::Client),
            (b"\0\0\0\x55\xfeSMB\x40\0", "smb", Side::Either),
        ];
        for (bytes, name, side) in cases {
            assert_eq!(recognise(bytes), Some((name, side)), "{name}");
        }
    }

    #[test]
    fn http_and_noise_are_none_of_them() {
        let cases: [&[u8]; 6] = [
            b"GET / HTTP/1.1\r\n",
            b"HTTP/1.1 220 x\r\n",
            b"",
            b"hello\r\n",
            &[0; 64],
            b"CONNECT a:1 HTTP/1.1\r\n",
        ];
        assert!(cases.into_iter().all(|bytes| recognise(bytes).is_none()));
    }
}
