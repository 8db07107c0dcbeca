//! Row 4: one password hash, against the crate that most programs would use as they would use it.

use anyhow::Result;

use crate::figure::{Bar, Figure};
use crate::ground::Ground;
use crate::table::Table;
use crate::yardstick::hash::{Ours, allocating};

pub(super) async fn measure(ground: &Ground, table: &mut Table) -> Result<()> {
    let turn = ground.plan.turn / 2;
    let ours = Ours::start(1)?;
    let (mut mine, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ground.plan.rounds {
        theirs.push(1000.0 * tokio::task::block_in_place(|| allocating(turn))?);
        mine.push(1000.0 / ours.per_second(turn).await?);
    }
    let bar = Bar::AtMost { bar: 0.75, stretch: 0.55 };
    let figure = Figure::new(4, "one Argon2id hash (m=19456, t=2, p=1)", "ms", bar)
        .rounds(mine)
        .beside("RustCrypto `argon2`, allocating", "ms", theirs);
    table.figures.push(figure);
    Ok(())
}
