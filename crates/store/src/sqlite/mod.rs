//! The embedded engine: one file, any number of processes of one machine.
//!
//! Reads run inline on the caller's thread, from a small set of connections (microseconds each, and
//! WAL readers never wait). Writes of all requests in flight share one transaction and one fsync
//! ([`writer`]). `synchronous = FULL`: what was acknowledged survives a power cut. The clock is the
//! machine's, which all processes of it share.

mod account;
mod administration;
mod applications;
mod client_keys;
mod connection;
mod email;
mod housekeeping;
mod links;
mod logouts;
mod mails;
mod person;
mod pushed_requests;
mod readers;
mod recovery;
mod register;
mod rows;
mod schema;
mod session;
mod sign_in;
mod writer;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::Connection;
use tokenhouse_rules::document::Version;
use tokenhouse_rules::id::{EventId, LinkId, MailId, SessionId, UserId};
use tokenhouse_rules::limit::{Cost, Verdict};
use tokenhouse_rules::link::Purpose;
use tokenhouse_rules::time::Timestamp;
use uuid::Uuid;

use connection::{clock, connect};

use crate::{
    AskAgain, AskEmail, AskRecovery, AuditEvent, ChangePassword, ConfirmEmail, Confirmed,
    CredentialFacts, Ended, Engine, Export, LinkFacts, Mail, MailState, MakeLink, Migration,
    NewMail, NewUser, OpenSession, Opened, Profile, Registered, RegistrationFacts, Removed,
    ResetPassword, Result, Revoked, ScheduleDeletion, Schema, Session, SessionData, SessionKey,
    SetUp, SetUpDone, SetupState, SignIn, SignInFacts, Store, Target, Trail, User, Written,
};

/// An open SQLite file.
pub struct Sqlite {
    readers: readers::Readers,
    writer: writer::Writer,
}

impl Sqlite {
    /// Opens the file, making it (but no schema in it) when it is not there.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the file or its folder cannot be used.
    pub fn open(path: &Path) -> Result<Self> {
        let writer = writer::Writer::start(path)?;
        Ok(Self { readers: readers::Readers::new(path), writer })
    }

    fn read<T>(&self, question: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        self.readers.with(question)
    }

    async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.run(writer::Durability::OnDisk, change).await
    }

    /// Counts an attempt, which nobody is told of.
    async fn count<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.run(writer::Durability::Seen, change).await
    }
}

#[async_trait]
impl Store for Sqlite {
    fn engine(&self) -> Engine {
        Engine::Sqlite
    }

    async fn now(&self) -> Result<Timestamp> {
        self.read(|c| c.query_row("SELECT 1", [], |_| Ok(()))).map(|()| clock())
    }

    async fn migrate(&self) -> Result<Vec<Migration>> {
        if self.read(schema::state).is_ok_and(|state| state.is_acceptable()) {
            return Ok(Vec::new());
        }
        self.write(schema::migrate).await
    }

    async fn schema(&self) -> Result<Schema> {
        self.read(schema::state)
    }

    async fn registration_facts(
        &self,
        names: Vec<String>,
        address: Option<(String, Cost)>,
    ) -> Result<RegistrationFacts> {
        match address {
            None => self.read(|c| register::facts(c, &names)),
            Some((key, cost)) => {
                self.count(move |c| register::counted_facts(c, &names, &key, cost)).await
            }
        }
    }

    async fn register(&self, new: NewUser) -> Result<Registered> {
        self.write(move |c| register::register(c, &new)).await
    }

    async fn sign_in_facts(&self, question: SignIn) -> Result<SignInFacts> {
        self.count(move |c| sign_in::facts(c, &question)).await
    }

    async fn open_session(&self, opening: OpenSession) -> Result<Opened> {
        self.write(move |c| sign_in::open_session(c, &opening)).await
    }

    async fn session_with_data(&self, session: &SessionKey) -> Result<Option<SessionData>> {
        self.read(|c| session::with_data(c, session))
    }

    async fn renew_session(&self, session: SessionId, live_until: Timestamp) -> Result<()> {
        self.write(move |c| session::renew(c, session, live_until)).await
    }

    async fn write_data(
        &self,
        session: &SessionKey,
        body: String,
        only_if: Option<Vec<Version>>,
    ) -> Result<Written> {
        let session = *session;
        self.write(move |c| session::write_data(c, &session, &body, only_if.as_deref())).await
    }

    async fn end_sessions(
        &self,
        session: &SessionKey,
        target: Target,
        trail: Trail,
    ) -> Result<Ended> {
        let session = *session;
        self.write(move |c| session::end(c, &session, target, &trail)).await
    }

    async fn sessions(
        &self,
        session: &SessionKey,
        after: Option<SessionId>,
        limit: u32,
    ) -> Result<Option<Vec<Session>>> {
        self.read(|c| session::list(c, session, after, limit))
    }

    async fn credential_facts(
        &self,
        session: &SessionKey,
        account: Option<Cost>,
    ) -> Result<Option<CredentialFacts>> {
        let session = *session;
        self.count(move |c| sign_in::credential_facts(c, &session, account)).await
    }

    async fn change_password(&self, change: ChangePassword) -> Result<bool> {
        self.write(move |c| account::change_password(c, &change)).await
    }

    async fn delete_user(
        &self,
        user: UserId,
        epoch: Option<i64>,
        mail: Option<NewMail>,
        trail: Trail,
    ) -> Result<Removed> {
        self.write(move |c| administration::delete(c, user, epoch, mail.as_ref(), &trail)).await
    }

    async fn schedule_deletion(&self, deletion: ScheduleDeletion) -> Result<Removed> {
        self.write(move |c| administration::schedule(c, &deletion)).await
    }

    async fn keep_account(&self, session: &SessionKey, trail: Trail) -> Result<Ended> {
        let session = *session;
        self.write(move |c| administration::keep(c, &session, &trail)).await
    }

    async fn profile(&self, session: &SessionKey) -> Result<Option<Profile>> {
        self.read(|c| person::profile(c, session))
    }

    async fn choose(
        &self,
        session: &SessionKey,
        language: Option<String>,
        theme: Option<String>,
    ) -> Result<bool> {
        let session = *session;
        self.write(move |c| person::choose(c, &session, language.as_deref(), theme.as_deref()))
            .await
    }

    async fn make_link(&self, link: MakeLink) -> Result<bool> {
        self.write(move |c| links::make(c, &link)).await
    }

    async fn link(&self, id: LinkId, purpose: Purpose) -> Result<Option<LinkFacts>> {
        self.read(|c| links::facts(c, id, purpose))
    }

    /// Not told apart by a wait for the disk: whoever asks is answered alike, as after a count.
    async fn ask_recovery(&self, asked: AskRecovery) -> Result<Verdict> {
        self.count(move |c| recovery::ask(c, &asked)).await
    }

    async fn reset_password(&self, reset: ResetPassword) -> Result<Option<User>> {
        self.write(move |c| recovery::reset(c, &reset)).await
    }

    async fn ask_email(&self, asked: AskEmail) -> Result<bool> {
        self.write(move |c| email::ask(c, &asked)).await
    }

    async fn ask_again(&self, asked: AskAgain) -> Result<Option<bool>> {
        self.write(move |c| email::ask_again(c, &asked)).await
    }

    async fn withdraw_email(&self, session: &SessionKey, trail: Trail) -> Result<Ended> {
        let session = *session;
        self.write(move |c| email::withdraw(c, &session, &trail)).await
    }

    async fn confirm_email(&self, confirm: ConfirmEmail) -> Result<Confirmed> {
        self.write(move |c| email::confirm(c, &confirm)).await
    }

    async fn setup_state(&self) -> Result<SetupState> {
        self.read(administration::setup_state)
    }

    async fn set_up(&self, setup: SetUp) -> Result<SetUpDone> {
        self.write(move |c| register::set_up(c, &setup)).await
    }

    async fn grant_administrator(&self, user: UserId, trail: Trail) -> Result<bool> {
        self.write(move |c| administration::grant(c, user, &trail)).await
    }

    async fn revoke_administrator(&self, user: UserId, trail: Trail) -> Result<Revoked> {
        self.write(move |c| administration::revoke(c, user, &trail)).await
    }

    async fn administrators(&self) -> Result<Vec<User>> {
        self.read(administration::administrators)
    }

    async fn claim_mails(&self, holder: Uuid, lease: Duration, limit: u32) -> Result<Vec<Mail>> {
        if !self.read(mails::is_due)? {
            return Ok(Vec::new());
        }
        self.write(move |c| mails::claim(c, holder, lease, limit)).await
    }

    async fn mail_sent(&self, id: MailId, holder: Uuid) -> Result<bool> {
        self.write(move |c| mails::sent(c, id, holder)).await
    }

    async fn mail_failed(
        &self,
        id: MailId,
        holder: Uuid,
        error: String,
        again: Option<Duration>,
    ) -> Result<bool> {
        self.write(move |c| mails::failed(c, id, holder, &error, again)).await
    }

    async fn mails(
        &self,
        state: Option<MailState>,
        before: Option<MailId>,
        limit: u32,
    ) -> Result<Vec<Mail>> {
        self.read(|c| mails::list(c, state, before, limit))
    }

    async fn retry_mail(&self, id: MailId) -> Result<bool> {
        self.write(move |c| mails::retry(c, id)).await
    }

    async fn export(&self, session: &SessionKey, trail: Trail) -> Result<Option<Export>> {
        let session = *session;
        self.write(move |c| person::export(c, &session, &trail)).await
    }

    async fn user(&self, id: UserId) -> Result<Option<User>> {
        self.read(|c| account::by_id(c, id))
    }

    async fn user_by_name(&self, key: &str) -> Result<Option<User>> {
        self.read(|c| account::by_name(c, key))
    }

    async fn users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<User>> {
        self.read(|c| account::list(c, after, limit))
    }

    async fn user_sessions(&self, user: UserId) -> Result<Vec<Session>> {
        self.read(|c| session::of_user(c, user, None, u32::MAX))
    }

    async fn lock_user(&self, user: UserId, lock: bool, trail: Trail) -> Result<bool> {
        self.write(move |c| account::lock(c, user, lock, &trail)).await
    }

    async fn set_password(&self, user: UserId, hash: String, trail: Trail) -> Result<bool> {
        self.write(move |c| account::set_password(c, user, &hash, &trail)).await
    }

    async fn sign_out(&self, user: UserId, trail: Trail) -> Result<bool> {
        self.write(move |c| account::sign_out(c, user, &trail)).await
    }

    async fn events(
        &self,
        user: Option<UserId>,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<AuditEvent>> {
        self.read(|c| housekeeping::events(c, user, before, limit))
    }

    async fn claim_task(&self, holder: Uuid, lease: Duration) -> Result<Option<String>> {
        if !self.read(housekeeping::task_due)? {
            return Ok(None);
        }
        self.write(move |c| housekeeping::claim(c, holder, lease)).await
    }

    async fn finish_task(&self, name: &str, holder: Uuid, again: Duration) -> Result<bool> {
        let name = name.to_owned();
        self.write(move |c| housekeeping::finish(c, &name, holder, again)).await
    }

    async fn extend_task(&self, name: &str, holder: Uuid, lease: Duration) -> Result<bool> {
        let name = name.to_owned();
        self.write(move |c| housekeeping::extend(c, &name, holder, lease)).await
    }

    async fn delete_expired(&self, limit: u32, keep_events: Duration) -> Result<u64> {
        self.write(move |c| housekeeping::delete_expired(c, limit, keep_events)).await
    }

    fn connections(&self) -> (usize, usize) {
        self.readers.count()
    }
}
