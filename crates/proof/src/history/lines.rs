//! A history as JSON lines: the run first, then one operation a line.

use std::io::{BufRead, Write};

use super::{History, Operation, Run};

/// Why a text is not a history.
#[derive(Debug, thiserror::Error)]
pub enum BadHistory {
    /// It could not be read.
    #[error("cannot read the history: {0}")]
    Read(#[from] std::io::Error),
    /// It has no first line.
    #[error("the history is empty")]
    Empty,
    /// A line is not what it should be; a run that was killed may have left half of one.
    #[error("line {line} of the history: {error}")]
    Line {
        /// From 1.
        line: usize,
        /// What is wrong with it.
        error: serde_json::Error,
    },
}

impl History {
    /// Writes all of it.
    ///
    /// # Errors
    /// When the target does not take it.
    pub fn write_to(&self, mut target: impl Write) -> std::io::Result<()> {
        serde_json::to_writer(&mut target, &self.run)?;
        target.write_all(b"\n")?;
        for operation in &self.operations {
            serde_json::to_writer(&mut target, operation)?;
            target.write_all(b"\n")?;
        }
        target.flush()
    }

    /// Reads what [`History::write_to`] wrote.
    ///
    /// # Errors
    /// [`BadHistory`], with the number of the line.
    pub fn read_from(source: impl BufRead) -> Result<Self, BadHistory> {
        let mut lines = (1..).zip(source.lines());
        let (_, first) = lines.next().ok_or(BadHistory::Empty)?;
        let run: Run =
            serde_json::from_str(&first?).map_err(|error| BadHistory::Line { line: 1, error })?;
        let operations = lines
            .map(|(line, text)| {
                serde_json::from_str::<Operation>(&text?)
                    .map_err(|error| BadHistory::Line { line, error })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { run, operations })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{
        Document, Kind, Nanos, OperationId, Outcome, Refusal, Seen, SessionNo, TokenNo, Trouble,
        UserNo,
    };

    fn operation(id: u64, kind: Kind, outcome: Outcome) -> Operation {
        Operation {
            id: OperationId(id),
            kind,
            user: UserNo(7),
            session: Some(SessionNo(OperationId(1))),
            process: Some("p1".to_owned()),
            intended: Nanos(1),
            invoke: Nanos(2),
            ret: Nanos(u64::MAX - 1),
            outcome,
        }
    }

    fn history() -> History {
        let seen = Seen {
            user: Some("u".to_owned()),
            version: Some(u64::MAX),
            document: Some(Document::Torn("a\nb".to_owned())),
            token: Some(TokenNo(9)),
            signed_by: Some("k".to_owned()),
            keys: vec!["k".to_owned()],
        };
        let other = Refusal::Other { status: 409, code: "conflict".to_owned() };
        let trouble = Trouble::Status { status: 503, retry_after: true };
        let operations = vec![
            operation(2, Kind::Read { together: Some(4) }, Outcome::Ok(seen)),
            operation(3, Kind::Write { value: 9, if_match: Some(2) }, Outcome::Fail(other)),
            operation(
                4,
                Kind::EndSession { target: SessionNo(OperationId(1)) },
                Outcome::Unknown(trouble),
            ),
        ];
        History { run: Run { name: "r".to_owned(), seed: 5 }, operations }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut text = Vec::new();
        history().write_to(&mut text).expect("memory takes it");
        assert_eq!(text.iter().filter(|byte| **byte == b'\n').count(), 4);
        assert_eq!(History::read_from(&text[..]).expect("a history"), history());
    }

    #[test]
    fn half_a_line_is_named() {
        let mut text = Vec::new();
        history().write_to(&mut text).expect("memory takes it");
        let cut = History::read_from(&text[..text.len() - 9]).expect_err("half a line");
        assert!(cut.to_string().starts_with("line 4 of the history"), "{cut}");
        assert!(matches!(History::read_from(&b""[..]), Err(BadHistory::Empty)));
    }
}
