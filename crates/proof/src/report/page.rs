//! The report as one page that needs nothing else: no script, no font, no picture from elsewhere.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result};

use super::figures::{Latency, Spread};
use super::{CutPoints, Report, Seen, Told, Verdict, escaped, timeline};
use crate::check::Verdict as Checked;
use crate::checker::{Verdict as Judged, at_most};

const STYLE: &str = include_str!("page.css");

/// Writes it.
///
/// # Errors
/// When the file cannot be written.
pub fn write(report: &Report, path: &Path) -> Result<()> {
    std::fs::write(path, page(report)).with_context(|| format!("cannot write {}", path.display()))
}

fn page(report: &Report) -> String {
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Tokenhouse: proof</title>\n<style>\n{STYLE}</style></head>\n<body>\n"
    );
    head(&mut html, report);
    table(&mut html, report);
    for told in &report.scenarios {
        if let Some(seen) = &told.seen {
            scenario(&mut html, told, seen);
        }
    }
    html.push_str("</body></html>\n");
    html
}

/// Memory takes all of it.
fn put(html: &mut String, text: std::fmt::Arguments<'_>) {
    html.write_fmt(text).ok();
}

fn head(html: &mut String, report: &Report) {
    let totals = &report.totals;
    let form = if report.quick { "short form" } else { "long form" };
    put(
        html,
        format_args!(
            "<h1>What was broken, and what was lost</h1>\n<p class=\"soft\">{form}, seed {}, commit {}, \
         {:.0} s on {} processors</p>\n<ul class=\"sums\">",
            report.seed,
            escaped(&report.commit),
            report.seconds,
            report.processors
        ),
    );
    for (name, value) in [
        ("operations", grouped(totals.operations)),
        ("injected faults", totals.faults.to_string()),
        ("lost", totals.lost.to_string()),
        ("wrong", totals.wrong.to_string()),
        ("of unknown outcome", grouped(totals.unknown)),
        ("failed", totals.failed.to_string()),
        ("not run", totals.not_run.to_string()),
    ] {
        put(html, format_args!("<li><b>{value}</b>{name}</li>"));
    }
    html.push_str("</ul>\n");
    if totals.lost + totals.wrong == 0 && totals.operations > 0 {
        let rate = at_most(totals.operations as u64);
        put(
            html,
            format_args!(
                "<p>An operation is lost or answered wrongly with a probability of {rate}.</p>\n"
            ),
        );
    }
    html.push_str(
        "<p class=\"soft\">Controls, which have to lose something, are not added up. What an operation \
         of unknown outcome came to is looked up in the database: done, not done, or without a trace.</p>\n",
    );
}

/// With a thin space between thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(|group| String::from_utf8_lossy(group)).collect();
    groups.join("\u{202f}")
}

fn table(html: &mut String, report: &Report) {
    html.push_str(
        "<div class=\"scroll\"><table><thead><tr><th></th><th class=\"fault\">fault</th><th></th><th class=\"n\">operations</th>\
         <th class=\"n\">faults</th><th class=\"n\">lost</th><th class=\"n\">wrong</th><th class=\"n\">unknown</th>\
         <th class=\"n\">errors outside / inside the windows</th><th class=\"n\">p99 before / during / after, ms</th>\
         <th class=\"n\">recovery min / median / max, ms</th></tr></thead><tbody>\n",
    );
    for told in &report.scenarios {
        row(html, told);
    }
    if let Some(cut_points) = &report.cut_points {
        cut_points_row(html, cut_points);
    }
    html.push_str("</tbody></table></div>\n");
    if report.checks.is_empty() {
        return;
    }
    html.push_str("<h2>What else was looked at</h2><table><tbody>\n");
    for check in &report.checks {
        let (class, word, why) = match &check.verdict {
            Checked::Held => ("held", "held", ""),
            Checked::Failed(why) => ("failed", "failed", why.as_str()),
            Checked::NotRun(why) => ("not-run", "not run", why.as_str()),
        };
        let figures: Vec<_> =
            check.figures.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        put(
            html,
            format_args!(
                "<tr><td>{}</td><td>{} <span class=\"soft\">{} {}</span></td><td class=\"word {class}\">{word}</td></tr>\n",
                escaped(check.id),
                escaped(&check.what),
                escaped(&figures.join("; ")),
                escaped(why)
            ),
        );
    }
    html.push_str("</tbody></table>\n");
}

fn row(html: &mut String, told: &Told) {
    let (class, word) = match told.verdict {
        Verdict::Passed => ("passed", "passed"),
        Verdict::Failed(_) => ("failed", "failed"),
        Verdict::NotRun(_) => ("not-run", "not run"),
    };
    let id = told.id;
    put(
        html,
        format_args!(
            "<tr><td><a href=\"#{id}\">{id}</a></td><td>{}</td><td class=\"word {class}\">{word}</td>",
            escaped(told.fault)
        ),
    );
    match (&told.seen, &told.verdict) {
        (Some(seen), _) => {
            let latency = &seen.latency;
            let p99: Vec<_> = [latency.before, latency.during, latency.after]
                .into_iter()
                .map(|phase| phase.map_or("–".to_owned(), |l: Latency| format!("{:.0}", l.p99)))
                .collect();
            let recovery = seen.recovery.map_or("–".to_owned(), |spread: Spread| {
                format!("{:.0} / {:.0} / {:.0}", spread.min, spread.median, spread.max)
            });
            let control = if seen.control { " *" } else { "" };
            put(
                html,
                format_args!(
                    "<td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}{control}</td><td class=\"n\">{}{control}</td>\
                 <td class=\"n\">{}</td><td class=\"n\">{} / {}</td><td class=\"n\">{}</td><td class=\"n\">{recovery}</td></tr>\n",
                    seen.operations,
                    seen.faults,
                    seen.lost,
                    seen.wrong,
                    seen.unknown,
                    seen.errors_outside,
                    seen.errors_inside,
                    p99.join(" / ")
                ),
            );
        }
        (None, Verdict::NotRun(why)) => {
            put(
                html,
                format_args!("<td colspan=\"8\" class=\"soft\">{}</td></tr>\n", escaped(why)),
            );
        }
        (None, Verdict::Failed(why)) => {
            let why = escaped(&why.join("; "));
            put(html, format_args!("<td colspan=\"8\" class=\"failed\">{why}</td></tr>\n"));
        }
        (None, Verdict::Passed) => html.push_str("<td colspan=\"8\"></td></tr>\n"),
    }
}

fn cut_points_row(html: &mut String, told: &CutPoints) {
    let (class, word) =
        if told.failed.is_empty() { ("passed", "passed") } else { ("failed", "failed") };
    put(
        html,
        format_args!(
            "<tr><td>F4</td><td>every request cut at every message in every way</td><td class=\"word {class}\">{word}</td>\
         <td colspan=\"8\">{} cases, {} held, the slowest answer after {} ms {}</td></tr>\n",
            told.cases,
            told.held,
            told.slowest,
            escaped(&told.failed.join("; "))
        ),
    );
}

fn scenario(html: &mut String, told: &Told, seen: &Seen) {
    put(
        html,
        format_args!(
            "<h2 id=\"{}\">{} {}</h2>\n<p class=\"soft\">Errors allowed: {}. Besides: {}.</p>\n",
            told.id,
            told.id,
            escaped(told.fault),
            escaped(told.allowed),
            escaped(told.target)
        ),
    );
    if let Verdict::Failed(reasons) = &told.verdict {
        let items: String =
            reasons.iter().map(|reason| format!("<li>{}</li>", escaped(reason))).collect();
        put(html, format_args!("<ul class=\"reasons\">{items}</ul>\n"));
    }
    let resolved = seen.resolved;
    put(
        html,
        format_args!(
            "<p>{} users, {} operations: {} acknowledged, {} refused, {} of unknown outcome ({} done, {} not done, \
         {} without a trace).</p>\n",
            seen.users,
            seen.operations,
            seen.ok,
            seen.refused,
            seen.unknown,
            resolved.done,
            resolved.not_done,
            resolved.open
        ),
    );
    for target in &seen.targets {
        let class = if target.met { "passed" } else { "failed" };
        put(
            html,
            format_args!(
                "<p>{}: <b class=\"{class}\">{}</b> <span class=\"soft\">(wanted: {})</span></p>\n",
                escaped(&target.what),
                escaped(&target.measured),
                escaped(&target.wanted)
            ),
        );
    }
    for (name, value) in &seen.figures {
        put(html, format_args!("<p class=\"soft\">{}: {}</p>\n", escaped(name), escaped(value)));
    }
    put(
        html,
        format_args!(
            "<figure>{}<figcaption><span class=\"key\" style=\"background:var(--mark)\"></span>what was done\
         <span class=\"key\" style=\"background:var(--window)\"></span>errors allowed\
         <span class=\"key\" style=\"background:var(--half)\"></span>p50\
         <span class=\"key\" style=\"background:var(--slow)\"></span>p99, from the moment each was to be sent\
         </figcaption></figure>\n",
            timeline::picture(&seen.timeline)
        ),
    );
    phases(html, seen);
    judgements(html, seen);
}

fn phases(html: &mut String, seen: &Seen) {
    html.push_str("<details><summary>Latencies</summary><table><tbody>\n<tr><th></th><th class=\"n\">operations</th><th class=\"n\">p50 ms</th><th class=\"n\">p99 ms</th><th class=\"n\">max ms</th></tr>\n");
    let latency = &seen.latency;
    for (name, phase) in
        [("before", latency.before), ("during", latency.during), ("after", latency.after)]
    {
        if let Some(Latency { count, p50, p99, max }) = phase {
            put(
                html,
                format_args!(
                    "<tr><td>{name}</td><td class=\"n\">{count}</td><td class=\"n\">{p50:.1}</td><td class=\"n\">{p99:.1}</td>\
                 <td class=\"n\">{max:.1}</td></tr>\n"
                ),
            );
        }
    }
    html.push_str("</tbody></table></details>\n");
}

fn judgements(html: &mut String, seen: &Seen) {
    html.push_str("<details><summary>Invariants</summary><table><tbody>\n");
    for judgement in &seen.judgements {
        let (class, word, what) = match &judgement.verdict {
            Judged::Held => ("held", "held", at_most(judgement.looked)),
            Judged::NotJudged(why) => ("not-run", "not judged", (*why).to_owned()),
            Judged::Violated(all) => {
                let shown: Vec<_> =
                    all.iter().map(|violation| violation.message.as_str()).collect();
                ("failed", "violated", shown.join("; "))
            }
        };
        put(
            html,
            format_args!(
                "<tr><td>{:?}</td><td class=\"word {class}\">{word}</td><td>{}</td></tr>\n",
                judgement.invariant,
                escaped(&what)
            ),
        );
    }
    html.push_str("</tbody></table></details>\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Totals;

    #[test]
    fn the_page_needs_nothing_else_and_shows_text_as_text() {
        let report = Report {
            commit: "<b>&".to_owned(),
            seed: 7,
            quick: true,
            seconds: 1.0,
            processors: 2,
            totals: Totals { operations: 1_234_567, ..Totals::default() },
            scenarios: Vec::new(),
            cut_points: None,
            checks: Vec::new(),
        };
        let page = page(&report);
        assert!(page.contains("commit &lt;b&gt;&amp;,"));
        assert!(page.contains("1\u{202f}234\u{202f}567"));
        for foreign in ["http://", "https://", "<script", "url("] {
            assert!(!page.contains(foreign), "{foreign}");
        }
    }
}
