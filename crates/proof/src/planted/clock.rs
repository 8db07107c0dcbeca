//! Two processes whose clocks differ: who signed in at one of them is known to the other.

use anyhow::Result;

use super::build::Build;
use super::trial::{Load, Trial, judge, peace};
use crate::postgres::shared;

/// Longer than a session lives without use.
const AHEAD_SECONDS: &str = "1500000";

pub(super) async fn local_clock(build: Build) -> Result<Trial> {
    let url = shared().await?.fresh_database().await?;
    let right = build.process_with(&url, "0")?.start().await?;
    let ahead = build.process_with(&url, AHEAD_SECONDS)?.start().await?;
    judge(&[&right, &ahead], Load::USUAL, peace()).await
}
