//! Which application asks, and whether it is the one it says it is (RFC 6749 §2.3): by a secret in the
//! `Authorization` header or in the form, or by its name alone where it can keep no secret.
//!
//! What it says is read before the database is asked; whether that suffices is judged from the client's row. What it
//! signed is judged on its own, before that (`client_assertion.rs`).

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode;
use tokenhouse_rules::oauth::client::{Authentication, ClientId, GrantType, Settings};
use tokenhouse_rules::oauth::client_secret;
use tokenhouse_rules::oauth::form::Parameters;
use tokenhouse_rules::token::is_same_hash;
use tokenhouse_store::{Client, Error, Shown};
use zeroize::Zeroizing;

use super::client_assertion;
use super::error::{Code, OAuthFailure};
use super::form::PostedForm;
use crate::app::App;

/// One answer for a client that is none, is disabled, or is somebody else.
pub(super) const UNKNOWN: OAuthFailure =
    OAuthFailure::invalid_client("The client is not known or did not show that it is the one");

/// How a client says who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Name,
    Header,
    Form,
    /// By an assertion that nobody has looked at: that is nobody.
    Assertion,
    /// By an assertion that was judged, in this way.
    Proved(Authentication),
}

/// Who a client says it is.
#[derive(Debug)]
pub(super) struct Claimed {
    pub id: ClientId,
    /// SHA-256 of the secret that it shows.
    pub secret: Option<[u8; 32]>,
    by: By,
}

/// A client that showed who it is, and what it may do.
pub(super) struct Known {
    pub client: Client,
    pub settings: Settings,
}

impl Claimed {
    /// Reads header and form, and judges what the client signed, if it did.
    ///
    /// # Errors
    /// Those of [`Claimed::read`], and `invalid_client` for an assertion that is not good.
    pub(super) async fn of(app: &App, form: &PostedForm) -> Result<Self, OAuthFailure> {
        let claimed = Self::read(form)?;
        if claimed.by != By::Assertion {
            return Ok(claimed);
        }
        let way = client_assertion::prove(app, &claimed.id, form).await?;
        Ok(Self { by: By::Proved(way), ..claimed })
    }

    /// Reads header and form. Who shows an assertion is nobody until [`Claimed::of`] has judged it.
    ///
    /// # Errors
    /// `invalid_client` when it says nothing that can be understood, `invalid_request` when it says two things.
    pub(super) fn read(form: &PostedForm) -> Result<Self, OAuthFailure> {
        let PostedForm { parameters, headers } = form;
        let twice = OAuthFailure::invalid_request("The client says in two ways who it is");
        if let Some(id) = client_assertion::named(form)? {
            return Ok(Self { id, secret: None, by: By::Assertion });
        }
        let named = parameters.text("client_id");
        match basic(headers)? {
            Some(_) if parameters.has("client_secret") => Err(twice),
            Some((id, _)) if named.is_some_and(|named| named != id.as_str()) => Err(twice),
            Some((id, secret)) => {
                let secret = (!secret.is_empty()).then(|| client_secret::hash(&secret));
                let by = if secret.is_some() { By::Header } else { By::Name };
                Ok(Self { id: parse(&id)?, secret, by })
            }
            None => Self::in_form(parameters),
        }
    }

    fn in_form(parameters: &Parameters) -> Result<Self, OAuthFailure> {
        let nobody = OAuthFailure::invalid_client("The client does not say who it is");
        let id = parse(parameters.text("client_id").ok_or(nobody)?)?;
        let secret = parameters.text("client_secret").map(client_secret::hash);
        let by = if secret.is_some() { By::Form } else { By::Name };
        Ok(Self { id, secret, by })
    }

    /// How a refresh token is to be judged with it.
    pub(super) fn shown(&self) -> Shown {
        match self.by {
            By::Proved(_) => Shown::Judged,
            _ => self.secret.map_or(Shown::Name, Shown::Secret),
        }
    }

    /// Judges it by the client's row.
    ///
    /// # Errors
    /// `invalid_client`: one answer for a client that is none, is disabled, or is somebody else.
    pub(super) fn judge(&self, found: Option<Client>) -> Result<Known, OAuthFailure> {
        let client = found.filter(|client| client.disabled_at.is_none()).ok_or(UNKNOWN)?;
        let settings = Settings::stored(&client.settings).map_err(|bad| {
            OAuthFailure::internal(Error::Corrupt(format!(
                "settings of client {}: {bad}",
                client.id
            )))
        })?;
        let known = Known { client, settings };
        if self.suffices_for(&known) { Ok(known) } else { Err(UNKNOWN) }
    }

    fn suffices_for(&self, Known { client, settings }: &Known) -> bool {
        let is_one = |shown: &[u8; 32]| {
            client.secrets.iter().any(|secret| is_same_hash(&secret.hash, shown))
        };
        match (settings.authentication, self.by) {
            (Authentication::None, By::Name) => true,
            (registered, By::Proved(way)) => registered == way,
            (Authentication::Basic, By::Header | By::Form) | (Authentication::Post, By::Form) => {
                self.secret.as_ref().is_some_and(is_one)
            }
            _ => false,
        }
    }
}

impl Known {
    /// Refuses what the client may not ask for.
    pub(super) fn may(&self, grant: GrantType) -> Result<(), OAuthFailure> {
        if self.settings.allows(grant) {
            return Ok(());
        }
        let why = "The client may not ask in this way";
        Err(OAuthFailure::new(Code::UnauthorizedClient, why))
    }
}

fn parse(id: &str) -> Result<ClientId, OAuthFailure> {
    ClientId::parse(id).map_err(|_| UNKNOWN)
}

type Pair = (Zeroizing<String>, Zeroizing<String>);

/// Name and secret from `Authorization: Basic`, each encoded as a form is (RFC 6749 §2.3.1).
fn basic(headers: &HeaderMap) -> Result<Option<Pair>, OAuthFailure> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(OAuthFailure::invalid_request("There is more than one Authorization header"));
    }
    let unreadable = OAuthFailure::invalid_client("The Authorization header cannot be read");
    let read = || {
        let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
        let encoded = scheme.eq_ignore_ascii_case("basic").then(|| encoded.trim_matches(' '))?;
        let decoded = Zeroizing::new(STANDARD.decode(encoded).ok()?);
        let colon = decoded.iter().position(|byte| *byte == b':')?;
        Some((plain(&decoded[..colon])?, plain(&decoded[colon + 1..])?))
    };
    read().map(Some).ok_or(unreadable)
}

fn plain(encoded: &[u8]) -> Option<Zeroizing<String>> {
    let spaced: Zeroizing<Vec<u8>> = Zeroizing::new(
        encoded.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect(),
    );
    let text = percent_decode(&spaced).decode_utf8().ok()?;
    Some(Zeroizing::new(text.into_owned()))
}

#[cfg(test)]
mod tests;
