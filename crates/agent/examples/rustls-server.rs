//! A server of HTTPS by rustls with aws-lc-rs, for tests: `rustls-server PORT KEY CERTIFICATE`. It answers each request with a short
//! document, over HTTP/1.1 or HTTP/2 as ALPN says.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a program of tests")]

use std::convert::Infallible;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, server};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

#[tokio::main]
async fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [port, key, certificate] = &arguments[..] else { panic!("PORT KEY CERTIFICATE") };
    let key = PrivateKeyDer::from_pem_file(key).unwrap();
    let chain = vec![CertificateDer::from_pem_file(certificate).unwrap()];
    let mut config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", port.parse().unwrap())).await.unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        tokio::spawn(serve(acceptor.clone(), stream));
    }
}

/// Serves a connection. That one fails is for the client to see.
async fn serve(acceptor: TlsAcceptor, stream: TcpStream) {
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let service = service_fn(answer);
    let _ = if is_http2 {
        server::conn::http2::Builder::new(TokioExecutor::new())
            .serve_connection(TokioIo::new(stream), service)
            .await
    } else {
        server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
    };
}

async fn answer(_: Request<Incoming>) -> Result<Response<String>, Infallible> {
    let response = Response::builder().header("content-type", "application/json");
    Ok(response.body("{\"items\": []}".to_owned()).unwrap())
}
