//! `tokenhouse client create|update`.

use anyhow::Result;
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::oauth::client::{ClientId, Kind, Settings};
use tokenhouse_store::{SaveClient, Saved};
use zeroize::Zeroizing;

use super::given::Given;
use super::{One, find, secret, settings};
use crate::command::{Refused, by_operator, random, with_store};
use crate::config::{Flags, Written, used};
use crate::print;

/// Registers an application.
pub(super) fn create(
    flags: &Flags,
    id: Option<String>,
    (kind, given): (Kind, &Given),
    json: bool,
) -> Result<()> {
    let id = id.map_or_else(made_up, Ok)?;
    let members = given.members()?;
    with_store(flags, async |store, written| {
        check_id(&id)?;
        let preset = settings::preset(kind, &id, used::access_token_lifetime(&written)?);
        let settings = settings::with(&given.implied(preset), &members)?;
        store.migrate().await?;
        let now = store.now().await?;
        let root = || used::Config::new(&written)?.root();
        let made = settings.has_secret().then(|| secret::make((&id, &settings), now, root));
        let (shown, kept) = made.transpose()?.unzip();
        let save = SaveClient {
            id: id.clone(),
            settings: serde_json::to_string(&settings)?,
            hosts: settings.hosts(),
            disabled: false,
            version: None,
            secret: kept,
            trail: by_operator(Event::ClientCreated, now)?,
        };
        done(store.save_client(save).await?, &id, true)?;
        show(&written, (&id, shown), &settings, json)
    })
}

/// Changes what is given anew.
pub(super) fn update(one: &One, given: &Given, disabled: Option<bool>) -> Result<()> {
    let members = given.members()?;
    with_store(&one.flags, async |store, _| {
        let client = find(store.as_ref(), &one.id).await?;
        let former = Settings::stored(&client.settings)?;
        let settings = settings::with(&given.implied(former.clone()), &members)?;
        let was_disabled = client.disabled_at.is_some();
        let disabled = disabled.unwrap_or(was_disabled);
        if settings == former && disabled == was_disabled {
            print::note("nothing to do");
            return Ok(());
        }
        let save = SaveClient {
            id: client.id,
            settings: serde_json::to_string(&settings)?,
            hosts: settings.hosts(),
            disabled,
            version: Some(client.version),
            secret: None,
            trail: by_operator(Event::ClientChanged, store.now().await?)?,
        };
        done(store.save_client(save).await?, &one.id, false)?;
        // Of a secret that it showed until now no copy was kept.
        let has_one = match settings.makes_macs() {
            true => !store.sealed_secrets(Some(&one.id)).await?.is_empty(),
            false => !client.secrets.is_empty(),
        };
        if settings.has_secret() && !has_one {
            print::note(format_args!(
                "it has no secret for that yet; `tokenhouse client rotate-secret {}` makes one",
                one.id
            ));
        }
        one.done(Event::ClientChanged)
    })
}

/// # Errors
/// [`Refused`] for what can be no `client_id`.
pub(in crate::command) fn check_id(id: &str) -> Result<()> {
    match ClientId::parse(id) {
        Ok(_) => Ok(()),
        Err(bad) => Err(Refused { text: format!("the client id `{id}` {bad}"), code: 2 }.into()),
    }
}

/// # Errors
/// [`Refused`] for a client that could not be saved.
pub(in crate::command) fn done(saved: Saved, id: &str, is_new: bool) -> Result<()> {
    let text = match saved {
        Saved::Done(_) => return Ok(()),
        Saved::Conflict if is_new => format!("there is a client `{id}` already"),
        Saved::Conflict => format!("the client `{id}` was changed by somebody else; try again"),
        Saved::HostTaken(host) => format!("the host `{host}` is another client's"),
    };
    Err(Refused { text, code: 5 }.into())
}

/// An id for whoever does not care.
fn made_up() -> Result<String> {
    Ok(random::<10>()?.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What its developers have to know, and the only sight of its secret.
fn show(
    written: &Written,
    (id, secret): (&str, Option<Zeroizing<String>>),
    settings: &Settings,
    json: bool,
) -> Result<()> {
    let server = used::settings(written)?;
    let secret = secret.as_ref().map(|secret| secret.as_str());
    if json {
        print::line(json!({ "issuer": server.issuer(), "client_id": id, "client_secret": secret,
                            "settings": settings }))?;
    } else {
        print::line(format_args!("issuer         {}", server.issuer()))?;
        print::line(format_args!("client_id      {id}"))?;
        if let Some(secret) = secret {
            print::line(format_args!("client_secret  {secret}"))?;
        }
    }
    if secret.is_some() {
        print::note("The secret is not shown again; `client rotate-secret` makes another one.");
    }
    if server.public_url.is_none() {
        print::note(format_args!(
            "PUBLIC_URL is not set; where people reach this server elsewhere, {} is not its issuer",
            server.issuer()
        ));
    }
    Ok(())
}
