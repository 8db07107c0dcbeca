//! The operator of a run: locks accounts by the command line, against the same database.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::generator::Locker;
use crate::history::{Outcome, Refusal, Seen, Trouble};
use crate::server::run;

/// An operator who reaches the database by that URL.
#[must_use]
pub fn by_command_line(url: &str) -> Locker {
    let url = url.to_owned();
    Arc::new(move |name: String, lock: bool| -> BoxFuture<'static, Outcome> {
        let url = url.clone();
        async move {
            let action = if lock { "lock" } else { "unlock" };
            match run(&["user", action, &name], &[("DATABASE_URL", &url)], "").await {
                Ok(output) if output.status.success() => Outcome::Ok(Seen::default()),
                Ok(output) if output.stderr.contains("there is no user") => {
                    Outcome::Fail(Refusal::Other { status: 404, code: "no_such_user".to_owned() })
                }
                // It may have been done all the same.
                Ok(output) => {
                    Outcome::Unknown(Trouble::Connection(output.stderr.trim().to_owned()))
                }
                Err(error) => Outcome::Unknown(Trouble::Connection(format!("{error:#}"))),
            }
        }
        .boxed()
    })
}
