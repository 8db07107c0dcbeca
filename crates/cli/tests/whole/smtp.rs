//! A real mail server on loopback (smtp.py), with a certificate of an authority of its own; and what it was given.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokenhouse_proof::output::Lines;
use tokenhouse_proof::process::{Running, bare_command};

use crate::certificates::certify;

/// Long enough for a mail that is tried twice.
pub(crate) const LONG: Duration = Duration::from_secs(120);

/// The server; it ends with the test.
pub(crate) struct Smtp {
    _process: Running,
    lines: Lines,
    folder: TempDir,
    /// For STARTTLS, and for TLS from the first byte.
    ports: [u64; 2],
}

impl Smtp {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        certify(folder.path(), &["localhost"]);
        let smtp = Path(&folder);
        fs::write(smtp.file("orders.json"), "{}").expect("a file");
        let mut command = bare_command("/usr/bin/python3");
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/whole/smtp.py"));
        command.args(["certificate.pem", "key.pem", "orders.json"].map(|name| smtp.file(name)));
        let process = Running::start(command).expect("scripts/install-test-tools.sh was run");
        let lines = process.stdout().expect("its output").clone();
        let ports = lines
            .wait_for(LONG, |line| {
                let said: Value = serde_json::from_str(line).ok()?;
                let port = |place: usize| said["ports"].get(place)?.as_u64();
                Some([port(0)?, port(1)?])
            })
            .await;
        let ports = match ports {
            Ok(ports) => ports,
            Err(error) => panic!("{error}: {}", process.last_words().await),
        };
        Self { _process: process, lines, folder, ports }
    }

    /// By STARTTLS.
    pub(crate) fn url(&self) -> String {
        format!("smtp://tokenhouse:p%40ss%2Fword@localhost:{}", self.ports[0])
    }

    /// By TLS from the first byte.
    pub(crate) fn wrapped_url(&self) -> String {
        format!("smtps://tokenhouse:p%40ss%2Fword@localhost:{}", self.ports[1])
    }

    /// The file with the certificate of its authority.
    pub(crate) fn authority(&self) -> String {
        Path(&self.folder).file("authority.pem").display().to_string()
    }

    /// What to answer for an address, attempt by attempt, before mails to it are taken.
    pub(crate) fn order(&self, address: &str, replies: &[&str]) {
        let orders = json!({ address: replies }).to_string();
        fs::write(Path(&self.folder).file("orders.json"), orders).expect("a file");
    }

    /// How much it has said so far, for [`Smtp::mail_after`].
    pub(crate) fn mark(&self) -> usize {
        self.lines.mark()
    }

    /// Waits for a mail to that address with that in its subject, past or coming.
    pub(crate) async fn mail(&self, to: &str, subject: &str) -> Mail {
        self.mail_after(0, to, subject).await
    }

    /// The same, among those after a mark.
    pub(crate) async fn mail_after(&self, mark: usize, to: &str, subject: &str) -> Mail {
        let found = self.lines.wait_from(mark, LONG, |line| {
            let mail = Mail(serde_json::from_str(line).ok()?);
            let is_it = mail.0["to"] == json!([to]) && mail.header("subject")?.contains(subject);
            is_it.then_some(mail)
        });
        found.await.unwrap_or_else(|error| panic!("a mail to {to}, {subject}: {error}"))
    }
}

/// A mail as the server got it.
#[derive(Clone, Debug)]
pub(crate) struct Mail(pub(crate) Value);

impl Mail {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let all = self.0["headers"].as_array()?;
        all.iter().find(|pair| pair[0] == name)?[1].as_str()
    }

    pub(crate) fn part(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_else(|| panic!("no {name}: {self:?}"))
    }

    /// The token of the link in it, which is in both parts, to that page.
    pub(crate) fn token(&self, page: &str) -> String {
        let begins = format!("http://localhost/{page}/");
        let (_, after) = self.part("text").split_once(&begins).expect("a link in the text");
        let token = after.split_whitespace().next().expect("a token").to_owned();
        let link = format!("href=\"{begins}{token}\"");
        assert!(self.part("html").contains(&link), "{link}: {self:?}");
        token
    }
}

struct Path<'a>(&'a TempDir);

impl Path<'_> {
    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}
