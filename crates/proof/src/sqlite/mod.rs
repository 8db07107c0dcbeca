//! The embedded database in crashes: several processes on one file, killed at any moment; the file as a
//! power cut would leave it; and a disk that fails or is slow when it is told to make things durable.
//!
//! The same generator and the same checker as everywhere. What a copy of the files models, and what it
//! does not, is said in [`copies`].

mod aftermath;
mod copies;
mod disk;
mod frozen;
mod ground;
mod kills;
mod log;

use std::time::Duration;

use anyhow::Result;

use crate::check::Check;

pub use aftermath::aftermath;

/// Runs every check; `quick` makes them short.
///
/// # Errors
/// When a server cannot be started. What is lost is a check that failed.
pub async fn run(quick: bool) -> Result<Vec<Check>> {
    let lasts = Duration::from_secs(if quick { 6 } else { 60 });
    Ok(vec![
        kills::check(lasts).await?,
        copies::check(lasts).await?,
        disk::failing(lasts / 2).await?,
        disk::slow(lasts / 2).await?,
    ])
}
