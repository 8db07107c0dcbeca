//! What a hashing thread does for one password.
//!
//! Every answer but "right" costs at least the configured cost, whatever is stored: an unknown user, a
//! hash of before the cost was raised, and a damaged one cannot be told apart by time
//! (`docs/decisions/0012-equal-cost-of-refusals.md`).

use std::time::Duration;

use aws_lc_rs::constant_time;
use rustix::time::{ClockId, clock_gettime};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::Verdict;
use super::argon2::{Argon2, Failure, Implementation};
use super::cost::Cost;
use super::phc::{self, Phc};
use crate::entropy;

pub(super) enum Work {
    Verify { password: Zeroizing<String>, against: Option<String>, tell: oneshot::Sender<Verdict> },
    Hash { password: Zeroizing<String>, tell: oneshot::Sender<String> },
}

impl Work {
    /// Whether nobody waits for it any more.
    pub(super) fn is_abandoned(&self) -> bool {
        match self {
            Self::Verify { tell, .. } => tell.is_closed(),
            Self::Hash { tell, .. } => tell.is_closed(),
        }
    }

    /// Does it and tells the one who waits; when the machine gives no memory, dropping says busy.
    pub(super) fn carry_out(self, hasher: &mut Hasher) {
        match self {
            Self::Verify { password, against, tell } => {
                if let Ok(verdict) = hasher.verify(&password, against.as_deref()) {
                    // Who gave up meanwhile needs no answer.
                    let _ = tell.send(verdict);
                }
            }
            Self::Hash { password, tell } => {
                if let Ok(hash) = hasher.hash(&password) {
                    let _ = tell.send(hash);
                }
            }
        }
    }
}

/// One thread's Argon2, and the cost it is configured for.
pub(super) struct Hasher {
    argon2: Argon2,
    configured: Cost,
    /// Smoothed processor time of a hash at the configured cost; a property of the machine.
    usual: Option<Duration>,
}

impl Hasher {
    pub(super) fn new(implementation: Implementation, configured: Cost) -> Self {
        Self { argon2: Argon2::new(implementation), configured, usual: None }
    }

    fn hash(&mut self, password: &str) -> Result<String, Failure> {
        let salt = entropy::bytes::<{ phc::SALT }>();
        let mut output = Zeroizing::new([0; phc::OUTPUT]);
        self.digest(self.configured, (password, &salt), output.as_mut())?;
        Ok(phc::compose(self.configured, &salt, output.as_ref()))
    }

    fn verify(&mut self, password: &str, against: Option<&str>) -> Result<Verdict, Failure> {
        let Some(text) = against else {
            self.spend(self.configured, password)?;
            return Ok(Verdict::Wrong);
        };
        let stored = Phc::parse(text).filter(|phc| phc.cost.is_bearable(self.configured));
        let Some(Phc { cost, salt, output }) = stored else {
            self.spend(self.configured, password)?;
            return Ok(Verdict::Corrupt);
        };
        let mut computed = Zeroizing::new(vec![0; output.len()]);
        let took = self.digest(cost, (password, &salt), &mut computed)?;
        if constant_time::verify_slices_are_equal(&computed, &output).is_ok() {
            return Ok(Verdict::Right { outdated: cost != self.configured });
        }
        if cost != self.configured {
            self.spend_rest(cost, took, password)?;
        }
        Ok(Verdict::Wrong)
    }

    /// Fills up to the configured cost what a hash of another cost took. By time, since blocks of
    /// a small memory are quicker than those of a large one; by blocks until the time is known.
    fn spend_rest(&mut self, cost: Cost, took: Duration, password: &str) -> Result<(), Failure> {
        let done = match self.usual {
            Some(usual) => took.as_secs_f64() / usual.as_secs_f64(),
            None => cost.part_of(self.configured),
        };
        self.configured.rest(done).map_or(Ok(()), |rest| self.spend(rest, password))
    }

    /// Does the work of a hash for nothing but its time.
    fn spend(&mut self, cost: Cost, password: &str) -> Result<(), Failure> {
        let mut output = Zeroizing::new([0; phc::OUTPUT]);
        self.digest(cost, (password, &[0; phc::SALT]), output.as_mut()).map(|_| ())
    }

    /// Computes, and says how much processor time it took.
    fn digest(
        &mut self,
        cost: Cost,
        (password, salt): (&str, &[u8]),
        output: &mut [u8],
    ) -> Result<Duration, Failure> {
        let started = spent();
        self.argon2.digest(cost, password.as_bytes(), salt, output)?;
        let took = spent().saturating_sub(started);
        if cost == self.configured {
            self.usual = Some(self.usual.map_or(took, |usual| (usual * 3 + took) / 4));
        }
        Ok(took)
    }
}

/// Processor time of this thread so far.
fn spent() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.cast_unsigned(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIGURED: Cost = Cost { memory: 64, iterations: 2, parallelism: 1 };

    fn stored(cost: Cost) -> String {
        Hasher::new(Implementation::Portable, cost).hash("correct horse").expect("memory")
    }

    #[test]
    fn what_is_no_hash_is_called_corrupt_and_no_password_fits_it() {
        let mut hasher = Hasher::new(Implementation::Fast, CONFIGURED);
        let mut verdict = |against: Option<&str>| hasher.verify("correct horse", against);
        let hash = stored(CONFIGURED);
        assert_eq!(verdict(Some(&hash)), Ok(Verdict::Right { outdated: false }));
        for (part, damage) in [("m=64", "m=4294967295"), ("m=64", "m=4"), ("t=2", "t=0")] {
            assert_eq!(verdict(Some(&hash.replace(part, damage))), Ok(Verdict::Corrupt));
        }
        assert_eq!(verdict(Some(&hash[..40])), Ok(Verdict::Corrupt));
        assert_eq!(verdict(Some("")), Ok(Verdict::Corrupt));
        assert_eq!(verdict(None), Ok(Verdict::Wrong));
    }

    /// By the clock of the thread, which does not run while others do. The cheap hash alone takes
    /// a thousandth of the configured cost, so that half of it cannot be reached by chance.
    #[test]
    fn a_refusal_costs_the_configured_time_whatever_is_stored() {
        let configured = Cost { memory: 8_192, iterations: 2, parallelism: 1 };
        let mut hasher = Hasher::new(Implementation::Fast, configured);
        let mut quickest = |against: Option<&str>| {
            let time = |_| {
                let started = spent();
                let verdict = hasher.verify("wrong horse", against).expect("memory");
                assert!(!matches!(verdict, Verdict::Right { .. }));
                spent() - started
            };
            (0..5).map(time).min().unwrap_or(Duration::ZERO)
        };
        let unknown = quickest(None);
        let cheap = stored(Cost { memory: 16, iterations: 1, parallelism: 1 });
        let same = stored(configured);
        for against in [cheap.as_str(), same.as_str(), "no hash"] {
            assert!(quickest(Some(against)) > unknown / 2, "{against}");
        }
    }
}
