//! A folder with a database in it, servers on it, a load, and the judgement.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;

use super::aftermath;
use crate::check::{Check, Verdict};
use crate::checker::{Circumstances, Fault, Report, check};
use crate::generator::{Generator, Plan};
use crate::history::{History, Nanos};
use crate::keeper::Folder;
use crate::server::{Builder, Tokenhouse};

/// The database's name in its folder.
const NAME: &str = "tokenhouse.db";

pub(super) struct Ground {
    folder: Folder,
}

impl Ground {
    pub(super) fn new() -> Result<Self> {
        Ok(Self { folder: Folder::create("tokenhouse-sqlite-")? })
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The file that SQLite appends what it commits to.
    pub(super) fn log(&self) -> PathBuf {
        self.folder().join(format!("{NAME}-wal"))
    }

    /// The file that holds everything else.
    pub(super) fn database(&self) -> PathBuf {
        self.folder().join(NAME)
    }

    pub(super) fn url(&self) -> String {
        format!("sqlite:{}", self.database().display())
    }

    /// A server on it.
    pub(super) fn server(&self) -> Builder {
        Tokenhouse::builder()
            .database(&self.url())
            .folder(self.folder())
            .env("TOKENHOUSE_LOGIN_LIMIT_ADDRESS", "off")
            .env("TOKENHOUSE_ACCESS_LOG", "off")
    }

    /// Judges what is in it after `history`, by a server that is started for it: sessions and passwords
    /// as `generator` knows them, accounts and the audit trail.
    pub(super) async fn judge(
        &self,
        generator: &Generator,
        mut history: History,
    ) -> Result<Report> {
        let server = self.server().start().await?;
        let looked = generator.look_at(server.addr()).await;
        drop(server);
        history.operations.extend(looked);
        let mut found = aftermath(&self.url()).await?;
        // Who looked has signed in; that is no part of what is judged.
        found.rows_examined = found.audit_rows.len() as u64;
        let always = vec![Fault { from: Nanos(0), to: Nanos::NEVER }];
        let circumstances = Circumstances {
            faults: Some(always),
            aftermath: Some(found),
            ..Circumstances::default()
        };
        Ok(check(&history, &circumstances))
    }
}

/// A load on one address.
pub(super) fn load(address: SocketAddr, seed: u64, lasts: Duration) -> Generator {
    let plan = Plan {
        addresses: vec![address],
        host: None,
        seed,
        rate: 120,
        users: 8,
        duration: lasts,
        deadline: Duration::from_secs(15),
    };
    Generator::new(plan, None)
}

/// A report as a check; the first violation says what was lost.
pub(super) fn verdict(report: &Report) -> Verdict {
    let first = report.judgements.iter().find_map(|judgement| {
        let violation = judgement.violations().first()?;
        Some(format!("{:?}, {}", judgement.invariant, violation.message))
    });
    match first {
        Some(first) => {
            Verdict::Failed(format!("lost {}, wrong {}: {first}", report.lost(), report.wrong()))
        }
        None if report.ok == 0 => Verdict::Failed("nothing was acknowledged".to_owned()),
        None => Verdict::Held,
    }
}

/// A check of a report, or of why there is none.
pub(super) fn told(id: &'static str, what: &str, report: &Result<Report>) -> Check {
    match report {
        Ok(report) => Check::new(id, what, verdict(report))
            .figure("acknowledged", report.ok)
            .figure("unknown", report.unknown),
        Err(error) => Check::new(id, what, Verdict::Failed(format!("{error:#}"))),
    }
}
