//! `tokenhouse db status|migrate`.

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::json;

use super::with_store;
use crate::config::Flags;
use crate::print;

/// Look after the database
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Show which migrations are applied
    Status {
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        flags: Flags,
    },
    /// Apply the migrations that are missing; safe while servers run and start
    Migrate {
        #[command(flatten)]
        flags: Flags,
    },
}

/// # Errors
/// When the database cannot be reached or a migration fails.
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    match arguments.action {
        Action::Status { json, flags } => with_store(&flags, async |store, _| {
            let state = store.schema().await?;
            if json {
                print::line(json!({ "engine": store.engine().name(), "applied": state.applied,
                            "required": state.required, "known": state.known,
                            "acceptable": state.is_acceptable() }))?;
            } else {
                let acceptable = if state.is_acceptable() { "yes" } else { "no" };
                print::line(format_args!("engine      {}", store.engine().name()))?;
                print::line(format_args!(
                    "schema      {} (this release knows {})",
                    state.applied, state.known
                ))?;
                print::line(format_args!("acceptable  {acceptable}"))?;
            }
            Ok(())
        }),
        Action::Migrate { flags } => with_store(&flags, async |store, _| {
            let applied = store.migrate().await?;
            for migration in &applied {
                print::line(format_args!("applied {}", migration.name))?;
            }
            if applied.is_empty() {
                print::note("nothing to do");
            }
            Ok(())
        }),
    }
}
