//! A TLS connection: what its two directions say together.
//!
//! ```text
//!   Clear ── ServerHello, ChangeCipherSpec ──► Sealed: Early ► Handshake ► Application
//!     │                                          │                 KeyUpdate └─┘
//!     └────────────── bytes are missing ─────────┴──► Searching ──► Sealed
//! ```

use std::ops::Range;

use crate::epoch::Epoch;
use crate::half::{Gathered, Half, Reading, Sealed};
use crate::hello::{Chosen, ClientHello, ServerHello, accepts_early_data};
use crate::messages::{
    CLIENT_HELLO, ENCRYPTED_EXTENSIONS, END_OF_EARLY_DATA, FINISHED, KEY_UPDATE, Message, SERVER_HELLO,
};
use crate::opener::Opener;
use crate::record::{ContentType, HEADER};
use crate::schedule::{derived, master_keys};
use crate::search::{Search, Tried};
use crate::secret::{Label, RANDOM_LEN};
use crate::step::{GivenUp, Sender, Step};
use crate::store::Secrets;
use crate::suite::{Suite, Version};
use crate::transcript::Transcript;

/// The most updates of keys that are thought to be missing at once: they come hours apart, or as a question and its answer.
const MAX_UPDATES: usize = 3;

/// A TLS connection, from its ClientHello on.
#[derive(Default)]
pub struct Session {
    random: Option<[u8; RANDOM_LEN]>,
    early: Early,
    retry: Retry,
    agreed: Option<Agreed>,
    transcript: Transcript,
    client: Half,
    server: Half,
}

/// What became of early data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Early {
    /// There is none, or the server does not take it: it comes again.
    #[default]
    None,
    /// The client sends it, and the server has not answered.
    Offered,
    /// The server takes it.
    Accepted,
}

/// Whether there is another ClientHello.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Retry {
    #[default]
    No,
    /// The server asks for it.
    Asked,
    /// It has come.
    Answered,
}

/// What the server chose.
#[derive(Clone, Copy)]
struct Agreed {
    suite: Suite,
    server_random: [u8; RANDOM_LEN],
    encrypt_then_mac: bool,
}

/// What came of a record.
enum Read {
    /// Nothing for the stage above.
    Nothing,
    /// It has to wait for the other direction.
    Wait,
    Data(Range<usize>),
    Lost,
    Closed,
    GivenUp(GivenUp),
}

impl Session {
    /// Takes the next bytes of a direction off `bytes`, up to the next step. To be called until the answer is
    /// [`Step::More`], and not again after [`Step::GivenUp`].
    pub fn next<'s>(&'s mut self, from: Sender, bytes: &mut &[u8], secrets: &mut impl Secrets) -> Step<'s> {
        loop {
            let kind = match self.half(from).gather(bytes) {
                Gathered::Whole(kind) => kind,
                Gathered::More => return Step::More,
                Gathered::NoRecord => return Step::GivenUp(GivenUp::Refused),
            };
            let read = self.record(from, kind, secrets);
            let half = self.half(from);
            if matches!(read, Read::Wait) {
                return if half.hold(bytes) { Step::More } else { Step::GivenUp(GivenUp::Gap) };
            }
            half.done();
            match read {
                Read::Nothing | Read::Wait => {}
                Read::Data(range) => return Step::Data(self.half(from).content(range)),
                Read::Lost => return Step::Lost,
                Read::Closed => return Step::Closed,
                Read::GivenUp(why) => return Step::GivenUp(why),
            }
        }
    }

    /// Takes note that the next `len` bytes of a direction are missing: bytes of the application may be among them.
    ///
    /// # Errors
    /// Nothing more can be opened.
    pub fn lose(&mut self, from: Sender, len: u64) -> Result<(), GivenUp> {
        let Some(agreed) = self.agreed else { return Err(GivenUp::Gap) };
        if from == Sender::Server {
            self.transcript.lose();
        }
        let least = HEADER + agreed.suite.least_content();
        let half = self.half(from);
        let missing = half.lose(len, least as u64);
        half.reading = Reading::searching(match std::mem::take(&mut half.reading) {
            Reading::Clear => Search::from_clear(missing),
            Reading::Sealed(Sealed { epoch, opener, passed }) => {
                Search::new(epoch, opener, missing.saturating_add(passed), GivenUp::Gap)
            }
            Reading::Searching(mut search) => {
                search.lose(missing);
                *search
            }
        });
        Ok(())
    }

    /// Returns the client's random, by which its secrets are known, once its ClientHello has come.
    #[must_use]
    pub fn client_random(&self) -> Option<[u8; RANDOM_LEN]> {
        self.random
    }

    /// Returns a session that has heard the hellos that this one has.
    pub(crate) fn with_hellos(&self) -> Session {
        let Session { random, early, retry, .. } = *self;
        Session { random, early, retry, transcript: self.transcript.hellos_so_far(), ..Session::default() }
    }

    /// Returns whether the ServerHello has come.
    pub(crate) fn has_agreed(&self) -> bool {
        self.agreed.is_some()
    }

    /// Returns the name of what was expanded to the secrets of the handshake, once the ServerHello has come. TLS 1.2 has none.
    pub(crate) fn hellos_name(&mut self) -> Option<[u8; RANDOM_LEN]> {
        let agreed = self.agreed?;
        let (_, hellos) = self.transcript.hellos(agreed.suite.hash)?;
        hellos.as_ref().first_chunk().copied()
    }

    /// Returns whether bytes of a direction wait for the other one.
    #[must_use]
    pub fn waits(&self, from: Sender) -> bool {
        match from {
            Sender::Client => self.client.waits(),
            Sender::Server => self.server.waits(),
        }
    }

    /// Returns how many bytes came whose record is not complete yet, or waits.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.client.bytes() + self.server.bytes()
    }

    /// Returns how many bytes could not be opened after a loss, since it was asked last.
    pub fn take_unopened(&mut self) -> u64 {
        self.client.take_unopened() + self.server.take_unopened()
    }

    /// Returns the number of bytes of memory behind it.
    #[must_use]
    pub fn held(&self) -> usize {
        self.client.held() + self.server.held() + self.transcript.held()
    }

    fn half(&mut self, from: Sender) -> &mut Half {
        match from {
            Sender::Client => &mut self.client,
            Sender::Server => &mut self.server,
        }
    }

    fn record(&mut self, from: Sender, kind: ContentType, secrets: &mut impl Secrets) -> Read {
        let agreed = self.agreed;
        match (&self.half(from).reading, agreed) {
            (Reading::Sealed(_), Some(agreed)) => self.sealed(from, kind, agreed, secrets),
            (Reading::Searching(_), Some(agreed)) => self.search(from, kind, agreed, secrets),
            _ => self.clear(from, kind),
        }
    }

    /// A record of the handshake that is not sealed.
    fn clear(&mut self, from: Sender, kind: ContentType) -> Read {
        match (kind, from) {
            (ContentType::Handshake, _) if !self.has_its_turn(from) => Read::Wait,
            (ContentType::Handshake, _) => self.clear_messages(from),
            (ContentType::ChangeCipherSpec, _) if self.agreed.is_some() => {
                self.half(from).reading = Reading::sealed(Epoch::Application);
                Read::Nothing
            }
            // What is sealed waits for what the server chose, and what it asks to be repeated is of no use.
            (ContentType::ChangeCipherSpec | ContentType::Data, Sender::Client) if self.agreed.is_none() => {
                if self.retry == Retry::Asked {
                    Read::Nothing
                } else {
                    Read::Wait
                }
            }
            (ContentType::ChangeCipherSpec | ContentType::Alert, _) => Read::Nothing,
            (ContentType::Data, _) => Read::GivenUp(GivenUp::Refused),
        }
    }

    /// Returns whether a message comes after those of the other side that it answers.
    fn has_its_turn(&self, from: Sender) -> bool {
        match from {
            Sender::Client => self.random.is_none() || self.retry != Retry::No || self.agreed.is_some(),
            Sender::Server => self.random.is_some() && self.retry != Retry::Asked,
        }
    }

    fn clear_messages(&mut self, from: Sender) -> Read {
        let half = self.half(from);
        let record = std::mem::take(half.record());
        let mut content = record.get(HEADER..).unwrap_or_default();
        let mut read = Read::Nothing;
        while let (Read::Nothing, Some(message)) = (&read, self.message(from, &mut content)) {
            read = self.clear_message(from, &message);
        }
        *self.half(from).record() = record;
        read
    }

    /// Takes bytes off `content` up to the end of a message, if there is one, and adds them to the transcript.
    fn message(&mut self, from: Sender, content: &mut &[u8]) -> Option<Message> {
        let before = *content;
        let message = self.half(from).messages.next(content);
        self.transcript.add(before.get(..before.len().saturating_sub(content.len())).unwrap_or_default());
        message
    }

    fn clear_message(&mut self, from: Sender, message: &Message) -> Read {
        match (from, message.kind) {
            (Sender::Client, CLIENT_HELLO) => {
                let Some(hello) = ClientHello::read(&message.body) else {
                    return Read::GivenUp(GivenUp::Refused);
                };
                match self.retry {
                    Retry::No => self.transcript.first_hello(),
                    Retry::Asked | Retry::Answered => self.retry = Retry::Answered,
                }
                self.random = Some(hello.random);
                self.early = if hello.has_early_data() { Early::Offered } else { Early::None };
                Read::Nothing
            }
            (Sender::Server, SERVER_HELLO) => match ServerHello::read(&message.body) {
                None => Read::GivenUp(GivenUp::Refused),
                Some(ServerHello::Retry(suite)) => {
                    self.retry = Retry::Asked;
                    match Suite::new(Version::Tls13, suite) {
                        Some(suite) => self.transcript.retry(suite.hash),
                        None => self.transcript.forget(),
                    }
                    Read::Nothing
                }
                Some(ServerHello::Chosen(chosen)) => {
                    let suite = chosen.version.and_then(|version| Suite::new(version, chosen.suite));
                    suite.map_or(Read::GivenUp(GivenUp::Suite), |suite| self.agree(suite, chosen))
                }
            },
            _ => Read::Nothing,
        }
    }

    fn agree(&mut self, suite: Suite, chosen: Chosen) -> Read {
        let Chosen { random: server_random, encrypt_then_mac, .. } = chosen;
        self.agreed = Some(Agreed { suite, server_random, encrypt_then_mac });
        if suite.version == Version::Tls13 {
            let early = self.early == Early::Offered;
            self.client.reading = Reading::sealed(if early { Epoch::Early } else { Epoch::Handshake });
            self.server.reading = Reading::sealed(Epoch::Handshake);
        } else {
            self.transcript.forget();
        }
        Read::Nothing
    }

    /// A record with the keys of an epoch.
    fn sealed(
        &mut self,
        from: Sender,
        kind: ContentType,
        agreed: Agreed,
        secrets: &mut impl Secrets,
    ) -> Read {
        match (agreed.suite.version, kind) {
            (Version::Tls13, ContentType::Data) => {}
            // What middleboxes are to see (RFC 8446, appendix D.4), and what a peer says that has no keys.
            (Version::Tls13, ContentType::ChangeCipherSpec | ContentType::Alert) => return Read::Nothing,
            (Version::Tls13, ContentType::Handshake) => return Read::GivenUp(GivenUp::Refused),
            (Version::Tls12, ContentType::ChangeCipherSpec) => return Read::GivenUp(GivenUp::Renegotiated),
            (Version::Tls12, _) => {}
        }
        let Reading::Sealed(Sealed { epoch, opener, passed }) = &mut self.half(from).reading else {
            return Read::Nothing;
        };
        let (epoch, passed, has_keys) = (*epoch, *passed, opener.is_some());
        if epoch == Epoch::Early && self.early != Early::Accepted {
            return self.refused_early(from, kind, agreed, secrets);
        }
        if !has_keys {
            let Some(found) = self.keys(from, epoch, agreed, passed, secrets) else {
                return self.without_keys(from, epoch, kind, agreed, secrets);
            };
            if let Reading::Sealed(Sealed { opener, .. }) = &mut self.half(from).reading {
                *opener = Some(found);
            }
        }
        let half = self.half(from);
        let mut record = std::mem::take(half.record());
        let opened = match &mut half.reading {
            Reading::Sealed(Sealed { opener: Some(opener), .. }) => opener.open(&mut record),
            _ => None,
        };
        *half.record() = record;
        match opened {
            Some((kind, range)) => self.opened(from, epoch, kind, range),
            None => Read::GivenUp(GivenUp::Refused),
        }
    }

    /// Early data of which it is open whether the server takes it, or that it does not take.
    fn refused_early(
        &mut self,
        from: Sender,
        kind: ContentType,
        agreed: Agreed,
        secrets: &mut impl Secrets,
    ) -> Read {
        let answers = matches!(&self.server.reading, Reading::Sealed(Sealed { epoch: Epoch::Handshake, .. }));
        if self.early == Early::Offered && answers {
            return Read::Wait;
        }
        self.client.reading = Reading::searching(Search::new(Epoch::Early, None, 0, GivenUp::NoKey));
        self.search(from, kind, agreed, secrets)
    }

    /// A record whose keys are not known.
    fn without_keys(
        &mut self,
        from: Sender,
        epoch: Epoch,
        kind: ContentType,
        agreed: Agreed,
        secrets: &mut impl Secrets,
    ) -> Read {
        match (agreed.suite.version, epoch) {
            (Version::Tls13, Epoch::Application) => Read::GivenUp(GivenUp::NoKey),
            // Those of the next epoch may be known: they open its first record.
            (Version::Tls13, Epoch::Early | Epoch::Handshake) => {
                let search = Search::new(epoch, None, 0, GivenUp::NoKey);
                self.half(from).reading = Reading::searching(search);
                self.search(from, kind, agreed, secrets)
            }
            (Version::Tls12, _) if kind != ContentType::Data => {
                if let Reading::Sealed(Sealed { passed, .. }) = &mut self.half(from).reading {
                    *passed += 1;
                }
                Read::Nothing
            }
            // A client may send before the server has ended the handshake, which is when the server knows the secret.
            (Version::Tls12, _) => match self.half(from.other()).reading {
                Reading::Clear => Read::Wait,
                _ => Read::GivenUp(GivenUp::NoKey),
            },
        }
    }

    /// Asks for the keys of an epoch, of which `passed` records went by.
    fn keys(
        &mut self,
        from: Sender,
        epoch: Epoch,
        agreed: Agreed,
        passed: u64,
        secrets: &mut impl Secrets,
    ) -> Option<Opener> {
        let Agreed { suite, server_random, encrypt_then_mac } = agreed;
        let random = &self.random?;
        if suite.version == Version::Tls12 {
            let master = secrets.secret(random, Label::Master)?;
            let keys = master_keys(suite, master, (random, &server_random), encrypt_then_mac, from)?;
            return Some(Opener::of_master(suite, keys, passed));
        }
        let label = match (epoch, from) {
            (Epoch::Early, Sender::Client) => Label::ClientEarly,
            (Epoch::Early, Sender::Server) => return None,
            (Epoch::Handshake, Sender::Client) => Label::ClientHandshake,
            (Epoch::Handshake, Sender::Server) => Label::ServerHandshake,
            (Epoch::Application, Sender::Client) => Label::Client,
            (Epoch::Application, Sender::Server) => Label::Server,
        };
        if let Some(secret) = secrets.secret(random, label) {
            // So are the others.
            self.transcript.forget();
            return Opener::of_traffic(suite, secret);
        }
        self.derived_keys(from, epoch, suite, secrets)
    }

    /// Asks for a secret of the key schedule, and derives the keys of an epoch.
    fn derived_keys(
        &mut self,
        from: Sender,
        epoch: Epoch,
        suite: Suite,
        secrets: &mut impl Secrets,
    ) -> Option<Opener> {
        let (stage, transcript) = match epoch {
            Epoch::Early => (Label::EarlyStage, self.transcript.hellos(suite.hash)?.0),
            Epoch::Handshake => (Label::HandshakeStage, self.transcript.hellos(suite.hash)?.1),
            Epoch::Application => (Label::ApplicationStage, self.transcript.finished()?),
        };
        let label = match (epoch, from) {
            (Epoch::Early, _) => "c e traffic",
            (Epoch::Handshake, Sender::Client) => "c hs traffic",
            (Epoch::Handshake, Sender::Server) => "s hs traffic",
            (Epoch::Application, Sender::Client) => "c ap traffic",
            (Epoch::Application, Sender::Server) => "s ap traffic",
        };
        let transcript = transcript.as_ref();
        let secret = secrets.secret(transcript.first_chunk()?, stage)?;
        Opener::of_owned(suite, derived(suite.hash, secret, label, transcript)?)
    }

    /// A record of which it is open which one it is.
    fn search(
        &mut self,
        from: Sender,
        kind: ContentType,
        agreed: Agreed,
        secrets: &mut impl Secrets,
    ) -> Read {
        let thirteen = agreed.suite.version == Version::Tls13;
        let Reading::Searching(mut search) = std::mem::take(&mut self.half(from).reading) else {
            return Read::Nothing;
        };
        if search.clear && kind == ContentType::ChangeCipherSpec && self.half(from).is_certain() {
            self.half(from).reading = Reading::sealed(Epoch::Application);
            return Read::Nothing;
        }
        // Keys that were not there before may be now.
        if search.ahead.is_none() || !search.has_keys() {
            search.ahead = Some(self.ahead(from, &search, agreed, secrets));
        }
        let early = search.epoch == Epoch::Early && self.early != Early::None;
        let tried = match (thirteen, kind) {
            (true, ContentType::Data) | (false, _) if search.has_keys() => {
                let half = self.half(from);
                let mut record = std::mem::take(half.record());
                let tried = search.record(&mut record);
                *half.record() = record;
                tried
            }
            (_, ContentType::Data) => Tried::GivenUp(GivenUp::NoKey),
            _ => Tried::Unopened,
        };
        let half = self.half(from);
        match tried {
            Tried::Opened(epoch, opener, (kind, range)) => {
                half.found();
                half.messages = Default::default();
                half.reading = if thirteen && epoch != Epoch::Application {
                    // Where messages of this epoch end is not known, so the next epoch's keys are tried on.
                    Reading::searching(search.goes_on(epoch, opener))
                } else {
                    Reading::Sealed(Sealed { epoch, opener: Some(opener), passed: 0 })
                };
                self.opened(from, epoch, kind, range)
            }
            Tried::Unopened => {
                if search.is_after_loss() {
                    half.unopened();
                }
                half.reading = Reading::Searching(search);
                if early { Read::Lost } else { Read::Nothing }
            }
            Tried::GivenUp(why) => Read::GivenUp(why),
        }
    }

    /// The keys that may come into use behind the last record that was read.
    fn ahead(
        &mut self,
        from: Sender,
        search: &Search,
        agreed: Agreed,
        secrets: &mut impl Secrets,
    ) -> Vec<(Epoch, Opener)> {
        let current = search.current.as_ref().filter(|_| search.epoch == Epoch::Application);
        let updated = std::iter::successors(current.and_then(Opener::updated), Opener::updated);
        let epochs = [Epoch::Early, Epoch::Handshake, Epoch::Application].into_iter();
        let ahead = epochs.filter(|&epoch| match agreed.suite.version {
            Version::Tls12 => epoch == Epoch::Application && search.current.is_none(),
            Version::Tls13 if search.current.is_some() => epoch > search.epoch,
            Version::Tls13 if search.is_after_loss() => epoch >= search.epoch,
            Version::Tls13 => epoch > search.epoch,
        });
        let ahead = ahead.filter(|&epoch| epoch != Epoch::Early || self.early == Early::Accepted);
        let ahead: Vec<_> = ahead.collect();
        let keys =
            ahead.into_iter().filter_map(|epoch| Some((epoch, self.keys(from, epoch, agreed, 0, secrets)?)));
        keys.chain(updated.take(MAX_UPDATES).map(|opener| (Epoch::Application, opener))).collect()
    }

    /// What a record holds that was opened.
    fn opened(&mut self, from: Sender, epoch: Epoch, kind: ContentType, range: Range<usize>) -> Read {
        let half = self.half(from);
        let content = half.content(range.clone());
        match kind {
            ContentType::Data if epoch == Epoch::Handshake => Read::GivenUp(GivenUp::Refused),
            ContentType::Data if content.is_empty() => Read::Nothing,
            ContentType::Data => Read::Data(range),
            // A warning or, in TLS 1.3, any level; then close_notify.
            ContentType::Alert if matches!(content, [_, 0]) => Read::Closed,
            ContentType::Alert | ContentType::ChangeCipherSpec => Read::Nothing,
            ContentType::Handshake if epoch != Epoch::Application => self.sealed_messages(from, epoch, range),
            ContentType::Handshake => self.later_messages(from, range),
        }
    }

    /// Messages of the handshake of TLS 1.3.
    fn sealed_messages(&mut self, from: Sender, epoch: Epoch, range: Range<usize>) -> Read {
        let certain = matches!(self.half(from).reading, Reading::Sealed(_));
        if !certain {
            return Read::Nothing;
        }
        let record = std::mem::take(self.half(from).record());
        let mut content = record.get(range).unwrap_or_default();
        while let Some(message) = self.sealed_message(from, epoch, &mut content) {
            match (message.kind, epoch, from) {
                (ENCRYPTED_EXTENSIONS, Epoch::Handshake, Sender::Server) => {
                    let accepted = self.early == Early::Offered && accepts_early_data(&message.body);
                    self.early = if accepted { Early::Accepted } else { Early::None };
                }
                (END_OF_EARLY_DATA, Epoch::Early, Sender::Client) => {
                    self.client.reading = Reading::sealed(Epoch::Handshake);
                }
                (FINISHED, Epoch::Handshake, _) => {
                    if from == Sender::Server {
                        self.transcript.finish();
                    }
                    self.half(from).reading = Reading::sealed(Epoch::Application);
                }
                _ => {}
            }
        }
        *self.half(from).record() = record;
        Read::Nothing
    }

    /// Of what is sealed, the server's messages go into the transcript up to its Finished.
    fn sealed_message(&mut self, from: Sender, epoch: Epoch, content: &mut &[u8]) -> Option<Message> {
        match (from, epoch) {
            (Sender::Server, Epoch::Handshake) => self.message(from, content),
            _ => self.half(from).messages.next(content),
        }
    }

    /// Messages behind the handshake, of which these matter: new keys. Whether they are in use is for the next record to
    /// prove.
    fn later_messages(&mut self, from: Sender, range: Range<usize>) -> Read {
        let half = self.half(from);
        let content = half.content(range);
        let (renegotiates, updates) =
            (content.first() == Some(&CLIENT_HELLO), matches!(content, [.., KEY_UPDATE, 0, 0, 1, 0 | 1]));
        let thirteen = self.agreed.is_some_and(|agreed| agreed.suite.version == Version::Tls13);
        if !thirteen {
            return if renegotiates { Read::GivenUp(GivenUp::Renegotiated) } else { Read::Nothing };
        }
        let half = self.half(from);
        if let Reading::Sealed(Sealed { opener, .. }) = &mut half.reading
            && updates
        {
            let search = Search::new(Epoch::Application, opener.take(), 0, GivenUp::Refused);
            half.reading = Reading::searching(search);
        }
        Read::Nothing
    }
}
