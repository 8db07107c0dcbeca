//! What the cost of a read may grow with, and where it is looked at.

use std::sync::Arc;

use anyhow::Result;
use tokenhouse_store::Engine;

use super::curve::{Curve, Point};
use super::point::Subject;
use crate::fill::{self, People};
use crate::ground::{Ground, Place};
use crate::row::name;
use crate::server::{Server, shipped};
use crate::turn::CONNECTIONS;

const USERS: [u32; 5] = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];
/// So many of them are asked for, spread over all.
const ASKED: u32 = 1_000_000;
const CONNECTIONS_AT: [u16; 10] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
const DOCUMENTS: [u32; 6] = [2, 256, 1_024, 4_096, 16_384, 65_536];
/// Together at most 320 MB of the longest documents.
const WITH_DOCUMENTS: u32 = 5_000;
const PROCESSES: [u8; 4] = [1, 2, 3, 4];

pub(super) async fn people(ground: &Ground, engine: Engine, most: u32) -> Result<Curve> {
    let content = ground.content().await?;
    let url = ground.empty(engine).await?;
    fill::migrate(&url).await?;
    let server = Server::start(shipped(&url)).await?;
    let (mut points, mut there) = (Vec::new(), 0);
    for users in USERS.into_iter().filter(|users| *users <= most) {
        eprintln!("{}: {users} users", name(engine));
        fill::add(&url, there..users, content).await?;
        there = users;
        let people = Arc::new(People::among(users, ASKED, content)?);
        points.push(point(ground, (engine, &people), &server, users).await?);
    }
    Ok(curve("users in the database", engine, points))
}

pub(super) async fn connections(ground: &Ground, engine: Engine) -> Result<Curve> {
    let place = ground.place(engine).await?;
    let server = Server::start(shipped(&place.url)).await?;
    let mut points = Vec::new();
    for connections in CONNECTIONS_AT {
        eprintln!("{}: {connections} connections", name(engine));
        let subject = Subject {
            server: &server,
            database: database(ground, engine).await?,
            people: &place.people,
            connections: connections.into(),
            paced: false,
        };
        points.push(subject.measure(ground, connections.into())?);
    }
    Ok(curve("connections, each asking as fast as it is answered", engine, points))
}

pub(super) async fn documents(ground: &Ground, engine: Engine) -> Result<Curve> {
    let mut points = Vec::new();
    for bytes in DOCUMENTS {
        eprintln!("{}: documents of {bytes} bytes", name(engine));
        let content = ground.content().await?.clone().with_document(bytes as usize);
        let place = ground.filled(engine, WITH_DOCUMENTS, &content).await?;
        let server = Server::start(shipped(&place.url)).await?;
        points.push(point(ground, (engine, &place.people), &server, bytes).await?);
    }
    Ok(curve("bytes of the document", engine, points))
}

pub(super) async fn processes(ground: &Ground, engine: Engine) -> Result<Curve> {
    let Place { url, people } = ground.place(engine).await?;
    let mut points = Vec::new();
    for processes in PROCESSES {
        eprintln!("{}: {processes} processes", name(engine));
        let builder = shipped(url).arg("--processes").arg(&processes.to_string());
        let server = Server::start(builder).await?;
        points.push(point(ground, (engine, people), &server, processes.into()).await?);
    }
    Ok(curve("processes (--processes)", engine, points))
}

/// With 64 connections, and latency at the fixed rate.
async fn point(
    ground: &Ground,
    (engine, people): (Engine, &Arc<People>),
    server: &Server,
    at: u32,
) -> Result<Point> {
    let database = database(ground, engine).await?;
    let subject = Subject { server, database, people, connections: CONNECTIONS, paced: true };
    subject.measure(ground, at)
}

async fn database(ground: &Ground, engine: Engine) -> Result<Option<u32>> {
    Ok(match engine {
        Engine::Postgres => Some(ground.postmaster().await?),
        Engine::Sqlite => None,
    })
}

fn curve(axis: &str, engine: Engine, points: Vec<Point>) -> Curve {
    Curve { axis: axis.to_owned(), engine: name(engine).to_owned(), points }
}
