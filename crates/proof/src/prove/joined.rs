//! The one place where checks that are no scenarios join the summary: each line adds a list of
//! [`Check`]s.

use anyhow::Result;

use crate::check::Check;
use crate::scenario::Context;
use crate::{planted, sqlite, stateless};

/// All that have joined, one after the other. The short form has none: their own short forms are tests of
/// the crate, and the bugs need a second build of the program.
pub(super) async fn all(ctx: &Context) -> Vec<Check> {
    if ctx.quick {
        return Vec::new();
    }
    let mut checks = Vec::new();
    let planted = planted::run(planted::Selection::Every).await;
    add(&mut checks, "planted", "every planted bug is caught", planted);
    let stateless = stateless::run(false).await;
    add(&mut checks, "stateless", "processes hold no state", stateless);
    let sqlite = sqlite::run(false).await;
    add(&mut checks, "sqlite", "the embedded database survives crashes", sqlite);
    checks
}

/// What could not even be started is a failure too.
fn add(checks: &mut Vec<Check>, id: &'static str, what: &str, ran: Result<Vec<Check>>) {
    match ran {
        Ok(more) => checks.extend(more),
        Err(error) => checks.push(Check::of(id, what, &Err::<(), _>(error))),
    }
}
