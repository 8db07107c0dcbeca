//! One request over one new TCP connection, and what exactly became of it.
//!
//! A connection per request lets the kernel spread the traffic over the processes. The bytes of the answer are
//! watched, because "closed before the first byte" and "closed in mid-answer" are different facts: only the first,
//! and only for a safe method, may be repeated by a load balancer (RFC 9110, section 9.2.2). What an answer means
//! is left to `traffic`.

#![expect(
    clippy::disallowed_types,
    reason = "whether a byte came, told from the stream to who reads it"
)]

use std::{
    fmt, io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time,
};

/// The header by which a process says who it is, when asked to by its environment.
const PROCESS: &str = "tokenhouse-process";
/// How long a request may take from the connection to the last byte before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often one request is repeated at most.
const REPEATS: u32 = 3;
/// The pause before the first repetition of a refused connection; it grows with each.
const REFUSED_PAUSE: Duration = Duration::from_millis(20);

/// An answer that arrived whole.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// Which process answered.
    pub(super) process: Option<String>,
    pub(super) body: Bytes,
}

/// Why no whole answer arrived.
#[derive(Debug)]
pub(super) enum Cut {
    /// Nobody listened: nothing was sent.
    Refused,
    /// The connection could not be made for another reason.
    Unreached(io::Error),
    /// The connection ended before the first byte of an answer.
    Unanswered,
    /// The connection ended within the answer.
    Torn,
    /// The time was up.
    TimedOut,
    /// There was no request to send: a token or path that HTTP does not allow.
    Unsendable(http::Error),
}

impl Cut {
    /// Whether a load balancer may send the same request again.
    fn may_repeat(&self, method: &Method) -> bool {
        match self {
            Self::Refused => true,
            Self::Unanswered => method.is_safe(),
            Self::Unreached(_) | Self::Torn | Self::TimedOut | Self::Unsendable(_) => false,
        }
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => f.write_str("connection refused"),
            Self::Unreached(error) => write!(f, "no connection: {error}"),
            Self::Unanswered => f.write_str("connection closed before an answer"),
            Self::Torn => f.write_str("connection closed within the answer"),
            Self::TimedOut => f.write_str("no answer in time"),
            Self::Unsendable(error) => write!(f, "no request: {error}"),
        }
    }
}

/// What became of a request, and how often it had to be repeated for that.
pub(super) struct Sent {
    pub(super) outcome: Result<Answer, Cut>,
    pub(super) retries: u32,
}

/// Builds a request to `path`; `token` is sent as a bearer token, `body` with its media type.
pub(super) fn request(
    method: Method,
    path: &str,
    token: Option<&str>,
    body: Option<(&str, Bytes)>,
) -> Result<Request<Full<Bytes>>, http::Error> {
    let mut request =
        Request::builder().method(method).uri(path).header(header::CONNECTION, "close");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    match body {
        Some((media_type, body)) => {
            request.header(header::CONTENT_TYPE, media_type).body(Full::new(body))
        }
        None => request.body(Full::default()),
    }
}

/// Sends `request` to `api`, and again where a load balancer would be allowed to.
pub(super) async fn send(api: SocketAddr, mut request: Request<Full<Bytes>>) -> Sent {
    if let Ok(host) = header::HeaderValue::try_from(api.to_string()) {
        request.headers_mut().insert(header::HOST, host);
    }
    let mut retries = 0;
    loop {
        let outcome = match time::timeout(PATIENCE, once(api, request.clone())).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Cut::TimedOut),
        };
        match &outcome {
            Err(cut) if retries < REPEATS && cut.may_repeat(request.method()) => {
                retries += 1;
                if matches!(cut, Cut::Refused) {
                    time::sleep(REFUSED_PAUSE * retries).await;
                }
            }
            _ => return Sent { outcome, retries },
        }
    }
}

async fn once(api: SocketAddr, request: Request<Full<Bytes>>) -> Result<Answer, Cut> {
    let stream = TcpStream::connect(api).await.map_err(|error| match error.kind() {
        io::ErrorKind::ConnectionRefused => Cut::Refused,
        _ => Cut::Unreached(error),
    })?;
    let heard = Arc::new(AtomicBool::new(false));
    let listening = Listening { stream, heard: Arc::clone(&heard) };
    exchange(TokioIo::new(listening), request).await.map_err(|_| {
        match heard.load(Ordering::Relaxed) {
            true => Cut::Torn,
            false => Cut::Unanswered,
        }
    })
}

async fn exchange(
    io: TokioIo<Listening>,
    request: Request<Full<Bytes>>,
) -> Result<Answer, hyper::Error> {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await?;
    let answer = async move {
        let (head, body) = sender.send_request(request).await?.into_parts();
        let process = head.headers.get(PROCESS).and_then(|id| id.to_str().ok()).map(str::to_owned);
        Ok(Answer { status: head.status, process, body: body.collect().await?.to_bytes() })
    };
    // The connection only carries the bytes: how it ends is told by the answer, whole or not.
    let (answer, _) = futures_util::future::join(answer, connection).await;
    answer
}

/// A stream that remembers whether a single byte ever came back.
struct Listening {
    stream: TcpStream,
    heard: Arc<AtomicBool>,
}

impl AsyncRead for Listening {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            self.heard.store(true, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Listening {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// Answers each connection in turn with the next script, then closes it; counts how many came.
    #[expect(clippy::disallowed_methods, reason = "a server beside the test")]
    async fn scripted(
        answers: &'static [&'static str],
    ) -> (SocketAddr, tokio::task::JoinHandle<usize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let served = tokio::spawn(async move {
            for answer in answers {
                let (mut stream, _) = listener.accept().await.expect("a connection");
                let mut request = [0; 1024];
                let _ = stream.read(&mut request).await.expect("a request");
                stream.write_all(answer.as_bytes()).await.expect("the script is written");
            }
            answers.len()
        });
        (address, served)
    }

    async fn outcome(method: Method, answers: &'static [&'static str]) -> Sent {
        let (address, _served) = scripted(answers).await;
        send(address, request(method, "/data", Some("t"), None).expect("a request")).await
    }

    const WHOLE: &str = "HTTP/1.1 200 OK\r\ntokenhouse-process: p1\r\ncontent-length: 2\r\n\r\nok";

    #[tokio::test]
    async fn a_whole_answer_names_its_process() {
        let answer = outcome(Method::GET, &[WHOLE]).await.outcome.expect("an answer");
        assert_eq!(answer.process.as_deref(), Some("p1"));
        assert_eq!(answer.body, "ok");
    }

    #[tokio::test]
    async fn a_safe_request_cut_before_its_answer_is_repeated_and_the_retry_is_counted() {
        let sent = outcome(Method::GET, &["", WHOLE]).await;
        assert!(sent.outcome.is_ok());
        assert_eq!(sent.retries, 1);
    }

    #[tokio::test]
    async fn an_unsafe_request_is_never_repeated_once_it_was_sent() {
        let sent = outcome(Method::POST, &["", WHOLE]).await;
        assert!(matches!(sent.outcome, Err(Cut::Unanswered)));
        assert_eq!(sent.retries, 0);
    }

    #[tokio::test]
    async fn an_answer_cut_in_the_middle_is_a_failure_even_of_a_safe_request() {
        for torn in [
            &["HTTP/1.1 200", WHOLE][..],
            &["HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok", WHOLE],
        ] {
            let sent = outcome(Method::GET, torn).await;
            assert!(matches!(sent.outcome, Err(Cut::Torn)));
            assert_eq!(sent.retries, 0);
        }
    }

    #[tokio::test]
    async fn a_refused_connection_is_tried_again_for_any_method_but_not_for_ever() {
        let (address, _) = {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            (listener.local_addr().expect("an address"), drop(listener))
        };
        let sent =
            send(address, request(Method::POST, "/login", None, None).expect("a request")).await;
        assert!(matches!(sent.outcome, Err(Cut::Refused)));
        assert_eq!(sent.retries, REPEATS);
    }
}
