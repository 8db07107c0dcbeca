//! What was judged, in the form that a proxy understands.
//!
//! What it relays is read on the service's host, where our pages have neither style sheet nor forms: so a person is
//! told in plain text, and a program by a problem document.

use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Judged;
use crate::app::App;
use crate::error::Problem;
use crate::extract::accept::asks_for_page;
use crate::extract::client::Client;
use crate::pages::{self, Taste};

/// An answer that the proxy hands to the browser, unless it is 200.
pub(super) fn relayed(
    app: &App,
    client: &Client,
    headers: &HeaderMap,
    judged: Result<Judged, Problem>,
) -> Response {
    match judged {
        Ok(Judged::Allowed(headers)) => (StatusCode::OK, headers).into_response(),
        Ok(Judged::SignInFirst(asked)) if asks_for_page(headers) => {
            // What was sent along is lost on the way: the address is come back to by GET (RFC 9110 §15.4.4).
            let reads = [Method::GET.as_str(), Method::HEAD.as_str()];
            let reads = reads.contains(&asked.method.as_str());
            let status = if reads { StatusCode::FOUND } else { StatusCode::SEE_OTHER };
            let to = [(header::LOCATION, pages::sign_in_at(app, &asked.address))];
            (status, to).into_response()
        }
        Ok(Judged::SignInFirst(_)) => sign_in_needed().into_response(),
        Err(problem) => told(app, client, headers, problem),
    }
}

/// An answer whose status says everything; the way to the sign-in page goes with 401, for who can follow it.
pub(super) fn coded(
    app: &App,
    client: &Client,
    headers: &HeaderMap,
    judged: Result<Judged, Problem>,
) -> Response {
    match judged {
        Ok(Judged::SignInFirst(asked)) if asks_for_page(headers) => {
            let to = [(header::LOCATION, pages::sign_in_at(app, &asked.address))];
            (StatusCode::UNAUTHORIZED, to).into_response()
        }
        other => relayed(app, client, headers, other),
    }
}

fn sign_in_needed() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "sign_in_needed", "Sign in first")
}

/// What is wrong.
fn told(app: &App, client: &Client, headers: &HeaderMap, problem: Problem) -> Response {
    if !asks_for_page(headers) {
        return problem.into_response();
    }
    let request_id = client.request_id.as_str();
    if let Some(cause) = &problem.cause {
        app.log.failure(problem.code, cause.as_ref(), request_id);
    }
    let taste = Taste::accepted(app, client.languages().unwrap_or_default());
    let title = pages::title(app, taste, &problem);
    let plain = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    let text = format!("{title}\n\n{request_id}\n");
    (problem.status, problem.headers(), plain, text).into_response()
}
