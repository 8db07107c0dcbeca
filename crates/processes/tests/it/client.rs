//! A client that speaks HTTP/1 byte by byte, so that tests can misbehave. Every wait has an end.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Far more than anything here takes; reached only by a failure.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// An answer: its head in lowercase, and its body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn says_close(&self) -> bool {
        self.head.contains("connection: close")
    }
}

pub(crate) struct Client(pub(crate) TcpStream);

impl Client {
    pub(crate) async fn connect(addr: SocketAddr) -> io::Result<Self> {
        Ok(Self(patiently(TcpStream::connect(addr)).await?))
    }

    pub(crate) async fn say(&mut self, text: &str) -> io::Result<()> {
        patiently(self.0.write_all(text.as_bytes())).await
    }

    pub(crate) async fn ask(&mut self, path: &str) -> io::Result<Answer> {
        self.say(&format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n")).await?;
        self.hear().await
    }

    /// One whole answer.
    pub(crate) async fn hear(&mut self) -> io::Result<Answer> {
        let mut heard = Vec::new();
        loop {
            if let Some(answer) = parse(&heard) {
                return Ok(answer);
            }
            if patiently(self.0.read_buf(&mut heard)).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// Waits for the other side to close; fails when it speaks instead.
    pub(crate) async fn until_closed(&mut self) {
        let mut heard = Vec::new();
        match patiently(self.0.read_to_end(&mut heard)).await {
            Ok(_) => assert_eq!(String::from_utf8_lossy(&heard), ""),
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::ConnectionReset),
        }
    }
}

/// One request on a connection of its own.
pub(crate) async fn ask_once(addr: SocketAddr, path: &str) -> io::Result<Answer> {
    Client::connect(addr).await?.ask(path).await
}

pub(crate) async fn patiently<T>(future: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(PATIENCE, future).await?
}

fn parse(heard: &[u8]) -> Option<Answer> {
    let text = std::str::from_utf8(heard).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let head = head.to_lowercase();
    let length: usize =
        head.lines().find_map(|line| line.strip_prefix("content-length: "))?.parse().ok()?;
    (body.len() >= length).then(|| Answer { body: body[..length].to_owned(), head })
}
