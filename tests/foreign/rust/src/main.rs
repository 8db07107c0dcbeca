//! `openidconnect` as an application on a server: everything from discovery to revocation.
//!
//! Reads {issuer, callback, id, secret} from the first line. Says at each step what comes next, as {"next": ...} or, where
//! somebody is to be sent to an address, {"go": address}, and goes on when it is answered by a line: nothing, or where
//! she came back. At last it says {"sub": ..., "refreshed": ...}.

mod http;
mod provider;

use std::error::Error;
use std::io::{self, BufRead};

use openidconnect::core::{
    CoreAuthenticationFlow, CoreErrorResponseType, CoreRevocableToken, CoreUserInfoClaims,
};
use openidconnect::url::Url;
use openidconnect::{
    AccessTokenHash, AuthorizationCode, CsrfToken, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    RefreshToken, RequestTokenError, Scope, TokenIntrospectionResponse, TokenResponse,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::ask;
use crate::provider::{Client, Tokens};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How often what is refreshed is refreshed.
const TURNS: usize = 3;

#[derive(Deserialize)]
struct Asked {
    issuer: String,
    callback: String,
    id: String,
    secret: String,
}

fn main() -> Result<()> {
    let asked: Asked = serde_json::from_str(&line()?)?;
    let client = provider::client(&asked)?;
    let (tokens, subject) = sign_in(&client)?;
    let first = tokens.refresh_token().ok_or("there is no refresh token")?.clone();
    let mut last = (tokens.access_token().clone(), first.clone());
    for _ in 0..TURNS {
        wait("refresh")?;
        let tokens = client.exchange_refresh_token(&last.1)?.request(&ask)?;
        let next = tokens.refresh_token().ok_or("there is no refresh token")?.clone();
        ensure(next.secret() != last.1.secret(), "a refresh token was not replaced")?;
        last = (tokens.access_token().clone(), next);
    }
    wait("userinfo")?;
    let person: CoreUserInfoClaims =
        client.user_info(last.0.clone(), Some(subject.clone()))?.request(&ask)?;
    let email = person.email().map(|email| email.as_str());
    ensure(email == Some("ada@example.org"), "the e-mail address is another")?;
    wait("introspect")?;
    let worth = client.introspect(&last.0).request(&ask)?;
    let is_hers =
        worth.sub() == Some(subject.as_str()) && worth.client_id() == Some(client.client_id());
    ensure(worth.active() && is_hers, "the access token is not worth what it should be")?;
    wait("revoke")?;
    client.revoke_token(CoreRevocableToken::from(last.1.clone()))?.request(&ask)?;
    ensure(!client.introspect(&last.0).request(&ask)?.active(), "it outlived its grant")?;
    for used in [&first, &last.1] {
        is_refused(&client, used)?;
    }
    say(&json!({ "sub": subject.as_str(), "refreshed": TURNS }));
    Ok(())
}

/// Sends somebody to sign in, and takes her back; the tokens, and who she is.
fn sign_in(client: &Client) -> Result<(Tokens, openidconnect::SubjectIdentifier)> {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = CoreAuthenticationFlow::AuthorizationCode;
    let (address, state, nonce) = client
        .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(["profile", "email"].map(|name| Scope::new(name.to_owned())))
        .set_pkce_challenge(challenge)
        .url();
    say(&json!({ "go": address }));
    let back = Url::parse(line()?.trim())?;
    let answer = |wanted: &str| {
        let found = back.query_pairs().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.into_owned()).ok_or(format!("there is no {wanted} in {back}"))
    };
    ensure(answer("state")? == *state.secret(), "the state is another")?;
    let code = AuthorizationCode::new(answer("code")?);
    let tokens = client.exchange_code(code)?.set_pkce_verifier(verifier).request(&ask)?;

    let token = tokens.id_token().ok_or("there is no ID token")?;
    let judge = client.id_token_verifier();
    let claims = token.claims(&judge, &nonce)?;
    let another = Nonce::new_random();
    ensure(token.claims(&judge, &another).is_err(), "the library does not look at the nonce")?;
    let said = claims.access_token_hash().ok_or("there is no at_hash")?;
    let (algorithm, key) = (token.signing_alg()?, token.signing_key(&judge)?);
    let hash = AccessTokenHash::from_token(tokens.access_token(), algorithm, key)?;
    ensure(hash == *said, "at_hash is that of another token")?;
    let subject = claims.subject().clone();
    Ok((tokens, subject))
}

/// That a token which was revoked, or had a successor, is worth nothing.
fn is_refused(client: &Client, used: &RefreshToken) -> Result<()> {
    match client.exchange_refresh_token(used)?.request(&ask) {
        Err(RequestTokenError::ServerResponse(refusal)) => {
            let is_right = *refusal.error() == CoreErrorResponseType::InvalidGrant;
            ensure(is_right, "it was refused for something else")
        }
        Err(other) => Err(other.into()),
        Ok(_) => Err("a refresh token was taken that is worth nothing".into()),
    }
}

fn ensure(holds: bool, otherwise: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(otherwise.into()) }
}

/// Lets whoever drives this do something before the next request.
fn wait(next: &str) -> Result<()> {
    say(&json!({ "next": next }));
    line().map(|_| ())
}

fn say(what: &Value) {
    println!("{what}");
}

fn line() -> Result<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line)
}
