//! I1, I2, I3: the lives of sessions. Born by a login, ended by their own logout, by another session, or
//! with all sessions of the user.
//!
//! An end of all sessions that was under way together with the login may have come before it or after:
//! it may have ended the session, but need not have.

use std::collections::HashMap;

use super::Findings;
use super::index::{Index, opened, violation};
use super::life::{Contradiction, End, Life};
use crate::history::{Kind, Operation, Outcome, Refusal, SessionNo};

mod locks;
mod wide;

use wide::WideEnds;

pub(super) type Lives<'a> = Vec<Life<'a>>;

/// The lives of all sessions whose login was acknowledged; nobody has the token of any other.
pub(super) fn lives<'a>(index: &Index<'a>) -> Lives<'a> {
    let mut all = Vec::new();
    for operations in index.by_user.values() {
        let mut lives: HashMap<SessionNo, Life<'a>> = HashMap::new();
        for operation in operations {
            if let Some(session) = opened(operation) {
                lives.insert(session, Life::born(operation));
            }
        }
        for operation in operations {
            note_use(&mut lives, operation);
            note_end(&mut lives, operation);
        }
        let wide = WideEnds::of(operations);
        for (session, life) in &mut lives {
            if let Some(birth) = life.birth {
                wide.that_concern(*session, birth).for_each(|end| life.ends(end));
            }
        }
        all.extend(lives.into_values());
    }
    // A map has no order, and reports are compared.
    all.sort_by_key(|life| life.birth.map(|birth| birth.id));
    all
}

fn note_use<'a>(lives: &mut HashMap<SessionNo, Life<'a>>, operation: &'a Operation) {
    if let Some(life) = operation.session.and_then(|session| lives.get_mut(&session)) {
        match &operation.outcome {
            Outcome::Ok(_)
            | Outcome::Fail(Refusal::Stale | Refusal::Password | Refusal::NoSuchSession) => {
                life.found_live(operation);
            }
            Outcome::Fail(Refusal::Token) => life.found_absent(operation),
            Outcome::Fail(_) | Outcome::Unknown(_) => {}
        }
    }
    // Whether it is there to be ended says the same as whether it can be used.
    if let Kind::EndSession { target } = operation.kind
        && let Some(life) = lives.get_mut(&target)
    {
        match &operation.outcome {
            Outcome::Ok(_) => life.found_live(operation),
            Outcome::Fail(Refusal::NoSuchSession) => life.found_absent(operation),
            Outcome::Fail(_) | Outcome::Unknown(_) => {}
        }
    }
}

fn note_end<'a>(lives: &mut HashMap<SessionNo, Life<'a>>, operation: &'a Operation) {
    let ended = match operation.kind {
        Kind::Logout => operation.session,
        Kind::EndSession { target } => Some(target),
        _ => None,
    };
    let life = ended.and_then(|session| lives.get_mut(&session));
    if let Some(life) = life
        && (operation.is_ok() || operation.is_unknown())
    {
        life.ends(End { by: operation, effective: operation.effective() });
    }
}

fn findings<'a>(
    lives: &Lives<'a>,
    looked: impl Fn(&Life<'a>) -> u64,
    describe: impl Fn(Contradiction<'a>) -> Option<(&'static str, [&'a Operation; 2])>,
) -> Findings {
    let looked = lives.iter().map(looked).sum();
    let found = lives.iter().flat_map(Life::contradictions).filter_map(describe);
    let violations = found.map(|(text, operations)| violation(text, &operations)).collect();
    Findings { looked, violations }
}

/// I1.
pub(super) fn lost(lives: &Lives<'_>) -> Findings {
    findings(lives, Life::uses, |contradiction| match contradiction {
        Contradiction::Lost { refused, born } => {
            Some(("a session was refused though nothing had ended it", [born, refused]))
        }
        _ => None,
    })
}

/// I2; nobody signs in to a locked account either.
pub(super) fn outlived(lives: &Lives<'_>, index: &Index<'_>) -> Findings {
    let mut all = findings(lives, Life::late_uses, |contradiction| match contradiction {
        Contradiction::Outlived { used, end } => {
            Some(("a session was accepted after its end was acknowledged", [end, used]))
        }
        _ => None,
    });
    for operations in index.by_user.values() {
        locks::nobody_signs_in_while_locked(operations, &mut all);
    }
    for life in lives {
        for contradiction in life.contradictions() {
            if let (Contradiction::Early { used }, Some(birth)) = (contradiction, life.birth) {
                let text = "a session was accepted before it was opened";
                all.violations.push(violation(text, &[birth, used]));
            }
        }
    }
    all
}

/// I3.
pub(super) fn revived(lives: &Lives<'_>) -> Findings {
    let after_refusal = |life: &Life<'_>| {
        let first = life.refused.iter().map(|refused| refused.ret).min();
        first.map_or(0, |first| life.uses_after(first))
    };
    findings(lives, after_refusal, |contradiction| match contradiction {
        Contradiction::Revived { refused, used } => {
            Some(("a session was accepted after it had been refused", [refused, used]))
        }
        _ => None,
    })
}
