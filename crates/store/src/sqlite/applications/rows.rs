//! Between SQLite's values and what is known of applications, and the judgements that several questions share.

use rusqlite::{Connection, OptionalExtension, Row, params};
use tokenhouse_rules::id::SecretId;
use tokenhouse_rules::session::Expiry;

use crate::sqlite::clock;
use crate::sqlite::rows::{self, USER, blob};
use crate::{Client, Owner, Secret, SessionKey, SignedIn};

/// The columns that [`owner`] reads after those of [`USER`], from a table called `u`. Her document can be large, and
/// is only fetched where the settings of the client `c` hold its name (`rules::oauth::claims::mapping::Source`).
pub(super) const OWNER: &str =
    "u.number, u.email_confirmed_at IS NOT NULL AND u.email IS NOT NULL, u.language, u.claims,
     iif(instr(c.settings, '\"document\"') > 0, u.document, NULL)";

/// The first column after those of [`USER`] and [`OWNER`].
pub(super) const AFTER_OWNER: usize = 11;

/// The columns that [`client`] reads, from a table called `c`.
pub(super) const CLIENT: &str = "c.id, c.settings, c.version, c.created_at, c.disabled_at";

/// The first column after those of [`CLIENT`], where these come first.
pub(super) const AFTER_CLIENT: usize = 5;

/// That nothing happened to the person `u` that ends what she was `given` before.
macro_rules! unchanged {
    () => {
        "u.epoch = given.epoch AND u.locked_at IS NULL"
    };
}

/// That the session lives at `?1` in which it was `given`.
macro_rules! in_session {
    () => {
        "EXISTS (SELECT 1 FROM sessions s WHERE s.id = given.session_id AND s.user = u.number
            AND s.epoch = u.epoch AND s.live_until > ?1)"
    };
}

/// That a code may be redeemed at `?1`; of a table called `given`, and its person `u`.
pub(super) const OPEN: &str = concat!(
    "given.used_at IS NULL AND given.expires_at > ?1 AND ",
    unchanged!(),
    " AND ",
    in_session!()
);

/// That a grant lives at `?1`; of a table called `given`, its person `u` and its client `c`.
pub(in crate::sqlite) const LIVES: &str = concat!(
    "given.revoked_at IS NULL AND given.live_until > ?1 AND c.disabled_at IS NULL AND ",
    unchanged!(),
    " AND (given.session_id IS NULL OR ",
    in_session!(),
    ")"
);

/// The person of a row that begins with [`USER`] and [`OWNER`].
pub(super) fn owner(c: &Connection, row: &Row<'_>) -> rusqlite::Result<Owner> {
    Ok(Owner {
        user: rows::user(row)?,
        email_confirmed: row.get(7)?,
        language: row.get(8)?,
        claims: row.get(9)?,
        groups: groups_of(c, row.get(6)?)?,
        document: row.get(10)?,
    })
}

/// The names of the groups of the user of that number.
pub(in crate::sqlite) fn groups_of(c: &Connection, user: i64) -> rusqlite::Result<Vec<String>> {
    c.prepare_cached(
        "SELECT g.name FROM group_members m JOIN groups g ON g.id = m.group_id
         WHERE m.user = ?1 ORDER BY g.name",
    )?
    .query_map([user], |row| row.get(0))?
    .collect()
}

/// The client of a row, where the columns of [`CLIENT`] begin at `first`, and its secrets.
pub(super) fn client(c: &Connection, row: &Row<'_>, first: usize) -> rusqlite::Result<Client> {
    let id: String = row.get(first)?;
    Ok(Client {
        settings: row.get(first + 1)?,
        version: row.get(first + 2)?,
        created_at: rows::instant(row, first + 3)?,
        disabled_at: rows::optional_instant(row, first + 4)?,
        secrets: secrets(c, &id)?,
        id,
    })
}

fn secrets(c: &Connection, client: &str) -> rusqlite::Result<Vec<Secret>> {
    c.prepare_cached(
        "SELECT id, hash, created_at, expires_at FROM client_secrets
         WHERE client_id = ?1 AND (expires_at IS NULL OR expires_at > ?2)
         ORDER BY created_at DESC, id DESC",
    )?
    .query_map(params![client, clock().micros()], |row| {
        Ok(Secret {
            id: SecretId::from_uuid(rows::id(row, 0)?),
            hash: row.get(1)?,
            created_at: rows::instant(row, 2)?,
            expires_at: rows::optional_instant(row, 3)?,
        })
    })?
    .collect()
}

/// Who asks, and when her session ends.
pub(super) struct Asking {
    pub(super) signed_in: SignedIn,
    pub(super) expiry: Expiry,
}

/// Who asks by a living session, with what she agreed to for that client.
pub(super) fn asking(
    c: &Connection,
    key: &SessionKey,
    client: Option<&str>,
) -> rusqlite::Result<Option<Asking>> {
    let Some(living) = rows::living(c, key)? else { return Ok(None) };
    let found = c
        .prepare_cached(&format!(
            "SELECT {USER}, {OWNER}, u.epoch, s.created_at, k.scope
             FROM sessions s JOIN users u ON u.number = s.user
                  LEFT JOIN clients c ON c.id = ?2
                  LEFT JOIN consents k ON k.user = u.number AND k.client_id = ?2
             WHERE s.id = ?1"
        ))?
        .query_row(params![blob(key.id.uuid()), client], |row| {
            Ok(SignedIn {
                owner: owner(c, row)?,
                epoch: row.get(AFTER_OWNER)?,
                since: rows::instant(row, AFTER_OWNER + 1)?,
                consent: row.get(AFTER_OWNER + 2)?,
            })
        })
        .optional()?;
    Ok(found.map(|signed_in| Asking { signed_in, expiry: living.expiry }))
}
