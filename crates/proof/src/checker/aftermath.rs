//! What was found in the database after a run, by whoever can look into it; and I15, which is nothing
//! else. The requests of a run carry its name in their ids, and the audit trail keeps these.

use serde::{Deserialize, Serialize};

use super::{Findings, Violation};

/// What was found in the database after a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aftermath {
    /// The accounts whose names begin with the run's.
    pub accounts: Vec<Account>,
    /// The audit rows of the run: by the ids of its requests, or about its users.
    pub audit_rows: Vec<AuditRow>,
    /// How many rows were looked at for what they refer to.
    pub rows_examined: u64,
    /// Rows that refer to what is not there, each described.
    pub orphans: Vec<String>,
    /// Constraints that do not hold, each described.
    pub broken_constraints: Vec<String>,
}

/// An account that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A row of the audit trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// The event's stable name.
    pub event: String,
    /// The id of the user it is about.
    pub user: String,
    /// The id of the request that caused it; none if the command line did.
    pub request_id: Option<String>,
}

/// I15.
pub(super) fn nothing_is_broken(found: &Aftermath) -> Findings {
    let broken =
        found.broken_constraints.iter().map(|what| format!("a constraint is broken: {what}"));
    let orphans = found.orphans.iter().map(|what| format!("an orphan: {what}"));
    let violations =
        orphans.chain(broken).map(|message| Violation { message, operations: Vec::new() });
    Findings { looked: found.rows_examined, violations: violations.collect() }
}
