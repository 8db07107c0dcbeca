//! What a request asks for, of an application that is known. Every error here goes to that application.

use std::time::Duration;

use super::super::claims::Requested;
use super::super::client::{GrantType, Pkce, Settings};
use super::super::dpop::Thumbprint;
use super::super::form::Parameters;
use super::super::pkce::Challenge;
use super::super::scope::{self, Scopes};
use super::destination::is_state;
use super::{ACR, Destination, ErrorCode, Prompts, Refusal, Request, ResponseMode};

/// The longest `nonce`.
const MAX_NONCE: usize = 512;
/// The longest hint; a longer one is not looked at, since it helps nobody.
const MAX_HINT: usize = 512;

/// Reads the request of `to`.
///
/// # Errors
/// [`Refusal`].
pub fn read(
    parameters: &Parameters,
    settings: &Settings,
    to: &Destination,
) -> Result<Request, Refusal> {
    refuse_what_is_not_there(parameters)?;
    match parameters.text("response_type") {
        Some("code") => {}
        Some(_) => {
            let only = "response_type must be code";
            return Err(Refusal::new(ErrorCode::UnsupportedResponseType, only));
        }
        None => return Err(Refusal::invalid("response_type is missing")),
    }
    if !settings.allows(GrantType::AuthorizationCode) {
        let why = "The client may not sign people in";
        return Err(Refusal::new(ErrorCode::UnauthorizedClient, why));
    }
    if parameters.text("response_mode").is_some_and(|mode| ResponseMode::named(mode).is_none()) {
        return Err(Refusal::invalid("response_mode must be query or form_post"));
    }
    if parameters.text("state").is_some_and(|text| !is_state(text)) {
        return Err(Refusal::invalid("state is too long, or not ASCII"));
    }
    let hint =
        |name: &str| parameters.text(name).filter(|text| text.len() <= MAX_HINT).map(str::to_owned);
    Ok(Request {
        to: to.clone(),
        scope: scope(parameters, settings)?,
        nonce: nonce(parameters)?,
        challenge: challenge(parameters, settings)?,
        dpop_jkt: dpop_jkt(parameters)?,
        prompt: prompts(parameters)?,
        max_age: max_age(parameters)?,
        login_hint: hint("login_hint"),
        ui_locales: hint("ui_locales"),
        id_token_hint: parameters.text("id_token_hint").map(str::to_owned),
        acr_values: hint("acr_values"),
        claims: claims(parameters, settings)?,
        resource: resources(parameters, settings)?,
    })
}

/// What comes twice, and the forms of a request that this server does not take (§6, §7.2.1).
fn refuse_what_is_not_there(parameters: &Parameters) -> Result<(), Refusal> {
    if parameters.repeated().is_some() {
        return Err(Refusal::invalid("A parameter comes more than once"));
    }
    for (name, error, why) in [
        ("request", ErrorCode::RequestNotSupported, "The client has registered no keys to sign by"),
        ("request_uri", ErrorCode::RequestUriNotSupported, "request_uri is not supported"),
        ("registration", ErrorCode::RegistrationNotSupported, "registration is not supported"),
    ] {
        if parameters.has(name) {
            return Err(Refusal::new(error, why));
        }
    }
    Ok(())
}

/// What is asked for and may be. A scope that the client may not ask for is left out (RFC 6749 §3.3, OpenID
/// Connect Core §3.1.2.1), of which the answer to the token request tells; but nobody who wants to sign in is
/// answered with less than that.
fn scope(parameters: &Parameters, settings: &Settings) -> Result<Scopes, Refusal> {
    match parameters.text("scope") {
        Some(text) => granted(text, settings),
        None => Err(Refusal::new(ErrorCode::InvalidScope, "scope is missing")),
    }
}

/// The same for scopes that are there.
///
/// # Errors
/// `invalid_scope`.
pub(crate) fn granted(text: &str, settings: &Settings) -> Result<Scopes, Refusal> {
    let refuse = |why| Err(Refusal::new(ErrorCode::InvalidScope, why));
    let Ok(asked) = Scopes::parse(text) else { return refuse("scope cannot be read") };
    let mut granted = asked.intersection(&settings.scopes);
    if asked.contains(scope::OPENID) && !granted.contains(scope::OPENID) {
        return refuse("The client may not ask for openid");
    }
    // Access beyond the session comes with a refresh token (§11).
    if !settings.allows(GrantType::RefreshToken) {
        granted = granted.without(scope::OFFLINE_ACCESS);
    }
    if granted.is_empty() {
        return refuse("The client may ask for none of these scopes");
    }
    Ok(granted)
}

fn nonce(parameters: &Parameters) -> Result<Option<String>, Refusal> {
    match parameters.text("nonce") {
        Some(text) if text.len() > MAX_NONCE || text.contains(char::is_control) => {
            Err(Refusal::invalid("nonce is too long, or has control characters"))
        }
        nonce => Ok(nonce.map(str::to_owned)),
    }
}

/// Without a method it would be `plain` (RFC 7636 §4.3), which is none here.
fn challenge(parameters: &Parameters, settings: &Settings) -> Result<Option<Challenge>, Refusal> {
    match (parameters.text("code_challenge"), parameters.text("code_challenge_method")) {
        (None, Some(_)) => Err(Refusal::invalid("code_challenge is missing")),
        (None, None) if settings.pkce == Pkce::Required => {
            Err(Refusal::invalid("code_challenge is missing: the client has to use PKCE"))
        }
        (None, None) => Ok(None),
        (Some(text), Some("S256")) => match Challenge::parse(text) {
            Ok(challenge) => Ok(Some(challenge)),
            Err(_) => Err(Refusal::invalid("code_challenge must be 43 characters of base64url")),
        },
        (Some(_), _) => Err(Refusal::invalid("code_challenge_method must be S256")),
    }
}

/// The key that the application will prove when it redeems the code (RFC 9449 §10).
fn dpop_jkt(parameters: &Parameters) -> Result<Option<Thumbprint>, Refusal> {
    let Some(text) = parameters.text("dpop_jkt") else { return Ok(None) };
    let bad = Refusal::invalid("dpop_jkt must be 43 characters of base64url");
    Thumbprint::parse(text).map(Some).map_err(|_| bad)
}

fn prompts(parameters: &Parameters) -> Result<Prompts, Refusal> {
    let mut prompts = Prompts::default();
    for name in parameters.text("prompt").unwrap_or_default().split(' ') {
        match name {
            "" => {}
            "none" => prompts.none = true,
            "login" => prompts.login = true,
            "consent" => prompts.consent = true,
            "select_account" => prompts.select_account = true,
            "create" => prompts.create = true,
            _ => return Err(Refusal::invalid("prompt has a value that is not known")),
        }
    }
    let alone = Prompts { none: true, ..Prompts::default() };
    if prompts.none && prompts != alone {
        return Err(Refusal::invalid("prompt=none goes with no other value"));
    }
    Ok(prompts)
}

fn max_age(parameters: &Parameters) -> Result<Option<Duration>, Refusal> {
    let Some(text) = parameters.text("max_age") else { return Ok(None) };
    let digits = text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(seconds) if digits => Ok(Some(Duration::from_secs(seconds))),
        _ => Err(Refusal::invalid("max_age must be a number of seconds")),
    }
}

/// Where it insists on a level that there is not, nobody's sign-in would do (OpenID Connect Core §5.5.1.1).
fn claims(parameters: &Parameters, settings: &Settings) -> Result<Requested, Refusal> {
    let Some(text) = parameters.text("claims") else { return Ok(Requested::default()) };
    let malformed = "claims must be an object of claims in JSON, of at most 4096 bytes";
    let asked =
        Requested::parse(text, &settings.scopes).map_err(|_| Refusal::invalid(malformed))?;
    if !asked.accepts(ACR) {
        let why = "Nobody can sign in here as strongly as that";
        return Err(Refusal::new(ErrorCode::UnmetAuthenticationRequirements, why));
    }
    Ok(asked)
}

/// The resources that are asked for, each once, in the order in which they were sent.
///
/// # Errors
/// `invalid_target`.
pub(crate) fn resources(
    parameters: &Parameters,
    settings: &Settings,
) -> Result<Vec<String>, Refusal> {
    let mut all: Vec<String> = Vec::new();
    for resource in parameters.all("resource").map(str::to_owned) {
        if !settings.resources.contains(&resource) {
            let why = "The client may not ask for this resource";
            return Err(Refusal::new(ErrorCode::InvalidTarget, why));
        }
        if !all.contains(&resource) {
            all.push(resource);
        }
    }
    Ok(all)
}
