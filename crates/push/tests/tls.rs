//! TLS, names, proxies: whom the key is given to, and that nothing is lost meanwhile.

#![allow(clippy::print_stderr, reason = "what a child process shows is searched for secrets")]

mod support;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use inventory::Verdict;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use support::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use traffic_monitor_push::{ApiKey, BaseUrl, Client, ClientSettings, Engine, UrlRules};

/// An authority of our own, and its certificate as a file.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: tempfile::NamedTempFile,
}

impl Authority {
    fn new() -> Authority {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(certificate.pem().as_bytes()).unwrap();
        Authority { issuer: Issuer::new(params, key), file }
    }

    fn path(&self) -> Option<PathBuf> {
        Some(self.file.path().to_path_buf())
    }

    /// The TLS of a server of this name; `expired` long ago.
    fn server(&self, name: &str, expired: bool) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if expired {
            (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
        }
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// A TLS front of a plain server, whose certificate can be exchanged.
struct Front {
    address: SocketAddr,
    tls: Arc<Mutex<TlsAcceptor>>,
    task: JoinHandle<()>,
}

impl Front {
    async fn start(tls: TlsAcceptor, behind: SocketAddr) -> Front {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let tls = Arc::new(Mutex::new(tls));
        let shared = Arc::clone(&tls);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let tls = shared.lock().unwrap().clone();
                tokio::spawn(async move {
                    // A client that does not trust us breaks off here.
                    let Ok(mut stream) = tls.accept(stream).await else { return };
                    let mut plain = TcpStream::connect(behind).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut stream, &mut plain).await;
                });
            }
        });
        Front { address, tls, task }
    }

    fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.address.port())
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn secure_client(url: &str, ca_file: Option<PathBuf>) -> Client {
    let base = BaseUrl::parse(url, &UrlRules::default()).unwrap();
    let settings = ClientSettings::new(base, ApiKey::new(KEY).unwrap());
    Client::new(ClientSettings { ca_file, call_timeout: Duration::from_secs(5), ..settings }).unwrap()
}

fn everything(request: &Request, stored: &mut Vec<serde_json::Value>) -> Reply {
    if request.line.contains("add-endpoints") {
        let added: Vec<serde_json::Value> = serde_json::from_str(&request.body).unwrap();
        stored
            .extend(added.iter().map(|e| serde_json::json!({"method": e["method"], "path": e["endpoint"]})));
    }
    let listing = serde_json::json!({"endpointGroups": [{"endpoints": &*stored}]});
    answer(200, &if request.line.starts_with("GET") { listing.to_string() } else { "{}".into() })
}

async fn platform() -> Server {
    let mut stored = Vec::new();
    Server::start(move |request| everything(request, &mut stored)).await
}

#[tokio::test]
async fn fault_certificates_that_are_not_right_get_no_key_and_lose_nothing() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let server = platform().await;
    for (name, tls, words) in [
        ("expired", authority.server("127.0.0.1", true), "expired"),
        ("of another name", authority.server("api.apisecapps.com", false), "not valid for name"),
        ("of an unknown authority", stranger.server("127.0.0.1", false), "invalid peer certificate"),
    ] {
        server.requests.lock().unwrap().clear();
        let front = Front::start(tls, server.address).await;
        let mut engine = Engine::new(secure_client(&front.url(), authority.path()), quick());
        let path = format!("/{}", name.replace(' ', "-"));
        let outcomes = engine.push(&instance(), vec![item("GET", &path)], now()).await;
        let reason = later(&outcomes[0].verdict);
        assert!(reason.contains("cannot connect") && reason.contains(words), "{name}: {reason}");
        assert!(server.lines().is_empty(), "{name}: the key was sent");
        // Mended: the same engine goes on by itself.
        *front.tls.lock().unwrap() = authority.server("127.0.0.1", false);
        let outcomes = drive(&mut engine, &instance(), vec![after(&item("GET", &path), &outcomes[0])]).await;
        assert_eq!(outcomes[0].verdict, Verdict::Pushed, "{name}");
    }
}

#[tokio::test]
async fn fault_an_authority_of_our_own_is_trusted_only_when_it_is_named() {
    let authority = Authority::new();
    let server = platform().await;
    let front = Front::start(authority.server("127.0.0.1", false), server.address).await;
    let failure = secure_client(&front.url(), None).listing(&instance()).await.unwrap_err().to_string();
    assert!(failure.contains("UnknownIssuer"), "{failure}");
    assert!(server.lines().is_empty());
    assert!(secure_client(&front.url(), authority.path()).listing(&instance()).await.unwrap().is_empty());
}

#[tokio::test]
async fn fault_plain_http_on_the_port_of_tls_is_trouble_and_not_a_hang() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut hello = [0; 4096];
        let read = stream.read(&mut hello).await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        hello[..read].to_vec()
    });
    let failure = secure_client(&url, None).listing(&instance()).await.unwrap_err().to_string();
    assert!(failure.contains("cannot connect"), "{failure}");
    assert!(!String::from_utf8_lossy(&server.await.unwrap()).contains("canary"));
}

#[tokio::test]
async fn fault_a_name_that_does_not_resolve_is_tried_again_later() {
    // A label of more than 63 characters is no name: nobody outside of this machine is asked.
    let url = format!("https://{}.invalid", "a".repeat(64));
    let mut engine = Engine::new(secure_client(&url, None), quick());
    let outcomes = engine.push(&instance(), vec![item("GET", "/a"), item("GET", "/b")], now()).await;
    assert!(outcomes.iter().all(|o| later(&o.verdict).starts_with("cannot connect")), "{outcomes:?}");
    let server = platform().await;
    engine.replace_client(server.client(), quick());
    let items = [item("GET", "/a"), item("GET", "/b")];
    let items = items.iter().zip(&outcomes).map(|(item, outcome)| after(item, outcome)).collect();
    assert_eq!(drive(&mut engine, &instance(), items).await.len(), 2);
}

const PROXY_PASSWORD: &str = "proxy-canary-5a5a";
/// Set in the process that the proxy test starts: itself, with variables.
const CHILD: &str = "PROXY_TEST_AUTHORITY";

/// What the child of the proxy test does: a call to the platform in production, all of its log on standard error.
async fn call_production(ca_file: PathBuf) {
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(std::io::stderr);
    let _guard = tracing::subscriber::set_default(subscriber.finish());
    let client = secure_client("https://api.apisecapps.com", Some(ca_file));
    let mut engine = Engine::new(client.clone(), quick());
    eprintln!("{client:?} {engine:?} {:?}", client.listing(&instance()).await);
    eprintln!("{:?}", engine.push(&instance(), vec![item("GET", "/a")], now()).await);
    eprintln!("{:?} {:?}", engine, engine.shared_status());
}

/// A proxy: takes `CONNECT`, notes its head, and connects to `behind` whatever was asked for.
async fn proxy(behind: SocketAddr, status: &'static str) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let noted = Arc::clone(&noted);
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap_or(b'\n'));
                    if head.len() > 8192 {
                        return;
                    }
                }
                noted.lock().unwrap().push(String::from_utf8_lossy(&head).into_owned());
                let _ = stream.write_all(format!("HTTP/1.1 {status}\r\n\r\n").as_bytes()).await;
                if status.starts_with("200") {
                    let mut behind = TcpStream::connect(behind).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut stream, &mut behind).await;
                }
            });
        }
    });
    (address, heads)
}

#[tokio::test]
async fn fault_proxies_are_used_and_neither_their_password_nor_the_key_is_ever_shown() {
    if let Some(ca_file) = std::env::var_os(CHILD) {
        return call_production(ca_file.into()).await;
    }
    let authority = Authority::new();
    let server = platform().await;
    let front = Front::start(authority.server("api.apisecapps.com", false), server.address).await;
    for (status, words) in [
        ("200 Connection established", "Pushed"),
        ("407 Proxy Authentication Required", "cannot connect"),
        ("502 Bad Gateway", "cannot connect"),
    ] {
        server.requests.lock().unwrap().clear();
        let (address, heads) = proxy(front.address, status).await;
        let mut child = Command::new(std::env::current_exe().unwrap());
        child
            .args([
                "fault_proxies_are_used_and_neither_their_password_nor_the_key_is_ever_shown",
                "--exact",
                "--nocapture",
            ])
            .env_clear()
            .env(CHILD, authority.file.path())
            .env("HTTPS_PROXY", format!("http://watcher:{PROXY_PASSWORD}@{address}"));
        let output = tokio::task::spawn_blocking(move || child.output().unwrap()).await.unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        assert!(output.status.success() && text.contains(words), "{status}: {text}");
        let heads = heads.lock().unwrap();
        assert!(
            !heads.is_empty() && heads.iter().all(|head| head.starts_with("CONNECT api.apisecapps.com:443 "))
        );
        assert!(heads.iter().all(|head| head.to_lowercase().contains("proxy-authorization: basic ")));
        assert_eq!(server.lines().is_empty(), !status.starts_with("200"));
        // Plain, and as the proxy is given it: base64 of watcher:proxy-canary-5a5a.
        for secret in [PROXY_PASSWORD, "d2F0Y2hlcjpwcm94eS1jYW5hcnktNWE1YQ", KEY, "0123456789"] {
            assert!(!text.contains(secret), "{status}: {secret} in {text}");
        }
    }
}
