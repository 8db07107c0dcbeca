//! One connection: two pumps in one task, so that what a trap in one direction decides holds for the
//! other before it can move.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpStream;
use tokio::sync::watch;

use super::fault::{Fate, Scope};
use super::framing::{BadLength, Framer, Piece};
use super::marks::What;
use super::message::{Direction, Kind};
use super::pump::{Broken, Pump};
use super::shared::{Listed, Shared};
use super::statement::Statements;

/// What both directions of a connection know of each other.
pub(super) struct Dialogue {
    pub(super) id: u64,
    pub(super) shared: Arc<Shared>,
    protocol: Mutex<Protocol>,
    /// Whether the statement whose commit is to be held back has been sent here.
    marked: AtomicBool,
}

struct Protocol {
    frontend: Framer,
    backend: Framer,
    statements: Statements,
}

/// What a whole message means for the faults.
#[derive(Debug, Default)]
pub(super) struct Meaning {
    /// The statement that it carries.
    pub(super) sql: Option<String>,
    pub(super) tells_of_commit: bool,
}

impl Dialogue {
    fn protocol(&self) -> MutexGuard<'_, Protocol> {
        self.protocol.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next piece of what was read.
    pub(super) fn next(
        &self,
        direction: Direction,
        bytes: &mut &[u8],
    ) -> Result<Option<(Piece, Meaning)>, BadLength> {
        let mut protocol = self.protocol();
        let piece = match direction {
            Direction::Frontend => protocol.frontend.next(bytes)?,
            Direction::Backend => protocol.backend.next(bytes)?,
        };
        Ok(piece.map(|piece| {
            let meaning = protocol.meaning(&piece);
            (piece, meaning)
        }))
    }

    /// A statement is sent on this connection.
    pub(super) fn carries(&self, sql: &str) {
        self.shared.carries(self.id, sql);
        if matches!(&*self.shared.hold.borrow(), Some(Scope::Statement(text)) if sql.contains(text))
        {
            self.marked.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the reply to a commit on this connection is to be held back.
    pub(super) fn holds(&self, hold: &watch::Receiver<Option<Scope>>) -> bool {
        match &*hold.borrow() {
            None => false,
            Some(Scope::Any) => true,
            Some(Scope::Statement(_)) => self.marked.swap(false, Ordering::Relaxed),
        }
    }
}

impl Protocol {
    fn meaning(&mut self, piece: &Piece) -> Meaning {
        let (Some(kind), Some(body)) = (piece.kind, &piece.ends) else { return Meaning::default() };
        match kind {
            Kind::SslRequest | Kind::GssEncRequest => self.backend.expect_negotiation(),
            Kind::Negotiation(b'S' | b'G') => self.frontend.become_opaque(),
            _ => {}
        }
        Meaning {
            sql: self.statements.carried(kind, body),
            tells_of_commit: self.statements.tells_of_commit(kind, body),
        }
    }
}

/// Passes messages between the two until both have ended, or it is reset.
pub(super) async fn relay(shared: Arc<Shared>, mut client: TcpStream, mut server: TcpStream) {
    let port = server.local_addr().map_or(0, |addr| addr.port());
    let (id, fate) = shared.connected(port);
    let listed = Listed { shared: Arc::clone(&shared), id };
    client.set_nodelay(true).ok();
    server.set_nodelay(true).ok();
    let protocol = Mutex::new(Protocol {
        frontend: Framer::new(Direction::Frontend),
        backend: Framer::new(Direction::Backend),
        statements: Statements::default(),
    });
    let dialogue = Dialogue { id, shared, protocol, marked: AtomicBool::new(false) };
    let whole = talk(&dialogue, &mut client, &mut server, fate).await;
    if whole.is_err() {
        client.set_zero_linger().ok();
        server.set_zero_linger().ok();
    }
    drop((client, server));
    drop(listed);
}

async fn talk(
    dialogue: &Dialogue,
    client: &mut TcpStream,
    server: &mut TcpStream,
    mut fate: watch::Receiver<Fate>,
) -> Result<(), Broken> {
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    let frontend = Pump::new(dialogue, Direction::Frontend, fate.clone());
    let backend = Pump::new(dialogue, Direction::Backend, fate.clone());
    let both = async {
        tokio::try_join!(frontend.run(from_client, to_server), backend.run(from_server, to_client))
    };
    let reset = fate.wait_for(|fate| *fate == Fate::Reset);
    let ended = tokio::select! {
        biased;
        _ = reset => Err(Broken::Reset),
        ended = both => ended.map(|_| ()),
    };
    if let Err(Broken::Garbage(error)) = &ended {
        dialogue.shared.marks.add(Some(dialogue.id), What::Garbage(error.to_string()));
    }
    ended
}
