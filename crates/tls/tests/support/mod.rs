//! Conversations of rustls, a client and a server that we did not write, and what is opened of them.
#![allow(dead_code, unreachable_pub, reason = "each test uses what it needs")]

pub mod expanded;

use std::sync::{Arc, Mutex};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, Connection, DigitallySignedStruct, Error, ServerConfig, ServerConnection,
    SignatureScheme, SupportedCipherSuite,
};
use traffic_monitor_tls::{GivenUp, KeyLog, Sender, Session, Step, Store};

/// What was sent, in its order.
#[derive(Clone, Default)]
pub struct Spoken {
    pub sent: Vec<(Sender, Vec<u8>)>,
    /// The key log.
    pub keys: String,
    /// What both sides sent inside.
    pub client: Vec<u8>,
    pub server: Vec<u8>,
}

/// What an end does.
pub enum Say {
    Client(Vec<u8>),
    Server(Vec<u8>),
    /// New keys of the client, of the server.
    ClientUpdate,
    ServerUpdate,
    Close,
}

#[derive(Debug, Default)]
struct Log(Mutex<String>);

impl rustls::KeyLog for Log {
    fn log(&self, label: &str, random: &[u8], secret: &[u8]) {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        self.0.lock().unwrap().push_str(&format!("{label} {} {}\n", hex(random), hex(secret)));
    }
}

#[derive(Debug)]
struct Anyone(CryptoProvider);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// A client and a server that talk again and again, so that they may resume.
pub struct Pair {
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    log: Arc<Log>,
    /// Whether the client sends early data where it may.
    pub early: Option<Vec<u8>>,
}

impl Pair {
    /// With one cipher suite. With `retry` the client guesses another group than the server takes.
    pub fn new(suite: SupportedCipherSuite, retry: bool) -> Pair {
        let provider = |groups: Vec<&'static dyn SupportedKxGroup>| CryptoProvider {
            cipher_suites: vec![suite],
            kx_groups: groups,
            ..default_provider()
        };
        use rustls::crypto::aws_lc_rs::kx_group::{SECP256R1, X25519};
        let (guesses, takes) =
            if retry { (vec![X25519, SECP256R1], vec![SECP256R1]) } else { (vec![X25519], vec![X25519]) };
        let key = rcgen::generate_simple_self_signed(["cart".to_owned()]).unwrap();
        let certificate = key.cert.der().clone();
        let private = PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
        let log = Arc::new(Log::default());
        let mut server = ServerConfig::builder_with_provider(Arc::new(provider(takes)))
            .with_protocol_versions(&[suite.version()])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], private)
            .unwrap();
        server.max_early_data_size = 16_384;
        let mut client = ClientConfig::builder_with_provider(Arc::new(provider(guesses)))
            .with_protocol_versions(&[suite.version()])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anyone(default_provider())))
            .with_no_client_auth();
        client.enable_early_data = true;
        client.key_log = log.clone();
        client.alpn_protocols = vec![b"http/1.1".to_vec()];
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        Pair { client: Arc::new(client), server: Arc::new(server), log, early: None }
    }

    /// From now on the server takes no early data.
    pub fn refuse_early(&mut self) {
        Arc::make_mut(&mut self.server).max_early_data_size = 0;
    }

    /// From now on records hold so many bytes at most.
    pub fn fragments(&mut self, size: usize) {
        Arc::make_mut(&mut self.client).max_fragment_size = Some(size);
        Arc::make_mut(&mut self.server).max_fragment_size = Some(size);
    }

    /// A connection on which this is said.
    pub fn talk(&mut self, says: &[Say]) -> Spoken {
        let name = ServerName::try_from("cart").unwrap();
        let mut client = ClientConnection::new(self.client.clone(), name).unwrap();
        let mut spoken = Spoken::default();
        if let (Some(early), Some(mut writer)) = (&self.early, client.early_data()) {
            std::io::Write::write_all(&mut writer, early).unwrap();
        }
        let mut ends = (
            Connection::Client(client),
            Connection::Server(ServerConnection::new(self.server.clone()).unwrap()),
        );
        spoken.pump(&mut ends);
        if let Connection::Client(client) = &ends.0
            && client.is_early_data_accepted()
        {
            spoken.client.extend(self.early.iter().flatten());
        }
        for say in says {
            match say {
                Say::Client(bytes) => {
                    std::io::Write::write_all(&mut ends.0.writer(), bytes).unwrap();
                    spoken.client.extend_from_slice(bytes);
                }
                Say::Server(bytes) => {
                    std::io::Write::write_all(&mut ends.1.writer(), bytes).unwrap();
                    spoken.server.extend_from_slice(bytes);
                }
                Say::ClientUpdate => ends.0.refresh_traffic_keys().unwrap(),
                Say::ServerUpdate => ends.1.refresh_traffic_keys().unwrap(),
                Say::Close => {
                    ends.0.send_close_notify();
                    ends.1.send_close_notify();
                }
            }
            spoken.pump(&mut ends);
        }
        spoken.keys = std::mem::take(&mut self.log.0.lock().unwrap());
        spoken
    }
}

impl Spoken {
    /// Carries what both have to say, until neither has more.
    fn pump(&mut self, ends: &mut (Connection, Connection)) {
        while ends.0.wants_write() || ends.1.wants_write() {
            self.carry(Sender::Client, &mut ends.0, &mut ends.1);
            self.carry(Sender::Server, &mut ends.1, &mut ends.0);
        }
    }

    fn carry(&mut self, from: Sender, one: &mut Connection, other: &mut Connection) {
        while one.wants_write() {
            let mut bytes = Vec::new();
            one.write_tls(&mut bytes).unwrap();
            self.sent.push((from, bytes.clone()));
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                other.read_tls(&mut rest).unwrap();
                other.process_new_packets().unwrap();
                let mut plain = Vec::new();
                let _ = std::io::Read::read_to_end(&mut other.reader(), &mut plain);
                if let Connection::Server(server) = &mut *other
                    && let Some(mut early) = server.early_data()
                {
                    let _ = std::io::Read::read_to_end(&mut early, &mut plain);
                }
            }
        }
    }

    /// The secrets of these labels, or all of them.
    pub fn store(&self, without: &[&str]) -> Store {
        let (mut store, mut log) = (Store::default(), KeyLog::default());
        for line in self.keys.lines().filter(|line| !without.iter().any(|label| line.starts_with(label))) {
            log.read(format!("{line}\n").as_bytes(), &mut store);
        }
        assert_eq!(log.bad(), 0);
        store
    }

    /// All bytes of a direction.
    pub fn bytes_of(&self, from: Sender) -> Vec<u8> {
        self.sent.iter().filter(|one| one.0 == from).flat_map(|one| one.1.clone()).collect()
    }
}

/// What was opened of a direction: its bytes, in pieces that are whole.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pieces {
    pub pieces: Vec<Vec<u8>>,
    pub closed: bool,
    open: bool,
}

impl Pieces {
    fn add(&mut self, bytes: &[u8]) {
        if !self.open {
            self.pieces.push(Vec::new());
            self.open = true;
        }
        self.pieces.last_mut().unwrap().extend_from_slice(bytes);
    }

    fn lost(&mut self) {
        self.open = false;
    }

    /// The bytes, of which none is missing.
    pub fn whole(&self) -> &[u8] {
        match &self.pieces[..] {
            [] => &[],
            [one] => one,
            more => panic!("{} pieces", more.len()),
        }
    }
}

/// A session at work.
pub struct Opened {
    pub session: Session,
    pub store: Store,
    pub client: Pieces,
    pub server: Pieces,
    pub given_up: Option<GivenUp>,
    pub most_held: usize,
}

impl Opened {
    pub fn new(store: Store) -> Opened {
        let (client, server) = (Pieces::default(), Pieces::default());
        Opened { session: Session::default(), store, client, server, given_up: None, most_held: 0 }
    }

    pub fn bytes(&mut self, from: Sender, bytes: &[u8]) -> &mut Opened {
        self.drain(from, bytes);
        for from in [from.other(), from] {
            if self.session.waits(from) {
                self.drain(from, &[]);
            }
        }
        self.most_held = self.most_held.max(self.session.held());
        self
    }

    fn drain(&mut self, from: Sender, mut bytes: &[u8]) {
        while self.given_up.is_none() {
            let pieces = if from == Sender::Client { &mut self.client } else { &mut self.server };
            match self.session.next(from, &mut bytes, &mut self.store) {
                Step::More => {
                    assert!(bytes.is_empty());
                    return;
                }
                Step::Data(data) => {
                    assert!(!pieces.closed && !data.is_empty());
                    pieces.add(data);
                }
                Step::Lost => pieces.lost(),
                Step::Closed => pieces.closed = true,
                Step::GivenUp(why) => self.given_up = Some(why),
            }
        }
    }

    pub fn lose(&mut self, from: Sender, len: usize) -> &mut Opened {
        if self.given_up.is_none() {
            let pieces = if from == Sender::Client { &mut self.client } else { &mut self.server };
            pieces.lost();
            self.given_up = self.session.lose(from, len as u64).err();
        }
        self
    }

    /// All of a conversation.
    pub fn all(spoken: &Spoken, store: Store) -> Opened {
        let mut opened = Opened::new(store);
        for (from, bytes) in &spoken.sent {
            opened.bytes(*from, bytes);
        }
        opened
    }
}

/// A request and an answer, twice.
pub fn exchange() -> Vec<Say> {
    let get = |number: u8| Say::Client(format!("GET /{number} HTTP/1.1\r\nHost: cart\r\n\r\n").into_bytes());
    let ok = |number: u8| {
        Say::Server(format!("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{number}").into_bytes())
    };
    vec![get(1), ok(1), get(2), ok(2), Say::Close]
}

/// Every suite of both versions that both speak.
pub fn suites() -> [SupportedCipherSuite; 6] {
    use rustls::crypto::aws_lc_rs::cipher_suite as suite;
    [
        suite::TLS13_AES_128_GCM_SHA256,
        suite::TLS13_AES_256_GCM_SHA384,
        suite::TLS13_CHACHA20_POLY1305_SHA256,
        suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    ]
}
