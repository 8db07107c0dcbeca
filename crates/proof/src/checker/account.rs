//! I11: a name is registered once. Known from the answers alone; with the database's accounts also that
//! each acknowledged one is there, and one of unknown outcome at most once.

use std::collections::{BTreeMap, HashMap};

use super::index::{Index, violation};
use super::{Aftermath, Findings};
use crate::history::{Kind, Operation};

pub(super) fn names_are_unique(index: &Index<'_>, aftermath: Option<&Aftermath>) -> Findings {
    let mut asked: BTreeMap<String, Vec<&Operation>> = BTreeMap::new();
    for operation in &index.history.operations {
        if let Kind::Register { name, .. } = &operation.kind {
            asked.entry(name.to_lowercase()).or_default().push(operation);
        }
    }
    let mut all = Findings { looked: asked.len() as u64, violations: Vec::new() };
    let mut given: BTreeMap<&String, Vec<&Operation>> = BTreeMap::new();
    for (name, operations) in &asked {
        let acknowledged: Vec<_> =
            operations.iter().copied().filter(|operation| operation.is_ok()).collect();
        if acknowledged.len() > 1 {
            all.violations.push(violation("a name was given twice", &acknowledged));
        }
        given.insert(name, acknowledged);
    }
    if let Some(found) = aftermath {
        compare(&asked, &given, found, &mut all);
    }
    all
}

fn compare(
    asked: &BTreeMap<String, Vec<&Operation>>,
    given: &BTreeMap<&String, Vec<&Operation>>,
    found: &Aftermath,
    all: &mut Findings,
) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for account in &found.accounts {
        *counts.entry(account.name.to_lowercase()).or_default() += 1;
    }
    for (name, operations) in asked {
        let count = counts.get(name).copied().unwrap_or_default();
        let acknowledged = given.get(name).is_some_and(|given| !given.is_empty());
        let possible = operations.iter().any(|operation| operation.is_unknown());
        let text = match (count, acknowledged) {
            (0, true) => "an acknowledged registration left no account",
            (1, false) if !possible => "a refused registration left an account",
            (0 | 1, _) => continue,
            _ => "a name has several accounts",
        };
        all.violations.push(violation(text, operations));
    }
}
