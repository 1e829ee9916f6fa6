//! `--output har`: every request with its answer as an archive that browsers and proxies read.

use std::borrow::Cow;
use std::io::{self, BufWriter, StdoutLock, Write};
use std::process::ExitCode;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use decode::Timestamp;
use http::{Body, Exchange, Head, Keep, RequestHead, Unreadable};
use redact::{Redactor, media_type};

use super::archive::document::{Content, Entry, Pair, PostData, Request, Response};
use super::context::Context;
use super::files;
use super::keys::{self, Keys};
use super::page::say;
use crate::failure::Failure;
use crate::learn::coverage::Coverage;
use crate::learn::owner;
use crate::pipeline::Pipeline;
use crate::pipeline::naming::{Asked, Findings};
use crate::report::{Account, Accounts};

/// Reads the files and prints the archive. The accounts go to standard error.
pub(super) fn print(context: &Context<'_>) -> Result<ExitCode, Failure> {
    let redactor = (!context.args.raw).then(|| Redactor::new(context.config.monitor.examples));
    let out = BufWriter::with_capacity(64 << 10, io::stdout().lock());
    let keep = Keep(context.config.monitor.body_bytes);
    let printer = Printer { redactor, keep, out, written: 0, error: None, coverage: Coverage::default() };
    let (limits, governor) = context.of_connections();
    let mut pipeline = Pipeline::new(limits, context.directory.clone(), printer);
    let keys = Keys::read(&context.args.keylog, &mut pipeline)?;
    let tunnels = context.args.vxlan.open();
    let outcome = files::run(&context.args.files, tunnels, &mut pipeline, keys, governor, |_| ());
    let counters = pipeline.counters();
    let mut printer = pipeline.into_findings();
    let exchanges = Account::new("exchanges", printer.written, [("printed", printer.written)]);
    let accounts = Accounts::new(&counters, exchanges, &printer.coverage);
    if !Failure::of_output(printer.finish())? {
        return Ok(ExitCode::SUCCESS);
    }
    say(&accounts.to_string());
    keys::say_opened(&counters.http);
    context.lost(&counters).iter().for_each(|lost| say(lost));
    Ok(outcome.status())
}

/// Prints exchanges as they end.
struct Printer {
    /// None where exchanges are printed as captured.
    redactor: Option<Redactor>,
    /// How much of bodies is printed.
    keep: Keep,
    out: BufWriter<StdoutLock<'static>>,
    written: u64,
    /// The first error, which stops all further writing.
    error: Option<io::Error>,
    coverage: Coverage,
}

impl Findings for Printer {
    fn request(&mut self, _: &Asked<'_>, _: &RequestHead<'_>) -> Keep {
        self.keep
    }

    fn wants_answer(&mut self, _: Timestamp) -> bool {
        // Of answers nothing but their size is shown, unless all is.
        self.redactor.is_none()
    }

    fn reads(&self, _: Head<'_>) -> bool {
        true
    }

    fn answer(&mut self, _: &Asked<'_>, _: &RequestHead<'_>, _: u16) -> Keep {
        self.keep
    }

    fn exchange(&mut self, asked: &Asked<'_>, exchange: &Exchange<'_>) {
        let entry = match &self.redactor {
            None => raw(asked, exchange),
            Some(redactor) => redacted(redactor, asked, exchange),
        };
        if self.error.is_none() {
            self.error = self.write(&entry).err();
        }
        self.written += 1;
    }

    fn unreadable(&mut self, asked: &Asked<'_>, why: Unreadable<'_>) {
        self.coverage.unreadable(owner::any(asked.answer, asked.server), why);
    }
}

impl Printer {
    fn write(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        if self.written == 0 {
            self.begin()?;
        } else {
            self.out.write_all(b",\n")?;
        }
        Ok(serde_json::to_writer(&mut self.out, entry)?)
    }

    fn begin(&mut self) -> io::Result<()> {
        let creator =
            serde_json::json!({"name": "apisec-traffic-monitor", "version": env!("CARGO_PKG_VERSION")});
        writeln!(self.out, "{{\"log\":{{\"version\":\"1.2\",\"creator\":{creator},\"entries\":[")
    }

    /// Writes what is left.
    fn finish(&mut self) -> io::Result<()> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        if self.written == 0 {
            self.begin()?;
        }
        self.out.write_all(b"\n]}}\n")?;
        self.out.flush()
    }
}

/// What both forms have, with this target and host.
fn entry<'a>(asked: &Asked<'_>, exchange: &Exchange<'a>, target: &str, host: Option<&str>) -> Entry<'a> {
    let request = &exchange.request;
    let began = jiff::Timestamp::from_nanosecond(request.time.as_nanos().into()).unwrap_or_default();
    let host = host.map_or_else(|| asked.server.to_string(), str::to_owned);
    let scheme = if asked.over_tls { "https" } else { "http" };
    let url = if target.starts_with('/') { format!("{scheme}://{host}{target}") } else { target.to_owned() };
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let pair = |(name, value): (Cow<'_, str>, Cow<'_, str>)| Pair {
        name: name.into_owned().into(),
        value: value.into_owned().into(),
    };
    Entry {
        started_date_time: began.to_string(),
        time: -1.0,
        request: Request {
            method: String::from_utf8_lossy(request.method),
            query_string: form_urlencoded::parse(query.as_bytes()).map(pair).collect(),
            url,
            http_version: version(exchange).into(),
            headers_size: -1,
            body_size: size(&exchange.request_body),
            ..Request::default()
        },
        response: Response {
            status: exchange.status.map_or(0, i64::from),
            http_version: version(exchange).into(),
            content: Content { size: size(&exchange.response_body), ..Content::default() },
            headers_size: -1,
            body_size: size(&exchange.response_body),
            ..Response::default()
        },
        server_ip_address: Some(asked.server.ip().to_string()),
        ..Entry::default()
    }
}

/// An exchange as captured.
fn raw<'a>(asked: &Asked<'_>, exchange: &Exchange<'a>) -> Entry<'a> {
    let request = &exchange.request;
    let lossy = String::from_utf8_lossy;
    let host = request.host().map(lossy);
    let mut entry = entry(asked, exchange, &lossy(request.target), host.as_deref());
    entry.request.headers = fields(request.headers);
    entry.request.post_data = post_data(request.headers, lossy(exchange.request_body.kept).into_owned());
    entry.response.headers = fields(exchange.response_headers);
    entry.response.content.mime_type = mime_type(exchange.response_headers);
    let body = exchange.response_body.kept;
    if !body.is_empty() {
        let (text, encoding) = match str::from_utf8(body) {
            Ok(text) => (text.to_owned(), None),
            Err(_) => (STANDARD.encode(body), Some("base64".to_owned())),
        };
        (entry.response.content.text, entry.response.content.encoding) = (Some(text), encoding);
    }
    entry
}

/// An exchange with everything secret and personal replaced. Of an answer it has status, type and size.
fn redacted<'a>(redactor: &Redactor, asked: &Asked<'_>, exchange: &Exchange<'a>) -> Entry<'a> {
    let shown = redactor.show(&exchange.request);
    let mut entry = entry(asked, exchange, shown.target(), shown.host());
    let pair =
        |(name, value): &(String, String)| Pair { name: name.clone().into(), value: value.clone().into() };
    entry.request.headers = shown.headers().iter().map(pair).collect();
    entry.request.post_data = redactor
        .show_body(exchange)
        .map(|body| PostData { mime_type: body.content_type().to_owned(), text: body.content().to_owned() });
    entry.response.content.mime_type = media_type(exchange.response_headers).unwrap_or_default();
    entry
}

fn post_data(head: Head<'_>, text: String) -> Option<PostData> {
    (!text.is_empty()).then(|| PostData { mime_type: mime_type(head), text })
}

fn mime_type(head: Head<'_>) -> String {
    head.content_type().map(|value| String::from_utf8_lossy(value).into_owned()).unwrap_or_default()
}

fn fields(head: Head<'_>) -> Vec<Pair<'_>> {
    let lossy = String::from_utf8_lossy;
    head.iter().map(|(name, value)| Pair { name: lossy(name), value: lossy(value) }).collect()
}

/// The version as archives write it.
fn version(exchange: &Exchange<'_>) -> &'static str {
    match exchange.request.protocol {
        http::Protocol::Http10 => "HTTP/1.0",
        http::Protocol::Http11 => "HTTP/1.1",
        http::Protocol::Http2 => "HTTP/2",
    }
}

fn size(body: &Body<'_>) -> i64 {
    i64::try_from(body.len).unwrap_or(i64::MAX)
}
