//! Every cut point: each endpoint × each message between the process and PostgreSQL × each fault.
//!
//! One process is asked through a [`fault_proxy`](crate::fault_proxy) that cuts at an exact message; a
//! second one, the witness, and SQL tell afterwards what became of it. What holds in every case:
//!
//! - an acknowledged request has happened, and one that was not acknowledged has happened whole or not
//!   at all: the rows of the person are exactly those of before or of after (`facts`);
//! - a living process answers, within its timeouts, the success or 503 with `Retry-After`; never 401 for
//!   a good token, never 500;
//! - when the fault is over the process serves, every token means what the rows say, and the repeated
//!   request has the outcome that the rows call for.
//!
//! The requests and their effects are in `endpoint` and `provider/endpoint`, what a case is in
//! `points`, how it goes in `case`, the servers in `stage`.

mod case;
mod endpoint;
mod facts;
mod person;
mod points;
mod provider;
mod report;
mod stage;

use anyhow::{Context, Result};
use futures_util::future::try_join_all;

pub use points::{Case, Fault};
pub use report::{Failed, Report};

use endpoint::Endpoint;
use points::Points;
use stage::Stage;

/// Which of the cases are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All of them.
    Every,
    /// Of each endpoint and fault those where nothing is sent and where a statement is there whole and
    /// its reply is lost, and one more that differs from endpoint to endpoint. Of the provider's endpoints each
    /// statement's reply is lost in one way, which differs from endpoint to endpoint.
    Few,
}

/// Runs the cases, on `lanes` independent sets of servers at once.
///
/// # Errors
/// When the servers cannot be started or an endpoint does not work without a fault. A case that fails
/// is no error: it is in the report.
pub async fn run(selection: Selection, lanes: usize) -> Result<Report> {
    let lanes = lanes.clamp(1, endpoints().count());
    let reports = try_join_all((0..lanes).map(|lane| run_lane(selection, lane, lanes))).await?;
    Ok(reports.into_iter().fold(Report::default(), Report::and))
}

fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    endpoint::ALL.iter().chain(provider::ALL)
}

async fn run_lane(selection: Selection, lane: usize, lanes: usize) -> Result<Report> {
    let mut stage = Stage::start().await?;
    let mut report = Report::default();
    for (place, endpoint) in endpoints().enumerate().skip(lane).step_by(lanes) {
        let points = Points::of(&stage, endpoint).await?;
        report.recorded(endpoint.name, &points);
        for case in points.cases(endpoint, selection, place) {
            // The reason of a 503 is in the process's log only.
            let outcome = case::run(&mut stage, endpoint, case)
                .await
                .with_context(|| stage.last_refusal().unwrap_or_default());
            report.ran(case, outcome);
            stage.make_ready(endpoint).await?;
        }
    }
    report.refusals = stage.refusals();
    Ok(report)
}
