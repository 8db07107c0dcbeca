//! `tokenhouse user claims`: what applications may be told of a person beside her name and address.

use std::path::Path;

use anyhow::Result;
use serde_json::Value;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::oauth::Fault;
use tokenhouse_rules::oauth::claims::check_claims;

use super::{One, find};
use crate::command::{Refused, by_operator, read_text, with_store};
use crate::print;

/// Prints them as the JSON object that [`set`] takes.
pub(super) fn show(one: &One) -> Result<()> {
    with_store(&one.flags, async |store, _| {
        let user = find(store.as_ref(), &one.user).await?;
        let claims = store.claims_of(user.id).await?.unwrap_or_else(|| "{}".to_owned());
        if one.json {
            return Ok(print::line(claims)?);
        }
        let claims: Value = serde_json::from_str(&claims)?;
        Ok(print::line(serde_json::to_string_pretty(&claims)?)?)
    })
}

/// Replaces them by what a file says.
pub(super) fn set(one: &One, file: &Path) -> Result<()> {
    let claims = check_claims(&read_text(file)?).map_err(|Fault { pointer, text }| {
        let text = format!("claims{pointer}: {text}");
        Refused { text, code: 2 }
    })?;
    with_store(&one.flags, async |store, _| {
        let user = find(store.as_ref(), &one.user).await?;
        let trail = by_operator(Event::ClaimsSet, store.now().await?)?;
        if !store.set_claims(user.id, &claims, trail).await? {
            return Err(Refused { text: "the user is gone".to_owned(), code: 5 }.into());
        }
        one.done(Event::ClaimsSet, &user)
    })
}
