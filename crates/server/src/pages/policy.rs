//! What a page may load, and where its forms may lead (Content Security Policy Level 3).

use axum::http::{HeaderValue, header};
use axum::response::Response;
use tokenhouse_rules::local_path::LocalPath;
use tokenhouse_rules::origin::Origin;

use super::places::{self, AUTHORIZE, CONTINUE};

/// Nothing but our own style sheet, scripts and pictures; in nobody's frame; forms to ourselves.
pub(super) const OWN: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    img-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// Lets the forms of a page lead to an address elsewhere, which was judged, or will be before anybody is sent
/// there.
///
/// Browsers hold every address that they are sent on to after a form against the policy of its page, also where
/// an application sends people on to another of its hosts. So it is the scheme that is allowed.
pub(super) fn allow(response: &mut Response, address: &str) {
    let Some(scheme) = scheme(address) else { return };
    let policy = HeaderValue::try_from(format!("{OWN} {scheme}:")).expect("schemes are ASCII");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
}

/// Lets a page have frames of these addresses, and of nobody else.
pub(super) fn frame(response: &mut Response, addresses: &[String]) {
    let origins = addresses.iter().filter_map(|address| Origin::parse(address).ok());
    let mut sources: Vec<_> = origins.map(|origin| origin.to_string()).collect();
    sources.retain(|source| !source.contains([';', ',', ' ']));
    sources.sort_unstable();
    sources.dedup();
    if let Ok(policy) = HeaderValue::try_from(format!("{OWN}; frame-src {}", sources.join(" "))) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// The address elsewhere to which somebody is sent who goes on to this path.
pub(super) fn leads_to(to: &LocalPath) -> Option<String> {
    let (path, query) = to.as_str().split_once('?')?;
    match path {
        AUTHORIZE => places::parameter(query, "redirect_uri"),
        CONTINUE => places::parameter(query, "to"),
        _ => None,
    }
}

/// `http`, `https`, or that of an application on the person's machine, which begins with a domain (RFC 8252 §7.1).
fn scheme(address: &str) -> Option<String> {
    let scheme = address.split_once(':')?.0.to_ascii_lowercase();
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let is_known = ["http", "https"].contains(&scheme.as_str()) || scheme.contains('.');
    (is_known && scheme.bytes().all(legal)).then_some(scheme)
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;

    use super::*;
    use crate::pages::places::AFTER_SIGN_IN;

    fn policy(address: &str) -> String {
        let mut response = ([(header::CONTENT_SECURITY_POLICY, OWN)], "").into_response();
        allow(&mut response, address);
        let header = &response.headers()[header::CONTENT_SECURITY_POLICY];
        header.to_str().expect("text").to_owned()
    }

    #[test]
    fn a_form_may_lead_to_the_scheme_of_an_application_and_to_nothing_else() {
        for (address, source) in [
            ("https://app.example/cb?a=b", "https:"),
            ("HTTP://[::1]:8080/", "http:"),
            ("com.example.app:/cb", "com.example.app:"),
        ] {
            assert_eq!(policy(address), format!("{OWN} {source}"));
        }
        for nothing in [
            "",
            "/account",
            "javascript:alert(1)",
            "data:text/html,x",
            "a.b; script-src *:",
            "a.b\r\nX:",
            "ä.b:",
        ] {
            assert_eq!(policy(nothing), OWN, "{nothing}");
        }
    }

    #[test]
    fn a_page_frames_the_origins_that_it_was_given_and_nobody_else() {
        let mut response = ([(header::CONTENT_SECURITY_POLICY, OWN)], "").into_response();
        let addresses =
            ["https://b.example/out?a", "https://a.example:8443/", "https://b.example/"];
        frame(&mut response, &addresses.map(str::to_owned));
        let expected = format!("{OWN}; frame-src https://a.example:8443 https://b.example");
        assert_eq!(response.headers()[header::CONTENT_SECURITY_POLICY], expected);
    }

    #[test]
    fn where_somebody_is_sent_in_the_end_is_read_off_the_path_she_goes_on_to() {
        let leads_to =
            |text: &str| leads_to(&LocalPath::parse(text, AFTER_SIGN_IN).expect("a path"));
        let asked = "/oauth2/authorize?client_id=a&redirect_uri=https%3A%2F%2Fapp.example%2Fcb";
        assert_eq!(leads_to(asked).as_deref(), Some("https://app.example/cb"));
        let proxied = "/login/continue?to=https%3A%2F%2Fwiki.example%2F";
        assert_eq!(leads_to(proxied).as_deref(), Some("https://wiki.example/"));
        assert_eq!(leads_to("/account?redirect_uri=https%3A%2F%2Fevil.example"), None);
        assert_eq!(leads_to("/oauth2/authorize"), None);
    }
}
