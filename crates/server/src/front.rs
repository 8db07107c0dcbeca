//! The outermost layer, one for everything: request id, client, deadline, problem documents, common
//! headers, metrics and the access line. One layer instead of six, because each costs a request.

use std::convert::Infallible;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use futures_util::future::{BoxFuture, Either};
use tower::{Layer, Service};

use crate::app::App;
use crate::error::Problem;
use crate::extract::accept::asks_for_page;
use crate::extract::client::Client;
use crate::extract::request_id::{self, RequestId};
use crate::log::access::Access;
use crate::metrics::method_name;
use crate::oauth::{self, OAuthFailure, Trouble};
use crate::pages::{self, Taste, Wish};
use crate::router::Route;

const PROCESS: HeaderName = HeaderName::from_static("tokenhouse-process");

/// Wraps every route. A layer by hand: one of the framework's making would clone and box the route for
/// each request.
#[derive(Clone)]
pub(crate) struct Front {
    app: App,
    pages: Router,
}

impl Front {
    /// `pages` has what people get at addresses that are a part of the API for programs.
    pub(crate) const fn new(app: App, pages: Router) -> Self {
        Self { app, pages }
    }
}

impl<S> Layer<S> for Front {
    type Service = Fronted<S>;

    fn layer(&self, inner: S) -> Fronted<S> {
        Fronted { app: self.app.clone(), pages: self.pages.clone(), inner }
    }
}

/// A route with the layer around it.
#[derive(Clone)]
pub(crate) struct Fronted<S> {
    app: App,
    pages: Router,
    inner: S,
}

impl<S> Service<Request> for Fronted<S>
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send + 'static>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let app = self.app.clone();
        let arrived = Arrived::note(&app, &mut request);
        let answer = match arrived.wish.is_some() && pages::shares(request.uri().path()) {
            true => Either::Left(self.pages.call(request)),
            false => Either::Right(self.inner.call(request)),
        };
        let answer = tokio::time::timeout(app.settings.request_timeout, answer);
        Box::pin(async move {
            let response = match answer.await {
                Ok(Ok(response)) => response,
                Err(_) => too_slow(arrived.route),
            };
            Ok(arrived.leave(&app, response))
        })
    }
}

/// What is to be known of a request when its answer leaves.
struct Arrived {
    at: Instant,
    method: &'static str,
    route: Route,
    client: Client,
    trace: Option<String>,
    /// Of a person at a browser.
    wish: Option<Wish>,
}

impl Arrived {
    /// Looks at a request, and tells its handler who asks.
    fn note(app: &App, request: &mut Request) -> Self {
        let at = Instant::now();
        let (headers, extensions) = (request.headers(), request.extensions());
        let id = RequestId::of(headers);
        let client = Client::of((headers, extensions), &app.settings.trusted_proxies, id);
        let matched = extensions.get::<MatchedPath>();
        let mut route = Route::of(matched.map_or("", MatchedPath::as_str));
        let is_page = asks_for_page(headers);
        let wish = is_page.then(|| Wish::of(&app.pages, headers, request.uri()));
        if is_page && pages::shares(request.uri().path()) {
            route = Route::of(request.uri().path());
        }
        let trace = trace_id(headers);
        let method = method_name(request.method().as_str());
        request.extensions_mut().insert(client.clone());
        Self { at, method, route, client, trace, wish }
    }

    /// Completes the answer and writes down that it was given.
    fn leave(self, app: &App, mut response: Response) -> Response {
        let Self { at, method, route, client, trace, wish } = self;
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            let request_id = client.request_id.as_str();
            if let Some(cause) = &problem.cause {
                app.log.failure(problem.code, cause.as_ref(), request_id);
            }
            response = match wish {
                Some(wish) => pages::written(app, &wish, &problem, request_id),
                None => spell_out(app, &problem, response, (request_id, client.languages())),
            };
        }
        if let Some(trouble) = response.extensions_mut().remove::<Trouble>() {
            app.log.failure(trouble.code, trouble.cause.as_ref(), client.request_id.as_str());
        }
        finish(app, &mut response, &client.request_id);
        let (status, took) = (response.status().as_u16(), at.elapsed());
        let trace = trace.as_deref();
        let access = Access { method, route, status, took, client: &client, trace };
        app.metrics.request(&access);
        if app.settings.access_log {
            app.log.access(&access, &app.process);
        }
        response
    }
}

/// Gives a problem its body. Its title is in a language that the client names, else in English (RFC 9457 §3.1.3).
fn spell_out(
    app: &App,
    problem: &Problem,
    bare: Response,
    (request_id, languages): (&str, Option<&str>),
) -> Response {
    let title = match languages {
        Some(languages) => pages::title(app, Taste::accepted(app, languages), problem),
        None => problem.title.to_owned(),
    };
    let mut response = (problem.status, Json(problem.document(title, request_id))).into_response();
    for (name, value) in bare.headers() {
        if name != header::CONTENT_LENGTH && name != header::CONTENT_TYPE {
            response.headers_mut().append(name, value.clone());
        }
    }
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// Each kind of client is told in the words of its own protocol.
fn too_slow(route: Route) -> Response {
    match oauth::is_for_applications(route.as_str()) {
        true => OAuthFailure::too_slow().into_response(),
        false => Problem::too_slow().into_response(),
    }
}

fn finish(app: &App, response: &mut Response, request_id: &RequestId) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_bytes(request_id.as_bytes()) {
        headers.insert(request_id::HEADER, id);
    }
    headers.entry(header::CACHE_CONTROL).or_insert_with(|| HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if app.settings.show_process
        && let Ok(process) = HeaderValue::from_str(app.process.as_str())
    {
        headers.insert(PROCESS, process);
    }
}

/// The trace this request belongs to (W3C Trace Context §3.2.2.3), for the log.
fn trace_id(headers: &HeaderMap) -> Option<String> {
    let text = headers.get("traceparent")?.to_str().ok()?;
    let id = text.split('-').nth(1)?;
    let legal = id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit());
    legal.then(|| id.to_ascii_lowercase())
}

/// 404 for paths that do not exist.
pub(crate) async fn not_found() -> Problem {
    nothing_here()
}

/// The same for an address that the operator did not turn on.
pub(crate) fn nothing_here() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "There is nothing at this address")
}

/// 405 for methods a path does not have; the router adds `Allow`.
pub(crate) async fn method_not_allowed() -> Problem {
    let title = "This address does not know that method";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", title)
}
