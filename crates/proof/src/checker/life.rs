//! The life of something that is absent, then live, then over for ever: a session, a password.
//!
//! Whether there are two instants, a birth and an end, that explain every answer is decided exactly and
//! in linear time. Let b be the birth and d the end. Whoever found it live was under way at some instant
//! in [b, d], whoever was refused at some instant outside. So d is at least every invocation of a use
//! that found it live, and at least the first invocation of an end; the smallest such d and the largest
//! b that is possible with it leave the most room for refusals, so they alone need to be tried. With a
//! known birth this is the condition
//! `max(inv end, max inv live use) ≤ min(ret end, min ret refused use)`.

use crate::history::{Nanos, Operation};

/// An operation that may or does end it.
#[derive(Clone, Copy)]
pub(super) struct End<'a> {
    pub(super) by: &'a Operation,
    /// By when it is over for certain; [`Nanos::NEVER`] where the outcome is unknown.
    pub(super) effective: Nanos,
}

/// All that is known about one life.
#[derive(Default)]
pub(super) struct Life<'a> {
    pub(super) birth: Option<&'a Operation>,
    /// The end that was invoked first.
    first_end: Option<&'a Operation>,
    /// The end that was certain first.
    sure_end: Option<&'a Operation>,
    sure_at: Option<Nanos>,
    live: Vec<&'a Operation>,
    pub(super) refused: Vec<&'a Operation>,
}

/// Two answers that no birth and no end explain together.
#[derive(Clone, Copy)]
pub(super) enum Contradiction<'a> {
    /// Found live by an operation that ended before the birth was asked for, or without any birth.
    Early { used: &'a Operation },
    /// Refused although it was live before and nothing had asked for its end.
    Lost { refused: &'a Operation, born: &'a Operation },
    /// Found live by an operation that began after the end was acknowledged.
    Outlived { used: &'a Operation, end: &'a Operation },
    /// Refused, and found live by an operation that began afterwards.
    Revived { refused: &'a Operation, used: &'a Operation },
}

impl<'a> Life<'a> {
    pub(super) fn born(birth: &'a Operation) -> Self {
        Self { birth: Some(birth), ..Self::default() }
    }

    pub(super) fn ends(&mut self, end: End<'a>) {
        if self.first_end.is_none_or(|first| end.by.invoke < first.invoke) {
            self.first_end = Some(end.by);
        }
        let sure = end.effective != Nanos::NEVER;
        if sure && self.sure_at.is_none_or(|at| end.effective < at) {
            (self.sure_end, self.sure_at) = (Some(end.by), Some(end.effective));
        }
    }

    pub(super) fn found_live(&mut self, by: &'a Operation) {
        self.live.push(by);
    }

    pub(super) fn found_absent(&mut self, by: &'a Operation) {
        self.refused.push(by);
    }

    /// How many answers there are that could contradict.
    pub(super) fn uses(&self) -> u64 {
        (self.live.len() + self.refused.len()) as u64
    }

    /// How many uses began after its end was certain.
    pub(super) fn late_uses(&self) -> u64 {
        let Some(at) = self.sure_at else { return 0 };
        self.uses_after(at)
    }

    /// How many uses began after an instant.
    pub(super) fn uses_after(&self, instant: Nanos) -> u64 {
        let all = self.live.iter().chain(&self.refused);
        all.filter(|used| used.invoke > instant).count() as u64
    }

    /// Every contradiction, of each kind at most one: the life is broken once.
    pub(super) fn contradictions(&self) -> Vec<Contradiction<'a>> {
        let latest = self.live.iter().copied().max_by_key(|used| used.invoke);
        let earliest = self.live.iter().copied().min_by_key(|used| used.ret);
        let mut found = Vec::new();
        let born_after = self.birth.map_or(Nanos::NEVER, |birth| birth.invoke);
        if let Some(used) = earliest.filter(|used| used.ret < born_after) {
            found.push(Contradiction::Early { used });
        }
        if let (Some(used), Some(end), Some(at)) = (latest, self.sure_end, self.sure_at)
            && used.invoke > at
        {
            found.push(Contradiction::Outlived { used, end });
        }
        found.extend(self.unexplained_refusals(latest, earliest));
        found
    }

    fn unexplained_refusals(
        &self,
        latest: Option<&'a Operation>,
        earliest: Option<&'a Operation>,
    ) -> Vec<Contradiction<'a>> {
        let latest_live = latest.map_or(Nanos(0), |used| used.invoke);
        let end = self.first_end.map_or(Nanos::NEVER, |end| end.invoke.max(latest_live));
        // Whoever says that it was live, soonest.
        let acknowledged = self.birth.filter(|birth| birth.is_ok());
        let Some(born) = [acknowledged, earliest].into_iter().flatten().min_by_key(|by| by.ret)
        else {
            return Vec::new();
        };
        let birth = born.ret.min(end);
        let (mut lost, mut revived) = (None, None);
        for &refused in self.refused.iter().filter(|r| r.invoke > birth && r.ret < end) {
            if self.first_end.is_none_or(|first| refused.ret < first.invoke) {
                lost = lost.or(Some(Contradiction::Lost { refused, born }));
            } else if let Some(used) = latest {
                revived = revived.or(Some(Contradiction::Revived { refused, used }));
            }
        }
        [lost, revived].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::checker::story::{READ, TIMEOUT, done};
    use crate::history::{OperationId, UserNo};

    const FAR: u64 = 100;

    #[derive(Clone, Copy, Debug)]
    struct Spoken {
        invoke: u64,
        ret: u64,
        /// An acknowledgement, or found live.
        yes: bool,
    }

    fn spoken() -> impl Strategy<Value = Spoken> {
        (0u64..14, 0u64..6, any::<bool>()).prop_map(|(invoke, takes, yes)| Spoken {
            invoke,
            ret: invoke + takes,
            yes,
        })
    }

    fn operation(spoken: &Spoken) -> Operation {
        let Spoken { invoke, ret, yes } = *spoken;
        Operation {
            id: OperationId(0),
            kind: READ,
            user: UserNo(0),
            session: None,
            process: None,
            intended: Nanos(invoke),
            invoke: Nanos(invoke),
            ret: Nanos(ret),
            outcome: if yes { done() } else { TIMEOUT },
        }
    }

    /// Tries every birth and every end.
    fn is_possible(birth: Spoken, ends: &[Spoken], uses: &[Spoken]) -> bool {
        let over = |spoken: &Spoken| if spoken.yes { spoken.ret } else { FAR };
        let unborn = !birth.yes && uses.iter().all(|used| !used.yes);
        let fits = |b: u64, d: u64| {
            let ended = d == FAR || ends.iter().any(|end| (end.invoke..=over(end)).contains(&d));
            let in_time = ends.iter().all(|end| d <= over(end));
            let explained = uses.iter().all(|used| match used.yes {
                true => used.invoke <= d && used.ret >= b,
                false => used.invoke <= b || used.ret >= d,
            });
            ended && in_time && explained
        };
        unborn || (birth.invoke..=over(&birth)).any(|b| (b..=FAR).any(|d| fits(b, d)))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_life_is_contradictory_exactly_when_no_birth_and_no_end_explain_it(
            birth in spoken(),
            ends in prop::collection::vec(spoken(), 0..3),
            uses in prop::collection::vec(spoken(), 0..5),
        ) {
            // What is there to be ended for certain was born for certain, before.
            let may_be_sure = |end: &Spoken| birth.yes && end.invoke > birth.ret;
            let ends: Vec<_> = ends.iter().map(|end| Spoken { yes: end.yes && may_be_sure(end), ..*end }).collect();
            let born = operation(&birth);
            let ended: Vec<_> = ends.iter().map(operation).collect();
            let used: Vec<_> = uses.iter().map(operation).collect();
            let mut life = Life::born(&born);
            for by in &ended {
                life.ends(End { by, effective: by.effective() });
            }
            for (by, spoken) in used.iter().zip(&uses) {
                if spoken.yes { life.found_live(by) } else { life.found_absent(by) }
            }
            prop_assert_eq!(life.contradictions().is_empty(), is_possible(birth, &ends, &uses));
        }
    }
}
