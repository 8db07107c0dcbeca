//! The whole proof: one scenario after the other, the cut points, and whatever else joins, with one
//! summary and one verdict.
//!
//! Scenarios do not run beside each other: what one does to the machine must not be another's noise.

mod joined;
mod progress;
mod summary;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};

use crate::control_group;
use crate::cut_points::{self, Selection};
use crate::process::bare_command;
use crate::report::{CutPoints, Report, Told, Totals, json, page};
use crate::scenario::{self, Context, Live, Scenario};
use progress::Progress;

/// What is to be run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The short form.
    pub quick: bool,
    /// Only these, by their ids; all if empty.
    pub only: Vec<String>,
    /// What everything is made from.
    pub seed: u64,
    /// Where to put the report; nowhere if not set.
    pub report: Option<PathBuf>,
    /// About how many minutes the long form may take.
    pub minutes: u32,
}

/// The id of the cut points among the scenarios.
const CUT_POINTS: &str = "F4";
/// The id of the checks of [`joined`].
const CHECKS: &str = "checks";
/// How many cut points are run at once.
const LANES: usize = 3;
/// What a scenario may take on top of three times the usual, before it counts as stuck.
const LONGEST: Duration = Duration::from_secs(120);
/// About how many seconds all cut points take.
const CUT_POINTS_TAKE: u32 = 240;

impl Options {
    fn wants(&self, id: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only.eq_ignore_ascii_case(id))
    }

    /// In the short form those that have a short form, unless they are named.
    fn scenarios(&self) -> Vec<&'static Scenario> {
        let all = scenario::ALL.iter().filter(|scenario| self.wants(scenario.id));
        all.filter(|scenario| !self.quick || !self.only.is_empty() || scenario.seconds.0 > 0)
            .collect()
    }

    fn cut_points(&self) -> bool {
        // A part of them is a test of its own.
        self.wants(CUT_POINTS) && (!self.quick || !self.only.is_empty())
    }
}

/// Runs what the options say, tells how it goes, and writes the report.
///
/// # Errors
/// When nothing of what is named exists, or the report cannot be written. What fails is no error: it is in
/// the report.
pub async fn run(options: &Options) -> Result<Report> {
    let known = |id: &String| {
        let mut ids = scenario::ALL.iter().map(|scenario| scenario.id).chain([CUT_POINTS, CHECKS]);
        ids.any(|known| known.eq_ignore_ascii_case(id))
    };
    if let Some(unknown) = options.only.iter().find(|id| !known(id)) {
        anyhow::bail!("there is no scenario {unknown}");
    }
    if let Some(folder) = &options.report {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let _group = control_group::join_or_say("tokenhouse-proof");
    let scenarios = options.scenarios();
    let usual: u32 = scenarios.iter().map(|scenario| scenario.seconds.1).sum();
    let spare = f64::from(options.minutes * 60) - f64::from(CUT_POINTS_TAKE);
    let stretch = if usual > 0 { (spare / f64::from(usual)).max(0.1) } else { 1.0 };
    let live = Arc::new(Live::default());
    let ctx = Context { seed: options.seed, quick: options.quick, stretch, live };
    let mut play = Play::new(options, ctx, &scenarios);
    for scenario in scenarios {
        play.scenario(scenario).await;
    }
    if options.cut_points() {
        play.cut_points().await;
    }
    if options.wants(CHECKS) {
        play.checks().await;
    }
    let report = play.end();
    summary::print(&report);
    if let Some(folder) = &options.report {
        json::write(&report, &folder.join("proof.json"))?;
        page::write(&report, &folder.join("proof.html"))?;
        println!("the report is {}", folder.join("proof.html").display());
    }
    ensure!(
        !report.scenarios.is_empty() || report.cut_points.is_some() || !report.checks.is_empty(),
        "nothing was run"
    );
    Ok(report)
}

struct Play {
    ctx: Context,
    progress: Progress,
    report: Report,
    begun: Instant,
}

impl Play {
    fn new(options: &Options, ctx: Context, scenarios: &[&'static Scenario]) -> Self {
        let mut expected: Duration = scenarios.iter().map(|scenario| lasts(&ctx, scenario)).sum();
        if options.cut_points() {
            expected += Duration::from_secs(CUT_POINTS_TAKE.into());
        }
        let report = Report {
            commit: commit(),
            seed: options.seed,
            quick: options.quick,
            seconds: 0.0,
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            totals: Totals::default(),
            scenarios: Vec::new(),
            cut_points: None,
            checks: Vec::new(),
        };
        let progress = Progress::start(Arc::clone(&ctx.live), expected);
        Self { ctx, progress, report, begun: Instant::now() }
    }

    async fn scenario(&mut self, scenario: &Scenario) {
        self.ctx.live.begin();
        self.progress.begin(scenario.id, scenario.fault);
        let begun = Instant::now();
        let most = LONGEST + lasts(&self.ctx, scenario) * 3;
        let came = tokio::time::timeout(most, (scenario.play)(&self.ctx)).await;
        let came = came.unwrap_or_else(|_| Err(anyhow!("it did not end within {most:?}")));
        self.ctx.live.begin();
        let told = Told::of(scenario, came, begun.elapsed());
        self.progress.line(&summary::of_scenario(&told));
        self.report.scenarios.push(told);
        self.add_up();
    }

    async fn cut_points(&mut self) {
        self.progress.begin(CUT_POINTS, "every request cut at every message in every way");
        let begun = Instant::now();
        let selection = if self.ctx.quick { Selection::Few } else { Selection::Every };
        let told = match cut_points::run(selection, LANES).await {
            Ok(report) => CutPoints::of(&report, begun.elapsed()),
            Err(error) => CutPoints {
                cases: 0,
                held: 0,
                failed: vec![format!("they could not be run: {error:#}")],
                slowest: 0,
                seconds: begun.elapsed().as_secs_f64(),
            },
        };
        self.progress.line(&summary::of_cut_points(&told));
        self.report.cut_points = Some(told);
        self.add_up();
    }

    async fn checks(&mut self) {
        self.progress.begin(CHECKS, "what else is looked at");
        for check in joined::all(&self.ctx).await {
            self.progress.line(&summary::of_check(&check));
            self.report.checks.push(check);
        }
        self.add_up();
    }

    fn add_up(&mut self) {
        self.report.add_up();
        self.progress.totals(&self.report.totals);
    }

    fn end(mut self) -> Report {
        self.progress.end();
        self.report.seconds = self.begun.elapsed().as_secs_f64();
        self.report.add_up();
        self.report
    }
}

/// About how long a scenario takes.
fn lasts(ctx: &Context, scenario: &Scenario) -> Duration {
    match ctx.quick {
        true => Duration::from_secs(scenario.seconds.0.into()),
        false => Duration::from_secs(scenario.seconds.1.into()).mul_f64(ctx.stretch),
    }
}

/// What the working tree is, if this is one.
fn commit() -> String {
    let git = |args: &[&str]| {
        let output = bare_command("git").args(args).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    match (git(&["rev-parse", "--short=12", "HEAD"]), git(&["status", "--porcelain"])) {
        (Some(commit), Some(changes)) if changes.is_empty() => commit,
        (Some(commit), _) => format!("{commit} with changes"),
        (None, _) => "unknown".to_owned(),
    }
}
