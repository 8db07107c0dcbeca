//! A bare axum route in a process of its own that gives the same answer each time: what HTTP alone costs.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use axum::http::header;
use tokenhouse_proof::keeper::{self, Watched};

use crate::fill::{Content, People, person};
use crate::load::Same;

/// The headers that the server's own answer has, of the same lengths.
const HEADERS: [(header::HeaderName, &str); 5] = [
    (header::CONTENT_TYPE, "application/json"),
    (header::ETAG, "\"1.1\""),
    (header::HeaderName::from_static("x-request-id"), "0123456789abcdef0123456789abcdef"),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// The process.
pub(crate) struct Bare {
    process: Child,
    addr: SocketAddr,
    _watched: Watched,
}

impl Bare {
    /// Starts this program again.
    pub(crate) fn start(answer: &str) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["bare", answer])
            .stdout(Stdio::piped())
            .spawn()?;
        let watched = keeper::watch(process.id(), "KILL")?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("no output")?).read_line(&mut line)?;
        Ok(Self { process, addr: line.trim().parse()?, _watched: watched })
    }

    /// One with the answer that a server gives to person 0.
    pub(crate) fn like(people: &People, content: &Content) -> Result<(Self, Same)> {
        let answer = person::answer(0, content);
        let asking = Same { token: people.token(0).to_owned(), answer_length: answer.len() };
        Ok((Self::start(&answer)?, asking))
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// What the process does.
pub(crate) async fn serve(answer: String) -> Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let answer: &'static str = answer.leak();
    let route = axum::routing::get(async move || (HEADERS, answer));
    axum::serve(listener, axum::Router::new().route("/data", route)).await?;
    Ok(())
}
