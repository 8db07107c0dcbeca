//! F8: the standby was promoted while the old primary still lives, and some processes are still connected
//! to that one. PostgreSQL does not tell them, so they go on to accept sessions that are revoked at the new
//! primary, until the old one is stopped or cut off. This bound is not zero; here it is measured, and it is
//! shown that nothing can be written on the wrong side.

use std::time::Duration;

use anyhow::ensure;

use super::by_hand::Hand;
use super::pair::{Following, Pair};
use super::stage::{LONG, Setup};
use super::{Scenario, ran};
use crate::checker::Circumstances;
use crate::fault_proxy::{Fate, Reach};
use crate::history::Nanos;
use crate::http::Client;
use crate::postgres::StopMode;

pub(super) const SCENARIO: Scenario = Scenario {
    id: "F8",
    fault: "old primary alive and readable while the new one revokes",
    allowed: "stale reads until the old primary is fenced",
    target: "none after that; no write acknowledged at the old primary",
    seconds: (0, 20),
    play: |ctx| {
        Box::pin(async move {
            let setup = Setup { places: 2, running: 2, ..Setup::default() };
            let (mut stage, pair) = Pair::start(Following::Synchronous, setup).await?;
            let book = ctx.live.book();
            let mut hand = Hand::new(ctx.seed);
            let (old, new) =
                (Client::fresh(stage.places[0].addr()), Client::fresh(stage.places[1].addr()));
            let mut people = Vec::new();
            for _ in 0..20 {
                people.push(hand.register(&old).await?);
            }
            let window =
                book.fault("the standby is cut off and promoted; the old primary lives on");
            pair.stream.impose(Fate::BlackHole, Reach::All);
            pair.standby.promote().await?;
            // One process comes to the new primary; the other one has no reason to.
            stage.places[1].set_env("DATABASE_URL", &pair.standby_url);
            stage.places[1].kill9().await?;
            stage.places[1].start().await?;
            for person in &people {
                ensure!(hand.log_out(&new, person).await, "the new primary takes no logout");
            }
            let revoked = Nanos::now();
            let mut stale = 0_u32;
            for person in &people {
                stale += u32::from(hand.read(&old, person).await == Some(true));
            }
            let writer = hand.register(&old).await;
            let measured = if writer.is_ok() { "acknowledged" } else { "refused" };
            book.target("a write at the old primary", "refused", measured, writer.is_err());
            let fenced = Nanos::now();
            book.mark("the old primary is fenced");
            stage.cluster.stop(StopMode::Kill).await?;
            // From now on the process finds the new primary by its URL.
            let recovered = tokio::time::timeout(LONG, async {
                while hand.read(&old, &people[0]).await.is_none() {}
            });
            recovered.await?;
            book.recovered(Nanos::now().since(fenced));
            book.over(window);
            let mut after = 0_u32;
            for person in &people {
                after += u32::from(hand.read(&old, person).await == Some(true));
            }
            book.target("accepted after the fence", "0", after.to_string(), after == 0);
            let span: Duration = fenced.since(revoked);
            book.figure(
                "revoked sessions accepted at the old primary",
                format!(
                    "{stale} of {}, within {} ms until the fence",
                    people.len(),
                    span.as_millis()
                ),
            );
            let mut judged = hand.judged(&book, &Circumstances::default());
            judged.bounded = true;
            ran(judged)
        })
    },
};
