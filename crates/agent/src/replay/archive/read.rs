//! An archive becomes exchanges, as if they had been captured.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use decode::Timestamp;
use flow::Direction;
use http::{Body, Exchange, Head, Protocol, RequestHead};
use hyper::Uri;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::document::{Content, Entry, Pair};
use crate::failure::Failure;
use crate::pipeline::Pipeline;
use crate::pipeline::naming::Findings;

/// So many bytes of a file say whether it is an archive.
const BEGINNING: u64 = 64;

/// Returns whether a file is a JSON document rather than a capture: no format of captures begins with a brace.
pub(in crate::replay) fn is_archive(path: &Path) -> io::Result<bool> {
    let mut beginning = Vec::new();
    File::open(path)?.take(BEGINNING).read_to_end(&mut beginning)?;
    let text = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&beginning);
    Ok(text.trim_ascii_start().first() == Some(&b'{'))
}

/// Reads an archive entry by entry, and gives each to the pipeline. What came before damage counts.
pub(in crate::replay) fn read<F: Findings>(path: &Path, pipeline: &mut Pipeline<F>) -> Result<(), Failure> {
    let failed = |error: &dyn fmt::Display| Failure::new(format!("{}: {error}", path.display()));
    let mut file = BufReader::new(File::open(path).map_err(|error| failed(&error))?);
    skip_mark(&mut file).map_err(|error| failed(&error))?;
    let mut entries = 0;
    let mut each = |entry: Entry<'_>| {
        entries += 1;
        give(&entry, pipeline);
    };
    let mut json = serde_json::Deserializer::from_reader(file);
    let read = Document(&mut each).deserialize(&mut json).and_then(|()| json.end());
    read.map_err(|error| failed(&format!("is no HTTP archive behind its entry {entries}: {error}")))
}

/// Passes over a byte order mark.
fn skip_mark(file: &mut BufReader<File>) -> io::Result<()> {
    use io::BufRead;
    if file.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
        file.consume(3);
    }
    Ok(())
}

fn give<F: Findings>(entry: &Entry<'_>, pipeline: &mut Pipeline<F>) {
    let Some(asked) = Asked::of(entry) else { return };
    let (request, answer) = (lines(&entry.request.headers), lines(&entry.response.headers));
    let head = RequestHead {
        time: asked.time,
        direction: Direction::Forward,
        protocol: protocol(&entry.request.http_version),
        method: entry.request.method.as_bytes(),
        target: asked.target.as_bytes(),
        authority: asked.authority.as_bytes(),
        headers: Head::new(&request),
    };
    let client = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0);
    let sent = entry.request.post_data.as_ref().map(|data| data.text.as_bytes()).unwrap_or_default();
    let content = bytes(&entry.response.content);
    let status = u16::try_from(entry.response.status).ok().filter(|status| *status > 0);
    pipeline.recorded(
        (client, asked.server),
        asked.time,
        Some(asked.authority.as_bytes()),
        |findings, asked| {
            let keep = if sent.is_empty() { 0 } else { findings.request(asked, &head).0 };
            let answered = !content.is_empty() && findings.wants_answer(head.time);
            let answer_keep = if answered { findings.answer(asked, &head, status.unwrap_or(0)).0 } else { 0 };
            findings.exchange(
                asked,
                &Exchange {
                    request: head,
                    request_body: kept(sent, keep, entry.request.body_size),
                    status,
                    response_headers: Head::new(&answer),
                    response_body: kept(&content, answer_keep, entry.response.content.size),
                    complete: status.is_some(),
                    grpc: None,
                    told: false,
                },
            );
        },
    );
}

/// A body of which so much is kept. An archive may have its size alone.
fn kept(bytes: &[u8], keep: usize, size: i64) -> Body<'_> {
    let kept = bytes.get(..keep).unwrap_or(bytes);
    let len = u64::try_from(size).unwrap_or(0).max(bytes.len() as u64);
    Body { len, kept, whole: kept.len() as u64 == len }
}

/// The content of an answer; nothing where it is not in the archive, or not in the form that is said.
fn bytes(content: &Content) -> Vec<u8> {
    let text = content.text.as_deref().unwrap_or_default();
    match content.encoding.as_deref() {
        Some("base64") => STANDARD.decode(text).unwrap_or_default(),
        _ => text.as_bytes().to_vec(),
    }
}

/// Fields as they stand in a message. Those of HTTP/2 that stand for its first line are known otherwise.
fn lines(headers: &[Pair<'_>]) -> Vec<u8> {
    let plain = |text: &str| !text.contains(['\r', '\n', '\0']);
    let mut lines = Vec::new();
    for Pair { name, value } in headers {
        if !name.is_empty() && !name.starts_with(':') && plain(name) && plain(value) {
            lines.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
    }
    lines
}

fn protocol(version: &str) -> Protocol {
    match version.to_ascii_lowercase().as_str() {
        "http/1.0" => Protocol::Http10,
        "h2" | "h3" | "http/2" | "http/2.0" | "http/3" | "http/3.0" => Protocol::Http2,
        _ => Protocol::Http11,
    }
}

/// Who was asked for what, and when.
struct Asked {
    time: Timestamp,
    server: SocketAddr,
    authority: String,
    target: String,
}

impl Asked {
    /// Reads it out of an entry; `None` where that is for nothing on a network (`data:`, `chrome-extension:`).
    fn of(entry: &Entry<'_>) -> Option<Asked> {
        let url = entry.request.url.split('#').next().unwrap_or_default();
        let uri: Uri = url.parse().ok()?;
        let port = match uri.scheme_str()? {
            "http" | "ws" => 80,
            "https" | "wss" => 443,
            _ => return None,
        };
        let address = entry.server_ip_address.as_deref().map(|text| text.trim_matches(['[', ']']));
        let address: IpAddr =
            address.and_then(|text| text.parse().ok()).unwrap_or(Ipv4Addr::UNSPECIFIED.into());
        let target = uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
        let began: Option<jiff::Timestamp> = entry.started_date_time.parse().ok();
        let nanos = began.and_then(|time| u64::try_from(time.as_nanosecond()).ok()).unwrap_or(0);
        Some(Asked {
            time: Timestamp::from_nanos(nanos),
            server: SocketAddr::new(address, uri.port_u16().unwrap_or(port)),
            authority: uri.authority()?.as_str().to_owned(),
            target,
        })
    }
}

/// The whole document: `{"log": {...}}`.
struct Document<'e, E>(&'e mut E);

/// `{"version": ..., "entries": [...]}`.
struct Log<'e, E>(&'e mut E);

/// `[{...}, ...]`.
struct Entries<'e, E>(&'e mut E);

impl<'de, E: FnMut(Entry<'de>)> DeserializeSeed<'de> for Document<'_, E> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de, E: FnMut(Entry<'de>)> Visitor<'de> for Document<'_, E> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a `log`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut found = false;
        while let Some(key) = map.next_key::<String>()? {
            if key == "log" {
                found = true;
                map.next_value_seed(Log(self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        if found { Ok(()) } else { Err(serde::de::Error::missing_field("log")) }
    }
}

impl<'de, E: FnMut(Entry<'de>)> DeserializeSeed<'de> for Log<'_, E> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de, E: FnMut(Entry<'de>)> Visitor<'de> for Log<'_, E> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `entries`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == "entries" {
                map.next_value_seed(Entries(self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

impl<'de, E: FnMut(Entry<'de>)> DeserializeSeed<'de> for Entries<'_, E> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de, E: FnMut(Entry<'de>)> Visitor<'de> for Entries<'_, E> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(entry) = seq.next_element()? {
            (self.0)(entry);
        }
        Ok(())
    }
}
