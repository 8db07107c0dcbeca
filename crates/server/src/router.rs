//! Every public path, on one page.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::{account, data, front, health, login, logout, openapi, password, register, sessions};

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
        .fallback(front::not_found)
        .method_not_allowed_fallback(front::method_not_allowed)
        .layer(from_fn_with_state(app.clone(), front::layer))
        .with_state(app)
}

fn api() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::base())
        .routes(routes!(register::register))
        .routes(routes!(login::login))
        .routes(routes!(logout::logout))
        .routes(routes!(logout::logout_all))
        .routes(routes!(data::read, data::replace, data::patch))
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::end))
        .routes(routes!(password::change))
        .routes(routes!(account::delete))
        .routes(routes!(account::export))
        .routes(routes!(health::healthz))
}
