//! An open-loop client: operations begin when the schedule says so, whether or not earlier ones have
//! been answered, and a slow answer delays nobody. Nothing is ever repeated: what the deployment did not
//! answer stays unknown, and the history says so.
//!
//! What is asked when is decided in [`schedule`], by the seed alone; with which session and password, in
//! [`act`], by what the users know at that moment; what an answer means, in [`ask`].

mod act;
mod ask;
mod look;
mod person;
mod random;
mod schedule;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::task::JoinSet;
use tokio::time::Instant;

pub use random::Random;
pub use schedule::{Act, Intended, Schedule};

use crate::history::{History, Nanos, Operation, Outcome, Recorder, Run, UserNo};
use crate::http::{Client, Tls};
use person::Person;

/// Locks (`true`) or unlocks the account of that name, and says what became of it.
pub type Locker = Arc<dyn Fn(String, bool) -> BoxFuture<'static, Outcome> + Send + Sync>;

/// How many wrong passwords are tried in a whole run: far below what an address may try.
const WRONG_PASSWORDS: usize = 40;

/// What to drive, and how hard.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where to send requests, taking turns; a balancer, or several processes.
    pub addresses: Vec<SocketAddr>,
    /// The `Host` header, if it is not the address.
    pub host: Option<String>,
    /// What the schedule is made from.
    pub seed: u64,
    /// Operations per second.
    pub rate: u32,
    /// How many users take part.
    pub users: u32,
    /// How long, registrations included.
    pub duration: Duration,
    /// How long a client waits for one answer.
    pub deadline: Duration,
}

/// A client of many users.
#[derive(Clone)]
pub struct Generator(Arc<Shared>);

struct Shared {
    plan: Plan,
    recorder: Recorder,
    kept: Vec<Client>,
    fresh: Vec<Client>,
    people: Vec<Mutex<Person>>,
    wrong_passwords: Mutex<usize>,
    tls: Option<Tls>,
    locker: Option<Locker>,
}

impl Generator {
    /// Prepares a run; nothing is sent yet. Without a `locker` no account is locked.
    #[must_use]
    pub fn new(plan: Plan, locker: Option<Locker>) -> Self {
        Self::over(plan, locker, None)
    }

    /// The same, over TLS if there is to be any.
    #[must_use]
    pub fn over(plan: Plan, locker: Option<Locker>, tls: Option<Tls>) -> Self {
        let random = uuid::Uuid::new_v4().simple().to_string();
        let run = Run { name: format!("proof-{}", &random[..12]), seed: plan.seed };
        let people = (0..plan.users).map(|number| Mutex::new(Person::new(&run, UserNo(number))));
        Self(Arc::new(Shared {
            kept: clients(&plan, Client::kept, tls.as_ref()),
            fresh: clients(&plan, Client::fresh, tls.as_ref()),
            people: people.collect(),
            recorder: Recorder::new(run),
            wrong_passwords: Mutex::new(WRONG_PASSWORDS),
            plan,
            tls,
            locker,
        }))
    }

    /// Sends all that is scheduled, waits for the last answer, and lets every user look at her document
    /// once more.
    pub async fn run(&self) {
        self.run_until(std::future::pending()).await;
    }

    /// [`Generator::run`], but nothing more is begun once `over` is.
    pub async fn run_until(&self, over: impl Future<Output = ()>) {
        let plan = &self.0.plan;
        let schedule = Schedule::new(plan.seed, plan.users, plan.rate, plan.duration);
        let schedule = schedule.with_locks(self.0.locker.is_some());
        let (start, begun) = (Instant::now(), Nanos::now());
        let mut under_way = JoinSet::new();
        let mut over = std::pin::pin!(over);
        for intended in schedule {
            tokio::select! {
                () = tokio::time::sleep_until(start + intended.after) => {}
                () = &mut over => break,
            }
            let after = u64::try_from(intended.after.as_nanos()).unwrap_or_default();
            let at = Nanos(begun.0.saturating_add(after));
            under_way.spawn(act::perform(Arc::clone(&self.0), intended, at));
            while under_way.try_join_next().is_some() {}
        }
        while under_way.join_next().await.is_some() {}
        for number in 0..plan.users {
            act::look_again(&self.0, UserNo(number)).await;
        }
    }

    /// What has ended so far.
    #[must_use]
    pub fn history(&self) -> History {
        self.0.recorder.history()
    }

    /// Lets every user try, at another address, each session and password that she knows of, living or
    /// not: what a deployment remembers that was restored or restarted. This is no part of the history;
    /// its numbers are none of the history's, so it can be appended.
    pub async fn look_at(&self, address: SocketAddr) -> Vec<Operation> {
        look::at(&self.0, address).await
    }

    /// How many operations have ended so far.
    #[must_use]
    pub fn ended(&self) -> usize {
        self.0.recorder.ended()
    }

    /// Deletes the accounts of the run, as far as their passwords are known; how many may be left. This
    /// is no part of the history.
    pub async fn remove_accounts(&self) -> usize {
        let mut left = 0;
        for number in 0..self.0.plan.users {
            if !act::remove(&self.0, UserNo(number)).await {
                left += 1;
            }
        }
        left
    }
}

/// One for each address.
fn clients(plan: &Plan, make: fn(SocketAddr) -> Client, tls: Option<&Tls>) -> Vec<Client> {
    plan.addresses.iter().map(|address| make(*address).over(tls.cloned())).collect()
}

impl Shared {
    fn person(&self, user: UserNo) -> MutexGuard<'_, Person> {
        let index = usize::try_from(user.0).unwrap_or_default();
        self.people[index].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether one more wrong password may be tried.
    fn may_be_wrong(&self) -> bool {
        let mut left = self.wrong_passwords.lock().unwrap_or_else(PoisonError::into_inner);
        let may = *left > 0;
        *left = left.saturating_sub(1);
        may
    }
}
