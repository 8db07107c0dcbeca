//! Less than was granted: the scopes that a request for tokens names (RFC 6749 §3.3), and the resources (RFC 8707).

use tokenhouse_rules::oauth::client::Settings;
use tokenhouse_rules::oauth::scope::{OPENID, Scopes};

use super::error::{Code, OAuthFailure};
use super::form::PostedForm;

/// The scopes that are given: all, or those that are asked for where they are among them (RFC 6749 §3.3, §6).
///
/// # Errors
/// `invalid_scope`.
pub(super) fn scope(asked: Option<&Scopes>, allowed: &Scopes) -> Result<Scopes, OAuthFailure> {
    match asked {
        None => Ok(allowed.clone()),
        Some(asked) if asked.is_subset(allowed) => Ok(asked.clone()),
        Some(_) => Err(OAuthFailure::new(Code::InvalidScope, "More is asked for than was granted")),
    }
}

/// The scopes that a request asks for, if it names any.
///
/// # Errors
/// `invalid_scope`.
pub(super) fn asked_scope(form: &PostedForm) -> Result<Option<Scopes>, OAuthFailure> {
    let malformed = OAuthFailure::new(Code::InvalidScope, "The scope cannot be read");
    form.parameters.text("scope").map(Scopes::parse).transpose().map_err(|_| malformed)
}

/// Whom an access token is for: exactly the resources that the request names, where they are among those that were
/// granted (RFC 8707 §2.2), else `usual`.
///
/// # Errors
/// `invalid_target`.
pub(super) fn audience(
    form: &PostedForm,
    granted: &[String],
    usual: Vec<String>,
) -> Result<Vec<String>, OAuthFailure> {
    let asked: Vec<String> = form.parameters.all("resource").map(str::to_owned).collect();
    if asked.is_empty() {
        return Ok(usual);
    }
    if asked.iter().all(|one| granted.contains(one)) {
        return Ok(asked);
    }
    Err(OAuthFailure::new(Code::InvalidTarget, "The resource is not one that was granted"))
}

/// The usual audience of what a person granted: the resources, else what the client is registered with, else the
/// issuer; with `openid` the issuer in any case, whose userinfo endpoint is one of them.
pub(super) fn usual_audience(
    granted: &[String],
    (settings, issuer): (&Settings, &str),
    scope: &Scopes,
) -> Vec<String> {
    let mut audience = granted.to_vec();
    if audience.is_empty() {
        audience.push(settings.audience.clone().unwrap_or_else(|| issuer.to_owned()));
    }
    if scope.contains(OPENID) && !audience.iter().any(|one| one == issuer) {
        audience.push(issuer.to_owned());
    }
    audience
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use tokenhouse_rules::oauth::client::Kind;
    use tokenhouse_rules::oauth::form::Parameters;

    use super::*;

    const ISSUER: &str = "https://login.example";

    fn form(body: &str) -> PostedForm {
        let parameters = Parameters::parse(body.as_bytes()).expect("a form");
        PostedForm { parameters, headers: HeaderMap::new() }
    }

    fn scopes(text: &str) -> Scopes {
        Scopes::parse(text).expect("scopes")
    }

    #[test]
    fn less_can_be_asked_for_and_never_more() {
        let allowed = scopes("openid email");
        assert_eq!(scope(None, &allowed).expect("all"), allowed);
        assert_eq!(scope(Some(&scopes("email")), &allowed).expect("less"), scopes("email"));
        let more = scope(Some(&scopes("email admin")), &allowed).expect_err("more");
        assert_eq!(more.code, Code::InvalidScope);
        assert!(asked_scope(&form("scope=")).expect("none").is_none());
        let bad = asked_scope(&form("scope=a%22b")).expect_err("a quote");
        assert_eq!(bad.code, Code::InvalidScope);
    }

    #[test]
    fn a_token_is_for_what_was_granted_and_with_openid_for_the_issuer_too() {
        let mut settings = Settings::preset(Kind::Server);
        let usual = |granted: &[String], settings: &Settings, scope: &str| {
            usual_audience(granted, (settings, ISSUER), &scopes(scope))
        };
        let api = vec!["https://api.example".to_owned()];
        assert_eq!(usual(&[], &settings, "openid"), [ISSUER]);
        assert_eq!(usual(&api, &settings, "openid"), ["https://api.example", ISSUER]);
        assert_eq!(usual(&api, &settings, "read"), ["https://api.example"]);
        settings.audience = Some("https://own.example".to_owned());
        assert_eq!(usual(&[], &settings, "openid"), ["https://own.example", ISSUER]);
        assert_eq!(usual(&[], &settings, "read"), ["https://own.example"]);
    }

    #[test]
    fn a_resource_that_is_named_is_the_only_audience_and_must_have_been_granted() {
        let granted = ["https://a.example".to_owned(), "https://b.example".to_owned()];
        let usual = || vec![ISSUER.to_owned()];
        let named = form("resource=https%3A%2F%2Fb.example");
        assert_eq!(audience(&named, &granted, usual()).expect("one"), ["https://b.example"]);
        assert_eq!(audience(&form(""), &granted, usual()).expect("the usual"), [ISSUER]);
        let other = form("resource=https%3A%2F%2Fb.example&resource=https%3A%2F%2Fc.example");
        let refused = audience(&other, &granted, usual()).expect_err("another");
        assert_eq!(refused.code, Code::InvalidTarget);
    }
}
