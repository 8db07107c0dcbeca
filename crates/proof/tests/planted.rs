//! The harness is not blind: planted bugs are caught, and the sound program is not blamed.

use anyhow::Result;
use tokenhouse_proof::planted::{Selection, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_few_planted_bugs_are_caught_and_the_sound_program_is_not_blamed() -> Result<()> {
    let checks = run(Selection::Few).await?;
    for check in &checks {
        println!("{check}");
    }
    assert!(checks.iter().all(|check| !check.failed()), "see above");
    Ok(())
}
