//! One change: how it is shown, and how it is made. Made twice it is made once.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Map, Value, json};
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::{GroupId, UserId};
use tokenhouse_rules::keys::RootSecret;
use tokenhouse_rules::span;
use tokenhouse_store::{Group, SaveClient, Store};

use super::difference::Difference;
use crate::command::client::secret::Secret;
use crate::command::client::{delete_with_all, save};
use crate::command::{Refused, by_operator, random};
use crate::print;

/// What can be deleted.
pub(super) enum Subject {
    Client(String),
    Group(String),
}

/// One change.
pub(super) enum Step {
    /// Makes a client, or changes it.
    Save {
        id: String,
        settings: String,
        hosts: Vec<String>,
        disabled: bool,
        /// What is changed; none to make it.
        version: Option<i64>,
        secret: Option<Secret>,
        differences: Vec<Difference>,
    },
    /// Gives a client another secret.
    Secret { id: String, secret: Secret, overlap: Duration },
    /// Deletes a client or a group.
    Delete(Subject),
    /// Makes a group.
    MakeGroup(String),
    /// Puts somebody into a group, or takes her out.
    Member { group: String, user: UserId, name: String, member: bool },
}

impl Step {
    fn event(&self) -> Event {
        match self {
            Self::Save { version: None, .. } => Event::ClientCreated,
            Self::Save { .. } => Event::ClientChanged,
            Self::Secret { .. } => Event::ClientSecretMade,
            Self::Delete(Subject::Client(_)) => Event::ClientDeleted,
            Self::Delete(Subject::Group(_)) => Event::GroupDeleted,
            Self::MakeGroup(_) => Event::GroupCreated,
            Self::Member { member: true, .. } => Event::GroupJoined,
            Self::Member { .. } => Event::GroupLeft,
        }
    }

    /// What is gone for good afterwards.
    pub(super) fn loses(&self) -> Option<String> {
        match self {
            Self::Delete(Subject::Client(id)) => Some(format!("client {id}")),
            Self::Delete(Subject::Group(name)) => Some(format!("group {name}")),
            _ => None,
        }
    }

    /// Prints it, as a line or more for people or as one JSON object.
    pub(super) fn show(&self, json: bool) -> Result<()> {
        if json {
            return Ok(print::line(Value::Object(self.object()))?);
        }
        match self {
            Self::Save { id, version, differences, .. } => {
                let sign = if version.is_none() { "+" } else { "~" };
                print::line(format_args!("{sign} client {id}"))?;
                for difference in differences {
                    print::line(difference.line(version.is_none()))?;
                }
            }
            Self::Secret { id, overlap, .. } => {
                let rest = span::format(*overlap);
                print::line(format_args!("+ secret of client {id}; former ones end after {rest}"))?;
            }
            Self::Delete(Subject::Client(id)) => print::line(format_args!("- client {id}"))?,
            Self::Delete(Subject::Group(name)) => print::line(format_args!("- group {name}"))?,
            Self::MakeGroup(name) => print::line(format_args!("+ group {name}"))?,
            Self::Member { group, name, member, .. } => {
                let sign = if *member { "+" } else { "-" };
                print::line(format_args!("{sign} {name} in group {group}"))?;
            }
        }
        Ok(())
    }

    fn object(&self) -> Map<String, Value> {
        let mut object = Map::new();
        object.insert("event".to_owned(), json!(self.event().name()));
        let members = match self {
            Self::Save { id, version, differences, .. } => {
                let members = differences.iter().map(|one| one.member(version.is_none()));
                let differences: Map<String, Value> = members.collect();
                json!({ "client_id": id, "differences": differences })
            }
            Self::Secret { id, overlap, .. } => {
                json!({ "client_id": id, "overlap": span::format(*overlap) })
            }
            Self::Delete(Subject::Client(id)) => json!({ "client_id": id }),
            Self::Delete(Subject::Group(name)) | Self::MakeGroup(name) => json!({ "group": name }),
            Self::Member { group, user, name, .. } => {
                json!({ "group": group, "user": user.to_string(), "username": name })
            }
        };
        if let Value::Object(members) = members {
            object.extend(members);
        }
        object
    }

    /// Makes it.
    ///
    /// # Errors
    /// [`Refused`] with exit code 5 when somebody else changed the same in between.
    pub(super) async fn take(
        &self,
        store: &dyn Store,
        root: impl Fn() -> Result<RootSecret>,
    ) -> Result<()> {
        let now = store.now().await?;
        let trail = by_operator(self.event(), now)?;
        match self {
            Self::Save { id, settings, hosts, disabled, version, secret, .. } => {
                let kept = secret.as_ref().map(|secret| secret.keep(id, now, &root)).transpose()?;
                let save = SaveClient {
                    id: id.clone(),
                    settings: settings.clone(),
                    hosts: hosts.clone(),
                    disabled: *disabled,
                    version: *version,
                    secret: kept,
                    trail,
                };
                save::done(store.save_client(save).await?, id, version.is_none())?;
            }
            Self::Secret { id, secret, overlap } => {
                let kept = secret.keep(id, now, &root)?;
                if !store.add_client_secret(id, kept, *overlap, trail).await? {
                    return Err(gone(&format!("the client `{id}`")));
                }
            }
            Self::Delete(Subject::Client(id)) => {
                delete_with_all(store, id, trail).await?;
            }
            Self::Delete(Subject::Group(name)) => {
                store.delete_group(name, trail).await?;
            }
            Self::MakeGroup(name) => {
                let id = GroupId::new(now, random()?);
                let group = Group { id, name: name.clone(), created_at: now };
                store.make_group(group, trail).await?;
            }
            Self::Member { group, user, name, member } => {
                let done = store.set_membership(group, *user, *member, trail).await?;
                if done.is_none() {
                    return Err(gone(&format!("the group `{group}` or the user `{name}`")));
                }
            }
        }
        Ok(())
    }
}

fn gone(what: &str) -> anyhow::Error {
    let text = format!("{what} was deleted by somebody else; run it again");
    Refused { text, code: 5 }.into()
}
