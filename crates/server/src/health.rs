//! `GET /healthz`: whether this process takes requests. It does not ask the database: one that is away
//! must not make a load balancer take every process out (`docs/decisions/0002-stateless-by-construction.md`).

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::Problem;

#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    status: &'static str,
}

/// Whether this process takes requests.
#[utoipa::path(get, path = "/healthz", tag = "operation",
    responses((status = 200, description = "It does", body = Health),
              (status = 503, description = "It is starting or stopping")))]
pub(crate) async fn healthz(State(app): State<App>) -> Response {
    if app.lifecycle.is_ready() && !app.lifecycle.is_draining() {
        return axum::Json(Health { status: "ok" }).into_response();
    }
    let title = "This process is starting or stopping";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", title).into_response()
}
