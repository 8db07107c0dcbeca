//! Row 23: how much of the machine's signing becomes signed tokens of applications that ask for them.

use anyhow::Result;
use tokenhouse_rules::oauth::jwk::Algorithm;
use tokenhouse_store::Engine;

use super::{name, provider};
use crate::figure::{Bar, Figure};
use crate::fill::applications::{MACHINE, SIGNED};
use crate::ground::Ground;
use crate::load::Machines;
use crate::plan::Plan;
use crate::server::Server;
use crate::stats;
use crate::table::Table;
use crate::turn::{self, Metered};
use crate::yardstick::signatures::{self, Signatures};

const BAR: Bar = Bar::AtLeast { bar: 0.5, stretch: 0.7 };

pub(super) async fn measure(ground: &Ground, table: &mut Table) -> Result<()> {
    for engine in [Engine::Postgres, Engine::Sqlite] {
        let server = provider::server(ground.provider(engine).await?).await?;
        for (client, algorithm) in SIGNED {
            let title = format!(
                "client credentials with a token signed by {}, {}",
                algorithm.name(),
                name(engine)
            );
            let figure = Figure::new(23, &title, "/s", BAR);
            table.figures.push(by(&ground.plan, &server, (client, algorithm), figure)?);
        }
    }
    Ok(())
}

fn by(
    plan: &Plan,
    server: &Server,
    (client, algorithm): (&'static str, Algorithm),
    figure: Figure,
) -> Result<Figure> {
    let limit = Signatures::by(algorithm)?;
    let metered = Metered { server: server.pid(), database: None };
    let (mut signed, mut beside) = (Vec::new(), Vec::new());
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        beside.push(tokio::task::block_in_place(|| limit.per_second(plan.turn))?);
        let turn = |client| {
            let asking = &mut Machines(client);
            turn::metered(plan, server.addr(), asking, provider::CONNECTIONS, metered)
        };
        let turn_of_signed = turn(client)?;
        signed.push(turn_of_signed.outcome.per_second());
        with.push(turn_of_signed.server);
        without.push(turn(MACHINE)?.server);
    }
    let median = |values: &[f64]| stats::median(values).unwrap_or_default();
    let alone = 1e6 * signatures::threads()? / median(&beside);
    let note = format!(
        "processor time of each in the server: {:.1} µs, {:.1} µs where the token is not signed; a signature by \
         itself, with its text: {alone:.1} µs",
        median(&with),
        median(&without)
    );
    let name = format!("tokens signed with {} by all cores", algorithm.name());
    Ok(figure.rounds(signed).beside(&name, "/s", beside).note(note))
}
