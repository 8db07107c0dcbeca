//! What commands print: data on stdout, all else on stderr.
//!
//! Whoever closes the other end, as `head` does, has what she wanted: what comes after goes nowhere, and
//! the command does its work and ends as it would have. Any other failure is an error of the command, a
//! full disk for instance. `println!` would panic at both.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

/// One line of data.
pub(crate) fn line(text: impl Display) -> io::Result<()> {
    unless_closed(writeln!(io::stdout(), "{text}"))
}

/// Data that is a text of its own.
pub(crate) fn data(text: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout();
    unless_closed(stdout.write_all(text).and_then(|()| stdout.flush()))
}

/// One line for the person at the terminal. Nothing depends on its being read.
pub(crate) fn note(text: impl Display) {
    aside(format_args!("{text}\n"));
}

/// The same without an end of the line.
pub(crate) fn aside(text: impl Display) {
    let mut stderr = io::stderr();
    write!(stderr, "{text}").and_then(|()| stderr.flush()).ok();
}

fn unless_closed(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
