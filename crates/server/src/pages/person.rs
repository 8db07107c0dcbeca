//! Who is signed in at this browser: one round trip, by the cookie that holds the session token.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokenhouse_rules::csrf::{self, Holder};
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::{Profile, SessionKey};

use super::cookies::Cookie;
use super::render;
use super::visitor::{Ticket, Visitor};
use crate::app::App;
use crate::error::Problem;
use crate::presence::renew;

/// A person with a living session.
pub(super) struct Person {
    pub key: SessionKey,
    pub profile: Profile,
}

impl Person {
    /// Looks her up; from now on the page speaks to her as she chose.
    ///
    /// # Errors
    /// The way to the sign-in page, which comes back here; or trouble with the database.
    pub(super) async fn of(app: &App, visitor: &mut Visitor) -> Result<Self, Box<Response>> {
        match Self::find(app, visitor).await {
            Ok(Some(person)) => Ok(person),
            Ok(None) => Err(Box::new(to_sign_in(visitor))),
            Err(problem) => Err(Box::new(problem.into_response())),
        }
    }

    /// Looks her up; nobody may be there.
    pub(super) async fn find(app: &App, visitor: &mut Visitor) -> Result<Option<Self>, Problem> {
        let Ticket::Session(key) = visitor.ticket else { return Ok(None) };
        let Some(profile) = app.store.profile(&key).await? else { return Ok(None) };
        renew(app, &key, profile.expiry, profile.now).await;
        visitor.recognise(app, &profile);
        Ok(Some(Self { key, profile }))
    }

    /// Whom the forms of her pages are given to.
    pub(super) fn holder(&self) -> Holder<'_> {
        holder(&self.key, self.profile.now)
    }

    /// The token of those forms.
    pub(super) fn token(&self, app: &App) -> String {
        csrf::issue(&self.holder(), &app.root)
    }
}

/// Whom the forms of a session's pages are given to.
pub(super) fn holder(key: &SessionKey, now: Timestamp) -> Holder<'_> {
    Holder::Session { id: key.id, secret_hash: &key.secret_hash, now }
}

/// 303 to the sign-in page. A cookie whose session has ended goes, and the page says so.
pub(super) fn to_sign_in(visitor: &Visitor) -> Response {
    let here = visitor.here.as_ref().map(|here| render::encoded(here.as_str()));
    let back = here.map(|here| format!("return_to={here}"));
    if matches!(visitor.ticket, Ticket::None) {
        let query = back.map(|back| format!("?{back}")).unwrap_or_default();
        return render::see_other(&format!("/login{query}"));
    }
    let query = back.map(|back| format!("&{back}")).unwrap_or_default();
    let mut response = render::see_other(&format!("/login?said=session-ended{query}"));
    render::cookie(&mut response, Cookie::Session.end(visitor.is_secure()));
    response
}

/// What went wrong while she did something: her session may have ended meanwhile.
pub(super) fn is_gone(problem: &Problem) -> bool {
    problem.status == StatusCode::UNAUTHORIZED && problem.code == "invalid_token"
}
