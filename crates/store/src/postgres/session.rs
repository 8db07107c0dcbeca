//! Living sessions: what they read, write and end.

use std::time::SystemTime;

use tokenhouse_rules::document::Version;
use tokenhouse_rules::id::{SessionId, UserId};
use tokenhouse_rules::session::Expiry;
use tokenhouse_rules::time::Timestamp;

use super::connection::Database;
use super::param::Param;
use super::parts::{self, noted};
use super::rows::{self, living, user_columns, value};
use crate::{Ended, Result, Session, SessionKey, Target, Trail, Written};

const WRITE: &str = concat!(
    "WITH ",
    living!(),
    ",
     written AS (
        UPDATE users u SET document = $4, document_version = u.document_version + 1
        FROM living l WHERE u.id = l.id AND ($5::bigint[] IS NULL OR EXISTS (
            SELECT 1 FROM unnest($5::bigint[], $6::bigint[]) AS v(document, of_user)
            WHERE v.document = u.document_version AND v.of_user = u.version))
        RETURNING u.document_version)
     SELECT ",
    user_columns!(),
    ", (SELECT document_version FROM written), u.expires_at, u.live_until, now() FROM living u"
);

const END_ONE: &str = concat!(
    "WITH ",
    living!(),
    ",
     ended AS (
        DELETE FROM sessions s USING living l
        WHERE s.id = $5 AND s.user_id = l.id AND s.live_until > now() RETURNING s.id, s.user_id),",
    noted!("$4", "user_id", "id", "ended"),
    " SELECT EXISTS (SELECT 1 FROM living), EXISTS (SELECT 1 FROM ended)"
);

/// The session that asks goes on into the next epoch. It is judged once it is locked: of two sessions
/// that end each other at once one is left.
const END_OTHERS: &str = concat!(
    "WITH ",
    living!(locked "FOR NO KEY UPDATE OF u, s"),
    ",
     bumped AS (
        UPDATE users u SET epoch = u.epoch + 1 FROM living l WHERE u.id = l.id
        RETURNING u.id, u.epoch),
     ended AS (
        DELETE FROM sessions s USING bumped b WHERE s.user_id = b.id AND s.id <> $1::uuid),
     kept AS (
        UPDATE sessions s SET epoch = b.epoch FROM bumped b
        WHERE s.id = $1::uuid AND s.user_id = b.id),",
    noted!("$4", "id", "$1::uuid", "bumped"),
    " SELECT EXISTS (SELECT 1 FROM living), EXISTS (SELECT 1 FROM bumped)"
);

const END_ALL: &str = concat!(
    "WITH ", living!(), ",
     bumped AS (UPDATE users u SET epoch = u.epoch + 1 FROM living l WHERE u.id = l.id RETURNING u.id),
     ended AS (DELETE FROM sessions s USING living l WHERE s.user_id = l.id),",
    noted!("$4", "id", "NULL::uuid", "living"),
    " SELECT EXISTS (SELECT 1 FROM living), EXISTS (SELECT 1 FROM bumped)"
);

const LIST: &str = "
    SELECT s.id, s.created_at, s.last_used_at, s.expires_at, s.address, s.user_agent
    FROM sessions s JOIN users u ON u.id = s.user_id AND u.epoch = s.epoch
    WHERE s.user_id = $1 AND ($2::uuid IS NULL OR s.id > $2) AND s.live_until > now()
    ORDER BY s.id LIMIT $3";

pub(super) async fn renew(db: &Database, id: SessionId, until: Timestamp) -> Result<()> {
    db.tell(
        "UPDATE sessions SET live_until = greatest(live_until, least($2, expires_at)),
                             last_used_at = now()
         WHERE id = $1 AND live_until > now()",
        &[&id.uuid(), &SystemTime::from(until)],
    )
    .await
    .map(|_| ())
}

pub(super) async fn write_data(
    db: &Database,
    key: &SessionKey,
    body: &str,
    only_if: Option<&[Version]>,
) -> Result<Written> {
    let hash: &[u8] = &key.secret_hash;
    let documents = only_if.map(|list| list.iter().map(|v| v.document).collect::<Vec<i64>>());
    let users = only_if.map(|list| list.iter().map(|v| v.user).collect::<Vec<i64>>());
    let found = db
        .tell(WRITE, &[&key.id.uuid(), &hash, &key.user.uuid(), &body, &documents, &users])
        .await?;
    let Some(row) = found.first() else { return Ok(Written::NoSession) };
    let user = rows::user(row)?;
    match value::<Option<i64>>(row, 6)? {
        Some(document) => {
            let version = Version { document, user: user.version };
            let expiry =
                Expiry { expires_at: rows::instant(row, 7)?, live_until: rows::instant(row, 8)? };
            Ok(Written::Done { user, version, now: rows::instant(row, 9)?, expiry })
        }
        None if only_if.is_some() => Ok(Written::Stale),
        // The account was deleted between the snapshot and the write.
        None => Ok(Written::NoSession),
    }
}

pub(super) async fn end(
    db: &Database,
    key: &SessionKey,
    target: Target,
    trail: &Trail,
) -> Result<Ended> {
    let hash: &[u8] = &key.secret_hash;
    let (id, user, trail) = (key.id.uuid(), key.user.uuid(), parts::trail(trail));
    let (sql, one) = match target {
        Target::This => (END_ONE, Some(id)),
        Target::One(other) => (END_ONE, Some(other.uuid())),
        Target::Others => (END_OTHERS, None),
        Target::All => (END_ALL, None),
    };
    let mut params: Vec<&(dyn Param + Sync)> = vec![&id, &hash, &user, &trail];
    if let Some(one) = &one {
        params.push(one);
    }
    let row = db.tell_one(sql, &params).await?;
    Ok(match (value(&row, 0)?, value(&row, 1)?) {
        (true, true) => Ended::Done,
        (true, false) => Ended::NoSuch,
        (false, _) => Ended::NoSession,
    })
}

pub(super) async fn list(
    db: &Database,
    key: &SessionKey,
    after: Option<SessionId>,
    limit: u32,
) -> Result<Option<Vec<Session>>> {
    let hash: &[u8] = &key.secret_hash;
    let found = db
        .ask(
            concat!(
                "WITH ",
                living!(),
                "
                 SELECT s.id, s.created_at, s.last_used_at, s.expires_at, s.address, s.user_agent
                 FROM living l LEFT JOIN sessions s ON s.user_id = l.id AND s.epoch = l.epoch
                    AND ($4::uuid IS NULL OR s.id > $4) AND s.live_until > now()
                 ORDER BY s.id LIMIT $5"
            ),
            &[
                &key.id.uuid(),
                &hash,
                &key.user.uuid(),
                &after.map(SessionId::uuid),
                &i64::from(limit),
            ],
        )
        .await?;
    if found.is_empty() {
        return Ok(None);
    }
    let mut sessions = Vec::with_capacity(found.len());
    for row in &found {
        // A living session with nothing after the page's end is one row of nulls.
        if value::<Option<uuid::Uuid>>(row, 0)?.is_some() {
            sessions.push(rows::session(row)?);
        }
    }
    Ok(Some(sessions))
}

pub(super) async fn of_user(
    db: &Database,
    user: UserId,
    after: Option<SessionId>,
    limit: i64,
) -> Result<Vec<Session>> {
    let found = db.ask(LIST, &[&user.uuid(), &after.map(SessionId::uuid), &limit]).await?;
    found.iter().map(rows::session).collect()
}
