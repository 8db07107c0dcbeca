//! What is remembered of applications: the second half of the boundary, under the same rules as [`crate::Store`].

use std::time::Duration;

use async_trait::async_trait;
use tokenhouse_rules::id::{CodeId, GrantId, SecretId, UserId};
use tokenhouse_rules::time::Timestamp;

use crate::{
    AccessFacts, Application, AuthorizeFacts, Client, CodeFacts, Done, Ended, GrantFacts, GrantKey,
    Group, Introspected, Introspection, NewCode, NewSecret, NewSigningKey, Redeem, Redeemed,
    Refresh, Refreshed, Result, SaveClient, Saved, SessionKey, SigningKey, Trail,
};

/// Clients, keys, codes, grants, consents and groups.
#[async_trait]
pub trait Applications: Send + Sync + 'static {
    /// All signing keys that are not to be removed yet, the oldest first, and the database's time.
    async fn signing_keys(&self) -> Result<(Timestamp, Vec<SigningKey>)>;

    /// Keeps a new key; `false`, and nothing is written, when its algorithm has one of that number already.
    async fn add_signing_key(&self, key: NewSigningKey, trail: Option<Trail>) -> Result<bool>;

    /// Has a key sign no more from now on, and be removed after `kept`; `false` when there is none, or it
    /// signs no more already, or no other active key of its algorithm is there.
    async fn retire_signing_key(&self, id: &str, kept: Duration, trail: Trail) -> Result<bool>;

    /// Replaces the sealed private key if it is still `from`.
    async fn rewrap_signing_key(&self, id: &str, from: &[u8], to: &[u8]) -> Result<bool>;

    /// A client and its secrets that have not expired.
    async fn client(&self, id: &str) -> Result<Option<Client>>;

    /// Clients by identifier, after `after`.
    async fn clients(&self, after: Option<&str>, limit: u32) -> Result<Vec<Client>>;

    /// Makes or changes a client, with its hosts, and with a first secret when it is made.
    async fn save_client(&self, save: SaveClient) -> Result<Saved>;

    /// Deletes a client and all that it was given. Of one that was given much only that is left, worth nothing, for
    /// [`Applications::clear_deleted_clients`]; until then nobody else can be called like it.
    async fn delete_client(&self, id: &str, trail: Trail) -> Result<bool>;

    /// Deletes some of what is left of deleted clients; how many rows.
    async fn clear_deleted_clients(&self) -> Result<u64>;

    /// Gives a client another secret; those it has end after `overlap` at the latest. `false` when there is no
    /// such client.
    async fn add_client_secret(
        &self,
        id: &str,
        secret: NewSecret,
        overlap: Duration,
        trail: Trail,
    ) -> Result<bool>;

    /// Ends one secret of a client.
    async fn delete_client_secret(&self, id: &str, secret: SecretId, trail: Trail) -> Result<bool>;

    /// What a request for authorization is judged by, in one question.
    async fn authorize_facts(
        &self,
        client: &str,
        session: Option<&SessionKey>,
    ) -> Result<AuthorizeFacts>;

    /// Makes a code, and remembers the consent where there was one, if the session is alive and the client is
    /// not disabled, and the request that it answers waits still, where that was sent ahead. `false` otherwise.
    async fn issue_code(&self, code: NewCode) -> Result<bool>;

    /// A client and a code that it presents, in one question. The code may be another client's.
    async fn code_facts(&self, client: &str, code: CodeId) -> Result<CodeFacts>;

    /// Turns a code into a grant: one winner, and its own repetition passes. A code that was used by another
    /// operation ends the grant that it became.
    async fn redeem_code(&self, redeem: Redeem) -> Result<Redeemed>;

    /// Judges client and refresh token, and turns to the next generation where the token is the current one, in
    /// one statement (`stateless.md`: a deterministic single successor).
    async fn refresh(&self, refresh: Refresh) -> Result<Refreshed>;

    /// A living grant of a token that was not revoked, with its person: for the userinfo endpoint. Judged are the
    /// grant, its session where it has one, person and client.
    async fn grant(&self, key: &GrantKey) -> Result<Option<GrantFacts>>;

    /// The client that asks, and the living grant of the token that it asks about, in one question.
    async fn introspect(&self, question: Introspection) -> Result<Introspected>;

    /// Ends a grant of that client; done as well when it had ended or is none.
    async fn revoke_grant(&self, client: &str, grant: GrantId, trail: Trail) -> Result<Done>;

    /// Notes that something was used or revoked, until `until`; `false` when it was noted before.
    async fn use_once(&self, key: &[u8; 32], until: Timestamp) -> Result<bool>;

    /// The applications that the owner of a living session is connected with, by name of the client.
    async fn applications(&self, session: &SessionKey) -> Result<Option<Vec<Application>>>;

    /// Forgets consent and ends all grants of one application, on the word of a living session.
    async fn disconnect(&self, session: &SessionKey, client: &str, trail: Trail) -> Result<Ended>;

    /// What a proxy's question about a request to a host is judged by, in one question.
    async fn access_facts(&self, host: &str, session: Option<&SessionKey>) -> Result<AccessFacts>;

    /// All groups by name.
    async fn groups(&self) -> Result<Vec<Group>>;

    /// Makes a group; `false` when there is one of that name.
    async fn make_group(&self, group: Group, trail: Trail) -> Result<bool>;

    /// Deletes a group.
    async fn delete_group(&self, name: &str, trail: Trail) -> Result<bool>;

    /// Puts a user into a group, or takes her out. `None` when there is no such group or user; `false`, and
    /// nothing is noted, when it was so already.
    async fn set_membership(
        &self,
        group: &str,
        user: UserId,
        member: bool,
        trail: Trail,
    ) -> Result<Option<bool>>;

    /// The groups of a user, by name.
    async fn groups_of(&self, user: UserId) -> Result<Vec<String>>;

    /// The standard claims of a user, a JSON object, if any were set.
    async fn claims_of(&self, user: UserId) -> Result<Option<String>>;

    /// The members of a group, after `after`; `None` when there is no such group.
    async fn members(
        &self,
        group: &str,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Option<Vec<UserId>>>;

    /// Replaces the standard claims of a user, a JSON object; `false` when there is no such user.
    async fn set_claims(&self, user: UserId, claims: &str, trail: Trail) -> Result<bool>;
}
