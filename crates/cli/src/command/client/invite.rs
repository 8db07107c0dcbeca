//! `tokenhouse client invite`: a token by which applications register themselves (RFC 7591 §3).

use std::time::Duration;

use anyhow::Result;
use clap::Args;
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::InvitationId;
use tokenhouse_rules::oauth::registration_token;
use tokenhouse_rules::registration::DynamicRegistration;
use tokenhouse_rules::span;
use tokenhouse_rules::token::secret_hash;
use tokenhouse_store::NewInvitation;
use zeroize::Zeroizing;

use crate::command::{by_operator, random, with_store};
use crate::config::Flags;
use crate::config::used::{self, Config};
use crate::print;

/// How many may come by it, and how long.
#[derive(Args)]
pub(super) struct Arguments {
    /// How many applications may register by it
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    uses: u32,
    /// For how long
    #[arg(long, default_value = "24h", value_name = "SPAN", value_parser = span::parse)]
    expires: Duration,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

/// Makes the token, and prints it this once.
pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { uses, expires, json, flags } = arguments;
    with_store(flags, async |store, written| {
        let settings = used::settings(&written)?;
        let root = Config::new(&written)?.root()?;
        store.migrate().await?;
        let now = store.now().await?;
        let id = InvitationId::new(now, random()?);
        let secret = Zeroizing::new(random::<16>()?);
        let invitation = NewInvitation {
            id,
            secret_hash: secret_hash(&secret),
            uses: *uses,
            lifetime: *expires,
            trail: by_operator(Event::ClientInvited, now)?,
        };
        store.invite_clients(invitation).await?;
        let token = registration_token::invitation(id, &secret, &root);
        let ends = now.plus(*expires).rfc3339();
        let at = format!("{}/oauth2/register", settings.issuer());
        if *json {
            print::line(json!({ "initial_access_token": token.as_str(), "uses": uses,
                                "registration_endpoint": at, "expires_at": ends }))?;
        } else {
            print::line(token.as_str())?;
        }
        print::note(format_args!("It is not shown again, ends at {ends}, and is for POST {at}."));
        if settings.dynamic_registration == DynamicRegistration::Off {
            print::note(
                "Set TOKENHOUSE_DYNAMIC_REGISTRATION=token; until then nobody gets in by it.",
            );
        }
        Ok(())
    })
}
