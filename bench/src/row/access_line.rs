//! Row 9: what the access line costs. Two servers that differ in nothing else answer the same requests in
//! many short turns; each pair of turns gives one difference.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokenhouse_store::Engine;

use crate::figure::{Bar, Figure};
use crate::ground::Ground;
use crate::load::Reads;
use crate::plan::Plan;
use crate::server::{Server, shipped};
use crate::stats;
use crate::table::Table;
use crate::turn::{self, CONNECTIONS, Metered};

const BAR: Bar = Bar::AtMost { bar: 2.0, stretch: 1.0 };
/// The difference is a tenth of what it is a difference of, so more and shorter rounds than elsewhere.
const FINER: usize = 3;

pub(super) async fn measure(ground: &Ground, table: &mut Table) -> Result<()> {
    let place = ground.place(Engine::Sqlite).await?;
    let silent = Server::start(shipped(&place.url)).await?;
    let telling = Server::start(shipped(&place.url).env("TOKENHOUSE_ACCESS_LOG", "on")).await?;
    let turn = (ground.plan.turn / 2).max(Duration::from_millis(500));
    let plan = Plan { turn, ..ground.plan };
    let mut reads = Reads::of(&place.people);
    let mut used = |server: &Server| -> Result<(f64, u64)> {
        let metered = Metered { server: server.pid(), database: None };
        let turn = turn::metered(&plan, server.addr(), &mut reads, CONNECTIONS, metered)?;
        Ok((turn.server, turn.outcome.good))
    };
    let (mut differences, mut answers) = (Vec::new(), 0);
    let before = telling.lines();
    for round in 0..FINER * plan.rounds {
        // Whichever goes first has the other's caches.
        let ((off, _), (on, count)) = if round % 2 == 0 {
            (used(&silent)?, used(&telling)?)
        } else {
            let on = used(&telling)?;
            (used(&silent)?, on)
        };
        differences.push(on - off);
        answers += count;
    }
    let lines = telling.lines() - before;
    ensure!(
        lines as u64 >= answers,
        "{lines} lines for {answers} answers: what was dropped has not been paid for"
    );
    let interval = stats::interval_of_median(&differences);
    let figure = Figure::new(9, "cost of the access line, CPU per request", "µs", BAR)
        .rounds(differences)
        .within(interval)
        .note("on minus off, SQLite, to a pipe; the interval is that of the median");
    table.figures.push(figure);
    Ok(())
}
