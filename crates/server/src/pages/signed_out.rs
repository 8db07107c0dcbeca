//! The page after signing out where applications are told by frames of it (OpenID Connect Front-Channel Logout 1.0).
//!
//! It is the answer to the form itself: what it shows is known of the session that ended by nobody afterwards. The
//! browser loads the frames, with the applications' own cookies where it sends them (many do not any more, which is
//! what the back channel is for).

use axum::http::StatusCode;
use axum::response::Response;
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;
use tokenhouse_rules::id::SessionId;
use tokenhouse_rules::oauth::client::Settings;
use tokenhouse_store::SessionEnd;

use super::visitor::Visitor;
use super::{logout, policy, render};
use crate::app::App;

/// What one application shows in a frame.
#[derive(Serialize)]
pub(super) struct Frame {
    /// What people call it.
    application: String,
    address: String,
}

/// The frames for the end of a session; none where no application asked for one.
pub(super) fn frames(app: &App, session: SessionId, end: &SessionEnd) -> Vec<Frame> {
    let session = session.to_string();
    let frame = |text: &String| {
        let settings = Settings::stored(text).ok()?;
        let address = settings.frame(app.settings.issuer(), &session)?;
        Some(Frame { application: settings.name, address })
    };
    end.fronted.iter().filter_map(frame).collect()
}

/// The page, without the cookies. A script, or a button, leads on when the frames were loaded.
pub(super) fn page(app: &App, visitor: &mut Visitor, frames: Vec<Frame>, onward: &str) -> Response {
    #[derive(Serialize)]
    struct LeftShown<'a> {
        frames: Vec<Frame>,
        onward: &'a str,
    }
    let addresses: Vec<_> = frames.iter().map(|frame| frame.address.clone()).collect();
    // Nobody comes back to this page.
    visitor.here = None;
    let left = LeftShown { frames, onward };
    let parts = context! { left => Value::from(Serde(left)) };
    let mut response = render::page(app, visitor, StatusCode::OK, "signed-out.html", parts);
    policy::frame(&mut response, &addresses);
    logout::forget(app, visitor, &mut response);
    response
}
