//! `/oauth2/consent`: whether an application may have what it asks for (OpenID Connect Core §3.1.2.4). The
//! question is shown at `/oauth2/authorize`; this takes the answer, with the whole request once more.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;
use tokenhouse_rules::csrf;
use tokenhouse_rules::oauth::authorize::{Refusal, Step};
use tokenhouse_rules::oauth::scope::Scopes;

use super::authorize::{Heard, hear, issue, tell, to_sign_in};
use super::form::{self, Form};
use super::person::holder;
use super::places::{self, AUTHORIZE};
use super::posted::{Lost, Posted};
use super::render;
use super::scopes::{self, ScopeShown};
use super::visitor::Visitor;
use crate::app::App;

#[derive(Serialize)]
struct ConsentShown<'a> {
    application: &'a str,
    username: &'a str,
    asked: Vec<ScopeShown>,
    granted: Vec<ScopeShown>,
    /// Where she goes afterwards.
    leads: &'a str,
    /// What the application says of itself, if it does (OpenID Connect Dynamic Client Registration 1.0 §2).
    policy: Option<&'a str>,
    terms: Option<&'a str>,
    /// Where somebody else signs in.
    other: String,
}

/// Asks for what is missing; once more when the form was not taken.
pub(super) fn ask(
    app: &App,
    visitor: &Visitor,
    (heard, missing): (&Heard, &Scopes),
    lost: Option<Lost>,
) -> Response {
    let inquiry = &heard.inquiry;
    let (Some(key), Some(signed_in)) = (visitor.session(), &inquiry.signed_in) else {
        return to_sign_in(app, visitor, heard, false);
    };
    let onward = render::encoded(heard.path.as_str());
    let [policy, terms] = inquiry.links();
    let consent = ConsentShown {
        application: &inquiry.application,
        username: &signed_in.owner.user.username,
        asked: scopes::shown(app, visitor, missing),
        granted: scopes::shown(app, visitor, &inquiry.request.agreement().difference(missing)),
        leads: leads(inquiry.request.to.redirect_uri()),
        policy,
        terms,
        other: format!("/login?said=other-account&return_to={onward}"),
    };
    let token = csrf::issue(&holder(&key, inquiry.now), &app.root);
    let mut form = Form::fresh(app, visitor, token);
    let mut status = StatusCode::OK;
    if let Some(lost) = lost {
        (form, status) = (form.lost(app, visitor, lost), StatusCode::FORBIDDEN);
    }
    let parts = context! { consent => Value::from(Serde(consent)) };
    form::page(app, visitor, (status, "consent.html"), form, parts)
}

/// Takes the answer. What is not a yes is a no.
pub(super) async fn send(State(app): State<App>, mut posted: Posted) -> Response {
    let path = posted.visitor.return_to.clone();
    let query = path.as_ref().and_then(|path| path.as_str().strip_prefix(AUTHORIZE));
    let query = query.unwrap_or_default().trim_start_matches('?');
    let heard = match hear(&app, &mut posted.visitor, query).await {
        Ok(heard) => heard,
        Err(instead) => return *instead,
    };
    let uri = heard.path.as_str().parse().ok();
    posted.visitor.here = uri.and_then(|uri| places::here(&uri));
    let visitor = &posted.visitor;
    let taken = match visitor.session() {
        Some(key) => posted.of(&app, &holder(&key, heard.inquiry.now)),
        None => Err(Lost::Form),
    };
    match (heard.inquiry.step(), taken) {
        (Step::SignIn { again }, _) => to_sign_in(&app, visitor, &heard, again),
        (Step::Consent { missing }, Err(lost)) => {
            ask(&app, visitor, (&heard, &missing), Some(lost))
        }
        (Step::Issue, Err(_)) => render::see_other(heard.path.as_str()),
        (Step::Consent { .. } | Step::Issue, Ok(())) => {
            if posted.fields.text("answer") == "allow" {
                return issue(&app, posted.visitor, &heard, true).await;
            }
            let denied = heard.inquiry.refuse(&app, &Refusal::ACCESS_DENIED);
            tell(&app, &mut posted.visitor, &denied)
        }
        (Step::Refuse(refusal), _) => {
            tell(&app, &mut posted.visitor, &heard.inquiry.refuse(&app, &refusal))
        }
    }
}

/// What a person recognises an address by: its host, or the scheme of an application on her machine.
fn leads(address: &str) -> &str {
    let (scheme, rest) = address.split_once(':').unwrap_or(("", address));
    let authority = rest.strip_prefix("//").and_then(|rest| rest.split(['/', '?']).next());
    authority.filter(|host| !host.is_empty()).unwrap_or(scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_recognised_by_its_host() {
        assert_eq!(leads("https://app.example/cb?x=//y"), "app.example");
        assert_eq!(leads("http://127.0.0.1:5000/cb"), "127.0.0.1:5000");
        assert_eq!(leads("com.example.app:/cb"), "com.example.app");
        assert_eq!(leads("com.example.app:///cb"), "com.example.app");
    }
}
