//! How the cost of `GET /data` grows: with people in the database, connections, size of the document and
//! processes. What varies is in [`axis`]; a point of a curve is measured in [`point`].

mod axis;
mod curve;
mod point;

use std::path::Path;

use anyhow::Result;
use tokenhouse_store::Engine;

use crate::ground::Ground;
use crate::table;

pub(crate) use curve::{Curve, Growth, Point};

/// Measures every curve on both engines, prints them and writes them as JSON.
pub(crate) async fn measure(ground: &Ground, most: u32, json: &Path) -> Result<()> {
    let mut growth = Growth::default();
    for engine in [Engine::Postgres, Engine::Sqlite] {
        growth.curves.push(axis::connections(ground, engine).await?);
        growth.curves.push(axis::documents(ground, engine).await?);
        growth.curves.push(axis::processes(ground, engine).await?);
        growth.curves.push(axis::people(ground, engine, most).await?);
    }
    print!("{}", growth.markdown());
    table::write(json, &serde_json::to_value(&growth)?)
}
