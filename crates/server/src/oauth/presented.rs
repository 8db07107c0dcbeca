//! What a token says that somebody presents or asks about, before the database is asked: shape, MAC or signature,
//! and that it is of this issuer. Garbage ends here.

use tokenhouse_rules::oauth::access_token::{self, Claims};
use tokenhouse_rules::oauth::{jws, refresh_token};
use tokenhouse_store::{GrantKey, Introspected, Introspection, Result, Subject};

use super::exchange;
use crate::app::App;

/// What a token is.
pub(super) enum Presented {
    /// A genuine access token, of either form. Whether it is alive is not known.
    Access(Box<Claims>),
    /// A genuine refresh token; likewise.
    Refresh(refresh_token::Presented),
    /// None of ours. A session token is none either: it is not given to applications.
    Nothing,
}

/// Looks at a token. Only one that is shaped like a JWT needs the public keys.
///
/// # Errors
/// When they cannot be read.
pub(super) async fn open(app: &App, text: &str) -> Result<Presented> {
    if text.starts_with(refresh_token::PREFIX) {
        let opened = refresh_token::open(text, &app.root);
        return Ok(opened.map_or(Presented::Nothing, Presented::Refresh));
    }
    let claims = if text.starts_with(access_token::PREFIX) {
        access_token::open(text, &app.root).ok()
    } else if text.len() <= jws::MAX_BYTES && text.matches('.').count() == 2 {
        let keys = app.keyring.keys(app).await?;
        access_token::verify(text, |kid, algorithm| keys.public(kid?, algorithm)).ok()
    } else {
        None
    };
    let ours = claims.filter(|claims| claims.iss == super::issuer(app));
    Ok(ours.map_or(Presented::Nothing, |claims| Presented::Access(Box::new(claims))))
}

/// What is known of it, and of the client that asks about it.
///
/// # Errors
/// When the database gives no answer.
pub(super) async fn find(app: &App, asking: String, presented: &Presented) -> Result<Introspected> {
    match presented {
        Presented::Access(claims) if claims.bond.is_some() => {
            exchange::worth(app, asking, claims).await
        }
        _ => app.store.introspect(Introspection { asking, subject: presented.subject() }).await,
    }
}

impl Presented {
    /// What is to be looked up of it.
    pub(super) fn subject(&self) -> Subject {
        match self {
            Self::Access(claims) => match grant(claims) {
                Some(key) => Subject::Grant(key),
                None => Subject::Client {
                    id: claims.client_id.clone(),
                    revocation: access_token::revocation(claims),
                },
            },
            Self::Refresh(token) => Subject::Refresh(token.grant, token.generation),
            Self::Nothing => Subject::Nothing,
        }
    }
}

/// The grant that an access token is of; none for that of a client by itself.
pub(super) fn grant(claims: &Claims) -> Option<GrantKey> {
    Some(GrantKey { grant: claims.gid?, revocation: access_token::revocation(claims) })
}
