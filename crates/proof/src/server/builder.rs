//! How a server is to be started: its command line and its environment, which is empty but for what
//! is set here. Nothing of the test's own environment but `PATH` reaches it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::ready::{PROCESS, Ready, SUPERVISOR};
use super::{Tokenhouse, binary};
use crate::process::{Running, bare_command};

/// Without these the harness finds neither the ports nor the line that tells them.
const NEEDED: [(&str, &str); 3] =
    [("LISTEN_ADDR", "127.0.0.1:0"), ("MANAGEMENT_LISTEN", "127.0.0.1:0"), ("LOG_FORMAT", "json")];
/// These make tests quick and let them see who answered.
const COMFORT: [(&str, &str); 3] = [
    ("TOKENHOUSE_SHOW_PROCESS", "1"),
    ("TOKENHOUSE_ARGON2_MEMORY", "64"),
    ("TOKENHOUSE_ARGON2_ITERATIONS", "1"),
];

/// A server to be started: `tokenhouse serve`, on free ports of 127.0.0.1, logging JSON, naming the
/// process in its answers, with cheap password hashes.
#[derive(Clone, Debug)]
#[must_use = "nothing starts before start()"]
pub struct Builder {
    binary: Option<PathBuf>,
    command: String,
    args: Vec<String>,
    /// What the test set, or (none) took away.
    envs: BTreeMap<String, Option<String>>,
    folder: Option<PathBuf>,
    clean: bool,
    deadline: Duration,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            binary: None,
            command: "serve".to_owned(),
            args: Vec::new(),
            envs: BTreeMap::new(),
            folder: None,
            clean: false,
            deadline: Duration::from_secs(30),
        }
    }

    /// Another binary than [`binary()`], such as that of another release.
    pub fn binary(mut self, path: impl Into<PathBuf>) -> Self {
        self.binary = Some(path.into());
        self
    }

    /// `DATABASE_URL`.
    pub fn database(self, url: &str) -> Self {
        self.env("DATABASE_URL", url)
    }

    /// `TOKENHOUSE_SECRET`: the list of root secrets, as `k1:…`.
    pub fn secret(self, secrets: &str) -> Self {
        self.env("TOKENHOUSE_SECRET", secrets)
    }

    /// Sets a variable, also one that is set by default.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.envs.insert(name.to_owned(), Some(value.to_owned()));
        self
    }

    /// Takes away a variable that is set by default.
    pub fn without_env(mut self, name: &str) -> Self {
        self.envs.insert(name.to_owned(), None);
        self
    }

    /// Adds an argument after the command.
    pub fn arg(mut self, arg: &str) -> Self {
        self.args.push(arg.to_owned());
        self
    }

    /// Another command than `serve`.
    pub fn command(mut self, command: &str) -> Self {
        command.clone_into(&mut self.command);
        self
    }

    /// The working folder; the test's own if not set.
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// As under `env -i`: no `PATH` and none of the variables that only make tests quicker. What
    /// the test itself sets stays.
    pub fn clean_env(mut self) -> Self {
        self.clean = true;
        self
    }

    /// How long it may take until it is ready; 30 s if not set.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Starts it and waits until it says that it is ready; with a supervisor, until all of its
    /// processes are.
    ///
    /// # Errors
    /// When there is no binary, or the server ends or is silent; the message shows its output.
    pub async fn start(self) -> Result<Tokenhouse> {
        // One process says the same whether or not a supervisor started it.
        let awaited = if self.processes() > 1 { SUPERVISOR } else { PROCESS };
        let deadline = self.deadline;
        let process = Running::start(self.into_command()?)?;
        let stdout = process.stdout().context("its output is not read")?.clone();
        let stderr = process.stderr().context("its errors are not read")?.clone();
        let ready = match stdout.wait_for(deadline, |line| Ready::of_line(line, awaited)).await {
            Ok(ready) => ready,
            Err(error) => {
                let words = process.last_words().await;
                return Err(error.context(format!("tokenhouse is not ready:\n{words}")));
            }
        };
        let lines = stdout.all();
        let children = lines.iter().filter_map(|line| Ready::of_line(line, PROCESS)).collect();
        Ok(Tokenhouse { process, stdout, stderr, addr: ready.addr, children })
    }

    /// The command that [`Builder::start`] runs, for who wants to start it otherwise.
    ///
    /// # Errors
    /// When there is no binary.
    pub fn into_command(self) -> Result<Command> {
        let program = match &self.binary {
            Some(path) => path.clone(),
            None => binary()?,
        };
        let mut command = bare_command(program);
        if self.clean {
            command.env_clear();
        }
        command.arg(&self.command).args(&self.args).envs(self.environment());
        if let Some(folder) = self.folder {
            command.current_dir(folder);
        }
        Ok(command)
    }

    fn environment(&self) -> BTreeMap<String, String> {
        let comfort = COMFORT.into_iter().filter(|_| !self.clean);
        let mut all: BTreeMap<String, String> = NEEDED
            .into_iter()
            .chain(comfort)
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        for (name, value) in &self.envs {
            match value {
                Some(value) => all.insert(name.clone(), value.clone()),
                None => all.remove(name),
            };
        }
        all
    }

    /// The number given with `--processes`, in either spelling; one that cannot be read is left to
    /// the server to refuse.
    fn processes(&self) -> usize {
        let mut args = self.args.iter().map(String::as_str);
        while let Some(arg) = args.next() {
            let value = match arg {
                "--processes" => args.next(),
                _ => arg.strip_prefix("--processes="),
            };
            if let Some(value) = value {
                return value.parse().unwrap_or(1);
            }
        }
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_test_says_wins_over_the_defaults() {
        let envs = Builder::new()
            .env("TOKENHOUSE_ARGON2_MEMORY", "64")
            .without_env("MANAGEMENT_LISTEN")
            .clean_env()
            .environment();
        assert_eq!(envs["TOKENHOUSE_ARGON2_MEMORY"], "64");
        assert_eq!(envs["LISTEN_ADDR"], "127.0.0.1:0");
        assert!(!envs.contains_key("MANAGEMENT_LISTEN"));
        assert!(!envs.contains_key("TOKENHOUSE_SHOW_PROCESS"));
    }

    #[test]
    fn both_spellings_of_processes_are_understood() {
        let with = |args: &[&str]| {
            args.iter().fold(Builder::new(), |builder, arg| builder.arg(arg)).processes()
        };
        assert_eq!(with(&["--processes", "4"]), 4);
        assert_eq!(with(&["--max-requests", "1", "--processes=4"]), 4);
        assert_eq!(with(&["--max-requests=1"]), 1);
    }
}
