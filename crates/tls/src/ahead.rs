//! Reads the hellos of a connection whose bytes wait.

use crate::secret::{Label, RANDOM_LEN, Secret};
use crate::session::Session;
use crate::step::{Sender, Step};
use crate::store::Secrets;

/// Reads ahead in what is not for a [`Session`] yet, up to the ServerHello: by the hash up to there, secrets are known that the
/// client's random does not name ([`Label::HandshakeStage`]).
pub struct Ahead(Option<Box<Session>>);

/// Behind the hellos nothing is read.
struct NoSecrets;

impl Secrets for NoSecrets {
    fn secret(&mut self, _: &[u8; RANDOM_LEN], _: Label) -> Option<&Secret> {
        None
    }
}

impl Ahead {
    /// Begins behind what this session has heard.
    #[must_use]
    pub fn of(session: &Session) -> Ahead {
        Ahead(Some(Box::new(session.with_hellos())))
    }

    /// Takes the next bytes of a direction. Returns the name of the connection's secrets when the ServerHello is among them.
    pub fn read(&mut self, from: Sender, mut bytes: &[u8]) -> Option<[u8; RANDOM_LEN]> {
        let session = self.0.as_mut()?;
        let goes_on = session.next(from, &mut bytes, &mut NoSecrets) == Step::More;
        let name = session.hellos_name();
        if !goes_on || session.has_agreed() {
            self.stop();
        }
        name
    }

    /// Reads nothing any more.
    pub fn stop(&mut self) {
        self.0 = None;
    }

    /// Returns whether it has read all that it reads.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.0.is_none()
    }

    /// Returns the number of bytes of memory behind it.
    #[must_use]
    pub fn held(&self) -> usize {
        self.0.as_ref().map_or(0, |session| size_of::<Session>() + session.held())
    }
}
