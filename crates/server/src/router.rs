//! Every public path, on one page.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::front::Front;
use crate::{
    account, confirm, data, email, forward_auth, front, health, login, logout, oauth, openapi,
    pages, password, recover, register, reset, sessions,
};

/// Every public path once more, for what counts by route: `/data` first, since it is asked for most, and
/// at last what no path matches.
const ROUTES: &[&str] = &[
    "/data",
    "/login",
    "/register",
    "/logout",
    "/logout/all",
    "/sessions",
    "/sessions/{id}",
    "/password",
    "/account",
    "/account/export",
    "/healthz",
    "/openapi.json",
    "/",
    "/account/password",
    "/account/sessions",
    "/account/delete",
    "/preferences",
    "/.well-known/change-password",
    "/assets/{file}",
    "/dev/outbox",
    "/dev/outbox/{id}",
    "/dev/outbox/{id}/html",
    "/login/confirmation",
    "/recover",
    "/reset",
    "/reset/{token}",
    "/confirm",
    "/confirm/{token}",
    "/invitation/{token}",
    "/setup/{token}",
    "/account/email",
    "/account/email/confirmation",
    "/account/keep",
    "/account/applications",
    "/oauth2/authorize",
    "/oauth2/consent",
    "/oauth2/logout",
    "/login/continue",
    "/api/authz/forward-auth",
    "/api/authz/auth-request",
    "/api/authz/ext-authz",
    "/api/authz/ext-authz/",
    "/api/authz/ext-authz/{*path}",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/oauth2/jwks",
    "/oauth2/token",
    "/oauth2/device",
    "/device",
    "/oauth2/par",
    "/oauth2/userinfo",
    "/oauth2/introspect",
    "/oauth2/revoke",
    "/oauth2/register",
    "/oauth2/register/{client_id}",
    "",
];

/// One of the public paths, as its pattern: never what a client sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Route(usize);

impl Route {
    /// The one with this pattern; the last one when there is none.
    pub(crate) fn of(pattern: &str) -> Self {
        Self(ROUTES.iter().position(|known| *known == pattern).unwrap_or(ROUTES.len() - 1))
    }

    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..ROUTES.len()).map(Self)
    }

    /// Its pattern; empty for what no path matches.
    pub(crate) fn as_str(self) -> &'static str {
        ROUTES[self.0]
    }

    /// Its place among [`Self::all`].
    pub(crate) const fn index(self) -> usize {
        self.0
    }
}

/// The public routes, wrapped in the one layer that every request passes.
pub fn router(app: App) -> Router {
    let (router, mut document) = api().split_for_parts();
    openapi::serve_at(&mut document, &app.settings);
    let text = document.to_json().unwrap_or_default();
    let described = get(async move || {
        ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], text)
    });
    router
        .route("/openapi.json", described)
        .merge(pages::own())
        .merge(forward_auth::routes())
        .fallback(front::not_found)
        .method_not_allowed_fallback(front::method_not_allowed)
        .layer(Front::new(app.clone(), pages::shared(app.clone())))
        .with_state(app)
}

fn api() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::base())
        .routes(routes!(register::register))
        .routes(routes!(login::login))
        .routes(routes!(login::confirmation))
        .routes(routes!(recover::recover))
        .routes(routes!(reset::reset))
        .routes(routes!(confirm::confirm))
        .routes(routes!(logout::logout))
        .routes(routes!(logout::logout_all))
        .routes(routes!(data::read, data::replace, data::patch))
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::end))
        .routes(routes!(password::change))
        .routes(routes!(account::delete))
        .routes(routes!(account::export))
        .routes(routes!(email::change, email::delete))
        .routes(routes!(email::confirmation))
        .routes(routes!(health::healthz))
        .merge(oauth::routes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_of_api_and_pages_is_counted_by_its_name() {
        let (_, document) = api().split_for_parts();
        let mut paths: Vec<_> = document.paths.paths.keys().map(String::as_str).collect();
        paths.extend(["/openapi.json", ""]);
        paths.extend(pages::SHARED);
        paths.extend(pages::OWN.iter().copied());
        paths.extend(forward_auth::PATHS);
        paths.sort_unstable();
        paths.dedup();
        let mut counted = ROUTES.to_vec();
        counted.sort_unstable();
        assert_eq!(counted, paths);
        assert!(Route::all().all(|route| Route::of(route.as_str()) == route));
        assert_eq!(Route::of("/wp-admin").as_str(), "");
    }
}
