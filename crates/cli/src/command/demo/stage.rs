//! Everything the demo needs before the first process starts: the two ports, the database, the environment of the
//! processes and the accounts.
//!
//! The embedded database lives in a temporary folder that is removed with the stage; one that was given is left as it
//! is, apart from the accounts. Keeping the processes is left to the supervisor.

use std::{
    env,
    ffi::OsString,
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    time::Duration,
};

use anyhow::{Context, bail};
use tempfile::TempDir;
use tokenhouse_processes::{listener, supervisor::Plan};
use tokenhouse_rules::keys::RootSecret;

use super::{Options, account::Account, chance, traffic::CLIENTS};

/// The most processes the demo runs: more would only be crowded.
pub(super) const MOST_PROCESSES: usize = 24;
/// How long a process that was asked to stop may take.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// A demo that is ready to open.
pub(super) struct Stage {
    /// Where the page is served.
    pub(super) page: TcpListener,
    /// Where the processes answer.
    pub(super) api: SocketAddr,
    /// The account of whoever watches.
    pub(super) visitor: Account,
    /// The accounts of the clients that make the traffic.
    pub(super) clients: Vec<Account>,
    /// Whether the database was given and so outlives the demo.
    pub(super) lasting: bool,
    folder: Option<TempDir>,
}

impl Stage {
    /// Binds the ports, makes the folder and invents the accounts; answers too what the supervisor is to run.
    ///
    /// # Errors
    /// A port is taken, the folder cannot be made, or the operating system has no random bytes.
    pub(super) fn set(options: &Options) -> anyhow::Result<(Self, Plan)> {
        if !(1..=MOST_PROCESSES).contains(&options.processes) {
            bail!("the demo runs 1 to {MOST_PROCESSES} processes, not {}", options.processes);
        }
        let page = bind(options.port)?;
        let api = bind(match options.port {
            0 => 0,
            port => port
                .checked_add(1)
                .context("the port after 65535 does not exist; choose a lower --port")?,
        })?;
        let folder = match options.database_url {
            Some(_) => None,
            None => Some(
                tempfile::Builder::new()
                    .prefix("tokenhouse-demo-")
                    .tempdir()
                    .context("no temporary folder")?,
            ),
        };
        let database = match (&options.database_url, &folder) {
            (None, Some(folder)) => {
                let mut url = OsString::from("sqlite:");
                url.push(folder.path().join("tokenhouse.db"));
                url
            }
            (url, _) => url.clone().unwrap_or_default().into(),
        };
        let lasting = folder.is_none();
        let suffix = if lasting { format!("-{}", chance::word(6)?) } else { String::new() };
        let plan = Plan {
            program: env::current_exe().context("this program's own file is not to be found")?,
            args: vec!["serve".into()],
            env: environment(database, options.secret_is_missing)?,
            listener: api.try_clone()?,
            processes: options.processes,
            stop_timeout: STOP_TIMEOUT,
        };
        let stage = Self {
            api: api.local_addr()?,
            page,
            visitor: account(format!("visitor{suffix}"))?,
            clients: (1..=CLIENTS)
                .map(|number| account(format!("client-{number}{suffix}")))
                .collect::<Result<_, _>>()?,
            lasting,
            folder,
        };
        Ok((stage, plan))
    }

    /// Removes the temporary folder, if there is one.
    ///
    /// # Errors
    /// It cannot be removed.
    pub(super) fn strike(self) -> io::Result<()> {
        self.folder.map_or(Ok(()), TempDir::close)
    }
}

fn account(username: String) -> anyhow::Result<Account> {
    Ok(Account { username, password: chance::password()? })
}

fn bind(port: u16) -> anyhow::Result<TcpListener> {
    listener::bind_next((Ipv4Addr::LOCALHOST, port).into(), 1).with_context(|| {
        format!(
            "port {port} cannot be used; the demo takes two in a row, choose others with --port"
        )
    })
}

/// The variables of the processes: quiet, without a management port, and each tells who it is. No load balancer has
/// to learn that one of them stops, so none waits for that. Mails are kept to be looked at.
#[expect(clippy::disallowed_methods, reason = "the secret of a demo that has none")]
fn environment(
    database: OsString,
    secret_is_missing: bool,
) -> anyhow::Result<Vec<(OsString, OsString)>> {
    let mut variables: Vec<(OsString, OsString)> = vec![
        ("DATABASE_URL".into(), database),
        ("MANAGEMENT_LISTEN".into(), "off".into()),
        ("LOG_FORMAT".into(), "json".into()),
        ("LOG_LEVEL".into(), "error".into()),
        ("TOKENHOUSE_ACCESS_LOG".into(), "off".into()),
        ("TOKENHOUSE_SHOW_PROCESS".into(), "1".into()),
        ("TOKENHOUSE_DRAIN_DELAY".into(), "0".into()),
        ("TOKENHOUSE_DRAIN_TIMEOUT".into(), "5s".into()),
        // Whatever this machine is set up for: a demo sends no mails, is reached here only and lets everybody in.
        ("PUBLIC_URL".into(), "".into()),
        ("TOKENHOUSE_SMTP_URL".into(), "".into()),
        ("TOKENHOUSE_SMTP_URL_FILE".into(), "".into()),
        ("TOKENHOUSE_DEV_OUTBOX".into(), "on".into()),
        ("TOKENHOUSE_REGISTRATION".into(), "open".into()),
        ("TOKENHOUSE_EMAIL".into(), "optional".into()),
    ];
    if secret_is_missing {
        let mut entropy = [0; 32];
        getrandom::fill(&mut entropy)?;
        variables.push((
            "TOKENHOUSE_SECRET".into(),
            RootSecret::compose("demo", &entropy).as_str().into(),
        ));
    }
    Ok(variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(processes: usize) -> Options {
        Options { processes, port: 0, database_url: None, secret_is_missing: false }
    }

    fn value<'a>(plan: &'a Plan, name: &str) -> Option<&'a str> {
        plan.env.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.to_str())
    }

    #[test]
    fn the_folder_is_there_while_the_stage_is_and_gone_afterwards() {
        let (stage, plan) = Stage::set(&options(2)).expect("a stage");
        let url = value(&plan, "DATABASE_URL").expect("a database");
        let folder =
            url.strip_prefix("sqlite:").and_then(|path| path.strip_suffix("tokenhouse.db"));
        let folder = std::path::PathBuf::from(folder.expect("a file in a folder"));
        assert!(folder.is_dir());
        stage.strike().expect("the folder can be removed");
        assert!(!folder.exists());
    }

    #[test]
    fn a_database_that_was_given_is_used_and_its_accounts_cannot_collide() {
        let url = Some("postgres://db/x".into());
        let given = Options { database_url: url, secret_is_missing: true, ..options(1) };
        let (stage, plan) = Stage::set(&given).expect("a stage");
        assert_eq!(value(&plan, "DATABASE_URL"), Some("postgres://db/x"));
        assert!(
            value(&plan, "TOKENHOUSE_SECRET")
                .is_some_and(|secret| RootSecret::parse(secret).is_ok())
        );
        assert_ne!(stage.visitor.username, Stage::set(&given).expect("a stage").0.visitor.username);
        assert!(stage.lasting);
    }

    #[test]
    fn no_process_and_too_many_are_refused() {
        assert!(Stage::set(&options(0)).is_err());
        assert!(Stage::set(&options(MOST_PROCESSES + 1)).is_err());
    }
}
