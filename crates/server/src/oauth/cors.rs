//! Which scripts of other origins may read an answer (Fetch §3.2). Cookies are never sent along, so that what a
//! script gets is what its own token or code is worth; this decides only whether it may look at it.
//!
//! Keys and metadata are everybody's. Other answers are for the origins that are registered of the client that
//! asked. Who asks is not known yet when a browser asks beforehand (the preflight), so that says yes to all.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokenhouse_rules::oauth::client::Settings;
use tokenhouse_store::{Introspection, Subject};

use crate::app::App;

/// `OPTIONS`: yes, without the database.
pub(super) async fn preflight(headers: HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(origin) = headers.get(header::ORIGIN) {
        share(&mut response, origin);
        let answered = response.headers_mut();
        let methods = HeaderValue::from_static("GET, POST");
        answered.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
        let allowed = HeaderValue::from_static("authorization, content-type, dpop");
        answered.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
        // In seconds; by then it asks again.
        answered.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    vary(&mut response);
    response
}

/// Anybody may read it.
pub(super) fn public(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// Lets a script of one of the client's origins read what is answered to its request.
pub(super) fn allow(
    answer: impl IntoResponse,
    asked: &HeaderMap,
    client: Option<&Settings>,
) -> Response {
    let mut response = answer.into_response();
    if let (Some(origin), Some(settings)) = (asked.get(header::ORIGIN), client)
        && settings.origins.iter().any(|registered| registered.as_bytes() == origin.as_bytes())
    {
        share(&mut response, origin);
    }
    vary(&mut response);
    response
}

/// The settings of a client whose request was refused before they came along. Only for browsers, whose scripts
/// could not tell a refused token from a broken network otherwise; trouble is as if there were none.
pub(super) async fn settings_of(app: &App, id: &str, asked: &HeaderMap) -> Option<Settings> {
    asked.get(header::ORIGIN)?;
    let question = Introspection { asking: id.to_owned(), subject: Subject::Nothing };
    let known = app.store.introspect(question).await.ok()?.asking?;
    Settings::stored(&known.settings).ok()
}

fn share(response: &mut Response, origin: &HeaderValue) {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    let exposed =
        HeaderValue::from_static("www-authenticate, dpop-nonce, retry-after, x-request-id");
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
}

fn vary(response: &mut Response) {
    response.headers_mut().append(header::VARY, HeaderValue::from_static("origin"));
}

#[cfg(test)]
mod tests {
    use tokenhouse_rules::oauth::client::Kind;

    use super::*;

    fn from(origin: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ORIGIN, HeaderValue::from_static(origin))])
    }

    fn shared(response: &Response) -> Option<&str> {
        response.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN)?.to_str().ok()
    }

    #[test]
    fn only_registered_origins_read_answers_and_never_with_cookies() {
        let mut settings = Settings::preset(Kind::Spa);
        settings.origins = vec!["https://app.example".to_owned()];
        let answered = allow(StatusCode::OK, &from("https://app.example"), Some(&settings));
        assert_eq!(shared(&answered), Some("https://app.example"));
        assert!(!answered.headers().contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS));
        for other in
            ["https://app.example.evil", "https://APP.example", "null", "http://app.example"]
        {
            let answered = allow(StatusCode::OK, &from(other), Some(&settings));
            assert_eq!(shared(&answered), None, "{other}");
            assert_eq!(answered.headers()[header::VARY], "origin");
        }
        assert_eq!(shared(&allow(StatusCode::OK, &from("https://app.example"), None)), None);
        assert_eq!(shared(&allow(StatusCode::OK, &HeaderMap::new(), Some(&settings))), None);
    }
}
