//! Which write made which version: told by the answers to the writes, and by reads that show the value of
//! a write without an answer.

use std::collections::BTreeMap;

use super::{FIRST, Sight, blame};
use crate::checker::Violation;
use crate::checker::index::Index;
use crate::history::{Document, Kind, Operation, Outcome};

pub(super) struct Versions<'a> {
    /// The write that made each version, as far as it is known.
    pub(super) makers: BTreeMap<u64, &'a Operation>,
    /// Reads and acknowledged writes, with the version that each showed.
    pub(super) sights: Vec<Sight<'a>>,
    /// Writes of unknown outcome whose value nobody saw.
    pub(super) unseen: Vec<&'a Operation>,
}

impl<'a> Versions<'a> {
    pub(super) fn of(
        operations: &[&'a Operation],
        index: &Index<'a>,
        violations: &mut Vec<Violation>,
    ) -> Self {
        let mut versions = Self { makers: BTreeMap::new(), sights: Vec::new(), unseen: Vec::new() };
        for &operation in operations {
            if let Kind::Write { .. } = operation.kind {
                versions.note_write(operation, violations);
            }
        }
        for &operation in operations {
            if let Kind::Read { .. } = operation.kind {
                versions.note_read(operation, index, violations);
            }
        }
        let unknown = operations.iter().copied().filter(|operation| {
            matches!(operation.kind, Kind::Write { .. }) && operation.is_unknown()
        });
        let made: std::collections::HashSet<_> = versions.makers.values().map(|by| by.id).collect();
        versions.unseen = unknown.filter(|write| !made.contains(&write.id)).collect();
        versions
    }

    fn note_write(&mut self, write: &'a Operation, violations: &mut Vec<Violation>) {
        let Some(seen) = write.seen() else { return };
        let Some(version) = seen.version else { return };
        let Kind::Write { value, if_match } = write.kind else { return };
        self.sights.push(Sight { version, by: write });
        if if_match.is_some_and(|matched| matched.saturating_add(1) != version) {
            blame("a write went over another version than it named", &[write], violations);
        }
        if seen.document.as_ref().is_some_and(|shown| *shown != Document::Whole(value)) {
            blame("the answer to a write shows another document", &[write], violations);
        }
        if version <= FIRST {
            blame("a write did not count the version up", &[write], violations);
        }
        match self.makers.get(&version) {
            Some(other) => {
                let text = "two writes made the same version, so one is lost";
                blame(text, &[other, write], violations);
            }
            None => drop(self.makers.insert(version, write)),
        }
    }

    fn note_read(
        &mut self,
        read: &'a Operation,
        index: &Index<'a>,
        violations: &mut Vec<Violation>,
    ) {
        let Some(seen) = read.seen() else { return };
        let (Some(version), Some(document)) = (seen.version, &seen.document) else { return };
        self.sights.push(Sight { version, by: read });
        let value = match document {
            Document::Empty if version == FIRST => return,
            Document::Empty => {
                let maker: Vec<_> = self.makers.get(&version).copied().into_iter().collect();
                let both = [&maker[..], &[read]].concat();
                return blame("a written document was found empty", &both, violations);
            }
            Document::Torn(_) => {
                return blame("a document was found that nobody sent", &[read], violations);
            }
            Document::Whole(value) => value,
        };
        let Some(&write) = index.writes.get(value).filter(|write| write.user == read.user) else {
            return blame("a document was found that its user never sent", &[read], violations);
        };
        self.attribute(version, write, read, violations);
    }

    /// A read shows that `write` made `version`.
    fn attribute(
        &mut self,
        version: u64,
        write: &'a Operation,
        read: &'a Operation,
        violations: &mut Vec<Violation>,
    ) {
        if let Outcome::Fail(_) = write.outcome {
            return blame("a refused write was found done", &[write, read], violations);
        }
        match self.makers.get(&version) {
            Some(maker) if maker.id == write.id => return,
            Some(maker) => {
                let text = "a version holds another document than was written as it";
                return blame(text, &[maker, write, read], violations);
            }
            None => {}
        }
        let elsewhere = self.makers.values().any(|maker| maker.id == write.id);
        let misplaced = matches!(write.kind,
            Kind::Write { if_match: Some(matched), .. } if matched.saturating_add(1) != version);
        if elsewhere || misplaced || version <= FIRST || write.is_ok() {
            let text = "a document was found as another version than it was written as";
            return blame(text, &[write, read], violations);
        }
        self.makers.insert(version, write);
    }
}
