//! What an application says of itself when it registers (RFC 7591 §2, OpenID Connect Dynamic Client Registration 1.0
//! §2), and what a stranger may have of it.
//!
//! What it says is mapped to settings as an operator writes them, and judged by the same rules. Members that are
//! not known are left out (RFC 7591 §2), as are those that only an operator is believed: addresses that this
//! server would put into its pages or tell of sign-outs, other audiences, consent for others. What is answered is what
//! was registered.

mod document;

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value};

pub use self::document::document;
use super::Fault;
use super::client::{Authentication, ClientId, GrantType, Kind, Settings};
use super::jwk::Algorithm;
use super::scope::{ADDRESS, EMAIL, OFFLINE_ACCESS, OPENID, PHONE, PROFILE, Scopes};
use crate::origin::Origin;

/// What a stranger may ask people for. Groups are the house's own affair.
const SCOPES: [&str; 6] = [OPENID, PROFILE, EMAIL, ADDRESS, PHONE, OFFLINE_ACCESS];

/// In which ways a stranger may ask: only with a person who agrees.
const GRANTS: [GrantType; 3] =
    [GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::DeviceCode];

/// What is said, as far as it is known here.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Metadata {
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    token_endpoint_auth_method: Option<String>,
    grant_types: Option<Vec<String>>,
    response_types: Option<Vec<String>>,
    application_type: Option<String>,
    client_name: Option<String>,
    policy_uri: Option<String>,
    tos_uri: Option<String>,
    scope: Option<String>,
    jwks: Option<Value>,
    jwks_uri: Option<String>,
    subject_type: Option<String>,
    id_token_signed_response_alg: Option<String>,
    userinfo_signed_response_alg: Option<String>,
    require_pushed_authorization_requests: bool,
    require_signed_request_object: bool,
    dpop_bound_access_tokens: bool,
    /// Of an update (RFC 7592 §2.2): has to be the client's own.
    pub client_id: Option<String>,
    /// Of an update: has to be one of its own where it is there.
    pub client_secret: Option<String>,
}

/// Why metadata are refused (RFC 7591 §3.2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// `invalid_redirect_uri` or `invalid_client_metadata`.
    pub error: &'static str,
    /// For developers. Nothing of what was sent is in it.
    pub text: String,
}

impl Refusal {
    fn of(member: &str, text: &str) -> Self {
        let error = match member {
            "redirect_uris" => "invalid_redirect_uri",
            _ => "invalid_client_metadata",
        };
        // Without what would need an escape (RFC 6749 §5.2).
        Self { error, text: format!("{member} {text}").replace('"', "'") }
    }
}

impl Metadata {
    /// Reads a JSON object.
    ///
    /// # Errors
    /// [`Refusal`] for a known member of another type.
    pub fn read(members: Map<String, Value>) -> Result<Self, Refusal> {
        // `null` is as good as nothing (RFC 7592 §2.2).
        let said = members.into_iter().filter(|(_, value)| !value.is_null()).collect();
        serde_json::from_value(Value::Object(said))
            .map_err(|_| Refusal::of("The metadata", "hold a known member of another type"))
    }

    /// The settings that it asks for, judged. What an operator changed of the former ones stays as it is.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn settings(
        &self,
        client: &ClientId,
        former: Option<&Settings>,
    ) -> Result<Settings, Refusal> {
        let authentication = self.authentication()?;
        let grants = self.grants()?;
        let kind = self.kind(authentication, &grants)?;
        let base = former.map_or_else(|| Settings::preset(kind), Settings::clone);
        if base.kind != kind
            || former.is_some_and(|one| by_secret(one.authentication) != by_secret(authentication))
        {
            let at = "token_endpoint_auth_method";
            return Err(Refusal::of(at, "or application_type cannot be changed so; register anew"));
        }
        let settings = Settings {
            name: self.client_name.clone().unwrap_or_else(|| client.to_string()),
            policy_uri: self.policy_uri.clone(),
            tos_uri: self.tos_uri.clone(),
            redirect_uris: self.redirect_uris.clone(),
            post_logout_redirect_uris: self.post_logout_redirect_uris.clone(),
            origins: if kind == Kind::Spa { origins(&self.redirect_uris) } else { Vec::new() },
            scopes: self.scopes(&grants)?,
            authentication,
            jwks: self.jwks.clone(),
            jwks_uri: self.jwks_uri.clone(),
            require_pushed_authorization_requests: self.require_pushed_authorization_requests,
            require_signed_request_object: self.require_signed_request_object,
            grants,
            dpop_bound_access_tokens: self.dpop_bound_access_tokens,
            id_token_algorithm: algorithm(
                self.id_token_signed_response_alg.as_deref(),
                "id_token_signed_response_alg",
            )?
            .unwrap_or(Algorithm::ES256),
            userinfo_signed_response_alg: algorithm(
                self.userinfo_signed_response_alg.as_deref(),
                "userinfo_signed_response_alg",
            )?,
            ..base
        };
        self.other_members()?;
        match settings.check() {
            Ok(()) => Ok(settings),
            Err(faults) => Err(refused(&faults)),
        }
    }

    fn authentication(&self) -> Result<Authentication, Refusal> {
        let at = "token_endpoint_auth_method";
        match self.token_endpoint_auth_method.as_deref() {
            None | Some("client_secret_basic") => Ok(Authentication::Basic),
            Some("client_secret_post") => Ok(Authentication::Post),
            Some("private_key_jwt") => Ok(Authentication::PrivateKeyJwt),
            Some("client_secret_jwt") => Ok(Authentication::ClientSecretJwt),
            Some("none") => Ok(Authentication::None),
            Some(_) => Err(Refusal::of(at, "names a way that there is none of here")),
        }
    }

    fn grants(&self) -> Result<BTreeSet<GrantType>, Refusal> {
        let Some(names) = &self.grant_types else {
            return Ok(BTreeSet::from([GrantType::AuthorizationCode]));
        };
        let known = |name: &String| GrantType::named(name).filter(|grant| GRANTS.contains(grant));
        let read: Option<BTreeSet<_>> = names.iter().map(known).collect();
        read.ok_or_else(|| Refusal::of("grant_types", "names one that is not for strangers here"))
    }

    /// What keeps no secret runs with people: in a browser, on a machine of theirs, or where there is no browser.
    fn kind(
        &self,
        authentication: Authentication,
        grants: &BTreeSet<GrantType>,
    ) -> Result<Kind, Refusal> {
        let at = "application_type";
        let is_bare = authentication == Authentication::None;
        let has_browser = grants.contains(&GrantType::AuthorizationCode);
        match self.application_type.as_deref() {
            None | Some("web") if !is_bare => Ok(Kind::Server),
            None | Some("web" | "native") if is_bare && !has_browser => Ok(Kind::Device),
            None | Some("web") => Ok(Kind::Spa),
            Some("native") => Ok(Kind::Native),
            Some(_) => Err(Refusal::of(at, "must be web or native")),
        }
    }

    /// Who names none may ask for all that a stranger may: OpenID Connect registers no scopes, and people are asked.
    fn scopes(&self, grants: &BTreeSet<GrantType>) -> Result<Scopes, Refusal> {
        let Some(text) = &self.scope else {
            let all = Scopes::of(&SCOPES);
            let lasts = grants.contains(&GrantType::RefreshToken);
            return Ok(if lasts { all } else { all.without(OFFLINE_ACCESS) });
        };
        let asked = Scopes::parse(text).ok().filter(|asked| asked.is_subset(&Scopes::of(&SCOPES)));
        asked.ok_or_else(|| Refusal::of("scope", "holds one that is not for strangers here"))
    }

    /// What may only be said in the one way that there is.
    fn other_members(&self) -> Result<(), Refusal> {
        let code = self.response_types.as_ref().is_none_or(|types| types == &["code"]);
        let bare = self.response_types.as_ref().is_some_and(Vec::is_empty);
        let redirects = self.grants()?.contains(&GrantType::AuthorizationCode);
        if !(code || bare && !redirects) {
            return Err(Refusal::of("response_types", "must be code alone"));
        }
        // This server asks there: of strangers only where a certificate says who answers.
        if self.jwks_uri.as_ref().is_some_and(|address| !address.starts_with("https://")) {
            return Err(Refusal::of("jwks_uri", "must begin with https://"));
        }
        if self.subject_type.as_deref().is_some_and(|kind| kind != "public") {
            return Err(Refusal::of("subject_type", "must be public"));
        }
        Ok(())
    }
}

/// What a client has for one way: nothing; or a secret, which is made when it registers and shown that once; or one of
/// which a copy is kept besides.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    Nothing,
    Digest,
    Copy,
}

const fn by_secret(authentication: Authentication) -> Kept {
    match authentication {
        Authentication::None | Authentication::PrivateKeyJwt => Kept::Nothing,
        Authentication::Basic | Authentication::Post => Kept::Digest,
        Authentication::ClientSecretJwt => Kept::Copy,
    }
}

/// Who sent the application's pages asks with its scripts.
fn origins(redirect_uris: &[String]) -> Vec<String> {
    let origin = |uri: &String| {
        let end = uri.match_indices('/').nth(2).map_or(uri.len(), |(place, _)| place);
        Origin::parse(uri.get(..end)?).ok().map(|origin| origin.to_string())
    };
    let each: BTreeSet<_> = redirect_uris.iter().filter_map(origin).collect();
    each.into_iter().collect()
}

fn algorithm(name: Option<&str>, member: &str) -> Result<Option<Algorithm>, Refusal> {
    let unknown = || Refusal::of(member, "names an algorithm that there is none of here");
    name.map(|name| Algorithm::named(name).ok_or_else(unknown)).transpose()
}

/// The first fault of settings, by the name that the member has in metadata.
fn refused(faults: &[Fault]) -> Refusal {
    let Some(fault) = faults.first() else { return Refusal::of("The metadata", "are wrong") };
    let path = fault.pointer.trim_start_matches('/');
    let (member, place) = match path.split_once('/') {
        Some((member, place)) => (member, format!("[{place}] ")),
        None => (path, String::new()),
    };
    let known = match member {
        "name" => "client_name",
        "scopes" => "scope",
        "grants" => "grant_types",
        "authentication" => "token_endpoint_auth_method",
        // They come from nowhere else.
        "origins" => "redirect_uris",
        other => other,
    };
    Refusal::of(known, &format!("{place}{}", fault.text))
}

#[cfg(test)]
mod tests;
