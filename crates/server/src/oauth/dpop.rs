//! Proofs of a key, as they come with requests (RFC 9449): read with the request, judged by the database's time as
//! soon as that is known, and noted by a statement of their own, since each may come once. A request without a
//! proof asks the database nothing more than before.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use tokenhouse_rules::oauth::dpop::{self, BadProof, Confirmation, Proof, Thumbprint};
use tokenhouse_rules::oauth::form::{self, Parameters};
use tokenhouse_rules::oauth::jws::{BadJws, Typ};
use tokenhouse_rules::time::Timestamp;

use super::client_authentication::Known;
use super::error::{Code, OAuthFailure};
use super::token::Asked;
use crate::app::App;

/// The header with the proof.
const PROOF: &str = "dpop";
/// The header with what the next proof has to hold.
const NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// No proof where a request for tokens has to have one: something is missing, and nothing that is there is wrong
/// (RFC 6749 §5.2).
pub(super) const NEEDED: OAuthFailure = OAuthFailure::invalid_request("A DPoP proof is needed");
/// The same at a protected resource (RFC 9449 §7.1).
pub(super) const NOT_SHOWN: OAuthFailure = bad("A DPoP proof is needed");
/// A proof that goes with another access token than it is shown with.
pub(super) const FOR_ANOTHER: OAuthFailure = bad("The DPoP proof is for another access token");

/// The key that an application proved, which its tokens are bound to.
pub(super) struct Binding {
    pub key: Thumbprint,
    /// For its next proof.
    pub nonce: String,
}

/// Where proofs for the token endpoint have to be made for.
pub(super) fn token_endpoint(app: &App) -> String {
    format!("{}/oauth2/token", super::issuer(app))
}

/// The proof that came with a request to this address, if one did.
///
/// # Errors
/// `invalid_dpop_proof`.
pub(super) fn read(
    headers: &HeaderMap,
    method: &str,
    address: &str,
) -> Result<Option<Proof>, OAuthFailure> {
    let mut values = headers.get_all(PROOF).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(bad("There is more than one DPoP header"));
    }
    // What is no ASCII is no proof either.
    let text = value.to_str().unwrap_or_default();
    Proof::read(text, method, address).map(Some).map_err(|why| bad(told(why)))
}

/// Judges a proof and notes that it came; the nonce for the next one. Everything else has to be judged before, so
/// that nothing is noted for who may ask for nothing.
///
/// # Errors
/// `use_dpop_nonce` and `invalid_dpop_proof`.
pub(super) async fn accept(
    app: &App,
    proof: &Proof,
    now: Timestamp,
) -> Result<String, OAuthFailure> {
    let nonce = dpop::nonce(&app.root, now);
    if let Err(why) = proof.judge(now, &app.root) {
        let code = match why {
            BadProof::Nonce => Code::UseDpopNonce,
            _ => Code::InvalidDpopProof,
        };
        return Err(OAuthFailure::new(code, told(why)).with_nonce(nonce));
    }
    let (noted, until) = proof.once();
    match app.store.use_once(&noted, until).await? {
        true => Ok(nonce),
        false => Err(bad("The DPoP proof was used before").with_nonce(nonce)),
    }
}

/// A request for authorization that is sent ahead, with the key that a proof beside it proves: as if it named that
/// key itself (RFC 9449 §10.1). And the nonce for the next proof.
///
/// # Errors
/// As of [`read`] and [`accept`]; and where it names another key.
pub(super) async fn announced(
    app: &App,
    headers: &HeaderMap,
    asked: Parameters,
    now: Timestamp,
) -> Result<(Parameters, Option<String>), OAuthFailure> {
    let address = format!("{}/oauth2/par", super::issuer(app));
    let Some(proof) = read(headers, "POST", &address)? else { return Ok((asked, None)) };
    let key = proof.key().to_string();
    let named = asked.text("dpop_jkt");
    if named.is_some_and(|named| named != key) {
        return Err(bad("The DPoP proof is of another key than dpop_jkt"));
    }
    let other = asked.pairs().filter(|(name, _)| *name != "dpop_jkt");
    let pairs: Vec<_> = other.chain([("dpop_jkt", key.as_str())]).collect();
    let bound = Parameters::gather(form::encode(&pairs).as_bytes())
        .map_err(|_| OAuthFailure::invalid_request("There are too many parameters"))?;
    let nonce = accept(app, &proof, now).await?;
    Ok((bound, Some(nonce)))
}

impl Asked<'_> {
    /// The key that tokens are to be bound to, where the application proves one; `bound` is that of what it
    /// presents.
    ///
    /// # Errors
    /// As of [`accept`]; and where a key has to be proved and is not.
    pub(super) async fn proved(
        &self,
        known: &Known,
        now: Timestamp,
        bound: Option<&Thumbprint>,
    ) -> Result<Option<Binding>, OAuthFailure> {
        let Some(proof) = &self.proof else {
            let needed = bound.is_some() || known.settings.dpop_bound_access_tokens;
            return if needed { Err(NEEDED) } else { Ok(None) };
        };
        if bound.is_some_and(|bound| bound != proof.key()) {
            let why = "What is presented is bound to another key";
            return Err(OAuthFailure::invalid_grant(why));
        }
        let nonce = accept(self.app, proof, now).await?;
        Ok(Some(Binding { key: *proof.key(), nonce }))
    }
}

/// What an access token says of its key.
pub(super) fn confirmed(binding: Option<&Binding>) -> Option<Confirmation> {
    binding.map(|binding| Confirmation { jkt: binding.key })
}

/// How an access token has to be shown that is made now (RFC 9449 §5).
pub(super) const fn token_type(binding: Option<&Binding>) -> &'static str {
    scheme(binding.is_some())
}

/// How an access token has to be shown.
pub(super) const fn scheme(is_bound: bool) -> &'static str {
    if is_bound { "DPoP" } else { "Bearer" }
}

/// The names of the algorithms of proofs, between spaces (RFC 9449 §7.1).
pub(super) fn algorithms() -> String {
    let names: Vec<_> = Typ::DpopProof.algorithms().iter().map(|one| one.name()).collect();
    names.join(" ")
}

/// Gives an application the nonce for its next proof (RFC 9449 §8.2).
pub(super) fn give(headers: &mut HeaderMap, nonce: Option<&String>) {
    let value = nonce.and_then(|nonce| HeaderValue::try_from(nonce).ok());
    headers.extend(value.map(|value| (NONCE, value)));
}

const fn bad(why: &'static str) -> OAuthFailure {
    OAuthFailure::new(Code::InvalidDpopProof, why)
}

const fn told(why: BadProof) -> &'static str {
    match why {
        BadProof::Jws(BadJws::Type) => "The type of the DPoP proof is not dpop+jwt",
        BadProof::Jws(BadJws::Algorithm) => "The algorithm of the DPoP proof is not used here",
        BadProof::Jws(BadJws::UnknownKey) => "The DPoP proof has no public key that fits",
        BadProof::Jws(BadJws::Forged) => "The signature of the DPoP proof is wrong",
        BadProof::Jws(_) => "The DPoP proof cannot be read",
        BadProof::Claims => "A claim of the DPoP proof is missing or malformed",
        BadProof::Method => "The DPoP proof is for another method",
        BadProof::Target => "The DPoP proof is for another address",
        BadProof::Nonce => "The DPoP proof needs the nonce of the DPoP-Nonce header",
        BadProof::Time => "The DPoP proof was not made now",
    }
}
