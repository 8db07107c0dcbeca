//! Row 10: sessions opened through the store by 256 tasks at once, each durable before it is answered,
//! against the same rows inserted one by one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::id::{EventId, SessionId};
use tokenhouse_rules::session::Expiry;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::{
    Engine, Location, NewSession, OpenSession, Opened, PostgresOptions, Store, Trail,
};

use super::name;
use crate::chance::Chance;
use crate::figure::{Bar, Figure};
use crate::fill::person;
use crate::ground::{Ground, Place};
use crate::table::Table;
use crate::yardstick::inserts::{OneByOne, TASKS};

const BAR: Bar = Bar::AtLeast { bar: 4.0, stretch: 7.0 };

pub(super) async fn measure(ground: &Ground, table: &mut Table) -> Result<()> {
    for engine in [Engine::Postgres, Engine::Sqlite] {
        on(ground, engine, table).await?;
    }
    Ok(())
}

async fn on(ground: &Ground, engine: Engine, table: &mut Table) -> Result<()> {
    let (place, content) = (ground.place(engine).await?, ground.content().await?);
    let store = Location::parse(&place.url)?.open(PostgresOptions::default())?;
    let mut yardstick = OneByOne::open(&place.url)?;
    let fresh = Arc::new(Fresh::new(place, content.now, content.expiry(), engine));
    let (mut together, mut one_by_one) = (Vec::new(), Vec::new());
    for _ in 0..ground.plan.rounds {
        one_by_one.push(yardstick.per_second(&fresh, ground.plan.turn).await?);
        together.push(per_second(&store, &fresh, ground.plan.turn).await?);
    }
    let figure =
        Figure::new(10, &format!("sessions opened by {TASKS} tasks, {}", name(engine)), "/s", BAR)
            .rounds(together)
            .beside("the same rows inserted one by one", "/s", one_by_one)
            .note(OneByOne::what(engine));
    table.figures.push(figure);
    Ok(())
}

/// Sessions that were never there before.
pub(crate) struct Fresh {
    users: u32,
    now: Timestamp,
    began: Instant,
    expiry: Expiry,
    next: AtomicU32,
    salt: u64,
}

impl Fresh {
    fn new(place: &Place, now: Timestamp, expiry: Expiry, engine: Engine) -> Self {
        Self {
            users: place.people.count(),
            now,
            began: Instant::now(),
            expiry,
            next: AtomicU32::new(0),
            salt: engine as u64 + 1,
        }
    }

    /// The next one, with the number of its owner. Identifiers are of the moment, as the server's: with one
    /// instant for all of them each row would go to another page.
    pub(crate) fn next(&self) -> (u32, NewSession, EventId) {
        let now = self.now.plus(self.began.elapsed());
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut chance = Chance::seeded(self.salt << 40 | u64::from(number));
        let session = NewSession {
            id: SessionId::new(now, chance.bytes()),
            secret_hash: chance.bytes(),
            created_at: self.now,
            expiry: self.expiry,
            address: Some("127.0.0.1".to_owned()),
            user_agent: Some("tokenhouse-bench".to_owned()),
        };
        (number % self.users, session, EventId::new(now, chance.bytes()))
    }
}

async fn per_second(store: &Arc<dyn Store>, fresh: &Arc<Fresh>, turn: Duration) -> Result<f64> {
    let began = Instant::now();
    let tasks = (0..TASKS).map(|_| {
        let (store, fresh) = (Arc::clone(store), Arc::clone(fresh));
        tokio::spawn(async move {
            let mut count = 0u32;
            while began.elapsed() < turn {
                open(store.as_ref(), &fresh).await?;
                count += 1;
            }
            anyhow::Ok(count)
        })
    });
    let mut total = 0;
    for task in tasks.collect::<Vec<_>>() {
        total += task.await??;
    }
    Ok(f64::from(total) / began.elapsed().as_secs_f64())
}

async fn open(store: &dyn Store, fresh: &Fresh) -> Result<()> {
    let (owner, session, event) = fresh.next();
    let trail = Trail {
        id: event,
        event: Event::SessionOpened,
        actor: Actor::User,
        address: session.address.clone(),
        request_id: None,
    };
    let user = person::user_id(owner);
    let opening = OpenSession {
        user,
        epoch: 1,
        session,
        rehash: None,
        refunds: Vec::new(),
        mail: None,
        trail,
    };
    ensure!(store.open_session(opening).await? == Opened::Open, "a session was not opened");
    Ok(())
}
