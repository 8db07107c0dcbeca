//! `tokenhouse config check|show|example`.

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use crate::config::used::{Config, settings};
use crate::config::{Flags, SETTINGS, Source, Written};

/// Check, show or write a configuration
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Check flags, environment and file; exit code 78 if something is wrong
    Check(Flags),
    /// Show every setting, its value and where it comes from
    Show {
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        flags: Flags,
    },
    /// Write a commented configuration file
    Example,
}

/// # Errors
/// [`crate::config::BadConfig`] when something is wrong.
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    match arguments.action {
        Action::Check(flags) => {
            let written = Written::gather(&flags)?;
            let config = Config::new(&written)?;
            settings(&written)?;
            if !config.is_embedded() {
                config.root()?;
            }
            eprintln!("the configuration is good");
        }
        Action::Show { json, flags } => show(&Written::gather(&flags)?, json),
        Action::Example => example(),
    }
    Ok(())
}

fn show(written: &Written, as_json: bool) {
    let mut all = Map::new();
    for setting in SETTINGS {
        let value = match written.value(setting.key) {
            Some(_) if setting.secret => Some("(set)"),
            other => other,
        };
        let from = match written.source(setting.key) {
            Source::Flag => "flag",
            Source::Environment => "environment",
            Source::SecretFile => "file of its own",
            Source::File => "configuration file",
            Source::Default => "default",
        };
        if as_json {
            all.insert(setting.key.to_owned(), json!({ "value": value, "from": from }));
        } else {
            println!("{:22} {:28} {from}", setting.key, value.unwrap_or("-"));
        }
    }
    if as_json {
        println!("{}", Value::Object(all));
    }
}

fn example() {
    println!(
        "# Tokenhouse. Flags come before the environment, that before this file, that before defaults."
    );
    for setting in SETTINGS {
        println!("\n# {} [env: {}]", setting.help, setting.env);
        println!("#{} = {:?}", setting.key, setting.default);
    }
}
