//! The applications that a person is connected with, as she sees them and as she ends it.

use tokio_postgres::Row;

use super::rows::{
    self, alive, client_columns, end_redeemed, grants, presented_columns, secrets_of,
};
use crate::postgres::connection::Database;
use crate::postgres::parts::{self, noted};
use crate::postgres::rows::{instant, living, optional_instant, value};
use crate::{Application, Ended, Result, SessionKey, Trail};

/// By consent, or by a grant that an application got without one. A living session that is connected with
/// nothing is one row of nulls.
const LIST: &str = concat!(
    "WITH ",
    living!(),
    ",
     held AS MATERIALIZED (
        SELECT g.client_id, min(g.created_at) AS since, max(g.last_used_at) AS last_used_at
        FROM living l JOIN (",
    grants!(),
    ") ON g.user_id = l.id WHERE ",
    alive!(),
    " GROUP BY g.client_id),
     agreed AS MATERIALIZED (
        SELECT t.client_id, t.scope, t.granted_at
        FROM living l JOIN consents t ON t.user_id = l.id)
     SELECT ",
    client_columns!(),
    ", coalesce(a.scope, ''), coalesce(a.granted_at, h.since), h.last_used_at
     FROM living l LEFT JOIN (
        SELECT client_id FROM held UNION SELECT client_id FROM agreed) connected ON true
     LEFT JOIN clients c ON c.id = connected.client_id AND c.deleted_at IS NULL",
    secrets_of!(),
    " LEFT JOIN held h ON h.client_id = c.id LEFT JOIN agreed a ON a.client_id = c.id
     ORDER BY c.id"
);

/// A code that is under way is a connection too: nobody redeems it afterwards. One that is being redeemed at
/// this moment is waited for, and what it became ends.
const DISCONNECT: &str = concat!(
    "WITH ",
    living!(locked "FOR NO KEY UPDATE OF u, s"),
    ",
     client AS MATERIALIZED (SELECT id FROM clients WHERE id = $4::text FOR KEY SHARE),
     presented AS MATERIALIZED (
        SELECT ",
    presented_columns!(),
    " FROM living l CROSS JOIN client c JOIN codes k ON k.user_id = l.id AND k.client_id = c.id
        WHERE k.expires_at > now() ORDER BY k.id FOR UPDATE OF k),
     withdrawn AS (
        DELETE FROM codes k USING presented p WHERE k.id = p.id AND NOT p.used RETURNING k.id),",
    end_redeemed!("ended_late", "p.used"),
    ",
     ended AS (
        UPDATE grants g SET revoked_at = now(), live_until = now()
        FROM living l, client c
        WHERE g.user_id = l.id AND g.client_id = c.id AND g.revoked_at IS NULL
          AND g.live_until > now() AND g.id <> ALL (ARRAY(SELECT id FROM presented))
        RETURNING g.id),
     forgotten AS (
        DELETE FROM consents t USING living l, client c
        WHERE t.user_id = l.id AND t.client_id = c.id RETURNING t.user_id),
     done AS MATERIALIZED (
        SELECT id FROM living
        WHERE EXISTS (SELECT 1 FROM withdrawn) OR EXISTS (SELECT 1 FROM ended_late)
           OR EXISTS (SELECT 1 FROM ended) OR EXISTS (SELECT 1 FROM forgotten)),",
    noted!("$5", "id", "$1::uuid", "done"),
    " SELECT EXISTS (SELECT 1 FROM living), EXISTS (SELECT 1 FROM done)"
);

pub(super) async fn list(db: &Database, key: &SessionKey) -> Result<Option<Vec<Application>>> {
    let hash: &[u8] = &key.secret_hash;
    let found = db.ask(LIST, &[&key.id.uuid(), &hash, &key.user.uuid()]).await?;
    if found.is_empty() {
        return Ok(None);
    }
    let mut applications = Vec::with_capacity(found.len());
    for row in &found {
        if value::<Option<&str>>(row, 0)?.is_some() {
            applications.push(application(row)?);
        }
    }
    Ok(Some(applications))
}

fn application(row: &Row) -> Result<Application> {
    Ok(Application {
        client: rows::client(row, 0)?,
        scope: value(row, rows::CLIENT_COLUMNS)?,
        since: instant(row, rows::CLIENT_COLUMNS + 1)?,
        last_used_at: optional_instant(row, rows::CLIENT_COLUMNS + 2)?,
    })
}

pub(super) async fn disconnect(
    db: &Database,
    key: &SessionKey,
    client: &str,
    trail: &Trail,
) -> Result<Ended> {
    let hash: &[u8] = &key.secret_hash;
    let row = db
        .tell_one(
            DISCONNECT,
            &[&key.id.uuid(), &hash, &key.user.uuid(), &client, &parts::trail(trail)],
        )
        .await?;
    Ok(match (value(&row, 0)?, value(&row, 1)?) {
        (true, true) => Ended::Done,
        (true, false) => Ended::NoSuch,
        (false, _) => Ended::NoSession,
    })
}
