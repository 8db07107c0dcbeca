//! Between PostgreSQL's values and those of applications, and the SQL that several statements share.
//!
//! In what a statement gives, a person (`u`) comes first, then the database's time, then a client (`c`), then a
//! grant (`g`) or what is the statement's own. Who is not there is nulls.

use std::time::SystemTime;

use tokenhouse_rules::id::{GrantId, SecretId, SessionId};
use tokenhouse_rules::time::Timestamp;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::postgres::rows::{self, value};
use crate::{Client, Error, GrantFacts, Owner, Result, Secret};

/// Where the database's time is, after [`owner_columns`].
pub(super) const NOW: usize = 11;

/// Where a client begins, after a person and the time.
pub(super) const CLIENT: usize = 12;

/// How many columns a client has.
pub(super) const CLIENT_COLUMNS: usize = 9;

/// Where begins what follows a person, the time and a client.
pub(super) const AFTER_CLIENT: usize = CLIENT + CLIENT_COLUMNS;

/// Where begins what follows a grant.
pub(super) const AFTER_GRANT: usize = AFTER_CLIENT + 5;

/// The columns that [`owner`] reads, of a person `u` before a client `c`. Her document can be large, and is only
/// fetched where the settings of the client hold its name (`rules::oauth::claims::mapping::Source`).
macro_rules! owner_columns {
    () => {
        concat!(
            $crate::postgres::rows::user_columns!(),
            ", u.email_confirmed_at IS NOT NULL, u.language, u.claims, ARRAY(
                SELECT o.name FROM group_members m JOIN groups o ON o.id = m.group_id
                WHERE m.user_id = u.id ORDER BY o.name),
                CASE WHEN strpos(c.settings, '\"document\"') > 0 THEN u.document END"
        )
    };
}
pub(super) use owner_columns;

/// The columns that [`client`] reads, of a client and its [`secrets_of`].
macro_rules! client_columns {
    () => {
        $crate::postgres::applications::rows::client_columns!("c", "secrets")
    };
    ($client:literal, $secrets:literal) => {
        concat!(
            $client,
            ".id, ",
            $client,
            ".settings, ",
            $client,
            ".version, ",
            $client,
            ".created_at, ",
            $client,
            ".disabled_at, ",
            $secrets,
            ".ids, ",
            $secrets,
            ".hashes, ",
            $secrets,
            ".made, ",
            $secrets,
            ".ends"
        )
    };
}
pub(super) use client_columns;

/// Joins the secrets of a client that have not expired, the newest first.
macro_rules! secrets_of {
    () => {
        $crate::postgres::applications::rows::secrets_of!("c", "secrets")
    };
    ($client:literal, $secrets:literal) => {
        concat!(
            " CROSS JOIN LATERAL (
                SELECT array_agg(x.id ORDER BY x.created_at DESC, x.id DESC) AS ids,
                       array_agg(x.hash ORDER BY x.created_at DESC, x.id DESC) AS hashes,
                       array_agg(x.created_at ORDER BY x.created_at DESC, x.id DESC) AS made,
                       array_agg(x.expires_at ORDER BY x.created_at DESC, x.id DESC) AS ends
                FROM client_secrets x WHERE x.client_id = ",
            $client,
            ".id AND (x.expires_at IS NULL OR x.expires_at > now())) ",
            $secrets
        )
    };
}
pub(super) use secrets_of;

/// The columns that [`grant`] reads.
macro_rules! grant_columns {
    () => {
        concat!(
            $crate::postgres::applications::rows::owner_columns!(),
            ", now(), ",
            $crate::postgres::applications::rows::client_columns!(),
            ", g.id, g.authorized, g.session_id, g.expires_at, g.live_until"
        )
    };
}
pub(super) use grant_columns;

/// Joins to a user `u` the session `s` of the row `$of` if it is alive.
macro_rules! session_of {
    ($of:literal) => {
        concat!(
            " LEFT JOIN sessions s ON s.id = ",
            $of,
            ".session_id AND s.user_id = u.id AND s.epoch = u.epoch AND s.live_until > now()"
        )
    };
}
pub(in crate::postgres) use session_of;

/// Grants with all that [`alive`] judges them by.
macro_rules! grants {
    () => {
        concat!(
            "grants g JOIN users u ON u.id = g.user_id JOIN clients c ON c.id = g.client_id",
            $crate::postgres::applications::rows::session_of!("g")
        )
    };
}
pub(in crate::postgres) use grants;

/// Whether a grant is alive: the one judgement that every token of it goes through.
macro_rules! alive {
    () => {
        "g.revoked_at IS NULL AND g.live_until > now() AND g.epoch = u.epoch AND u.locked_at IS NULL
            AND c.disabled_at IS NULL AND (g.session_id IS NULL OR s.id IS NOT NULL)"
    };
}
pub(in crate::postgres) use alive;

/// The columns of the part `presented` (codes `k`, locked) that [`end_redeemed`] reads.
macro_rules! presented_columns {
    () => {
        "k.id, k.client_id, k.user_id, k.session_id, k.epoch, k.authorized, k.used_at IS NOT NULL AS used"
    };
}
pub(super) use presented_columns;

/// Ends the grants that the codes of the part `presented` became, where `$when`, as the part `$name`.
///
/// Who redeemed a code may have committed while this statement waited for it. Its grant is in no snapshot that
/// was taken before, so an update would not find it; a conflict of its identifier does. Nothing is inserted.
macro_rules! end_redeemed {
    ($name:literal, $when:literal) => {
        concat!(
            $name,
            " AS (
                INSERT INTO grants AS g (id, client_id, user_id, session_id, epoch, authorized, rotated_at,
                                         created_at, last_used_at, live_until, expires_at, revoked_at)
                SELECT p.id, p.client_id, p.user_id, p.session_id, p.epoch, p.authorized, now(), now(),
                       now(), now(), now(), now()
                FROM presented p WHERE ",
            $when,
            " AND (EXISTS (SELECT 1 FROM grants WHERE id = p.id)
                    OR EXISTS (SELECT 1 FROM codes WHERE id = p.id AND used_at IS NULL))
                ON CONFLICT (id) DO UPDATE SET revoked_at = now(), live_until = now()
                    WHERE g.revoked_at IS NULL AND g.live_until > now()
                RETURNING g.id, g.user_id, g.session_id)"
        )
    };
}
pub(super) use end_redeemed;

/// Reads [`owner_columns`], which come first.
pub(super) fn owner(row: &Row) -> Result<Owner> {
    Ok(Owner {
        user: rows::user(row)?,
        email_confirmed: value(row, 6)?,
        language: value(row, 7)?,
        claims: value(row, 8)?,
        groups: value(row, 9)?,
        document: value(row, 10)?,
    })
}

/// A client whose columns begin at `first`.
pub(super) fn client(row: &Row, first: usize) -> Result<Client> {
    Ok(Client {
        id: value(row, first)?,
        settings: value(row, first + 1)?,
        version: value(row, first + 2)?,
        created_at: rows::instant(row, first + 3)?,
        disabled_at: rows::optional_instant(row, first + 4)?,
        secrets: secrets(row, first + 5)?,
    })
}

/// A client that need not be there.
pub(super) fn optional_client(row: &Row, first: usize) -> Result<Option<Client>> {
    let is_there = value::<Option<&str>>(row, first)?.is_some();
    if is_there { client(row, first).map(Some) } else { Ok(None) }
}

fn secrets(row: &Row, first: usize) -> Result<Vec<Secret>> {
    let Some(ids) = value::<Option<Vec<Uuid>>>(row, first)? else { return Ok(Vec::new()) };
    let hashes: Vec<&[u8]> = value(row, first + 1)?;
    let made: Vec<SystemTime> = value(row, first + 2)?;
    let ends: Vec<Option<SystemTime>> = value(row, first + 3)?;
    let columns = ids.into_iter().zip(hashes).zip(made.into_iter().zip(ends));
    columns
        .map(|((id, hash), (made, ends))| {
            Ok(Secret {
                id: SecretId::from_uuid(id),
                hash: digest(hash)?,
                created_at: made.into(),
                expires_at: ends.map(Timestamp::from),
            })
        })
        .collect()
}

/// A SHA-256.
pub(super) fn digest(stored: &[u8]) -> Result<[u8; 32]> {
    stored.try_into().map_err(|_| Error::Corrupt("a digest is not of its length".to_owned()))
}

/// Reads [`grant_columns`].
pub(super) fn grant(row: &Row) -> Result<GrantFacts> {
    Ok(GrantFacts {
        now: rows::instant(row, NOW)?,
        id: GrantId::from_uuid(value(row, AFTER_CLIENT)?),
        client: client(row, CLIENT)?,
        authorized: value(row, AFTER_CLIENT + 1)?,
        session: value::<Option<Uuid>>(row, AFTER_CLIENT + 2)?.map(SessionId::from_uuid),
        expires_at: rows::instant(row, AFTER_CLIENT + 3)?,
        live_until: rows::instant(row, AFTER_CLIENT + 4)?,
        owner: owner(row)?,
    })
}
