//! A form that came in: from our own page, in the browser it was given to, or not at all.
//!
//! Three things are looked at, which fail for different reasons: what the browser says of the site that sent it
//! (`Sec-Fetch-Site`, `Origin`; OWASP ASVS 3.5.1), `SameSite` cookies, and the token (`rules/csrf.rs`).

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use secrecy::SecretString;
use tokenhouse_rules::csrf::{self, Holder};
use tokenhouse_rules::local_path::{self, LocalPath};
use tokenhouse_rules::origin;
use zeroize::Zeroizing;

use super::person::Person;
use super::visitor::{Here, Visitor};
use super::{failure, places, render};
use crate::app::App;
use crate::error::Problem;
use crate::extract::body;

const FORM: &str = "application/x-www-form-urlencoded";
/// The most bytes of a form: it may bring a whole request of an application along, written as a form is.
const MOST: usize = 32 * 1024;

/// What was typed.
pub(super) struct Fields(Vec<(String, Zeroizing<String>)>);

impl Fields {
    /// A field, empty when it was not sent.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// A field that nobody may see.
    pub(super) fn secret(&self, name: &str) -> SecretString {
        SecretString::from(self.text(name))
    }
}

/// Why a form is not taken; the person gets a fresh one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// The browser had no cookie to send, or dropped it.
    Cookie,
    /// Of another browser, another session, or too old.
    Form,
}

impl Lost {
    /// The message that says so.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Cookie => "form-cookie-lost",
            Self::Form => "form-again",
        }
    }
}

/// A form of one of our own pages, as far as the browser can tell.
pub(super) struct Posted {
    pub visitor: Visitor,
    pub fields: Fields,
}

impl Posted {
    /// Whether it was given to this browser, before there was a session.
    pub(super) fn of_visit(&self, app: &App) -> Result<(), Lost> {
        if self.visitor.is_new {
            return Err(Lost::Cookie);
        }
        self.of(app, &Holder::Visit(&self.visitor.visit))
    }

    /// Whether it was given to this session.
    pub(super) fn of_session(&self, app: &App, person: &Person) -> Result<(), Lost> {
        self.of(app, &person.holder())
    }

    /// Whether it was given to this one.
    pub(super) fn of(&self, app: &App, holder: &Holder<'_>) -> Result<(), Lost> {
        csrf::check(self.fields.text("csrf"), holder, &app.root).map_err(|_| Lost::Form)
    }
}

impl FromRequest<App> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Here(mut visitor, headers) = Here::from_request_parts(&mut parts, app).await?;
        if is_cross_site(&headers, &visitor.host) {
            let text = visitor.say(app, "form-cross-site");
            return Err(failure::refused(app, &visitor, StatusCode::FORBIDDEN, text));
        }
        let refuse = |problem: Problem| problem.into_response();
        body::expect_type(&headers, &[FORM]).map_err(refuse)?;
        let bytes = body::read(Request::from_parts(parts, body), MOST).await.map_err(refuse)?;
        let fields = serde_urlencoded::from_bytes(&bytes)
            .map_err(|_| refuse(Problem::invalid().detail("The form cannot be read.")))?;
        let fields = Fields(fields);
        visitor.go_on_to(app, &headers, fields.text("return_to"));
        Ok(Self { visitor, fields })
    }
}

/// A form that an application has a browser send: on to the address that asks for the same. Browsers bring no
/// cookie along with a form of another site, but they do with the address.
pub(super) async fn as_address(request: Request, path: &str) -> Result<Response, Problem> {
    body::expect_type(request.headers(), &[FORM])?;
    let bytes = body::read(request, MOST).await?;
    let form = std::str::from_utf8(&bytes).map_err(|_| body::malformed("It is not UTF-8."))?;
    let address = format!("{path}?{}", places::rewritten(form, &[]));
    let address = LocalPath::parse(&address, &[path]);
    let address = address.ok_or_else(|| body::too_large(local_path::MAX))?;
    Ok(render::see_other(address.as_str()))
}

/// What a browser sends with a form of another site, or of a page without an origin.
fn is_cross_site(headers: &HeaderMap, host: &str) -> bool {
    let text =
        |name| headers.get(name).map(|value: &header::HeaderValue| value.to_str().unwrap_or(""));
    let from_elsewhere =
        text("sec-fetch-site").is_some_and(|site| !["same-origin", "none"].contains(&site));
    let of_elsewhere = text("origin").is_some_and(|sent| !origin::is_same(sent, host));
    from_elsewhere || of_elsewhere
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_of_another_site_is_told_by_either_header() {
        let judge = |pairs: &[(&'static str, &'static str)]| {
            let headers = pairs.iter().map(|(name, value)| {
                let name = header::HeaderName::from_static(name);
                (name, header::HeaderValue::from_static(value))
            });
            is_cross_site(&headers.collect(), "login.example.org")
        };
        assert!(!judge(&[]));
        assert!(!judge(&[
            ("sec-fetch-site", "same-origin"),
            ("origin", "https://login.example.org")
        ]));
        assert!(!judge(&[("sec-fetch-site", "none")]));
        assert!(judge(&[("sec-fetch-site", "cross-site")]));
        assert!(judge(&[("sec-fetch-site", "same-site"), ("origin", "https://login.example.org")]));
        assert!(judge(&[("origin", "https://evil.example")]));
        assert!(judge(&[("origin", "null")]));
        assert!(judge(&[("origin", "https://login.example.org.evil.example")]));
    }
}
