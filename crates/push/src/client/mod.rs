//! The calls of the platform API, one function each.

pub mod answers;
pub(crate) mod call;
mod connected;
pub(crate) mod endpoint_id;
mod failure;
mod key;
mod url;
pub(crate) mod wire;

use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use inventory::Instance;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Certificate, Method, Response, StatusCode};
use tower::util::MapResponseLayer;

use answers::{Application, Listed, Suggestion};
pub use call::{Call, CallKind};
pub use connected::Connected;
pub use failure::{Failure, retry_after};
pub use key::ApiKey;
pub use url::{BaseUrl, PRODUCTION_URL, UrlError, UrlRules};
use wire::{Details, NewEndpoint, PreviewRequest};

/// How many bytes of a listing, or of a page of applications, are read: some 50,000 endpoints.
const MAX_LISTING: usize = 8 << 20;

/// How many pages of applications are read: at 50 on a page, far more than one platform account has.
const MAX_PAGES: usize = 1000;

/// How many applications are held, in some 10 MB: far more than one platform account has.
const MAX_APPLICATIONS: usize = 50_000;

/// How many bytes of a preview's answer are read: some thousands of suggestions.
const MAX_PREVIEW: usize = 1 << 20;

/// How many bytes of any other answer are read: enough for every error text. An answer that means nothing is read too, so
/// that its connection can be used again.
const MAX_ANSWER: usize = 64 << 10;

/// How many redirects on the same host are followed: more is a loop.
const MAX_REDIRECTS: usize = 5;

/// The `User-Agent` of every call.
pub const USER_AGENT: &str = concat!("apisec-traffic-monitor/", env!("CARGO_PKG_VERSION"));

/// The settings of a client.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// Where the platform is.
    pub base_url: BaseUrl,
    /// The key that every call carries.
    pub key: ApiKey,
    /// Certificates (PEM) to trust beside those of the system (`caFile`).
    pub ca_file: Option<PathBuf>,
    /// The longest time to connect, TLS included.
    pub connect_timeout: Duration,
    /// The longest time of a call, from its beginning to the end of its answer.
    pub call_timeout: Duration,
    /// Called with each new connection, before any request is sent on it.
    pub connected: Option<Connected>,
}

impl ClientSettings {
    /// Returns settings with the usual time-outs (10 s to connect, 30 s for the whole call) and the certificates of the
    /// system.
    #[must_use]
    pub fn new(base_url: BaseUrl, key: ApiKey) -> Self {
        let (connect_timeout, call_timeout) = (Duration::from_secs(10), Duration::from_secs(30));
        Self { base_url, key, ca_file: None, connect_timeout, call_timeout, connected: None }
    }
}

/// A client of the platform: one connection pool, one key. Cheap to clone.
///
/// Redirects are followed only for 307 and 308 and on the same scheme, host and port: the key goes nowhere else. Proxies are
/// taken from `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, except to loopback. TLS is always verified.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base_url: BaseUrl,
    key: ApiKey,
}

/// Only the URL: that of the connection pool would show the proxies with their passwords.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl Client {
    /// Creates a client. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ClientError`] if the key cannot stand in a header, the CA file cannot be used, or TLS cannot be set up.
    pub fn new(settings: ClientSettings) -> Result<Self, ClientError> {
        let certificates = settings.ca_file.as_ref().map(read_certificates).transpose()?;
        let mut builder = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .default_headers(common_headers(&settings.key)?)
            .redirect(Policy::custom(follow))
            .referer(false)
            .connect_timeout(settings.connect_timeout)
            .timeout(settings.call_timeout);
        builder = match certificates {
            Some(certificates) => builder.tls_certs_merge(certificates),
            // Nothing is to be verified over plain HTTP: a machine without certificates can still show the demo.
            None if settings.base_url.is_plain() => builder.tls_certs_only([]),
            None => builder,
        };
        if settings.base_url.is_loopback() {
            builder = builder.no_proxy();
        }
        if let Some(connected) = settings.connected {
            builder = builder.connector_layer(MapResponseLayer::new(move |connection| {
                connected.tell();
                connection
            }));
        }
        let http = builder.build().map_err(|error| ClientError::Tls(failure::innermost(&error)))?;
        Ok(Self { http, base_url: settings.base_url, key: settings.key })
    }

    /// Returns where the platform is.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        &self.base_url
    }

    /// Returns the endpoints of an instance; none where the platform has no listing yet (404).
    ///
    /// # Errors
    /// [`Failure`], also for a listing that is no JSON or longer than 8 MiB: it must not be taken for an empty one.
    pub async fn listing(&self, instance: &Instance) -> Result<Vec<Listed>, Failure> {
        let call = call::listing(&self.base_url, instance);
        let answer = self.send(&call, MAX_LISTING).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(Vec::new());
        }
        if answer.cut {
            return Err(Failure::unreadable("the listing is longer than 8 MiB"));
        }
        answers::listing(&answer.body)
            .map_err(|_| Failure::unreadable("the listing is not the JSON that it should be"))
    }

    /// Returns all applications that the key may see, with their instances.
    ///
    /// # Errors
    /// [`Failure`], also for a page that is no JSON, has no list of applications or is longer than 8 MiB, and for pages
    /// that do not end: an application that was not read must not be taken for one that is not there.
    pub async fn applications(&self) -> Result<Vec<Application>, Failure> {
        let mut pages = Pages::default();
        while self.next_page(&mut pages).await? {}
        Ok(pages.all)
    }

    /// Reads the next page of the applications. Returns whether there is another one.
    ///
    /// # Errors
    /// As [`Self::applications`].
    pub(crate) async fn next_page(&self, pages: &mut Pages) -> Result<bool, Failure> {
        let call = call::applications(&self.base_url, pages.token.as_deref());
        let answer = self.send(&call, MAX_LISTING).await?;
        if answer.cut {
            return Err(Failure::unreadable("a page of applications is longer than 8 MiB"));
        }
        let (page, next) = answers::applications(&answer.body)
            .map_err(|_| Failure::unreadable("the list of applications is not the JSON that it should be"))?;
        pages.all.extend(page);
        pages.read += 1;
        match next {
            None => return Ok(false),
            next if next == pages.token => {
                return Err(Failure::unreadable("a page of applications names itself as the next one"));
            }
            next => pages.token = next,
        }
        if pages.read >= MAX_PAGES || pages.all.len() > MAX_APPLICATIONS {
            return Err(Failure::unreadable("the pages of applications do not end"));
        }
        Ok(true)
    }

    /// Makes an application for a Service. Returns its id, or `None` if the answer does not tell it.
    ///
    /// # Errors
    /// [`Failure`].
    pub(crate) async fn create_application(&self, service: &str) -> Result<Option<String>, Failure> {
        let answer = self.send(&call::new_application(&self.base_url, service), MAX_ANSWER).await?;
        Ok(answers::new_application(&answer.body))
    }

    /// Makes an instance of an application for a Service. Returns its id, or `None` if the answer does not tell it.
    ///
    /// # Errors
    /// [`Failure`].
    pub(crate) async fn create_instance(&self, app: &str, service: &str) -> Result<Option<String>, Failure> {
        let answer = self.send(&call::new_instance(&self.base_url, app, service), MAX_ANSWER).await?;
        Ok(answers::new_instance(&answer.body))
    }

    /// Returns the id of the first instance of an application, if it has one.
    ///
    /// # Errors
    /// [`Failure`].
    pub(crate) async fn first_instance(&self, app: &str) -> Result<Option<String>, Failure> {
        let answer = self.send(&call::application(&self.base_url, app), MAX_LISTING).await?;
        Ok(answers::first_instance(&answer.body))
    }

    /// Returns the endpoints that the platform's matcher finds for `requests`.
    ///
    /// # Errors
    /// [`Failure`]; an answer of 2xx that cannot be read is 'no match', not an error.
    pub(crate) async fn preview(
        &self,
        at: &Instance,
        requests: &[PreviewRequest],
    ) -> Result<Vec<Suggestion>, Failure> {
        let answer = self.send(&call::preview(&self.base_url, at, requests), MAX_PREVIEW).await?;
        Ok(answers::suggestions(&answer.body))
    }

    /// Applies the details of one endpoint.
    ///
    /// # Errors
    /// [`Failure`].
    pub(crate) async fn commit(&self, at: &Instance, details: &Details) -> Result<(), Failure> {
        self.send(&call::commit(&self.base_url, at, details), MAX_ANSWER).await.map(drop)
    }

    /// Creates endpoints. Success does not prove that they are there: the listing does.
    ///
    /// # Errors
    /// [`Failure`].
    pub(crate) async fn add_endpoints(
        &self,
        at: &Instance,
        endpoints: &[NewEndpoint],
    ) -> Result<(), Failure> {
        self.send(&call::add_endpoints(&self.base_url, at, endpoints), MAX_ANSWER).await.map(drop)
    }

    /// Makes a call and reads its answer up to `cap` bytes. 2xx is success, and so is 404 of a listing.
    async fn send(&self, call: &Call, cap: usize) -> Result<Answer, Failure> {
        let failed = |error: reqwest::Error| Failure::from_network(&error, &self.key);
        let method = if call.method == "GET" { Method::GET } else { Method::POST };
        let mut request = self.http.request(method, &call.url);
        if let Some(content_type) = call.content_type {
            request = request.header(CONTENT_TYPE, content_type).body(call.body.clone());
        }
        let mut response = request.send().await.map_err(failed)?;
        let status = response.status();
        let none_yet = call.kind == CallKind::Listing && status == StatusCode::NOT_FOUND;
        if status.is_success() || none_yet {
            let (body, cut) = match read_up_to(&mut response, cap).await {
                Ok(read) => read,
                // What these two answer means nothing beyond the status.
                Err(_) if matches!(call.kind, CallKind::Add | CallKind::Commit) => (Vec::new(), true),
                Err(error) => return Err(failed(error)),
            };
            return Ok(Answer { status, body, cut });
        }
        // The status is what counts: an error body that breaks off is shown as far as it came.
        let body = read_up_to(&mut response, MAX_ANSWER).await.map(|(body, _)| body).unwrap_or_default();
        let after = wait_asked_for(response.headers());
        Err(Failure::from_answer(call.kind, status.as_u16(), after, &body, &self.key))
    }
}

/// The applications as far as they were read.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    pub(crate) all: Vec<Application>,
    token: Option<String>,
    read: usize,
}

/// An answer that counts as success.
struct Answer {
    status: StatusCode,
    body: Vec<u8>,
    cut: bool,
}

/// Reads the body up to `cap` bytes. Returns it, and whether there was more: the rest stays unread, and the connection is
/// closed.
async fn read_up_to(response: &mut Response, cap: usize) -> Result<(Vec<u8>, bool), reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = cap - body.len();
        body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if chunk.len() > room {
            return Ok((body, true));
        }
    }
    Ok((body, false))
}

/// Returns how long an answer asks to wait.
fn wait_asked_for(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    retry_after(text(RETRY_AFTER)?, text(DATE), SystemTime::now())
}

fn common_headers(key: &ApiKey) -> Result<HeaderMap, ClientError> {
    let bearer = url::bearer(key.secret()).ok_or(ClientError::Key)?;
    Ok(HeaderMap::from_iter([
        (AUTHORIZATION, bearer),
        (ACCEPT, HeaderValue::from_static("application/json")),
    ]))
}

fn follow(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let keeps_method = matches!(attempt.status().as_u16(), 307 | 308);
    let stays = attempt.previous().last().is_some_and(|from| url::same_origin(from, attempt.url()));
    if keeps_method && stays && attempt.previous().len() <= MAX_REDIRECTS {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

fn read_certificates(path: &PathBuf) -> Result<Vec<Certificate>, ClientError> {
    let unusable = |why: String| ClientError::CaFile { path: path.clone(), why };
    let pem = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    let certificates =
        Certificate::from_pem_bundle(&pem).map_err(|_| unusable("it is not PEM".to_owned()))?;
    if certificates.is_empty() {
        Err(unusable("it holds no certificate".to_owned()))
    } else {
        Ok(certificates)
    }
}

/// Why there is no client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientError {
    /// The key has characters that no HTTP header may have.
    Key,
    /// The CA file cannot be used.
    CaFile {
        /// Which file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// TLS cannot be set up, mostly because the system has no certificates.
    Tls(String),
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key => f.write_str(
                "the API key holds line ends or other characters that cannot be sent; copy it again as one line",
            ),
            Self::CaFile { path, why } => {
                write!(f, "caFile {} cannot be used: {why}; give a file with PEM certificates", path.display())
            }
            Self::Tls(why) => {
                write!(f, "TLS cannot be set up: {why}; install the system's CA certificates or set caFile")
            }
        }
    }
}

impl std::error::Error for ClientError {}
