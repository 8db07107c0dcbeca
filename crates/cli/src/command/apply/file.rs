//! The file: what is wanted, checked as far as that goes without the database.

use std::time::Duration;

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokenhouse_rules::document;
use tokenhouse_rules::oauth::access::check_group;
use tokenhouse_rules::oauth::client::{Kind, Settings};
use tokenhouse_rules::span;

use super::secret;
use crate::command::Refused;
use crate::command::client::save::check_id;
use crate::command::client::secret::Secret;
use crate::command::client::settings::{members, preset, unknown, with};

/// The largest file.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// What a table of a client may hold beside its settings.
const OF_A_CLIENT: [&str; 6] =
    ["preset", "disabled", "absent", "secret_file", "secret_env", "secret_overlap"];
const OF_A_GROUP: [&str; 2] = ["members", "absent"];
/// For how long former secrets are good beside a new one.
const OVERLAP: Duration = Duration::from_secs(86_400);

/// All that is wanted.
pub(super) struct Wanted {
    pub(super) clients: Vec<Client>,
    pub(super) groups: Vec<Group>,
}

/// A client that is to be, or not to be.
pub(super) struct Client {
    pub(super) id: String,
    pub(super) there: Option<There>,
}

/// What a client is to be like.
pub(super) struct There {
    pub(super) settings: Settings,
    pub(super) disabled: bool,
    /// What is kept of its secret, where the file names one.
    pub(super) secret: Option<Secret>,
    pub(super) overlap: Duration,
}

/// A group that is to be, or not to be.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) absent: bool,
    /// Exactly these, where the file says so.
    pub(super) members: Option<Vec<String>>,
}

/// Reads a file of either kind; only JSON begins with a brace.
///
/// # Errors
/// [`Refused`], naming the table at fault and, for a key that there is none of, the one that may be meant.
pub(super) fn read(text: &str, access_token_lifetime: Duration) -> Result<Wanted> {
    let whole = if text.trim_start().starts_with('{') {
        let text = document::check(text, MAX_BYTES).map_err(|bad| wrong(bad.to_string()))?;
        serde_json::from_str(text)?
    } else {
        toml::from_str(text).map_err(|error| wrong(error.to_string()))?
    };
    let mut whole = table(whole)?;
    let clients = take::<Map<String, Value>>(&mut whole, "clients")?.unwrap_or_default();
    let groups = take::<Map<String, Value>>(&mut whole, "groups")?.unwrap_or_default();
    nothing_else(&whole, ["clients", "groups"].into_iter())?;
    let one_client = |(id, value): (String, Value)| {
        let at = format!("clients.{id}");
        client(id, value, access_token_lifetime).context(at)
    };
    let one_group = |(name, value): (String, Value)| {
        let at = format!("groups.{name}");
        group(name, value).context(at)
    };
    Ok(Wanted {
        clients: clients.into_iter().map(one_client).collect::<Result<_>>()?,
        groups: groups.into_iter().map(one_group).collect::<Result<_>>()?,
    })
}

fn client(id: String, value: Value, access_token_lifetime: Duration) -> Result<Client> {
    check_id(&id)?;
    let mut given = table(value)?;
    if absent(&mut given)? {
        return Ok(Client { id, there: None });
    }
    let Some(kind) = take::<Kind>(&mut given, "preset")? else {
        let kinds = Kind::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
        return Err(wrong(format!("`preset` is missing, one of {kinds}")));
    };
    let disabled = take(&mut given, "disabled")?.unwrap_or(false);
    let (file, variable) = (take(&mut given, "secret_file")?, take(&mut given, "secret_env")?);
    let secret = secret::read(file, variable)?;
    let overlap = take::<String>(&mut given, "secret_overlap")?;
    let overlap = overlap.map(|text| span::parse(&text)).transpose();
    let overlap = overlap.map_err(|bad| wrong(format!("secret_overlap: {bad}")))?;
    let base = preset(kind, &id, access_token_lifetime);
    let known = members(&base)?;
    // The preset says it.
    let names = known.keys().map(String::as_str).filter(|name| *name != "kind");
    nothing_else(&given, names.chain(OF_A_CLIENT))?;
    let settings = with(&base, &given)?;
    if secret.is_some() && !settings.has_secret() {
        return Err(wrong("it is given a secret, and its `authentication` takes none".to_owned()));
    }
    let secret = secret.map(|text| Secret::of(&text, &settings));
    let overlap = overlap.unwrap_or(OVERLAP);
    Ok(Client { id, there: Some(There { settings, disabled, secret, overlap }) })
}

fn group(name: String, value: Value) -> Result<Group> {
    check_group(&name).map_err(|bad| wrong(format!("the name {bad}")))?;
    let mut given = table(value)?;
    let absent = absent(&mut given)?;
    let members = take(&mut given, "members")?;
    nothing_else(&given, OF_A_GROUP.into_iter())?;
    Ok(Group { name, absent, members })
}

fn table(value: Value) -> Result<Map<String, Value>> {
    match value {
        Value::Object(table) => Ok(table),
        _ => Err(wrong("must be a table".to_owned())),
    }
}

/// Whether it is not to be; nothing more can be said of it then.
fn absent(given: &mut Map<String, Value>) -> Result<bool> {
    let absent = take(given, "absent")?.unwrap_or(false);
    if absent && !given.is_empty() {
        return Err(wrong("it is to be absent; leave everything else out".to_owned()));
    }
    Ok(absent)
}

/// Takes a member out of a table and reads it.
fn take<T: DeserializeOwned>(table: &mut Map<String, Value>, name: &str) -> Result<Option<T>> {
    let read = table.remove(name).map(serde_json::from_value).transpose();
    read.map_err(|error| wrong(format!("{name}: {error}")))
}

/// Refuses what is left in a table beside what is known there.
fn nothing_else<'a>(
    table: &Map<String, Value>,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Result<()> {
    let is_known = |name: &str| known.clone().any(|other| other == name);
    match table.keys().find(|name| !is_known(name)) {
        Some(name) => Err(wrong(unknown(name, known.clone()))),
        None => Ok(()),
    }
}

fn wrong(text: String) -> anyhow::Error {
    Refused { text, code: 2 }.into()
}
