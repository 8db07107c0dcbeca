//! Puts what was measured into the documents, between `<!-- bench:begin -->` and `<!-- bench:end -->` and
//! the same with `growth`, so that no figure in them was typed by hand.

use std::path::Path;

use anyhow::{Context, Result};

use crate::growth::Growth;
use crate::table::Table;

const README: &str = "README.md";
const PERFORMANCE: &str = "docs/performance.md";

/// What there is of the two measurements goes where it belongs.
pub(crate) fn publish(bench: &Path, growth: &Path) -> Result<()> {
    if bench.exists() {
        let table: Table = read(bench)?;
        replace(README, "bench", &table.summary())?;
        replace(PERFORMANCE, "bench", &table.markdown())?;
    }
    if growth.exists() {
        let growth: Growth = read(growth)?;
        replace(PERFORMANCE, "growth", &growth.markdown())?;
    }
    Ok(())
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
