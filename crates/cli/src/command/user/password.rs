//! A password that an operator chooses for somebody.

use std::io::{self, BufRead, IsTerminal};

use anyhow::{Context, Result};
use secrecy::{ExposeSecret, SecretString};
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::password;
use tokenhouse_server::hashing::Hashing;

use super::{One, find};
use crate::command::{Refused, by_operator, with_store};
use crate::config::{Written, used};
use crate::print;

pub(super) fn set_password(one: &One) -> Result<()> {
    let chosen = ask()?;
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

/// The hash of a password that the rules accept for these names.
pub(super) async fn hash(
    written: &Written,
    chosen: &SecretString,
    names: &[&str],
) -> Result<String> {
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
pub(super) fn ask() -> Result<SecretString> {
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
