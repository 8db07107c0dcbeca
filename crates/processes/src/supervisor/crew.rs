//! The processes and the slots they fill: starting, hearing of, signalling and burying them.
//!
//! A slot wants one process that was not told to end; [`Crew::fill_slots`] sees to that whenever it is called. When a
//! process is told to end, and what its death means for the whole, is decided above.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::process::{ExitStatus, Stdio};

use futures_util::stream::FuturesUnordered;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Command;
use tokio::time::Instant;

use super::backoff::Backoff;
use super::death::{Death, judge};
use super::{Child, Phase, Plan};
use crate::rendezvous::{Invitation, PARENT_VARIABLE, Report, SLOT_VARIABLE, random_token};

/// What systemd means for the parent alone.
const NOT_INHERITED: [&str; 6] = [
    "NOTIFY_SOCKET",
    "WATCHDOG_USEC",
    "WATCHDOG_PID",
    "LISTEN_FDS",
    "LISTEN_PID",
    "LISTEN_FDNAMES",
];

type Exit = Pin<Box<dyn Future<Output = (u32, io::Result<ExitStatus>)>>>;

pub(super) struct Crew {
    plan: Plan,
    place: String,
    slots: BTreeMap<usize, Slot>,
    members: Vec<Member>,
    /// A process is reaped only when its end is taken from here, so until then its number cannot be another's.
    pub(super) exits: FuturesUnordered<Exit>,
}

#[derive(Default)]
struct Slot {
    backoff: Backoff,
    start_at: Option<Instant>,
}

struct Member {
    child: Child,
    token: String,
    kill_at: Option<Instant>,
}

impl Crew {
    pub(super) fn new(plan: Plan, place: String) -> Self {
        let slots = (0..plan.processes.max(1)).map(|slot| (slot, Slot::default())).collect();
        Self { plan, place, slots, members: Vec::new(), exits: FuturesUnordered::new() }
    }

    /// Starts a process for every slot that has none and need not wait.
    pub(super) fn fill_slots(&mut self) {
        let now = Instant::now();
        let empty: Vec<usize> = self
            .slots
            .iter()
            .filter(|(slot, state)| {
                state.start_at.is_none_or(|at| at <= now) && self.current(**slot).is_none()
            })
            .map(|(slot, _)| *slot)
            .collect();
        for slot in empty {
            if let Err(error) = self.start(slot) {
                tracing::error!(slot, %error, program = %self.plan.program.display(), "cannot start a process");
                self.slow_down(slot);
            }
        }
    }

    /// Starts a process for `slot`, beside the one it may have.
    pub(super) fn start(&mut self, slot: usize) -> io::Result<u32> {
        let token = random_token()?;
        let invitation = Invitation {
            place: self.place.clone(),
            token: token.clone(),
            parent: std::process::id(),
        };
        let socket = OwnedFd::from(self.plan.listener.try_clone()?);
        let mut command = Command::new(&self.plan.program);
        for variable in NOT_INHERITED {
            command.env_remove(variable);
        }
        let mut process = command
            .args(&self.plan.args)
            .envs(self.plan.env.iter().map(|(name, value)| (name, value)))
            .env(PARENT_VARIABLE, invitation.encode())
            .env(SLOT_VARIABLE, slot.to_string())
            .stdin(Stdio::from(socket))
            // A terminal's Ctrl-C is for the parent, who tells the children in its own words.
            .process_group(0)
            .spawn()?;
        let pid = process
            .id()
            .ok_or_else(|| io::Error::other("the process ended while it was started"))?;
        self.exits.push(Box::pin(async move { (pid, process.wait().await) }));
        self.members.push(Member {
            child: Child {
                slot,
                pid,
                process_id: None,
                started: std::time::Instant::now(),
                phase: Phase::Starting,
                management: None,
            },
            token,
            kill_at: None,
        });
        tracing::info!(slot, pid, "process started");
        Ok(pid)
    }

    pub(super) fn hear(&mut self, report: Report) {
        let Some(member) = self.members.iter_mut().find(|member| member.token == report.token)
        else {
            return;
        };
        let child = &mut member.child;
        tracing::info!(slot = child.slot, pid = child.pid, process = %report.process_id, "process ready");
        child.process_id = Some(report.process_id);
        child.management = report.management;
        if child.phase == Phase::Starting {
            child.phase = Phase::Ready;
        }
    }

    /// Takes a process off the list; `None` when it was not on it.
    pub(super) fn bury(&mut self, pid: u32, status: &io::Result<ExitStatus>) -> Option<Death> {
        let index = self.members.iter().position(|member| member.child.pid == pid)?;
        let child = self.members.remove(index).child;
        let death = judge(&child, status.as_ref().ok().copied());
        let ended = match status {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        };
        match death {
            Death::Expected => tracing::info!(slot = child.slot, pid, ended, "process ended"),
            _ => tracing::warn!(slot = child.slot, pid, ended, ?death, "process died"),
        }
        Some(death)
    }

    /// After a crash: the slot waits.
    pub(super) fn slow_down(&mut self, slot: usize) {
        if let Some(state) = self.slots.get_mut(&slot) {
            let wait = state.backoff.crashed();
            tracing::warn!(slot, ?wait, "starting again later");
            state.start_at = Some(Instant::now() + wait);
        }
    }

    /// After a life: the slot waits for nothing.
    pub(super) fn start_over(&mut self, slot: usize) {
        if let Some(state) = self.slots.get_mut(&slot) {
            state.backoff.lived();
            state.start_at = None;
        }
    }

    pub(super) fn add_slot(&mut self) {
        let slot = self.slots.keys().next_back().map_or(0, |last| last + 1);
        self.slots.insert(slot, Slot::default());
    }

    pub(super) fn remove_slot(&mut self) {
        if self.slots.len() < 2 {
            tracing::warn!("the last process is not removed");
        } else if let Some((slot, _)) = self.slots.pop_last() {
            self.retire_where(|child| child.slot == slot);
        }
    }

    pub(super) fn slots(&self) -> impl Iterator<Item = usize> {
        self.slots.keys().copied()
    }

    /// The oldest process of `slot` that was not told to end.
    pub(super) fn current(&self, slot: usize) -> Option<u32> {
        self.members
            .iter()
            .find(|member| member.child.slot == slot && member.child.phase != Phase::Stopping)
            .map(|member| member.child.pid)
    }

    /// `None` when the process has ended.
    pub(super) fn phase(&self, pid: u32) -> Option<Phase> {
        self.members.iter().find(|member| member.child.pid == pid).map(|member| member.child.phase)
    }

    /// SIGTERM, and SIGKILL when the stop timeout is over.
    pub(super) fn retire(&mut self, pid: u32) {
        self.retire_where(|child| child.pid == pid);
    }

    pub(super) fn retire_all(&mut self) {
        self.retire_where(|_| true);
    }

    fn retire_where(&mut self, chosen: impl Fn(&Child) -> bool) {
        let kill_at = Instant::now() + self.plan.stop_timeout;
        let members = self.members.iter_mut().filter(|member| {
            // A second SIGTERM would mean "at once" to the process.
            chosen(&member.child) && member.child.phase != Phase::Stopping
        });
        for member in members {
            member.child.phase = Phase::Stopping;
            member.kill_at = Some(kill_at);
            send(member.child.pid, Signal::TERM);
        }
    }

    /// Sends `signal` to one of ours.
    pub(super) fn signal(&self, pid: u32, signal: Signal) {
        if self.phase(pid).is_some() {
            send(pid, signal);
        }
    }

    pub(super) fn kill_all(&self) {
        for member in &self.members {
            send(member.child.pid, Signal::KILL);
        }
    }

    pub(super) fn kill_overdue(&mut self) {
        let now = Instant::now();
        for member in &mut self.members {
            if member.kill_at.take_if(|at| *at <= now).is_some() {
                tracing::warn!(pid = member.child.pid, "process did not end in time");
                send(member.child.pid, Signal::KILL);
            }
        }
    }

    /// When something is due that no event will tell of.
    pub(super) fn alarm(&self) -> Option<Instant> {
        let now = Instant::now();
        let kills = self.members.iter().filter_map(|member| member.kill_at);
        let starts = self.slots.values().filter_map(|slot| slot.start_at);
        kills.chain(starts.filter(|at| *at > now)).min()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(super) fn all_ready(&self) -> bool {
        self.slots()
            .all(|slot| self.current(slot).is_some_and(|pid| self.phase(pid) == Some(Phase::Ready)))
    }

    pub(super) fn children(&self) -> Vec<Child> {
        let mut children: Vec<_> = self.members.iter().map(|member| member.child.clone()).collect();
        children.sort_by_key(|child| (child.slot, child.started));
        children
    }
}

fn send(pid: u32, signal: Signal) {
    let Some(target) = Pid::from_raw(pid.cast_signed()) else {
        return;
    };
    if let Err(error) = kill_process(target, signal) {
        tracing::warn!(pid, %error, "cannot signal a process");
    }
}
