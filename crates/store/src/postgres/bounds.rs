//! How long the server itself works on a statement, and waits within a transaction.
//!
//! A client that gave up has closed its connection, which a server does not notice while it works or
//! waits for a lock: the statement would go on for nobody, and hold what it has locked. So each new
//! connection is told to end it, a little after we would have. Something stricter, by the URL's `options`
//! or the role's settings, stays. Behind a pooler nothing is set: what one client sets there another
//! one meets.

use std::time::Duration;

use deadpool_postgres::{Hook, HookError};
use tokio::time::timeout;

use crate::PostgresOptions;

/// How much later than here a statement ends at the server: an answer that is on its way is not cut off.
const LATER: Duration = Duration::from_millis(500);

/// Which plans a connection's prepared statements get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plans {
    /// The server decides.
    Usual,
    /// One for all parameters. For statements over arrays: the server takes an unknown array to have ten
    /// members, so for a shorter one it finds a plan of its own cheaper, and makes it anew each time.
    /// A plan that is kept may be as old as the table was empty, so it never walks through a whole table:
    /// it would go on to when the table is large.
    Kept,
}

/// What every new connection begins with.
pub(super) fn on_new_connections(options: &PostgresOptions, plans: Plans) -> Hook {
    let most = (options.statement_timeout + LATER).as_millis();
    let mut sql = format!(
        "SELECT set_config(name, '{most}', false) FROM pg_settings
         WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout')
           AND setting::bigint NOT BETWEEN 1 AND {most}"
    );
    if plans == Plans::Kept {
        sql.push_str(
            "; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off",
        );
    }
    let patience = options.connect_timeout;
    Hook::async_fn(move |client, _| {
        let sql = sql.clone();
        Box::pin(async move {
            let set = timeout(patience, client.simple_query(&sql)).await;
            let set =
                set.map_err(|_| HookError::message("the server did not take its settings"))?;
            set.map(|_| ()).map_err(HookError::Backend)
        })
    })
}

/// Takes the bound off for the transaction that begins: a migration takes as long as it takes, and so
/// does waiting for somebody else's.
pub(super) const UNBOUND: &str = "SET LOCAL statement_timeout = 0";
