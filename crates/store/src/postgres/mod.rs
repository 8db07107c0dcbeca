//! The PostgreSQL engine, for any number of machines. Version 13 and later.
//!
//! One method is one statement wherever it can be: writes that belong together are one statement of
//! several `WITH` parts, so that there is nothing to roll back and one round trip to pay. The clock is
//! the server's (`now()`); no process's clock decides anything.
//!
//! The statements that a flood consists of, the read of a session, the opening of one and what services ask of
//! a token, are gathered (`batch`) and travel on connections of their own; the rest share a pool.

mod account;
mod administration;
mod applications;
mod batch;
mod bounds;
mod client_keys;
mod connection;
mod email;
mod housekeeping;
mod links;
mod logouts;
mod mails;
mod open_session;
mod param;
mod parts;
mod person;
mod pushed_requests;
mod read;
mod recovery;
mod register;
mod rows;
mod schema;
mod session;
mod sign_in;
mod tls;

use std::time::Duration;

use async_trait::async_trait;
use tokenhouse_rules::document::Version;
use tokenhouse_rules::id::{EventId, LinkId, MailId, SessionId, UserId};
use tokenhouse_rules::limit::{Cost, Verdict};
use tokenhouse_rules::link::Purpose;
use tokenhouse_rules::time::Timestamp;
use uuid::Uuid;

use applications::Asked;
use batch::{Batches, LANES};
use connection::{Database, Server};
use open_session::Openings;
use read::Reads;

use crate::{
    AskAgain, AskEmail, AskRecovery, AuditEvent, ChangePassword, ConfirmEmail, Confirmed,
    CredentialFacts, Ended, Engine, Export, LinkFacts, Mail, MailState, MakeLink, Migration,
    NewMail, NewUser, OpenSession, Opened, PostgresOptions, Profile, Registered, RegistrationFacts,
    Removed, ResetPassword, Result, Revoked, ScheduleDeletion, Schema, Session, SessionData,
    SessionKey, SetUp, SetUpDone, SetupState, SignIn, SignInFacts, Store, Target, Trail, User,
    Written,
};

/// Connections to a PostgreSQL server.
pub struct Postgres {
    db: Database,
    reads: Batches<Reads>,
    openings: Batches<Openings>,
    asked: Batches<Asked>,
}

impl Postgres {
    /// Prepares to connect; the server need not be there yet.
    ///
    /// # Errors
    /// [`crate::Error`] for a URL that cannot be understood or a certificate that cannot be read.
    pub fn open(url: &str, options: PostgresOptions) -> Result<Self> {
        let server = Server::new(url, options)?;
        let rest = options.connections.saturating_sub(3 * LANES).max(1);
        let reads = Reads(server.connections(LANES)?);
        let openings = Openings(server.connections(LANES)?);
        let asked = Asked(server.connections(LANES)?);
        Ok(Self {
            db: server.connections(rest)?,
            reads: Batches::new(reads, options.batch),
            openings: Batches::new(openings, together(options.batch)),
            asked: Batches::new(asked, options.batch),
        })
    }
}

/// Openings to a statement, where so many reads go to one: each statement of openings is a wait for the
/// disk besides. One stays one: who turns batches off turns off both.
fn together(reads: usize) -> usize {
    if reads > 1 { reads.saturating_mul(4) } else { reads }
}

#[async_trait]
impl Store for Postgres {
    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    async fn now(&self) -> Result<Timestamp> {
        rows::instant(&self.db.ask_one("SELECT now()", &[]).await?, 0)
    }

    async fn migrate(&self) -> Result<Vec<Migration>> {
        schema::migrate(&self.db).await
    }

    async fn schema(&self) -> Result<Schema> {
        schema::state(&self.db).await
    }

    async fn registration_facts(
        &self,
        names: Vec<String>,
        address: Option<(String, Cost)>,
    ) -> Result<RegistrationFacts> {
        register::facts(&self.db, &names, address).await
    }

    async fn register(&self, new: NewUser) -> Result<Registered> {
        register::register(&self.db, &new).await
    }

    async fn sign_in_facts(&self, question: SignIn) -> Result<SignInFacts> {
        sign_in::facts(&self.db, &question).await
    }

    async fn open_session(&self, opening: OpenSession) -> Result<Opened> {
        self.openings.ask(opening).await
    }

    async fn session_with_data(&self, session: &SessionKey) -> Result<Option<SessionData>> {
        self.reads.ask(*session).await
    }

    async fn renew_session(&self, session: SessionId, live_until: Timestamp) -> Result<()> {
        session::renew(&self.db, session, live_until).await
    }

    async fn write_data(
        &self,
        session: &SessionKey,
        body: String,
        only_if: Option<Vec<Version>>,
    ) -> Result<Written> {
        session::write_data(&self.db, session, &body, only_if.as_deref()).await
    }

    async fn end_sessions(
        &self,
        session: &SessionKey,
        target: Target,
        trail: Trail,
    ) -> Result<Ended> {
        session::end(&self.db, session, target, &trail).await
    }

    async fn sessions(
        &self,
        session: &SessionKey,
        after: Option<SessionId>,
        limit: u32,
    ) -> Result<Option<Vec<Session>>> {
        session::list(&self.db, session, after, limit).await
    }

    async fn credential_facts(
        &self,
        session: &SessionKey,
        account: Option<Cost>,
    ) -> Result<Option<CredentialFacts>> {
        sign_in::credential_facts(&self.db, session, account).await
    }

    async fn change_password(&self, change: ChangePassword) -> Result<bool> {
        account::change_password(&self.db, &change).await
    }

    async fn delete_user(
        &self,
        user: UserId,
        epoch: Option<i64>,
        mail: Option<NewMail>,
        trail: Trail,
    ) -> Result<Removed> {
        administration::delete(&self.db, user, epoch, mail.as_ref(), &trail).await
    }

    async fn schedule_deletion(&self, deletion: ScheduleDeletion) -> Result<Removed> {
        administration::schedule(&self.db, &deletion).await
    }

    async fn keep_account(&self, session: &SessionKey, trail: Trail) -> Result<Ended> {
        administration::keep(&self.db, session, &trail).await
    }

    async fn profile(&self, session: &SessionKey) -> Result<Option<Profile>> {
        person::profile(&self.db, session).await
    }

    async fn choose(
        &self,
        session: &SessionKey,
        language: Option<String>,
        theme: Option<String>,
    ) -> Result<bool> {
        person::choose(&self.db, session, language.as_deref(), theme.as_deref()).await
    }

    async fn make_link(&self, link: MakeLink) -> Result<bool> {
        links::make(&self.db, &link).await
    }

    async fn link(&self, id: LinkId, purpose: Purpose) -> Result<Option<LinkFacts>> {
        links::facts(&self.db, id, purpose).await
    }

    async fn ask_recovery(&self, asked: AskRecovery) -> Result<Verdict> {
        recovery::ask(&self.db, &asked).await
    }

    async fn reset_password(&self, reset: ResetPassword) -> Result<Option<User>> {
        recovery::reset(&self.db, &reset).await
    }

    async fn ask_email(&self, asked: AskEmail) -> Result<bool> {
        email::ask(&self.db, &asked).await
    }

    async fn ask_again(&self, asked: AskAgain) -> Result<Option<bool>> {
        email::ask_again(&self.db, &asked).await
    }

    async fn withdraw_email(&self, session: &SessionKey, trail: Trail) -> Result<Ended> {
        email::withdraw(&self.db, session, &trail).await
    }

    async fn confirm_email(&self, confirm: ConfirmEmail) -> Result<Confirmed> {
        email::confirm(&self.db, &confirm).await
    }

    async fn setup_state(&self) -> Result<SetupState> {
        administration::setup_state(&self.db).await
    }

    async fn set_up(&self, setup: SetUp) -> Result<SetUpDone> {
        register::set_up(&self.db, &setup).await
    }

    async fn grant_administrator(&self, user: UserId, trail: Trail) -> Result<bool> {
        administration::grant(&self.db, user, &trail).await
    }

    async fn revoke_administrator(&self, user: UserId, trail: Trail) -> Result<Revoked> {
        administration::revoke(&self.db, user, &trail).await
    }

    async fn administrators(&self) -> Result<Vec<User>> {
        administration::administrators(&self.db).await
    }

    async fn claim_mails(&self, holder: Uuid, lease: Duration, limit: u32) -> Result<Vec<Mail>> {
        mails::claim(&self.db, holder, lease, limit).await
    }

    async fn mail_sent(&self, id: MailId, holder: Uuid) -> Result<bool> {
        mails::sent(&self.db, id, holder).await
    }

    async fn mail_failed(
        &self,
        id: MailId,
        holder: Uuid,
        error: String,
        again: Option<Duration>,
    ) -> Result<bool> {
        mails::failed(&self.db, id, holder, &error, again).await
    }

    async fn mails(
        &self,
        state: Option<MailState>,
        before: Option<MailId>,
        limit: u32,
    ) -> Result<Vec<Mail>> {
        mails::list(&self.db, state, before, limit).await
    }

    async fn retry_mail(&self, id: MailId) -> Result<bool> {
        mails::retry(&self.db, id).await
    }

    async fn export(&self, session: &SessionKey, trail: Trail) -> Result<Option<Export>> {
        person::export(&self.db, session, &trail).await
    }

    async fn user(&self, id: UserId) -> Result<Option<User>> {
        account::by_id(&self.db, id).await
    }

    async fn user_by_name(&self, key: &str) -> Result<Option<User>> {
        account::by_name(&self.db, key).await
    }

    async fn users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<User>> {
        account::list(&self.db, after, limit).await
    }

    async fn user_sessions(&self, user: UserId) -> Result<Vec<Session>> {
        session::of_user(&self.db, user, None, i64::MAX).await
    }

    async fn lock_user(&self, user: UserId, lock: bool, trail: Trail) -> Result<bool> {
        account::lock(&self.db, user, lock, &trail).await
    }

    async fn set_password(&self, user: UserId, hash: String, trail: Trail) -> Result<bool> {
        account::set_password(&self.db, user, &hash, &trail).await
    }

    async fn sign_out(&self, user: UserId, trail: Trail) -> Result<bool> {
        account::sign_out(&self.db, user, &trail).await
    }

    async fn events(
        &self,
        user: Option<UserId>,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<AuditEvent>> {
        housekeeping::events(&self.db, user, before, limit).await
    }

    async fn claim_task(&self, holder: Uuid, lease: Duration) -> Result<Option<String>> {
        housekeeping::claim(&self.db, holder, lease).await
    }

    async fn finish_task(&self, name: &str, holder: Uuid, again: Duration) -> Result<bool> {
        housekeeping::finish(&self.db, name, holder, again).await
    }

    async fn extend_task(&self, name: &str, holder: Uuid, lease: Duration) -> Result<bool> {
        housekeeping::extend(&self.db, name, holder, lease).await
    }

    async fn delete_expired(&self, limit: u32, keep_events: Duration) -> Result<u64> {
        housekeeping::delete_expired(&self.db, limit, keep_events).await
    }

    fn connections(&self) -> (usize, usize) {
        let (reads, openings) = (&self.reads.kind().0, &self.openings.kind().0);
        let all = [&self.db, reads, openings, &self.asked.kind().0];
        all.iter()
            .map(|db| db.connections())
            .fold((0, 0), |(busy, idle), more| (busy + more.0, idle + more.1))
    }
}
