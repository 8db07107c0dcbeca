//! The pages that people meet: rendered here, working without scripts, replaceable by an operator.
//!
//! A page asks the same functions as the API does and says the same things. Nothing is kept between two of them:
//! what a form has to bring back is sealed in it (`rules/csrf.rs`), who signed in is a cookie with the session
//! token, what was just done is a word in the address. So each step may be answered by another process.

mod account;
mod assets;
mod authorize;
mod check;
mod confirm;
mod consent;
mod cookies;
mod destination;
mod device;
mod embedded;
mod end_session;
mod failure;
mod form;
mod home;
mod invitation;
mod letters;
mod link;
mod login;
mod logout;
mod message;
mod messages;
mod oauth_failure;
mod onward;
mod outbox;
mod person;
mod places;
mod policy;
mod posted;
mod preferences;
mod recover;
mod register;
mod render;
mod reset;
mod scopes;
mod setup;
mod signed_out;
mod taste;
mod visitor;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderName, header};
use axum::routing::{get, post};
use minijinja::Environment;

use self::account::applications;
use self::assets::Assets;
pub(crate) use self::cookies::{shown, without_ours};
pub use self::embedded::files as embedded_files;
pub(crate) use self::failure::{title, written};
pub(crate) use self::letters::{Contents, Fact, Letter};
use self::messages::Messages;
pub(crate) use self::onward::sign_in_at;
pub(crate) use self::taste::{Taste, Wish, language_of};
use crate::app::App;
use crate::error::Problem;
use crate::front;

/// Files by their path below `pages/`: `templates/…`, `assets/…`, `messages/….ftl`.
pub type Files = BTreeMap<String, Cow<'static, [u8]>>;

/// Why pages cannot be made of these files.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {why}")]
pub struct BadPages {
    file: String,
    why: String,
}

impl BadPages {
    fn new(file: impl Into<String>, why: impl std::fmt::Display) -> Self {
        Self { file: file.into(), why: why.to_string() }
    }
}

/// What pages are made of. Read at start and frozen.
pub struct Pages {
    templates: Environment<'static>,
    messages: Arc<Messages>,
    assets: Arc<Assets>,
}

impl Pages {
    /// From what is in the binary, with an operator's files in the place of those of the same name. Messages
    /// are replaced one by one, so that a file may hold only those that are to be different.
    ///
    /// # Errors
    /// [`BadPages`] naming the file: a folder or kind that is not known, a template or messages that cannot be read.
    pub fn new(own: Files) -> Result<Self, BadPages> {
        let messages = Arc::new(Messages::read(&own)?);
        let mut files = embedded::files();
        files.extend(own);
        let assets = Arc::new(Assets::read(&files)?);
        let templates = render::environment(&files, Arc::clone(&assets))?;
        Ok(Self { templates, messages, assets })
    }

    /// The tags of the languages that it speaks (BCP 47).
    pub(crate) fn languages(&self) -> Vec<&str> {
        self.messages.offered().iter().map(|one| one.tag.as_str()).collect()
    }
}

/// Addresses that are a page for people and a part of the API for programs.
pub(crate) const SHARED: [&str; 6] =
    ["/", "/login", "/register", "/recover", "/logout", "/account"];

/// Whether this address is one of [`SHARED`].
pub(crate) fn shares(path: &str) -> bool {
    SHARED.contains(&path)
}

/// The pages at those addresses.
pub(crate) fn shared(app: App) -> Router {
    Router::new()
        .route("/", get(home::show))
        .route("/login", get(login::show).post(login::send))
        .route("/register", get(register::show).post(register::send))
        .route("/recover", get(recover::show).post(recover::send))
        .route("/logout", get(logout::show).post(logout::send))
        .route("/account", get(account::show))
        .method_not_allowed_fallback(front::method_not_allowed)
        .with_state(app)
}

/// Addresses of pages alone; each is in the router's list of all.
#[cfg(test)]
pub(crate) const OWN: &[&str] = &[
    "/login/continue",
    "/reset/{token}",
    "/confirm/{token}",
    "/invitation/{token}",
    "/setup/{token}",
    // Its `PUT` and `DELETE` are the API's.
    "/account/email",
    "/account/password",
    "/account/sessions",
    "/account/delete",
    "/account/keep",
    "/account/applications",
    "/preferences",
    "/.well-known/change-password",
    "/assets/{file}",
    "/dev/outbox",
    "/dev/outbox/{id}",
    "/dev/outbox/{id}/html",
    // Its `GET` is the API's; `POST`, from a form, is the page's.
    "/account/export",
    // Applications send browsers there, by address or form.
    "/oauth2/authorize",
    "/device",
    "/oauth2/consent",
    "/oauth2/logout",
];

/// The pages at those addresses, and what a program is told that asks for a page.
pub(crate) fn own() -> Router<App> {
    Router::new()
        .route("/login", get(|| no_page("POST")))
        .route("/register", get(|| no_page("POST")))
        .route("/recover", get(|| no_page("POST")))
        .route("/logout", get(|| no_page("POST")))
        .route("/account", get(|| no_page("DELETE")))
        .route("/login/continue", get(onward::show))
        .route("/reset/{token}", get(reset::show).post(reset::send))
        .route("/confirm/{token}", get(confirm::show).post(confirm::send))
        .route("/invitation/{token}", get(invitation::show).post(invitation::send))
        .route("/setup/{token}", get(setup::show).post(setup::send))
        .route("/account/email", get(account::email::show).post(account::email::send))
        .route("/account/password", get(account::password::show).post(account::password::send))
        .route("/account/sessions", get(account::sessions::show).post(account::sessions::send))
        .route("/account/applications", get(applications::show).post(applications::send))
        .route("/account/delete", get(account::delete::show).post(account::delete::send))
        .route("/account/keep", post(account::delete::keep))
        .route("/account/export", post(account::export::send))
        .route("/oauth2/authorize", get(authorize::show).post(authorize::send))
        .route("/oauth2/consent", post(consent::send))
        .route("/device", get(device::show).post(device::send))
        .route("/oauth2/logout", get(end_session::show).post(end_session::send))
        .route("/preferences", post(preferences::send))
        .route("/.well-known/change-password", get(home::change_password))
        .route("/assets/{file}", get(assets::show))
        .route("/dev/outbox", get(outbox::list))
        .route("/dev/outbox/{id}", get(outbox::show))
        .route("/dev/outbox/{id}/html", get(outbox::html))
}

/// 405: pages are for who asks for HTML.
async fn no_page(allowed: &'static str) -> ([(HeaderName, &'static str); 1], Problem) {
    ([(header::ALLOW, allowed)], front::method_not_allowed().await)
}
