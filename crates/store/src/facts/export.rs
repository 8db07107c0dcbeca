//! What a person takes with her.

use tokenhouse_rules::time::Timestamp;

use super::{AuditEvent, Session, User};

/// Everything stored about a user.
#[derive(Clone, Debug)]
pub struct Export {
    /// The database's time.
    pub now: Timestamp,
    /// The user.
    pub user: User,
    /// When she showed that mail to her address reaches her.
    pub email_confirmed_at: Option<Timestamp>,
    /// The address that she asked for and has not confirmed.
    pub pending_email: Option<String>,
    /// The document as it was written.
    pub body: String,
    /// Her standard claims, a JSON object, if any were set.
    pub claims: Option<String>,
    /// Her groups, by name.
    pub groups: Vec<String>,
    /// What she agreed to, by name of the client.
    pub consents: Vec<Consent>,
    /// Her living grants, the oldest first.
    pub grants: Vec<HeldGrant>,
    /// Her living sessions.
    pub sessions: Vec<Session>,
    /// Her part of the audit trail, newest first, at most 10,000 rows.
    pub events: Vec<AuditEvent>,
}

/// What somebody agreed to for an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The client.
    pub client: String,
    /// Space-separated.
    pub scope: String,
    /// When she did.
    pub since: Timestamp,
}

/// A living grant as its owner sees it, without anything that a token is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldGrant {
    /// The client.
    pub client: String,
    /// What was authorized, a JSON object.
    pub authorized: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last worth a token.
    pub last_used_at: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
}
