//! `/` and `/.well-known/change-password`: where people and their password managers begin.

use axum::response::Response;

use super::render::see_other;
use super::visitor::{Here, Ticket};

/// To the account of who seems to be signed in, to the sign-in page otherwise.
pub(super) async fn show(Here(visitor, _): Here) -> Response {
    match visitor.ticket {
        Ticket::Session(_) => see_other("/account"),
        Ticket::None | Ticket::Void => see_other("/login"),
    }
}

/// Where a password manager sends people (W3C, A Well-Known URL for Changing Passwords).
pub(super) async fn change_password() -> Response {
    see_other("/account/password")
}
