//! Programs in pods: the WebSocket streams of `pods/exec` (`v5.channel.k8s.io`, and `v4` for older clients).

use std::process::Output;
use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{SinkExt, StreamExt};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::answer::failure;
use crate::programs::Exec;
use crate::shared::{Asked, Shared, lock};

/// The streams of the protocol.
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const STATUS: u8 = 3;

#[expect(clippy::disallowed_methods, reason = "delays as asked")]
pub(crate) async fn serve(
    State(shared): State<Arc<Shared>>,
    Path((namespace, pod)): Path<(String, String)>,
    mut request: Request,
) -> Response {
    let faults = lock(&shared.faults).clone();
    if !faults.delay.is_zero() {
        tokio::time::sleep(faults.delay).await;
    }
    lock(&shared.asked).push(Asked {
        verb: "create".into(),
        group: String::new(),
        resource: "pods/exec".into(),
        selectors: String::new(),
    });
    if faults.forbidden.as_deref() == Some("pods/exec") {
        return failure(403, &format!("pods \"{pod}\" is forbidden: cannot create resource \"pods/exec\""));
    }
    let Some(programs) = lock(&shared.programs).clone() else {
        return failure(404, "no program can be started");
    };
    let query = request.uri().query().unwrap_or_default();
    let exec = Exec {
        namespace,
        pod,
        container: values(query, "container").pop().unwrap_or_default(),
        command: values(query, "command"),
    };
    let (accept, protocol) = match handshake(request.headers()) {
        Some(found) => found,
        None => return failure(400, "no WebSocket with a protocol that is known"),
    };
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let Ok(upgraded) = upgrade.await else { return };
        let output = tokio::task::spawn_blocking(move || programs(&exec)).await;
        let output = output.unwrap_or_else(|error| Err(error.to_string()));
        let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
        // A client that went away is not told.
        let _ = tell(socket, output).await;
    });
    let headers = [
        (header::CONNECTION, "Upgrade".to_owned()),
        (header::UPGRADE, "websocket".to_owned()),
        (header::SEC_WEBSOCKET_ACCEPT, accept),
        (header::SEC_WEBSOCKET_PROTOCOL, protocol.to_owned()),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

/// The values of a parameter, which are percent-encoded.
fn values(query: &str, name: &str) -> Vec<String> {
    let address = format!("http://x/?{query}").parse().unwrap_or_default();
    let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&address);
    let pairs = pairs.map(|query| query.0).unwrap_or_default();
    pairs.into_iter().filter(|(key, _)| key == name).map(|(_, value)| value).collect()
}

fn handshake(headers: &HeaderMap) -> Option<(String, &'static str)> {
    let key = headers.get(header::SEC_WEBSOCKET_KEY)?;
    let offered = headers.get(header::SEC_WEBSOCKET_PROTOCOL)?.to_str().ok()?;
    let known = ["v5.channel.k8s.io", "v4.channel.k8s.io"];
    let protocol = known.into_iter().find(|known| offered.split(',').any(|one| one.trim() == *known))?;
    Some((derive_accept_key(key.as_bytes()), protocol))
}

async fn tell<S>(
    mut socket: WebSocketStream<S>,
    output: Result<Output, String>,
) -> Result<(), tokio_tungstenite::tungstenite::Error>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let message = |stream: u8, bytes: &[u8]| Message::binary([&[stream], bytes].concat());
    let status = match &output {
        Ok(output) => {
            for (stream, bytes) in [(STDOUT, &output.stdout), (STDERR, &output.stderr)] {
                for piece in bytes.chunks(32 << 10) {
                    socket.send(message(stream, piece)).await?;
                }
            }
            match output.status.code() {
                Some(0) => json!({"metadata": {}, "status": "Success"}),
                code => json!({"metadata": {}, "status": "Failure", "reason": "NonZeroExitCode", "message":
                    format!("command terminated with non-zero exit code: exit status {}", code.unwrap_or(-1))}),
            }
        }
        Err(why) => {
            json!({"metadata": {}, "status": "Failure", "reason": "InternalError", "message": why, "code": 500})
        }
    };
    socket.send(message(STATUS, status.to_string().as_bytes())).await?;
    socket.close(None).await?;
    // The client closes too, when it has read everything.
    while socket.next().await.is_some_and(|message| message.is_ok()) {}
    Ok(())
}
