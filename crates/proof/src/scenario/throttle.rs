//! I10: wrong passwords for one account, at all processes at once. The ceiling belongs to the account and
//! not to a process.

use futures_util::future::join_all;

use super::by_hand::Hand;
use super::stage::{Setup, Stage};
use super::{Scenario, ran};
use crate::checker::{Ceiling, Circumstances};
use crate::history::{Outcome, Refusal};
use crate::http::Client;

const COUNT: u32 = 10;

pub(super) const SCENARIO: Scenario = Scenario {
    id: "I10",
    fault: "guesses at one password through 8 processes at once",
    allowed: "none",
    target: "10 guesses are looked at, as with one process",
    seconds: (5, 8),
    play: |ctx| {
        Box::pin(async move {
            let setup = Setup { places: 8, running: 8, ..Setup::default() };
            let stage = Stage::start(setup).await?;
            let book = ctx.live.book();
            let mut hand = Hand::new(ctx.seed);
            let clients: Vec<_> =
                stage.places.iter().map(|place| Client::kept(place.addr())).collect();
            let mut most = 0;
            for round in 0..ctx.times(2, 10) {
                let whom = hand.register(&clients[0]).await?;
                book.harmless(format!("guesses, round {}", round + 1));
                let guesses = clients.iter().cycle().take(80).map(|at| hand.guess(at, &whom));
                let outcomes = join_all(guesses).await;
                let looked = outcomes
                    .iter()
                    .filter(|outcome| **outcome == Outcome::Fail(Refusal::Password))
                    .count();
                most = most.max(looked);
            }
            // Fewer would be a shorter temper than promised, more would be a counter per process.
            let met = most == usize::try_from(COUNT)?;
            book.target("guesses looked at of 80", "10", most.to_string(), met);
            let ceiling = Ceiling { count: COUNT, period: std::time::Duration::from_secs(900) };
            let circumstances = Circumstances {
                faults: Some(Vec::new()),
                ceiling: Some(ceiling),
                ..Circumstances::default()
            };
            ran(hand.judged(&book, &circumstances))
        })
    },
};
