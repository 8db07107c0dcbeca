//! How an access token is shown to a protected resource of this server: by whoever holds it (RFC 6750), or with a
//! proof of the key that it is bound to (RFC 9449 §7). A token that is bound is never taken from who does not
//! prove its key.

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, Method, header};
use tokenhouse_rules::oauth::access_token::Claims;
use tokenhouse_rules::oauth::dpop::Proof;
use tokenhouse_rules::time::Timestamp;
use zeroize::Zeroizing;

use super::dpop;
use super::error::OAuthFailure;
use super::form::PostedForm;
use crate::app::App;
use crate::extract::body;

/// A token that is shown.
pub(super) struct Credential {
    pub token: Zeroizing<String>,
    /// What it is shown with; not judged by the time yet.
    proof: Option<Proof>,
}

impl Credential {
    /// The token in the `Authorization` header (RFC 6750 §2.1, RFC 9449 §7.1) of a request to this address. One in
    /// the address is not looked at (RFC 6750 §2.3): it would be in logs and histories.
    ///
    /// # Errors
    /// For two headers, an unreadable one, and a proof that is none.
    pub(super) fn in_header(
        headers: &HeaderMap,
        method: &Method,
        address: &str,
    ) -> Result<Option<Self>, OAuthFailure> {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            let why = "There is more than one Authorization header";
            return Err(OAuthFailure::invalid_request(why).at_resource());
        }
        let text = value.to_str().map_err(|_| OAuthFailure::invalid_token())?;
        let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
        let token = Zeroizing::new(token.trim_matches(' ').to_owned());
        if scheme.eq_ignore_ascii_case("bearer") {
            return Ok(Some(Self { token, proof: None }));
        }
        if !scheme.eq_ignore_ascii_case("dpop") {
            return Ok(None);
        }
        let proof = dpop::read(headers, method.as_str(), address)
            .and_then(|proof| proof.ok_or(dpop::NOT_SHOWN))
            .map_err(|failure| failure.at_resource().by_dpop())?;
        Ok(Some(Self { token, proof: Some(proof) }))
    }

    /// The token in the header or in a form (RFC 6750 §2.2), not in both.
    ///
    /// # Errors
    /// Likewise, and for no token at all.
    pub(super) async fn in_either(
        app: &App,
        request: Request,
        address: &str,
    ) -> Result<Self, OAuthFailure> {
        let named = Self::in_header(request.headers(), request.method(), address)?;
        let kind = "application/x-www-form-urlencoded";
        let in_form = match body::expect_type(request.headers(), &[kind]) {
            Ok(_) => {
                let form = PostedForm::from_request(request, app).await;
                let form = form.map_err(OAuthFailure::at_resource)?;
                let token = form.parameters.text("access_token");
                token.map(|token| Self { token: Zeroizing::new(token.to_owned()), proof: None })
            }
            Err(_) => None,
        };
        match (named, in_form) {
            (Some(_), Some(_)) => {
                let why = "There is a token in the header and another one in the form";
                Err(OAuthFailure::invalid_request(why).at_resource())
            }
            (named, in_form) => named.or(in_form).ok_or_else(OAuthFailure::missing_token),
        }
    }

    /// Whether it is shown as a token with these claims has to be: with a proof of its key, made for this very
    /// token, or without any (RFC 9449 §7.1, §7.2).
    ///
    /// # Errors
    /// `invalid_token`, and `invalid_dpop_proof` for a proof that was made for another token.
    pub(super) fn fits(&self, claims: &Claims) -> Result<(), OAuthFailure> {
        match (&self.proof, &claims.cnf) {
            (None, None) => Ok(()),
            (Some(proof), Some(bound)) if *proof.key() == bound.jkt => {
                if proof.is_for(&self.token) { Ok(()) } else { Err(dpop::FOR_ANOTHER) }
            }
            _ => Err(OAuthFailure::invalid_token()),
        }
    }

    /// Judges the proof and notes that it came, when everything else was judged; the nonce for the next one.
    ///
    /// # Errors
    /// As of [`dpop::accept`].
    pub(super) async fn accept(
        &self,
        app: &App,
        now: Timestamp,
    ) -> Result<Option<String>, OAuthFailure> {
        match &self.proof {
            Some(proof) => dpop::accept(app, proof, now).await.map(Some),
            None => Ok(None),
        }
    }

    /// The refusal of the request that it was shown with.
    pub(super) fn refused(&self, failure: OAuthFailure) -> OAuthFailure {
        let failure = failure.at_resource();
        if self.proof.is_some() { failure.by_dpop() } else { failure }
    }
}
