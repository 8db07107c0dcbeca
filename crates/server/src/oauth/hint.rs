//! Of whom an application speaks: an ID token of ours that it gives back (OpenID Connect Core §3.1.2.1,
//! RP-Initiated Logout §2). It opens nothing, so it may have expired.

use serde_json::Value;
use tokenhouse_rules::id::UserId;
use tokenhouse_rules::oauth::jws::{self, Typ};
use tokenhouse_store::Result;

use crate::app::App;

/// What `id_token_hint` says.
pub(crate) struct Hint {
    /// Whom it was about.
    pub user: UserId,
    /// To which client it was given.
    pub client: String,
}

impl Hint {
    /// Reads it; `None` when no key that is still known here signed it.
    pub(crate) async fn read(app: &App, text: &str) -> Result<Option<Self>> {
        let keys = app.keyring.keys(app).await?;
        let verified =
            jws::verify(text, Typ::IdToken, |kid, algorithm| keys.public(kid?, algorithm));
        let Ok(verified) = verified else { return Ok(None) };
        let says = |name: &str| verified.claims.get(name).and_then(Value::as_str);
        // An answer of the userinfo endpoint has the same type, and does not expire.
        let is_ours =
            says("iss") == Some(super::issuer(app)) && verified.claims.contains_key("exp");
        let user: Option<UserId> = says("sub").and_then(|sub| sub.parse().ok());
        let about = user.zip(says("aud")).filter(|_| is_ours);
        Ok(about.map(|(user, client)| Self { user, client: client.to_owned() }))
    }
}
