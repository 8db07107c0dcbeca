//! The management listener: probes and metrics, apart from the public port.

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::app::App;

/// The routes of the management listener.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(app)
}

async fn readyz(State(app): State<App>) -> impl IntoResponse {
    match (app.lifecycle.is_ready(), app.lifecycle.is_draining()) {
        (_, true) => (StatusCode::SERVICE_UNAVAILABLE, "draining\n"),
        (true, false) => (StatusCode::OK, "ok\n"),
        (false, false) => (StatusCode::SERVICE_UNAVAILABLE, "starting\n"),
    }
}

async fn metrics(State(app): State<App>) -> impl IntoResponse {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], app.metrics.exposition(&app))
}
