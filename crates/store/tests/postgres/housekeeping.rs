//! Deleting what has expired looks at what has expired, however much there is besides.

use std::time::Instant;

use crate::{Outcome, PATIENCE, database, generous, open};

/// In each table 100,000 rows that stay and 700 that go; analysed, as a server does by itself.
const MANY_ROWS: &str = "
    CREATE FUNCTION id_at(at timestamptz) RETURNS uuid LANGUAGE sql AS $$
        SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7'
                || left(md5(random()::text), 3) || '8' || left(md5(random()::text), 15))::uuid $$;
    INSERT INTO users (id, username, created_at) VALUES (id_at(now()), 'ada', now());
    INSERT INTO sessions
        SELECT id_at(now()), (SELECT id FROM users), 1, '', now(), now(),
               now() + CASE WHEN n <= 700 THEN interval '-1 minute' ELSE interval '1 day' END, now()
        FROM generate_series(1, 100700) n;
    INSERT INTO throttles
        SELECT 'a:' || n, (extract(epoch FROM now()) * 1000000)::bigint
               + CASE WHEN n <= 700 THEN -1000000 ELSE 86400000000 END
        FROM generate_series(1, 100700) n;
    INSERT INTO audit_events
        SELECT id_at(at), at, 'session.opened', 'user', (SELECT id FROM users)
        FROM generate_series(1, 100700) n,
             LATERAL (SELECT now() - CASE WHEN n <= 700 THEN interval '40 days' ELSE interval '20 days' END
                             + n * interval '1 second' AS at) t;
    INSERT INTO links (id, purpose, created_at, expires_at)
        SELECT id_at(now()), 'invite', now(),
               now() + CASE WHEN n <= 700 THEN interval '-8 days' ELSE interval '1 day' END
        FROM generate_series(1, 100700) n;
    INSERT INTO mails (id, kind, recipient, language, words, created_at, due_at, sent_at)
        SELECT id_at(now()), 'confirm', 'ada', 'en', '{}', now(), now(),
               now() - CASE WHEN n <= 700 THEN interval '8 days' ELSE interval '1 day' END
        FROM generate_series(1, 100700) n;
    INSERT INTO clients (id, settings, created_at, updated_at) VALUES ('app', '{}', now(), now());
    INSERT INTO codes (id, secret_hash, client_id, user_id, session_id, epoch, authorized, created_at,
                       expires_at)
        SELECT id_at(now()), '', 'app', (SELECT id FROM users), id_at(now()), 1, '{}', now(),
               now() + CASE WHEN n <= 700 THEN interval '-1 minute' ELSE interval '1 day' END
        FROM generate_series(1, 100700) n;
    INSERT INTO grants (id, client_id, user_id, epoch, authorized, rotated_at, created_at, last_used_at,
                        live_until, expires_at)
        SELECT id_at(now()), 'app', (SELECT id FROM users), 1, '{}', now(), now(), now(),
               now() + CASE WHEN n <= 700 THEN interval '-24 hours' ELSE interval '1 minute' END, now()
        FROM generate_series(1, 100700) n;
    INSERT INTO used_once
        SELECT sha256(n::text::bytea),
               now() + CASE WHEN n <= 700 THEN interval '-1 minute' ELSE interval '1 day' END
        FROM generate_series(1, 100700) n;
    INSERT INTO users (id, username, created_at, delete_after)
        SELECT id_at(now()), 'grace', now(),
               now() + CASE WHEN n <= 700 THEN interval '-1 minute' ELSE interval '1 day' END
        FROM generate_series(1, 100700) n;
    ANALYZE";

#[tokio::test(flavor = "multi_thread")]
async fn deleting_what_expired_looks_at_little_else() -> Outcome {
    let (cluster, name, url) = database().await?;
    let store = open(&url, generous())?;
    store.migrate().await?;
    cluster.psql(&name, MANY_ROWS).await?;
    let tables = "FROM pg_stat_user_tables WHERE relname IN
        ('sessions', 'throttles', 'audit_events', 'links', 'mails', 'users', 'codes', 'grants', 'used_once')";
    let looked_at = format!("SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) {tables}");
    // The server counts late: what a connection did is told at the latest when it ends.
    let before: u64 = cluster.psql(&name, &looked_at).await?.parse()?;
    let month = std::time::Duration::from_secs(30 * 86_400);
    assert_eq!(store.delete_expired(500, month).await?, 4_500);
    assert_eq!(store.delete_expired(500, month).await?, 1_800);
    assert_eq!(store.delete_expired(500, month).await?, 0);
    drop(store);
    let deleted = format!("SELECT sum(n_tup_del) {tables}");
    let since = Instant::now();
    while cluster.psql(&name, &deleted).await? != "6300" {
        assert!(since.elapsed() < PATIENCE, "the server does not count what was deleted");
    }
    let after: u64 = cluster.psql(&name, &looked_at).await?.parse()?;
    let each = (after - before) as f64 / 6_300.0;
    assert!(each < 5.0, "{each} rows were looked at for each that was deleted");
    Ok(())
}
