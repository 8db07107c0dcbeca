//! A store with one bug before a sound one. What is not bugged is passed on.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use async_trait::async_trait;
use tokenhouse_rules::document::Version;
use tokenhouse_rules::id::{EventId, LinkId, MailId, SessionId, UserId};
use tokenhouse_rules::limit::{self, Cost, Verdict};
use tokenhouse_rules::link::Purpose;
use tokenhouse_rules::time::Timestamp;
use uuid::Uuid;

use super::limiter::Limiter;
use super::stale_row::{self, Read};
use super::{argument, is};
use crate::{
    AskAgain, AskEmail, AskRecovery, AuditEvent, ChangePassword, ConfirmEmail, Confirmed,
    CredentialFacts, Ended, Engine, Error, Export, LinkFacts, Mail, MailState, MakeLink, Migration,
    NewMail, NewUser, OpenSession, Opened, Postgres, Profile, Registered, RegistrationFacts,
    Removed, ResetPassword, Result, Revoked, ScheduleDeletion, Schema, Session, SessionData,
    SessionKey, SetUp, SetUpDone, SetupState, SignIn, SignInFacts, Store, Target, Trail, User,
    Written,
};

/// How long the session cache believes.
const CACHED: Duration = Duration::from_secs(1);

pub(super) struct Broken {
    pub(super) sound: Postgres,
    /// A standby that is asked for sessions.
    standby: Option<Postgres>,
    cache: Mutex<HashMap<SessionId, (Instant, SessionData)>>,
    /// The rows that were read last, to be saved whole.
    rows: Mutex<HashMap<SessionId, Read>>,
    limiter: Limiter,
}

impl Broken {
    pub(super) fn new(sound: Postgres, standby: Option<Postgres>) -> Self {
        Self {
            sound,
            standby,
            cache: Mutex::default(),
            rows: Mutex::default(),
            limiter: Limiter::default(),
        }
    }

    /// Whether a session is alive by the clock of this process.
    fn lives(found: &SessionData) -> bool {
        local_clock().is_none_or(|now| now < found.expiry.live_until)
    }
}

/// This process's clock, which is wrong by the bug's argument in seconds.
fn local_clock() -> Option<Timestamp> {
    let wrong = argument("local_clock")?.parse().unwrap_or_default();
    Some(Timestamp::from(SystemTime::now()).plus(Duration::from_secs(wrong)))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Store for Broken {
    fn engine(&self) -> Engine {
        self.sound.engine()
    }

    async fn session_with_data(&self, key: &SessionKey) -> Result<Option<SessionData>> {
        if is("session_cache")
            && let Some((since, found)) = lock(&self.cache).get(&key.id)
            && since.elapsed() < CACHED
        {
            return Ok(Some(found.clone()));
        }
        let asked = self.standby.as_ref().unwrap_or(&self.sound);
        let found = asked.session_with_data(key).await?.filter(Self::lives);
        if let Some(found) = &found {
            lock(&self.cache).insert(key.id, (Instant::now(), found.clone()));
            lock(&self.rows).insert(key.id, (*key, found.clone()));
        }
        Ok(found)
    }

    async fn renew_session(&self, session: SessionId, until: Timestamp) -> Result<()> {
        self.sound.renew_session(session, until).await?;
        let read = lock(&self.rows).get(&session).cloned();
        match read {
            Some(read) if is("revived_by_renewal") => {
                stale_row::save(&self.sound, read, until).await
            }
            _ => Ok(()),
        }
    }

    async fn write_data(
        &self,
        session: &SessionKey,
        body: String,
        only_if: Option<Vec<Version>>,
    ) -> Result<Written> {
        let written = self.sound.write_data(session, body.clone(), only_if.clone()).await;
        match written {
            // It may be committed; to repeat it is to write twice.
            Err(Error::Unavailable(_)) if is("retry_unknown") => {
                self.sound.write_data(session, body, only_if).await
            }
            other => other,
        }
    }

    async fn sign_in_facts(&self, mut question: SignIn) -> Result<SignInFacts> {
        let account = match is("limiter_per_process") {
            true => question.account.take(),
            false => None,
        };
        let unknown_key = question.unknown_key.clone();
        let mut facts = self.sound.sign_in_facts(question).await?;
        if let Some(cost) = account
            && facts.verdict == Verdict::Admitted
        {
            let known = facts.credential.as_ref();
            let key = known.map_or(unknown_key, |known| limit::account_key(known.user.id));
            facts.verdict = self.limiter.charge(&key, cost);
        }
        facts.now = local_clock().unwrap_or(facts.now);
        Ok(facts)
    }

    async fn open_session(&self, opening: OpenSession) -> Result<Opened> {
        for refund in &opening.refunds {
            self.limiter.forget(&refund.key);
        }
        self.sound.open_session(opening).await
    }

    async fn now(&self) -> Result<Timestamp> {
        self.sound.now().await
    }

    async fn migrate(&self) -> Result<Vec<Migration>> {
        self.sound.migrate().await
    }

    async fn schema(&self) -> Result<Schema> {
        self.sound.schema().await
    }

    async fn registration_facts(
        &self,
        names: Vec<String>,
        address: Option<(String, Cost)>,
    ) -> Result<RegistrationFacts> {
        self.sound.registration_facts(names, address).await
    }

    async fn register(&self, new: NewUser) -> Result<Registered> {
        self.sound.register(new).await
    }

    async fn end_sessions(
        &self,
        session: &SessionKey,
        target: Target,
        trail: Trail,
    ) -> Result<Ended> {
        self.sound.end_sessions(session, target, trail).await
    }

    async fn sessions(
        &self,
        session: &SessionKey,
        after: Option<SessionId>,
        limit: u32,
    ) -> Result<Option<Vec<Session>>> {
        self.sound.sessions(session, after, limit).await
    }

    async fn credential_facts(
        &self,
        session: &SessionKey,
        account: Option<Cost>,
    ) -> Result<Option<CredentialFacts>> {
        self.sound.credential_facts(session, account).await
    }

    async fn change_password(&self, change: ChangePassword) -> Result<bool> {
        self.sound.change_password(change).await
    }

    async fn delete_user(
        &self,
        user: UserId,
        epoch: Option<i64>,
        mail: Option<NewMail>,
        trail: Trail,
    ) -> Result<Removed> {
        self.sound.delete_user(user, epoch, mail, trail).await
    }

    async fn schedule_deletion(&self, deletion: ScheduleDeletion) -> Result<Removed> {
        self.sound.schedule_deletion(deletion).await
    }

    async fn keep_account(&self, session: &SessionKey, trail: Trail) -> Result<Ended> {
        self.sound.keep_account(session, trail).await
    }

    async fn profile(&self, session: &SessionKey) -> Result<Option<Profile>> {
        self.sound.profile(session).await
    }

    async fn choose(
        &self,
        session: &SessionKey,
        language: Option<String>,
        theme: Option<String>,
    ) -> Result<bool> {
        self.sound.choose(session, language, theme).await
    }

    async fn make_link(&self, link: MakeLink) -> Result<bool> {
        self.sound.make_link(link).await
    }

    async fn link(&self, id: LinkId, purpose: Purpose) -> Result<Option<LinkFacts>> {
        self.sound.link(id, purpose).await
    }

    async fn ask_recovery(&self, asked: AskRecovery) -> Result<Verdict> {
        self.sound.ask_recovery(asked).await
    }

    async fn reset_password(&self, reset: ResetPassword) -> Result<Option<User>> {
        self.sound.reset_password(reset).await
    }

    async fn ask_email(&self, asked: AskEmail) -> Result<bool> {
        self.sound.ask_email(asked).await
    }

    async fn ask_again(&self, asked: AskAgain) -> Result<Option<bool>> {
        self.sound.ask_again(asked).await
    }

    async fn withdraw_email(&self, session: &SessionKey, trail: Trail) -> Result<Ended> {
        self.sound.withdraw_email(session, trail).await
    }

    async fn confirm_email(&self, confirm: ConfirmEmail) -> Result<Confirmed> {
        self.sound.confirm_email(confirm).await
    }

    async fn setup_state(&self) -> Result<SetupState> {
        self.sound.setup_state().await
    }

    async fn set_up(&self, setup: SetUp) -> Result<SetUpDone> {
        self.sound.set_up(setup).await
    }

    async fn grant_administrator(&self, user: UserId, trail: Trail) -> Result<bool> {
        self.sound.grant_administrator(user, trail).await
    }

    async fn revoke_administrator(&self, user: UserId, trail: Trail) -> Result<Revoked> {
        self.sound.revoke_administrator(user, trail).await
    }

    async fn administrators(&self) -> Result<Vec<User>> {
        self.sound.administrators().await
    }

    async fn claim_mails(&self, holder: Uuid, lease: Duration, limit: u32) -> Result<Vec<Mail>> {
        self.sound.claim_mails(holder, lease, limit).await
    }

    async fn mail_sent(&self, id: MailId, holder: Uuid) -> Result<bool> {
        self.sound.mail_sent(id, holder).await
    }

    async fn mail_failed(
        &self,
        id: MailId,
        holder: Uuid,
        error: String,
        again: Option<Duration>,
    ) -> Result<bool> {
        self.sound.mail_failed(id, holder, error, again).await
    }

    async fn mails(
        &self,
        state: Option<MailState>,
        before: Option<MailId>,
        limit: u32,
    ) -> Result<Vec<Mail>> {
        self.sound.mails(state, before, limit).await
    }

    async fn retry_mail(&self, id: MailId) -> Result<bool> {
        self.sound.retry_mail(id).await
    }

    async fn export(&self, session: &SessionKey, trail: Trail) -> Result<Option<Export>> {
        self.sound.export(session, trail).await
    }

    async fn user(&self, id: UserId) -> Result<Option<User>> {
        self.sound.user(id).await
    }

    async fn user_by_name(&self, key: &str) -> Result<Option<User>> {
        self.sound.user_by_name(key).await
    }

    async fn users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<User>> {
        self.sound.users(after, limit).await
    }

    async fn user_sessions(&self, user: UserId) -> Result<Vec<Session>> {
        self.sound.user_sessions(user).await
    }

    async fn lock_user(&self, user: UserId, lock: bool, trail: Trail) -> Result<bool> {
        self.sound.lock_user(user, lock, trail).await
    }

    async fn set_password(&self, user: UserId, hash: String, trail: Trail) -> Result<bool> {
        self.sound.set_password(user, hash, trail).await
    }

    async fn sign_out(&self, user: UserId, trail: Trail) -> Result<bool> {
        self.sound.sign_out(user, trail).await
    }

    async fn events(
        &self,
        user: Option<UserId>,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<AuditEvent>> {
        self.sound.events(user, before, limit).await
    }

    async fn claim_task(&self, holder: Uuid, lease: Duration) -> Result<Option<String>> {
        self.sound.claim_task(holder, lease).await
    }

    async fn finish_task(&self, name: &str, holder: Uuid, again: Duration) -> Result<bool> {
        self.sound.finish_task(name, holder, again).await
    }

    async fn extend_task(&self, name: &str, holder: Uuid, lease: Duration) -> Result<bool> {
        self.sound.extend_task(name, holder, lease).await
    }

    async fn delete_expired(&self, limit: u32, keep_events: Duration) -> Result<u64> {
        self.sound.delete_expired(limit, keep_events).await
    }

    fn connections(&self) -> (usize, usize) {
        self.sound.connections()
    }
}
