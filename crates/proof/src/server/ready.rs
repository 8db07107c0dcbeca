//! Which printed lines say that a server is ready, and what they tell about it.
//!
//! The names are those of the server's log: `event.name`, `server.address`, `server.port`,
//! `process.pid` and two of its own.

use std::net::{IpAddr, SocketAddr};

use serde_json::Value;

/// Printed by each serving process.
pub(super) const PROCESS: &str = "tokenhouse.ready";
/// Printed by a supervisor once all of its processes are ready.
pub(super) const SUPERVISOR: &str = "tokenhouse.supervisor.ready";

/// What one process said when it was ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// Where it serves.
    pub addr: SocketAddr,
    /// Its management address, if it has one.
    pub management: Option<SocketAddr>,
    /// Its process id.
    pub pid: u32,
    /// The name that it puts into the `tokenhouse-process` header, if it said so.
    pub process: Option<String>,
}

/// The line as an event of that name.
pub(super) fn event(line: &str, name: &str) -> Option<Value> {
    // Most lines are others, and a parse costs more than a search.
    if !line.contains(name) {
        return None;
    }
    let value: Value = serde_json::from_str(line).ok()?;
    (value.get("event.name")?.as_str()? == name).then_some(value)
}

impl Ready {
    /// What a line says, if a serving process says in it that it is ready.
    #[must_use]
    pub fn of_process(line: &str) -> Option<Self> {
        Self::of_line(line, PROCESS)
    }

    /// What a line says, if it is the event `name` with an address.
    pub(super) fn of_line(line: &str, name: &str) -> Option<Self> {
        let event = event(line, name)?;
        let text = |key: &str| event.get(key).and_then(Value::as_str);
        let number = |key: &str| event.get(key).and_then(Value::as_u64);
        // A supervisor may leave out the address that it was told to listen on.
        let ip: IpAddr = text("server.address").unwrap_or("127.0.0.1").parse().ok()?;
        let port = u16::try_from(number("server.port")?).ok()?;
        Some(Self {
            addr: SocketAddr::new(ip, port),
            management: text("tokenhouse.management.address").and_then(|text| text.parse().ok()),
            pid: u32::try_from(number("process.pid")?).ok()?,
            process: text("tokenhouse.process.id").map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_process_tells_its_addresses() {
        let line = r#"{"event.name":"tokenhouse.ready","server.address":"127.0.0.1","server.port":4000,"tokenhouse.management.address":"127.0.0.1:4001","process.pid":7,"tokenhouse.process.id":"a1"}"#;
        let ready = Ready::of_line(line, PROCESS).expect("it is the event");
        assert_eq!(ready.addr, SocketAddr::from(([127, 0, 0, 1], 4000)));
        assert_eq!(ready.management, Some(SocketAddr::from(([127, 0, 0, 1], 4001))));
        assert_eq!((ready.pid, ready.process.as_deref()), (7, Some("a1")));
    }

    #[test]
    fn other_lines_and_other_events_that_mention_the_name_are_not_taken() {
        assert_eq!(Ready::of_line("tokenhouse.ready soon", PROCESS), None);
        let line =
            r#"{"event.name":"x","message":"tokenhouse.ready","server.port":1,"process.pid":7}"#;
        assert_eq!(Ready::of_line(line, PROCESS), None);
    }
}
