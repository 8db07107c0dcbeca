//! `tokenhouse db status|migrate`.

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::json;

use super::with_store;
use crate::config::Flags;

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
                println!(
                    "{}",
                    json!({ "engine": store.engine().name(), "applied": state.applied,
                            "required": state.required, "known": state.known,
                            "acceptable": state.is_acceptable() })
                );
            } else {
                println!("engine      {}", store.engine().name());
                println!("schema      {} (this release knows {})", state.applied, state.known);
                println!("acceptable  {}", if state.is_acceptable() { "yes" } else { "no" });
            }
            Ok(())
        }),
        Action::Migrate { flags } => with_store(&flags, async |store, _| {
            let applied = store.migrate().await?;
            for migration in &applied {
                println!("applied {}", migration.name);
            }
            if applied.is_empty() {
                eprintln!("nothing to do");
            }
            Ok(())
        }),
    }
}
