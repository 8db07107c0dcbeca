//! What the API shows of users and new sessions.

use std::borrow::Cow;

use serde::Serialize;
use tokenhouse_rules::id::{SessionId, UserId};
use tokenhouse_rules::session::Expiry;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_rules::token::{self, Content};
use tokenhouse_store::{NewSession, User};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::app::App;
use crate::entropy;
use crate::extract::client::Client;

/// A user as the API shows her.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserShown {
    /// Identifier (UUIDv7).
    pub id: String,
    /// Name, as its owner writes it.
    pub username: String,
    /// E-mail address, as its owner writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// When the account was made (RFC 3339).
    pub created_at: String,
}

impl From<&User> for UserShown {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.to_string(),
            username: user.username.clone(),
            email: user.email.clone(),
            created_at: user.created_at.rfc3339(),
        }
    }
}

impl UserShown {
    /// Writes what serializing would give. The hot read shows a user, so nothing is copied first.
    pub(crate) fn write(user: &User, json: &mut Vec<u8>) {
        json.extend_from_slice(b"{\"id\":\"");
        let mut id = [0; uuid::fmt::Hyphenated::LENGTH];
        json.extend_from_slice(user.id.uuid().hyphenated().encode_lower(&mut id).as_bytes());
        json.extend_from_slice(b"\",\"username\":");
        // Writing a text to memory cannot fail.
        let _ = serde_json::to_writer(&mut *json, &user.username);
        if let Some(email) = &user.email {
            json.extend_from_slice(b",\"email\":");
            let _ = serde_json::to_writer(&mut *json, email);
        }
        json.extend_from_slice(b",\"created_at\":\"");
        json.extend_from_slice(&user.created_at.rfc3339_bytes());
        json.extend_from_slice(b"\"}");
    }
}

/// The answer to a login.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedIn {
    /// The session token.
    #[schema(value_type = String)]
    pub token: Zeroizing<String>,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds until the session ends in any case.
    pub expires_in: u64,
    /// The same as an instant (RFC 3339).
    pub expires_at: String,
    /// Who signed in.
    pub user: UserShown,
}

/// A session about to be opened, and the token that goes with it.
pub(crate) struct Prepared {
    pub session: NewSession,
    token: Zeroizing<String>,
    expiry: Expiry,
    now: Timestamp,
}

impl Prepared {
    /// Makes ids, secret and expiry; nothing is stored yet.
    pub(crate) fn new(app: &App, user: UserId, now: Timestamp, client: &Client) -> Self {
        let id = SessionId::new(now, entropy::bytes());
        let secret = entropy::bytes();
        let expiry = app.settings.lifetime.open(now);
        let content = Content { session: id, user, expires_at: expiry.expires_at, secret };
        let session = NewSession {
            id,
            secret_hash: token::secret_hash(&secret),
            created_at: now,
            expiry,
            address: client.address_text(),
            user_agent: client.user_agent().map(Cow::into_owned),
        };
        Self { session, token: token::seal(&content, &app.root), expiry, now }
    }

    /// The answer, once the session is stored.
    pub(crate) fn answer(self, user: &User) -> SignedIn {
        SignedIn {
            token: self.token,
            token_type: "Bearer",
            expires_in: self.expiry.expires_at.since(self.now).as_secs(),
            expires_at: self.expiry.expires_at.rfc3339(),
            user: user.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    proptest! {
        #[test]
        fn a_user_is_written_as_she_would_be_serialized(
            id in any::<u128>(),
            username in any::<String>(),
            email in any::<Option<String>>(),
            seconds in -62_167_219_200_i64..=253_402_300_799,
        ) {
            let user = User {
                id: UserId::from_uuid(Uuid::from_u128(id)),
                username,
                email,
                created_at: Timestamp::from_micros(seconds * 1_000_000),
                locked_at: None,
                version: 1,
            };
            let mut written = Vec::new();
            UserShown::write(&user, &mut written);
            let serialized = serde_json::to_vec(&UserShown::from(&user)).expect("memory");
            prop_assert_eq!(String::from_utf8(written), String::from_utf8(serialized));
        }
    }
}
