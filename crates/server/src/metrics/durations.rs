//! How long requests took, by route, method and status: counted without a lock and without allocating.
//!
//! The routes are known (`router.rs`), so each has a row; what is asked of it claims one of the row's
//! few cells by the first request of its kind. Clients can make up none of the three, so the cells
//! suffice; if they should not, the last one takes the rest.
#![expect(clippy::disallowed_types, reason = "counts what was, decides nothing")]

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, NoLabelSet};
use prometheus_client::metrics::MetricType;

use crate::router::Route;

/// Bucket bounds in microseconds: from a cached read to the request deadline.
const BOUNDS: [u64; 13] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    2_500_000, 10_000_000,
];

/// Known methods only: a label must not be made up by a client.
const METHODS: [&str; 8] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", OTHER];

const OTHER: &str = "_OTHER";

/// Kinds of answer to one route, methods it does not have included; the API has fewer.
const CELLS: usize = 48;

/// A method that is known, or `_OTHER`.
pub(crate) fn method_name(method: &str) -> &'static str {
    METHODS.iter().find(|known| **known == method).copied().unwrap_or(OTHER)
}

#[derive(Debug)]
struct Cell {
    /// Method and status, plus one; zero while unclaimed.
    kind: AtomicU32,
    micros: AtomicU64,
    /// One more than bounds: what took longer than the last.
    counts: [AtomicU64; BOUNDS.len() + 1],
}

#[derive(Debug)]
struct Row {
    route: Route,
    cells: [Cell; CELLS],
}

/// The durations of all requests.
#[derive(Debug)]
pub(super) struct Durations(Vec<Row>);

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Labels {
    http_request_method: &'static str,
    http_route: &'static str,
    http_response_status_code: u16,
}

impl Default for Durations {
    fn default() -> Self {
        let cell = || Cell {
            kind: AtomicU32::new(0),
            micros: AtomicU64::new(0),
            counts: std::array::from_fn(|_| AtomicU64::new(0)),
        };
        let row = |route| Row { route, cells: std::array::from_fn(|_| cell()) };
        Self(Route::all().map(row).collect())
    }
}

impl Durations {
    pub(super) fn observe(&self, route: Route, kind: (&'static str, u16), took: Duration) {
        let Some(row) = self.0.get(route.index()) else { return };
        let cell = row.cell(number(kind));
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.iter().position(|bound| micros <= *bound).unwrap_or(BOUNDS.len());
        cell.counts[bucket].fetch_add(1, Ordering::Relaxed);
        cell.micros.fetch_add(micros, Ordering::Relaxed);
    }
}

impl Row {
    fn cell(&self, kind: u32) -> &Cell {
        let mine = |cell: &&Cell| {
            let claimed = cell.kind.load(Ordering::Relaxed);
            claimed == kind
                || claimed == 0
                    && cell
                        .kind
                        .compare_exchange(0, kind, Ordering::Relaxed, Ordering::Relaxed)
                        .map_or_else(|first| first == kind, |_| true)
        };
        self.cells.iter().find(mine).unwrap_or(&self.cells[CELLS - 1])
    }
}

fn number((method, status): (&'static str, u16)) -> u32 {
    let method = METHODS.iter().position(|known| *known == method).unwrap_or(METHODS.len() - 1);
    ((method as u32) << 16 | u32::from(status)) + 1
}

impl Cell {
    fn labels(&self, route: Route) -> Option<Labels> {
        let kind = self.kind.load(Ordering::Relaxed).checked_sub(1)?;
        Some(Labels {
            http_request_method: METHODS.get((kind >> 16) as usize).copied().unwrap_or(OTHER),
            http_route: route.as_str(),
            http_response_status_code: kind as u16,
        })
    }
}

impl Collector for Durations {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let mut family = encoder.encode_descriptor(
            "http_server_request_duration_seconds",
            "Duration of HTTP requests in seconds.",
            None,
            MetricType::Histogram,
        )?;
        for row in &self.0 {
            for cell in &row.cells {
                let Some(labels) = cell.labels(row.route) else { break };
                let bounds = BOUNDS.iter().map(|bound| *bound as f64 / 1e6).chain([f64::INFINITY]);
                let counts = cell.counts.iter().map(|count| count.load(Ordering::Relaxed));
                let buckets: Vec<(f64, u64)> = bounds.zip(counts).collect();
                let total = buckets.iter().map(|(_, count)| count).sum();
                let seconds = Duration::from_micros(cell.micros.load(Ordering::Relaxed));
                family.encode_family(&labels)?.encode_histogram::<NoLabelSet>(
                    seconds.as_secs_f64(),
                    total,
                    &buckets,
                    None,
                )?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;
    use prometheus_client::metrics::family::Family;
    use prometheus_client::metrics::histogram::Histogram;
    use prometheus_client::registry::Registry;

    use super::*;

    #[test]
    fn it_is_told_as_a_histogram_of_the_library_would_be() {
        let observed = [
            ("/data", "GET", 200, 100),
            ("/data", "GET", 200, 500),
            ("/data", "GET", 200, 501),
            ("/data", "GET", 401, 20_000_000),
            ("/data", "PUT", 200, 7_000),
            ("/login", "POST", 200, 30_000),
            ("", "_OTHER", 404, 9),
        ];
        let durations = Durations::default();
        let constructor: fn() -> Histogram =
            || Histogram::new(BOUNDS.map(|bound| bound as f64 / 1e6));
        let family: Family<Labels, Histogram, _> = Family::new_with_constructor(constructor);
        for (route, method, status, micros) in observed {
            let took = Duration::from_micros(micros);
            durations.observe(Route::of(route), (method, status), took);
            let labels = Labels {
                http_request_method: method,
                http_route: route,
                http_response_status_code: status,
            };
            family.get_or_create(&labels).observe(micros as f64 / 1e6);
        }
        let told = |registry: &Registry| {
            let mut text = String::new();
            encode(&mut text, registry).expect("memory");
            let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        let (mut ours, mut theirs) = (Registry::default(), Registry::default());
        ours.register_collector(Box::new(durations));
        let (name, help) =
            ("http_server_request_duration_seconds", "Duration of HTTP requests in seconds");
        theirs.register(name, help, family);
        let (ours, theirs) = (told(&ours), told(&theirs));
        assert_eq!(ours.len(), theirs.len());
        for (our, their) in ours.iter().zip(&theirs) {
            assert_eq!(our, their);
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "who counts at once")]
    fn every_request_is_counted_whoever_counts_at_once() {
        let durations = std::sync::Arc::new(Durations::default());
        let count = |durations: &Durations| {
            for status in 200..(200 + 2 * CELLS as u16) {
                durations.observe(Route::of("/data"), ("GET", status), Duration::from_micros(1));
            }
        };
        let others: Vec<_> = (0..4)
            .map(|_| {
                let durations = std::sync::Arc::clone(&durations);
                std::thread::spawn(move || count(&durations))
            })
            .collect();
        count(&durations);
        others.into_iter().for_each(|other| other.join().expect("a thread"));
        let row = &durations.0[Route::of("/data").index()];
        let total: u64 =
            row.cells.iter().flat_map(|cell| &cell.counts).map(|c| c.load(Ordering::Relaxed)).sum();
        assert_eq!(total, 5 * 2 * CELLS as u64);
    }
}
