//! One line for each request, written by hand: a formatting framework costs as much as the request
//! itself (`docs/performance.md`).

use std::io::Write;
use std::time::Duration;

use tokenhouse_processes::identity::ProcessId;
use tokenhouse_rules::time::Timestamp;

use crate::extract::client::Client;
use crate::router::Route;
use crate::text::{self, Clock};

/// What a request's line and metrics are made of.
pub struct Access<'a> {
    pub(crate) method: &'static str,
    pub(crate) route: Route,
    pub(crate) status: u16,
    pub(crate) took: Duration,
    pub(crate) client: &'a Client,
    pub(crate) trace: Option<&'a str>,
}

impl Access<'_> {
    /// One JSON object with OpenTelemetry's attribute names. The route is the pattern, never the path:
    /// paths can hold identifiers. Only the user agent can need escapes.
    pub(super) fn json(
        &self,
        line: &mut Vec<u8>,
        (clock, now): (&mut Clock, Timestamp),
        process: &ProcessId,
    ) {
        let Self { method, route, status, took, client, trace } = self;
        line.extend_from_slice(br#"{"timestamp":""#);
        clock.write(line, now);
        line.extend_from_slice(
            br#"","severity":"INFO","event.name":"http.server.request","http.request.method":""#,
        );
        line.extend_from_slice(method.as_bytes());
        line.extend_from_slice(br#"","http.route":""#);
        line.extend_from_slice(route.as_str().as_bytes());
        line.extend_from_slice(br#"","http.response.status_code":"#);
        text::number(line, u64::from(*status));
        line.extend_from_slice(br#","http.server.request.duration":"#);
        text::seconds(line, *took);
        line.extend_from_slice(br#","tokenhouse.request.id":""#);
        line.extend_from_slice(client.request_id.as_bytes());
        line.extend_from_slice(br#"","tokenhouse.process.id":""#);
        line.extend_from_slice(process.as_str().as_bytes());
        line.push(b'"');
        if let Some(address) = client.address {
            line.extend_from_slice(br#","client.address":""#);
            text::address(line, address);
            line.push(b'"');
        }
        if let Some(agent) = client.user_agent() {
            line.extend_from_slice(br#","user_agent.original":"#);
            text::string(line, agent.as_bytes());
        }
        if let Some(trace) = trace {
            line.extend_from_slice(br#","trace_id":""#);
            line.extend_from_slice(trace.as_bytes());
            line.push(b'"');
        }
        line.extend_from_slice(b"}\n");
    }

    /// A short line for a person at a terminal.
    pub(super) fn text(&self, line: &mut Vec<u8>, (clock, now): (&mut Clock, Timestamp)) {
        let Self { method, route, status, took, .. } = self;
        let route = match route.as_str() {
            "" => "(no such address)",
            known => known,
        };
        let (clock, millis) = (clock.time_of_day(now), took.as_secs_f64() * 1000.0);
        // Writing to memory cannot fail.
        let _ = writeln!(line, "{clock} {status} {method:6} {route:16} {millis:7.1} ms");
    }
}
