//! The page and its routes: the document, its style and script, the stream of pictures and the buttons.
//!
//! It passes commands on to the supervisor and pictures on to the browser; who may do so is decided in `guard`, what
//! is in a picture in `board`.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Instant};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{
        IntoResponse, Redirect, Response, Sse,
        sse::{Event, KeepAlive},
    },
    routing::{get, post},
};
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use tokenhouse_processes::supervisor::{Command, Handle, Phase};
use tokio::sync::{mpsc, watch};

use super::{
    account::Account,
    banner::Line,
    guard::{Guard, HEADERS},
    notes::Note,
    snapshot::Snapshot,
    stage::MOST_PROCESSES,
};

const HTML: &str = include_str!("page.html");
const CSS: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What the routes share: values that do not change, and the ends of channels.
pub(super) struct Page {
    pub(super) document: String,
    pub(super) guard: Guard,
    pub(super) handle: Handle,
    pub(super) notes: mpsc::Sender<Note>,
    pub(super) pictures: watch::Receiver<Arc<Snapshot>>,
}

/// The document, with the visitor's account and the lines to paste written into it.
pub(super) fn document(token: &str, api: SocketAddr, visitor: &Account, lines: &[Line]) -> String {
    let lines: String = lines
        .iter()
        .map(|Line { what, command }| {
            format!(
                "<li><p>{}</p><div class=\"line\"><code tabindex=\"0\">{}</code>\
                 <button type=\"button\" data-copy aria-label=\"Copy: {0}\">Copy</button></div></li>",
                escaped(what),
                escaped(command)
            )
        })
        .collect();
    HTML.replace("{{token}}", &escaped(token))
        .replace("{{api}}", &format!("http://{api}"))
        .replace("{{username}}", &escaped(&visitor.username))
        .replace("{{password}}", &escaped(&visitor.password))
        .replace("{{lines}}", &lines)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Every path of the page.
pub(super) fn router(page: Arc<Page>) -> Router {
    let actions = Router::new()
        .route("/demo/actions/kill", post(kill))
        .route("/demo/actions/add", post(add))
        .route("/demo/actions/remove", post(remove))
        .route("/demo/actions/replace", post(replace))
        .route_layer(middleware::from_fn_with_state(Arc::clone(&page), own_page_only));
    Router::new()
        .route("/", get(|| async { Redirect::temporary("/demo") }))
        .route("/demo", get(show))
        .route(
            "/demo/page.css",
            get(|| async { ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], CSS) }),
        )
        .route(
            "/demo/page.js",
            get(|| async { ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT) }),
        )
        .route("/demo/events", get(events))
        .merge(actions)
        .layer(middleware::from_fn_with_state(Arc::clone(&page), known_host_only))
        .with_state(page)
}

async fn known_host_only(State(page): State<Arc<Page>>, request: Request, next: Next) -> Response {
    let mut answer = match page.guard.knows_host(request.headers()) {
        true => next.run(request).await,
        false => StatusCode::MISDIRECTED_REQUEST.into_response(),
    };
    for (name, value) in HEADERS {
        answer.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    answer
}

async fn own_page_only(State(page): State<Arc<Page>>, request: Request, next: Next) -> Response {
    match page.guard.admits_action(request.headers()) {
        true => next.run(request).await,
        false => StatusCode::FORBIDDEN.into_response(),
    }
}

async fn show(State(page): State<Arc<Page>>) -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page.document.clone()).into_response()
}

async fn events(
    State(page): State<Arc<Page>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut pictures = page.pictures.clone();
    pictures.mark_changed();
    let stream = stream::unfold(pictures, |mut pictures| async move {
        pictures.changed().await.ok()?;
        let picture = Arc::clone(&pictures.borrow_and_update());
        // A picture that cannot be written is skipped by the page: the next one is complete as well.
        let event = Event::default().json_data(&*picture).unwrap_or_default();
        Some((Ok(event), pictures))
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}

#[derive(Deserialize)]
struct Kill {
    pid: u32,
}

async fn kill(State(page): State<Arc<Page>>, Json(Kill { pid }): Json<Kill>) -> StatusCode {
    if !page.handle.children().borrow().iter().any(|child| child.pid == pid) {
        return StatusCode::NOT_FOUND;
    }
    let shot = Note::Shot { pid, at: Instant::now() };
    page.handle.send(Command::Kill { pid });
    match page.notes.send(shot).await {
        Ok(()) => StatusCode::ACCEPTED,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

async fn add(State(page): State<Arc<Page>>) -> StatusCode {
    command_if(&page, Command::Add, |count| count < MOST_PROCESSES)
}

async fn remove(State(page): State<Arc<Page>>) -> StatusCode {
    command_if(&page, Command::Remove, |count| count > 1)
}

async fn replace(State(page): State<Arc<Page>>) -> StatusCode {
    command_if(&page, Command::ReplaceAll, |_| true)
}

fn command_if(page: &Page, command: Command, allowed: impl Fn(usize) -> bool) -> StatusCode {
    let children = page.handle.children();
    let count = children.borrow().iter().filter(|child| child.phase != Phase::Stopping).count();
    if !allowed(count) {
        return StatusCode::CONFLICT;
    }
    page.handle.send(command);
    StatusCode::ACCEPTED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_holds_what_was_written_into_it_and_nothing_is_left_to_fill() {
        let visitor = Account { username: "v<i>".into(), password: "p".into() };
        let lines = [Line { what: "Do", command: "a && b \"c\"".into() }];
        let document = document("t0ken", ([127, 0, 0, 1], 8081).into(), &visitor, &lines);
        assert!(!document.contains("{{"));
        assert!(document.contains("content=\"t0ken\""));
        assert!(document.contains("v&lt;i&gt;"));
        assert!(document.contains("a &amp;&amp; b &quot;c&quot;"));
    }

    #[test]
    fn the_document_obeys_its_own_content_policy() {
        for inline in ["style=", "<style", "onclick=", "http:", "https:"] {
            assert!(!HTML.contains(inline), "{inline}");
        }
        assert_eq!(
            HTML.matches("<script").count(),
            HTML.matches("<script type=\"module\" src=").count()
        );
    }

    #[test]
    fn the_style_has_every_colour_the_roster_may_choose() {
        for colour in 0..super::super::roster::COLOURS {
            assert!(CSS.contains(&format!("[data-colour=\"{colour}\"]")), "{colour}");
        }
    }
}
