//! `tokenhouse admin …`: who administers this server, and how the first administrator comes to be.

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_store::Revoked;

use super::link::{self, Links, SETUP_LIFETIME};
use super::user::{One, find, show};
use super::{Refused, by_operator, with_store};
use crate::config::Flags;
use crate::print;

/// Look after administrators
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Print a link by which the first administrator is made; it works once, for 30 minutes
    SetupLink {
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        flags: Flags,
    },
    /// Make a user an administrator
    Grant(One),
    /// Make an administrator a user like all others; the last one stays
    Revoke(One),
    /// List the administrators
    List {
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        flags: Flags,
    },
}

/// # Errors
/// When the database cannot be reached, there is no such user, setup is closed, or nobody would be left (exit
/// code 5).
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    match arguments.action {
        Action::SetupLink { json, flags } => setup_link(&flags, json),
        Action::Grant(one) => grant(&one),
        Action::Revoke(one) => revoke(&one),
        Action::List { json, flags } => with_store(&flags, async |store, _| {
            for user in store.administrators().await? {
                show(&user, true, json)?;
            }
            Ok(())
        }),
    }
}

fn setup_link(flags: &Flags, json: bool) -> Result<()> {
    with_store(flags, async |store, written| {
        let links = Links::of(&written)?;
        store.migrate().await?;
        let base = &links.settings.base_url;
        let Some(link) = link::setup(store.as_ref(), base, links.root()).await? else {
            let text = "setup is closed; `tokenhouse admin grant USER` makes an administrator";
            return Err(Refused { text: text.to_owned(), code: 5 }.into());
        };
        if json {
            print::line(json!({ "link": *link, "expires_in": SETUP_LIFETIME.as_secs() }))?;
        } else {
            print::line(&*link)?;
        }
        links.explain("It works once, within 30 minutes, for whoever has it.");
        Ok(())
    })
}

fn grant(one: &One) -> Result<()> {
    with_store(&one.flags, async |store, _| {
        let user = find(store.as_ref(), &one.user).await?;
        let trail = by_operator(Event::AdministratorGranted, store.now().await?)?;
        if !store.grant_administrator(user.id, trail).await? {
            return Err(Refused { text: "the user is gone".to_owned(), code: 5 }.into());
        }
        one.done(Event::AdministratorGranted, &user)
    })
}

fn revoke(one: &One) -> Result<()> {
    with_store(&one.flags, async |store, _| {
        let user = find(store.as_ref(), &one.user).await?;
        let trail = by_operator(Event::AdministratorRevoked, store.now().await?)?;
        let refused = |why: &str| Refused { text: format!("{} {why}", user.username), code: 5 };
        match store.revoke_administrator(user.id, trail).await? {
            Revoked::Done => one.done(Event::AdministratorRevoked, &user),
            Revoked::NotOne => Err(refused("is no administrator").into()),
            Revoked::Last => {
                Err(refused("is the last administrator; grant it to somebody first").into())
            }
        }
    })
}
