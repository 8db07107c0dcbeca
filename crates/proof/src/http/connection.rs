//! One connection: opened, used for one request at a time, and watched for the first byte of each
//! answer, which hyper does not report when the answer breaks off.
//!
//! Which connection a request takes is decided by the client.

use std::io::{IoSlice, Result as IoResult};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::{Answer, Failure, Tls};

pub(super) type Message = http::Request<Full<Bytes>>;

#[derive(Debug)]
pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    begun: Arc<AtomicBool>,
}

/// What became of a request.
pub(super) enum Sent {
    Answered(Answer),
    Failed(Failure),
    /// The connection was closed before any of it was written; here it is again.
    Unsent(Box<Message>),
}

impl Connection {
    pub(super) async fn open(addr: SocketAddr, tls: Option<&Tls>) -> Result<Self, Failure> {
        let stream = TcpStream::connect(addr).await.map_err(|error| Failure::of_connect(&error))?;
        stream.set_nodelay(true).ok();
        match tls {
            None => Self::on(stream).await,
            Some(tls) => Self::on(tls.over(stream).await?).await,
        }
    }

    async fn on(stream: impl Stream) -> Result<Self, Failure> {
        let begun = Arc::new(AtomicBool::new(false));
        let observed = Observed { stream, begun: Arc::clone(&begun) };
        let (sender, driver) = handshake(TokioIo::new(observed))
            .await
            .map_err(|error| Failure::of_exchange(&error, false))?;
        // It ends with the connection; the error is also reported to the request under way.
        tokio::spawn(driver);
        Ok(Self { sender, begun })
    }

    pub(super) fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }

    pub(super) async fn send(&mut self, message: Message) -> Sent {
        if self.sender.ready().await.is_err() {
            return Sent::Unsent(Box::new(message));
        }
        self.begun.store(false, Ordering::Relaxed);
        let response = match self.sender.try_send_request(message).await {
            Ok(response) => response,
            Err(mut refused) => {
                return match refused.take_message() {
                    Some(message) => Sent::Unsent(Box::new(message)),
                    None => Sent::Failed(self.failure(refused.error())),
                };
            }
        };
        let (head, body) = response.into_parts();
        match body.collect().await {
            Ok(body) => Sent::Answered(Answer {
                status: head.status.as_u16(),
                headers: head.headers,
                body: body.to_bytes(),
            }),
            Err(error) => Sent::Failed(self.failure(&error)),
        }
    }

    fn failure(&self, error: &hyper::Error) -> Failure {
        Failure::of_exchange(error, self.begun.load(Ordering::Relaxed))
    }
}

/// TCP, or TLS over it.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for S {}

/// A stream that notes when something was read.
struct Observed<S> {
    stream: S,
    begun: Arc<AtomicBool>,
}

impl<S: Stream> AsyncRead for Observed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        target: &mut ReadBuf<'_>,
    ) -> Poll<IoResult<()>> {
        let before = target.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, target);
        if target.filled().len() > before {
            self.begun.store(true, Ordering::Relaxed);
        }
        polled
    }
}

impl<S: Stream> AsyncWrite for Observed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<IoResult<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<IoResult<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<IoResult<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<IoResult<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }
}
