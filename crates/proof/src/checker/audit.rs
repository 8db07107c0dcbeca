//! I12: an acknowledged security operation has exactly one audit row, one of unknown outcome at most one,
//! a refused one none. What an operator did has no request; its rows are counted per user.

use std::collections::HashMap;

use super::index::{Index, violation};
use super::{Aftermath, Findings, Violation};
use crate::history::{Kind, Operation, OperationId};

pub(super) fn one_row_each(index: &Index<'_>, found: &Aftermath) -> Findings {
    let mut all = Findings::new();
    let run = &index.history.run;
    let mut rows: HashMap<(OperationId, &str), usize> = HashMap::new();
    for row in &found.audit_rows {
        if let Some(id) = row.request_id.as_ref().and_then(|request| run.operation_of(request)) {
            *rows.entry((id, &row.event)).or_default() += 1;
        }
    }
    for operation in &index.history.operations {
        let Some(event) = event(&operation.kind) else { continue };
        all.looked += 1;
        let count = rows.remove(&(operation.id, event)).unwrap_or_default();
        let allowed = match (operation.is_ok(), operation.is_unknown()) {
            (true, _) => 1..=1,
            (false, true) => 0..=1,
            (false, false) => 0..=0,
        };
        if !allowed.contains(&count) {
            let text = format!("{count} rows say {event} for one operation");
            all.violations.push(violation(&text, &[operation]));
        }
    }
    all.violations.extend(rows.into_keys().map(|(id, event)| Violation {
        message: format!("a row says {event} for {id}, which is no such operation"),
        operations: vec![id],
    }));
    by_operator(index, found, &mut all);
    all
}

/// The event that an operation leaves in the trail.
fn event(kind: &Kind) -> Option<&'static str> {
    match kind {
        Kind::Register { .. } => Some("user.registered"),
        Kind::Login { .. } => Some("session.opened"),
        Kind::PasswordChange { .. } => Some("password.changed"),
        Kind::Logout => Some("session.ended"),
        Kind::LogoutAll => Some("session.all_ended"),
        Kind::EndSession { .. } => Some("session.revoked"),
        Kind::Read { .. }
        | Kind::List
        | Kind::Write { .. }
        | Kind::Lock
        | Kind::Unlock
        | Kind::Forged(_)
        | Kind::Authorize
        | Kind::Redeem { .. }
        | Kind::Refresh { .. }
        | Kind::UserInfo { .. }
        | Kind::Keys => None,
    }
}

fn by_operator(index: &Index<'_>, found: &Aftermath, all: &mut Findings) {
    let mut rows: HashMap<(&str, &str), usize> = HashMap::new();
    for row in found.audit_rows.iter().filter(|row| row.request_id.is_none()) {
        *rows.entry((&row.user, &row.event)).or_default() += 1;
    }
    for operations in index.by_user.values() {
        let id = operations.iter().find_map(|operation| operation.seen()?.user.as_deref());
        let Some(id) = id else { continue };
        for (kind, event) in [(Kind::Lock, "user.locked"), (Kind::Unlock, "user.unlocked")] {
            let done: Vec<&Operation> =
                operations.iter().copied().filter(|operation| operation.kind == kind).collect();
            let least = done.iter().filter(|operation| operation.is_ok()).count();
            let most = least + done.iter().filter(|operation| operation.is_unknown()).count();
            let count = rows.get(&(id, event)).copied().unwrap_or_default();
            all.looked += done.len() as u64;
            if !(least..=most).contains(&count) {
                let text = format!("{count} rows say {event}, {least} to {most} were expected");
                all.violations.push(violation(&text, &done));
            }
        }
    }
}
