//! `tokenhouse config check|show|example`.

use std::io;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use crate::config::used::{Config, access_token_lifetime, bootstrap, pages, settings};
use crate::config::{Flags, SETTINGS, Source, Written};
use crate::print;

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
            let settings = settings(&written)?;
            if let Some(first) = bootstrap(&written)? {
                first.check(settings.password_min)?;
            }
            pages(&written)?;
            access_token_lifetime(&written)?;
            if !config.is_embedded() {
                config.root()?;
            }
            print::note("the configuration is good");
        }
        Action::Show { json, flags } => show(&Written::gather(&flags)?, json)?,
        Action::Example => example()?,
    }
    Ok(())
}

fn show(written: &Written, as_json: bool) -> io::Result<()> {
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
            let value = value.unwrap_or("-");
            print::line(format_args!("{:24} {value:28} {from}", setting.key))?;
        }
    }
    if as_json { print::line(Value::Object(all)) } else { Ok(()) }
}

fn example() -> io::Result<()> {
    print::line(
        "# Tokenhouse. Flags come before the environment, that before this file, that before defaults.",
    )?;
    for setting in SETTINGS {
        print::line(format_args!("\n# {} [env: {}]", setting.help, setting.env))?;
        print::line(format_args!("#{} = {:?}", setting.key, setting.default))?;
    }
    Ok(())
}
