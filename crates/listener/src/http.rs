//! HTTP/1.1 on a connection, within the limits of its place.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::serve::Listener;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::limits::Limits;
use crate::noticed::Noticed;
use crate::peer::Peer;
use crate::place::Visit;
use crate::serve::serve;

/// The most bytes of a request's head, and the size of the buffer that a connection reads into; more is answered by 431.
pub const MAX_HEAD: usize = 8 << 10;

/// Serves HTTP/1.1 for ever, within these limits.
pub async fn serve_http<L: Listener<Addr: Peer>>(listener: L, limits: Limits, router: Router) {
    let answer = move |stream, _, visit| {
        let connection = connection(stream, visit, router.clone());
        async move {
            // Whoever asked has gone away, or asked for no HTTP: nobody else is to be told.
            let _ = connection.await;
        }
    };
    serve(listener, limits, answer).await;
}

/// Returns the HTTP/1.1 of one connection, which says by `visit` what it is doing.
pub fn connection<I>(
    stream: I,
    visit: Visit,
    router: Router,
) -> http1::Connection<TokioIo<Noticed<I>>, Visited>
where
    I: AsyncRead + AsyncWrite + Unpin,
{
    let stream = TokioIo::new(Noticed::new(stream, visit.clone()));
    let service = Visited { router: TowerToHyperService::new(router), visit };
    http1::Builder::new().max_buf_size(MAX_HEAD).serve_connection(stream, service)
}

/// The service of one connection.
#[derive(Debug)]
pub struct Visited {
    router: TowerToHyperService<Router>,
    visit: Visit,
}

impl Service<Request<Incoming>> for Visited {
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Answer>, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.visit.answering();
        let (answer, visit) = (self.router.call(request), self.visit.clone());
        Box::pin(async move { Ok(answer.await?.map(|body| Answer { body, visit })) })
    }
}

/// The body of an answer. Once this is dropped, hyper has taken all of it.
#[derive(Debug)]
pub struct Answer {
    body: Body,
    visit: Visit,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.visit.answered();
    }
}
