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

/// Every statement gets one plan, which is kept: each looks a few rows up by their keys, whatever its parameters.
/// Left to itself the server makes a plan anew for each execution of a statement over arrays, since it takes an
/// unknown array to have ten members and finds a plan for a shorter one cheaper. A plan that is kept may be as old
/// as the table was empty, so it never walks through a whole table: it would go on to when the table is large, as
/// the one that gives attempts back did, at every login.
const PLANS: &str =
    "; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off";

/// What every new connection begins with.
pub(super) fn on_new_connections(options: &PostgresOptions) -> Hook {
    let most = (options.statement_timeout + LATER).as_millis();
    let sql = format!(
        "SELECT set_config(name, '{most}', false) FROM pg_settings
         WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout')
           AND setting::bigint NOT BETWEEN 1 AND {most}{PLANS}"
    );
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
