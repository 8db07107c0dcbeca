//! Figures as Markdown for people and as JSON for programs.

use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::figure::{Bar, Figure, Latency, Mark};
use crate::stats;

/// Everything one run measured.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Table {
    pub(crate) figures: Vec<Figure>,
    pub(crate) latencies: Vec<Latency>,
    /// Rows that could not be measured, and why.
    pub(crate) failures: Vec<String>,
}

impl Table {
    /// The figures alone, as Markdown.
    pub(crate) fn summary(&self) -> String {
        let head = "| # | figure | result | yardstick of the same rounds | ratio | spread | bar | stretch | |\n\
                    |---|---|---|---|---|---|---|---|---|\n";
        std::iter::once(head.to_owned()).chain(self.figures.iter().map(line)).collect()
    }

    /// Figures, notes on them, and latencies, as Markdown.
    pub(crate) fn markdown(&self) -> String {
        let mut text = self.summary();
        let failures = self.failures.iter().map(|why| format!("- not measured: {why}\n"));
        let notes: Vec<String> = self.figures.iter().filter_map(note).chain(failures).collect();
        if !notes.is_empty() {
            text.push('\n');
            text.push_str(&notes.concat());
        }
        if !self.latencies.is_empty() {
            text.push_str("\n| latency | p50 | p99 | longest | answers |\n|---|---|---|---|---|\n");
            for latency in &self.latencies {
                let Latency { name, answers, p50, p99, max } = latency;
                text.push_str(&format!(
                    "| {name} | {p50:.2} ms | {p99:.2} ms | {max:.1} ms | {answers} |\n"
                ));
            }
        }
        text
    }

    /// Writes the same, with every round and the marks, as JSON.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let mut value = serde_json::to_value(self)?;
        for (place, figure) in self.figures.iter().enumerate() {
            value["figures"][place]["median"] = figure.value().into();
            value["figures"][place]["judged"] = stats::median(&figure.judged()).into();
            value["figures"][place]["mark"] = serde_json::to_value(figure.mark())?;
        }
        write(path, &value)
    }
}

/// Writes JSON for people to read too, making the folder.
pub(crate) fn write(path: &Path, value: &serde_json::Value) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, format!("{value:#}\n"))
        .with_context(|| format!("{} could not be written", path.display()))
}

/// What is judged of each figure that has a bar, run by run: the ratio where there is one, else the result.
pub(crate) fn in_a_row(runs: &[Table]) -> String {
    let Some(last) = runs.last() else { return String::new() };
    let mut text = format!("| # | figure |{} bar |\n|---|---|", " run |".repeat(runs.len()));
    text.push_str(&format!("{}---|\n", "---|".repeat(runs.len())));
    for figure in last.figures.iter().filter(|figure| !matches!(figure.bar, Bar::Shown)) {
        let cells: String = runs.iter().map(|run| cell(run, figure)).collect();
        text.push_str(&format!(
            "| {} | {} |{cells} {} |\n",
            figure.row,
            figure.name,
            bars(figure).0
        ));
    }
    text
}

/// The same figure in another run.
fn cell(run: &Table, wanted: &Figure) -> String {
    let same = |figure: &&Figure| (figure.row, &figure.name) == (wanted.row, &wanted.name);
    let Some(figure) = run.figures.iter().find(same) else { return " not run |".to_owned() };
    let judged = stats::median(&figure.judged()).or(figure.value());
    let unit = if figure.yardstick.is_some() { String::new() } else { unit(&figure.unit) };
    let mark = match figure.mark() {
        Mark::Missed => " **missed**",
        Mark::TooNoisy => " too noisy",
        _ => "",
    };
    judged.map_or(" not run |".to_owned(), |value| format!(" {}{unit}{mark} |", number(value)))
}

/// Bar and stretch.
fn bars(figure: &Figure) -> (String, String) {
    match figure.bar {
        Bar::AtLeast { bar, stretch } => (format!("≥ {bar}"), format!("≥ {stretch}")),
        Bar::AtMost { bar, stretch } => (format!("≤ {bar}"), format!("≤ {stretch}")),
        Bar::Exactly(wanted) => (format!("= {wanted}"), String::new()),
        Bar::Shown => (String::new(), String::new()),
    }
}

fn line(figure: &Figure) -> String {
    let judged = figure.judged();
    let result = figure.value().map_or("not run".to_owned(), |value| {
        let interval = figure
            .interval
            .map_or(String::new(), |[low, high]| format!(" ({} to {})", number(low), number(high)));
        format!("{}{}{interval}", number(value), unit(&figure.unit))
    });
    let yardstick = figure.yardstick.as_ref().map_or(String::new(), |yardstick| {
        let value = stats::median(&yardstick.rounds).map_or(String::new(), number);
        let spread = spread(&yardstick.rounds);
        format!("{}: {value}{} {spread}", yardstick.name, unit(&yardstick.unit))
    });
    let ratio = figure.yardstick.as_ref().and_then(|_| stats::median(&judged));
    let ratio = ratio.map_or(String::new(), |ratio| format!("{ratio:.2}"));
    let (bar, stretch) = bars(figure);
    let mark = match figure.mark() {
        Mark::Stretch if stretch.is_empty() => "exact",
        Mark::Stretch => "beyond stretch",
        Mark::Bar => "beyond bar",
        Mark::Missed => "**missed**",
        Mark::TooNoisy => "too noisy to tell",
        Mark::NotRun => "not run",
        Mark::Shown => "",
    };
    format!(
        "| {} | {} | {result} | {yardstick} | {ratio} | {} | {bar} | {stretch} | {mark} |\n",
        figure.row,
        figure.name,
        spread(&judged)
    )
}

fn note(figure: &Figure) -> Option<String> {
    let crowded = figure.others.filter(|_| figure.is_crowded()).map(|others| {
        format!("other programs used {:.0} % of the machine meanwhile", 100.0 * others)
    });
    let own = (!figure.note.is_empty()).then(|| figure.note.clone());
    let notes: Vec<String> = own.into_iter().chain(crowded).collect();
    let notes = (!notes.is_empty()).then(|| notes.join("; "))?;
    Some(format!("- {}, {}: {notes}\n", figure.row, figure.name))
}

fn spread(values: &[f64]) -> String {
    match stats::spread(values) {
        Some(spread) if values.len() > 1 => format!("± {spread:.0} %"),
        _ => String::new(),
    }
}

/// Per second stands close, other units apart.
fn unit(unit: &str) -> String {
    if unit.is_empty() || unit.starts_with('/') { unit.to_owned() } else { format!(" {unit}") }
}

/// Three digits that matter, and no more.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        size if size >= 0.001 => format!("{value:.3}"),
        _ => format!("{value:.1e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_the_digits_that_matter() {
        let shown = [0.0, 12_345.6, 45.67, 1.234, 0.0456, 0.000_012].map(number);
        assert_eq!(shown, ["0", "12346", "45.7", "1.23", "0.046", "1.2e-5"]);
    }

    #[test]
    fn a_line_shows_result_yardstick_ratio_spread_and_mark() {
        let figure = Figure::new(2, "reads", "/s", Bar::AtLeast { bar: 0.5, stretch: 0.7 })
            .rounds(vec![60.0, 66.0])
            .beside("bare", "/s", vec![100.0, 100.0]);
        assert_eq!(
            line(&figure),
            "| 2 | reads | 63.0/s | bare: 100/s ± 0 % | 0.63 | ± 5 % | ≥ 0.5 | ≥ 0.7 | beyond bar |\n"
        );
    }

    #[test]
    fn runs_in_a_row_stand_beside_each_other_by_what_is_judged() {
        let run = |reads: f64| {
            let bar = Bar::AtLeast { bar: 0.5, stretch: 0.7 };
            let figure = Figure::new(2, "reads", "/s", bar).rounds(vec![reads]).beside(
                "bare",
                "/s",
                vec![100.0],
            );
            Table { figures: vec![figure], ..Table::default() }
        };
        assert_eq!(
            in_a_row(&[run(60.0), run(40.0), Table::default(), run(80.0)]),
            "| # | figure | run | run | run | run | bar |\n|---|---|---|---|---|---|---|\n\
             | 2 | reads | 0.600 | 0.400 **missed** | not run | 0.800 | ≥ 0.5 |\n"
        );
    }

    #[test]
    fn what_was_not_run_says_so_and_why() {
        let bar = Bar::AtMost { bar: 0.05, stretch: 0.02 };
        let figure = Figure::new(14, "contention", "", bar).note("no control groups");
        let failures = vec!["row 1: the database is away".to_owned()];
        let table = Table { figures: vec![figure], failures, ..Table::default() };
        assert!(table.markdown().contains("| 14 | contention | not run |"));
        assert!(table.markdown().contains("- 14, contention: no control groups\n"));
        assert!(table.markdown().contains("- not measured: row 1: the database is away\n"));
    }
}
