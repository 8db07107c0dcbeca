//! Rows of sessions inserted one by one, each its own transaction, durable like the store's. It writes
//! less than the store does: no row of the audit trail.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Result;
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use tokenhouse_store::{Engine, Location, PostgresOptions};
use tokio_postgres::NoTls;

use crate::fill::person;
use crate::row::Fresh;

/// Tasks at once, of both.
pub(crate) const TASKS: usize = 256;

/// SQLite's table knows the owner by the number of her row.
const INSERT_SQLITE: &str =
    "INSERT INTO sessions (id, user, epoch, secret_hash, created_at, last_used_at,
        live_until, expires_at, address, user_agent)
    VALUES (?1, (SELECT number FROM users WHERE id = ?2), 1, ?3, ?4, ?4, ?5, ?6, ?7, ?8)";

const INSERT: &str =
    "INSERT INTO sessions (id, user_id, epoch, secret_hash, created_at, last_used_at,
        live_until, expires_at, address, user_agent)
    VALUES ($1, $2, 1, $3, $4, $4, $5, $6, $7, $8)";

/// The yardstick of either engine.
pub(crate) enum OneByOne {
    Postgres(Pool),
    Sqlite(PathBuf),
}

impl OneByOne {
    pub(crate) fn open(url: &str) -> Result<Self> {
        Ok(match Location::parse(url)? {
            Location::Sqlite(path) => Self::Sqlite(path),
            Location::Postgres(url) => {
                let fast = ManagerConfig { recycling_method: RecyclingMethod::Fast };
                let manager = Manager::from_config(url.parse()?, NoTls, fast);
                let connections = PostgresOptions::default().connections;
                Self::Postgres(Pool::builder(manager).max_size(connections).build()?)
            }
        })
    }

    /// What it does, for the note.
    pub(crate) fn what(engine: Engine) -> String {
        match engine {
            Engine::Postgres => {
                let connections = PostgresOptions::default().connections;
                format!("one by one: {TASKS} tasks at a pool of {connections} connections")
            }
            Engine::Sqlite => "one by one: on one connection, synchronous = FULL".to_owned(),
        }
    }

    /// Inserts a second.
    pub(crate) async fn per_second(&mut self, fresh: &Arc<Fresh>, turn: Duration) -> Result<f64> {
        match self {
            Self::Postgres(pool) => postgres(pool, fresh, turn).await,
            Self::Sqlite(path) => tokio::task::block_in_place(|| sqlite(path, fresh, turn)),
        }
    }
}

async fn postgres(pool: &Pool, fresh: &Arc<Fresh>, turn: Duration) -> Result<f64> {
    let began = Instant::now();
    let tasks = (0..TASKS).map(|_| {
        let (pool, fresh) = (pool.clone(), Arc::clone(fresh));
        tokio::spawn(async move {
            let mut count = 0u32;
            while began.elapsed() < turn {
                let client = pool.get().await?;
                let statement = client.prepare_cached(INSERT).await?;
                let (owner, session, _) = fresh.next();
                let expiry = session.expiry;
                client
                    .execute(
                        &statement,
                        &[
                            &session.id.uuid(),
                            &person::user_id(owner).uuid(),
                            &session.secret_hash.as_slice(),
                            &SystemTime::from(session.created_at),
                            &SystemTime::from(expiry.live_until),
                            &SystemTime::from(expiry.expires_at),
                            &session.address,
                            &session.user_agent,
                        ],
                    )
                    .await?;
                count += 1;
            }
            anyhow::Ok(count)
        })
    });
    let mut total = 0;
    for task in tasks.collect::<Vec<_>>() {
        total += task.await??;
    }
    Ok(f64::from(total) / began.elapsed().as_secs_f64())
}

fn sqlite(path: &PathBuf, fresh: &Fresh, turn: Duration) -> Result<f64> {
    let connection = rusqlite::Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")?;
    let began = Instant::now();
    let mut count = 0u32;
    while began.elapsed() < turn {
        let (owner, session, _) = fresh.next();
        let expiry = session.expiry;
        connection.prepare_cached(INSERT_SQLITE)?.execute(rusqlite::params![
            session.id.uuid().into_bytes(),
            person::user_id(owner).uuid().into_bytes(),
            session.secret_hash,
            session.created_at.micros(),
            expiry.live_until.micros(),
            expiry.expires_at.micros(),
            session.address,
            session.user_agent,
        ])?;
        count += 1;
    }
    Ok(f64::from(count) / began.elapsed().as_secs_f64())
}
