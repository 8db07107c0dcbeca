//! `tokenhouse user …`: administration against the same database, while servers run.

use std::io::{self, BufRead, IsTerminal};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::UserId;
use tokenhouse_rules::user::{Email, Username};
use tokenhouse_rules::{password, user};
use tokenhouse_server::hashing::Hashing;
use tokenhouse_store::{NewUser, Registered, Store, User};

use super::{Refused, by_operator, random, with_store};
use crate::config::{Flags, Written, used};
use crate::print;

/// Look after users
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Args)]
struct One {
    /// Name, e-mail address or id
    user: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
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
    /// List a user's sessions
    Sessions(One),
    /// End all sessions of a user
    SignOut(One),
}

/// # Errors
/// When the database cannot be reached, there is no such user, or a name is taken (exit code 5).
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    match arguments.action {
        Action::Create { username, email, json, flags } => {
            create(&flags, &username, email.as_deref(), json)
        }
        Action::List { limit, after, json, flags } => with_store(&flags, async |store, _| {
            for user in store.users(after, limit).await? {
                show(&user, json)?;
            }
            Ok(())
        }),
        Action::Get(one) => with_store(&one.flags, async |store, _| {
            Ok(show(&find(store.as_ref(), &one.user).await?, one.json)?)
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
                confirm(&one.user)?;
            }
            change(&one, Event::UserDeleted, async |store, user, trail| {
                store.delete_user(user, None, trail).await
            })
        }
        Action::SetPassword(one) => set_password(&one),
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

fn show(user: &User, json: bool) -> io::Result<()> {
    if json {
        return print::line(
            json!({ "id": user.id.to_string(), "username": user.username, "email": user.email,
                    "created_at": user.created_at.rfc3339(),
                    "locked_at": user.locked_at.map(|at| at.rfc3339()) }),
        );
    }
    let locked = if user.locked_at.is_some() { "  locked" } else { "" };
    let email = user.email.as_deref().unwrap_or("-");
    print::line(format_args!("{}  {:20}  {email}{locked}", user.id, user.username))
}

fn change(
    one: &One,
    event: Event,
    apply: impl AsyncFnOnce(
        &dyn Store,
        UserId,
        tokenhouse_store::Trail,
    ) -> tokenhouse_store::Result<bool>,
) -> Result<()> {
    with_store(&one.flags, async |store, _| {
        let user = find(store.as_ref(), &one.user).await?;
        let trail = by_operator(event, store.now().await?)?;
        if !apply(store.as_ref(), user.id, trail).await? {
            return Err(Refused { text: "the user is gone".to_owned(), code: 5 }.into());
        }
        print::note(format_args!("{}: {}", event.name(), user.username));
        if one.json {
            print::line(json!({ "event": event.name(), "user": user.id.to_string() }))?;
        }
        Ok(())
    })
}

fn create(flags: &Flags, username: &str, email: Option<&str>, json: bool) -> Result<()> {
    let usage = |what: &str, why: String| Refused { text: format!("the {what} {why}"), code: 2 };
    let name = Username::parse(username).map_err(|bad| usage("user name", bad.to_string()))?;
    let email =
        email.map(Email::parse).transpose().map_err(|bad| usage("address", bad.to_string()))?;
    let email = email.or_else(|| name.as_email());
    let chosen = ask_password()?;
    with_store(flags, async |store, written| {
        store.migrate().await?;
        let names = [Some(username), email.as_ref().map(Email::shown)];
        let names: Vec<&str> = names.into_iter().flatten().collect();
        let hash = hash(&written, &chosen, &names).await?;
        let mut keys = vec![name.key().to_owned()];
        keys.extend(email.as_ref().map(|email| email.key().to_owned()));
        keys.dedup();
        let now = store.now().await?;
        let id = UserId::new(now, random()?);
        let new = NewUser {
            id,
            username: name.shown().to_owned(),
            email: email.as_ref().map(|email| email.shown().to_owned()),
            names: keys,
            password: hash,
            created_at: now,
            session: None,
            trail: by_operator(Event::UserRegistered, now)?,
        };
        if let Registered::Taken(names) = store.register(new).await? {
            return Err(Refused { text: format!("taken: {}", names.join(", ")), code: 5 }.into());
        }
        Ok(show(&find(store.as_ref(), &id.to_string()).await?, json)?)
    })
}

fn set_password(one: &One) -> Result<()> {
    let chosen = ask_password()?;
    with_store(&one.flags, async |store, written| {
        let user = find(store.as_ref(), &one.user).await?;
        let names: Vec<&str> =
            std::iter::once(user.username.as_str()).chain(user.email.as_deref()).collect();
        let hash = hash(&written, &chosen, &names).await?;
        let trail = by_operator(Event::PasswordChanged, store.now().await?)?;
        store.set_password(user.id, hash, trail).await?;
        print::note(format_args!("password.changed: {}; all sessions have ended", user.username));
        Ok(())
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

async fn hash(written: &Written, chosen: &SecretString, names: &[&str]) -> Result<String> {
    let settings = used::settings(written)?;
    password::accept(chosen.expose_secret(), names, settings.password_min)
        .map_err(|refusal| Refused { text: format!("the password {refusal}"), code: 2 })?;
    let hashing = Hashing::start_by(
        settings.hash_implementation,
        settings.hash_cost,
        1,
        settings.hash_budget,
    )?;
    Ok(hashing.hash(chosen.expose_secret()).await?)
}

/// Never from the arguments: those are seen by everybody on the machine.
fn ask_password() -> Result<SecretString> {
    if io::stdin().is_terminal() {
        let first = rpassword::prompt_password("Password: ")?;
        if first != rpassword::prompt_password("Again: ")? {
            return Err(Refused { text: "the two are not the same".to_owned(), code: 2 }.into());
        }
        return Ok(first.into());
    }
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).context("no password on standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned().into())
}

fn confirm(user: &str) -> Result<()> {
    let refused = || Refused {
        text: "not confirmed; give --yes to do it without asking".to_owned(),
        code: 2,
    };
    if !io::stdin().is_terminal() {
        return Err(refused().into());
    }
    print::aside(format_args!(
        "Delete {user} and everything that belongs to this account? Type yes: "
    ));
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    if line.trim() == "yes" { Ok(()) } else { Err(refused().into()) }
}
