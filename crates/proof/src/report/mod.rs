//! What a run of the scenarios showed, as values: what the terminal, the JSON file and the page are made
//! from.

pub mod figures;
pub mod json;
pub mod page;
mod timeline;

use std::time::Duration;

use serde::Serialize;

use crate::check::Check;
use crate::checker::{Judgement, Verdict as Judged};
use crate::cut_points;
use crate::scenario::book::Target;
use crate::scenario::{Outcome, Ran, Resolved, Scenario};
use figures::{Phases, Spread, Timeline};

/// A whole run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Which source it was built from, as far as that is known.
    pub commit: String,
    /// What everything was made from.
    pub seed: u64,
    /// Whether it was the short form.
    pub quick: bool,
    /// How long it took.
    pub seconds: f64,
    /// How many processors there were.
    pub processors: usize,
    /// What was counted in all scenarios but the controls.
    pub totals: Totals,
    /// One for each scenario, in the order in which they were played.
    pub scenarios: Vec<Told>,
    /// The cut points, if they were run.
    pub cut_points: Option<CutPoints>,
    /// What else was looked at.
    pub checks: Vec<Check>,
}

/// Sums over the scenarios; controls, which have to lose something, are left out.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Totals {
    /// Operations.
    pub operations: usize,
    /// Those of unknown outcome.
    pub unknown: usize,
    /// Injected faults, those of the cut points included.
    pub faults: u64,
    /// Acknowledged things that are gone.
    pub lost: usize,
    /// All other violations.
    pub wrong: usize,
    /// Scenarios that were not run.
    pub not_run: usize,
    /// Scenarios, cut points and checks that failed.
    pub failed: usize,
}

/// Whether a scenario went as it must.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Verdict {
    /// Nothing was lost or wrong, and every target was met.
    Passed,
    /// And why.
    Failed(Vec<String>),
    /// And why.
    NotRun(String),
}

/// One scenario.
#[derive(Debug, Serialize)]
pub struct Told {
    /// Such as `F1`.
    pub id: &'static str,
    /// The fault.
    pub fault: &'static str,
    /// Which errors it may cause.
    pub allowed: &'static str,
    /// What has to be met besides.
    pub target: &'static str,
    /// Whether it went as it must.
    pub verdict: Verdict,
    /// How long it took.
    pub seconds: f64,
    /// What was seen, if it was run.
    pub seen: Option<Seen>,
}

/// What was seen in a scenario.
#[derive(Debug, Serialize)]
pub struct Seen {
    /// Users who took part.
    pub users: u32,
    /// Operations that ended.
    pub operations: usize,
    /// Those that were acknowledged.
    pub ok: usize,
    /// Those that were refused.
    pub refused: usize,
    /// Those of unknown outcome.
    pub unknown: usize,
    /// What became of these.
    pub resolved: Resolved,
    /// Injected faults.
    pub faults: u64,
    /// Acknowledged things that are gone.
    pub lost: usize,
    /// All other violations.
    pub wrong: usize,
    /// Whether something has to be lost, for the harness to be trusted, or may be within a stated bound:
    /// then it is not added up.
    pub control: bool,
    /// Errors while none are allowed.
    pub errors_outside: usize,
    /// Errors while they are.
    pub errors_inside: usize,
    /// Latencies before, during and after the faults.
    pub latency: Phases,
    /// How long recoveries took.
    pub recovery: Option<Spread>,
    /// What had to be met.
    pub targets: Vec<Target>,
    /// What else was measured.
    pub figures: Vec<(String, String)>,
    /// What the checker says.
    pub judgements: Vec<Judgement>,
    /// What happened when.
    pub timeline: Timeline,
}

/// How the cut points went.
#[derive(Clone, Debug, Serialize)]
pub struct CutPoints {
    /// How many were run.
    pub cases: usize,
    /// How many held.
    pub held: usize,
    /// The others.
    pub failed: Vec<String>,
    /// The longest that a client waited, in milliseconds.
    pub slowest: u128,
    /// How long they took.
    pub seconds: f64,
}

impl CutPoints {
    /// What their report says.
    #[must_use]
    pub fn of(report: &cut_points::Report, took: Duration) -> Self {
        let failed = report.failed.iter().map(|failed| format!("{}: {}", failed.case, failed.why));
        Self {
            cases: report.cases,
            held: report.passed,
            failed: failed.collect(),
            slowest: report.slowest.as_millis(),
            seconds: took.as_secs_f64(),
        }
    }
}

impl Told {
    /// What came of a scenario. One that could not be carried out has failed: something is wrong with the
    /// product or with the harness.
    #[must_use]
    pub fn of(scenario: &Scenario, came: anyhow::Result<Outcome>, took: Duration) -> Self {
        let (verdict, seen) = match came {
            Ok(Outcome::Ran(ran)) => (judge(&ran), Some(Seen::of(*ran))),
            Ok(Outcome::NotRun(why)) => (Verdict::NotRun(why), None),
            Err(error) => {
                (Verdict::Failed(vec![format!("it could not be carried out: {error:#}")]), None)
            }
        };
        let Scenario { id, fault, allowed, target, .. } = *scenario;
        Self { id, fault, allowed, target, verdict, seconds: took.as_secs_f64(), seen }
    }
}

/// How many violations of one invariant are told.
const SHOWN: usize = 5;

fn judge(ran: &Ran) -> Verdict {
    let mut reasons: Vec<String> = ran
        .notes
        .targets
        .iter()
        .filter(|target| !target.met)
        .map(|missed| format!("{}: {}, wanted {}", missed.what, missed.measured, missed.wanted))
        .collect();
    if ran.must_lose {
        if ran.report.lost() == 0 {
            reasons.push("the control lost nothing, so the checker was not put to the test".into());
        }
    } else if !ran.bounded {
        for judgement in &ran.report.judgements {
            if let Judged::Violated(all) = &judgement.verdict {
                let more = all.len().saturating_sub(SHOWN);
                let shown = all.iter().take(SHOWN);
                reasons.extend(shown.map(|v| format!("{:?}: {}", judgement.invariant, v.message)));
                if more > 0 {
                    reasons.push(format!("{:?}: and {more} more", judgement.invariant));
                }
            }
        }
    }
    if ran.report.ok == 0 {
        reasons.push("nothing was acknowledged, so nothing was proved".into());
    }
    if reasons.is_empty() { Verdict::Passed } else { Verdict::Failed(reasons) }
}

impl Seen {
    fn of(ran: Ran) -> Self {
        let Ran { history, mut report, notes, resolved, users, warm, must_lose, bounded } = ran;
        let (lost, wrong) = (report.lost(), report.wrong());
        // Of a thousand violations by one cause the first few say enough.
        for judgement in &mut report.judgements {
            if let Judged::Violated(all) = &mut judgement.verdict {
                all.truncate(2 * SHOWN);
            }
        }
        let errors = figures::errors(&history, &notes.windows);
        Self {
            users,
            operations: report.operations,
            ok: report.ok,
            refused: report.refused,
            unknown: report.unknown,
            resolved,
            faults: notes.faults,
            lost,
            wrong,
            control: must_lose || bounded,
            errors_outside: errors.0,
            errors_inside: errors.1,
            latency: Phases::of(&history, &notes, warm),
            recovery: Spread::of(&notes.recoveries),
            timeline: Timeline::of(&history, &notes),
            targets: notes.targets,
            figures: notes.figures,
            judgements: report.judgements,
        }
    }
}

impl Report {
    /// Adds everything up.
    pub fn add_up(&mut self) {
        let mut totals = Totals::default();
        for told in &self.scenarios {
            match told.verdict {
                Verdict::Passed => {}
                Verdict::Failed(_) => totals.failed += 1,
                Verdict::NotRun(_) => totals.not_run += 1,
            }
            if let Some(seen) = told.seen.as_ref().filter(|seen| !seen.control) {
                totals.operations += seen.operations;
                totals.unknown += seen.unknown;
                totals.faults += seen.faults;
                totals.lost += seen.lost;
                totals.wrong += seen.wrong;
            }
        }
        if let Some(cut_points) = &self.cut_points {
            totals.faults += cut_points.cases as u64;
            totals.failed += usize::from(!cut_points.failed.is_empty());
        }
        for check in &self.checks {
            match check.verdict {
                crate::check::Verdict::Held => {}
                crate::check::Verdict::Failed(_) => totals.failed += 1,
                crate::check::Verdict::NotRun(_) => totals.not_run += 1,
            }
        }
        self.totals = totals;
    }

    /// Whether nothing failed. What was not run is no failure, and no success either.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.totals.failed == 0
    }
}

/// Text as HTML and SVG want it.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}
