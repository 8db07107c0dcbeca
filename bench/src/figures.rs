//! Medians, spreads, ratios, and the table.

use std::collections::BTreeMap;

use serde_json::json;

/// Every figure of every round.
#[derive(Default)]
pub(crate) struct Series(BTreeMap<&'static str, Vec<f64>>);

impl Series {
    pub(crate) fn add(&mut self, name: &'static str, value: f64) {
        self.0.entry(name).or_default().push(value);
    }

    /// Median, and half the range in per cent of it.
    fn summary(&self, name: &str) -> (f64, f64) {
        summary(self.0.get(name).map_or(&[], Vec::as_slice))
    }

    /// Median and spread of the ratios of each round.
    fn ratio(&self, name: &str, yardstick: &str) -> (f64, f64) {
        let (Some(a), Some(b)) = (self.0.get(name), self.0.get(yardstick)) else {
            return (0.0, 0.0);
        };
        let ratios: Vec<f64> = a.iter().zip(b).map(|(a, b)| a / b).collect();
        summary(&ratios)
    }
}

fn summary(values: &[f64]) -> (f64, f64) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(median) = sorted.get(sorted.len() / 2).copied() else { return (0.0, 0.0) };
    let range = sorted.last().unwrap_or(&median) - sorted.first().unwrap_or(&median);
    (median, range / 2.0 / median * 100.0)
}

/// Prints the table as Markdown and writes the same as JSON beside it.
pub(crate) fn print(all: &Series, starts: &[f64], (idle, loaded): (f64, f64)) {
    println!("| figure | result | yardstick of the same run | ratio |");
    println!("|---|---|---|---|");
    let rows = [
        ("`POST /login`, SQLite", "login sqlite", "Argon2id hashes/s on all cores", "hashes/s"),
        (
            "`POST /login`, PostgreSQL",
            "login postgres",
            "Argon2id hashes/s on all cores",
            "hashes/s",
        ),
        ("`GET /data`, SQLite, 64 connections", "data sqlite", "bare axum route", "bare"),
        (
            "`GET /data`, PostgreSQL, 64 connections",
            "data postgres",
            "`pgbench -S -M prepared -c 32`",
            "pgbench",
        ),
    ];
    let mut kept = Vec::new();
    for (title, name, against, yardstick) in rows {
        let (value, spread) = all.summary(name);
        let (limit, limit_spread) = all.summary(yardstick);
        let (ratio, ratio_spread) = all.ratio(name, yardstick);
        println!(
            "| {title} | {value:.0}/s ± {spread:.0} % | {against}: {limit:.0}/s ± {limit_spread:.0} % | {ratio:.2} ± {ratio_spread:.0} % |"
        );
        kept.push(
            json!({ "figure": name, "per_second": value, "yardstick": limit, "ratio": ratio }),
        );
    }
    let (start, spread) = summary(starts);
    println!("| exec to first 200, new SQLite database | {start:.0} ms ± {spread:.0} % | | |");
    println!(
        "| resident memory, idle → after this run (SQLite) | {idle:.0} → {loaded:.0} MB | | |"
    );
    let file = json!({ "rows": kept, "start_ms": start, "idle_mb": idle, "loaded_mb": loaded });
    if let Err(error) = std::fs::write("target/bench.json", format!("{file:#}\n")) {
        eprintln!("target/bench.json could not be written: {error}");
    }
}
