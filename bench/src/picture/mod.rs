//! Pictures for the documents, from what was measured, as SVG that reads well on light and dark pages.

mod lines;
mod stack;
mod svg;

use std::path::Path;

use anyhow::{Context, Result};

use crate::growth::Growth;

/// Where a request's time goes, from a list of layers.
pub(crate) fn time(from: &Path, to: &Path) -> Result<()> {
    let layers: Vec<stack::Layer> = read(from)?;
    write(to, &stack::draw(&layers)?)
}

/// How processor time grows with one thing, from what `growth` wrote.
pub(crate) fn growth(from: &Path, axis: &str, to: &Path) -> Result<()> {
    let growth: Growth = read(from)?;
    let curves: Vec<_> = growth.curves.iter().filter(|curve| curve.axis.contains(axis)).collect();
    write(to, &lines::draw(&curves)?)
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} cannot be understood", path.display()))
}

fn write(path: &Path, svg: &str) -> Result<()> {
    std::fs::write(path, svg).with_context(|| format!("cannot write {}", path.display()))
}
