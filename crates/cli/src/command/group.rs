//! `tokenhouse group …`: who belongs to what. Applications and proxies tell people apart by it.

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::{GroupId, UserId};
use tokenhouse_rules::oauth::access::check_group;
use tokenhouse_store::{Group, User};

use super::{Refused, by_operator, confirm, random, user, with_store};
use crate::config::Flags;
use crate::print;

/// Look after groups of users
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

/// One group, and how to tell of it.
#[derive(Args)]
struct One {
    /// Its name
    group: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

impl One {
    fn missing(&self) -> Refused {
        Refused { text: format!("there is no group `{}`", self.group), code: 1 }
    }

    /// Says what was done to it, and to which of its members.
    fn done(&self, event: Event, user: Option<&User>) -> Result<()> {
        let name = user.map(|user| format!(": {}", user.username)).unwrap_or_default();
        print::note(format_args!("{}: {}{name}", event.name(), self.group));
        if self.json {
            let user = user.map(|user| user.id.to_string());
            print::line(json!({ "event": event.name(), "group": self.group, "user": user }))?;
        }
        Ok(())
    }
}

#[derive(Subcommand)]
enum Action {
    /// Make a group
    Create(One),
    /// List all groups
    List {
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        flags: Flags,
    },
    /// Delete a group; its members are users as before
    Delete {
        #[command(flatten)]
        one: One,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Put a user into a group
    Add {
        #[command(flatten)]
        one: One,
        /// Name, e-mail address or id
        user: String,
    },
    /// Take a user out of a group
    Remove {
        #[command(flatten)]
        one: One,
        /// Name, e-mail address or id
        user: String,
    },
    /// List the members of a group
    Members {
        #[command(flatten)]
        one: One,
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Continue after this id
        #[arg(long)]
        after: Option<UserId>,
    },
}

/// # Errors
/// When the database cannot be reached, there is no such group or user, or there is such a group already (exit
/// code 5).
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    match arguments.action {
        Action::Create(one) => create(&one),
        Action::List { json, flags } => with_store(&flags, async |store, _| {
            for group in store.groups().await? {
                show(&group, json)?;
            }
            Ok(())
        }),
        Action::Delete { one, yes } => {
            if !yes {
                confirm(&format!("Delete the group {}?", one.group))?;
            }
            delete(&one)
        }
        Action::Add { one, user } => change(&one, &user, true),
        Action::Remove { one, user } => change(&one, &user, false),
        Action::Members { one, limit, after } => members(&one, after, limit),
    }
}

fn show(group: &Group, json: bool) -> Result<()> {
    let created_at = group.created_at.rfc3339();
    if json {
        let id = group.id.to_string();
        print::line(json!({ "id": id, "name": group.name, "created_at": created_at }))?;
    } else {
        print::line(format_args!("{:32}  {created_at}", group.name))?;
    }
    Ok(())
}

fn create(one: &One) -> Result<()> {
    check_group(&one.group)
        .map_err(|bad| Refused { text: format!("the name of the group {bad}"), code: 2 })?;
    with_store(&one.flags, async |store, _| {
        store.migrate().await?;
        let now = store.now().await?;
        let id = GroupId::new(now, random()?);
        let group = Group { id, name: one.group.clone(), created_at: now };
        if !store.make_group(group, by_operator(Event::GroupCreated, now)?).await? {
            let text = format!("there is a group `{}` already", one.group);
            return Err(Refused { text, code: 5 }.into());
        }
        one.done(Event::GroupCreated, None)
    })
}

fn delete(one: &One) -> Result<()> {
    with_store(&one.flags, async |store, _| {
        let trail = by_operator(Event::GroupDeleted, store.now().await?)?;
        if !store.delete_group(&one.group, trail).await? {
            return Err(one.missing().into());
        }
        one.done(Event::GroupDeleted, None)
    })
}

fn change(one: &One, name: &str, member: bool) -> Result<()> {
    with_store(&one.flags, async |store, _| {
        let user = user::find(store.as_ref(), name).await?;
        let event = if member { Event::GroupJoined } else { Event::GroupLeft };
        let trail = by_operator(event, store.now().await?)?;
        match store.set_membership(&one.group, user.id, member, trail).await? {
            Some(true) => one.done(event, Some(&user)),
            Some(false) => {
                print::note("nothing to do");
                Ok(())
            }
            None => Err(one.missing().into()),
        }
    })
}

fn members(one: &One, after: Option<UserId>, limit: u32) -> Result<()> {
    with_store(&one.flags, async |store, _| {
        let found = store.members(&one.group, after, limit).await?;
        for id in found.ok_or_else(|| one.missing())? {
            // Who was deleted in between is no member any more.
            let Some(user) = store.user(id).await? else { continue };
            if one.json {
                print::line(json!({ "id": user.id.to_string(), "username": user.username,
                                    "email": user.email }))?;
            } else {
                print::line(format_args!("{}  {}", user.id, user.username))?;
            }
        }
        Ok(())
    })
}
