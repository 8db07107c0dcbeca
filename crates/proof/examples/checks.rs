//! Runs some of the harness's checks, one line each:
//!
//!     cargo run -p tokenhouse-proof --example checks -- planted            every planted bug
//!     cargo run -p tokenhouse-proof --example checks -- planted NAME       one of them
//!     cargo run -p tokenhouse-proof --example checks -- stateless [quick]
//!     cargo run -p tokenhouse-proof --example checks -- sqlite [quick]

use std::process::ExitCode;

use anyhow::{Result, bail};
use tokenhouse_proof::check::Check;
use tokenhouse_proof::{planted, sqlite, stateless};

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let checks = match arguments.as_slice() {
        ["planted"] => planted::run(planted::Selection::Every).await?,
        ["planted", name] => {
            let name = String::leak((*name).to_owned());
            planted::run(planted::Selection::Named(name)).await?
        }
        ["stateless", length @ ..] => stateless::run(length == ["quick"]).await?,
        ["sqlite", length @ ..] => sqlite::run(length == ["quick"]).await?,
        _ => bail!("planted [NAME], stateless [quick] or sqlite [quick]"),
    };
    for check in &checks {
        println!("{check}");
    }
    let failed = checks.iter().any(Check::failed);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
