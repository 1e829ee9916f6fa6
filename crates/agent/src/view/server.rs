//! What the page asks: a few questions, which change nothing.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use listener::{Limits, serve_http};
use redact::printable;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use super::address::{Secrets, is_loopback_name};
use super::book::{Book, News};
use super::browser;
use super::built::{FILES, INDEX};
use super::look::Overview;
use super::source::Source;
use crate::cli::Form;
use crate::export::file_name;
use crate::failure::Failure;
use crate::terminal::say;

/// A browser opens six connections to a server, and some people have several pages open. Large answers take time.
const LIMITS: Limits = Limits {
    connections: 32,
    head: Duration::from_secs(5),
    idle: Duration::from_mins(2),
    answer: Duration::from_mins(1),
};

/// Nobody is asked again sooner than after this time.
const FRESH: Duration = Duration::from_secs(1);

/// Nor sooner than after so many times what asking took: a page costs an agent a tenth of a processor at most.
const REST: u32 = 10;
/// The most who ask the source at a time: of a cluster, each asks all agents.
const AT_ONCE: usize = 4;

/// Everything comes from here, only our own script runs, it makes no elements of text, and no other page can frame this one.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

/// The page, ready to be served.
pub(crate) struct Page {
    listener: TcpListener,
    address: SocketAddr,
    desk: Arc<Desk>,
}

/// What answers need.
struct Desk {
    source: Source,
    secrets: Secrets,
    own: String,
    shown: Mutex<Shown>,
    /// Those who may ask the source now.
    turns: Arc<Semaphore>,
}

/// What was last asked for.
struct Shown {
    book: Book,
    overview: Overview,
    left_out: usize,
    /// Why it is not newer, if that failed.
    trouble: Option<String>,
    /// Before this nobody is asked again.
    next: Option<Instant>,
}

/// What the page gets: all but the endpoints, and what is new of those.
#[derive(Serialize)]
struct Answer<'a> {
    version: &'static str,
    now: u64,
    trouble: &'a Option<String>,
    left_out: usize,
    #[serde(flatten)]
    overview: &'a Overview,
    #[serde(flatten)]
    news: News,
}

impl Page {
    /// A page at this socket, over this source.
    ///
    /// # Errors
    /// The system refuses.
    pub(crate) fn new(listener: TcpListener, source: Source) -> Result<Page, Failure> {
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let secrets = Secrets::new()?;
        // JavaScript's numbers are exact up to 53 bits.
        let shown = Shown {
            book: Book::new(fastrand::u64(1..1 << 52)),
            overview: Overview::default(),
            left_out: 0,
            trouble: None,
            next: None,
        };
        let desk = Desk {
            source,
            secrets,
            own: address.to_string(),
            shown: Mutex::new(shown),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        };
        Ok(Page { listener, address, desk: Arc::new(desk) })
    }

    /// Returns the address, for whoever started this.
    pub(crate) fn address(&self) -> String {
        format!("http://{}/{}/", self.address, self.desk.secrets.token())
    }

    /// Opens it in a browser, if someone sits here.
    pub(crate) fn open(&self) {
        if let Some(code) = self.desk.secrets.code() {
            browser::open(&format!("http://{}/open/{code}", self.address));
        }
    }

    /// Answers for ever.
    pub(crate) async fn serve(self) {
        let Ok(listener) = tokio::net::TcpListener::from_std(self.listener) else { return };
        serve_http(listener, LIMITS, router(self.desk)).await;
    }
}

impl Desk {
    /// Returns what is new to a page, as JSON. Waits for the source where what is known is not fresh.
    fn answer(&self, asked: &Asked) -> Result<Vec<u8>, serde_json::Error> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.next.is_none_or(|next| Instant::now() >= next) {
            self.look(&mut shown);
        }
        let Shown { book, overview, left_out, trouble, .. } = &*shown;
        serde_json::to_vec(&Answer {
            version: env!("CARGO_PKG_VERSION"),
            now: crate::report::clock().as_secs(),
            trouble,
            left_out: *left_out,
            overview,
            news: book.since(asked.epoch, asked.since),
        })
    }

    fn look(&self, shown: &mut Shown) {
        let begun = Instant::now();
        match self.source.look() {
            Ok(mut look) => {
                look.overview.unseen.leave_out(&self.own);
                shown.book.take(look.listing.endpoints);
                shown.left_out = look.listing.left_out;
                shown.overview = look.overview;
                shown.trouble = None;
            }
            Err(failure) => shown.trouble = Some(failure.to_string()),
        }
        shown.next = Some(Instant::now() + FRESH.max(begun.elapsed() * REST));
    }
}

/// Which revision a page has.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    epoch: u64,
    since: u64,
}

#[derive(Deserialize)]
struct OfEndpoint {
    id: String,
}

#[derive(Deserialize)]
struct OfSubject {
    subject: String,
}

#[derive(Deserialize)]
struct OfDocument {
    service: String,
    form: Option<String>,
}

fn router(desk: Arc<Desk>) -> Router {
    let mut inside = Router::new()
        .route("/", get(async || ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], INDEX)))
        .route("/api/state", get(state))
        .route("/api/endpoint", get(endpoint))
        .route("/api/explain", get(explain))
        .route("/api/openapi", get(openapi));
    for (name, kind, text) in FILES {
        let file = get(async move || ([(header::CONTENT_TYPE, kind)], text));
        inside = inside.route(&format!("/{name}"), file);
    }
    Router::new()
        .nest(&format!("/{}/", desk.secrets.token()), inside)
        .route("/open/{code}", get(open))
        .layer(from_fn(guarded))
        .with_state(desk)
}

/// Answers under a name of this machine only, and says how browsers are to treat it.
async fn guarded(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let mut response = match is_loopback_name(host) {
        true => next.run(request).await,
        false => (StatusCode::FORBIDDEN, "only under a name of this machine\n").into_response(),
    };
    let headers: [(HeaderName, &str); 6] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Leads the browser that was started with the code to the page.
async fn open(State(desk): State<Arc<Desk>>, Path(code): Path<String>) -> Response {
    if desk.secrets.redeem(&code) {
        return Redirect::to(&format!("/{}/", desk.secrets.token())).into_response();
    }
    say(
        "An address to open the page was used that is not good, or not any more. If that was not you, someone else on this \
         machine tried to read the page: end it, and start it anew.",
    );
    (StatusCode::GONE, "This address was good once. The terminal has the one that stays.\n").into_response()
}

/// Asks where that takes no time of others.
async fn asked<T: Send + 'static>(
    desk: Arc<Desk>,
    ask: impl FnOnce(&Desk) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Response> {
    let refused = |why: String| (StatusCode::BAD_GATEWAY, why).into_response();
    let Ok(_turn) = desk.turns.clone().acquire_owned().await else { return Err(refused("it ends".into())) };
    match tokio::task::spawn_blocking(move || ask(&desk)).await {
        Ok(answer) => answer.map_err(|failure| refused(failure.to_string())),
        Err(error) => Err(refused(error.to_string())),
    }
}

async fn state(State(desk): State<Arc<Desk>>, Query(query): Query<Asked>) -> Result<Response, Response> {
    let ask = move |desk: &Desk| desk.answer(&query).map_err(|error| Failure::new(error.to_string()));
    Ok(([(header::CONTENT_TYPE, "application/json")], asked(desk, ask).await?).into_response())
}

async fn endpoint(State(desk): State<Arc<Desk>>, Query(of): Query<OfEndpoint>) -> Result<Response, Response> {
    let found = asked(desk, move |desk| desk.source.endpoint(&of.id)).await?;
    Ok(match found {
        Some(row) => Json(row).into_response(),
        None => (StatusCode::NOT_FOUND, "there is no such endpoint any more\n").into_response(),
    })
}

async fn explain(State(desk): State<Arc<Desk>>, Query(of): Query<OfSubject>) -> Result<Response, Response> {
    Ok(Json(asked(desk, move |desk| desk.source.explain(&of.subject)).await?).into_response())
}

async fn openapi(State(desk): State<Arc<Desk>>, Query(of): Query<OfDocument>) -> Result<Response, Response> {
    let form = if of.form.as_deref() == Some("json") { Form::Json } else { Form::Yaml };
    let name = of.service.clone();
    let text = asked(desk, move |desk| {
        let document = desk.source.document(&of.service)?;
        document.map(|document| form.text(&document)).transpose()
    });
    let Some(text) = text.await? else {
        let none = format!("nothing of {} is worth a document yet\n", printable(name.as_bytes()));
        return Err((StatusCode::NOT_FOUND, none).into_response());
    };
    let kind = match form {
        Form::Yaml => "application/yaml",
        Form::Json => "application/json",
    };
    let file = format!("attachment; filename=\"{}.openapi.{}\"", file_name(&name), form.extension());
    Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, file)], text).into_response())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;
    use crate::view::listen;

    async fn get(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn a_code_leads_to_the_page_once() {
        let page = Page::new(listen(0, "--port").unwrap(), Source::Agent("/nowhere".into())).unwrap();
        let (address, own, code) = (page.address, page.address(), page.desk.secrets.code().unwrap());
        let served = tokio::spawn(page.serve());
        assert!(get(address, "/open/0").await.starts_with("HTTP/1.1 410 "), "a wrong one spoils nothing");
        let led = get(address, &format!("/open/{code}")).await;
        let to = own.strip_prefix(&format!("http://{address}")).unwrap();
        assert!(led.starts_with("HTTP/1.1 303 ") && led.contains(&format!("location: {to}\r\n")), "{led}");
        let again = get(address, &format!("/open/{code}")).await;
        assert!(again.starts_with("HTTP/1.1 410 ") && !again.contains(to), "{again}");
        assert!(get(address, to).await.starts_with("HTTP/1.1 200 "));
        served.abort();
    }
}
