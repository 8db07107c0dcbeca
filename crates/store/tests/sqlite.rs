//! What is true of the SQLite engine alone: a file of an earlier release is brought up to this one, and what
//! was in it is still there. What it answers is the contract's business.

use std::path::Path;

use rusqlite::Connection;
use tempfile::TempDir;
use tokenhouse_rules::document::Version;
use tokenhouse_rules::id::{SessionId, UserId};
use tokenhouse_store::{Location, PostgresOptions, SessionKey, SignIn};
use uuid::Uuid;

/// What a case gives: trouble of any kind fails it like an assertion.
type Outcome = Result<(), Box<dyn std::error::Error>>;

/// What migration 2 left behind: two users, of whom one has written a document twice; an ended session
/// of one who is gone is not there, since sessions go with their users.
const EARLIER: &str = "
    CREATE TABLE schema_migrations (
        version INTEGER PRIMARY KEY, name TEXT NOT NULL, compatible_with INTEGER NOT NULL,
        applied_at INTEGER NOT NULL) STRICT;
    INSERT INTO schema_migrations VALUES (1, '0001_core', 1, 0), (2, '0002_document_with_user', 1, 0);
    INSERT INTO users (id, username, email, created_at, version, epoch) VALUES
        (x'00000000000000000000000000000002', 'Grace', 'grace@example.org', 20, 1, 1),
        (x'00000000000000000000000000000001', 'Ada', NULL, 10, 5, 4);
    INSERT INTO login_names VALUES
        ('ada', x'00000000000000000000000000000001'),
        ('grace', x'00000000000000000000000000000002'),
        ('grace@example.org', x'00000000000000000000000000000002');
    INSERT INTO passwords SELECT id, 'hash of ' || username, 30 FROM users;
    INSERT INTO documents (user_id, body, version, updated_at) VALUES
        (x'00000000000000000000000000000001', '{\"n\" : 1}', 3, 40),
        (x'00000000000000000000000000000002', '{}', 1, 40);
    INSERT INTO sessions
        SELECT id, id, epoch, unhex(printf('%064d', 0)), 50, 60, 9000000000000000, 9100000000000000,
               '192.0.2.7', 'Browser/1.0' FROM users;";

fn earlier(file: &Path) -> rusqlite::Result<Connection> {
    let before = Connection::open(file)?;
    before.execute_batch(include_str!("../../../migrations/sqlite/0001_core.sql"))?;
    before.execute_batch(EARLIER)?;
    Ok(before)
}

fn key(number: u128) -> SessionKey {
    let id = Uuid::from_u128(number);
    SessionKey { id: SessionId::from_uuid(id), user: UserId::from_uuid(id), secret_hash: [0; 32] }
}

#[tokio::test]
async fn everything_of_an_earlier_file_is_found_by_the_users_numbers() -> Outcome {
    let folder = TempDir::new()?;
    let file = folder.path().join("tokenhouse.db");
    drop(earlier(&file)?);

    let store = Location::Sqlite(file.clone()).open(PostgresOptions::default())?;
    let applied: Vec<_> = store.migrate().await?.iter().map(|m| m.version).collect();
    assert_eq!(applied.first(), Some(&3));
    for (number, name, body, version) in [
        (1, "Ada", r#"{"n" : 1}"#, Version { document: 3, user: 5 }),
        (2, "Grace", "{}", Version { document: 1, user: 1 }),
    ] {
        let key = key(number);
        let read = store.session_with_data(&key).await?.ok_or("the session lives on")?;
        assert_eq!((read.body.as_str(), read.version), (body, version));
        assert_eq!(read.user.username, name);
        let listed = store.sessions(&key, None, 10).await?.ok_or("the session lives on")?;
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].user_agent.as_deref(), Some("Browser/1.0"));
    }
    let question = SignIn {
        name: "grace@example.org".to_owned(),
        address: None,
        account: None,
        unknown_key: "nobody".to_owned(),
    };
    let known = store.sign_in_facts(question).await?.credential.ok_or("she has signed up")?;
    assert_eq!((known.hash.as_str(), known.user.id), ("hash of Grace", key(2).user));
    Ok(())
}

#[tokio::test]
async fn nothing_of_the_earlier_layout_stays_and_every_reference_holds() -> Outcome {
    let folder = TempDir::new()?;
    let file = folder.path().join("tokenhouse.db");
    drop(earlier(&file)?);
    Location::Sqlite(file.clone()).open(PostgresOptions::default())?.migrate().await?;

    let after = Connection::open(&file)?;
    let number = |sql: &str| after.query_row(sql, [], |row| row.get::<_, i64>(0));
    let old = r"SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%old\_%' ESCAPE '\'";
    assert_eq!(number(old)?, 0);
    assert_eq!(number("SELECT count(*) FROM sqlite_schema WHERE name = 'documents'")?, 0);
    assert_eq!(number("SELECT count(*) FROM pragma_foreign_key_check")?, 0);
    after.execute_batch("PRAGMA foreign_keys = ON; DELETE FROM users WHERE username = 'Grace'")?;
    for table in ["users", "login_names", "passwords", "sessions"] {
        assert_eq!(number(&format!("SELECT count(*) FROM {table}"))?, 1, "{table}");
    }
    Ok(())
}
