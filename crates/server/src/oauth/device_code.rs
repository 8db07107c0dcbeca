//! `grant_type=urn:ietf:params:oauth:grant-type:device_code` (RFC 8628 §3.4): a device asks whether a person has
//! allowed it, until she has.
//!
//! What she allowed is an authorization code of the same identifier, and is redeemed as one (`redeem.rs`): there is
//! one winner, and a device code that comes again ends what was given for it.

use std::time::Duration;

use tokenhouse_rules::oauth::client::GrantType;
use tokenhouse_rules::oauth::code::Presented;
use tokenhouse_rules::oauth::device::{self, INTERVAL, LENIENCE};
use tokenhouse_rules::token::is_same_hash;
use tokenhouse_store::{DeviceCode, Standing};

use super::client_authentication::Known;
use super::error::{Code, OAuthFailure};
use super::issue::Tokens;
use super::redeem;
use super::token::Asked;

/// What comes sooner after the poll before it is told to slow down.
const PACE: Duration = Duration::from_secs(INTERVAL - LENIENCE);

const NOT_VALID: OAuthFailure = OAuthFailure::invalid_grant("The device code is not valid");
const EXPIRED: OAuthFailure = OAuthFailure::new(
    Code::ExpiredToken,
    "The device code has expired, or the sign-in that it was allowed in has ended",
);

/// The client, and the device code that it presents, if it is one of ours.
pub(super) async fn facts(
    asked: &Asked<'_>,
) -> Result<(Known, Option<(Presented, DeviceCode)>), OAuthFailure> {
    let text = asked.form.needed("device_code", "The device_code is missing")?;
    let Ok(presented) = device::open(text, &asked.app.root) else {
        return Ok((asked.known().await?.0, None));
    };
    let client = asked.claimed.id.to_string();
    let found = asked.app.store.device_facts(&client, presented.id, PACE).await?;
    let known = asked.claimed.judge(found.client)?;
    Ok((known, found.code.map(|code| (presented, code))))
}

/// Judges, and redeems what was allowed.
pub(super) async fn tokens(
    asked: &Asked<'_>,
    known: &Known,
    code: Option<(Presented, DeviceCode)>,
) -> Result<Tokens, OAuthFailure> {
    known.may(GrantType::DeviceCode)?;
    let is_its_own = |(presented, code): &(Presented, DeviceCode)| {
        code.client == known.client.id && is_same_hash(&code.secret_hash, &presented.secret_hash)
    };
    let (presented, code) = code.filter(is_its_own).ok_or(NOT_VALID)?;
    let wait = |code, why| Err(OAuthFailure::new(code, why));
    match code.standing {
        Standing::Waiting => wait(Code::AuthorizationPending, "Nobody has decided yet"),
        Standing::Hasty => wait(Code::SlowDown, "Wait five seconds longer from now on"),
        Standing::Denied => Err(OAuthFailure::new(Code::AccessDenied, "The person refused")),
        Standing::Over => Err(EXPIRED),
        Standing::Allowed => redeemed(asked, known, &presented).await,
    }
}

async fn redeemed(
    asked: &Asked<'_>,
    known: &Known,
    presented: &Presented,
) -> Result<Tokens, OAuthFailure> {
    let found = asked.app.store.code_facts(&known.client.id, presented.id).await?;
    // Without it she has disconnected the application meanwhile.
    let code = found.code.ok_or(EXPIRED)?;
    if !code.used && !code.open {
        return Err(EXPIRED);
    }
    let authorized = redeem::read(&code.authorized)?;
    redeem::give(asked, known, (presented.id, found.now), (&code, &authorized)).await
}
