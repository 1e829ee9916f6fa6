//! The local socket: what `status`, `explain`, `export`, `retry` and `view` ask the running agent.
//!
//! One request a connection: a line of JSON, answered by one JSON value. Only root, or who runs the agent, can connect
//! (mode 0600).

use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use listener::{Limits, Visit, serve};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

use super::explain::Explanation;
use super::retry::Retried;
use super::status::Status;
use super::{listing, unseen};
use crate::cli::DocumentArgs;
use crate::export::chosen;
use crate::failure::Failure;
use crate::report::clock;
use crate::run::shared::Shared;

/// The name of the socket in the state folder.
const SOCKET: &str = "agent.sock";
/// The longest request: a path has at most 8 KiB.
const MAX_REQUEST: u64 = 64 << 10;
/// The longest answer that is read.
const MAX_ANSWER: u64 = 64 << 20;
/// The longest wait of whoever asks for the next bytes of the answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// An answer may be large, so few are made at once.
const LIMITS: Limits =
    Limits { connections: 8, head: Duration::from_secs(2), idle: Duration::from_secs(2), answer: TIMEOUT };

/// What can be asked.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Question {
    /// How are you doing?
    Status,
    /// Why is this, or is it not, on the platform?
    Explain(String),
    /// What was found, as documents?
    Export(DocumentArgs),
    /// Which endpoints are there, in a line each?
    Endpoints,
    /// What is known of the endpoint with this id?
    Endpoint(String),
    /// What was not seen, and why?
    Unseen,
    /// Try again now: what was set aside of this Service or path, or everything.
    Retry(Option<String>),
}

/// How often it is looked whether the socket is still there.
const LOOK: Duration = Duration::from_secs(5);

/// Keeps the socket in the state folder until this is dropped, and answers at it. One that another agent left behind, or has
/// while it ends, is replaced; one that went away with another agent, or could not be made, is made again.
#[expect(clippy::disallowed_methods, reason = "tries the folder again")]
pub(in crate::run) async fn keep(state: PathBuf, shared: Arc<Shared>) {
    let mut said = false;
    loop {
        let reply = |stream, _, visit| {
            let shared = Arc::clone(&shared);
            async move {
                // Who asked has gone away: nobody else is to be told.
                let _ = answer(stream, visit, &shared).await;
            }
        };
        match Socket::listen(&state) {
            Ok((listener, socket)) => {
                said = false;
                tokio::select! {
                    () = serve(listener, LIMITS, reply) => {}
                    () = socket.gone() => {}
                }
            }
            Err(error) => {
                if !std::mem::replace(&mut said, true) {
                    tracing::error!(
                        "the socket for status and explain cannot be opened in {}: {error}; it is tried again",
                        state.display()
                    );
                }
                tokio::time::sleep(LOOK).await;
            }
        }
    }
}

/// The socket as this agent made it. Removed when this is dropped, unless it is that of an agent that has taken over.
struct Socket {
    path: PathBuf,
    made: (u64, u64),
}

impl Socket {
    /// # Errors
    /// The folder cannot be written.
    fn listen(state: &Path) -> io::Result<(UnixListener, Socket)> {
        let path = state.join(SOCKET);
        if let Ok(meta) = std::fs::symlink_metadata(&path)
            && std::os::unix::fs::FileTypeExt::is_socket(&meta.file_type())
        {
            std::fs::remove_file(&path)?;
        }
        let listener = UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600))?;
        let made = identity(&path)?;
        Ok((listener, Socket { path, made }))
    }

    /// Waits until nobody listens at its place. Another agent that has taken over has it as long as that runs.
    #[expect(clippy::disallowed_methods, reason = "polls the socket")]
    async fn gone(&self) {
        let is_own = || identity(&self.path).is_ok_and(|there| there == self.made);
        while is_own() || net::UnixStream::connect(&self.path).is_ok() {
            tokio::time::sleep(LOOK).await;
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|there| there == self.made) {
            // That it is gone already is what is wanted.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Device and inode of what is at this path.
fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let found = std::fs::symlink_metadata(path)?;
    Ok((found.dev(), found.ino()))
}

/// Answers one question, and ends the connection.
async fn answer(stream: UnixStream, visit: Visit, shared: &Arc<Shared>) -> io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut line = String::new();
    BufReader::new(reader.take(MAX_REQUEST)).read_line(&mut line).await?;
    visit.answering();
    let answer = match serde_json::from_str(&line) {
        Ok(Question::Status) => serde_json::to_vec(&Status::gather(shared))?,
        Ok(Question::Explain(subject)) => serde_json::to_vec(&Explanation::find(shared, &subject))?,
        Ok(Question::Export(args)) => serde_json::to_vec(&documents(shared, &args))?,
        Ok(Question::Endpoints) => blocking(Arc::clone(shared), listing::all).await?,
        Ok(Question::Endpoint(id)) => serde_json::to_vec(&listing::one(shared, &id))?,
        Ok(Question::Unseen) => serde_json::to_vec(&unseen::gather(shared))?,
        Ok(Question::Retry(subject)) => serde_json::to_vec(&Retried::begin(shared, subject.as_deref()))?,
        Err(error) => serde_json::to_vec(&serde_json::json!({ "error": error.to_string() }))?,
    };
    writer.write_all(&answer).await?;
    writer.shutdown().await
}

/// Makes a large answer beside the work of the runtime, which probes wait for.
async fn blocking<T: Serialize + Send + 'static>(
    shared: Arc<Shared>,
    make: impl FnOnce(&Shared) -> T + Send + 'static,
) -> io::Result<Vec<u8>> {
    let made = tokio::task::spawn_blocking(move || serde_json::to_vec(&make(&shared)));
    Ok(made.await.map_err(io::Error::other)??)
}

/// What was found, as documents of OpenAPI.
fn documents(shared: &Shared, args: &DocumentArgs) -> Vec<inventory::openapi::Document> {
    shared.learned.read(|inventory| chosen::of(inventory, clock(), shared.names.instance_of(), args))
}

/// Returns whether an agent listens at the socket in this folder, or something hinders us from asking.
pub(crate) fn listens(state: &Path) -> bool {
    match net::UnixStream::connect(state.join(SOCKET)) {
        Ok(_) => true,
        Err(error) => !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused),
    }
}

/// Asks the running agent.
///
/// # Errors
/// No agent listens there, this user may not ask it, or it does not answer.
pub(crate) fn ask<T: serde::de::DeserializeOwned>(state: &Path, question: &Question) -> Result<T, Failure> {
    serde_json::from_slice(&ask_plainly(state, question)?)
        .map_err(|error| Failure::new(format!("the agent's answer cannot be read: {error}")))
}

/// Asks the running agent, and returns its answer as it wrote it.
///
/// # Errors
/// As [`ask`].
pub(in crate::run) fn ask_plainly(state: &Path, question: &Question) -> Result<Vec<u8>, Failure> {
    let path: PathBuf = state.join(SOCKET);
    let failure = |error: io::Error| {
        let place = path.display();
        Failure::new(match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => format!(
                "no agent listens at {place}; is `traffic-monitor run` running, with the same --state?"
            ),
            io::ErrorKind::PermissionDenied => {
                format!("{place}: permission denied; ask as the user that runs the agent")
            }
            _ => format!("{place}: {error}"),
        })
    };
    let exchange = || -> io::Result<Vec<u8>> {
        let mut stream = net::UnixStream::connect(&path)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        let mut line = serde_json::to_vec(question)?;
        line.push(b'\n');
        stream.write_all(&line)?;
        let mut answer = Vec::new();
        stream.take(MAX_ANSWER).read_to_end(&mut answer)?;
        Ok(answer)
    };
    match exchange().map_err(failure)? {
        answer if answer.is_empty() => Err(Failure::new(format!(
            "{}: the agent ended the connection without an answer: too many ask at once, or it ends; ask again",
            path.display()
        ))),
        answer => Ok(answer),
    }
}
