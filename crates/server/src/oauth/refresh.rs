//! `grant_type=refresh_token` (RFC 6749 §6): client and token are judged and the token is turned to its successor in
//! one statement, so that an answer that was lost is given again and a token that was stolen is noticed
//! (RFC 9700 §4.14.2).
//!
//! What can be refused without the facts is refused before the token is turned; what needs them is refused after
//! it. The client loses nothing by that: the same token gives the same successor again within the window. A key is
//! proved before the token is turned (RFC 9449), and a token that is bound to one says so itself: who cannot prove
//! it turns nothing, and so ends nothing either.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::oauth::client::GrantType;
use tokenhouse_rules::oauth::refresh_token::{self, Presented, Sealer, Turn};
use tokenhouse_rules::oauth::scope::Scopes;
use tokenhouse_store::{GrantFacts, Refresh, Refreshed};

use super::client_authentication::{Known, UNKNOWN};
use super::dpop::{self, Binding};
use super::error::OAuthFailure;
use super::issue::{Granted, Tokens};
use super::keyring::Keys;
use super::token::Asked;
use super::{narrow, redeem};
use crate::log::Level;

/// For how long a token that was turned is still answered with its successor, while nobody has used that.
const WINDOW: Duration = Duration::from_secs(60);

/// How long a grant lasts without use where the client's settings name nothing else.
const IDLE: Duration = Duration::from_secs(30 * 86_400);

const NOT_VALID: OAuthFailure =
    OAuthFailure::invalid_grant("The refresh token is not valid (any more)");

/// A token that was turned.
pub(super) struct Turned {
    turn: Turn,
    facts: Box<GrantFacts>,
    keys: Arc<Keys>,
    wanted: Option<Scopes>,
    dpop: Option<Binding>,
}

/// The client, and what its token was turned to; nothing where the token is none of ours.
pub(super) async fn turn(asked: &Asked<'_>) -> Result<(Known, Option<Turned>), OAuthFailure> {
    let app = asked.app;
    let text = asked.form.needed("refresh_token", "The refresh_token is missing")?;
    let wanted = narrow::asked_scope(asked.form)?;
    let Ok(presented) = refresh_token::open(text, &app.root) else {
        return Ok((asked.known().await?.0, None));
    };
    let dpop = proved(asked, &presented).await?;
    // Before the write: nothing that can wait comes after it.
    let keys = app.keyring.keys(app).await?;
    match app.store.refresh(write(asked, presented)).await? {
        Refreshed::Done { generation, sealer, facts } => {
            let known = asked.claimed.judge(Some(facts.client.clone()))?;
            let turn = Turn { generation, sealer: sealer.unwrap_or(Sealer::first(&app.root)) };
            Ok((known, Some(Turned { turn, facts, keys, wanted, dpop })))
        }
        Refreshed::NotTheClient => Err(UNKNOWN),
        Refreshed::Gone => Err(NOT_VALID),
        Refreshed::Replayed => {
            let attributes = json!({
                "tokenhouse.client.id": asked.claimed.id.to_string(),
                "tokenhouse.grant.id": presented.grant.to_string(),
                "client.address": asked.peer.address_text(),
                "tokenhouse.request.id": asked.peer.request_id,
            });
            app.log.event(Level::Warn, "tokenhouse.refresh_token.replayed", attributes);
            Err(NOT_VALID)
        }
    }
}

/// The key that is proved; the client and the time are asked for only where there is a proof to be judged.
async fn proved(asked: &Asked<'_>, presented: &Presented) -> Result<Option<Binding>, OAuthFailure> {
    match (&asked.proof, &presented.key) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(dpop::NEEDED),
        (Some(_), bound) => {
            let (known, now) = asked.known().await?;
            asked.proved(&known, now, bound.as_ref()).await
        }
    }
}

fn write(asked: &Asked<'_>, presented: Presented) -> Refresh {
    Refresh {
        grant: presented.grant,
        generation: presented.generation,
        client: asked.claimed.id.to_string(),
        shown: asked.claimed.shown(),
        window: WINDOW,
        idle: IDLE,
        sealer: Sealer::first(&asked.app.root),
        replayed: asked.peer.trail(Event::RefreshReplayed, asked.app.ordering_time()),
    }
}

/// The next tokens, of what was authorized or less.
pub(super) fn tokens(
    asked: &Asked<'_>,
    known: &Known,
    turned: Option<Turned>,
) -> Result<Tokens, OAuthFailure> {
    known.may(GrantType::RefreshToken)?;
    let Turned { turn, facts, keys, wanted, dpop } = turned.ok_or(NOT_VALID)?;
    if known.settings.dpop_bound_access_tokens && dpop.is_none() {
        return Err(dpop::NEEDED);
    }
    let authorized = redeem::read(&facts.authorized)?;
    let scope = narrow::scope(wanted.as_ref(), &authorized.scope)?;
    let issuer = super::issuer(asked.app);
    let usual = narrow::usual_audience(&authorized.resource, (&known.settings, issuer), &scope);
    let audience = narrow::audience(asked.form, &authorized.resource, usual)?;
    let granted = Granted {
        known,
        now: facts.now,
        grant: facts.id,
        ends: facts.expires_at,
        session: facts.session,
        authorized: &authorized,
        owner: &facts.owner,
        scope,
        audience,
        nonce: None,
        turn: Some(turn),
        dpop,
    };
    granted.tokens(asked.app, &keys)
}
