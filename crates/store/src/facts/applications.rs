//! What applications were given, and what that is judged by.

use std::time::Duration;

use tokenhouse_rules::id::{CodeId, GrantId, GroupId, SessionId, UserId};
use tokenhouse_rules::oauth::refresh_token::Sealer;
use tokenhouse_rules::session::Expiry;
use tokenhouse_rules::time::Timestamp;
use uuid::Uuid;

use super::{Client, Pushed, SessionKey, Trail, User};

/// A person before an application.
#[derive(Clone, Debug)]
pub struct Owner {
    /// The user.
    pub user: User,
    /// Whether mail to her address is known to reach her.
    pub email_confirmed: bool,
    /// The language she chose.
    pub language: Option<String>,
    /// Her standard claims, a JSON object.
    pub claims: Option<String>,
    /// Her groups, by name.
    pub groups: Vec<String>,
    /// Her own document, where the settings of the client before which she stands name it as a source.
    pub document: Option<String>,
}

/// A living session before an application.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who signed in.
    pub owner: Owner,
    /// When she did, by the database's clock: `auth_time`.
    pub since: Timestamp,
    /// Her epoch.
    pub epoch: i64,
    /// What she agreed to before, space-separated.
    pub consent: Option<String>,
}

/// What a request for authorization is judged by.
#[derive(Clone, Debug)]
pub struct AuthorizeFacts {
    /// The database's time.
    pub now: Timestamp,
    /// The client, disabled or not.
    pub client: Option<Client>,
    /// Who asks, if a living session says so.
    pub signed_in: Option<SignedIn>,
    /// When that session ends.
    pub expiry: Option<Expiry>,
}

/// A code to be issued.
#[derive(Clone, Debug)]
pub struct NewCode {
    /// Identifier, made before the write.
    pub id: CodeId,
    /// SHA-256 of its random secret.
    pub secret_hash: [u8; 32],
    /// The client.
    pub client: String,
    /// The session on whose word it is issued.
    pub session: SessionKey,
    /// What is authorized, a JSON object.
    pub authorized: String,
    /// How long it may be redeemed, from the database's time on.
    pub lifetime: Duration,
    /// What she agrees to from now on, space-separated and sorted, in the place of what she agreed to before.
    pub consent: Option<String>,
    /// The request that it answers, where that was sent ahead: it is used up with this.
    pub pushed: Option<Pushed>,
    /// The audit row, written only with a consent.
    pub trail: Trail,
}

/// A code as it is stored.
#[derive(Clone, Debug)]
pub struct Code {
    /// SHA-256 of its random secret.
    pub secret_hash: [u8; 32],
    /// Whose it is.
    pub client: String,
    /// What was authorized, a JSON object.
    pub authorized: String,
    /// Whether it may be redeemed: in time, not used, its session alive.
    pub open: bool,
    /// Whether it was redeemed.
    pub used: bool,
    /// Whom it speaks for.
    pub owner: Owner,
    /// On whose word it was issued.
    pub session: SessionId,
}

/// What the redemption of a code is judged by.
#[derive(Clone, Debug)]
pub struct CodeFacts {
    /// The database's time.
    pub now: Timestamp,
    /// The client that presents it, disabled or not.
    pub client: Option<Client>,
    /// The code.
    pub code: Option<Code>,
}

/// How long a grant lasts.
#[derive(Clone, Copy, Debug)]
pub struct GrantLifetime {
    /// Without use.
    pub idle: Duration,
    /// In any case.
    pub absolute: Duration,
}

/// A code to be redeemed, judged before.
#[derive(Clone, Debug)]
pub struct Redeem {
    /// The code; its grant gets the same identifier.
    pub code: CodeId,
    /// The client.
    pub client: String,
    /// This operation: its own repetition passes.
    pub operation: Uuid,
    /// Whether the grant lasts beyond the session.
    pub offline: bool,
    /// How long it lasts.
    pub lifetime: GrantLifetime,
    /// The audit row.
    pub trail: Trail,
    /// The audit row for a code that was used before.
    pub replayed: Trail,
}

/// How redeeming a code ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redeemed {
    /// The grant is there.
    Done,
    /// It may not be redeemed (any more), and never was.
    Gone,
    /// It was redeemed before; what was issued for it has ended.
    Replayed,
}

/// How a client that holds a refresh token shows who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// By nothing but its name: for a client whose settings say that it has no secret. Whether they do is judged
    /// from what comes back.
    Name,
    /// By a secret with this SHA-256, which must be one of its own that has not expired.
    Secret([u8; 32]),
    /// By what was judged before.
    Judged,
}

/// A refresh token that is presented. Its MAC was checked.
#[derive(Clone, Debug)]
pub struct Refresh {
    /// The grant.
    pub grant: GrantId,
    /// The generation of the token.
    pub generation: i64,
    /// The client that presents it.
    pub client: String,
    /// How it shows that it is that client.
    pub shown: Shown,
    /// For how long after a turn the token before it is still answered, with the same one.
    pub window: Duration,
    /// How long the grant lasts without use from now on, where the client's settings name no `refresh_idle`.
    pub idle: Duration,
    /// The root key that seals the next token, if this is the one that turns it.
    pub sealer: Sealer,
    /// The audit row for a token that was used before.
    pub replayed: Trail,
}

/// How a refresh ended.
#[derive(Clone, Debug)]
pub enum Refreshed {
    /// The grant is alive, and this generation is current now.
    Done {
        /// Of the refresh token to give.
        generation: i64,
        /// The root key that whoever turned it sealed that token with, where it is known.
        sealer: Option<Sealer>,
        /// The grant.
        facts: Box<GrantFacts>,
    },
    /// The client is none, disabled, or did not show who it is. Nothing was written.
    NotTheClient,
    /// There is no such grant of that client, or it has ended.
    Gone,
    /// The token was used before; the grant has ended.
    Replayed,
}

/// What a genuine access token names.
#[derive(Clone, Copy, Debug)]
pub struct GrantKey {
    /// The grant.
    pub grant: GrantId,
    /// What would be noted had this token been revoked.
    pub revocation: [u8; 32],
}

/// A living grant and its person.
#[derive(Clone, Debug)]
pub struct GrantFacts {
    /// The database's time.
    pub now: Timestamp,
    /// The grant.
    pub id: GrantId,
    /// The client.
    pub client: Client,
    /// What was authorized, a JSON object.
    pub authorized: String,
    /// The session it ends with, if it does.
    pub session: Option<SessionId>,
    /// When it ends in any case.
    pub expires_at: Timestamp,
    /// When it ends without further use.
    pub live_until: Timestamp,
    /// Whom it speaks for.
    pub owner: Owner,
}

/// A question about a token whose MAC or signature was checked.
#[derive(Clone, Debug)]
pub struct Introspection {
    /// The client that asks.
    pub asking: String,
    /// What it asks about.
    pub subject: Subject,
}

/// What a token stands for.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A grant, by an access token.
    Grant(GrantKey),
    /// A grant, by the refresh token of this generation.
    Refresh(GrantId, i64),
    /// A client alone (client credentials).
    Client {
        /// Which.
        id: String,
        /// What would be noted had this token been revoked.
        revocation: [u8; 32],
    },
    /// Nothing: only the client that asks is looked up.
    Nothing,
}

/// What is known of it.
#[derive(Clone, Debug)]
pub struct Introspected {
    /// The database's time.
    pub now: Timestamp,
    /// The client that asks, disabled or not.
    pub asking: Option<Client>,
    /// The living grant.
    pub grant: Option<GrantFacts>,
    /// Of a token of a client alone: whether it is good, the client not disabled.
    pub client_lives: bool,
}

/// That something is so now, whether or not it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// Whether it had to be done.
    pub changed: bool,
}

/// An application that somebody is connected with.
#[derive(Clone, Debug)]
pub struct Application {
    /// The client.
    pub client: Client,
    /// What was agreed to, space-separated.
    pub scope: String,
    /// When it was connected.
    pub since: Timestamp,
    /// When it was last given a token, if it holds a grant.
    pub last_used_at: Option<Timestamp>,
}

/// What a proxy's question is judged by.
#[derive(Clone, Debug)]
pub struct AccessFacts {
    /// The database's time.
    pub now: Timestamp,
    /// The client that answers for the host, disabled or not.
    pub client: Option<Client>,
    /// Who asks, if a living session says so.
    pub signed_in: Option<SignedIn>,
    /// When that session ends.
    pub expiry: Option<Expiry>,
}

/// A group of users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Identifier.
    pub id: GroupId,
    /// Its name, one of a kind.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The identifier of nobody, for what concerns no user.
pub const NOBODY: UserId = UserId::from_uuid(Uuid::nil());
