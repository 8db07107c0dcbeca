//! What a proxy asks about: which address, by which method. Each proxy says it in its own way, and none is believed
//! that is not in `TRUSTED_PROXIES`: who may say which host is asked for, may choose by whose rules he is judged.
//!
//! What is said twice, or not at all, is refused instead of guessed at: the one of two values would be the client's.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use tokenhouse_rules::service_address::ServiceAddress;

use crate::app::App;
use crate::error::Problem;
use crate::extract::client;

/// How a proxy says what it asks about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Dialect {
    /// In `X-Forwarded-Method`, `-Proto`, `-Host` and `-Uri`.
    Forwarded,
    /// In `X-Original-Method` and `X-Original-URL`.
    Original,
    /// By the same method, host and path, behind this prefix; the scheme in `X-Forwarded-Proto`.
    Same(&'static str),
}

/// A request that a proxy asks about.
#[derive(Debug)]
pub(super) struct Asked {
    pub address: ServiceAddress,
    pub method: String,
}

impl Asked {
    /// Reads it off the proxy's own request.
    ///
    /// # Errors
    /// When that is no proxy that is trusted, or does not say it in so many words.
    pub(super) fn read(app: &App, parts: &Parts, dialect: Dialect) -> Result<Self, Problem> {
        if !client::is_proxied(&parts.extensions, &app.settings.trusted_proxies) {
            return Err(not_trusted());
        }
        Self::said(parts, dialect)
    }

    fn said(parts: &Parts, dialect: Dialect) -> Result<Self, Problem> {
        let headers = &parts.headers;
        let (address, method) = match dialect {
            Dialect::Forwarded => {
                let authority = once(headers, "x-forwarded-host")?;
                let target = once(headers, "x-forwarded-uri")?;
                let address = ServiceAddress::of(scheme(headers)?, authority, target);
                (address, once(headers, "x-forwarded-method")?)
            }
            Dialect::Original => {
                let address = ServiceAddress::parse(once(headers, "x-original-url")?);
                (address, once(headers, "x-original-method")?)
            }
            Dialect::Same(prefix) => {
                let address =
                    ServiceAddress::of(scheme(headers)?, authority(parts)?, &behind(prefix, parts));
                (address, parts.method.as_str())
            }
        };
        let address = address.map_err(|bad| unsaid().detail(format!("What it says is {bad}.")))?;
        Ok(Self { address, method: method.to_owned() })
    }
}

/// That of the browser's connection; Traefik names it by its protocol where that is a WebSocket's.
fn scheme(headers: &HeaderMap) -> Result<&str, Problem> {
    Ok(match once(headers, "x-forwarded-proto")? {
        "ws" => "http",
        "wss" => "https",
        other => other,
    })
}

fn authority(parts: &Parts) -> Result<&str, Problem> {
    match parts.uri.authority() {
        Some(authority) => Ok(authority.as_str()),
        None => once(&parts.headers, header::HOST.as_str()),
    }
}

fn behind(prefix: &str, parts: &Parts) -> String {
    let whole = parts.uri.path_and_query().map_or("", |target| target.as_str());
    match whole.strip_prefix(prefix) {
        Some(rest) if rest.starts_with('/') => rest.to_owned(),
        rest => format!("/{}", rest.unwrap_or_default()),
    }
}

/// The value of a header that must be there once.
fn once<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, Problem> {
    let mut values = headers.get_all(name).iter();
    match (values.next().map(HeaderValue::to_str), values.next()) {
        (Some(Ok(text)), None) if !text.is_empty() => Ok(text),
        _ => Err(unsaid().detail(format!("The header {name} must be there, and once."))),
    }
}

fn not_trusted() -> Problem {
    let title = "Only a proxy that this server trusts may ask this";
    Problem::new(StatusCode::FORBIDDEN, "proxy_not_trusted", title)
        .detail("The address that asks is not one of TRUSTED_PROXIES.")
}

fn unsaid() -> Problem {
    let title = "The proxy does not say what it asks about";
    Problem::new(StatusCode::BAD_REQUEST, "bad_proxy_request", title)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    const PREFIX: &str = "/api/authz/ext-authz";

    fn said(
        (method, uri): (&str, &str),
        headers: &[(&'static str, &str)],
        dialect: Dialect,
    ) -> Result<String, String> {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        match Asked::said(&parts, dialect) {
            Ok(asked) => Ok(format!("{} {}", asked.method, asked.address)),
            Err(problem) => Err(problem.detail.unwrap_or_default()),
        }
    }

    #[test]
    fn each_proxy_is_understood_in_its_own_way() {
        let forwarded = [
            ("x-forwarded-method", "POST"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "app.example.org"),
            ("x-forwarded-uri", "/a,b?c=d"),
        ];
        assert_eq!(
            said(("GET", "/api/authz/forward-auth"), &forwarded, Dialect::Forwarded).as_deref(),
            Ok("POST https://app.example.org/a,b?c=d")
        );
        let mut socket = forwarded;
        socket[1].1 = "wss";
        assert_eq!(
            said(("GET", "/"), &socket, Dialect::Forwarded).as_deref(),
            Ok("POST https://app.example.org/a,b?c=d")
        );
        let original = [
            ("x-original-method", "HEAD"),
            ("x-original-url", "https://app.example.org:443/a?b"),
            ("x-forwarded-host", "evil.example"),
        ];
        assert_eq!(
            said(("GET", "/api/authz/auth-request"), &original, Dialect::Original).as_deref(),
            Ok("HEAD https://app.example.org/a?b")
        );
        let same = [("host", "app.example.org:8443"), ("x-forwarded-proto", "https")];
        for (path, meant) in [
            ("/api/authz/ext-authz", "/"),
            ("/api/authz/ext-authz/", "/"),
            ("/api/authz/ext-authz?a=b", "/?a=b"),
            ("/api/authz/ext-authz/a%2fb/?c", "/a%2fb/?c"),
            ("/api/authz/ext-authz//a", "//a"),
        ] {
            assert_eq!(
                said(("PATCH", path), &same, Dialect::Same(PREFIX)),
                Ok(format!("PATCH https://app.example.org:8443{meant}"))
            );
        }
    }

    #[test]
    fn what_is_said_twice_or_not_at_all_is_refused() {
        let all = [
            ("x-forwarded-method", "GET"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "app.example.org"),
            ("x-forwarded-uri", "/"),
        ];
        for left_out in 0..all.len() {
            let mut some = all.to_vec();
            let (name, _) = some.remove(left_out);
            let why = said(("GET", "/"), &some, Dialect::Forwarded).expect_err("refused");
            assert!(why.contains(name), "{why}");
            let mut more = all.to_vec();
            more.push((name, "evil.example"));
            let why = said(("GET", "/"), &more, Dialect::Forwarded).expect_err("refused");
            assert!(why.contains(name), "{why}");
        }
        for (place, value) in [
            (1, "gopher"),
            (1, "https, http"),
            (2, "evil.example, app.example.org"),
            (2, "app.example.org/evil"),
            (2, "user@app.example.org"),
            (3, "https://app.example.org/"),
            (3, "*"),
            (3, "a"),
        ] {
            let mut wrong = all;
            wrong[place].1 = value;
            let why = said(("GET", "/"), &wrong, Dialect::Forwarded).expect_err("refused");
            assert!(why.contains("not an address"), "{value}: {why}");
        }
        let none = said(("GET", "/"), &[], Dialect::Original).expect_err("refused");
        assert!(none.contains("x-original-url"), "{none}");
        let none = said(("GET", PREFIX), &[], Dialect::Same(PREFIX)).expect_err("refused");
        assert!(none.contains("x-forwarded-proto"), "{none}");
    }
}
