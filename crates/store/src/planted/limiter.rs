//! Planted: attempts counted in the memory of the process, so that each further process allows as many
//! again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use tokenhouse_rules::limit::{Cost, Scope, Verdict};
use tokenhouse_rules::time::Timestamp;

#[derive(Default)]
pub(super) struct Limiter(Mutex<HashMap<String, Timestamp>>);

impl Limiter {
    pub(super) fn charge(&self, key: &str, cost: Cost) -> Verdict {
        let mut arrivals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let arrival = arrivals.get(key).copied();
        let (wait, next) = cost.charge(arrival, Timestamp::from(SystemTime::now()));
        arrivals.insert(key.to_owned(), next);
        Verdict::of(Scope::Account, wait)
    }

    pub(super) fn forget(&self, key: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}
