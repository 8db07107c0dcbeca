//! How an application is shown. Its settings are shown as they are stored, also those of a newer release.

use anyhow::Result;
use serde_json::{Map, Value, json};
use tokenhouse_store::{Client, Secret};

use crate::print;

/// One line about it.
pub(super) fn line(client: &Client, json: bool) -> Result<()> {
    if json {
        return Ok(print::line(object(client)?)?);
    }
    let settings = settings(client)?;
    let (kind, name) = (text(settings.get("kind")), text(settings.get("name")));
    let disabled = if client.disabled_at.is_some() { "  disabled" } else { "" };
    Ok(print::line(format_args!("{:32}  {kind:8}  {name}{disabled}", client.id))?)
}

/// All of it.
pub(super) fn whole(client: &Client, json: bool) -> Result<()> {
    if json {
        return Ok(print::line(object(client)?)?);
    }
    let line = |name: &str, value: &str| print::line(format_args!("{name:26}  {value}"));
    line("client_id", &client.id)?;
    for (name, value) in &settings(client)? {
        line(name, &text(Some(value)))?;
    }
    line("created_at", &client.created_at.rfc3339())?;
    if let Some(at) = client.disabled_at {
        line("disabled_at", &at.rfc3339())?;
    }
    for secret in &client.secrets {
        let ends = secret.expires_at.map(|at| format!("  until {}", at.rfc3339()));
        let since = secret.created_at.rfc3339();
        line("secret", &format!("{}  since {since}{}", secret.id, ends.unwrap_or_default()))?;
    }
    Ok(())
}

fn object(client: &Client) -> Result<Value> {
    let secrets: Vec<Value> = client.secrets.iter().map(secret).collect();
    Ok(json!({ "client_id": client.id, "version": client.version,
               "created_at": client.created_at.rfc3339(),
               "disabled_at": client.disabled_at.map(|at| at.rfc3339()),
               "settings": settings(client)?, "secrets": secrets }))
}

fn secret(secret: &Secret) -> Value {
    json!({ "id": secret.id.to_string(), "created_at": secret.created_at.rfc3339(),
            "expires_at": secret.expires_at.map(|at| at.rfc3339()) })
}

fn settings(client: &Client) -> Result<Map<String, Value>> {
    Ok(serde_json::from_str(&client.settings)?)
}

/// A value as a person reads it: texts bare, lists of them in one line, nothing as a dash.
pub(in crate::command) fn text(value: Option<&Value>) -> String {
    let bare = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::Array(list)) if list.is_empty() => "-".to_owned(),
        Some(Value::Array(list)) => list.iter().map(bare).collect::<Vec<_>>().join(" "),
        Some(Value::String(text)) if text.is_empty() => "-".to_owned(),
        Some(other) => bare(other),
    }
}
