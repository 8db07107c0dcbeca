//! Sends what is in the outbox: mails are taken with a lease, by whichever process comes first.
//!
//! A process that is killed in the middle loses nothing: its leases run out and others take the mails again. Between the
//! server's yes and the note of it lies a moment in which that makes a mail come twice; such takings are counted.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use lettre::message::Mailbox;
use serde_json::{Value, json};
use tokenhouse_processes::lifecycle::Lifecycle;
use tokenhouse_rules::keys::RootSecret;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::{Mail, Result, Store};
use tokio::time::Instant;
use uuid::Uuid;

use super::address::mailbox;
use super::failed::Failed;
use super::letter::{self, NoLetter};
use super::message::{Label, message};
use super::post::{Connection, Post};
use super::{Mailing, backoff};
use crate::entropy;
use crate::log::{Level, Sink};
use crate::metrics::{MailOutcome, Metrics};
use crate::pages::Pages;
use crate::settings::Settings;

/// How often a process looks for mails that are due.
const POLL: Duration = Duration::from_secs(1);
/// The most that it takes, and sends, at once.
const MOST: u32 = 10;

/// What sending takes.
pub struct Sending {
    /// Where the mails are.
    pub store: Arc<dyn Store>,
    /// What links are made with.
    pub root: Arc<RootSecret>,
    /// Whom mails are given to, whom they are from, and how long that is tried.
    pub settings: Arc<Settings>,
    /// What mails are made of.
    pub pages: Arc<Pages>,
    /// Where they are counted.
    pub metrics: Arc<Metrics>,
    /// How long a mail belongs to the process that took it.
    pub lease: Duration,
}

/// Sends mails until the process drains; what is on its way then is waited for. Returns at once where mails are not
/// sent.
pub async fn run(sending: Sending, lifecycle: Lifecycle, log: Sink) {
    let Mailing::Smtp(smtp) = &sending.settings.mailing else { return };
    // What is left of the lease is for the note of what became of it.
    let patience = sending.lease * 3 / 4;
    let from = match mailbox(&sending.settings.mail_from) {
        Ok(from) => from,
        Err(bad) => return stopped(&log, &Failed::unprepared(bad, true)),
    };
    let post = match Post::new(smtp, &from, patience) {
        Ok(post) => post,
        Err(failed) => return stopped(&log, &failed),
    };
    let holder = Uuid::from_bytes(entropy::bytes());
    let sender = Sender { sending: &sending, post, from, holder, log: &log };
    let mut is_more = false;
    while !lifecycle.is_draining() {
        if !is_more {
            tokio::select! {
                () = lifecycle.draining() => return,
                () = tokio::time::sleep(POLL) => {}
            }
        }
        is_more = match sender.turn().await {
            Ok(taken) => taken >= MOST as usize,
            Err(error) => {
                log.event(
                    Level::Warn,
                    "tokenhouse.mail.unavailable",
                    json!({ "exception.message": error.to_string() }),
                );
                false
            }
        };
    }
}

/// A defect of the configuration that only shows here; mails wait for a process that has a better one.
fn stopped(log: &Sink, failed: &Failed) {
    let attributes =
        json!({ "error.type": failed.step.name(), "exception.message": failed.to_string() });
    log.event(Level::Error, "tokenhouse.mail.stopped", attributes);
}

struct Sender<'a> {
    sending: &'a Sending,
    post: Post,
    from: Mailbox,
    holder: Uuid,
    log: &'a Sink,
}

impl Sender<'_> {
    /// Takes what is due and sends it; how many that were.
    async fn turn(&self) -> Result<usize> {
        let until = Instant::now() + self.sending.lease;
        let Sending { store, lease, .. } = self.sending;
        let mails = store.claim_mails(self.holder, *lease, MOST).await?;
        if mails.is_empty() {
            return Ok(0);
        }
        let now = store.now().await?;
        let ended = join_all(mails.iter().map(|mail| self.deliver(mail, now, until))).await;
        let taken = ended.len();
        ended.into_iter().collect::<Result<Vec<()>>>().map(|_| taken)
    }

    async fn deliver(&self, mail: &Mail, now: Timestamp, until: Instant) -> Result<()> {
        if mail.is_retaken {
            self.sending.metrics.mail_retaken();
        }
        // Written where mails were not sent, or nobody sent any for days: nobody waits for it any more.
        if now.since(mail.due_at) > self.most(mail) {
            return self
                .note_failed(mail, &Failed::unprepared("it has waited too long", true))
                .await;
        }
        match self.send(mail).await {
            Ok(connection) => {
                let noted = self.note_sent(mail, until).await;
                connection.close().await;
                noted
            }
            Err(failed) => self.note_failed(mail, &failed).await,
        }
    }

    async fn send(&self, mail: &Mail) -> std::result::Result<Connection, Failed> {
        let Sending { root, settings, pages, .. } = self.sending;
        let letter = letter::letter(mail, root, settings, pages).map_err(|error| {
            // A newer release, or a better template, may come.
            let is_final = matches!(error, NoLetter::Link(_));
            Failed::unprepared(error, is_final)
        })?;
        let Mail { id, created_at, recipient, .. } = mail;
        let label = Label { id: *id, created_at: *created_at, recipient };
        self.post.send(&message(&label, &self.from, letter)?).await
    }

    /// Says so until the database has heard it, as long as the mail is ours.
    async fn note_sent(&self, mail: &Mail, until: Instant) -> Result<()> {
        loop {
            match self.sending.store.mail_sent(mail.id, self.holder).await {
                Ok(_) => break,
                Err(error) if Instant::now() + POLL > until => return Err(error),
                Err(_) => tokio::time::sleep(POLL / 2).await,
            }
        }
        self.sending.metrics.mail(mail.kind, MailOutcome::Sent);
        self.log.event(Level::Info, "tokenhouse.mail.sent", Value::Object(attributes(mail)));
        Ok(())
    }

    async fn note_failed(&self, mail: &Mail, failed: &Failed) -> Result<()> {
        let store = &self.sending.store;
        let again = match failed.is_final {
            true => None,
            false => self.again(mail, store.now().await?),
        };
        store.mail_failed(mail.id, self.holder, failed.to_string(), again).await?;
        let (level, name, outcome) = match again {
            Some(_) => (Level::Warn, "tokenhouse.mail.failed", MailOutcome::Failed),
            None => (Level::Error, "tokenhouse.mail.dead", MailOutcome::Dead),
        };
        self.sending.metrics.mail(mail.kind, outcome);
        // Not what the server said: it may repeat the address. `mail list` shows it.
        let mut attributes = attributes(mail);
        attributes.insert("error.type".to_owned(), failed.step.name().into());
        attributes.insert("tokenhouse.mail.reply".to_owned(), json!(failed.code));
        let again = again.map(|again| again.as_secs());
        attributes.insert("tokenhouse.mail.retry_after".to_owned(), json!(again));
        self.log.event(level, name, Value::Object(attributes));
        Ok(())
    }

    /// After which time to try again; none when that would be too late, for the mail or for the link in it.
    fn again(&self, mail: &Mail, now: Timestamp) -> Option<Duration> {
        let [chance] = entropy::bytes();
        let wait = backoff::after(mail.attempts, chance);
        (now.plus(wait) <= mail.created_at.plus(self.most(mail))).then_some(wait)
    }

    /// How long it is tried.
    fn most(&self, mail: &Mail) -> Duration {
        let most = self.sending.settings.mail_retry_for;
        letter::lifetime(mail).map_or(most, |lifetime| lifetime.min(most))
    }
}

fn attributes(mail: &Mail) -> serde_json::Map<String, Value> {
    let mut attributes = serde_json::Map::new();
    attributes.insert("tokenhouse.mail.id".to_owned(), mail.id.to_string().into());
    attributes.insert("tokenhouse.mail.kind".to_owned(), mail.kind_name.as_str().into());
    attributes.insert("tokenhouse.mail.attempts".to_owned(), mail.attempts.into());
    attributes
}
