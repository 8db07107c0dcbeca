//! Opening sessions, many in one statement and one commit.
//!
//! Each member is judged by its own account: still there, not locked, still in the epoch it was judged
//! in. Ids were made before, so the statement may be repeated when its outcome is unknown. Rows that
//! others lock too are locked in the order of their keys, so that no two statements can deadlock.

use std::time::SystemTime;

use super::batch::Kind;
use super::connection::{Database, Params};
use super::parts::{charge, clock};
use super::rows::value;
use crate::{Error, OpenSession, Opened, Result};

/// The lock on the user is the one that the foreign key takes anyway; taken first, it makes a user who
/// is being deleted at this moment an account that is gone instead of a violated constraint.
macro_rules! open {
    ($more:expr) => {
        concat!(
            "
    WITH asked AS MATERIALIZED (
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int8[], $4::bytea[], $5::timestamptz[],
                $6::timestamptz[], $7::timestamptz[], $8::text[], $9::text[], $10::uuid[],
                $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[])
            WITH ORDINALITY AS q (id, user_id, epoch, secret_hash, created_at, live_until, expires_at,
                address, user_agent, event_id, event, actor, event_address, request_id, old_hash,
                new_hash, place)),
     account AS MATERIALIZED (
        SELECT id, epoch, language, CASE WHEN email_confirmed_at IS NOT NULL THEN email END AS email
        FROM users WHERE id = ANY($2) AND locked_at IS NULL ORDER BY id FOR KEY SHARE),
     opened AS (
        INSERT INTO sessions (id, user_id, epoch, secret_hash, created_at, last_used_at, live_until,
                              expires_at, address, user_agent)
        SELECT q.id, q.user_id, q.epoch, q.secret_hash, q.created_at, q.created_at, q.live_until,
               q.expires_at, q.address, q.user_agent
        FROM asked q JOIN account a ON a.id = q.user_id AND a.epoch = q.epoch
        ORDER BY q.id ON CONFLICT (id) DO NOTHING RETURNING id),
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
        WHERE t.key = held.key AND t.key = ANY($18))",
            $more,
            "
    SELECT EXISTS (SELECT 1 FROM account a WHERE a.id = q.user_id AND a.epoch = q.epoch)
    FROM asked q ORDER BY q.place"
        )
    };
}

const OPEN: &str = open!("");

/// The same with mails. The clients of an account are looked at only for members with a mail and a
/// confirmed address. Their mails count against one limit, as one process has; several to one recipient
/// count once.
const OPEN_AND_TELL: &str = open!(concat!(
    ",
     tellable AS MATERIALIZED (
        SELECT m.id, m.kind, m.words, coalesce(a.language, m.language) AS language, a.email,
               q.user_id, q.user_agent
        FROM unnest($20::uuid[], $21::uuid[], $22::text[], $23::text[], $24::text[])
            AS m (session_id, id, kind, language, words)
        JOIN opened o ON o.id = m.session_id JOIN asked q ON q.id = m.session_id
        JOIN account a ON a.id = q.user_id AND a.email IS NOT NULL),
     told AS MATERIALIZED (
        SELECT m.*, 'm:' || m.kind || ':' || lower(m.email) AS key FROM tellable m
        WHERE (SELECT true FROM sessions s WHERE s.user_id = m.user_id
            AND s.user_agent IS NOT DISTINCT FROM m.user_agent LIMIT 1) IS NULL),",
    clock!(),
    ",",
    charge!(
        "charged",
        "unnest(ARRAY(SELECT DISTINCT key FROM told ORDER BY key))",
        "$25",
        "$26",
        "(SELECT count(*) FROM held) >= 0"
    ),
    ",
     mailed AS (
        INSERT INTO mails (id, kind, recipient, user_id, language, words, created_at, due_at)
        SELECT m.id, m.kind, m.email, m.user_id, m.language, m.words, now(), now() FROM told m
        WHERE NOT EXISTS (SELECT 1 FROM charged c WHERE c.key = m.key AND c.refused)
        ON CONFLICT (id) DO NOTHING)"
));

/// How many parameters [`OPEN`] has; the others are of the mails.
const OF_SESSIONS: usize = 19;

/// Opens sessions by the connections that are kept for it.
pub(super) struct Openings(pub(super) Database);

impl Kind for Openings {
    type Question = OpenSession;
    type Answer = Opened;

    async fn send(&self, openings: &[OpenSession]) -> Result<Vec<Result<Opened>>> {
        let rehash = |o: &OpenSession| o.rehash.clone().unzip();
        let (old_hashes, new_hashes): (Vec<_>, Vec<_>) = openings.iter().map(rehash).unzip();
        let refunds = || openings.iter().flat_map(|o| o.refunds.iter().map(move |r| (o, r)));
        let mails = || openings.iter().filter_map(|o| o.mail.as_ref().map(|m| (o, m)));
        let limit = mails().find_map(|(_, mail)| mail.limit);
        let params: Params<'_> = &[
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
            &mails().map(|(o, _)| o.session.id.uuid()).collect::<Vec<_>>(),
            &mails().map(|(_, m)| m.id.uuid()).collect::<Vec<_>>(),
            &mails().map(|(_, m)| m.kind.name()).collect::<Vec<_>>(),
            &mails().map(|(_, m)| m.language.as_str()).collect::<Vec<_>>(),
            &mails().map(|(_, m)| m.words.as_str()).collect::<Vec<_>>(),
            &limit.map(|cost| cost.step),
            &limit.map(|cost| cost.tolerance),
        ];
        let found = match mails().next() {
            None => self.0.tell_again(OPEN, &params[..OF_SESSIONS]).await?,
            Some(_) => self.0.tell_again(OPEN_AND_TELL, params).await?,
        };
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
