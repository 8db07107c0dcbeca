//! A server without administrators: the first one by the configuration, or a link for whoever can see it.

use anyhow::Result;
use secrecy::ExposeSecret;
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::UserId;
use tokenhouse_rules::keys::RootSecret;
use tokenhouse_server::app::App;
use tokenhouse_server::log::{Level, Sink};
use tokenhouse_store::{NewUser, SetUp, SetUpDone, Store};
use zeroize::Zeroizing;

use super::banner::Banner;
use crate::command::{by_operator, link, random};
use crate::config::used::Bootstrap;

/// Makes the first administrator, if the configuration names one and setup is open; whether it is open after
/// that. Of processes that do so at once one wins, and the others find setup closed.
///
/// # Errors
/// Trouble with the database; [`crate::config::BadConfig`] for a password that the rules refuse.
pub(super) async fn first_administrator(app: &App, first: Option<&Bootstrap>) -> Result<bool> {
    if app.store.setup_state().await?.closed_at.is_some() {
        return Ok(false);
    }
    let Some(first) = first else { return Ok(true) };
    first.check(app.settings.password_min)?;
    let password = app.hashing.hash(first.password.expose_secret()).await?;
    let now = app.store.now().await?;
    let email = &first.email;
    let new = NewUser {
        id: UserId::new(now, random()?),
        username: email.shown().to_owned(),
        email: Some(email.shown().to_owned()),
        email_confirmed: true,
        pending_email: None,
        names: vec![email.key().to_owned()],
        password,
        created_at: now,
        session: None,
        confirmation: None,
        invitation: None,
        trail: by_operator(Event::SetupCompleted, now)?,
    };
    match app.store.set_up(SetUp { link: None, new }).await? {
        SetUpDone::Done => {
            let attributes = json!({ "tokenhouse.setup.by": "BOOTSTRAP_ADMIN_EMAIL" });
            app.log.event(Level::Info, "tokenhouse.setup.completed", attributes);
            Ok(false)
        }
        SetUpDone::Closed | SetUpDone::Gone => Ok(false),
        // Whoever made that account need not be whom the operator means.
        SetUpDone::Taken(_) => {
            let why = "BOOTSTRAP_ADMIN_EMAIL is the name of an account already; `tokenhouse admin grant` makes it \
                       an administrator's";
            app.log.event(
                Level::Warn,
                "tokenhouse.setup.bootstrap_failed",
                json!({ "exception.message": why }),
            );
            Ok(true)
        }
    }
}

/// The link for the banner, if setup is open and the banner is seen by nobody else.
pub(super) async fn link_for(
    banner: &Banner,
    store: &dyn Store,
    base_url: &str,
    root: &RootSecret,
) -> Option<Zeroizing<String>> {
    if !banner.may_hold_a_link() {
        return None;
    }
    // Without one the log says how to come by one.
    link::setup(store, base_url, root).await.ok().flatten()
}

/// Tells the log that setup is open, and the command that prints a link.
pub(super) fn tell(log: &Sink) {
    let attributes = json!({ "tokenhouse.setup.command": "tokenhouse admin setup-link" });
    log.event(Level::Warn, "tokenhouse.setup.open", attributes);
}
