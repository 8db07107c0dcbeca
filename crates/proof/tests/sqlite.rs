//! The embedded database in crashes, on the real program: the short form of every check.

use anyhow::Result;
use tokenhouse_proof::sqlite::run;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_in_the_file_after_any_crash() -> Result<()> {
    let checks = run(true).await?;
    for check in &checks {
        println!("{check}");
    }
    assert!(checks.iter().all(|check| !check.failed()), "see above");
    Ok(())
}
