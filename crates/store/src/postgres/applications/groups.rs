//! Groups, who is in them, and the claims of a user that no column holds.

use std::time::SystemTime;

use tokenhouse_rules::id::{GroupId, UserId};
use uuid::Uuid;

use crate::postgres::connection::Database;
use crate::postgres::parts::{self, noted};
use crate::postgres::rows::{instant, value};
use crate::{Group, NOBODY, Result, Trail};

const MAKE: &str = concat!(
    "WITH made AS (
        INSERT INTO groups (id, name, created_at) VALUES ($1::uuid, $2::text, $3::timestamptz)
        ON CONFLICT DO NOTHING RETURNING id),",
    noted!("$4", "$5::uuid", "NULL::uuid", "made"),
    " SELECT EXISTS (SELECT 1 FROM made)
        OR EXISTS (SELECT 1 FROM groups WHERE id = $1::uuid AND name = $2::text)"
);

const DELETE: &str = concat!(
    "WITH gone AS (DELETE FROM groups WHERE name = $1::text RETURNING id),",
    noted!("$2", "$3::uuid", "NULL::uuid", "gone"),
    " SELECT EXISTS (SELECT 1 FROM gone)"
);

/// A user and a group, both there until the change is committed, and the change as the part `changed`.
macro_rules! membership {
    ($changed:literal) => {
        concat!(
            "WITH found AS MATERIALIZED (
                SELECT u.id AS user_id, o.id AS group_id FROM users u CROSS JOIN groups o
                WHERE u.id = $1::uuid AND o.name = $2::text FOR KEY SHARE OF u, o),
             changed AS (",
            $changed,
            "),",
            noted!("$3", "user_id", "NULL::uuid", "changed"),
            " SELECT EXISTS (SELECT 1 FROM changed) FROM found"
        )
    };
}

const JOIN: &str = membership!(
    "INSERT INTO group_members (group_id, user_id) SELECT group_id, user_id FROM found
     ON CONFLICT DO NOTHING RETURNING user_id"
);

const LEAVE: &str = membership!(
    "DELETE FROM group_members m USING found f
     WHERE m.group_id = f.group_id AND m.user_id = f.user_id RETURNING m.user_id"
);

/// A group of nobody, or with nobody after the page's end, is one row of a null.
const MEMBERS: &str = "
    SELECT m.user_id FROM groups o
    LEFT JOIN group_members m ON m.group_id = o.id AND m.user_id > $2::uuid
    WHERE o.name = $1::text ORDER BY m.user_id LIMIT $3::bigint";

const SET_CLAIMS: &str = concat!(
    "WITH changed AS (UPDATE users SET claims = $2::text WHERE id = $1::uuid RETURNING id),",
    noted!("$3", "id", "NULL::uuid", "changed"),
    " SELECT EXISTS (SELECT 1 FROM changed)"
);

pub(super) async fn list(db: &Database) -> Result<Vec<Group>> {
    let found = db.ask("SELECT id, name, created_at FROM groups ORDER BY name", &[]).await?;
    found
        .iter()
        .map(|row| {
            Ok(Group {
                id: GroupId::from_uuid(value(row, 0)?),
                name: value(row, 1)?,
                created_at: instant(row, 2)?,
            })
        })
        .collect()
}

pub(super) async fn make(db: &Database, group: &Group, trail: &Trail) -> Result<bool> {
    let found = db
        .tell_again(
            MAKE,
            &[
                &group.id.uuid(),
                &group.name,
                &SystemTime::from(group.created_at),
                &parts::trail(trail),
                &NOBODY.uuid(),
            ],
        )
        .await?;
    found.first().map_or(Ok(false), |row| value(row, 0))
}

pub(super) async fn delete(db: &Database, name: &str, trail: &Trail) -> Result<bool> {
    value(&db.tell_one(DELETE, &[&name, &parts::trail(trail), &NOBODY.uuid()]).await?, 0)
}

pub(super) async fn set_membership(
    db: &Database,
    group: &str,
    user: UserId,
    member: bool,
    trail: &Trail,
) -> Result<Option<bool>> {
    let sql = if member { JOIN } else { LEAVE };
    let found = db.tell(sql, &[&user.uuid(), &group, &parts::trail(trail)]).await?;
    found.first().map(|row| value(row, 0)).transpose()
}

pub(super) async fn of_user(db: &Database, user: UserId) -> Result<Vec<String>> {
    let found = db
        .ask(
            "SELECT o.name FROM group_members m JOIN groups o ON o.id = m.group_id
             WHERE m.user_id = $1 ORDER BY o.name",
            &[&user.uuid()],
        )
        .await?;
    found.iter().map(|row| value(row, 0)).collect()
}

pub(super) async fn members(
    db: &Database,
    group: &str,
    after: Option<UserId>,
    limit: u32,
) -> Result<Option<Vec<UserId>>> {
    let after = after.map_or(Uuid::nil(), UserId::uuid);
    let found = db.ask(MEMBERS, &[&group, &after, &i64::from(limit)]).await?;
    if found.is_empty() {
        return Ok(None);
    }
    let ids = found.iter().map(|row| value::<Option<Uuid>>(row, 0)).collect::<Result<Vec<_>>>()?;
    Ok(Some(ids.into_iter().flatten().map(UserId::from_uuid).collect()))
}

pub(super) async fn claims_of(db: &Database, user: UserId) -> Result<Option<String>> {
    let found = db.ask("SELECT claims FROM users WHERE id = $1", &[&user.uuid()]).await?;
    found.first().map_or(Ok(None), |row| value(row, 0))
}

pub(super) async fn set_claims(
    db: &Database,
    user: UserId,
    claims: &str,
    trail: &Trail,
) -> Result<bool> {
    let found = db.tell_again(SET_CLAIMS, &[&user.uuid(), &claims, &parts::trail(trail)]).await?;
    found.first().map_or(Ok(false), |row| value(row, 0))
}
