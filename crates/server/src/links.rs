//! Links that may be used once, as handlers meet them: looked up by their token, or refused for one of three
//! reasons that are told apart, since each has another way on.

use axum::http::StatusCode;
use tokenhouse_rules::id::LinkId;
use tokenhouse_rules::link::{self, Purpose};
use tokenhouse_store::{LinkFacts, LinkState};

use crate::app::App;
use crate::error::Problem;

/// A link that may be used, as far as is known.
pub(crate) struct Link {
    pub id: LinkId,
    pub facts: LinkFacts,
}

/// Looks a link up. Garbage never reaches the database.
///
/// # Errors
/// `link_unknown`, `link_used`, `link_expired`.
pub(crate) async fn find(app: &App, purpose: Purpose, token: &str) -> Result<Link, Problem> {
    let id = link::open(token, purpose, &app.root).map_err(|_| unknown())?;
    let facts = app.store.link(id, purpose).await?.ok_or_else(unknown)?;
    match facts.state {
        LinkState::Open => Ok(Link { id, facts }),
        LinkState::Used => {
            Err(Problem::new(StatusCode::GONE, "link_used", "This link was used already"))
        }
        LinkState::Expired => {
            Err(Problem::new(StatusCode::GONE, "link_expired", "This link has expired"))
        }
    }
}

/// Why a link that was open a moment ago could not be used: somebody was quicker, or its time was over.
pub(crate) async fn lost(app: &App, purpose: Purpose, token: &str) -> Problem {
    find(app, purpose, token).await.err().unwrap_or_else(Problem::conflict)
}

/// No link of this server, or one that is forgotten.
pub(crate) fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "link_unknown", "This link is not known here")
}
