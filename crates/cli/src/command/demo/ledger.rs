//! What one client of the demo was promised, and the judgement of whether it was kept.
//!
//! Pure bookkeeping: which tokens of acknowledged logins it holds, which it gave back, and which value of its counter
//! was acknowledged last. A write whose outcome is unknown makes both values acceptable, and nothing else does.
//! Requests and their answers are left to `traffic`.

/// The promises made to one client. A client sends one request at a time, so there is one order of events.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    held: Vec<String>,
    given_back: Vec<String>,
    acknowledged: u64,
    highest_sent: u64,
    unresolved: Vec<u64>,
}

/// The judgement of a read.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(super) enum Read {
    /// The document shows what was acknowledged, or a write whose outcome was not known.
    Kept,
    /// An acknowledged write is not there.
    Lost {
        /// The value that was acknowledged.
        promised: u64,
        /// The value that was found.
        found: u64,
    },
}

impl Ledger {
    /// How many acknowledged logins are open.
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    /// One of the tokens held, chosen by `roll`.
    pub(super) fn any_held(&self, roll: u64) -> Option<&str> {
        let count = u64::try_from(self.held.len()).ok()?;
        let index = usize::try_from(roll.checked_rem(count)?).ok()?;
        self.held.get(index).map(String::as_str)
    }

    /// A login was acknowledged: from now on its token must be accepted.
    pub(super) fn signed_in(&mut self, token: String) {
        self.held.push(token);
    }

    /// A logout was acknowledged: from now on its token must be refused.
    pub(super) fn signed_out(&mut self, token: &str) {
        self.forget(token);
        self.given_back.push(token.to_owned());
    }

    /// Nothing is claimed about this token any longer: it was lost, or the outcome of its logout is unknown.
    pub(super) fn forget(&mut self, token: &str) {
        self.held.retain(|held| held != token);
    }

    /// Whether a token that was given back waits to be tried.
    pub(super) fn owes_check(&self) -> bool {
        !self.given_back.is_empty()
    }

    /// Takes a token that was given back, to see that it is refused.
    pub(super) fn take_given_back(&mut self) -> Option<String> {
        self.given_back.pop()
    }

    /// A value that was never sent before.
    pub(super) fn next_value(&mut self) -> u64 {
        self.highest_sent += 1;
        self.highest_sent
    }

    /// A write was acknowledged: from now on it must be seen.
    pub(super) fn acknowledged(&mut self, value: u64) {
        self.acknowledged = value;
        self.unresolved.clear();
    }

    /// A write ended without an answer: it may be seen or not.
    pub(super) fn left_open(&mut self, value: u64) {
        self.unresolved.push(value);
    }

    /// Judges the value that a read showed. What was found becomes the new ground truth, so a loss counts once.
    pub(super) fn judge(&mut self, found: u64) -> Read {
        let promised = self.acknowledged;
        let kept = found == promised || self.unresolved.contains(&found);
        if found != promised {
            self.acknowledged = found;
        }
        match kept {
            true => Read::Kept,
            false => Read::Lost { promised, found },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after_writing(values: u64) -> Ledger {
        let mut ledger = Ledger::default();
        for _ in 0..values {
            let value = ledger.next_value();
            ledger.acknowledged(value);
        }
        ledger
    }

    #[test]
    fn a_read_that_shows_the_acknowledged_value_is_kept() {
        assert_eq!(after_writing(3).judge(3), Read::Kept);
        assert_eq!(Ledger::default().judge(0), Read::Kept);
    }

    #[test]
    fn an_older_value_is_a_lost_write_and_is_counted_once() {
        let mut ledger = after_writing(3);
        assert_eq!(ledger.judge(2), Read::Lost { promised: 3, found: 2 });
        assert_eq!(ledger.judge(2), Read::Kept);
    }

    #[test]
    fn an_unknown_outcome_makes_both_values_acceptable() {
        let mut not_done = after_writing(3);
        let value = not_done.next_value();
        not_done.left_open(value);
        assert_eq!(not_done.judge(3), Read::Kept);

        let mut done = after_writing(3);
        let value = done.next_value();
        done.left_open(value);
        assert_eq!(done.judge(4), Read::Kept);
    }

    #[test]
    fn an_unknown_outcome_that_was_seen_done_must_stay_done() {
        let mut ledger = after_writing(3);
        let value = ledger.next_value();
        ledger.left_open(value);
        assert_eq!(ledger.judge(4), Read::Kept);
        assert_eq!(ledger.judge(3), Read::Lost { promised: 4, found: 3 });
    }

    #[test]
    fn an_unknown_outcome_excuses_nothing_older() {
        let mut ledger = after_writing(3);
        let value = ledger.next_value();
        ledger.left_open(value);
        assert_eq!(ledger.judge(2), Read::Lost { promised: 3, found: 2 });
    }

    #[test]
    fn an_acknowledged_write_settles_the_unknown_ones_before_it() {
        let mut ledger = after_writing(1);
        let unknown = ledger.next_value();
        ledger.left_open(unknown);
        let known = ledger.next_value();
        ledger.acknowledged(known);
        assert_eq!(ledger.judge(unknown), Read::Lost { promised: known, found: unknown });
    }

    #[test]
    fn a_value_that_was_never_sent_is_not_accepted() {
        assert_eq!(after_writing(3).judge(9), Read::Lost { promised: 3, found: 9 });
    }

    #[test]
    fn a_token_given_back_is_checked_once_and_no_longer_used() {
        let mut ledger = Ledger::default();
        ledger.signed_in("a".into());
        ledger.signed_in("b".into());
        assert_eq!(ledger.any_held(3), Some("b"));
        ledger.signed_out("b");
        assert_eq!(ledger.any_held(3), Some("a"));
        assert!(ledger.owes_check());
        assert_eq!(ledger.take_given_back().as_deref(), Some("b"));
        assert!(!ledger.owes_check());
    }

    #[test]
    fn a_token_of_unknown_fate_is_neither_used_nor_checked() {
        let mut ledger = Ledger::default();
        ledger.signed_in("a".into());
        ledger.forget("a");
        assert_eq!((ledger.held(), ledger.owes_check()), (0, false));
        assert_eq!(ledger.any_held(0), None);
    }
}
