//! The outermost layer, one for everything: request id, client, deadline, problem documents, common
//! headers, metrics and the access line. One layer instead of six, because each costs a request.

use std::time::Instant;

use axum::Json;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::entropy;
use crate::error::Problem;
use crate::extract::client::Client;
use crate::log::access::Access;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const PROCESS: HeaderName = HeaderName::from_static("tokenhouse-process");

/// Wraps every route.
pub(crate) async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let request_id = request_id(request.headers());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let trace = trace_id(request.headers());
    let (mut parts, body) = request.into_parts();
    let client = Client::of(&parts, &app.settings.trusted_proxies, request_id);
    parts.extensions.insert(client.clone());
    let request = Request::from_parts(parts, body);

    let answer = tokio::time::timeout(app.settings.request_timeout, next.run(request)).await;
    let mut response = answer.unwrap_or_else(|_| Problem::too_slow().into_response());
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = spell_out(&app, &problem, response, &client.request_id);
    }
    finish(&app, &mut response, &client.request_id);

    let access = Access {
        method: method_name(&method),
        route: route.as_ref().map_or("", MatchedPath::as_str),
        status: response.status().as_u16(),
        seconds: started.elapsed().as_secs_f64(),
        client: &client,
        trace: trace.as_deref(),
    };
    app.metrics.request(&access);
    if app.settings.access_log {
        app.log.access(&access, &app.process);
    }
    response
}

/// Gives a problem its body, and its cause to the log.
fn spell_out(app: &App, problem: &Problem, bare: Response, request_id: &str) -> Response {
    if let Some(cause) = &problem.cause {
        app.log.failure(problem.code, cause.as_ref(), request_id);
    }
    let mut response = (problem.status, Json(problem.document(request_id))).into_response();
    for (name, value) in bare.headers() {
        if name != header::CONTENT_LENGTH && name != header::CONTENT_TYPE {
            response.headers_mut().append(name, value.clone());
        }
    }
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn finish(app: &App, response: &mut Response, request_id: &str) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.entry(header::CACHE_CONTROL).or_insert_with(|| HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if app.settings.show_process
        && let Ok(process) = HeaderValue::from_str(app.process.as_str())
    {
        headers.insert(PROCESS, process);
    }
}

/// The caller's id when it is harmless, a new one otherwise.
fn request_id(headers: &HeaderMap) -> String {
    let harmless = |text: &&str| {
        (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    let sent = headers.get(&REQUEST_ID).and_then(|value| value.to_str().ok()).filter(harmless);
    sent.map_or_else(|| format!("{:032x}", u128::from_be_bytes(entropy::bytes())), str::to_owned)
}

/// The trace this request belongs to (W3C Trace Context §3.2.2.3), for the log.
fn trace_id(headers: &HeaderMap) -> Option<String> {
    let text = headers.get("traceparent")?.to_str().ok()?;
    let id = text.split('-').nth(1)?;
    let legal = id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit());
    legal.then(|| id.to_ascii_lowercase())
}

/// Known methods only: a label must not be made up by a client.
fn method_name(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        _ => "_OTHER",
    }
}

/// 404 for paths that do not exist.
pub(crate) async fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "There is nothing at this address")
}

/// 405 for methods a path does not have; the router adds `Allow`.
pub(crate) async fn method_not_allowed() -> Problem {
    let title = "This address does not know that method";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", title)
}
