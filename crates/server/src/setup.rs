//! The first administrator, by a link that whoever runs this server has: one winner, and setup is closed for good.
//! There is a page for it and no part of the API.

use axum::http::StatusCode;
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::link::Purpose;
use tokenhouse_store::{SetUp, SetUpDone};

use crate::app::App;
use crate::error::Problem;
use crate::extract::client::Client;
use crate::links;
use crate::log::Level;
use crate::newcomer::{self, Newcomer, Terms, Typed};
use crate::signed_in::SignedIn;

/// Makes the first administrator and signs her in. Who has the link has the server, so her address is taken at
/// her word.
///
/// # Errors
/// What is wrong with her names, with the link, or `setup_closed`.
pub(crate) async fn complete(
    app: &App,
    client: &Client,
    typed: &Typed<'_>,
    token: &str,
) -> Result<SignedIn, Problem> {
    let found = links::find(app, Purpose::Setup, token).await.map_err(closed_when_used)?;
    let terms = Terms { required: true, guarded: false, invited: None };
    let newcomer = Newcomer::judge(app, typed, terms)?;
    let keys = newcomer.keys(true);
    let (mut new, prepared) = newcomer.prepare((app, client), keys, typed.password, None).await?;
    new.email_confirmed = true;
    new.trail = client.trail(Event::SetupCompleted, new.created_at);
    let user = newcomer::made(&new);
    match app.store.set_up(SetUp { link: Some(found.id), new }).await? {
        SetUpDone::Taken(names) => Err(newcomer.taken(&names)),
        SetUpDone::Closed => Err(closed()),
        SetUpDone::Gone => Err(closed_when_used(links::lost(app, Purpose::Setup, token).await)),
        SetUpDone::Done => {
            let attributes = json!({ "user.id": user.id.to_string(),
                "client.address": client.address_text(), "tokenhouse.request.id": client.request_id });
            app.log.event(Level::Info, "tokenhouse.setup.completed", attributes);
            Ok(prepared.answer(&user))
        }
    }
}

/// Whether that link may be used.
pub(crate) async fn is_open(app: &App, token: &str) -> Result<(), Problem> {
    links::find(app, Purpose::Setup, token).await.map(drop).map_err(closed_when_used)
}

/// A link to set up is used up when setup is closed, by whomever.
fn closed_when_used(problem: Problem) -> Problem {
    if problem.code == "link_used" { closed() } else { problem }
}

fn closed() -> Problem {
    Problem::new(StatusCode::GONE, "setup_closed", "This server is set up already")
}
