//! From what is said of an application to settings that were checked.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Map, Value};
use tokenhouse_rules::oauth::client::{Kind, Settings};

use crate::command::Refused;
use crate::config::nearest;

/// What an application of that kind is like of which nothing more is said; it is called by its id then.
pub(in crate::command) fn preset(
    kind: Kind,
    id: &str,
    access_token_lifetime: Duration,
) -> Settings {
    let access_token_lifetime = access_token_lifetime.as_secs();
    Settings { name: id.to_owned(), access_token_lifetime, ..Settings::preset(kind) }
}

/// Settings with some members replaced, checked.
///
/// # Errors
/// [`Refused`] that names each member at fault; for one that there is none of, the one that may be meant.
pub(in crate::command) fn with(base: &Settings, given: &Map<String, Value>) -> Result<Settings> {
    let mut members = members(base)?;
    for (name, value) in given {
        match members.get_mut(name) {
            Some(member) => member.clone_from(value),
            None => return Err(refused(unknown(name, members.keys().map(String::as_str)))),
        }
    }
    let settings: Settings = serde_path_to_error::deserialize(Value::Object(members))
        .map_err(|error| refused(format!("{}: {}", error.path(), error.inner())))?;
    settings.check().map_err(|faults| {
        let said: Vec<String> =
            faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.text)).collect();
        refused(said.join("; "))
    })?;
    Ok(settings)
}

/// Settings as the members of a JSON object, by their names.
pub(in crate::command) fn members(settings: &Settings) -> Result<Map<String, Value>> {
    match serde_json::to_value(settings)? {
        Value::Object(members) => Ok(members),
        other => anyhow::bail!("settings are no object: {other}"),
    }
}

/// Says that there is no such key, and which one may be meant.
pub(in crate::command) fn unknown<'a>(
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> String {
    match nearest(name, known.clone()) {
        Some(meant) => format!("there is no `{name}`; did you mean `{meant}`?"),
        None => format!("there is no `{name}`; there are {}", known.collect::<Vec<_>>().join(", ")),
    }
}

fn refused(text: String) -> anyhow::Error {
    Refused { text, code: 2 }.into()
}
