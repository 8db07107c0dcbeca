//! Puts what was measured into the documents, between `<!-- bench:begin -->` and `<!-- bench:end -->` and
//! the same with `runs`, `growth` and `time`, and draws the pictures, so that no figure was typed by hand.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::growth::Growth;
use crate::picture;
use crate::table::{self, Table};

const README: &str = "README.md";
const PERFORMANCE: &str = "docs/performance.md";
/// A word of the axis, and the picture of it.
const PICTURES: [(&str, &str); 2] =
    [("users", "growth-users.svg"), ("connections", "growth-connections.svg")];

/// What there is of the measurements goes where it belongs: the last run whole, and of several what each judged.
pub(crate) fn publish(runs: &[PathBuf], growth: &Path, time: &Path) -> Result<()> {
    let runs: Vec<&PathBuf> = runs.iter().filter(|run| run.exists()).collect();
    let tables = runs.into_iter().map(|run| read(run)).collect::<Result<Vec<Table>>>()?;
    if let Some(last) = tables.last() {
        replace(README, "bench", &last.summary())?;
        replace(PERFORMANCE, "bench", &last.markdown())?;
    }
    if tables.len() > 1 {
        replace(PERFORMANCE, "runs", &table::in_a_row(&tables))?;
    }
    if growth.exists() {
        let curves: Growth = read(growth)?;
        let mut text = curves.markdown();
        for (axis, file) in PICTURES {
            picture::growth(growth, axis, &beside(file))?;
            text.push_str(&format!("\n![Processor time of a read against {axis}]({file})\n"));
        }
        replace(PERFORMANCE, "growth", &text)?;
    }
    if time.exists() {
        picture::time(time, &beside("request-time.svg"))?;
        let text = "![Where the time of a read goes, layer by layer](request-time.svg)\n";
        replace(PERFORMANCE, "time", text)?;
    }
    Ok(())
}

fn beside(file: &str) -> PathBuf {
    Path::new(PERFORMANCE).with_file_name(file)
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read_to_string(path)?;
    serde_json::from_str(&text)
        .with_context(|| format!("{} is from another version", path.display()))
}

fn replace(file: &str, what: &str, text: &str) -> Result<()> {
    let old = std::fs::read_to_string(file).with_context(|| format!("no {file} here"))?;
    let new =
        between(&old, what, text).with_context(|| format!("no place for {what} in {file}"))?;
    std::fs::write(file, new)?;
    eprintln!("{file}: {what}");
    Ok(())
}

fn between(old: &str, what: &str, text: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- {what}:begin -->\n"), format!("<!-- {what}:end -->"));
    let (before, rest) = old.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}{text}{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_is_replaced() {
        let old = "a\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nb\n";
        let new = "a\n<!-- bench:begin -->\nnew\n<!-- bench:end -->\nb\n";
        assert_eq!(between(old, "bench", "new\n").as_deref(), Some(new));
        assert_eq!(between(old, "growth", "new\n"), None);
    }
}
