//! A database of an earlier release is brought up to this one, and what was in it is still there.

use tokenhouse_rules::document::Version;
use tokenhouse_rules::id::{SessionId, UserId};
use tokenhouse_store::SessionKey;
use uuid::Uuid;

use crate::{Outcome, connect, database, generous, open};

/// What migration 1 left behind: two users, of whom one has written a document twice.
const EARLIER: &str = "
    CREATE TABLE schema_migrations (
        version integer PRIMARY KEY, name text NOT NULL, compatible_with integer NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now());
    INSERT INTO schema_migrations VALUES (1, '0001_core', 1);
    INSERT INTO users (id, username, created_at) VALUES
        ('00000000-0000-0000-0000-000000000001', 'ada', now()),
        ('00000000-0000-0000-0000-000000000002', 'grace', now());
    INSERT INTO documents (user_id, body, version, updated_at) VALUES
        ('00000000-0000-0000-0000-000000000001', '{\"n\" : 1}', 3, now()),
        ('00000000-0000-0000-0000-000000000002', '{}', 1, now());
    INSERT INTO sessions (id, user_id, epoch, secret_hash, created_at, last_used_at, live_until,
                          expires_at)
        SELECT id, id, 1, decode(repeat('07', 32), 'hex'), now(), now(), now() + interval '1 hour',
               now() + interval '1 day' FROM users;";

#[tokio::test]
async fn documents_move_to_their_users_as_they_were() -> Outcome {
    let (_, _, url) = database().await?;
    let before = connect(&url).await?;
    before.batch_execute(include_str!("../../../../migrations/postgres/0001_core.sql")).await?;
    before.batch_execute(EARLIER).await?;

    let store = open(&url, generous())?;
    let applied: Vec<_> = store.migrate().await?.iter().map(|m| m.version).collect();
    assert_eq!(applied.first(), Some(&2));
    for (number, body, document) in [(1, r#"{"n" : 1}"#, 3), (2, "{}", 1)] {
        let id = Uuid::from_u128(number);
        let key = SessionKey {
            id: SessionId::from_uuid(id),
            user: UserId::from_uuid(id),
            secret_hash: [7; 32],
        };
        let read = store.session_with_data(&key).await?.ok_or("the session lives on")?;
        assert_eq!((read.body.as_str(), read.version), (body, Version { document, user: 1 }));
    }
    Ok(())
}
