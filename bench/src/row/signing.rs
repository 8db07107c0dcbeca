//! Row 23: how much of the machine's signing becomes signed tokens of applications that ask for them.

use anyhow::Result;
use tokenhouse_store::Engine;

use super::{name, provider};
use crate::figure::{Bar, Figure};
use crate::fill::applications::{MACHINE, SIGNED};
use crate::ground::Ground;
use crate::load::Machines;
use crate::stats;
use crate::table::Table;
use crate::turn::{self, Metered};
use crate::yardstick::signatures::Signatures;

const BAR: Bar = Bar::AtLeast { bar: 0.5, stretch: 0.7 };

pub(super) async fn measure(ground: &Ground, table: &mut Table) -> Result<()> {
    let limit = Signatures::new()?;
    for engine in [Engine::Postgres, Engine::Sqlite] {
        on(ground, (engine, &limit), table).await?;
    }
    Ok(())
}

async fn on(
    ground: &Ground,
    (engine, limit): (Engine, &Signatures),
    table: &mut Table,
) -> Result<()> {
    let plan = &ground.plan;
    let server = provider::server(ground.provider(engine).await?).await?;
    let metered = Metered { server: server.pid(), database: None };
    let (mut signed, mut beside) = (Vec::new(), Vec::new());
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        beside.push(tokio::task::block_in_place(|| limit.per_second(plan.turn))?);
        let turn = |client| {
            let asking = &mut Machines(client);
            turn::metered(plan, server.addr(), asking, provider::CONNECTIONS, metered)
        };
        let turn_of_signed = turn(SIGNED)?;
        signed.push(turn_of_signed.outcome.per_second());
        with.push(turn_of_signed.server);
        without.push(turn(MACHINE)?.server);
    }
    let median = |values: &[f64]| stats::median(values).unwrap_or_default();
    let note = format!(
        "processor time of each in the server: {:.1} µs, {:.1} µs where the token is not signed",
        median(&with),
        median(&without)
    );
    let title = format!("client credentials with a signed token, {}", name(engine));
    let figure = Figure::new(23, &title, "/s", BAR)
        .rounds(signed)
        .beside("tokens signed with ES256 by all cores", "/s", beside)
        .note(note);
    table.figures.push(figure);
    Ok(())
}
