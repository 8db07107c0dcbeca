//! One line for each request, written by hand: a formatting framework costs as much as the request
//! itself (`docs/performance.md`).

use std::io::Write;

use tokenhouse_processes::identity::ProcessId;

use crate::extract::client::Client;

/// What a request's line and metrics are made of.
pub struct Access<'a> {
    pub(crate) method: &'static str,
    pub(crate) route: &'a str,
    pub(crate) status: u16,
    pub(crate) seconds: f64,
    pub(crate) client: &'a Client,
    pub(crate) trace: Option<&'a str>,
}

impl Access<'_> {
    /// One JSON object with OpenTelemetry's attribute names. The route is the pattern, never the path:
    /// paths can hold identifiers.
    pub(super) fn json(&self, line: &mut Vec<u8>, now: &str, process: &ProcessId) {
        let Self { method, route, status, seconds, client, trace } = self;
        let head = format!(
            r#"{{"timestamp":"{now}","severity":"INFO","event.name":"http.server.request","http.request.method":"{method}","http.route":"{route}","http.response.status_code":{status},"http.server.request.duration":{seconds:.6},"tokenhouse.request.id":"{}","tokenhouse.process.id":"{process}""#,
            client.request_id
        );
        line.extend_from_slice(head.as_bytes());
        if let Some(address) = client.address {
            drop(write!(line, r#","client.address":"{address}""#));
        }
        if let Some(agent) = &client.user_agent {
            line.extend_from_slice(br#","user_agent.original":"#);
            drop(serde_json::to_writer(&mut *line, agent));
        }
        if let Some(trace) = trace {
            drop(write!(line, r#","trace_id":"{trace}""#));
        }
        line.extend_from_slice(b"}\n");
    }

    /// A short line for a person at a terminal.
    pub(super) fn text(&self, line: &mut Vec<u8>, clock: &str) {
        let Self { method, route, status, seconds, .. } = self;
        let route = if route.is_empty() { "(no such address)" } else { route };
        let millis = seconds * 1000.0;
        drop(writeln!(line, "{clock} {status} {method:6} {route:16} {millis:7.1} ms"));
    }
}
