//! Row 13: the program on the disk.

use anyhow::Result;
use tokenhouse_proof::server::binary;

use crate::figure::{Bar, Figure};
use crate::table::Table;

pub(super) fn measure(table: &mut Table) -> Result<()> {
    let path = binary()?;
    let bar = Bar::AtMost { bar: 20.0, stretch: 12.0 };
    let figure = Figure::new(13, "the program, stripped", "MB", bar);
    // Only a release build is stripped.
    let release = path.components().any(|part| part.as_os_str() == "release");
    let megabytes = std::fs::metadata(&path)?.len() as f64 / 1e6;
    table.figures.push(if release {
        figure.rounds(vec![megabytes])
    } else {
        figure.note("the program beside this one is no release build")
    });
    Ok(())
}
