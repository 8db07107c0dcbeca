//! `tokenhouse client …`: the applications that people sign in to through this server.

mod given;
mod invite;
pub(super) mod save;
pub(super) mod secret;
pub(super) mod settings;
pub(super) mod show;

use std::time::Duration;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::oauth::client::Kind;
use tokenhouse_rules::span;
use tokenhouse_store::{Client, Store, Trail};

use self::given::Given;
use super::{Refused, by_operator, confirm, with_store};
use crate::config::Flags;
use crate::print;

/// Look after applications
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

/// One application, and how to tell of it.
#[derive(Args)]
struct One {
    /// Its `client_id`
    id: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

impl One {
    /// Says what was done to it.
    fn done(&self, event: Event) -> Result<()> {
        print::note(format_args!("{}: {}", event.name(), self.id));
        if self.json {
            print::line(json!({ "event": event.name(), "client_id": self.id }))?;
        }
        Ok(())
    }
}

/// What kind of application it is.
#[derive(Clone, Copy, ValueEnum)]
enum Preset {
    /// Runs in a browser, and has no secret
    Spa,
    /// Runs on a server, and has a secret
    Server,
    /// Runs on a person's machine: apps and command lines
    Native,
    /// Runs where there is no browser, or nothing to type with
    Device,
    /// Acts for itself, without a person
    Machine,
    /// Knows nothing of sign-in; a proxy in front of it asks
    Proxy,
}

impl Preset {
    const fn kind(self) -> Kind {
        match self {
            Self::Spa => Kind::Spa,
            Self::Server => Kind::Server,
            Self::Native => Kind::Native,
            Self::Device => Kind::Device,
            Self::Machine => Kind::Machine,
            Self::Proxy => Kind::Proxy,
        }
    }
}

#[derive(Subcommand)]
enum Action {
    /// Register an application; its secret, if it has one, is printed this once
    Create {
        /// Its `client_id`: letters, digits and . _ -; made up when it is left out
        id: Option<String>,
        /// What kind of application it is
        #[arg(long)]
        preset: Preset,
        #[command(flatten)]
        given: Given,
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        flags: Flags,
    },
    /// List applications
    List {
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Continue after this `client_id`
        #[arg(long, value_name = "ID")]
        after: Option<String>,
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        flags: Flags,
    },
    /// Show one application with all its settings
    Get(One),
    /// Change settings; what is given anew replaces what it was, lists as a whole
    Update {
        #[command(flatten)]
        one: One,
        #[command(flatten)]
        given: Given,
        /// Nobody can sign in to it, and its tokens are refused
        #[arg(long)]
        disable: bool,
        /// It may be used again
        #[arg(long, conflicts_with = "disable")]
        enable: bool,
    },
    /// Delete an application with all that it was given
    Delete {
        #[command(flatten)]
        one: One,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Print a token by which applications register themselves
    Invite(invite::Arguments),
    /// Print another secret; those it has end after a while
    RotateSecret {
        #[command(flatten)]
        one: One,
        /// How long the former secrets are good beside it; 0 ends them at once
        #[arg(long, default_value = "24h", value_name = "SPAN", value_parser = span::parse)]
        overlap: Duration,
    },
}

/// # Errors
/// When the database cannot be reached, there is no such application, settings are wrong (exit code 2), or an id or
/// a host is taken (exit code 5).
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    match arguments.action {
        Action::Create { id, preset, given, json, flags } => {
            save::create(&flags, id, (preset.kind(), &given), json)
        }
        Action::List { limit, after, json, flags } => with_store(&flags, async |store, _| {
            for client in store.clients(after.as_deref(), limit).await? {
                show::line(&client, json)?;
            }
            Ok(())
        }),
        Action::Get(one) => with_store(&one.flags, async |store, _| {
            show::whole(&find(store.as_ref(), &one.id).await?, one.json)
        }),
        Action::Update { one, given, disable, enable } => {
            let disabled = (disable || enable).then_some(disable);
            save::update(&one, &given, disabled)
        }
        Action::Delete { one, yes } => {
            if !yes {
                confirm(&format!("Delete {} and end all that it was given?", one.id))?;
            }
            delete(&one)
        }
        Action::Invite(arguments) => invite::run(&arguments),
        Action::RotateSecret { one, overlap } => secret::rotate(&one, overlap),
    }
}

async fn find(store: &dyn Store, id: &str) -> Result<Client> {
    let found = store.client(id).await?;
    Ok(found.ok_or_else(|| Refused { text: format!("there is no client `{id}`"), code: 1 })?)
}

fn delete(one: &One) -> Result<()> {
    with_store(&one.flags, async |store, _| {
        let trail = by_operator(Event::ClientDeleted, store.now().await?)?;
        if !delete_with_all(store.as_ref(), &one.id, trail).await? {
            let text = format!("there is no client `{}`", one.id);
            return Err(Refused { text, code: 1 }.into());
        }
        one.done(Event::ClientDeleted)
    })
}

/// Deletes a client and waits until nothing of it is left. Killed in between, housekeeping does the rest.
pub(super) async fn delete_with_all(store: &dyn Store, id: &str, trail: Trail) -> Result<bool> {
    let was_there = store.delete_client(id, trail).await?;
    while store.clear_deleted_clients().await? > 0 {}
    Ok(was_there)
}
