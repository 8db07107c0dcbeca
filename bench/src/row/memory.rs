//! Row 12: memory when nothing is asked, after many logins, and whether it grows with the number of people
//! who were ever served.

use std::time::Instant;

use anyhow::{Result, ensure};
use tokenhouse_server::hashing::Cost;
use tokenhouse_store::Engine;

use super::name;
use crate::figure::{Bar, Figure};
use crate::fill::Content;
use crate::ground::{Ground, Place};
use crate::load::{Crowd, Logins, Outcome, Reads};
use crate::server::{Server, shipped};
use crate::stats;
use crate::table::Table;
use crate::turn::CONNECTIONS;

/// Logins after which memory is looked at.
const LOGINS: u64 = 100_000;
/// How often memory is looked at while people are read.
const LOOKS: u32 = 100;
/// The part of them at the beginning that fills buffers and pools.
const WARM_UP: usize = 20;
/// Bytes: whatever a process remembered of a person would hold her identifier at the least.
const LEAST_TRACE: f64 = 16.0;

pub(super) async fn measure(ground: &Ground, table: &mut Table) -> Result<()> {
    for engine in [Engine::Postgres, Engine::Sqlite] {
        // One pass, so that as many logins as possible fit into the time; the same memory.
        let cost = Cost { iterations: 1, ..Cost::default() };
        let content = Content::at(cost).await?;
        let place = ground.filled(engine, ground.plan.distinct, &content).await?;
        let builder = shipped(&place.url).env("TOKENHOUSE_ARGON2_ITERATIONS", "1");
        let server = Server::start(builder).await?;
        let idle = server.resident()?;
        let bar = Bar::AtMost { bar: 20.0, stretch: 12.0 };
        let title = format!("resident memory, idle, {}", name(engine));
        table.figures.push(Figure::new(12, &title, "MB", bar).rounds(vec![idle.all]));
        tokio::task::block_in_place(|| {
            after_reads((engine, &place), &server, table)?;
            match engine {
                Engine::Postgres => after_logins(ground, &place, &server, table),
                Engine::Sqlite => Ok(()),
            }
        })?;
    }
    Ok(())
}

/// Everybody is read once, in a random order; memory is looked at a hundred times on the way.
fn after_reads(
    (engine, place): (Engine, &Place),
    server: &Server,
    table: &mut Table,
) -> Result<()> {
    let mut reads = Reads::of(&place.people);
    let mut crowd = Crowd::connect(&[server.addr()], CONNECTIONS)?;
    let (step, mut points) = (place.people.count() / LOOKS, Vec::new());
    for look in 1..=LOOKS {
        crowd.count(&mut reads, u64::from(step))?.flawless()?;
        points.push((f64::from(look * step), server.resident()?.anonymous * 1e6));
    }
    let warm = &points[WARM_UP..];
    let slope = stats::slope(warm).map(|slope| vec![slope]).unwrap_or_default();
    let bar = Bar::AtMost { bar: LEAST_TRACE, stretch: LEAST_TRACE };
    let title = format!("growth of memory per distinct user, {}", name(engine));
    let resident = server.resident()?;
    let note = format!(
        "{} users read once each; less than the {LEAST_TRACE} bytes of an identifier is nothing \
         remembered; {:.0} MB at the end, of which {:.0} MB are pages of files",
        place.people.count(),
        resident.all,
        resident.all - resident.anonymous
    );
    let figure = Figure::new(12, &title, "bytes", bar)
        .rounds(slope)
        .within(stats::interval_of_slope(warm))
        .note(note);
    table.figures.push(figure);
    Ok(())
}

fn after_logins(ground: &Ground, place: &Place, server: &Server, table: &mut Table) -> Result<()> {
    let mut logins = Logins::of(&place.people);
    let cores = std::thread::available_parallelism()?.get();
    let mut crowd = Crowd::connect(&[server.addr()], 4 * cores)?;
    let began = Instant::now();
    let mut done = 0;
    while done < LOGINS && began.elapsed() < ground.plan.logins {
        let Outcome { good, .. } = crowd.count(&mut logins, 500)?.flawless()?;
        done += good;
    }
    ensure!(done > 0, "nobody signed in");
    let resident = server.resident()?;
    let bar = Bar::AtMost { bar: 80.0, stretch: 60.0 };
    let title = format!("resident memory after {done} logins, PostgreSQL");
    let figure = Figure::new(12, &title, "MB", bar)
        .rounds(vec![resident.all])
        .note("m=19456 as by default, t=1 for time; after the reads");
    table.figures.push(figure);
    Ok(())
}
