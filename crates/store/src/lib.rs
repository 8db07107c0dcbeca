//! What Tokenhouse remembers, and the only place where it does.
//!
//! [`Store`] is the whole boundary, in the words of the use cases. One method is one atomic
//! transaction; absence is an `Option`, an expected conflict an outcome, and only trouble an
//! [`Error`]. Identifiers and digests are arguments, so that an ambiguous commit can be repeated.
//! Two engines implement it, each with the SQL that suits it; one contract suite holds both.

mod applications;
mod client_keys;
mod client_registrations;
mod device_codes;
mod exchange;
mod facts;
mod logouts;
mod migration;
mod open;
#[cfg(feature = "planted-bugs")]
pub mod planted;
mod postgres;
mod pushed_requests;
mod sqlite;

use std::time::Duration;

use async_trait::async_trait;
use tokenhouse_rules::document::Version;
use tokenhouse_rules::id::{EventId, LinkId, MailId, SessionId, UserId};
use tokenhouse_rules::limit::{Cost, Verdict};
use tokenhouse_rules::link::Purpose;
use tokenhouse_rules::time::Timestamp;
use uuid::Uuid;

pub use applications::Applications;
pub use client_keys::ClientKeys;
pub use client_registrations::ClientRegistrations;
pub use device_codes::DeviceCodes;
pub use exchange::Exchange;
pub use facts::*;
pub use logouts::Logouts;
pub use migration::{Migration, Schema};
pub use open::{BadUrl, Engine, Location, PostgresOptions};
pub use postgres::Postgres;
pub use pushed_requests::PushedRequests;
pub use sqlite::Sqlite;

/// Trouble. What a caller can act on: try later, or call somebody.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be reached, is read-only, full or too slow. Worth another try later.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// What is stored contradicts what this release knows.
    #[error("the database holds something unexpected: {0}")]
    Corrupt(String),
    /// The driver refused; a defect of ours.
    #[error("the database driver failed")]
    Driver(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// How long links and mails stay to be looked at once they have done what they are for.
pub(crate) const KEPT_AFTER_USE: Duration = Duration::from_secs(7 * 86_400);

/// The result of every question and write.
pub type Result<T> = std::result::Result<T, Error>;

/// Everything that outlives a request.
#[async_trait]
pub trait Store:
    Applications + ClientKeys + ClientRegistrations + DeviceCodes + Exchange + Logouts + PushedRequests
{
    /// Which engine this is; for display.
    fn engine(&self) -> Engine;

    /// Asks the database for its time; the cheapest proof that it answers.
    async fn now(&self) -> Result<Timestamp>;

    /// Applies every migration that is missing, whoever else does so at the same time, and names
    /// those it applied itself.
    async fn migrate(&self) -> Result<Vec<Migration>>;

    /// Which migrations are applied, and whether this release can work with them.
    async fn schema(&self) -> Result<Schema>;

    /// Which of these login names are taken already, after counting an attempt of the client's address (its
    /// throttle key and what an attempt costs it), where there is a limit.
    async fn registration_facts(
        &self,
        names: Vec<String>,
        address: Option<(String, Cost)>,
    ) -> Result<RegistrationFacts>;

    /// Makes a user with names, password and empty document, and opens a session when asked to.
    /// Repeating it with the same id is success.
    async fn register(&self, new: NewUser) -> Result<Registered>;

    /// Counts an attempt to sign in, then gives what is needed to judge it.
    async fn sign_in_facts(&self, question: SignIn) -> Result<SignInFacts>;

    /// Opens a session if the account is still what it was judged by, gives back the attempts that
    /// the success refunds, and replaces an outdated hash.
    async fn open_session(&self, opening: OpenSession) -> Result<Opened>;

    /// The living session's user and her document: the hot read.
    async fn session_with_data(&self, session: &SessionKey) -> Result<Option<SessionData>>;

    /// Writes down that a session was used. Never revives one that has ended.
    async fn renew_session(&self, session: SessionId, live_until: Timestamp) -> Result<()>;

    /// Replaces the document; with `only_if`, only when the current version is one of those.
    async fn write_data(
        &self,
        session: &SessionKey,
        body: String,
        only_if: Option<Vec<Version>>,
    ) -> Result<Written>;

    /// Ends one or all of the user's sessions on the word of a living one.
    async fn end_sessions(
        &self,
        session: &SessionKey,
        target: Target,
        trail: Trail,
    ) -> Result<Ended>;

    /// The user's sessions that are alive, oldest first, after `after`.
    async fn sessions(
        &self,
        session: &SessionKey,
        after: Option<SessionId>,
        limit: u32,
    ) -> Result<Option<Vec<Session>>>;

    /// The credential behind a living session, after counting an attempt on its account.
    async fn credential_facts(
        &self,
        session: &SessionKey,
        account: Option<Cost>,
    ) -> Result<Option<CredentialFacts>>;

    /// Replaces the password if the account is still in `epoch`; ends every session but this one.
    /// `false` when somebody else was quicker.
    async fn change_password(&self, change: ChangePassword) -> Result<bool>;

    /// Deletes the user and all that is hers but the trail, and but mails that tell of a fact and wait, if she is
    /// still in `epoch` (when given). The mail tells her confirmed address.
    async fn delete_user(
        &self,
        user: UserId,
        epoch: Option<i64>,
        mail: Option<NewMail>,
        trail: Trail,
    ) -> Result<Removed>;

    /// Ends all sessions of a user and has her account deleted later.
    async fn schedule_deletion(&self, deletion: ScheduleDeletion) -> Result<Removed>;

    /// Thinks again: the account of a living session is not deleted. Done, and nothing noted, when it was not to
    /// be. Never [`Ended::NoSuch`].
    async fn keep_account(&self, session: &SessionKey, trail: Trail) -> Result<Ended>;

    /// The living session's user, with all that only she sees of herself.
    async fn profile(&self, session: &SessionKey) -> Result<Option<Profile>>;

    /// Keeps the language and the looks that the owner of a living session chose, or that she has no choice of
    /// hers; `false` without one.
    async fn choose(
        &self,
        session: &SessionKey,
        language: Option<String>,
        theme: Option<String>,
    ) -> Result<bool>;

    /// Makes an invitation, or a link to set this server up; `false` when setup is closed.
    async fn make_link(&self, link: MakeLink) -> Result<bool>;

    /// What is known of a link of that purpose.
    async fn link(&self, id: LinkId, purpose: Purpose) -> Result<Option<LinkFacts>>;

    /// Has a link for a new password sent, if the name is somebody's whose confirmed address is known. What is
    /// answered, and how long it takes, does not tell whether it is.
    /// Like a count it does not wait for the disk.
    async fn ask_recovery(&self, asked: AskRecovery) -> Result<Verdict>;

    /// Sets a password by a link; ends all sessions and gives the attempts to sign in back. The user, or none
    /// when the link may not be used (any more).
    async fn reset_password(&self, reset: ResetPassword) -> Result<Option<User>>;

    /// Notes the address that a person wants and has a link sent to it; `false` when she is in another epoch.
    async fn ask_email(&self, asked: AskEmail) -> Result<bool>;

    /// Has the link that confirms an address sent once more; `None` when who asks may not (any more), `false`
    /// when there is nothing to confirm. Over the recipient's limit nothing is written: the former link stays.
    async fn ask_again(&self, asked: AskAgain) -> Result<Option<bool>>;

    /// Forgets the address that a person asked for, and ends its links. Done, and nothing noted, when she had
    /// asked for none. Never [`Ended::NoSuch`].
    async fn withdraw_email(&self, session: &SessionKey, trail: Trail) -> Result<Ended>;

    /// Makes an address its reader's, by the link that was sent to it. The former address is a name to sign in
    /// with no more, unless it is the user name.
    async fn confirm_email(&self, confirm: ConfirmEmail) -> Result<Confirmed>;

    /// Whether this server is set up.
    async fn setup_state(&self) -> Result<SetupState>;

    /// Makes the first administrator and closes setup: one winner, whoever tries at once.
    async fn set_up(&self, setup: SetUp) -> Result<SetUpDone>;

    /// Makes a user an administrator and closes setup; `false` when there is no such user. Nothing is noted
    /// when she is one already.
    async fn grant_administrator(&self, user: UserId, trail: Trail) -> Result<bool>;

    /// Takes the rights of an administrator; the last one keeps them.
    async fn revoke_administrator(&self, user: UserId, trail: Trail) -> Result<Revoked>;

    /// All administrators, by identifier.
    async fn administrators(&self) -> Result<Vec<User>>;

    /// Takes up to `limit` mails that are due and that nobody holds, for the length of `lease`, the oldest first.
    async fn claim_mails(&self, holder: Uuid, lease: Duration, limit: u32) -> Result<Vec<Mail>>;

    /// Notes that a server accepted a mail; `false` when the lease had gone to another.
    async fn mail_sent(&self, id: MailId, holder: Uuid) -> Result<bool>;

    /// Notes that a mail was not accepted: due again after `again`, or given up. `false` when the lease had gone
    /// to another.
    async fn mail_failed(
        &self,
        id: MailId,
        holder: Uuid,
        error: String,
        again: Option<Duration>,
    ) -> Result<bool>;

    /// Mails, newest first, before `before`; of one state when given.
    async fn mails(
        &self,
        state: Option<MailState>,
        before: Option<MailId>,
        limit: u32,
    ) -> Result<Vec<Mail>>;

    /// Has a mail that waits or was given up tried at once; `false` when there is none such.
    async fn retry_mail(&self, id: MailId) -> Result<bool>;

    /// Everything stored about the user.
    async fn export(&self, session: &SessionKey, trail: Trail) -> Result<Option<Export>>;

    /// Looks a user up by identifier.
    async fn user(&self, id: UserId) -> Result<Option<User>>;

    /// Looks a user up by login name.
    async fn user_by_name(&self, key: &str) -> Result<Option<User>>;

    /// Users by identifier, after `after`.
    async fn users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<User>>;

    /// The living sessions of a user, for an operator.
    async fn user_sessions(&self, user: UserId) -> Result<Vec<Session>>;

    /// Locks or unlocks an account. Locking ends its sessions, unlocking gives its attempts to sign in
    /// back. `false` when there is no such user.
    async fn lock_user(&self, user: UserId, lock: bool, trail: Trail) -> Result<bool>;

    /// Sets a password without asking for the old one; ends all sessions and gives the attempts to sign
    /// in back.
    async fn set_password(&self, user: UserId, hash: String, trail: Trail) -> Result<bool>;

    /// Ends all sessions of a user.
    async fn sign_out(&self, user: UserId, trail: Trail) -> Result<bool>;

    /// The audit trail, newest first, before `before`; of one user when given.
    async fn events(
        &self,
        user: Option<UserId>,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<AuditEvent>>;

    /// Takes a due task that nobody holds, for the length of `lease`.
    async fn claim_task(&self, holder: Uuid, lease: Duration) -> Result<Option<String>>;

    /// Gives a task back, due again after `again`; `false` when the lease had gone to another.
    async fn finish_task(&self, name: &str, holder: Uuid, again: Duration) -> Result<bool>;

    /// Extends the lease on a task; `false` when it had gone to another.
    async fn extend_task(&self, name: &str, holder: Uuid, lease: Duration) -> Result<bool>;

    /// Deletes up to `limit` rows of each kind that expired (and audit rows older than
    /// `keep_events`; links and mails that were used, sent or given up a week ago; accounts whose time to think
    /// again is over, with an audit row each); how many went. Housekeeping only: no answer depends on it.
    async fn delete_expired(&self, limit: u32, keep_events: Duration) -> Result<u64>;

    /// State of the connections, for metrics: in use and idle.
    fn connections(&self) -> (usize, usize);
}
