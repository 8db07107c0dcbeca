//! The outbox: mails written with the fact they tell of, and sent by whichever process takes them.

use tokenhouse_rules::id::{LinkId, MailId, UserId};
use tokenhouse_rules::limit::Cost;
use tokenhouse_rules::mail::Kind;
use tokenhouse_rules::time::Timestamp;

/// A mail to be written into the outbox, with the fact it tells of. To whom follows from the fact.
#[derive(Clone, Debug)]
pub struct NewMail {
    /// Identifier, made before the write: a repeated write leaves one mail.
    pub id: MailId,
    /// What it tells.
    pub kind: Kind,
    /// The language (a BCP 47 tag) if its reader has chosen none.
    pub language: String,
    /// What the template is filled with: a JSON object of texts.
    pub words: String,
    /// How often one address gets mails of this kind, by the throttle key [`mail_key`]; over the limit the
    /// mail is left out and the fact stands.
    pub limit: Option<Cost>,
}

/// The throttle key that counts the mails of a kind to an address. PostgreSQL makes the same in SQL.
pub fn mail_key(kind: Kind, recipient: &str) -> String {
    format!("m:{}:{}", kind.name(), recipient.to_lowercase())
}

/// A mail that a process has taken to send it, or that an operator looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Identifier.
    pub id: MailId,
    /// What it tells; none when this release does not know the kind.
    pub kind: Option<Kind>,
    /// The kind as it is stored.
    pub kind_name: String,
    /// To whom.
    pub recipient: String,
    /// The user it is about, if one.
    pub user: Option<UserId>,
    /// In which language.
    pub language: String,
    /// What the template is filled with: a JSON object of texts.
    pub words: String,
    /// The link in it, if one.
    pub link: Option<LinkId>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it is to be tried (again).
    pub due_at: Timestamp,
    /// How often it was taken to be sent, this time included.
    pub attempts: i32,
    /// Whether it was taken from a process whose lease ran out before it said how sending ended: its reader may
    /// get the mail twice. Always false in a list.
    pub is_retaken: bool,
    /// When a server accepted it.
    pub sent_at: Option<Timestamp>,
    /// When it was given up.
    pub dead_at: Option<Timestamp>,
    /// What went wrong last.
    pub last_error: Option<String>,
}

/// Which mails an operator wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailState {
    /// Not sent yet.
    Waiting,
    /// Accepted by a server.
    Sent,
    /// Given up.
    Dead,
}
