//! Opening sessions, many in one statement and one commit.
//!
//! Each member is judged by its own account: still there, not locked, still in the epoch it was judged
//! in. Ids were made before, so the statement may be repeated when its outcome is unknown. Rows that
//! others lock too are locked in the order of their keys, so that no two statements can deadlock.

use std::time::SystemTime;

use super::batch::Kind;
use super::connection::Database;
use super::rows::value;
use crate::{Error, OpenSession, Opened, Result};

/// The lock on the user is the one that the foreign key takes anyway; taken first, it makes a user who
/// is being deleted at this moment an account that is gone instead of a violated constraint.
const OPEN: &str = "
    WITH asked AS MATERIALIZED (
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int8[], $4::bytea[], $5::timestamptz[],
                $6::timestamptz[], $7::timestamptz[], $8::text[], $9::text[], $10::uuid[],
                $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[])
            WITH ORDINALITY AS q (id, user_id, epoch, secret_hash, created_at, live_until, expires_at,
                address, user_agent, event_id, event, actor, event_address, request_id, old_hash,
                new_hash, place)),
     account AS MATERIALIZED (
        SELECT id, epoch FROM users WHERE id = ANY($2) AND locked_at IS NULL
        ORDER BY id FOR KEY SHARE),
     opened AS (
        INSERT INTO sessions (id, user_id, epoch, secret_hash, created_at, last_used_at, live_until,
                              expires_at, address, user_agent)
        SELECT q.id, q.user_id, q.epoch, q.secret_hash, q.created_at, q.created_at, q.live_until,
               q.expires_at, q.address, q.user_agent
        FROM asked q JOIN account a ON a.id = q.user_id AND a.epoch = q.epoch
        ON CONFLICT (id) DO NOTHING RETURNING id),
     noted AS (
        INSERT INTO audit_events (id, at, event, actor, user_id, session_id, address, request_id)
        SELECT q.event_id, now(), q.event, q.actor, q.user_id, q.id, q.event_address, q.request_id
        FROM asked q JOIN opened USING (id) ON CONFLICT (id) DO NOTHING),
     rehashed AS (
        UPDATE passwords p SET hash = q.new_hash FROM asked q JOIN opened USING (id)
        WHERE q.old_hash IS NOT NULL AND p.user_id = q.user_id AND p.hash = q.old_hash),
     given_back AS (
        SELECT r.key, sum(r.step)::bigint AS step
        FROM unnest($17::uuid[], $18::text[], $19::int8[]) AS r (id, key, step)
        JOIN opened USING (id) GROUP BY r.key),
     held AS MATERIALIZED (
        SELECT t.key, g.step FROM throttles t JOIN given_back g ON g.key = t.key
        WHERE t.key = ANY($18) ORDER BY t.key FOR UPDATE OF t),
     refunded AS (
        UPDATE throttles t SET arrival = t.arrival - held.step FROM held
        WHERE t.key = held.key AND t.key = ANY($18))
    SELECT EXISTS (SELECT 1 FROM account a WHERE a.id = q.user_id AND a.epoch = q.epoch)
    FROM asked q ORDER BY q.place";

/// Opens sessions by the connections that are kept for it.
pub(super) struct Openings(pub(super) Database);

impl Kind for Openings {
    type Question = OpenSession;
    type Answer = Opened;

    async fn send(&self, openings: &[OpenSession]) -> Result<Vec<Result<Opened>>> {
        let rehash = |o: &OpenSession| o.rehash.clone().unzip();
        let (old_hashes, new_hashes): (Vec<_>, Vec<_>) = openings.iter().map(rehash).unzip();
        let refunds = || openings.iter().flat_map(|o| o.refunds.iter().map(move |r| (o, r)));
        let found = self
            .0
            .tell_again(
                OPEN,
                &[
                    &each(openings, |o| o.session.id.uuid()),
                    &each(openings, |o| o.user.uuid()),
                    &each(openings, |o| o.epoch),
                    &each(openings, |o| &o.session.secret_hash[..]),
                    &each(openings, |o| SystemTime::from(o.session.created_at)),
                    &each(openings, |o| SystemTime::from(o.session.expiry.live_until)),
                    &each(openings, |o| SystemTime::from(o.session.expiry.expires_at)),
                    &each(openings, |o| o.session.address.as_deref()),
                    &each(openings, |o| o.session.user_agent.as_deref()),
                    &each(openings, |o| o.trail.id.uuid()),
                    &each(openings, |o| o.trail.event.name()),
                    &each(openings, |o| o.trail.actor.name()),
                    &each(openings, |o| o.trail.address.as_deref()),
                    &each(openings, |o| o.trail.request_id.as_deref()),
                    &old_hashes,
                    &new_hashes,
                    &refunds().map(|(o, _)| o.session.id.uuid()).collect::<Vec<_>>(),
                    &refunds().map(|(_, r)| r.key.as_str()).collect::<Vec<_>>(),
                    &refunds().map(|(_, r)| r.step).collect::<Vec<_>>(),
                ],
            )
            .await?;
        if found.len() != openings.len() {
            return Err(Error::Corrupt("an answer for each session was expected".to_owned()));
        }
        let opened = |open| if open { Opened::Open } else { Opened::Changed };
        Ok(found.iter().map(|row| value(row, 0).map(opened)).collect())
    }
}

/// One column of the statement's arrays.
fn each<'a, T>(openings: &'a [OpenSession], column: impl Fn(&'a OpenSession) -> T) -> Vec<T> {
    openings.iter().map(column).collect()
}
