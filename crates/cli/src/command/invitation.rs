//! `tokenhouse invitation create`: a link by which somebody makes an account where not everybody may.

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::LinkId;
use tokenhouse_rules::link::Purpose;
use tokenhouse_rules::mail::Kind;
use tokenhouse_rules::user::Email;
use tokenhouse_server::mail::{self, Mailing};
use tokenhouse_store::{MakeLink, NewLink};

use super::link::Links;
use super::{Refused, by_operator, random, with_store};
use crate::config::Flags;
use crate::print;

/// Invite people
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Print a link by which one account can be made
    Create {
        /// Who is invited: the account gets this address, and the link is sent there
        #[arg(long)]
        email: Option<String>,
        /// The language of the mail
        #[arg(long, default_value = "en", value_name = "TAG")]
        language: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        flags: Flags,
    },
}

/// # Errors
/// When the database cannot be reached, or registration is closed (exit code 5).
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    let Action::Create { email, language, json, flags } = arguments.action;
    let email = email
        .as_deref()
        .map(Email::parse)
        .transpose()
        .map_err(|bad| Refused { text: format!("the address {bad}"), code: 2 })?;
    with_store(&flags, async |store, written| {
        let links = Links::of(&written)?;
        let settings = &links.settings;
        if !settings.registration.admits(true) {
            let text = "registration is closed (TOKENHOUSE_REGISTRATION), also to who is invited";
            return Err(Refused { text: text.to_owned(), code: 5 }.into());
        }
        store.migrate().await?;
        let now = store.now().await?;
        let id = LinkId::new(now, random()?);
        let words = json!({ "site": settings.site_name });
        let mail = match email {
            Some(_) => mail::compose(settings, now, (Kind::Invitation, &language), words),
            None => None,
        };
        let is_written = mail.is_some();
        let made = MakeLink {
            purpose: Purpose::Invite,
            link: NewLink { id, lifetime: settings.invitation_lifetime },
            email: email.as_ref().map(|email| email.shown().to_owned()),
            mail,
            trail: by_operator(Event::InvitationMade, now)?,
        };
        store.make_link(made).await?;
        let link = links.address(Purpose::Invite, id);
        if json {
            let expires = now.plus(settings.invitation_lifetime).rfc3339();
            let email = email.as_ref().map(Email::shown);
            print::line(json!({ "link": *link, "email": email, "expires_at": expires }))?;
        } else {
            print::line(&*link)?;
        }
        if let (true, Some(email)) = (is_written, &email) {
            print::note(match settings.mailing {
                Mailing::Outbox => format!("A mail to {} is in the outbox.", email.shown()),
                _ => format!("A mail to {} is on its way.", email.shown()),
            });
        }
        links.explain("It works once.");
        Ok(())
    })
}
