//! Who person number n is. The same number gives the same person in every run, except for the instants.

use tokenhouse_rules::id::{GrantId, SessionId, UserId};
use tokenhouse_rules::keys::RootSecret;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_rules::token::{self, Content as Sealed};
use uuid::Uuid;

use super::Content;
use crate::chance::Chance;

/// Identifiers begin with an instant: everybody came a millisecond after the one before.
const FIRST: i64 = 1_767_225_600_000_000;

/// What is drawn for a person; each purpose has a stream of its own.
#[derive(Clone, Copy)]
enum Draw {
    User = 1,
    Session = 2,
    Secret = 3,
    Grant = 4,
}

fn draw<const N: usize>(number: u32, what: Draw) -> [u8; N] {
    Chance::seeded(u64::from(number) << 8 | what as u64).bytes()
}

fn instant(number: u32) -> Timestamp {
    Timestamp::from_micros(FIRST + i64::from(number) * 1000)
}

pub(crate) fn user_id(number: u32) -> UserId {
    UserId::new(instant(number), draw(number, Draw::User))
}

pub(crate) fn session_id(number: u32) -> SessionId {
    SessionId::new(instant(number), draw(number, Draw::Session))
}

/// Of what she lets the application of the house do.
pub(crate) fn grant_id(number: u32) -> GrantId {
    GrantId::new(instant(number), draw(number, Draw::Grant))
}

pub(super) fn user(number: u32) -> Uuid {
    user_id(number).uuid()
}

pub(super) fn session(number: u32) -> Uuid {
    session_id(number).uuid()
}

/// Of the same length for everybody.
pub(crate) fn name(number: u32) -> String {
    format!("user{number:010}")
}

pub(super) fn secret_hash(number: u32) -> [u8; 32] {
    token::secret_hash(&draw(number, Draw::Secret))
}

pub(super) fn token(number: u32, content: &Content, root: &RootSecret) -> String {
    let sealed = Sealed {
        session: session_id(number),
        user: user_id(number),
        expires_at: content.expiry().expires_at,
        secret: draw(number, Draw::Secret),
    };
    token::seal(&sealed, root).to_string()
}

/// What `GET /data` answers to her.
pub(crate) fn answer(number: u32, content: &Content) -> String {
    format!(
        r#"{{"user":{{"id":"{}","username":"{}","created_at":"{}"}},"data":{}}}"#,
        user_id(number),
        name(number),
        content.now.rfc3339(),
        content.body(number)
    )
}
