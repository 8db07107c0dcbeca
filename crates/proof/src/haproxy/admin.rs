//! HAProxy's admin socket: one question per connection, and the table of servers read from its
//! answer (management guide, 9.1 and 9.3).

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

/// What the balancer thinks of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Its last check passed.
    Up,
    /// Its last check failed.
    Down,
    /// It was not checked yet, or is out for another reason.
    Other,
}

/// One server, as the balancer sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its name in the configuration.
    pub name: String,
    /// What the balancer thinks of it.
    pub health: Health,
    /// How many requests it was given so far, but for those that cost a hash.
    pub requests: u64,
}

/// The backend of the shipped file whose servers are checked; any other one follows it.
pub(super) const CHECKED: &str = "tokenhouse";

/// Asks one question.
pub(super) async fn ask(socket: &Path, question: &str) -> Result<String> {
    let mut stream = UnixStream::connect(socket).await.context("HAProxy's admin socket")?;
    stream.write_all(format!("{question}\n").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    // What "set server" says when it refuses is not marked as an error; success is silence, or the
    // sentence of what was changed.
    if question.starts_with("set ") {
        let answer = answer.trim();
        let done = answer.is_empty()
            || answer.contains("changed from")
            || answer.contains("no need to change");
        ensure!(done, "{question}: {answer}");
    }
    Ok(answer)
}

/// Reads the servers from the answer to `show stat`: a line of names, then a line per server. Those
/// of other backends than [`CHECKED`] are the same servers again.
pub(super) fn servers(table: &str) -> Result<Vec<Server>> {
    let mut lines = table.lines();
    let head: Vec<&str> = lines
        .next()
        .and_then(|line| line.strip_prefix("# "))
        .context("no table of servers")?
        .split(',')
        .collect();
    let column = |name: &str| {
        head.iter().position(|column| *column == name).with_context(|| format!("no column {name}"))
    };
    let backend = column("pxname")?;
    let columns = [column("svname")?, column("status")?, column("check_status")?, column("stot")?];
    lines
        .map(|line| line.split(',').collect::<Vec<_>>())
        .filter(|cells| cells.get(backend) == Some(&CHECKED))
        .map(|cells| {
            let [name, status, check, requests] =
                columns.map(|column| cells.get(column).copied().unwrap_or_default());
            if name.is_empty() {
                bail!("a server without a name: {cells:?}");
            }
            Ok(Server {
                name: name.to_owned(),
                health: health(status, check),
                requests: requests.parse().unwrap_or_default(),
            })
        })
        .collect()
}

/// A server begins as "UP" before it was ever checked; its first check then shows as `L7OK`. While a
/// check is under way, `check_status` has a `* ` before the last result.
fn health(status: &str, check: &str) -> Health {
    match (status, check.trim_start_matches("* ")) {
        ("UP", "L7OK") => Health::Up,
        ("DOWN", _) => Health::Down,
        _ => Health::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_counts_as_up_only_after_a_check() -> Result<()> {
        let table = "# pxname,svname,stot,status,check_status,\n\
            tokenhouse,s1,5,UP,L7OK,\n\
            tokenhouse,s2,0,UP,* INI,\n\
            tokenhouse,s3,0,DOWN,* L4CON,\n\
            hashing,s1,7,UP,,\n\n";
        let seen: Vec<_> = servers(table)?
            .into_iter()
            .map(|server| (server.name, server.health, server.requests))
            .collect();
        assert_eq!(
            seen,
            [
                ("s1".to_owned(), Health::Up, 5),
                ("s2".to_owned(), Health::Other, 0),
                ("s3".to_owned(), Health::Down, 0),
            ]
        );
        Ok(())
    }
}
