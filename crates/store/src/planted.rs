//! Bugs on purpose. A harness that finds nothing proves nothing until it is known that it finds something:
//! so each of these can be turned on, and the harness has to notice.
//!
//! All of it is behind the feature `planted-bugs`, which no release build can have. Which bug it is says
//! the variable [`VARIABLE`], as `name` or `name=argument`; without it nothing is broken. A bug of storage
//! is a [`broken`] store before the real one, so that the real one has no line of this in it.

#![expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "bugs, on purpose")]

#[cfg(not(debug_assertions))]
compile_error!("the feature `planted-bugs` is for debug builds: nobody may be served by one");

mod applications;
mod broken;
mod client_keys;
mod client_registrations;
mod device_codes;
mod exchange;
mod limiter;
mod logouts;
mod pushed_requests;
mod stale_row;

use std::sync::{Arc, LazyLock};

use crate::{Location, Postgres, PostgresOptions, Result, Store};
use broken::Broken;

/// Names the bug to turn on.
pub const VARIABLE: &str = "TOKENHOUSE_PLANTED_BUG";

static CHOSEN: LazyLock<Option<String>> = LazyLock::new(|| std::env::var(VARIABLE).ok());

/// Whether this is the bug that is turned on.
pub fn is(name: &str) -> bool {
    argument(name).is_some()
}

/// The argument of the bug, if it is the one that is turned on.
fn argument(name: &str) -> Option<&'static str> {
    let chosen = CHOSEN.as_deref()?;
    let (chosen, argument) = chosen.split_once('=').unwrap_or((chosen, ""));
    (chosen == name).then_some(argument)
}

/// Opens a PostgreSQL database with a bug before it; nothing when none is turned on.
pub(crate) fn open(
    location: &Location,
    options: PostgresOptions,
) -> Result<Option<Arc<dyn Store>>> {
    let Location::Postgres(url) = location else { return Ok(None) };
    if CHOSEN.is_none() {
        return Ok(None);
    }
    // The server answers before the commit is on its disk.
    let url = match is("asynchronous_commit") {
        true => format!("{url}?options=-c%20synchronous_commit%3Doff"),
        false => url.clone(),
    };
    let reads = argument("standby_reads").map(|standby| Postgres::open(standby, options));
    let reads = reads.transpose()?;
    Ok(Some(Arc::new(Broken::new(Postgres::open(&url, options)?, reads))))
}
