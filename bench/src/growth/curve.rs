//! Curves as Markdown.

use serde::{Deserialize, Serialize};

use crate::table::number;

/// All curves of a run.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Growth {
    pub(crate) curves: Vec<Curve>,
}

/// How one engine's reads grow with one thing.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Curve {
    /// What grows.
    pub(crate) axis: String,
    pub(crate) engine: String,
    pub(crate) points: Vec<Point>,
}

/// The cost of one `GET /data` at one place of the axis: medians of the rounds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Point {
    pub(crate) at: u32,
    /// As fast as they are answered.
    pub(crate) per_second: f64,
    /// Microseconds of processor time.
    pub(crate) server: f64,
    pub(crate) database: f64,
    /// Milliseconds, at a fixed rate unless connections are the axis.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

impl Growth {
    /// One table for each axis, the engines side by side.
    pub(crate) fn markdown(&self) -> String {
        let mut axes: Vec<&str> = self.curves.iter().map(|curve| curve.axis.as_str()).collect();
        let mut seen = std::collections::BTreeSet::new();
        axes.retain(|axis| seen.insert(*axis));
        axes.iter().map(|axis| self.table(axis)).collect::<Vec<_>>().join("\n")
    }

    fn table(&self, axis: &str) -> String {
        let mut text = format!(
            "| {axis} | engine | requests/s | server CPU | database CPU | p50 | p99 |\n\
             |---|---|---|---|---|---|---|\n"
        );
        let curves = self.curves.iter().filter(|curve| curve.axis == axis);
        for (curve, point) in curves.flat_map(|curve| curve.points.iter().map(move |p| (curve, p)))
        {
            let Point { at, per_second, server, database, p50, p99 } = point;
            let database =
                if *database > 0.0 { format!("{database:.1} µs") } else { String::new() };
            text.push_str(&format!(
                "| {} | {} | {} | {server:.1} µs | {database} | {p50:.2} ms | {p99:.2} ms |\n",
                thousands(*at),
                curve.engine,
                number(*per_second)
            ));
        }
        text
    }
}

/// `1,000,000`.
fn thousands(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(
            [2, 999, 1000, 65_536, 10_000_000].map(thousands),
            ["2", "999", "1,000", "65,536", "10,000,000"]
        );
    }

    #[test]
    fn each_axis_is_one_table_with_both_engines() {
        let point = Point {
            at: 1000,
            per_second: 40_000.0,
            server: 12.0,
            database: 0.0,
            p50: 0.1,
            p99: 0.3,
        };
        let curve = |engine: &str| Curve {
            axis: "users".to_owned(),
            engine: engine.to_owned(),
            points: vec![point],
        };
        let growth = Growth { curves: vec![curve("A"), curve("B")] };
        let text = growth.markdown();
        assert_eq!(text.matches("| users |").count(), 1);
        assert!(text.ends_with("| 1,000 | B | 40000 | 12.0 µs |  | 0.10 ms | 0.30 ms |\n"));
    }
}
