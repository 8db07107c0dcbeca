//! `POST /oauth2/token`: which grant is asked for, and what is said in the end (RFC 6749 §3.2). Each grant is a file.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use tokenhouse_rules::oauth::client::{GrantType, Settings};
use tokenhouse_rules::oauth::dpop::Proof;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::{Introspection, Subject};
use utoipa::ToSchema;

use super::client_authentication::{Claimed, Known};
use super::error::{Code, OAuthFailure, Refused};
use super::form::PostedForm;
use super::issue::Tokens;
use super::{client_credentials, cors, device_code, dpop, exchange, redeem, refresh};
use crate::app::App;
use crate::extract::client::Client;

/// The form; read by hand, since parameters that are not known are ignored and those that come twice are not.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenRequest {
    /// `authorization_code`, `refresh_token`, `client_credentials`, or the URN of another grant.
    grant_type: String,
    /// Unless the `Authorization` header says it.
    client_id: Option<String>,
    /// Likewise, where the client has one.
    client_secret: Option<String>,
    /// A JWT that the client signed, in the place of a secret (RFC 7523 §2.2).
    client_assertion: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    client_assertion_type: Option<String>,
    /// From the redirect.
    code: Option<String>,
    /// Where the code was sent to.
    redirect_uri: Option<String>,
    /// What `code_challenge` was made from (RFC 7636).
    code_verifier: Option<String>,
    /// From the answer before.
    refresh_token: Option<String>,
    /// From the device endpoint (RFC 8628).
    device_code: Option<String>,
    /// Less than was granted.
    scope: Option<String>,
    /// Which of the granted resources the access token is for (RFC 8707).
    resource: Option<String>,
    /// The token that is exchanged (RFC 8693).
    subject_token: Option<String>,
    /// What it is: `urn:ietf:params:oauth:token-type:access_token`, `…:jwt` or
    /// `urn:tokenhouse:token-type:session`.
    subject_token_type: Option<String>,
    /// The token of who is to act for whom that one speaks for.
    actor_token: Option<String>,
    /// What that is; likewise.
    actor_token_type: Option<String>,
    /// For whom the token is that it is exchanged for.
    audience: Option<String>,
}

/// A request for tokens, read; nobody was asked yet.
pub(super) struct Asked<'a> {
    pub app: &'a App,
    /// The request as such.
    pub peer: &'a Client,
    pub form: &'a PostedForm,
    pub claimed: Claimed,
    /// Of the key that its tokens are to be bound to (RFC 9449); not judged by the time yet.
    pub proof: Option<Proof>,
}

/// Get tokens.
#[utoipa::path(post, path = "/oauth2/token", tag = "oauth",
    security((), ("client" = [])),
    params(("DPoP" = Option<String>, Header,
            description = "Proof of the key that the tokens are to be bound to (RFC 9449)")),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "Tokens", body = Tokens),
              (status = 400, description = "`error` of RFC 6749 §5.2", body = Refused),
              (status = 401, description = "`invalid_client`", body = Refused),
              (status = 503, description = "Try again; see `Retry-After`", body = Refused)))]
pub(super) async fn token(
    State(app): State<App>,
    peer: Client,
    form: Result<PostedForm, OAuthFailure>,
) -> Response {
    let form = match form {
        Ok(form) => form,
        Err(failure) => return told(&app, None, (Err(failure), None), &HeaderMap::new()),
    };
    let kind = form.parameters.text("grant_type").and_then(GrantType::named);
    let (client, given) = match answer(&app, &peer, &form, kind).await {
        Ok((settings, given)) => (Some(settings), given),
        Err(failure) => (unknown(&app, &form, &failure).await, Err(failure)),
    };
    told(&app, kind, (given, client.as_ref()), &form.headers)
}

/// Who asked, and what it is given.
async fn answer(
    app: &App,
    peer: &Client,
    form: &PostedForm,
    kind: Option<GrantType>,
) -> Result<(Settings, Result<Tokens, OAuthFailure>), OAuthFailure> {
    form.needed("grant_type", "The grant_type is missing")?;
    let proof = dpop::read(&form.headers, "POST", &dpop::token_endpoint(app))?;
    let asked = Asked { app, peer, form, claimed: Claimed::of(app, form).await?, proof };
    let unsupported = OAuthFailure::new(Code::UnsupportedGrantType, "There is no such grant_type");
    Ok(match kind.ok_or(unsupported)? {
        GrantType::AuthorizationCode => {
            let (known, facts) = redeem::facts(&asked).await?;
            let given = redeem::tokens(&asked, &known, facts).await;
            (known.settings, given)
        }
        GrantType::RefreshToken => {
            let (known, turned) = refresh::turn(&asked).await?;
            let given = refresh::tokens(&asked, &known, turned);
            (known.settings, given)
        }
        GrantType::ClientCredentials => {
            let (known, now) = asked.known().await?;
            let given = client_credentials::tokens(&asked, &known, now).await;
            (known.settings, given)
        }
        GrantType::DeviceCode => {
            let (known, code) = device_code::facts(&asked).await?;
            let given = device_code::tokens(&asked, &known, code).await;
            (known.settings, given)
        }
        GrantType::TokenExchange => {
            let (known, facts) = exchange::facts(&asked).await?;
            let given = exchange::tokens(&asked, &known, facts).await;
            (known.settings, given)
        }
    })
}

impl Asked<'_> {
    /// The client, where there is nothing else to ask for; and the database's time.
    pub(super) async fn known(&self) -> Result<(Known, Timestamp), OAuthFailure> {
        let asking = self.claimed.id.to_string();
        let question = Introspection { asking, subject: Subject::Nothing };
        let found = self.app.store.introspect(question).await?;
        Ok((self.claimed.judge(found.asking)?, found.now))
    }
}

/// The settings of a client whose grant turned out to have ended, or whose proof is refused, for a browser that
/// has to be told so.
async fn unknown(app: &App, form: &PostedForm, failure: &OAuthFailure) -> Option<Settings> {
    let is_told =
        matches!(failure.code, Code::InvalidGrant | Code::InvalidDpopProof | Code::UseDpopNonce)
            || failure.description == dpop::NEEDED.description;
    let id = form.parameters.text("client_id").filter(|_| is_told)?;
    cors::settings_of(app, id, &form.headers).await
}

/// Counts how it ended, and says so.
fn told(
    app: &App,
    kind: Option<GrantType>,
    (given, client): (Result<Tokens, OAuthFailure>, Option<&Settings>),
    headers: &HeaderMap,
) -> Response {
    match &given {
        Ok(_) => app.metrics.tokens_issued(kind),
        Err(failure) => app.metrics.tokens_refused(kind, failure.code.name()),
    }
    cors::allow(given, headers, client)
}
