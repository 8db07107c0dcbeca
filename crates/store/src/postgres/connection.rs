//! Connections: made, lent, bounded in time, thrown away when in doubt.
//!
//! What failed before the statement was sent, or was undone by the server as a whole, may be tried again;
//! otherwise the outcome is unknown and only a statement that may be repeated is (`ask`, never `tell`). Nothing waits longer than the
//! two configured times together, so that a database that is away is a quick and honest answer.
//!
//! Behind a pooler that gives each transaction another connection (pgbouncer) no statement may be
//! prepared under a name: then every statement travels with its text and the types of its parameters.

use std::time::{Duration, Instant};

use deadpool_postgres::{
    HookError, Manager, ManagerConfig, Object, Pool, PoolError, QueueMode, RecyclingMethod,
    Runtime, Timeouts,
};
use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Config, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::bounds;
use super::param::Param;
use super::tls;
use crate::{Error, PostgresOptions, Result};

/// A failure that came sooner than this cost nothing worth mentioning.
pub(super) const QUICKLY: Duration = Duration::from_millis(100);

/// The parameters of a statement.
pub(super) type Params<'a> = &'a [&'a (dyn Param + Sync)];

/// How often a statement is sent of which nothing came.
const ATTEMPTS: usize = 3;

/// What came of a statement that was to be sent.
enum Outcome {
    Done(Vec<Row>),
    /// The connection was found closed, and nothing was sent.
    Closed,
    /// The server took it back as a whole.
    Undone(Error),
}

impl Outcome {
    /// What the server has undone for the sake of others (a deadlock, a conflict of transactions), or because a row
    /// went that it refers to, was certainly not carried out; sent again it finds things as they are now.
    fn of(answer: std::result::Result<Vec<Row>, tokio_postgres::Error>) -> Result<Self> {
        let error = match answer {
            Ok(rows) => return Ok(Self::Done(rows)),
            Err(error) => error,
        };
        let undone = [
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::FOREIGN_KEY_VIOLATION,
        ];
        match error.code().is_some_and(|state| undone.contains(state)) {
            true => Ok(Self::Undone(classify(error))),
            false => Err(classify(error)),
        }
    }
}

/// How to reach the server; several [`Database`]s may share it.
pub(super) struct Server {
    config: Config,
    tls: MakeRustlsConnect,
    options: PostgresOptions,
}

/// A number of connections to the server.
pub(super) struct Database {
    pool: Pool,
    statement_timeout: Duration,
    prepare: bool,
}

impl Server {
    pub(super) fn new(url: &str, options: PostgresOptions) -> Result<Self> {
        let (url, security) = tls::split(url)?;
        let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
            // The driver's message names the parameter, never the URL.
            Error::Driver(format!("the database URL cannot be understood: {error}").into())
        })?;
        config.connect_timeout(options.connect_timeout);
        config.keepalives_idle(Duration::from_secs(15));
        config.tcp_user_timeout(Duration::from_secs(10));
        if config.get_application_name().is_none() {
            config.application_name("tokenhouse");
        }
        config.ssl_mode(security.mode());
        Ok(Self { config, tls: security.connector()?, options })
    }

    /// Up to so many connections, made when they are needed.
    pub(super) fn connections(&self, most: usize) -> Result<Database> {
        let recycling_method = RecyclingMethod::Fast;
        let manager = Manager::from_config(
            self.config.clone(),
            self.tls.clone(),
            ManagerConfig { recycling_method },
        );
        let wait = Some(self.options.connect_timeout);
        let Self { options, .. } = self;
        let mut pool = Pool::builder(manager)
            .max_size(most)
            // The one that was used last first: each process of PostgreSQL maps the shared pages it meets by
            // itself, so few that have met them all are quicker than many that take turns.
            .queue_mode(QueueMode::Lifo)
            .timeouts(Timeouts { wait, create: wait, recycle: wait })
            .runtime(Runtime::Tokio1);
        if options.prepare {
            pool = pool.post_create(bounds::on_new_connections(options));
        }
        let pool = pool.build().map_err(|error| Error::Driver(Box::new(error)))?;
        Ok(Database {
            pool,
            statement_timeout: options.statement_timeout,
            prepare: options.prepare,
        })
    }
}

impl Database {
    /// A connection to use for several statements.
    pub(super) async fn lend(&self) -> Result<Object> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
                unavailable(error)
            }
            other => Error::Unavailable(other.to_string()),
        })
    }

    /// A question: may be asked twice.
    pub(super) async fn ask(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>> {
        let asked = Instant::now();
        match self.once(sql, params).await {
            // A pooled connection that a restart of the server left dead is found out by using it, and
            // at once. What took long would only take as long again.
            Err(Error::Unavailable(_)) if asked.elapsed() < QUICKLY => self.once(sql, params).await,
            other => other,
        }
    }

    /// A question with exactly one row for an answer.
    pub(super) async fn ask_one(&self, sql: &str, params: Params<'_>) -> Result<Row> {
        only(self.ask(sql, params).await?)
    }

    /// A write: sent at most once.
    pub(super) async fn tell(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>> {
        self.once(sql, params).await
    }

    /// A write with exactly one row for an answer.
    pub(super) async fn tell_one(&self, sql: &str, params: Params<'_>) -> Result<Row> {
        only(self.tell(sql, params).await?)
    }

    /// A write that repeats itself harmlessly, because its ids were made before it.
    pub(super) async fn tell_again(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>> {
        self.ask(sql, params).await
    }

    /// Until something came of it, at most thrice.
    async fn once(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>> {
        let mut last = Error::Unavailable("the server closed the connection".to_owned());
        for _ in 0..ATTEMPTS {
            match self.attempt(sql, params).await? {
                Outcome::Done(rows) => return Ok(rows),
                // Another connection may do.
                Outcome::Closed => {}
                Outcome::Undone(error) => last = error,
            }
        }
        Err(last)
    }

    /// It holds one connection at most: two that each held one and wanted another would wait for ever.
    async fn attempt(&self, sql: &str, params: Params<'_>) -> Result<Outcome> {
        let client = self.lend().await?;
        let work = async {
            match self.prepare {
                true => prepared(&client, sql, params).await,
                false => unprepared(&client, sql, params).await,
            }
        };
        if let Ok(answer) = timeout(self.statement_timeout, work).await {
            return answer;
        }
        // Whatever the server does with it, nobody must meet its late answer.
        drop(Object::take(client));
        Err(Error::Unavailable("the statement took too long".to_owned()))
    }

    /// Connections in use and idle.
    pub(super) fn connections(&self) -> (usize, usize) {
        let status = self.pool.status();
        (status.size.saturating_sub(status.available), status.available)
    }
}

async fn prepared(client: &Object, sql: &str, params: Params<'_>) -> Result<Outcome> {
    let statement = match client.prepare_cached(sql).await {
        Err(error) if error.is_closed() => return Ok(Outcome::Closed),
        other => other.map_err(classify)?,
    };
    Outcome::of(client.query(&statement, &values(params)).await)
}

/// One round trip all the same: text, types and values go together.
async fn unprepared(client: &Object, sql: &str, params: Params<'_>) -> Result<Outcome> {
    let typed: Vec<_> =
        values(params).into_iter().zip(params.iter().map(|param| param.kind())).collect();
    Outcome::of(client.query_typed(sql, &typed).await)
}

fn values<'a>(params: Params<'a>) -> Vec<&'a (dyn ToSql + Sync)> {
    params.iter().map(|param| *param as &(dyn ToSql + Sync)).collect()
}

fn only(mut rows: Vec<Row>) -> Result<Row> {
    match rows.pop() {
        Some(row) if rows.is_empty() => Ok(row),
        _ => Err(Error::Corrupt("one row was expected".to_owned())),
    }
}

fn unavailable(error: tokio_postgres::Error) -> Error {
    Error::Unavailable(describe(&error))
}

/// Trouble with the server against a defect of ours.
pub(super) fn classify(error: tokio_postgres::Error) -> Error {
    let Some(state) = error.code() else { return Error::Unavailable(describe(&error)) };
    let class = state.code().get(..2).unwrap_or_default();
    // 08 connection, 25 read-only, 40 serialisation and deadlock, 53 resources, 55 locks,
    // 57 operator intervention, 58 system error.
    if ["08", "25", "40", "53", "55", "57", "58"].contains(&class) {
        return unavailable(error);
    }
    if *state == SqlState::UNDEFINED_TABLE {
        return Error::Unavailable(
            "the schema is not there yet; run `tokenhouse db migrate`".into(),
        );
    }
    Error::Driver(Box::new(error))
}

/// The whole chain of causes on one line; the driver's own text alone says only "db error".
fn describe(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(db) => format!("{} ({})", db.message(), db.code().code()),
        None => {
            let cause = std::error::Error::source(error);
            cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
        }
    }
}
