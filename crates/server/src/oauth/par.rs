//! `POST /oauth2/par` (RFC 9126): an application sends its request for authorization ahead, and sends the browser
//! with a reference to it. So nobody at the browser reads or changes what is asked for, and it is known to be of that
//! application before a person is bothered.
//!
//! Only who shows who it is may: others could be anybody, and fill the database. The request is judged as it would
//! be at `/oauth2/authorize`, and again there: settings may have changed. One question, one write.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokenhouse_rules::id::PushedRequestId;
use tokenhouse_rules::local_path;
use tokenhouse_rules::oauth::authorize::{self, Carried, ErrorCode, PATIENCE, Refusal, Shown};
use tokenhouse_rules::oauth::client::ClientId;
use tokenhouse_rules::oauth::form::{self, Parameters};
use tokenhouse_rules::oauth::jws::Typ;
use tokenhouse_rules::oauth::{request_object, request_uri};
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::{Introspection, NewPushedRequest, Subject};
use utoipa::ToSchema;

use super::client_authentication::{Claimed, Known, UNKNOWN};
use super::error::{Code, OAuthFailure, Refused};
use super::form::PostedForm;
use super::{client_keys, dpop};
use crate::app::App;
use crate::entropy;

/// In which time the browser has to come, in seconds. How long its person takes then is another matter.
const LIFETIME: u64 = 90;

/// How a client shows who it is: no part of what it asks for.
const OF_THE_CLIENT: &[&str] =
    &["client_id", "client_secret", "client_assertion", "client_assertion_type"];

/// What is sent ahead: everything that `/oauth2/authorize` takes, or a `request`.
#[derive(Serialize, ToSchema)]
pub(super) struct PushRequest {
    /// `code`.
    response_type: Option<String>,
    /// Where the answer is to go.
    redirect_uri: Option<String>,
    /// What is asked for.
    scope: Option<String>,
    /// All of it as a JWT that the client signed (RFC 9101); then nothing else counts.
    request: Option<String>,
    /// Unless the `Authorization` header or the assertion says it.
    client_id: Option<String>,
    /// Likewise.
    client_secret: Option<String>,
    /// A JWT that the client signed, to show who it is (RFC 7523 §2.2).
    client_assertion: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    client_assertion_type: Option<String>,
}

/// What the browser is sent with.
#[derive(Serialize, ToSchema)]
pub(super) struct Reference {
    /// To be sent to `/oauth2/authorize`, beside `client_id` and nothing else.
    request_uri: String,
    /// In how many seconds at the latest.
    expires_in: u64,
}

/// Send a request for authorization ahead.
#[utoipa::path(post, path = "/oauth2/par", tag = "oauth",
    security((), ("client" = [])),
    request_body(content = PushRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 201, description = "A reference that is good once", body = Reference),
              (status = 400, description = "What `/oauth2/authorize` would say", body = Refused),
              (status = 401, description = "`invalid_client`", body = Refused),
              (status = 503, description = "Try again; see `Retry-After`", body = Refused)))]
pub(super) async fn push(
    State(app): State<App>,
    form: PostedForm,
) -> Result<Response, OAuthFailure> {
    let claimed = Claimed::of(&app, &form).await?;
    let question = Introspection { asking: claimed.id.to_string(), subject: Subject::Nothing };
    let found = app.store.introspect(question).await?;
    let known = claimed.judge(found.asking)?;
    if !known.settings.is_confidential() {
        let why = "A client that does not show who it is sends no requests ahead";
        return Err(OAuthFailure::new(Code::UnauthorizedClient, why));
    }
    let (asked, how) = asked(&app, &form, (&claimed.id, &known), found.now).await?;
    judge(&asked, how, &known)?;
    let (asked, nonce) = dpop::announced(&app, &form.headers, asked, found.now).await?;
    let pairs: Vec<_> = asked.pairs().collect();
    let parameters = form::encode(&pairs);
    if parameters.len() > local_path::MAX {
        return Err(OAuthFailure::invalid_request("The request is too long"));
    }
    let id = PushedRequestId::new(found.now, entropy::bytes());
    let request = NewPushedRequest {
        id,
        client: known.client.id,
        parameters,
        lifetime: Duration::from_secs(LIFETIME),
        patience: PATIENCE,
    };
    if !app.store.push_request(request).await? {
        return Err(UNKNOWN);
    }
    let reference =
        Reference { request_uri: request_uri::seal(id, &app.root), expires_in: LIFETIME };
    let mut response = (StatusCode::CREATED, Json(reference)).into_response();
    dpop::give(response.headers_mut(), nonce.as_ref());
    Ok(response)
}

/// What is asked for: what the client signed, or else all that does not say who it is.
async fn asked(
    app: &App,
    form: &PostedForm,
    (client, known): (&ClientId, &Known),
    now: Timestamp,
) -> Result<(Parameters, Carried), OAuthFailure> {
    let sent = &form.parameters;
    if sent.has("request_uri") {
        return Err(OAuthFailure::invalid_request("A request_uri cannot be sent ahead"));
    }
    let how = Carried { ahead: true, signed: sent.has("request") };
    if let Some(object) = sent.text("request").filter(|_| known.settings.signs()) {
        let signed = (object, Typ::RequestObject);
        let keys = client_keys::find(app, (client, &known.settings), signed).await?;
        let issuer = super::issuer(app);
        let inside = request_object::read(object, client, &keys, issuer, now);
        return inside.map(|inside| (inside, how)).map_err(|bad| told(Refusal::object(bad)));
    }
    let plain = sent.pairs().filter(|(name, _)| !OF_THE_CLIENT.contains(name));
    let pairs: Vec<_> = [("client_id", client.as_str())].into_iter().chain(plain).collect();
    let plain = Parameters::gather(form::encode(&pairs).as_bytes())
        .map_err(|_| OAuthFailure::invalid_request("There are too many parameters"))?;
    Ok((plain, how))
}

/// As `/oauth2/authorize` would judge it (RFC 9126 §2.1).
fn judge(asked: &Parameters, how: Carried, known: &Known) -> Result<(), OAuthFailure> {
    let settings = &known.settings;
    let shown = |shown: Shown| {
        OAuthFailure::invalid_request(match shown {
            Shown::NoRedirect => "redirect_uri is missing, or comes more than once",
            _ => "redirect_uri is not one that the client has registered",
        })
    };
    let asking = authorize::client_and_redirect(asked).map_err(shown)?;
    let to = authorize::destination(asking, asked, settings).map_err(shown)?;
    how.suffices(settings).map_err(told)?;
    authorize::read(asked, settings, &to).map_err(told)?;
    Ok(())
}

fn told(refusal: Refusal) -> OAuthFailure {
    let code = match refusal.error {
        ErrorCode::InvalidRequest => Code::InvalidRequest,
        ErrorCode::InvalidScope => Code::InvalidScope,
        ErrorCode::InvalidTarget => Code::InvalidTarget,
        ErrorCode::UnauthorizedClient => Code::UnauthorizedClient,
        other => Code::Authorize(other),
    };
    OAuthFailure::new(code, refusal.description)
}
