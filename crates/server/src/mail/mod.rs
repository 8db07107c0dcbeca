//! Mails: an outbox in the database, written with the facts that the mails tell of, and sent by whichever process
//! takes one (docs/mail.md).
//!
//! A row holds no text and no link, only the words that differ: what its reader sees is made of them when it is
//! sent, by the templates of the release that sends it.

mod address;
pub(crate) mod backoff;
mod failed;
mod letter;
mod message;
mod post;
mod sending;
mod settings;
mod trial;

use serde_json::{Value, json};
use tokenhouse_rules::id::{LinkId, MailId};
use tokenhouse_rules::keys::RootSecret;
use tokenhouse_rules::limit::Limit;
use tokenhouse_rules::link::{self, Purpose};
use tokenhouse_rules::mail::Kind;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::NewMail;

pub use self::address::{BadSender, sender};
pub use self::failed::{Failed, Step};
pub(crate) use self::letter::letter;
pub use self::sending::{Sending, run};
pub use self::settings::{BadSmtp, Smtp};
pub use self::trial::{check, test};
use crate::app::App;
use crate::entropy;
use crate::settings::Settings;

/// Whether mails are written, and where they go.
#[derive(Clone, Debug, Default)]
pub enum Mailing {
    /// None are written.
    #[default]
    Off,
    /// They stay in the database, where a developer reads them in a browser.
    Outbox,
    /// They are sent.
    Smtp(Smtp),
}

impl Mailing {
    /// Whether mails are written.
    pub const fn is_on(&self) -> bool {
        !matches!(self, Self::Off)
    }
}

/// A mail to be written with the fact it tells of; none where no mails are written. `language` is what the person
/// would be spoken to in now; what she chose herself the store prefers. `words` is an object of texts, which may come
/// from anybody: what is in them is made harmless when the mail is.
pub(crate) fn draft(app: &App, kind: Kind, language: &str, words: Value) -> Option<NewMail> {
    compose(&app.settings, app.ordering_time(), (kind, language), words)
}

/// The same without an app. The time only orders the identifiers.
pub fn compose(
    settings: &Settings,
    now: Timestamp,
    (kind, language): (Kind, &str),
    mut words: Value,
) -> Option<NewMail> {
    if !settings.mailing.is_on() {
        return None;
    }
    let lifetime = match kind.link() {
        Some(Purpose::Confirm) => Some(settings.confirmation_lifetime),
        Some(Purpose::Recover) => Some(settings.recovery_lifetime),
        Some(Purpose::Invite) => Some(settings.invitation_lifetime),
        Some(Purpose::Setup) | None => None,
    };
    if let (Some(lifetime), Some(words)) = (lifetime, words.as_object_mut()) {
        words.insert("lifetime".to_owned(), json!(lifetime.as_secs().to_string()));
    }
    Some(NewMail {
        id: MailId::new(now, entropy::bytes()),
        kind,
        language: language.to_owned(),
        words: words.to_string(),
        limit: settings.limit_mail.as_ref().map(Limit::cost),
    })
}

/// The whole address of a link that may be used once.
pub fn link(base_url: &str, purpose: Purpose, id: LinkId, root: &RootSecret) -> String {
    let place = match purpose {
        Purpose::Confirm => "confirm",
        Purpose::Recover => "reset",
        Purpose::Invite => "invitation",
        Purpose::Setup => "setup",
    };
    format!("{base_url}/{place}/{}", link::seal(purpose, id, root).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(mailing: Mailing) -> Settings {
        Settings { mailing, ..Settings::default() }
    }

    #[test]
    fn a_mail_is_written_where_mails_go_somewhere() {
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        let compose = |mailing, kind| {
            compose(&settings(mailing), now, (kind, "de"), json!({ "username": "ada" }))
        };
        assert!(compose(Mailing::Off, Kind::Recover).is_none());
        let mail = compose(Mailing::Outbox, Kind::Recover).expect("a mail");
        assert_eq!((mail.kind, mail.language.as_str()), (Kind::Recover, "de"));
        assert_eq!(mail.words, r#"{"username":"ada","lifetime":"600"}"#);
        assert_eq!(mail.limit, Limit::parse("5/1h").expect("a limit").map(|limit| limit.cost()));
        let told = compose(Mailing::Outbox, Kind::PasswordChanged).expect("a mail");
        assert_eq!(told.words, r#"{"username":"ada"}"#);
    }

    #[test]
    fn a_link_begins_with_the_configured_address_and_ends_with_its_token() {
        let root = RootSecret::parse("k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY");
        let root = root.expect("a root secret");
        let id = LinkId::from_uuid(uuid::Uuid::from_u128(7));
        for (purpose, start) in [
            (Purpose::Confirm, "https://a.example/confirm/thl_"),
            (Purpose::Recover, "https://a.example/reset/thl_"),
            (Purpose::Invite, "https://a.example/invitation/thl_"),
            (Purpose::Setup, "https://a.example/setup/thl_"),
        ] {
            let link = link("https://a.example", purpose, id, &root);
            assert!(link.starts_with(start), "{link}");
            let token = link.rsplit('/').next().expect("a token");
            assert_eq!(link::open(token, purpose, &root), Ok(id));
        }
    }
}
