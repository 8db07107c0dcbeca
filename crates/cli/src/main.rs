//! `tokenhouse`: the one binary. It reads arguments, environment and files; everything else is in the
//! crates below it.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod command;
mod config;
mod print;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use config::Flags;

const EXAMPLES: &str = "\
Examples:
  tokenhouse serve                         run on this machine, with an embedded database
  tokenhouse demo                          watch processes being killed and nothing being lost
  tokenhouse serve --processes 4           four processes on one port
  DATABASE_URL=postgres://db/app TOKENHOUSE_SECRET_FILE=/run/secret tokenhouse serve
  tokenhouse user list --json              administration works while servers run
  tokenhouse client create app --preset spa --redirect-uri https://app.example.org/callback";

/// A login server of identical, disposable processes.
#[derive(Parser)]
#[command(name = "tokenhouse", version, before_help = EXAMPLES, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server
    Serve(command::serve::Arguments),
    /// Show several processes at work, and kill them
    Demo(command::demo::Arguments),
    /// Run background tasks only
    Worker(Flags),
    /// Look after the database
    Db(command::db::Arguments),
    /// Look after users
    User(command::user::Arguments),
    /// Look after administrators; the link that sets a server up
    Admin(command::admin::Arguments),
    /// Invite people
    Invitation(command::invitation::Arguments),
    /// Look after mails
    Mail(command::mail::Arguments),
    /// Look after applications
    Client(command::client::Arguments),
    /// Look after groups of users
    Group(command::group::Arguments),
    /// Look after the keys that sign tokens
    Key(command::key::Arguments),
    /// Make clients and groups what a file says
    Apply(command::apply::Arguments),
    /// Read the audit trail
    Audit(command::audit::Arguments),
    /// Check, show or write a configuration
    Config(command::config::Arguments),
    /// Copy the pages' templates to change them, and check them
    Template(command::template::Arguments),
    /// Look for what is wrong with this installation
    Doctor(Flags),
    /// Ask a running server whether it is healthy (for containers)
    Healthcheck(command::healthcheck::Arguments),
    /// Write completions for a shell
    Completion {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Write the manual page
    Man,
    /// Show the version
    Version,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(arguments) => command::serve::run(arguments),
        Command::Demo(arguments) => command::demo::start(arguments),
        Command::Worker(flags) => command::worker::run(&flags),
        Command::Db(arguments) => command::db::run(arguments),
        Command::User(arguments) => command::user::run(arguments),
        Command::Admin(arguments) => command::admin::run(arguments),
        Command::Invitation(arguments) => command::invitation::run(arguments),
        Command::Mail(arguments) => command::mail::run(arguments),
        Command::Client(arguments) => command::client::run(arguments),
        Command::Group(arguments) => command::group::run(arguments),
        Command::Key(arguments) => command::key::run(arguments),
        Command::Apply(arguments) => command::apply::run(arguments),
        Command::Audit(arguments) => command::audit::run(arguments),
        Command::Config(arguments) => command::config::run(arguments),
        Command::Template(arguments) => command::template::run(arguments),
        Command::Doctor(flags) => command::doctor::run(&flags),
        Command::Healthcheck(arguments) => command::healthcheck::run(&arguments),
        Command::Completion { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "tokenhouse", &mut script);
            print::data(&script).map_err(Into::into)
        }
        Command::Man => {
            let mut page = Vec::new();
            let rendered = clap_mangen::Man::new(Cli::command()).render(&mut page);
            rendered.and_then(|()| print::data(&page)).map_err(Into::into)
        }
        Command::Version => {
            print::line(concat!("tokenhouse ", env!("CARGO_PKG_VERSION"))).map_err(Into::into)
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print::note(format_args!("tokenhouse: {error:#}"));
            ExitCode::from(command::exit_code(&error))
        }
    }
}
