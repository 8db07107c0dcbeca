//! `tokenhouse mail list|retry|test`: the outbox, and whether the mail server takes what is given to it.

use std::time::SystemTime;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use tokenhouse_rules::id::MailId;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_server::mail;
use tokenhouse_store::{Mail, MailState};

use super::{Refused, with_store};
use crate::config::used::settings;
use crate::config::{Flags, Written};
use crate::print;

/// Look after mails
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Copy, ValueEnum)]
enum State {
    /// Not sent yet
    Waiting,
    /// Taken by the mail server
    Sent,
    /// Given up
    Dead,
}

impl State {
    const fn wanted(self) -> MailState {
        match self {
            Self::Waiting => MailState::Waiting,
            Self::Sent => MailState::Sent,
            Self::Dead => MailState::Dead,
        }
    }
}

#[derive(Subcommand)]
enum Action {
    /// List mails, the newest first
    List {
        /// Only those
        #[arg(long)]
        state: Option<State>,
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: u32,
        /// Continue before this id
        #[arg(long, value_name = "ID")]
        before: Option<MailId>,
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        flags: Flags,
    },
    /// Have a mail that waits or was given up tried at once
    Retry {
        /// As `list` shows it
        id: MailId,
        #[command(flatten)]
        flags: Flags,
    },
    /// Send a mail at once, without the outbox, and say what fails
    Test {
        /// To whom
        address: String,
        #[command(flatten)]
        flags: Flags,
    },
}

/// # Errors
/// When the database or the mail server cannot be reached, or there is no such mail.
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    match arguments.action {
        Action::List { state, limit, before, json, flags } => {
            with_store(&flags, async |store, _| {
                for mail in store.mails(state.map(State::wanted), before, limit).await? {
                    show(&mail, json)?;
                }
                Ok(())
            })
        }
        Action::Retry { id, flags } => with_store(&flags, async |store, _| {
            if !store.retry_mail(id).await? {
                let text = format!("there is no mail {id} that waits or was given up");
                return Err(Refused { text, code: 1 }.into());
            }
            print::note(format_args!("mail {id} is due at once"));
            Ok(())
        }),
        Action::Test { address, flags } => test(&address, &flags),
    }
}

fn show(mail: &Mail, json: bool) -> Result<()> {
    let state = match mail {
        Mail { sent_at: Some(_), .. } => "sent",
        Mail { dead_at: Some(_), .. } => "dead",
        Mail { .. } => "waiting",
    };
    let instant = |at: Option<Timestamp>| at.map(Timestamp::rfc3339);
    if json {
        print::line(json!({ "id": mail.id.to_string(), "kind": mail.kind_name, "state": state,
                    "recipient": mail.recipient, "user": mail.user.map(|id| id.to_string()),
                    "language": mail.language, "attempts": mail.attempts,
                    "created_at": mail.created_at.rfc3339(), "due_at": mail.due_at.rfc3339(),
                    "sent_at": instant(mail.sent_at), "dead_at": instant(mail.dead_at),
                    "last_error": mail.last_error }))?;
        return Ok(());
    }
    let error = mail.last_error.as_deref().filter(|_| mail.sent_at.is_none()).unwrap_or_default();
    let line = format!(
        "{}  {}  {state:7}  {:18}  {} ×{}  {error}",
        mail.id,
        mail.created_at.rfc3339(),
        mail.kind_name,
        mail.recipient,
        mail.attempts
    );
    Ok(print::line(line.trim_end())?)
}

#[expect(clippy::disallowed_methods, reason = "the date in a mail, judged by nobody")]
fn test(address: &str, flags: &Flags) -> Result<()> {
    let settings = settings(&Written::gather(flags)?)?;
    let now = Timestamp::from(SystemTime::now());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime
        .block_on(mail::test(&settings, now, address))
        .map_err(|failed| Refused { text: failed.to_string(), code: 1 })?;
    print::note(format_args!("the mail server took a mail to {address}"));
    Ok(())
}
