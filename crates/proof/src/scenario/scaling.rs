//! F15: the number of processes changes from 1 to 8, to 2, to none, to 4. As long as there is one, nobody
//! notices.

use anyhow::Result;
use futures_util::future::try_join_all;

use super::drive::drive;
use super::place::Place;
use super::stage::{Setup, Stage};
use super::{Scenario, ran};

const COUNTS: [usize; 5] = [1, 8, 2, 0, 4];

pub(super) const SCENARIO: Scenario = Scenario {
    id: "F15",
    fault: "1 → 8 → 2 → 0 → 4 processes",
    allowed: "none while there is a process",
    target: "0 failed requests while there is a process",
    seconds: (16, 60),
    play: |ctx| {
        Box::pin(async move {
            let setup = Setup { places: 8, running: 1, ..Setup::default() };
            let mut stage = Stage::start(setup).await?;
            let played = drive(ctx, &mut stage, ctx.load(), async |stage, book| {
                for round in 0..ctx.times(1, 4) {
                    for count in COUNTS.into_iter().skip(usize::from(round == 0)) {
                        book.harmless(format!("{count} processes"));
                        if count > 0 {
                            become_so_many(stage, count).await?;
                            continue;
                        }
                        become_so_many(stage, 1).await?;
                        let window = book.window();
                        become_so_many(stage, 0).await?;
                        become_so_many(stage, 1).await?;
                        book.over(window);
                    }
                }
                Ok(())
            });
            ran(played.await?)
        })
    },
};

async fn become_so_many(stage: &mut Stage, count: usize) -> Result<()> {
    let running = stage.places.iter().filter(|place| place.is_running()).count();
    if running < count {
        stage.start_places(running..count).await?;
    }
    let surplus = stage.places.iter_mut().take(running).skip(count);
    try_join_all(surplus.map(Place::drain)).await?;
    stage.balanced().await
}
