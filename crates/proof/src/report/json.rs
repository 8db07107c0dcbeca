//! The report as one JSON document.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};

use super::Report;

/// Writes it.
///
/// # Errors
/// When the file cannot be written.
pub fn write(report: &Report, path: &Path) -> Result<()> {
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut file = BufWriter::new(file);
    serde_json::to_writer(&mut file, report)?;
    file.write_all(b"\n")?;
    file.flush().context("the report")
}
