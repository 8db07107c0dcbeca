//! `POST /oauth2/device`: a device without a browser asks for a code to show (RFC 8628 §3.1, §3.2).
//!
//! Nobody has to show a secret for that, so askings are counted by address as attempts to sign in are, by a key of
//! their own.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokenhouse_rules::id::CodeId;
use tokenhouse_rules::limit;
use tokenhouse_rules::oauth::authorize::Refusal;
use tokenhouse_rules::oauth::client::GrantType;
use tokenhouse_rules::oauth::device::{self, INTERVAL, LIFETIME};
use tokenhouse_rules::oauth::user_code::UserCode;
use tokenhouse_rules::token::secret_hash;
use tokenhouse_store::{DeviceIssued, Error, Introspection, NewDeviceCode, Subject};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::client_authentication::{Claimed, UNKNOWN};
use super::error::{Code, OAuthFailure, Refused};
use super::form::PostedForm;
use crate::app::App;
use crate::entropy;
use crate::extract::client::Client;

/// How often another code is made for one that is somebody else's at this moment.
const ROUNDS: usize = 4;

/// The form.
#[derive(Serialize, ToSchema)]
pub(super) struct DeviceRequest {
    /// Unless the `Authorization` header says it.
    client_id: Option<String>,
    /// Likewise, where the client has one.
    client_secret: Option<String>,
    /// What for; all that the client may ask for if it is left out.
    scope: Option<String>,
    /// For which service (RFC 8707).
    resource: Option<String>,
}

/// What the device shows, and what it asks for tokens with.
#[derive(Serialize, ToSchema)]
pub(super) struct DeviceAnswer {
    /// For `grant_type=urn:ietf:params:oauth:grant-type:device_code`.
    #[schema(value_type = String)]
    device_code: Zeroizing<String>,
    /// What the person types.
    user_code: String,
    /// Where.
    verification_uri: String,
    /// The same with the code in it, for a QR code.
    verification_uri_complete: String,
    /// For how many seconds.
    expires_in: u64,
    /// How many seconds to wait between two polls.
    interval: u64,
}

/// Ask for a code to show.
#[utoipa::path(post, path = "/oauth2/device", tag = "oauth",
    security((), ("client" = [])),
    request_body(content = DeviceRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "The codes", body = DeviceAnswer),
              (status = 400, description = "`error` of RFC 6749 §5.2", body = Refused),
              (status = 401, description = "`invalid_client`", body = Refused),
              (status = 429, description = "Too many devices of one address; see `Retry-After`",
                   body = Refused),
              (status = 503, description = "Try again; see `Retry-After`", body = Refused)))]
pub(super) async fn device(
    State(app): State<App>,
    peer: Client,
    form: Result<PostedForm, OAuthFailure>,
) -> Response {
    let asked = match form {
        Ok(form) => answer(&app, &peer, &form).await,
        Err(failure) => Err(failure),
    };
    match asked {
        Ok(Ok(answer)) => Json(answer).into_response(),
        Ok(Err(wait)) => limited(wait),
        Err(failure) => failure.into_response(),
    }
}

/// The codes, or how long to wait.
async fn answer(
    app: &App,
    peer: &Client,
    form: &PostedForm,
) -> Result<Result<DeviceAnswer, Duration>, OAuthFailure> {
    let claimed = Claimed::of(app, form).await?;
    let question = Introspection { asking: claimed.id.to_string(), subject: Subject::Nothing };
    let found = app.store.introspect(question).await?;
    let known = claimed.judge(found.asking)?;
    known.may(GrantType::DeviceCode)?;
    let asked = device::Asked::read(&form.parameters, &known.settings).map_err(refused)?;
    let limit = peer.address.zip(app.settings.limit_address);
    let secret = Zeroizing::new(entropy::bytes::<16>());
    let mut new = NewDeviceCode {
        id: CodeId::new(found.now, entropy::bytes()),
        secret_hash: secret_hash(&secret),
        user_code: String::new(),
        client: known.client.id,
        asked: serde_json::to_string(&asked).expect("it has texts only"),
        address: peer.address_text(),
        user_agent: peer.user_agent().map(|agent| agent.into_owned()),
        lifetime: Duration::from_secs(LIFETIME),
        limit: limit.map(|(from, limit)| (format!("i:{}", limit::address_key(from)), limit.cost())),
    };
    for _ in 0..ROUNDS {
        let code = UserCode::make(entropy::bytes());
        code.as_str().clone_into(&mut new.user_code);
        match app.store.issue_device_code(new.clone()).await? {
            DeviceIssued::Done => {
                let text = device::seal(new.id, &secret, &app.root);
                return Ok(Ok(shown(app, text, &code)));
            }
            DeviceIssued::Taken => {}
            DeviceIssued::NoClient => return Err(UNKNOWN),
            DeviceIssued::Limited(wait) => return Ok(Err(wait)),
        }
    }
    Err(Error::Unavailable("every code that was made is somebody else's".to_owned()).into())
}

fn shown(app: &App, device_code: Zeroizing<String>, code: &UserCode) -> DeviceAnswer {
    let verification_uri = format!("{}/device", super::issuer(app));
    DeviceAnswer {
        device_code,
        user_code: code.to_string(),
        verification_uri_complete: format!("{verification_uri}?user_code={code}"),
        verification_uri,
        expires_in: LIFETIME,
        interval: INTERVAL,
    }
}

fn refused(refusal: Refusal) -> OAuthFailure {
    OAuthFailure::new(Code::Authorize(refusal.error), refusal.description)
}

fn limited(wait: Duration) -> Response {
    let why = "Too many devices of this address have asked";
    let mut response = OAuthFailure::new(Code::RateLimited, why).into_response();
    let seconds = HeaderValue::from(wait.as_secs() + 1);
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
    response
}
