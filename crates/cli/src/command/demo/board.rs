//! The score board: folds what the clients observed and what the supervisor lists into one picture, several times a
//! second.
//!
//! It is the only owner of the counts, so nothing here is locked. What counts as lost is decided in `ledger`, what an
//! answer means in `traffic`; how the picture is painted is left to the page.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use tokenhouse_processes::supervisor::{Child, Phase};
use tokio::{
    sync::{mpsc, watch},
    time,
};

use super::{
    notes::{Act, Finding, Note, Observation},
    roster::{Member, Roster},
    snapshot::{Counts, Mishap, Process, Snapshot},
};

/// The requests of which the bar shows who answered.
const RECENT: usize = 100;
/// The failures that are shown with their reason.
const MISHAPS: usize = 3;
/// The pause between two pictures.
const BEAT: Duration = Duration::from_millis(250);
/// The beats over which the rate of requests is averaged (three seconds).
const RATE_BEATS: usize = 12;

/// The counts so far.
pub(super) struct Board {
    run: String,
    opened: Instant,
    counts: Counts,
    held: HashMap<usize, usize>,
    answered: HashMap<String, u64>,
    recent: VecDeque<Option<String>>,
    colours: HashMap<String, usize>,
    mishaps: VecDeque<Mishap>,
    beats: VecDeque<(Instant, u64)>,
    roster: Roster,
}

impl Board {
    /// An empty board; `run` tells the pages of one demo from those of another at the same address.
    pub(super) fn new(run: String) -> Self {
        Self {
            run,
            opened: Instant::now(),
            counts: Counts::default(),
            held: HashMap::new(),
            answered: HashMap::new(),
            recent: VecDeque::with_capacity(RECENT + 1),
            colours: HashMap::new(),
            mishaps: VecDeque::with_capacity(MISHAPS + 1),
            beats: VecDeque::with_capacity(RATE_BEATS + 1),
            roster: Roster::default(),
        }
    }

    /// Keeps the score until nobody is left to tell it anything. A change among the processes is published at once.
    pub(super) async fn run(
        mut self,
        mut notes: mpsc::Receiver<Note>,
        mut children: watch::Receiver<Vec<Child>>,
        publish: watch::Sender<Arc<Snapshot>>,
    ) {
        let mut beat = time::interval(BEAT);
        beat.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        children.mark_changed();
        loop {
            tokio::select! {
                changed = children.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    let listed = children.borrow_and_update().clone();
                    self.list(&listed, Instant::now());
                }
                note = notes.recv() => {
                    match note {
                        Some(Note::Seen(observation)) => self.count(observation),
                        Some(Note::Shot { pid, at }) => self.roster.shot(pid, at),
                        None => return,
                    }
                    continue;
                }
                _ = beat.tick() => self.beat(Instant::now()),
            }
            publish.send_replace(Arc::new(self.picture(Instant::now())));
        }
    }

    fn list(&mut self, children: &[Child], now: Instant) {
        let worn: HashSet<usize> =
            self.recent.iter().flatten().filter_map(|id| self.colours.get(id).copied()).collect();
        self.roster.update(children, &worn, now);
        for member in self.roster.members() {
            if let Some(id) = &member.child.process_id {
                self.colours.entry(id.clone()).or_insert(member.colour);
            }
        }
        self.counts.died = self.roster.died();
    }

    fn beat(&mut self, now: Instant) {
        self.beats.push_back((now, self.counts.requests));
        if self.beats.len() > RATE_BEATS {
            self.beats.pop_front();
        }
        let shown: HashSet<&str> = self.recent.iter().flatten().map(String::as_str).collect();
        let living: HashSet<&str> = self
            .roster
            .members()
            .iter()
            .filter_map(|member| member.child.process_id.as_deref())
            .collect();
        let known = |id: &String| shown.contains(id.as_str()) || living.contains(id.as_str());
        self.answered.retain(|id, _| known(id));
        self.colours.retain(|id, _| known(id));
    }

    fn count(&mut self, observation: Observation) {
        let Observation { client, act, process, retries, held, findings } = observation;
        self.held.insert(client, held);
        self.counts.held = self.held.values().sum();
        self.counts.requests += 1;
        self.counts.retries += u64::from(retries);
        match act {
            Act::Login => self.counts.logins += 1,
            Act::Read | Act::Check => self.counts.reads += 1,
            Act::Write => self.counts.writes += 1,
            Act::Logout => self.counts.logouts += 1,
        }
        for finding in &findings {
            self.note_finding(act, finding);
        }
        let failed = findings.iter().any(|finding| matches!(finding, Finding::Failed(_)));
        if let Some(id) = &process {
            *self.answered.entry(id.clone()).or_default() += 1;
        }
        self.recent.push_back(process.filter(|_| !failed));
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
    }

    fn note_finding(&mut self, act: Act, finding: &Finding) {
        let what = match finding {
            Finding::Failed(reason) => {
                self.counts.failed += 1;
                format!("{} failed: {reason}", named(act))
            }
            Finding::LoginLost => {
                self.counts.logins_lost += 1;
                format!("{}: a token was refused that had not been given back", named(act))
            }
            Finding::WriteLost { promised, found } => {
                self.counts.writes_lost += 1;
                format!("{}: {promised} had been acknowledged, {found} was found", named(act))
            }
            Finding::RevocationMissed => {
                self.counts.revocations_missed += 1;
                format!("{}: a token was accepted that had been given back", named(act))
            }
        };
        self.mishaps.push_front(Mishap { after_s: self.opened.elapsed().as_secs(), what });
        self.mishaps.truncate(MISHAPS);
    }

    fn picture(&self, now: Instant) -> Snapshot {
        let colour = |id: &Option<String>| match id {
            Some(id) => self
                .colours
                .get(id)
                .and_then(|colour| i8::try_from(*colour).ok())
                .unwrap_or(Snapshot::UNKNOWN),
            None => Snapshot::FAILED,
        };
        Snapshot {
            run: self.run.clone(),
            processes: self
                .roster
                .members()
                .iter()
                .map(|member| self.process(member, now))
                .collect(),
            recent: self.recent.iter().map(colour).collect(),
            counts: self.counts.clone(),
            rate: self.rate(),
            mishaps: self.mishaps.iter().cloned().collect(),
        }
    }

    fn process(&self, member: &Member, now: Instant) -> Process {
        let child = &member.child;
        Process {
            slot: child.slot,
            pid: child.pid,
            id: child.process_id.clone(),
            phase: match child.phase {
                Phase::Starting => "starting",
                Phase::Ready => "ready",
                Phase::Stopping => "stopping",
            },
            colour: member.colour,
            up_ms: millis(now.saturating_duration_since(child.started)),
            answered: child
                .process_id
                .as_ref()
                .and_then(|id| self.answered.get(id).copied())
                .unwrap_or_default(),
            replaced_ms: member.replaced.map(millis),
        }
    }

    /// Requests per second over the last few beats.
    fn rate(&self) -> u64 {
        let (Some((since, before)), Some((until, after))) = (self.beats.front(), self.beats.back())
        else {
            return 0;
        };
        let span = millis(until.saturating_duration_since(*since));
        ((after - before) * 1000 + span / 2).checked_div(span).unwrap_or_default()
    }
}

fn named(act: Act) -> &'static str {
    match act {
        Act::Login => "A login",
        Act::Read => "A read",
        Act::Write => "A write",
        Act::Logout => "A logout",
        Act::Check => "The check of a logout",
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(process: Option<&str>, findings: Vec<Finding>) -> Observation {
        Observation {
            client: 0,
            act: Act::Read,
            process: process.map(str::to_owned),
            retries: 1,
            held: 2,
            findings,
        }
    }

    fn ready(pid: u32, id: &str) -> Child {
        let (started, process_id) = (Instant::now(), Some(id.to_owned()));
        Child { slot: 0, pid, process_id, started, phase: Phase::Ready, management: None }
    }

    #[test]
    fn every_finding_has_its_own_count() {
        let mut board = Board::new(String::new());
        board.count(seen(None, vec![Finding::Failed("cut".into())]));
        board.count(seen(Some("p"), vec![Finding::Failed("401".into()), Finding::LoginLost]));
        board.count(seen(Some("p"), vec![Finding::WriteLost { promised: 2, found: 1 }]));
        board.count(seen(Some("p"), vec![Finding::RevocationMissed]));
        let Counts {
            requests,
            failed,
            logins_lost,
            writes_lost,
            revocations_missed,
            retries,
            held,
            ..
        } = board.counts;
        assert_eq!((requests, failed, logins_lost, writes_lost), (4, 2, 1, 1));
        assert_eq!((revocations_missed, retries, held), (1, 4, 2));
        assert_eq!(board.mishaps.len(), MISHAPS);
    }

    #[test]
    fn the_bar_keeps_the_last_hundred_and_shows_a_failure_as_one() {
        let mut board = Board::new(String::new());
        board.list(&[ready(1, "p")], Instant::now());
        for _ in 0..150 {
            board.count(seen(Some("p"), Vec::new()));
        }
        board.count(seen(None, vec![Finding::Failed("cut".into())]));
        board.count(seen(Some("not listed yet"), Vec::new()));
        let picture = board.picture(Instant::now());
        assert_eq!(picture.recent.len(), RECENT);
        assert_eq!(picture.recent[97..], [0, Snapshot::FAILED, Snapshot::UNKNOWN]);
        assert_eq!(picture.processes[0].answered, 150);
    }

    #[test]
    fn the_colour_of_the_dead_stays_in_the_bar_until_it_has_scrolled_out() {
        let mut board = Board::new(String::new());
        board.list(&[ready(1, "first")], Instant::now());
        board.count(seen(Some("first"), Vec::new()));
        board.list(&[ready(2, "second")], Instant::now());
        board.count(seen(Some("second"), Vec::new()));
        board.beat(Instant::now());
        assert_eq!(board.picture(Instant::now()).recent, [0, 1]);
        for _ in 0..RECENT {
            board.count(seen(Some("second"), Vec::new()));
        }
        board.beat(Instant::now());
        assert!(!board.colours.contains_key("first"));
    }
}
