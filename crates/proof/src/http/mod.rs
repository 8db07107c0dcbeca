//! A small HTTP/1.1 client that speaks in verbs and says exactly how a request failed, which is
//! what tests of load balancing and of killed processes have to judge.
//!
//! It follows no redirect, keeps no cookie and repeats nothing that may have left this machine.
//! Connections are made in [`connection`]; what a failure means is decided in [`failure`].

mod answer;
mod connection;
mod failure;
mod tls;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;

pub use answer::Answer;
pub use failure::Failure;
pub use tls::Tls;

use connection::{Connection, Sent};

const DEADLINE: Duration = Duration::from_secs(15);

/// A client of one address. Clones share the kept connections.
#[derive(Clone, Debug)]
pub struct Client {
    addr: SocketAddr,
    /// None: a new connection for every request.
    kept: Option<Arc<Mutex<Vec<Connection>>>>,
    /// None: no TLS.
    tls: Option<Tls>,
}

impl Client {
    /// Makes a new connection for every request, as `curl` would; sends `Connection: close`.
    #[must_use]
    pub fn fresh(addr: SocketAddr) -> Self {
        Self { addr, kept: None, tls: None }
    }

    /// Keeps connections, as many as there are requests at once, and uses one again only while it is
    /// open. Belongs to one runtime: its connections end with it.
    #[must_use]
    pub fn kept(addr: SocketAddr) -> Self {
        Self { addr, kept: Some(Arc::default()), tls: None }
    }

    /// Speaks TLS, or not; for a client that has asked nothing yet.
    #[must_use]
    pub fn over(self, tls: Option<Tls>) -> Self {
        Self { tls, ..self }
    }

    /// The address asked.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// A request to be completed and sent. `path` may have a query.
    pub fn request(&self, method: Method, path: &str) -> Request<'_> {
        Request {
            client: self,
            method,
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            deadline: DEADLINE,
            mistake: None,
        }
    }

    /// `GET path`.
    pub fn get(&self, path: &str) -> Request<'_> {
        self.request(Method::GET, path)
    }

    /// `DELETE path`.
    pub fn delete(&self, path: &str) -> Request<'_> {
        self.request(Method::DELETE, path)
    }

    /// `POST path` without a body.
    pub fn post(&self, path: &str) -> Request<'_> {
        self.request(Method::POST, path)
    }

    /// `POST path` with a JSON body.
    pub fn post_json(&self, path: &str, body: &Value) -> Request<'_> {
        self.post(path).json(body)
    }

    /// `PUT path` with a JSON body.
    pub fn put_json(&self, path: &str, body: &Value) -> Request<'_> {
        self.request(Method::PUT, path).json(body)
    }

    /// `PATCH path` with a JSON body.
    pub fn patch_json(&self, path: &str, body: &Value) -> Request<'_> {
        self.request(Method::PATCH, path).json(body)
    }

    /// An open kept connection, if there is one.
    fn take(&self) -> Option<Connection> {
        let mut kept = self.kept.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(connection) = kept.pop() {
            if connection.is_open() {
                return Some(connection);
            }
        }
        None
    }

    fn keep(&self, connection: Connection) {
        if let Some(kept) = &self.kept
            && connection.is_open()
        {
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }

    async fn exchange(&self, request: connection::Message) -> Result<Answer, Failure> {
        let mut request = request;
        while let Some(mut connection) = self.take() {
            match connection.send(request).await {
                Sent::Answered(answer) => {
                    self.keep(connection);
                    return Ok(answer);
                }
                Sent::Failed(failure) => return Err(failure),
                // It was closed meanwhile, and not one byte has left: another one is safe.
                Sent::Unsent(unsent) => request = *unsent,
            }
        }
        let mut connection = Connection::open(self.addr, self.tls.as_ref()).await?;
        match connection.send(request).await {
            Sent::Answered(answer) => {
                self.keep(connection);
                Ok(answer)
            }
            Sent::Failed(failure) => Err(failure),
            Sent::Unsent(_) => {
                Err(Failure::ResetBeforeAnswer("closed before the request was written".to_owned()))
            }
        }
    }
}

/// A request being put together.
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request<'a> {
    client: &'a Client,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
    deadline: Duration,
    mistake: Option<String>,
}

impl Request<'_> {
    /// Sets a header, replacing one of that name. An invalid one makes the request fail as
    /// [`Failure::Other`].
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            (Ok(name), Ok(value)) => {
                self.headers.insert(name, value);
            }
            _ => self.mistake = Some(format!("invalid header {name:?}: {value:?}")),
        }
        self
    }

    /// `Authorization: Bearer token`.
    pub fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    /// A body of any type; set `Content-Type` with [`Request::header`].
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// A JSON body and its `Content-Type`.
    pub fn json(self, body: &Value) -> Self {
        self.header(CONTENT_TYPE.as_str(), "application/json").body(body.to_string())
    }

    /// A body that is already `application/x-www-form-urlencoded`, and that `Content-Type`.
    pub fn form(self, encoded: &str) -> Self {
        self.header(CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded")
            .body(encoded.to_owned())
    }

    /// How long connecting, sending and reading the whole answer may take; 15 s if not set.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sends it and reads the whole answer. Any status is an answer.
    ///
    /// # Errors
    /// [`Failure`] when there is no whole answer.
    pub async fn send(mut self) -> Result<Answer, Failure> {
        if let Some(mistake) = self.mistake.take() {
            return Err(Failure::Other(mistake));
        }
        let deadline = self.deadline;
        let client = self.client;
        let message = self.message()?;
        tokio::time::timeout(deadline, client.exchange(message))
            .await
            .unwrap_or(Err(Failure::Timeout(deadline)))
    }

    fn message(self) -> Result<connection::Message, Failure> {
        let mut headers = self.headers;
        if !headers.contains_key(HOST) {
            let host = HeaderValue::try_from(self.client.addr.to_string())
                .map_err(|error| Failure::Other(error.to_string()))?;
            headers.insert(HOST, host);
        }
        if self.client.kept.is_none() {
            headers.insert(http::header::CONNECTION, HeaderValue::from_static("close"));
        }
        let mut message = http::Request::new(http_body_util::Full::new(self.body));
        *message.method_mut() = self.method;
        *message.uri_mut() = self
            .path
            .parse()
            .map_err(|error| Failure::Other(format!("invalid path {:?}: {error}", self.path)))?;
        *message.headers_mut() = headers;
        Ok(message)
    }
}
