//! Requests for authorization that applications send ahead.

use std::time::Duration;

use tokenhouse_rules::id::PushedRequestId;
use tokenhouse_rules::time::Timestamp;

/// A request to be kept. Its instants are spans from the database's time on.
#[derive(Clone, Debug)]
pub struct NewPushedRequest {
    /// Identifier, made before the write.
    pub id: PushedRequestId,
    /// The client.
    pub client: String,
    /// What it asks for, written as a form is.
    pub parameters: String,
    /// In which time the browser has to come.
    pub lifetime: Duration,
    /// How much time there is then to sign in and to agree.
    pub patience: Duration,
}

/// A request that waits for its browser, or for its person.
#[derive(Clone, Debug)]
pub struct PushedRequest {
    /// Whose it is.
    pub client: String,
    /// What it asks for, written as a form is.
    pub parameters: String,
    /// By when its browser has to come.
    pub expires_at: Timestamp,
}

/// The request that a code answers, and uses up.
#[derive(Clone, Copy, Debug)]
pub struct Pushed {
    /// Which.
    pub id: PushedRequestId,
    /// When its browser came, by the database's clock: not later than it had to.
    pub came_at: Timestamp,
}
