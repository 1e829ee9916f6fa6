//! A sample service that speaks gRPC over HTTP/2, as far as it shows on the wire: messages with their prefix, and a status
//! in trailers. Each message has the same few bytes of protobuf.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;

/// A message of gRPC: not compressed, of three bytes, which are field 1 with the number 300.
pub(super) const MESSAGE: &[u8] = b"\0\0\0\0\x03\x08\xac\x02";

const OK: HeaderValue = HeaderValue::from_static("0");
const UNIMPLEMENTED: HeaderValue = HeaderValue::from_static("12");

/// The frames of an answer that are still to be sent.
struct Answer(VecDeque<Frame<Bytes>>);

impl Body for Answer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }
}

/// Serves all connections.
pub(super) async fn serve(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        let connection = http2::Builder::new(TokioExecutor::new());
        tokio::spawn(connection.serve_connection(TokioIo::new(stream), service_fn(answer)));
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Answer>, Infallible> {
    let (head, mut body) = request.into_parts();
    while let Some(Ok(_)) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {}
    let messages = match head.uri.path() {
        "/shop.Carts/GetCart" | "/shop.Carts/AddItem" | "/grpc.health.v1.Health/Check" => 1,
        "/shop.Carts/WatchPrices" => 3,
        _ => 0,
    };
    let mut frames: VecDeque<_> = (0..messages).map(|_| Frame::data(Bytes::from_static(MESSAGE))).collect();
    let mut response = Response::new(Answer(VecDeque::new()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    if messages == 0 {
        response.headers_mut().insert("grpc-status", UNIMPLEMENTED);
    } else {
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", OK);
        frames.push_back(Frame::trailers(trailers));
    }
    *response.body_mut() = Answer(frames);
    Ok(response)
}
