//! The TLS side of the demo: a certificate made on the spot, and a listener.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::serve::Listener;
use rcgen::{CertifiedKey, KeyPair};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::server::TlsStream;

use crate::failure::Failure;

/// A certificate for `localhost`, made on the spot: no key stands in the program.
pub(super) struct Certificate(CertifiedKey<KeyPair>);

impl Certificate {
    /// The certificate alone, for clients to trust.
    pub(super) fn pem(&self) -> String {
        self.0.cert.pem()
    }
}

/// Makes a certificate.
pub(super) fn certificate() -> Result<Certificate, Failure> {
    rcgen::generate_simple_self_signed(["localhost".to_owned()])
        .map(Certificate)
        .map_err(|error| Failure::new(format!("no certificate could be made: {error}")))
}

/// Accepts TCP connections and speaks TLS on them.
pub(super) struct TlsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl TlsListener {
    pub(super) fn new(listener: TcpListener, certificate: &Certificate) -> Result<TlsListener, Failure> {
        let key = PrivateKeyDer::try_from(certificate.0.signing_key.serialize_der()).map_err(Failure::new)?;
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.0.cert.der().clone()], key)
            .map_err(|error| Failure::new(error.to_string()))?;
        Ok(TlsListener { listener, acceptor: TlsAcceptor::from(Arc::new(config)) })
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            // Who does not get through the handshake is no client of the demo.
            if let Ok((stream, address)) = self.listener.accept().await
                && let Ok(stream) = self.acceptor.accept(stream).await
            {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}
