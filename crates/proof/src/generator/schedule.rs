//! What is asked when: a function of the seed and of nothing else, so that a run can be had again.

use std::time::Duration;

use super::Random;
use crate::history::UserNo;

/// What a user sets out to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// Registers.
    Register,
    /// Signs in with the present password.
    Login,
    /// Tries a password that was replaced.
    OldLogin,
    /// Reads.
    Read,
    /// Uses a token of a session that has ended.
    ReadEnded,
    /// Reads several times at once with one token.
    ReadTogether,
    /// Writes, whatever is stored.
    Write,
    /// Writes over the version last seen.
    WriteIfMatch,
    /// Changes the password.
    PasswordChange,
    /// Ends the session.
    Logout,
    /// Ends every session.
    LogoutAll,
    /// Ends one session by another.
    EndSession,
    /// Tries a token that was tampered with.
    Forge,
    /// Is locked out by an operator, and let in again.
    LockAndUnlock,
}

/// How often each is done, out of the sum; registrations come first and once.
const MIX: &[(Act, u64)] = &[
    (Act::Read, 480),
    (Act::ReadEnded, 60),
    (Act::ReadTogether, 30),
    (Act::Write, 100),
    (Act::WriteIfMatch, 120),
    (Act::Login, 100),
    (Act::OldLogin, 10),
    (Act::PasswordChange, 15),
    (Act::Logout, 35),
    (Act::LogoutAll, 10),
    (Act::EndSession, 20),
    (Act::Forge, 15),
    (Act::LockAndUnlock, 5),
];

/// One entry of the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intended {
    /// When, after the start.
    pub after: Duration,
    /// Who.
    pub user: UserNo,
    /// What.
    pub act: Act,
    /// Decides what else is to be chosen.
    pub roll: u64,
}

/// Everything that is to be done, in order.
#[derive(Clone, Debug)]
pub struct Schedule {
    random: Random,
    users: u32,
    rate: u32,
    total: u64,
    next: u64,
    locks: bool,
}

impl Schedule {
    /// `rate` operations a second for `duration`: first every user registers, then the mix begins.
    #[must_use]
    pub fn new(seed: u64, users: u32, rate: u32, duration: Duration) -> Self {
        let total = duration.as_millis().saturating_mul(rate.into()) / 1000;
        let total = u64::try_from(total).unwrap_or(u64::MAX);
        Self { random: Random::new(seed), users, rate: rate.max(1), total, next: 0, locks: false }
    }

    /// Whether accounts are locked now and then.
    #[must_use]
    pub fn with_locks(self, locks: bool) -> Self {
        Self { locks, ..self }
    }

    fn act(&mut self) -> Act {
        let sum = MIX.iter().map(|(_, weight)| weight).sum();
        let mut drawn = self.random.below(sum);
        for (act, weight) in MIX {
            match drawn.checked_sub(*weight) {
                Some(rest) => drawn = rest,
                None if *act == Act::LockAndUnlock && !self.locks => return Act::Read,
                None => return *act,
            }
        }
        Act::Read
    }
}

impl Iterator for Schedule {
    type Item = Intended;

    fn next(&mut self) -> Option<Intended> {
        if self.next >= self.total || self.users == 0 {
            return None;
        }
        let number = self.next;
        self.next += 1;
        let nanos = u128::from(number) * 1_000_000_000 / u128::from(self.rate);
        let after = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        let (user, act) = match u32::try_from(number) {
            Ok(number) if number < self.users => (number, Act::Register),
            _ => {
                let user = self.random.below(self.users.into());
                (u32::try_from(user).unwrap_or_default(), self.act())
            }
        };
        Some(Intended { after, user: UserNo(user), act, roll: self.random.next_u64() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(seed: u64) -> Vec<Intended> {
        Schedule::new(seed, 5, 200, Duration::from_secs(20)).with_locks(true).collect()
    }

    #[test]
    fn the_seed_decides_everything() {
        assert_eq!(schedule(1), schedule(1));
        assert_ne!(schedule(1), schedule(2));
    }

    #[test]
    fn the_rate_is_kept_and_everybody_registers_first() {
        let all = schedule(3);
        assert_eq!(all.len(), 4000);
        assert_eq!(all[200].after, Duration::from_secs(1));
        let registered: Vec<_> =
            all.iter().filter(|i| i.act == Act::Register).map(|i| i.user.0).collect();
        assert_eq!(registered, [0, 1, 2, 3, 4]);
        assert!(all.iter().all(|intended| intended.user.0 < 5));
    }

    #[test]
    fn every_act_is_done_and_locks_only_if_somebody_can_lock() {
        let all = schedule(4);
        for (act, _) in MIX {
            assert!(all.iter().any(|intended| intended.act == *act), "{act:?}");
        }
        let mut without = Schedule::new(4, 5, 200, Duration::from_secs(20));
        assert!(without.all(|intended| intended.act != Act::LockAndUnlock));
    }
}
