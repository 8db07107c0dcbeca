//! `tokenhouse user …`: administration against the same database, while servers run.

mod claims;
mod create;
mod password;

use std::io;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::UserId;
use tokenhouse_rules::mail::Kind;
use tokenhouse_rules::user;
use tokenhouse_server::mail;
use tokenhouse_store::{Removed, Store, Trail, User};

use super::{Refused, by_operator, confirm, with_store};
use crate::config::{Flags, used};
use crate::print;

/// Look after users
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

/// One user, and how to tell of her.
#[derive(Args)]
pub(super) struct One {
    /// Name, e-mail address or id
    pub(super) user: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    pub(super) flags: Flags,
}

impl One {
    /// Says what was done to her.
    pub(super) fn done(&self, event: Event, user: &User) -> Result<()> {
        print::note(format_args!("{}: {}", event.name(), user.username));
        if self.json {
            print::line(json!({ "event": event.name(), "user": user.id.to_string() }))?;
        }
        Ok(())
    }
}

#[derive(Subcommand)]
enum Action {
    /// Make a user; the password is asked for, or read from standard input
    Create {
        /// Name to sign in with
        username: String,
        /// E-mail address, works as a name too
        #[arg(long)]
        email: Option<String>,
        /// The address is not known to be hers; she is asked to confirm it
        #[arg(long)]
        unconfirmed: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        flags: Flags,
    },
    /// List users
    List {
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Continue after this id
        #[arg(long)]
        after: Option<UserId>,
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        flags: Flags,
    },
    /// Show one user
    Get(One),
    /// Lock a user out; her sessions end at once
    Lock(One),
    /// Let a user in again who is locked, or kept waiting after too many failures
    Unlock(One),
    /// Delete a user with everything that belongs to her
    Delete {
        #[command(flatten)]
        one: One,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Set a password; all sessions end
    SetPassword(One),
    /// Show the standard claims of a user (OpenID Connect Core §5.1), or set them
    Claims {
        #[command(flatten)]
        one: One,
        /// Replace them all by the JSON object in this file, or on standard input by `-`
        #[arg(long, value_name = "FILE")]
        set: Option<PathBuf>,
    },
    /// List a user's sessions
    Sessions(One),
    /// End all sessions of a user
    SignOut(One),
}

/// # Errors
/// When the database cannot be reached, there is no such user, a name is taken, or the last administrator would
/// go (exit code 5).
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    match arguments.action {
        Action::Create { username, email, unconfirmed, json, flags } => {
            create::create(&flags, (&username, email.as_deref()), !unconfirmed, json)
        }
        Action::List { limit, after, json, flags } => with_store(&flags, async |store, _| {
            let administrators = administrators(store.as_ref()).await?;
            for user in store.users(after, limit).await? {
                show(&user, administrators.contains(&user.id), json)?;
            }
            Ok(())
        }),
        Action::Get(one) => with_store(&one.flags, async |store, _| {
            let user = find(store.as_ref(), &one.user).await?;
            let administrators = administrators(store.as_ref()).await?;
            Ok(show(&user, administrators.contains(&user.id), one.json)?)
        }),
        Action::Lock(one) => change(&one, Event::UserLocked, async |store, user, trail| {
            store.lock_user(user, true, trail).await
        }),
        Action::Unlock(one) => change(&one, Event::UserUnlocked, async |store, user, trail| {
            store.lock_user(user, false, trail).await
        }),
        Action::SignOut(one) => change(&one, Event::SessionsEnded, async |store, user, trail| {
            store.sign_out(user, trail).await
        }),
        Action::Delete { one, yes } => {
            if !yes {
                confirm(&format!(
                    "Delete {} and everything that belongs to this account?",
                    one.user
                ))?;
            }
            delete(&one)
        }
        Action::SetPassword(one) => password::set_password(&one),
        Action::Claims { one, set: None } => claims::show(&one),
        Action::Claims { one, set: Some(file) } => claims::set(&one, &file),
        Action::Sessions(one) => sessions(&one),
    }
}

/// Finds a user by identifier or by any of her names.
pub(crate) async fn find(store: &dyn Store, given: &str) -> Result<User> {
    let by_name = match user::login_key(given) {
        Some(key) => store.user_by_name(&key).await?,
        None => None,
    };
    let found = match (by_name, given.parse::<UserId>()) {
        (Some(user), _) => Some(user),
        (None, Ok(id)) => store.user(id).await?,
        (None, Err(_)) => None,
    };
    Ok(found.ok_or_else(|| Refused { text: format!("there is no user `{given}`"), code: 1 })?)
}

/// Who of the users are administrators.
async fn administrators(store: &dyn Store) -> Result<Vec<UserId>> {
    Ok(store.administrators().await?.iter().map(|user| user.id).collect())
}

/// One line about a user.
pub(super) fn show(user: &User, is_administrator: bool, json: bool) -> io::Result<()> {
    if json {
        return print::line(
            json!({ "id": user.id.to_string(), "username": user.username, "email": user.email,
                    "administrator": is_administrator, "created_at": user.created_at.rfc3339(),
                    "locked_at": user.locked_at.map(|at| at.rfc3339()) }),
        );
    }
    let administrator = if is_administrator { "  administrator" } else { "" };
    let locked = if user.locked_at.is_some() { "  locked" } else { "" };
    let email = user.email.as_deref().unwrap_or("-");
    print::line(format_args!("{}  {:20}  {email}{administrator}{locked}", user.id, user.username))
}

fn change(
    one: &One,
    event: Event,
    apply: impl AsyncFnOnce(&dyn Store, UserId, Trail) -> tokenhouse_store::Result<bool>,
) -> Result<()> {
    with_store(&one.flags, async |store, _| {
        let user = find(store.as_ref(), &one.user).await?;
        let trail = by_operator(event, store.now().await?)?;
        if !apply(store.as_ref(), user.id, trail).await? {
            return Err(Refused { text: "the user is gone".to_owned(), code: 5 }.into());
        }
        one.done(event, &user)
    })
}

fn delete(one: &One) -> Result<()> {
    with_store(&one.flags, async |store, written| {
        let user = find(store.as_ref(), &one.user).await?;
        let now = store.now().await?;
        let trail = by_operator(Event::UserDeleted, now)?;
        let settings = used::settings(&written)?;
        let words = json!({ "site": settings.site_name, "username": user.username,
                            "at": now.rfc3339() });
        let mail = mail::compose(&settings, now, (Kind::AccountDeleted, "en"), words);
        let refused = |text: &str| Refused { text: text.to_owned(), code: 5 };
        match store.delete_user(user.id, None, mail, trail).await? {
            Removed::Done => one.done(Event::UserDeleted, &user),
            Removed::Changed => Err(refused("the user is gone").into()),
            Removed::LastAdministrator => {
                Err(refused("the last administrator stays; make somebody else one first").into())
            }
        }
    })
}

fn sessions(one: &One) -> Result<()> {
    with_store(&one.flags, async |store, _| {
        let user = find(store.as_ref(), &one.user).await?;
        for session in store.user_sessions(user.id).await? {
            if one.json {
                print::line(
                    json!({ "id": session.id.to_string(), "created_at": session.created_at.rfc3339(),
                            "last_used_at": session.last_used_at.rfc3339(),
                            "expires_at": session.expires_at.rfc3339(),
                            "address": session.address, "user_agent": session.user_agent }),
                )?;
            } else {
                let (address, agent) = (session.address.as_deref(), session.user_agent.as_deref());
                print::line(format_args!(
                    "{}  since {}  used {}  {}  {}",
                    session.id,
                    session.created_at.rfc3339(),
                    session.last_used_at.rfc3339(),
                    address.unwrap_or("-"),
                    agent.unwrap_or("-")
                ))?;
            }
        }
        Ok(())
    })
}
