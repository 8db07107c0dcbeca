//! Which statement a message carries, and which reply tells of a commit.
//!
//! A prepared statement is sent by its name after the first time, so names are remembered for as long
//! as the connection lasts. Only the beginning of a message is looked at (`framing::LOOKED_AT`).

use std::collections::HashMap;

use super::message::Kind;

#[derive(Debug, Default)]
pub(super) struct Statements {
    prepared: HashMap<Vec<u8>, String>,
    in_transaction: bool,
}

impl Statements {
    /// The SQL that a message of the client carries, if it is the beginning of a statement.
    pub(super) fn carried(&mut self, kind: Kind, body: &[u8]) -> Option<String> {
        let mut strings = body.split(|byte| *byte == 0);
        match kind {
            Kind::Frontend(b'Q') => Some(text(strings.next()?)),
            Kind::Frontend(b'P') => {
                let (name, sql) = (strings.next()?, text(strings.next()?));
                self.prepared.insert(name.to_vec(), sql.clone());
                Some(sql)
            }
            Kind::Frontend(b'B') => self.prepared.get(strings.nth(1)?).cloned(),
            Kind::Frontend(b'C') if body.first() == Some(&b'S') => {
                self.prepared.remove(body[1..].split(|byte| *byte == 0).next()?);
                None
            }
            _ => None,
        }
    }

    /// Whether a message of the server is the reply to a COMMIT, or to a statement that commits by
    /// itself.
    pub(super) fn tells_of_commit(&mut self, kind: Kind, body: &[u8]) -> bool {
        match (kind, body) {
            (Kind::Backend(b'Z'), [status, ..]) => {
                self.in_transaction = *status != b'I';
                false
            }
            (Kind::Backend(b'C'), tag) => {
                let tag = tag.split(|byte| *byte == 0).next().unwrap_or_default();
                let was = self.in_transaction;
                match tag {
                    b"BEGIN" | b"START TRANSACTION" => self.in_transaction = true,
                    b"COMMIT" | b"ROLLBACK" | b"PREPARE TRANSACTION" => self.in_transaction = false,
                    _ => return !was,
                }
                tag == b"COMMIT"
            }
            _ => false,
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARSE: Kind = Kind::Frontend(b'P');
    const BIND: Kind = Kind::Frontend(b'B');
    const COMPLETE: Kind = Kind::Backend(b'C');

    #[test]
    fn a_prepared_statement_is_known_by_its_name_until_it_is_closed() {
        let mut statements = Statements::default();
        let sql = Some("SELECT 1".to_owned());
        assert_eq!(statements.carried(PARSE, b"s1\0SELECT 1\0\0\0"), sql);
        assert_eq!(statements.carried(BIND, b"\0s1\0\0\0\0\0\0\0"), sql);
        assert_eq!(statements.carried(BIND, b"\0s2\0"), None);
        assert_eq!(statements.carried(Kind::Frontend(b'C'), b"Ss1\0"), None);
        assert_eq!(statements.carried(BIND, b"\0s1\0"), None);
        assert_eq!(statements.carried(Kind::Frontend(b'Q'), b"SELECT 1\0"), sql);
        assert_eq!(statements.carried(BIND, b""), None);
    }

    #[test]
    fn inside_a_transaction_only_the_commit_tells_of_a_commit() {
        let mut statements = Statements::default();
        let mut tells = |tag: &[u8]| statements.tells_of_commit(COMPLETE, tag);
        assert!(tells(b"INSERT 0 1\0"));
        assert!(!tells(b"BEGIN\0"));
        assert!(!tells(b"INSERT 0 1\0"));
        assert!(tells(b"COMMIT\0"));
        assert!(!statements.tells_of_commit(Kind::Backend(b'Z'), b"T"));
        assert!(!statements.tells_of_commit(COMPLETE, b"UPDATE 1\0"));
        assert!(!statements.tells_of_commit(COMPLETE, b"ROLLBACK\0"));
        assert!(statements.tells_of_commit(COMPLETE, b"UPDATE 1\0"));
    }
}
