//! One connection from its first byte to its last: hyper with our limits, our warden and our notes.
//!
//! Which HTTP version is spoken is hyper's to find out; the answers are the service's.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, Version};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::Duration;
use tower::ServiceExt;

use super::activity::{Activity, InFlight};
use super::admission::Admission;
use super::budget::Next;
use super::socket::Watched;
use super::warden::{Verdict, Warden};
use super::{Answers, Limits, PeerAddr, Sendable};
use crate::lifecycle::Lifecycle;

/// hyper refuses smaller read buffers.
const SMALLEST_HEADER_BUFFER: usize = 8 * 1024;
const STREAMS_PER_CONNECTION: u32 = 200;
/// HTTP/2 pings find clients that are gone without a word.
const PING_EVERY: Duration = Duration::from_secs(30);
const PONG_WITHIN: Duration = Duration::from_secs(20);

/// How every connection is conducted; cloned for each.
#[derive(Clone)]
pub(super) struct Conversation<S> {
    service: S,
    protocol: Arc<Builder<TokioExecutor>>,
    limits: Arc<Limits>,
    lifecycle: Lifecycle,
}

impl<S> Conversation<S> {
    pub(super) fn new(service: S, limits: &Limits, lifecycle: Lifecycle) -> Self {
        Self {
            service,
            protocol: Arc::new(protocol(limits)),
            limits: Arc::new(limits.clone()),
            lifecycle,
        }
    }

    /// Serves `stream` to its end. `house` is where requests are counted in the end, and the news of closing.
    pub(super) async fn conduct<B>(
        self,
        stream: TcpStream,
        peer: PeerAddr,
        admission: Admission,
        house: (Arc<AtomicU64>, watch::Receiver<bool>),
    ) where
        S: Answers<B>,
        B: Sendable,
    {
        let (total, closing) = house;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY");
        }
        let activity = Arc::new(Activity::new());
        let _tally = Tally { activity: Arc::clone(&activity), total };
        let warden = Warden::new(Arc::clone(&activity), &self.limits, closing);
        let io = TokioIo::new(Watched::new(stream, Arc::clone(&activity)));
        let host = Host { peer, activity, admission, lifecycle: self.lifecycle };
        let service = self.service;
        let answer = service_fn(move |request| host.answer(service.clone(), request));
        let mut connection = pin!(self.protocol.serve_connection(io, answer));
        // A set of one: it polls the warden only when the warden's own timer or channel woke it, never per request.
        let mut wardens: FuturesUnordered<_> = [warden.judge()].into_iter().collect();
        loop {
            tokio::select! {
                biased;
                outcome = connection.as_mut() => {
                    if let Err(error) = outcome {
                        tracing::debug!(%error, peer = %peer.0, "connection ended");
                    }
                    return;
                }
                Some((verdict, warden)) = wardens.next() => match verdict {
                    Verdict::Close => {
                        connection.as_mut().graceful_shutdown();
                        wardens.push(warden.judge());
                    }
                    Verdict::Cut => return,
                },
            }
        }
    }
}

fn protocol(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .half_close(false)
        .max_buf_size(limits.max_header_bytes.max(SMALLEST_HEADER_BUFFER));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_PER_CONNECTION)
        .max_header_list_size(u32::try_from(limits.max_header_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PONG_WITHIN);
    if limits.max_requests.is_some() {
        // Streams side by side would need a reservation each before they are announced.
        builder.http1_only()
    } else {
        builder
    }
}

/// What a connection's requests have in common.
struct Host {
    peer: PeerAddr,
    activity: Arc<Activity>,
    admission: Admission,
    lifecycle: Lifecycle,
}

impl Host {
    fn answer<S, B>(
        &self,
        service: S,
        mut request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response<Accounted<B>>, Infallible>> + Send + 'static + use<S, B>
    where
        S: Answers<B>,
        B: Sendable,
    {
        let version = request.version();
        let in_flight = self.activity.begin(version);
        let next = match &self.admission.reservation {
            Some(reservation) => reservation.take(),
            None => Next::Welcome,
        };
        let lifecycle = self.lifecycle.clone();
        request.extensions_mut().insert(self.peer);
        async move {
            let mut response = service.oneshot(request).await?;
            if version <= Version::HTTP_11 && (next == Next::Last || lifecycle.is_draining()) {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok(response.map(|body| Accounted { body, _in_flight: in_flight }))
        }
    }
}

/// A response body; its request counts as in flight until this is dropped, sent or not.
struct Accounted<B> {
    body: B,
    _in_flight: InFlight,
}

impl<B: Body + Unpin> Body for Accounted<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Adds the connection's requests to the total, however the connection ends.
struct Tally {
    activity: Arc<Activity>,
    total: Arc<AtomicU64>,
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.total.fetch_add(self.activity.requests(), Ordering::AcqRel);
    }
}
