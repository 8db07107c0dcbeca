//! The OpenID Connect provider, as applications and their services speak to it: RFC 6749, OpenID Connect Core 1.0.
//!
//! Every endpoint is facts, a pure decision, one write. The keys that sign are read before the write, so that
//! nothing that can fail comes after it; a code or refresh token is never used up for an answer that is none.

pub(crate) mod authorize;
pub mod backchannel;
mod carried;
mod client_assertion;
mod client_authentication;
mod client_credentials;
mod client_keys;
mod cors;
mod credential;
mod device;
mod device_code;
mod discovery;
mod dpop;
mod error;
mod exchange;
mod form;
pub(crate) mod hint;
mod introspect;
mod issue;
mod jwks;
pub mod keyring;
mod narrow;
mod par;
mod presented;
mod receiver;
mod redeem;
mod refresh;
mod registration;
mod revoke;
mod token;
mod userinfo;

use axum::routing::options;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use self::error::{OAuthFailure, Trouble};
pub use self::keyring::Keyring;
use crate::app::App;

/// The issuer: what tokens name it, and what its endpoints' addresses begin with.
pub(crate) fn issuer(app: &App) -> &str {
    app.settings.issuer()
}

/// Whether what goes wrong there is told as RFC 6749 §5.2 has it, since programs ask there and not browsers.
pub(crate) fn is_for_applications(route: &str) -> bool {
    const PAGES: [&str; 3] = ["/oauth2/authorize", "/oauth2/consent", "/oauth2/logout"];
    route.starts_with("/oauth2/") && !PAGES.contains(&route)
}

/// The endpoints for applications; those for browsers are pages.
pub(crate) fn routes() -> OpenApiRouter<App> {
    let router = OpenApiRouter::new()
        .routes(routes!(discovery::openid_configuration))
        .routes(routes!(discovery::authorization_server))
        .routes(routes!(jwks::show))
        .routes(routes!(token::token))
        .routes(routes!(device::device))
        .routes(routes!(par::push))
        .routes(routes!(userinfo::get, userinfo::post))
        .routes(routes!(introspect::introspect))
        .routes(routes!(revoke::revoke))
        .routes(routes!(registration::register))
        .routes(routes!(
            registration::read_own,
            registration::replace_own,
            registration::delete_own
        ));
    let asked_beforehand = [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/oauth2/jwks",
        "/oauth2/token",
        "/oauth2/userinfo",
        "/oauth2/revoke",
    ];
    asked_beforehand
        .into_iter()
        .fold(router, |router, path| router.route(path, options(cors::preflight)))
}
