//! What an exchange of tokens is judged by.

use tokenhouse_rules::id::{GrantId, SessionId, UserId};
use tokenhouse_rules::session::Expiry;
use tokenhouse_rules::time::Timestamp;

use super::{Client, Owner};

/// With what a token ends.
#[derive(Clone, Copy, Debug)]
pub enum Basis {
    /// A session.
    Session {
        /// Which.
        id: SessionId,
        /// Whose; must be the row's.
        user: UserId,
        /// SHA-256 of the secret in the session's own token; none where a token that was exchanged names it.
        secret_hash: Option<[u8; 32]>,
    },
    /// A grant.
    Grant(GrantId),
    /// Its clients alone.
    Clients,
}

/// A token whose MAC or signature was checked.
#[derive(Clone, Debug)]
pub struct Party {
    /// With what it ends.
    pub basis: Basis,
    /// The clients through which it came; none of them may be disabled.
    pub clients: Vec<String>,
    /// What would be noted had this token been revoked.
    pub revocation: Option<[u8; 32]>,
}

/// A question about tokens that a client shows.
#[derive(Clone, Debug)]
pub struct ExchangeQuestion {
    /// The client that asks.
    pub client: String,
    /// Whose token it shows; none where it is garbage.
    pub subject: Option<Party>,
    /// Who acts.
    pub actor: Option<Party>,
}

/// What is alive of a token.
#[derive(Clone, Debug)]
pub struct Alive {
    /// Whom it speaks for; none for a client alone.
    pub owner: Option<Owner>,
    /// When she signed in, where a session says so.
    pub since: Option<Timestamp>,
    /// When session or grant end.
    pub expiry: Option<Expiry>,
}

/// What is known of them.
#[derive(Clone, Debug)]
pub struct ExchangeFacts {
    /// The database's time.
    pub now: Timestamp,
    /// The client that asks, disabled or not.
    pub client: Option<Client>,
    /// The subject, if it is alive.
    pub subject: Option<Alive>,
    /// Whether the actor is.
    pub actor_lives: bool,
}
