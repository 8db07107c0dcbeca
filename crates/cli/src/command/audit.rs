//! `tokenhouse audit`: the trail, newest first.

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::{user, with_store};
use crate::config::Flags;
use crate::print;

/// Read the audit trail
#[derive(Args)]
pub(crate) struct Arguments {
    /// Only what concerns this user (name, e-mail address or id)
    #[arg(long)]
    user: Option<String>,
    /// At most so many events
    #[arg(long, default_value_t = 50)]
    limit: u32,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

/// # Errors
/// When the database cannot be reached, or there is no such user.
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    let Arguments { user, limit, json, flags } = arguments;
    with_store(&flags, async |store, _| {
        let user = match user {
            Some(name) => Some(user::find(store.as_ref(), &name).await?.id),
            None => None,
        };
        for event in store.events(user, None, limit).await? {
            if json {
                print::line(
                    json!({ "id": event.id.to_string(), "at": event.at.rfc3339(), "event": event.event,
                            "actor": event.actor, "user": event.user.to_string(),
                            "session": event.session.map(|id| id.to_string()),
                            "address": event.address, "request_id": event.request_id }),
                )?;
            } else {
                let address = event.address.as_deref().unwrap_or("-");
                print::line(format_args!(
                    "{}  {:20}  {:8}  {}  {address}",
                    event.at.rfc3339(),
                    event.event,
                    event.actor,
                    event.user
                ))?;
            }
        }
        Ok(())
    })
}
