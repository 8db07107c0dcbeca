//! From a template to an answer: headers that keep the page to itself, and the cookie its forms are bound to.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fluent_bundle::{FluentArgs, FluentValue};
use minijinja::value::{Kwargs, Serde};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value, context};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::assets::Assets;
use super::cookies::Cookie;
use super::messages::Offered;
use super::taste::Taste;
use super::visitor::{self, Visitor};
use super::{BadPages, Files, Pages, policy};
use crate::app::App;
use tokenhouse_rules::origin::Way;

/// What every page knows.
#[derive(Serialize)]
pub(super) struct Ui<'a> {
    pub language: &'a str,
    pub direction: &'a str,
    pub theme: Option<&'static str>,
    pub site: &'a str,
    /// This page, where language and looks can be chosen.
    pub here: Option<&'a str>,
    pub visit_token: Option<String>,
    pub languages: &'a [Offered],
}

/// Compiles the templates.
pub(super) fn environment(
    files: &Files,
    assets: Arc<Assets>,
) -> Result<Environment<'static>, BadPages> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_debug(false);
    for (path, bytes) in files {
        let name = match path.split_once('/') {
            Some(("templates", name)) => name.to_owned(),
            Some(("assets" | "messages", _)) => continue,
            _ => return Err(BadPages::new(path, "is in none of templates/, assets/, messages/")),
        };
        let source = std::str::from_utf8(bytes).map_err(|error| BadPages::new(path, error))?;
        environment
            .add_template_owned(name, source.to_owned())
            .map_err(|error| BadPages::new(path, error))?;
    }
    let known = Arc::clone(&assets);
    environment.add_function("has_asset", move |name: &str| known.has(name));
    environment.add_function("asset", move |name: &str| {
        let missing = || Error::new(ErrorKind::InvalidOperation, format!("no asset `{name}`"));
        // Its characters are known to need no escape.
        assets.address(name).map(Value::from_safe_string).ok_or_else(missing)
    });
    Ok(environment)
}

impl Pages {
    /// Writes a page. With `strict`, a message that nobody has is an error.
    pub(super) fn write(
        &self,
        (template, taste): (&str, Taste),
        ui: &Ui<'_>,
        parts: Value,
        strict: bool,
    ) -> Result<String, Error> {
        let messages = Arc::clone(&self.messages);
        let language = taste.language;
        let say = move |key: &str, words: Kwargs| match messages.find(
            language,
            key,
            Some(&arguments(&words)?),
        ) {
            None if strict => {
                Err(Error::new(ErrorKind::InvalidOperation, format!("no message `{key}`")))
            }
            found => Ok(found.unwrap_or_else(|| key.to_owned())),
        };
        let all =
            context! { ui => Value::from(Serde(ui)), t => Value::from_function(say), ..parts };
        self.templates.get_template(template)?.render(all)
    }

    pub(super) fn ui<'a>(&'a self, site: &'a str, taste: Taste) -> Ui<'a> {
        let spoken = self.messages.of(taste.language);
        Ui {
            language: &spoken.tag,
            direction: &spoken.direction,
            theme: taste.theme.map(super::taste::Theme::name),
            site,
            here: None,
            visit_token: None,
            languages: self.messages.offered(),
        }
    }
}

/// The words that a template gives a message.
pub(super) fn arguments(words: &Kwargs) -> Result<FluentArgs<'static>, Error> {
    let mut arguments = FluentArgs::new();
    for name in words.args() {
        let value: Value = words.get(name)?;
        let value = match value.as_i64().filter(|_| value.is_number()) {
            Some(number) => FluentValue::from(number),
            None => FluentValue::from(value.to_string()),
        };
        arguments.set(name.to_owned(), value);
    }
    Ok(arguments)
}

/// A page for a visitor. Sets the cookie that its forms are bound to, if the browser has none; they may lead to
/// where she wants to go on to.
pub(super) fn page(
    app: &App,
    visitor: &Visitor,
    status: StatusCode,
    template: &str,
    parts: Value,
) -> Response {
    let mut ui = app.pages.ui(&app.settings.site_name, visitor.taste);
    ui.here = visitor.here.as_ref().map(|here| here.as_str());
    ui.visit_token = ui.here.map(|_| visitor.token(app));
    let mut response =
        answer(app, status, app.pages.write((template, visitor.taste), &ui, parts, false));
    if let Some(address) = visitor.return_to.as_ref().and_then(policy::leads_to) {
        policy::allow(&mut response, &address);
    }
    if visitor.is_new && ui.here.is_some() {
        let set = Cookie::Visit.set(&visitor.visit_text(), visitor.is_secure(), None);
        cookie(&mut response, set);
    }
    response
}

/// What a template made, as an answer; a template that fails is our own failure, told without one.
pub(super) fn answer(app: &App, status: StatusCode, written: Result<String, Error>) -> Response {
    let text = match written {
        Ok(text) => text,
        Err(error) => {
            app.log.failure("template_failed", &error, "");
            let plain = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            return (status, plain, "Something went wrong here.\n").into_response();
        }
    };
    let mut headers = HeaderMap::new();
    let mut put = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    put(header::CONTENT_TYPE, "text/html; charset=utf-8");
    put(header::CACHE_CONTROL, "no-store");
    put(header::CONTENT_SECURITY_POLICY, policy::OWN);
    // With `no-referrer` browsers would send our own forms with `Origin: null`.
    put(header::REFERRER_POLICY, "same-origin");
    put(header::X_FRAME_OPTIONS, "DENY");
    put(header::VARY, "Accept, Accept-Language, Cookie");
    (status, headers, text).into_response()
}

/// The page that says both addresses, or that this one is not protected.
pub(super) fn way(app: &App, visitor: &Visitor) -> Response {
    #[derive(Serialize)]
    struct Shown {
        seen: String,
        expected: String,
        link: String,
    }
    let public = visitor::public(app);
    let expected = public.as_ref().map(ToString::to_string).unwrap_or_default();
    let (template, link) = match visitor.way {
        Way::Elsewhere => ("elsewhere.html", format!("{expected}/login")),
        _ => ("plain.html", format!("https://{}/login", plain_host(&visitor.host))),
    };
    let shown = Shown { seen: visitor.host.clone(), expected, link };
    let ui = app.pages.ui(&app.settings.site_name, visitor.taste);
    let parts = context! { way => Value::from(Serde(shown)) };
    let written = app.pages.write((template, visitor.taste), &ui, parts, false);
    answer(app, StatusCode::MISDIRECTED_REQUEST, written)
}

/// The host alone: the port of plain http is not that of https.
fn plain_host(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// 303 (RFC 9110 §15.4.4): after a form, so that going back or reloading sends nothing twice.
pub(super) fn see_other(to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(to) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    response
}

/// Adds a cookie to an answer.
pub(super) fn cookie(response: &mut Response, set: HeaderValue) {
    response.headers_mut().append(header::SET_COOKIE, set);
}

/// A text as it may stand in a query: unreserved characters (RFC 3986 §2.3) as they are.
pub(super) fn encoded(text: &str) -> String {
    const RESERVED: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, RESERVED).to_string()
}
