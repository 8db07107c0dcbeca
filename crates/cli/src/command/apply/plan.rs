//! What has to be done so that there is what is wanted.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::json;
use tokenhouse_rules::id::{SecretId, UserId};
use tokenhouse_rules::oauth::client::Settings;
use tokenhouse_store::{Client, Store};

use super::difference::Difference;
use super::file::{self, There, Wanted};
use super::step::{Step, Subject};
use crate::command::client::settings::members;
use crate::command::{Refused, user};

/// How many members are asked for at once.
const PAGE: u32 = 500;

/// The steps, in their order; none when nothing differs.
pub(super) async fn plan(store: &dyn Store, wanted: Wanted) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for client in wanted.clients {
        let stored = store.client(&client.id).await?;
        match (client.there, stored) {
            (Some(there), stored) => {
                let usable = usable(store, &there.settings, stored.as_ref()).await?;
                steps.extend(save(client.id, there, stored, &usable)?);
            }
            (None, Some(stored)) => steps.push(Step::Delete(Subject::Client(stored.id))),
            (None, None) => {}
        }
    }
    let there: Vec<String> = store.groups().await?.into_iter().map(|group| group.name).collect();
    for group in wanted.groups {
        let is_there = there.contains(&group.name);
        match (group.absent, is_there) {
            (true, true) => steps.push(Step::Delete(Subject::Group(group.name))),
            (true, false) => {}
            (false, _) => {
                if !is_there {
                    steps.push(Step::MakeGroup(group.name.clone()));
                }
                steps.extend(memberships(store, group).await?);
            }
        }
    }
    Ok(steps)
}

/// The secrets that it can show who it is by: of whoever makes MACs, those of which a copy is kept.
async fn usable(
    store: &dyn Store,
    settings: &Settings,
    stored: Option<&Client>,
) -> Result<Vec<SecretId>> {
    let Some(client) = stored else { return Ok(Vec::new()) };
    if settings.makes_macs() {
        let sealed = store.sealed_secrets(Some(&client.id)).await?;
        return Ok(sealed.into_iter().map(|secret| secret.id).collect());
    }
    Ok(client.secrets.iter().map(|secret| secret.id).collect())
}

fn save(
    id: String,
    there: There,
    stored: Option<Client>,
    usable: &[SecretId],
) -> Result<Vec<Step>> {
    let There { settings, disabled, secret, overlap } = there;
    if settings.has_secret() && secret.is_none() && usable.is_empty() {
        let text = format!(
            "clients.{id}: it needs `secret_file` or `secret_env`, unless `tokenhouse client create` \
             gave it a secret"
        );
        return Err(Refused { text, code: 2 }.into());
    }
    let former = match &stored {
        Some(client) => Settings::stored(&client.settings)?,
        None => Settings::preset(settings.kind),
    };
    let was_disabled = stored.as_ref().is_some_and(|client| client.disabled_at.is_some());
    let (mut from, mut to) = (members(&former)?, members(&settings)?);
    from.insert("disabled".to_owned(), json!(was_disabled));
    to.insert("disabled".to_owned(), json!(disabled));
    let differences = Difference::between(&from, &to);
    let newest = stored.as_ref().and_then(|client| client.secrets.first());
    let known = newest.filter(|one| usable.contains(&one.id)).map(|one| one.hash);
    let version = stored.map(|client| client.version);
    let (first, next) = if version.is_none() { (secret, None) } else { (None, secret) };
    let mut steps = Vec::new();
    if version.is_none() || !differences.is_empty() {
        steps.push(Step::Save {
            id: id.clone(),
            settings: serde_json::to_string(&settings)?,
            hosts: settings.hosts(),
            disabled,
            version,
            secret: first,
            differences,
        });
    }
    // The newest is the one in force; an older one with the same text is on its way out.
    if let Some(secret) = next.filter(|secret| known != Some(secret.hash)) {
        steps.push(Step::Secret { id, secret, overlap });
    }
    Ok(steps)
}

/// Who joins and who leaves, where the file names the members.
async fn memberships(store: &dyn Store, group: file::Group) -> Result<Vec<Step>> {
    let Some(names) = group.members else { return Ok(Vec::new()) };
    let mut wanted = BTreeMap::new();
    for name in &names {
        let user = user::find(store, name).await?;
        wanted.insert(user.id, user.username);
    }
    let now = members_of(store, &group.name).await?;
    let step = |user: UserId, name: String, member: bool| Step::Member {
        group: group.name.clone(),
        user,
        name,
        member,
    };
    let mut steps = Vec::new();
    for user in &now {
        if wanted.remove(user).is_none()
            && let Some(known) = store.user(*user).await?
        {
            steps.push(step(*user, known.username, false));
        }
    }
    steps.extend(wanted.into_iter().map(|(user, name)| step(user, name, true)));
    Ok(steps)
}

async fn members_of(store: &dyn Store, group: &str) -> Result<Vec<UserId>> {
    let mut all: Vec<UserId> = Vec::new();
    loop {
        let page = store.members(group, all.last().copied(), PAGE).await?.unwrap_or_default();
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}
