//! What an application's server is told when a session ends: a logout token (OpenID Connect Back-Channel Logout 1.0
//! §2.4).
//!
//! It names session and person both, so that an application ends what it keeps of this session and nothing else. It
//! is made for one attempt, with a `jti` of its own: an application that heard of it and could not say so must not
//! take the next attempt for somebody else's repetition.

use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::id::{SessionId, UserId};

/// The event that it tells of (§2.4).
pub const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// How long it may be believed, in seconds (§4 recommends two minutes at most).
pub const LIFETIME: u64 = 120;

/// Of what a logout token is made.
#[derive(Clone, Copy, Debug)]
pub struct Ending<'a> {
    /// Who tells it.
    pub issuer: &'a str,
    /// To which client.
    pub client: &'a str,
    /// The session that ended.
    pub session: SessionId,
    /// Whose it was.
    pub subject: UserId,
    /// What no other token is called.
    pub jti: Uuid,
    /// Seconds since 1970.
    pub iat: u64,
}

/// The claims. There is never a `nonce`, so nobody takes them for those of an ID token (§2.4).
#[derive(Clone, Debug, Serialize)]
pub struct Claims<'a> {
    iss: &'a str,
    sub: UserId,
    aud: &'a str,
    iat: u64,
    exp: u64,
    jti: Uuid,
    sid: SessionId,
    events: Map<String, Value>,
}

/// The claims of a logout token, to be signed with `typ` `logout+jwt`.
pub fn claims(of: Ending<'_>) -> Claims<'_> {
    Claims {
        iss: of.issuer,
        sub: of.subject,
        aud: of.client,
        iat: of.iat,
        exp: of.iat + LIFETIME,
        jti: of.jti,
        sid: of.session,
        events: Map::from_iter([(EVENT.to_owned(), Value::Object(Map::new()))]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_logout_token_says_what_the_specification_asks_for_and_no_more() {
        let claims = claims(Ending {
            issuer: "https://login.example",
            client: "notes",
            session: SessionId::from_uuid(Uuid::from_u128(1)),
            subject: UserId::from_uuid(Uuid::from_u128(2)),
            jti: Uuid::from_u128(3),
            iat: 1_700_000_000,
        });
        let expected = json!({
            "iss": "https://login.example",
            "sub": "00000000-0000-0000-0000-000000000002",
            "aud": "notes",
            "iat": 1_700_000_000,
            "exp": 1_700_000_120,
            "jti": "00000000-0000-0000-0000-000000000003",
            "sid": "00000000-0000-0000-0000-000000000001",
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        assert_eq!(serde_json::to_value(claims).expect("JSON"), expected);
    }
}
