//! A page that says one thing and knows one way on: what was done, what cannot be done here, and links that are
//! worth nothing any more.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minijinja::context;
use tokenhouse_rules::link::Purpose;

use super::render;
use super::visitor::Visitor;
use crate::app::App;
use crate::error::Problem;

/// What is said, as names of messages, and the way on.
#[derive(Clone, Copy)]
pub(super) struct Message {
    title: &'static str,
    text: &'static str,
    link: (&'static str, &'static str),
}

/// After a registration that waits for a mail, or an asking for one.
pub(super) const CONFIRMATION_SENT: Message = Message {
    title: "check-mail-title",
    text: "said-confirmation-sent",
    link: ("/login", "to-sign-in"),
};

/// One text, whether or not there is somebody to send it to.
pub(super) const RECOVERY_ASKED: Message = Message {
    title: "check-mail-title",
    text: "said-recovery-asked",
    link: ("/login", "to-sign-in"),
};

/// A page without a form.
pub(super) fn page(
    app: &App,
    visitor: &Visitor,
    status: StatusCode,
    message: &Message,
) -> Response {
    let title = visitor.say(app, message.title);
    shown(app, visitor, status, (title, message))
}

/// A link that cannot be used, or something that cannot be done on this server: why, and where to go from here. Any
/// other problem is told as it always is.
pub(super) fn instead(
    app: &App,
    visitor: &Visitor,
    purpose: Option<Purpose>,
    problem: Problem,
) -> Response {
    let (text, link) = match (problem.code, purpose) {
        ("link_unknown" | "link_used" | "link_expired", Some(purpose)) => on_from(purpose),
        ("email_taken", Some(Purpose::Confirm)) => ("confirm-taken", ("/login", "to-sign-in")),
        ("setup_closed", _) => ("setup-closed", ("/login", "to-sign-in")),
        ("registration_closed", _) => ("register-closed", ("/login", "to-sign-in")),
        ("invitation_required", _) => ("register-invitation", ("/login", "to-sign-in")),
        ("mail_not_configured", _) => ("without-mail", ("/", "error-back")),
        _ => return problem.into_response(),
    };
    let title = super::title(app, visitor.taste, &problem);
    shown(app, visitor, problem.status, (title, &Message { title: "", text, link }))
}

/// Whether [`instead`] has something to say.
pub(super) fn is_for(problem: &Problem) -> bool {
    matches!(
        problem.code,
        "link_unknown"
            | "link_used"
            | "link_expired"
            | "setup_closed"
            | "registration_closed"
            | "invitation_required"
            | "mail_not_configured"
    )
}

/// What to do when a link is worth nothing.
const fn on_from(purpose: Purpose) -> (&'static str, (&'static str, &'static str)) {
    match purpose {
        Purpose::Recover => ("link-recover", ("/recover", "recover-title")),
        Purpose::Confirm => ("link-confirm", ("/account", "to-account")),
        Purpose::Invite => ("link-invitation", ("/login", "to-sign-in")),
        Purpose::Setup => ("link-setup", ("/login", "to-sign-in")),
    }
}

fn shown(
    app: &App,
    visitor: &Visitor,
    status: StatusCode,
    (title, message): (String, &Message),
) -> Response {
    let (address, name) = message.link;
    // Who was on the way to somewhere signs in on the way there.
    let address = if address == "/login" { visitor.keeping(address) } else { address.to_owned() };
    let parts = context! {
        title => title,
        text => visitor.say(app, message.text),
        link => minijinja::Value::from_safe_string(address),
        link_text => visitor.say(app, name),
    };
    render::page(app, visitor, status, "message.html", context! { message => parts })
}
