//! The real binary, as it is shipped but for what a row changes on purpose.

use std::net::SocketAddr;

use anyhow::Result;
use tokenhouse_proof::server::{Builder, Tokenhouse};

use crate::fill::SECRET;
use crate::meter::{self, Resident};

/// Default settings: the hash cost, the limits and the numbers of connections and threads. Without the
/// access line, which is measured apart.
pub(crate) fn shipped(url: &str) -> Builder {
    Tokenhouse::builder()
        .without_env("TOKENHOUSE_ARGON2_MEMORY")
        .without_env("TOKENHOUSE_ARGON2_ITERATIONS")
        .without_env("TOKENHOUSE_SHOW_PROCESS")
        .env("TOKENHOUSE_ACCESS_LOG", "off")
        .secret(SECRET)
        .database(url)
}

/// A running server.
pub(crate) struct Server {
    process: Tokenhouse,
}

impl Server {
    pub(crate) async fn start(builder: Builder) -> Result<Self> {
        Ok(Self { process: builder.start().await? })
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.process.addr()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Lines it has printed.
    pub(crate) fn lines(&self) -> usize {
        self.process.stdout().mark()
    }

    pub(crate) fn resident(&self) -> Result<Resident> {
        meter::resident(self.process.pid())
    }
}
