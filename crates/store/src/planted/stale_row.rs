//! The bug of a store that saves whole objects: what it read a moment ago it writes back, whatever happened meanwhile.

use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::id::EventId;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_rules::user;

use crate::{
    NewSession, OpenSession, Postgres, Result, SessionData, SessionKey, SignIn, Store, Trail,
};

/// A row as it was read.
pub(super) type Read = (SessionKey, SessionData);

/// Inserts the row again that was read, as a library does that saves objects.
pub(super) async fn save(sound: &Postgres, (key, read): Read, until: Timestamp) -> Result<()> {
    let question = SignIn {
        name: user::login_key(&read.user.username).unwrap_or_default(),
        unknown_key: String::new(),
        account: None,
        address: None,
    };
    let facts = sound.sign_in_facts(question).await?;
    let Some(credential) = facts.credential else { return Ok(()) };
    let mut expiry = read.expiry;
    expiry.live_until = until;
    let opening = OpenSession {
        user: key.user,
        epoch: credential.epoch,
        session: NewSession {
            id: key.id,
            secret_hash: key.secret_hash,
            created_at: read.now,
            expiry,
            address: None,
            user_agent: None,
        },
        rehash: None,
        refunds: Vec::new(),
        mail: None,
        trail: Trail {
            id: EventId::from_uuid(key.id.uuid()),
            event: Event::SessionOpened,
            actor: Actor::User,
            address: None,
            request_id: None,
        },
    };
    sound.open_session(opening).await.map(drop)
}
