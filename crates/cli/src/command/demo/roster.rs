//! Who is on stage: the processes as the supervisor lists them, with what a watcher wants to know besides.
//!
//! Decides the colour of each process, notices that one died rather than stopped, and measures how long its place was
//! empty. Pure: the time is an argument. Starting and killing are left to the supervisor.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use tokenhouse_processes::supervisor::{Child, Phase};

/// How many colours `page.css` defines.
pub(super) const COLOURS: usize = 12;

/// A process that is there now.
pub(super) struct Member {
    pub(super) child: Child,
    pub(super) colour: usize,
    /// How long its place was empty before it was ready, if it took the place of one that died.
    pub(super) replaced: Option<Duration>,
    /// Since when its place had been empty.
    vacant_since: Option<Instant>,
}

/// The processes that are there, and what is remembered of those that are not.
#[derive(Default)]
pub(super) struct Roster {
    members: Vec<Member>,
    vacancies: Vec<(usize, Instant)>,
    shots: HashMap<u32, Instant>,
    died: u64,
}

impl Roster {
    /// The processes, in the order of their places.
    pub(super) fn members(&self) -> &[Member] {
        &self.members
    }

    /// How many processes ended without having been asked to.
    pub(super) fn died(&self) -> u64 {
        self.died
    }

    /// The kill button of `pid` was pressed at `now`: its place counts as empty from here on.
    pub(super) fn shot(&mut self, pid: u32, now: Instant) {
        self.shots.insert(pid, now);
    }

    /// Takes over the supervisor's list as it was at `now`; `worn` are colours still on show though nobody wears them.
    pub(super) fn update(&mut self, children: &[Child], worn: &HashSet<usize>, now: Instant) {
        self.take_leave(children, now);
        for child in children {
            match self.members.iter_mut().find(|member| member.child.pid == child.pid) {
                Some(member) => member.child = child.clone(),
                None => self.welcome(child, worn),
            }
        }
        for member in &mut self.members {
            if member.child.phase == Phase::Ready && member.replaced.is_none() {
                member.replaced =
                    member.vacant_since.map(|since| now.saturating_duration_since(since));
            }
        }
        self.members.sort_by_key(|member| (member.child.slot, member.child.started));
    }

    fn take_leave(&mut self, children: &[Child], now: Instant) {
        let present: HashSet<u32> = children.iter().map(|child| child.pid).collect();
        let (stayed, left): (Vec<_>, Vec<_>) =
            self.members.drain(..).partition(|member| present.contains(&member.child.pid));
        self.members = stayed;
        for member in left {
            let shot = self.shots.remove(&member.child.pid);
            if shot.is_some() || member.child.phase != Phase::Stopping {
                self.died += 1;
                self.vacancies.push((member.child.slot, shot.unwrap_or(now)));
            }
        }
    }

    fn welcome(&mut self, child: &Child, worn: &HashSet<usize>) {
        let vacancy = self.vacancies.iter().position(|(slot, _)| *slot == child.slot);
        let vacant_since = vacancy.map(|index| self.vacancies.swap_remove(index).1);
        let colour = self.free_colour(worn);
        self.members.push(Member { child: child.clone(), colour, replaced: None, vacant_since });
    }

    /// The first colour that nobody wears; once all are worn, the one worn by the fewest.
    fn free_colour(&self, worn: &HashSet<usize>) -> usize {
        let wearers = |colour: usize| {
            let members = self.members.iter().filter(|member| member.colour == colour).count();
            (members, usize::from(worn.contains(&colour)))
        };
        (0..COLOURS).min_by_key(|colour| wearers(*colour)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn child(slot: usize, pid: u32, phase: Phase) -> Child {
        Child { slot, pid, process_id: None, started: Instant::now(), phase, management: None }
    }

    fn replaced(roster: &Roster, pid: u32) -> Option<Duration> {
        roster
            .members()
            .iter()
            .find(|member| member.child.pid == pid)
            .and_then(|member| member.replaced)
    }

    #[test]
    fn the_first_processes_replace_nobody() {
        let mut roster = Roster::default();
        roster.update(&[child(0, 10, Phase::Ready)], &HashSet::new(), Instant::now());
        assert_eq!((replaced(&roster, 10), roster.died()), (None, 0));
    }

    #[test]
    fn the_time_to_replacement_runs_from_the_shot_until_the_successor_is_ready() {
        let (mut roster, none, start) = (Roster::default(), HashSet::new(), Instant::now());
        let after = |millis| start + Duration::from_millis(millis);
        roster.update(&[child(0, 10, Phase::Ready)], &none, start);
        roster.shot(10, after(5));
        roster.update(&[], &none, after(8));
        roster.update(&[child(0, 11, Phase::Starting)], &none, after(9));
        assert_eq!(replaced(&roster, 11), None);
        roster.update(&[child(0, 11, Phase::Ready)], &none, after(28));
        roster.update(&[child(0, 11, Phase::Ready)], &none, after(90));
        assert_eq!(replaced(&roster, 11), Some(Duration::from_millis(23)));
        assert_eq!(roster.died(), 1);
    }

    #[test]
    fn a_death_from_outside_is_measured_from_when_it_was_noticed() {
        let (mut roster, none, start) = (Roster::default(), HashSet::new(), Instant::now());
        roster.update(&[child(0, 10, Phase::Ready)], &none, start);
        roster.update(&[child(0, 11, Phase::Starting)], &none, start);
        roster.update(&[child(0, 11, Phase::Ready)], &none, start + Duration::from_millis(7));
        assert_eq!(replaced(&roster, 11), Some(Duration::from_millis(7)));
    }

    #[test]
    fn a_process_that_was_asked_to_stop_did_not_die() {
        let (mut roster, none, start) = (Roster::default(), HashSet::new(), Instant::now());
        roster.update(&[child(0, 10, Phase::Stopping), child(0, 11, Phase::Ready)], &none, start);
        roster.update(&[child(0, 11, Phase::Ready)], &none, start);
        assert_eq!((replaced(&roster, 11), roster.died()), (None, 0));
    }

    #[test]
    fn a_successor_gets_a_colour_that_is_not_on_show() {
        let mut roster = Roster::default();
        roster.update(
            &[child(0, 10, Phase::Ready), child(1, 20, Phase::Ready)],
            &HashSet::new(),
            Instant::now(),
        );
        roster.update(
            &[child(0, 11, Phase::Ready), child(1, 20, Phase::Ready)],
            &HashSet::from([0]),
            Instant::now(),
        );
        let colours: Vec<_> = roster.members().iter().map(|member| member.colour).collect();
        assert_eq!(colours, [2, 1]);
    }
}
