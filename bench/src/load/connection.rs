//! One kept connection: at most one request under way, and the instant its latency counts from.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::answer::Answer;

const BUFFER: usize = 4096;
/// A server on the same machine that reads nothing for so long has hung.
const PATIENCE: Timespec = Timespec { tv_sec: 10, tv_nsec: 0 };

/// What was asked last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// The number that `Asking` gave the request.
    pub(super) whose: usize,
    /// When it was sent, or should have been.
    pub(super) since: Instant,
}

pub(super) struct Connection {
    stream: TcpStream,
    /// The request; kept for its memory.
    pub(super) request: Vec<u8>,
    received: Vec<u8>,
    filled: usize,
    asked: Option<Asked>,
}

impl Connection {
    pub(super) fn open(addr: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&addr, Duration::from_secs(10))
            .with_context(|| format!("cannot connect to {addr}"))?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self {
            stream,
            request: Vec::with_capacity(512),
            received: vec![0; BUFFER],
            filled: 0,
            asked: None,
        })
    }

    /// Sends what is in [`Connection::request`].
    pub(super) fn send(&mut self, asked: Asked) -> Result<()> {
        let mut rest = self.request.as_slice();
        while !rest.is_empty() {
            match self.stream.write(rest) {
                Ok(0) => bail!("the server closed the connection"),
                Ok(count) => rest = &rest[count..],
                // A request fits into the socket's buffer unless the server does not read at all.
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.writable()?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("a request could not be sent"),
            }
        }
        self.asked = Some(asked);
        Ok(())
    }

    fn writable(&self) -> Result<()> {
        let events = poll(&mut [PollFd::new(&self.stream, PollFlags::OUT)], Some(&PATIENCE))?;
        ensure!(events > 0, "the server does not read");
        Ok(())
    }

    /// Reads what is there, and hands a whole answer to `judge` together with what was asked.
    pub(super) fn receive<T>(
        &mut self,
        judge: impl FnOnce(Asked, &Answer<'_>) -> T,
    ) -> Result<Option<T>> {
        if self.filled == self.received.len() {
            self.received.resize(self.filled * 4, 0);
        }
        match self.stream.read(&mut self.received[self.filled..]) {
            Ok(0) => bail!("the server closed a connection"),
            Ok(count) => self.filled += count,
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(error).context("an answer could not be read"),
        }
        let parsed = Answer::parse(&self.received[..self.filled])
            .map_err(|malformed| anyhow::anyhow!("a malformed answer: {}", malformed.0))?;
        let Some((answer, length)) = parsed else { return Ok(None) };
        ensure!(length == self.filled, "more bytes than were asked for");
        let asked = self.asked.take().context("an answer nobody asked for")?;
        let judged = judge(asked, &answer);
        self.filled = 0;
        Ok(Some(judged))
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}
