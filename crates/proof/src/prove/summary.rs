//! What is printed: one line for each scenario, and the sum.

use crate::check::{Check, Verdict as Checked};
use crate::report::{CutPoints, Report, Told, Verdict};

/// How many reasons of one failure are printed.
const REASONS: usize = 12;

/// One line; below it the reasons, if it failed.
pub(super) fn of_scenario(told: &Told) -> String {
    let mut line = format!("{} {:<4} {}", word(&told.verdict), told.id, told.fault);
    if let Some(seen) = &told.seen {
        line.push_str(&format!(
            " — {} operations, {} faults, lost {}, wrong {}, unknown {}",
            seen.operations, seen.faults, seen.lost, seen.wrong, seen.unknown
        ));
        if seen.control {
            line.push_str(" (not added up: see its target)");
        }
        for (name, value) in &seen.figures {
            line.push_str(&format!("; {name}: {value}"));
        }
        for target in &seen.targets {
            line.push_str(&format!("; {}: {}", target.what, target.measured));
        }
        line.push_str(&format!(" [{:.0} s]", told.seconds));
    }
    match &told.verdict {
        Verdict::Passed => line,
        Verdict::NotRun(why) => format!("{line}: {why}"),
        Verdict::Failed(reasons) => {
            let shown = reasons.iter().take(REASONS);
            shown.fold(line, |text, reason| format!("{text}\n            {reason}"))
        }
    }
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "passed ",
        Verdict::Failed(_) => "FAILED ",
        Verdict::NotRun(_) => "not run",
    }
}

pub(super) fn of_cut_points(told: &CutPoints) -> String {
    let verdict = if told.failed.is_empty() { "passed " } else { "FAILED " };
    let line = format!(
        "{verdict} F4   every cut point — {} cases, {} held, slowest {} ms [{:.0} s]",
        told.cases, told.held, told.slowest, told.seconds
    );
    told.failed.iter().take(REASONS).fold(line, |text, why| format!("{text}\n            {why}"))
}

pub(super) fn of_check(check: &Check) -> String {
    let (verdict, why) = match &check.verdict {
        Checked::Held => ("held   ", ""),
        Checked::Failed(why) => ("FAILED ", why.as_str()),
        Checked::NotRun(why) => ("not run", why.as_str()),
    };
    let mut line = format!("{verdict} {:<4} {}", check.id, check.what);
    for (name, value) in &check.figures {
        line.push_str(&format!("; {name}: {value}"));
    }
    if why.is_empty() { line } else { format!("{line}: {why}") }
}

/// The sum of all.
pub(super) fn print(report: &Report) {
    let totals = &report.totals;
    println!();
    println!(
        "{} operations, {} faults: lost {}, wrong {}, unknown {}",
        totals.operations, totals.faults, totals.lost, totals.wrong, totals.unknown
    );
    if totals.lost + totals.wrong == 0 && totals.operations > 0 {
        println!("rate of lost or wrong: {}", at_most(totals.operations));
    }
    println!(
        "{} failed, {} not run; seed {}, commit {}, {:.0} s on {} processors",
        totals.failed,
        totals.not_run,
        report.seed,
        report.commit,
        report.seconds,
        report.processors
    );
}

/// What no failure in `n` says: never "none".
pub(crate) fn at_most(n: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
    let rate = 3.0 / n.max(1) as f64;
    format!("at most 3/{n} = {rate:.1e} (95 %)")
}
