//! Links that may be used once: made for whom an operator invites or has set this server up, and looked
//! at. What the others do, and who has them made, is in `email` and `recovery`.

use tokenhouse_rules::id::LinkId;
use tokenhouse_rules::link::Purpose;
use uuid::Uuid;

use super::connection::Database;
use super::parts::{self, clock, linked, mailed, noted, to_confirm};
use super::rows::{self, user_columns, value};
use crate::{Error, LinkFacts, LinkState, MakeLink, Result};

const MAKE: &str = concat!(
    "WITH ",
    clock!(),
    ",",
    linked!(
        "$1",
        "$4",
        "$2::text, NULL::uuid, $3::text, NULL::bigint",
        "setup WHERE $2::text <> 'setup' OR closed_at IS NULL"
    ),
    ",",
    noted!("$5", "$6::uuid", "NULL::uuid", "linked"),
    ",",
    mailed!(
        "mailed",
        "$7",
        "SELECT email, NULL::uuid, NULL::text, id FROM linked WHERE email IS NOT NULL"
    ),
    " SELECT EXISTS (SELECT 1 FROM linked) OR EXISTS (SELECT 1 FROM links WHERE id = $1::uuid)"
);

const FACTS: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", now(), l.email,
        CASE WHEN l.used_at IS NOT NULL THEN 'used'
             WHEN l.purpose = 'setup' AND setup.closed_at IS NOT NULL THEN 'used'
             WHEN l.expires_at <= now() THEN 'expired'
             WHEN l.purpose = 'recover' AND u.epoch <> l.epoch THEN 'expired'
             WHEN l.purpose = 'confirm' AND l.email IS DISTINCT FROM ",
    to_confirm!(),
    " THEN 'expired'
             ELSE 'open' END
     FROM setup CROSS JOIN links l LEFT JOIN users u ON u.id = l.user_id
     WHERE l.id = $1 AND l.purpose = $2"
);

pub(super) async fn make(db: &Database, link: &MakeLink) -> Result<bool> {
    let found = db
        .tell_again(
            MAKE,
            &[
                &link.link.id.uuid(),
                &link.purpose.name(),
                &link.email,
                &link.link.lifetime.as_secs_f64(),
                &parts::trail(&link.trail),
                &Uuid::nil(),
                &parts::mail(link.mail.as_ref()),
            ],
        )
        .await?;
    found.first().map_or(Ok(false), |row| value(row, 0))
}

pub(super) async fn facts(
    db: &Database,
    id: LinkId,
    purpose: Purpose,
) -> Result<Option<LinkFacts>> {
    let found = db.ask(FACTS, &[&id.uuid(), &purpose.name()]).await?;
    let Some(row) = found.first() else { return Ok(None) };
    let has_user = value::<Option<Uuid>>(row, 0)?.is_some();
    Ok(Some(LinkFacts {
        now: rows::instant(row, 6)?,
        state: match value(row, 8)? {
            "used" => LinkState::Used,
            "expired" => LinkState::Expired,
            "open" => LinkState::Open,
            other => return Err(Error::Corrupt(format!("a link is {other}"))),
        },
        user: if has_user { Some(rows::user(row)?) } else { None },
        email: value(row, 7)?,
    }))
}
