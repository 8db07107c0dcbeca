//! `POST /logout` and `POST /logout/all`: one statement each; after the answer no process accepts the
//! token any more.

use axum::extract::State;
use axum::http::StatusCode;
use tokenhouse_rules::audit::Event;
use tokenhouse_store::{Ended, Target};

use crate::app::App;
use crate::error::{Document, Problem};
use crate::extract::client::Client;
use crate::extract::session::Bearer;

/// End this session.
#[utoipa::path(post, path = "/logout", tag = "sessions", security(("session" = [])),
    responses((status = 204, description = "Ended"),
              (status = 401, description = "`invalid_token`", body = Document)))]
pub(crate) async fn logout(
    State(app): State<App>,
    client: Client,
    Bearer(session): Bearer,
) -> Result<StatusCode, Problem> {
    let trail = client.trail(Event::SessionEnded, app.ordering_time());
    answer(app.store.end_sessions(&session, Target::This, trail).await?)
}

/// End every session of this user.
#[utoipa::path(post, path = "/logout/all", tag = "sessions", security(("session" = [])),
    responses((status = 204, description = "All ended"),
              (status = 401, description = "`invalid_token`", body = Document)))]
pub(crate) async fn logout_all(
    State(app): State<App>,
    client: Client,
    Bearer(session): Bearer,
) -> Result<StatusCode, Problem> {
    let trail = client.trail(Event::SessionsEnded, app.ordering_time());
    answer(app.store.end_sessions(&session, Target::All, trail).await?)
}

fn answer(ended: Ended) -> Result<StatusCode, Problem> {
    match ended {
        Ended::Done => Ok(StatusCode::NO_CONTENT),
        Ended::NoSession | Ended::NoSuch => Err(Problem::invalid_token()),
    }
}
