//! Who asks by a living session, and the client before whom she stands: for a request for authorization, and
//! for a proxy's question about a request to a host.

use tokenhouse_rules::oauth::access::patterns;
use tokenhouse_rules::session::Expiry;
use tokio_postgres::Row;
use uuid::Uuid;

use super::rows::{self, AFTER_CLIENT, CLIENT, NOW, client_columns, owner_columns, secrets_of};
use crate::postgres::connection::Database;
use crate::postgres::rows::{instant, living, value};
use crate::{AccessFacts, AuthorizeFacts, Result, SessionKey, SignedIn};

/// A client `c`, which `$joined` finds, and whoever the session says asks.
macro_rules! before {
    ($joined:literal) => {
        concat!(
            "WITH ",
            living!(),
            " SELECT ",
            owner_columns!(),
            ", now(), ",
            client_columns!(),
            ", s.created_at, l.epoch, t.scope, l.expires_at, l.live_until FROM (SELECT 1) one ",
            $joined,
            secrets_of!(),
            " LEFT JOIN living l ON true
             LEFT JOIN users u ON u.id = l.id
             LEFT JOIN sessions s ON s.id = $1::uuid AND s.user_id = l.id
             LEFT JOIN consents t ON t.user_id = l.id AND t.client_id = c.id"
        )
    };
}

const AUTHORIZE: &str = before!("LEFT JOIN clients c ON c.id = $4::text AND c.deleted_at IS NULL");

/// The first of the patterns is the host itself; the others follow, the longest first.
const ACCESS: &str = before!(
    "LEFT JOIN (
        SELECT h.client_id FROM unnest($4::text[]) WITH ORDINALITY AS wanted (host, place)
        JOIN client_hosts h ON h.host = wanted.host ORDER BY wanted.place LIMIT 1) answering ON true
     LEFT JOIN clients c ON c.id = answering.client_id"
);

pub(super) async fn authorize(
    db: &Database,
    client: &str,
    session: Option<&SessionKey>,
) -> Result<AuthorizeFacts> {
    let (id, hash, user) = session.map(parts).unwrap_or_default();
    let row = db.ask_one(AUTHORIZE, &[&id, &hash, &user, &client]).await?;
    let (signed_in, expiry) = signed_in(&row)?.unzip();
    Ok(AuthorizeFacts {
        now: instant(&row, NOW)?,
        client: rows::optional_client(&row, CLIENT)?,
        signed_in,
        expiry,
    })
}

pub(super) async fn of_host(
    db: &Database,
    host: &str,
    session: Option<&SessionKey>,
) -> Result<AccessFacts> {
    let (id, hash, user) = session.map(parts).unwrap_or_default();
    let row = db.ask_one(ACCESS, &[&id, &hash, &user, &patterns(host)]).await?;
    let (signed_in, expiry) = signed_in(&row)?.unzip();
    Ok(AccessFacts {
        now: instant(&row, NOW)?,
        client: rows::optional_client(&row, CLIENT)?,
        signed_in,
        expiry,
    })
}

/// A session as parameters; without one there are nulls, and nothing is equal to those.
fn parts(session: &SessionKey) -> (Option<Uuid>, Option<&[u8]>, Option<Uuid>) {
    (Some(session.id.uuid()), Some(&session.secret_hash), Some(session.user.uuid()))
}

/// Who asks, and when her session ends.
fn signed_in(row: &Row) -> Result<Option<(SignedIn, Expiry)>> {
    if value::<Option<Uuid>>(row, 0)?.is_none() {
        return Ok(None);
    }
    let signed_in = SignedIn {
        owner: rows::owner(row)?,
        since: instant(row, AFTER_CLIENT)?,
        epoch: value(row, AFTER_CLIENT + 1)?,
        consent: value(row, AFTER_CLIENT + 2)?,
    };
    let expiry = Expiry {
        expires_at: instant(row, AFTER_CLIENT + 3)?,
        live_until: instant(row, AFTER_CLIENT + 4)?,
    };
    Ok(Some((signed_in, expiry)))
}
