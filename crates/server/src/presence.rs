//! That a session is in use is written down, coarsely, by whatever its owner does: reads of data and pages alike.

use tokenhouse_rules::session::Expiry;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::SessionKey;

use crate::app::App;

/// Writes down that the session was used, when that is due. A database that takes no writes must not
/// make a read fail, so trouble is only logged.
pub(crate) async fn renew(app: &App, session: &SessionKey, expiry: Expiry, now: Timestamp) {
    if let Some(until) = app.settings.lifetime.renew(expiry, now)
        && let Err(error) = app.store.renew_session(session.id, until).await
    {
        app.log.failure("session_not_renewed", &error, "");
    }
}
