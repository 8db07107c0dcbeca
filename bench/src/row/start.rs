//! Row 11: from the start of the program to its first good answer.

use std::time::Instant;

use anyhow::{Result, ensure};
use tokenhouse_proof::http::Client;
use tokenhouse_store::Engine;

use crate::figure::{Bar, Figure};
use crate::ground::Ground;
use crate::server::{Server, shipped};
use crate::table::Table;

/// Starts are short, so there can be more of them than of other rounds.
const MORE: usize = 3;

pub(super) async fn measure(ground: &Ground, table: &mut Table) -> Result<()> {
    let place = ground.place(Engine::Sqlite).await?;
    let (mut existing, mut new) = (Vec::new(), Vec::new());
    for _ in 0..MORE * ground.plan.rounds {
        existing.push(milliseconds(&place.url, Some(place.people.token(0))).await?);
        new.push(milliseconds(&ground.empty(Engine::Sqlite).await?, None).await?);
    }
    let bar = Bar::AtMost { bar: 30.0, stretch: 15.0 };
    let title = "exec to first 200 of `GET /data`, existing SQLite database";
    table.figures.push(Figure::new(11, title, "ms", bar).rounds(existing));
    let bar = Bar::AtMost { bar: 100.0, stretch: 50.0 };
    let title = "exec to first 200 of `GET /healthz`, new SQLite database, schema made";
    table.figures.push(Figure::new(11, title, "ms", bar).rounds(new));
    Ok(())
}

/// Until it has said that it is ready and has answered; with a token, out of the database.
async fn milliseconds(url: &str, token: Option<&str>) -> Result<f64> {
    let builder = shipped(url);
    let began = Instant::now();
    let server = Server::start(builder).await?;
    let client = Client::fresh(server.addr());
    let request = match token {
        Some(token) => client.get("/data").bearer(token),
        None => client.get("/healthz"),
    };
    let answer = request.send().await?;
    let took = began.elapsed();
    ensure!(answer.status == 200, "{}", answer.text());
    Ok(took.as_secs_f64() * 1000.0)
}
