//! One connection to the file: how it is set up, by which clock it judges, and what its errors mean.

use std::path::Path;
use std::time::{Duration, SystemTime};

use rusqlite::Connection;
use tokenhouse_rules::time::Timestamp;

use crate::Error;

/// The machine's clock. Every process that can open the file shares it.
#[expect(clippy::disallowed_methods, reason = "the embedded database's clock is the machine's")]
pub(super) fn clock() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

/// Opens one connection with the settings every one of them needs. That the file is in WAL mode is the
/// writer's business ([`super::writer::Writer::start`]): it is a property of the file and lasts.
///
/// The log is copied into the file when it has 4000 pages: pages that many transactions write are copied
/// once for all of them, and up to 4062 are found by one look into the log's index.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_handler(Some(|tries| {
        // Only foreign programs are met here (ours queue on a file lock): short steps, five seconds.
        std::thread::sleep(Duration::from_millis(1));
        tries < 5_000
    }))?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA cache_size = -4000; PRAGMA mmap_size = 268435456; PRAGMA temp_store = MEMORY;
         PRAGMA wal_autocheckpoint = 4000;",
    )?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error.sqlite_error_code() {
            Some(
                Code::DatabaseBusy
                | Code::DatabaseLocked
                | Code::ReadOnly
                | Code::SystemIoFailure
                | Code::DiskFull
                | Code::CannotOpen
                | Code::OutOfMemory
                | Code::PermissionDenied
                | Code::FileLockingProtocolFailed,
            ) => Self::Unavailable(error.to_string()),
            _ if error.to_string().starts_with("no such table") => {
                Self::Unavailable("the schema is not there yet; run `tokenhouse db migrate`".into())
            }
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => Self::Corrupt(error.to_string()),
            _ => Self::Driver(Box::new(error)),
        }
    }
}
