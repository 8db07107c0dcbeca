//! Groups, who is in them, and the standard claims of a person.

use rusqlite::{Connection, OptionalExtension, params};
use tokenhouse_rules::id::{GroupId, UserId};

use super::rows;
use crate::sqlite::person;
use crate::sqlite::rows::{blob, id, instant, note};
use crate::{Group, NOBODY, Trail};

pub(super) fn all(c: &Connection) -> rusqlite::Result<Vec<Group>> {
    c.prepare_cached("SELECT id, name, created_at FROM groups ORDER BY name")?
        .query_map([], |row| {
            Ok(Group {
                id: GroupId::from_uuid(id(row, 0)?),
                name: row.get(1)?,
                created_at: instant(row, 2)?,
            })
        })?
        .collect()
}

pub(super) fn make(c: &Connection, group: &Group, trail: &Trail) -> rusqlite::Result<bool> {
    let made = c
        .prepare_cached(
            "INSERT INTO groups (id, name, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?
        .execute(params![blob(group.id.uuid()), group.name, group.created_at.micros()])?;
    if made > 0 {
        note(c, NOBODY, None, trail)?;
    }
    Ok(made > 0)
}

pub(super) fn delete(c: &Connection, name: &str, trail: &Trail) -> rusqlite::Result<bool> {
    let deleted = c.prepare_cached("DELETE FROM groups WHERE name = ?1")?.execute([name])?;
    if deleted > 0 {
        note(c, NOBODY, None, trail)?;
    }
    Ok(deleted > 0)
}

fn by_name(c: &Connection, name: &str) -> rusqlite::Result<Option<[u8; 16]>> {
    c.prepare_cached("SELECT id FROM groups WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

pub(super) fn set_membership(
    c: &Connection,
    group: &str,
    user: UserId,
    member: bool,
    trail: &Trail,
) -> rusqlite::Result<Option<bool>> {
    let Some(group) = by_name(c, group)? else { return Ok(None) };
    let Some(person) = person::find(c, user)? else { return Ok(None) };
    let statement = match member {
        true => "INSERT INTO group_members (group_id, user) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        false => "DELETE FROM group_members WHERE group_id = ?1 AND user = ?2",
    };
    let changed = c.prepare_cached(statement)?.execute(params![group, person.number])?;
    if changed > 0 {
        note(c, user, None, trail)?;
    }
    Ok(Some(changed > 0))
}

pub(super) fn of_user(c: &Connection, user: UserId) -> rusqlite::Result<Vec<String>> {
    match person::find(c, user)? {
        None => Ok(Vec::new()),
        Some(person) => rows::groups_of(c, person.number),
    }
}

pub(super) fn members(
    c: &Connection,
    group: &str,
    after: Option<UserId>,
    limit: u32,
) -> rusqlite::Result<Option<Vec<UserId>>> {
    let Some(group) = by_name(c, group)? else { return Ok(None) };
    let after = after.map_or([0; 16], |id| blob(id.uuid()));
    c.prepare_cached(
        "SELECT u.id FROM group_members m JOIN users u ON u.number = m.user
         WHERE m.group_id = ?1 AND u.id > ?2 ORDER BY u.id LIMIT ?3",
    )?
    .query_map(params![group, after, limit], |row| id(row, 0).map(UserId::from_uuid))?
    .collect::<rusqlite::Result<_>>()
    .map(Some)
}

pub(in crate::sqlite) fn claims_of(
    c: &Connection,
    user: UserId,
) -> rusqlite::Result<Option<String>> {
    c.prepare_cached("SELECT claims FROM users WHERE id = ?1")?
        .query_row([blob(user.uuid())], |row| row.get(0))
        .optional()
        .map(Option::flatten)
}

pub(super) fn set_claims(
    c: &Connection,
    user: UserId,
    claims: &str,
    trail: &Trail,
) -> rusqlite::Result<bool> {
    let set = c
        .prepare_cached("UPDATE users SET claims = ?2 WHERE id = ?1")?
        .execute(params![blob(user.uuid()), claims])?;
    if set > 0 {
        note(c, user, None, trail)?;
    }
    Ok(set > 0)
}
