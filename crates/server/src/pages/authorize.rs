//! `/oauth2/authorize`: an application sends somebody here to be signed in (OpenID Connect Core §3.1.2).
//!
//! What it asks for travels as a whole: in the address, and as `return_to` in those of other pages and in forms. So
//! each step may be answered by another process, and none believes what the one before it found.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;
use tokenhouse_rules::local_path::LocalPath;
use tokenhouse_rules::oauth::authorize::{ASKED_AT, ResponseMode, Step, request_mark};
use tokenhouse_rules::oauth::form::Parameters;
use tokenhouse_rules::registration::Registration;

use super::login::AGAIN;
use super::logout::left;
use super::oauth_failure::{self, Failure};
use super::places::{self, AUTHORIZE};
use super::visitor::{Here, Ticket, Visitor};
use super::{consent, policy, posted, render};
use crate::app::App;
use crate::error::Problem;
use crate::oauth::authorize::{Answer, Inquiry, Instead};

/// A request that was understood, and the path at which it is made again.
pub(super) struct Heard {
    pub inquiry: Inquiry,
    pub path: LocalPath,
    /// Whether that path has a mark which the one that she came by had not.
    is_new: bool,
    parameters: Parameters,
}

impl Heard {
    /// The request, as a query.
    pub(super) fn query(&self) -> &str {
        self.path.as_str().split_once('?').map_or("", |(_, query)| query)
    }
}

/// Answers, or asks her what has to be asked before that.
pub(super) async fn show(State(app): State<App>, Here(mut visitor, _): Here, uri: Uri) -> Response {
    let heard = match hear(&app, &mut visitor, uri.query().unwrap_or_default()).await {
        Ok(heard) => heard,
        Err(instead) => return *instead,
    };
    match heard.inquiry.step() {
        Step::SignIn { again } => to_sign_in(&app, &visitor, &heard, again),
        // Where she may stay for a while, so that the address bar has the mark too.
        Step::Consent { .. } if heard.is_new => render::see_other(heard.path.as_str()),
        Step::Consent { missing } => consent::ask(&app, &visitor, (&heard, &missing), None),
        Step::Issue => issue(&app, visitor, &heard, false).await,
        Step::Refuse(refusal) => tell(&app, &mut visitor, &heard.inquiry.refuse(&app, &refusal)),
    }
}

/// The same by a form of the application's page.
pub(super) async fn send(request: Request) -> Result<Response, Problem> {
    posted::as_address(request, AUTHORIZE).await
}

/// Understands a request. From now on pages speak to who is signed in as she chose, and their forms bring the
/// request along.
///
/// # Errors
/// What is answered instead.
pub(super) async fn hear(
    app: &App,
    visitor: &mut Visitor,
    query: &str,
) -> Result<Heard, Box<Response>> {
    let shown = |visitor: &Visitor, failure| Box::new(oauth_failure::page(app, visitor, failure));
    let parameters =
        Parameters::gather(query.as_bytes()).map_err(|bad| shown(visitor, bad.into()))?;
    let path = format!("{AUTHORIZE}?{}", places::rewritten(query, &[]));
    let path = LocalPath::parse(&path, &[AUTHORIZE]);
    let path = path.ok_or_else(|| shown(visitor, Failure::too_long()))?;
    match Inquiry::read(app, &parameters, visitor.session().as_ref()).await {
        Ok(inquiry) => {
            if let Some(signed_in) = &inquiry.signed_in {
                visitor.speak(app, signed_in.owner.language.as_deref());
            }
            let is_new = inquiry.is_to_be_marked();
            let path = if is_new { marked(app, query, &inquiry) } else { Some(path) };
            let path = path.ok_or_else(|| shown(visitor, Failure::too_long()))?;
            visitor.return_to = Some(path.clone());
            Ok(Heard { inquiry, path, is_new, parameters })
        }
        Err(Instead::Shown(wrong)) => Err(shown(visitor, wrong.into())),
        Err(Instead::Told(answer)) => Err(Box::new(tell(app, visitor, &answer))),
        Err(Instead::Problem(problem)) => Err(Box::new(problem.into_response())),
    }
}

/// The path of a request that was sent ahead or signed, with a mark that says since when she was asked: she may take
/// longer than it is good for. And with the address that its answer goes to, which the forms on the way may lead to
/// (`policy.rs`); for the request it counts for nothing.
fn marked(app: &App, query: &str, inquiry: &Inquiry) -> Option<LocalPath> {
    let kept = places::rewritten(query, &[ASKED_AT, "redirect_uri"]);
    let to = render::encoded(inquiry.request.to.redirect_uri());
    let query = format!("{kept}&redirect_uri={to}");
    let parameters = Parameters::gather(query.as_bytes()).ok()?;
    let mark = request_mark(&app.root, inquiry.now, &parameters);
    LocalPath::parse(&format!("{AUTHORIZE}?{query}&{ASKED_AT}={mark}"), &[AUTHORIZE])
}

/// To the sign-in page, or where an account is made, and back with a mark that says since when she was asked.
pub(super) fn to_sign_in(app: &App, visitor: &Visitor, heard: &Heard, again: bool) -> Response {
    let Heard { inquiry, parameters, .. } = heard;
    let onward = if inquiry.is_carried {
        // It has a mark, which is the one of its first coming.
        heard.path.as_str().to_owned()
    } else {
        let query = places::rewritten(heard.query(), &[ASKED_AT]);
        let mark = request_mark(&app.root, inquiry.now, parameters);
        format!("{AUTHORIZE}?{query}&{ASKED_AT}={mark}")
    };
    if LocalPath::parse(&onward, &[AUTHORIZE]).is_none() {
        return oauth_failure::page(app, visitor, Failure::too_long());
    }
    let is_open = app.settings.registration == Registration::Open;
    let onward = render::encoded(&onward);
    let to = match again {
        _ if is_open && inquiry.request.prompt.create => format!("/register?return_to={onward}"),
        true => format!("/login?said={AGAIN}&return_to={onward}"),
        false => format!("/login?return_to={onward}"),
    };
    match (visitor.ticket, &inquiry.signed_in) {
        (Ticket::None, _) | (_, Some(_)) => render::see_other(&to),
        // The cookie of a session that has ended goes.
        (_, None) => left(app, visitor, &to),
    }
}

/// Sends her back with a code.
pub(super) async fn issue(
    app: &App,
    mut visitor: Visitor,
    heard: &Heard,
    was_asked: bool,
) -> Response {
    let Some(session) = visitor.session() else { return render::see_other(heard.path.as_str()) };
    match heard.inquiry.issue(app, &visitor.client, &session, was_asked).await {
        Ok(Some(answer)) => tell(app, &mut visitor, &answer),
        Ok(None) => render::see_other(heard.path.as_str()),
        Err(problem) => problem.into_response(),
    }
}

/// Sends her back with an answer, in the way that the application asked for.
pub(super) fn tell(app: &App, visitor: &mut Visitor, answer: &Answer) -> Response {
    match answer.to.response_mode() {
        ResponseMode::Query => render::see_other(&answer.to.location(&answer.pairs)),
        ResponseMode::FormPost => form_post(app, visitor, answer),
    }
}

/// OAuth 2.0 Form Post Response Mode: a page that sends itself on, or has a button where there are no scripts.
fn form_post(app: &App, visitor: &mut Visitor, answer: &Answer) -> Response {
    #[derive(Serialize)]
    struct Field<'a> {
        name: &'a str,
        value: &'a str,
    }
    #[derive(Serialize)]
    struct Onward<'a> {
        application: &'a str,
        address: &'a str,
        fields: Vec<Field<'a>>,
    }
    let address = answer.to.redirect_uri();
    let fields = answer.pairs.iter().map(|(name, value)| Field { name, value }).collect();
    let onward = Onward { application: &answer.application, address, fields };
    // Nobody comes back to this page.
    visitor.here = None;
    let parts = context! { onward => Value::from(Serde(onward)) };
    let mut response = render::page(app, visitor, StatusCode::OK, "form-post.html", parts);
    policy::allow(&mut response, address);
    // With `same-origin` browsers would send the form with `Origin: null`.
    let referrer = HeaderValue::from_static("strict-origin");
    response.headers_mut().insert(header::REFERRER_POLICY, referrer);
    response
}
