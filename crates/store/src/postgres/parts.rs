//! Parts of statements that several of them share: the audit row, a count against a limit, the mail with
//! its throttle, the link. Each stands once and is put into its statements when this is compiled.
//!
//! What an audit row or a mail consists of travels as one array of texts, so that it is one parameter.

use crate::{NewMail, Refund, Trail};

/// The audit row of a fact as the part `noted`: `$trail` is what [`trail`] gives. Whom and which session
/// it concerns are columns of the part that it comes `from`, without whose row nothing is noted.
macro_rules! noted {
    ($trail:literal, $user:literal, $session:literal, $from:literal) => {
        $crate::postgres::parts::noted!($trail, $user, $session, $from, "")
    };
    ($trail:literal, $user:literal, $session:literal, $from:literal, $returning:literal) => {
        concat!(
            "noted AS (
                INSERT INTO audit_events
                    (id, at, event, actor, user_id, session_id, address, request_id)
                SELECT (",
            $trail,
            "::text[])[1]::uuid, now(), (",
            $trail,
            "::text[])[2], (",
            $trail,
            "::text[])[3], ",
            $user,
            ", ",
            $session,
            ", (",
            $trail,
            "::text[])[4], (",
            $trail,
            "::text[])[5] FROM ",
            $from,
            " ON CONFLICT (id) DO NOTHING ",
            $returning,
            ")"
        )
    };
}
pub(super) use noted;

/// The instant of a count.
macro_rules! clock {
    () => {
        "clock AS MATERIALIZED (SELECT (extract(epoch FROM now()) * 1000000)::bigint AS at)"
    };
}
pub(super) use clock;

/// The instant of a count, and its commit without the disk. Materialised, since the setting is volatile.
macro_rules! counted_at {
    () => {
        "clock AS MATERIALIZED (
            SELECT (extract(epoch FROM now()) * 1000000)::bigint AS at,
                   set_config('synchronous_commit', 'off', true) AS commit)"
    };
}
pub(super) use counted_at;

/// Charges a key (or several, in their order) inside a statement, after [`clock`] or [`counted_at`]: `$key`
/// and `$step`, `$tolerance` in microseconds; nothing when the step is null. `refused` tells the answer
/// apart from an admitted charge.
///
/// Rows are locked address first, then account, then recipients of mails, wherever several are touched,
/// so that no two statements can deadlock.
macro_rules! charge {
    ($name:expr, $key:expr, $step:expr, $tolerance:expr, $when:expr) => {
        concat!(
            $name,
            " AS (INSERT INTO throttles AS t (key, arrival)
                SELECT ",
            $key,
            ", clock.at + ",
            $step,
            "::bigint FROM clock
                WHERE ",
            $step,
            "::bigint IS NOT NULL AND ",
            $when,
            "
                ON CONFLICT (key) DO UPDATE SET
                    refused = greatest(t.arrival, (SELECT at FROM clock)) + ",
            $step,
            "::bigint
                              > (SELECT at FROM clock) + ",
            $tolerance,
            "::bigint,
                    arrival = CASE WHEN greatest(t.arrival, (SELECT at FROM clock)) + ",
            $step,
            "::bigint
                                        > (SELECT at FROM clock) + ",
            $tolerance,
            "::bigint
                                   THEN greatest(t.arrival, (SELECT at FROM clock))
                                   ELSE greatest(t.arrival, (SELECT at FROM clock)) + ",
            $step,
            "::bigint END
                RETURNING t.key, refused,
                    arrival + ",
            $step,
            "::bigint - ",
            $tolerance,
            "::bigint - (SELECT at FROM clock) AS wait)"
        )
    };
}
pub(super) use charge;

/// Gives charged attempts back, in the order in which they are taken: `$keys`, `$steps`.
macro_rules! refunds {
    ($keys:literal, $steps:literal, $when:literal) => {
        concat!(
            "held AS MATERIALIZED (
                SELECT t.key, r.step FROM throttles t
                JOIN unnest(", $keys, "::text[], ", $steps, "::bigint[]) AS r(key, step) ON r.key = t.key
                WHERE ", $when, " ORDER BY t.key FOR UPDATE OF t),
             refunded AS (
                UPDATE throttles t SET arrival = t.arrival - held.step FROM held WHERE t.key = held.key)"
        )
    };
}
pub(super) use refunds;

/// All attempts of the account that is `changed` are given back.
macro_rules! forgiven {
    () => {
        "forgiven AS (
            DELETE FROM throttles t USING changed c WHERE t.key = 'u:' || c.id::text)"
    };
}
pub(super) use forgiven;

/// A mail as the part `$name`, after [`clock`]: `$mail` is what [`mail`] gives, `$to` selects its
/// recipient, whom it is about, the language she chose and the link in it. It counts against the
/// recipient's limit for its kind (`mail_key`); over the limit it is left out. One that is there already
/// (the statement is being repeated) costs nothing.
macro_rules! mailed {
    ($name:literal, $mail:literal, $to:literal) => {
        concat!(
            $name,
            "_to AS MATERIALIZED (
                SELECT whom.* FROM (",
            $to,
            ") AS whom (recipient, user_id, language, link_id)
                WHERE (",
            $mail,
            "::text[])[1] IS NOT NULL
                  AND NOT EXISTS (SELECT 1 FROM mails WHERE id = (",
            $mail,
            "::text[])[1]::uuid)),",
            $crate::postgres::parts::charge!(
                concat!($name, "_counted"),
                concat!(
                    "(SELECT 'm:' || (",
                    $mail,
                    "::text[])[2] || ':' || lower(recipient) FROM ",
                    $name,
                    "_to)"
                ),
                concat!("(", $mail, "::text[])[5]"),
                concat!("(", $mail, "::text[])[6]"),
                concat!("EXISTS (SELECT 1 FROM ", $name, "_to)")
            ),
            ",",
            $name,
            " AS (
                INSERT INTO mails (id, kind, recipient, user_id, language, words, link_id,
                                   created_at, due_at)
                SELECT (",
            $mail,
            "::text[])[1]::uuid, (",
            $mail,
            "::text[])[2], whom.recipient, whom.user_id, coalesce(whom.language, (",
            $mail,
            "::text[])[3]), (",
            $mail,
            "::text[])[4], whom.link_id, now(), now()
                FROM ",
            $name,
            "_to whom WHERE NOT coalesce((SELECT refused FROM ",
            $name,
            "_counted), false)
                ON CONFLICT (id) DO NOTHING RETURNING user_id, link_id)"
        )
    };
}
pub(super) use mailed;

/// A new link as the part `linked`: its purpose, whom and which address it is for and the epoch it is
/// worth something in are columns of the part that it comes `from`.
macro_rules! linked {
    ($id:literal, $lifetime:literal, $columns:literal, $from:literal) => {
        concat!(
            "linked AS (
                INSERT INTO links (id, purpose, user_id, email, epoch, created_at, expires_at)
                SELECT ",
            $id,
            "::uuid, ",
            $columns,
            ", now(), now() + ",
            $lifetime,
            "::float8 * interval '1 second'
                FROM ",
            $from,
            " ON CONFLICT (id) DO NOTHING RETURNING id, user_id, email)"
        )
    };
}
pub(super) use linked;

/// The links to confirm an address end that were made before `$but`, of the users in the part `$of`. They
/// expired when they were made, whatever instant it is for a statement that waits for the row.
macro_rules! unlinked {
    ($of:literal, $but:literal) => {
        concat!(
            "unlinked AS (
                UPDATE links l SET expires_at = l.created_at FROM ",
            $of,
            " whose WHERE l.user_id = whose.id AND l.purpose = 'confirm' AND l.used_at IS NULL
                  AND l.id IS DISTINCT FROM ",
            $but,
            "::uuid)"
        )
    };
}
pub(super) use unlinked;

/// The address of a user `u` that is to be confirmed, if one is.
macro_rules! to_confirm {
    () => {
        "coalesce(u.pending_email, CASE WHEN u.email_confirmed_at IS NULL THEN u.email END)"
    };
}
pub(super) use to_confirm;

/// An audit row, as [`noted`] takes it.
pub(super) fn trail(trail: &Trail) -> Vec<Option<String>> {
    vec![
        Some(trail.id.to_string()),
        Some(trail.event.name().to_owned()),
        Some(trail.actor.name().to_owned()),
        trail.address.clone(),
        trail.request_id.clone(),
    ]
}

/// A mail, as [`mailed`] takes it; nothing for none.
pub(super) fn mail(mail: Option<&NewMail>) -> Vec<Option<String>> {
    let Some(mail) = mail else { return Vec::new() };
    vec![
        Some(mail.id.to_string()),
        Some(mail.kind.name().to_owned()),
        Some(mail.language.clone()),
        Some(mail.words.clone()),
        mail.limit.map(|cost| cost.step.to_string()),
        mail.limit.map(|cost| cost.tolerance.to_string()),
    ]
}

/// Attempts to be given back, as [`refunds`] takes them: keys and steps.
pub(super) fn given_back(refunds: &[Refund]) -> (Vec<&str>, Vec<i64>) {
    refunds.iter().map(|refund| (refund.key.as_str(), refund.step)).unzip()
}
