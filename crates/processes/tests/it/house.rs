//! A server inside the test: `/` answers at once, `/held` when the test says so, `/large` with more than buffers hold.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Incoming;
use tokenhouse_processes::connections::{Limits, PeerAddr, Served, serve};
use tokenhouse_processes::lifecycle::Lifecycle;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::client::{Client, PATIENCE};

type Answer = UnsyncBoxBody<Bytes, Infallible>;

pub(crate) struct House {
    pub(crate) addr: SocketAddr,
    pub(crate) lifecycle: Lifecycle,
    held: Arc<Held>,
    served: JoinHandle<Served>,
}

struct Held {
    entered: Semaphore,
    released: Semaphore,
}

/// Short enough for tests that wait for them.
pub(crate) fn limits() -> Limits {
    Limits {
        header_timeout: Duration::from_millis(150),
        idle_timeout: Duration::from_millis(400),
        drain_delay: Duration::from_millis(300),
        drain_timeout: Duration::from_secs(10),
        ..Limits::default()
    }
}

/// So long that no test waits for them.
pub(crate) fn patient_limits() -> Limits {
    Limits {
        header_timeout: PATIENCE * 2,
        idle_timeout: PATIENCE * 2,
        drain_delay: PATIENCE * 2,
        drain_timeout: PATIENCE * 2,
        ..Limits::default()
    }
}

impl House {
    pub(crate) async fn open(limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let lifecycle = Lifecycle::new();
        lifecycle.set_ready();
        let held = Arc::new(Held { entered: Semaphore::new(0), released: Semaphore::new(0) });
        let inside = Arc::clone(&held);
        let service = tower::service_fn(move |request: Request<Incoming>| {
            let held = Arc::clone(&inside);
            async move { Ok::<_, Infallible>(answer(request, &held).await) }
        });
        let served = tokio::spawn(serve(listener, service, limits, lifecycle.clone()));
        Self { addr, lifecycle, held, served }
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.addr).await.unwrap()
    }

    /// Waits until a request to `/held` is inside the service.
    pub(crate) async fn entered(&self) {
        let entered = timeout(PATIENCE, self.held.entered.acquire()).await;
        entered.unwrap().unwrap().forget();
    }

    /// Lets one request to `/held` be answered.
    pub(crate) fn release(&self) {
        self.held.released.add_permits(1);
    }

    /// Waits for the server to end by itself.
    pub(crate) async fn closed(self) -> Served {
        timeout(PATIENCE, self.served).await.unwrap().unwrap()
    }
}

async fn answer(request: Request<Incoming>, held: &Held) -> Response<Answer> {
    let whole = match request.uri().path() {
        "/held" => {
            held.entered.add_permits(1);
            held.released.acquire().await.unwrap().forget();
            Bytes::from_static(b"held")
        }
        "/large" => return Response::new(large()),
        "/peer" => {
            let peer = request.extensions().get::<PeerAddr>().unwrap();
            Bytes::from(peer.0.to_string())
        }
        _ => Bytes::from_static(b"hello"),
    };
    Response::new(Full::new(whole).boxed_unsync())
}

/// 64 MiB in pieces, so that the answer is not over before the client has read most of it.
fn large() -> Answer {
    let piece = Bytes::from(vec![b'x'; 64 << 10]);
    let pieces = (0..1024).map(move |_| Ok(Frame::data(piece.clone())));
    StreamBody::new(stream::iter(pieces)).boxed_unsync()
}
