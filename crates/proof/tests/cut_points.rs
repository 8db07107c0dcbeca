//! Requests that are cut at an exact message between a real process and a real PostgreSQL.

use anyhow::Result;
use tokenhouse_proof::cut_points::{Selection, run};

/// A part of the cases; all of them are `run(Selection::Every, …)`.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_cut_anywhere_has_happened_whole_or_not_at_all() -> Result<()> {
    let selection = match std::env::var_os("TOKENHOUSE_EVERY_CUT_POINT") {
        Some(_) => Selection::Every,
        None => Selection::Few,
    };
    let report = run(selection, 3).await?;
    println!("{report}");
    assert_eq!(report.messages.len(), 35);
    assert!(report.cases >= 13 * 4 + 18, "{report}");
    assert!(report.failed.is_empty(), "{report}");
    Ok(())
}
