//! The operations that end all sessions of a user, or all but the one that asks.
//!
//! A life only asks for two of them: the one invoked first of those that may have ended it, and the one
//! certain first of those that must have. Both are found in logarithmic time, by running minima over the
//! sorted ends. A password change spares the session that asked for it, so each minimum has a second.

use crate::checker::life::End;
use crate::history::{Kind, Nanos, Operation, SessionNo};

pub(super) struct WideEnds<'a> {
    /// Sorted by when they have taken effect; minima of the invocation over what follows.
    by_effect: Vec<(Nanos, Least<'a>)>,
    /// Acknowledged ones, sorted by invocation; minima of the return over what follows.
    by_invocation: Vec<(Nanos, Least<'a>)>,
}

/// The two with the least keys that spare different sessions.
#[derive(Clone, Copy, Default)]
struct Least<'a> {
    first: Option<(Nanos, &'a Operation)>,
    second: Option<(Nanos, &'a Operation)>,
}

fn spared(operation: &Operation) -> Option<SessionNo> {
    match operation.kind {
        Kind::PasswordChange { .. } => operation.session,
        _ => None,
    }
}

impl<'a> Least<'a> {
    fn with(self, key: Nanos, by: &'a Operation) -> Self {
        match self.first {
            Some((least, _)) if key >= least => {
                let better = self.second.is_none_or(|(second, _)| key < second);
                let differs = self.first.is_some_and(|(_, first)| spared(first) != spared(by));
                if better && differs { Self { second: Some((key, by)), ..self } } else { self }
            }
            Some((least, old)) if spared(old) != spared(by) => {
                Self { first: Some((key, by)), second: Some((least, old)) }
            }
            _ => Self { first: Some((key, by)), ..self },
        }
    }

    fn that_concerns(self, session: SessionNo) -> Option<&'a Operation> {
        let mut both = [self.first, self.second].into_iter().flatten().map(|(_, by)| by);
        both.find(|by| spared(by) != Some(session))
    }
}

fn minima<'a>(mut sorted: Vec<(Nanos, Nanos, &'a Operation)>) -> Vec<(Nanos, Least<'a>)> {
    sorted.sort_by_key(|(order, _, _)| *order);
    let mut least = Least::default();
    let mut minima: Vec<_> = sorted
        .into_iter()
        .rev()
        .map(|(order, key, by)| {
            least = least.with(key, by);
            (order, least)
        })
        .collect();
    minima.reverse();
    minima
}

/// The minimum over all whose order is at least `from`.
fn least_from<'a>(minima: &[(Nanos, Least<'a>)], from: Nanos) -> Least<'a> {
    let start = minima.partition_point(|(order, _)| *order < from);
    minima.get(start).map_or_else(Least::default, |(_, least)| *least)
}

impl<'a> WideEnds<'a> {
    pub(super) fn of(operations: &[&'a Operation]) -> Self {
        let wide: Vec<_> = operations
            .iter()
            .copied()
            .filter(|o| {
                matches!(o.kind, Kind::LogoutAll | Kind::PasswordChange { .. } | Kind::Lock)
            })
            .filter(|o| o.is_ok() || o.is_unknown())
            .collect();
        let acknowledged = wide.iter().filter(|o| o.is_ok());
        Self {
            by_effect: minima(wide.iter().map(|o| (o.effective(), o.invoke, *o)).collect()),
            by_invocation: minima(acknowledged.map(|o| (o.invoke, o.ret, *o)).collect()),
        }
    }

    /// The ends that decide about a session: the first that may, and the first that must have ended it.
    pub(super) fn that_concern(
        &self,
        session: SessionNo,
        birth: &Operation,
    ) -> impl Iterator<Item = End<'a>> {
        let may = least_from(&self.by_effect, birth.invoke).that_concerns(session);
        let must = least_from(&self.by_invocation, Nanos(birth.ret.0.saturating_add(1)));
        let may = may.map(|by| End { by, effective: Nanos::NEVER });
        let must = must.that_concerns(session).map(|by| End { by, effective: by.ret });
        may.into_iter().chain(must)
    }
}
