//! The timeline of a scenario as a picture: answers a second, errors a second, and latencies, one below the
//! other over the same seconds; what was done, and when errors were allowed, across all three.

use std::fmt::Write;

use super::escaped;
use super::figures::{Second, Timeline};

const WIDTH: f64 = 960.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 16.0;
const GAP: f64 = 14.0;
const FOOT: f64 = 24.0;
/// Heights of the three bands.
const BANDS: [f64; 3] = [90.0, 44.0, 96.0];

/// Where seconds are.
struct Scale {
    seconds: f64,
}

impl Scale {
    fn x(&self, second: f64) -> f64 {
        LEFT + second.min(self.seconds) / self.seconds * (WIDTH - LEFT - RIGHT)
    }
}

/// The picture.
pub(super) fn picture(timeline: &Timeline) -> String {
    #[expect(clippy::cast_precision_loss, reason = "seconds of one run")]
    let scale = Scale { seconds: timeline.seconds.len().max(1) as f64 };
    let tops = [TOP, TOP + BANDS[0] + GAP, TOP + BANDS[0] + BANDS[1] + 2.0 * GAP];
    let bottom = tops[2] + BANDS[2];
    let mut svg = format!(
        r#"<svg viewBox="0 0 {WIDTH} {}" role="img" aria-label="timeline">"#,
        bottom + FOOT
    );
    for (from, to) in &timeline.windows {
        let (x, width) = (scale.x(*from), (scale.x(*to) - scale.x(*from)).max(1.0));
        let height = bottom - TOP;
        put(
            &mut svg,
            format_args!(
                r#"<rect class="window" x="{x:.1}" y="{TOP}" width="{width:.1}" height="{height}"><title>errors are allowed for {:.0} ms</title></rect>"#,
                (to - from) * 1000.0
            ),
        );
    }
    bars(&mut svg, &scale, timeline, (tops[0], BANDS[0]), ("answered", "answers/s"), |s| {
        s.answered
    });
    bars(&mut svg, &scale, timeline, (tops[1], BANDS[1]), ("errors", "errors/s"), |s| s.errors);
    latencies(&mut svg, &scale, timeline, tops[2]);
    for (at, what) in &timeline.marks {
        let x = scale.x(*at);
        put(
            &mut svg,
            format_args!(
                r#"<g><title>{at:.2} s: {}</title><line class="mark" x1="{x:.1}" x2="{x:.1}" y1="{TOP}" y2="{bottom}"/><path class="flag" d="M{:.1} 4h8l-4 9z"/></g>"#,
                escaped(what),
                x - 4.0
            ),
        );
    }
    seconds(&mut svg, &scale, bottom);
    svg.push_str("</svg>");
    svg
}

/// Memory takes all of it.
fn put(svg: &mut String, text: std::fmt::Arguments<'_>) {
    svg.write_fmt(text).ok();
}

fn line_at(svg: &mut String, y: f64, label: &str) {
    put(
        svg,
        format_args!(
            r#"<line class="grid" x1="{LEFT}" x2="{}" y1="{y:.1}" y2="{y:.1}"/><text x="{}" y="{:.1}" text-anchor="end">{label}</text>"#,
            WIDTH - RIGHT,
            LEFT - 6.0,
            y + 3.5
        ),
    );
}

fn bars(
    svg: &mut String,
    scale: &Scale,
    timeline: &Timeline,
    (top, height): (f64, f64),
    (class, name): (&str, &str),
    value: impl Fn(&Second) -> u32,
) {
    let most = timeline.seconds.iter().map(&value).max().unwrap_or_default();
    line_at(svg, top, &most.to_string());
    line_at(svg, top + height, "0");
    put(svg, format_args!(r#"<text x="4" y="{:.1}">{name}</text>"#, top + height / 2.0 + 3.5));
    for (second, seen) in (0_u32..).zip(&timeline.seconds) {
        let value = value(seen);
        if value == 0 {
            continue;
        }
        let (x, next) = (scale.x(second.into()), scale.x(f64::from(second) + 1.0));
        let tall = f64::from(value) / f64::from(most) * height;
        put(
            svg,
            format_args!(
                r#"<rect class="{class}" x="{x:.1}" y="{:.1}" width="{:.1}" height="{tall:.1}"><title>second {second}: {value} {name}</title></rect>"#,
                top + height - tall,
                (next - x - 0.6).max(0.6)
            ),
        );
    }
}

/// On a logarithmic scale, from a tenth of a millisecond or whatever is less than all, to what is more.
fn latencies(svg: &mut String, scale: &Scale, timeline: &Timeline, top: f64) {
    let height = BANDS[2];
    let most = timeline.seconds.iter().map(|second| second.p99).fold(10.0, f64::max);
    let (low, high) = (-1.0_f64, most.log10().ceil());
    let y = |milliseconds: f64| {
        let part = (milliseconds.max(0.1).log10() - low) / (high - low);
        top + height - part * height
    };
    let mut decade = 0.1;
    while decade <= most * 10.0 && y(decade) >= top - 0.5 {
        let label =
            if decade < 1000.0 { format!("{decade} ms") } else { format!("{} s", decade / 1000.0) };
        line_at(svg, y(decade), &label);
        decade *= 10.0;
    }
    for (class, value) in [("slow", p99 as fn(&Second) -> f64), ("half", p50)] {
        let mut path = String::new();
        let mut drawing = false;
        for (second, seen) in (0_u32..).zip(&timeline.seconds) {
            if seen.answered + seen.errors == 0 {
                drawing = false;
                continue;
            }
            let (x, y) = (scale.x(f64::from(second) + 0.5), y(value(seen)));
            put(&mut path, format_args!("{}{x:.1} {y:.1}", if drawing { "L" } else { "M" }));
            drawing = true;
        }
        put(svg, format_args!(r#"<path class="{class}" d="{path}"/>"#));
    }
}

fn p50(second: &Second) -> f64 {
    second.p50
}

fn p99(second: &Second) -> f64 {
    second.p99
}

fn seconds(svg: &mut String, scale: &Scale, bottom: f64) {
    let steps = [1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0];
    let step = steps.into_iter().find(|step| scale.seconds / step <= 16.0).unwrap_or(600.0);
    let mut at = 0.0;
    while at <= scale.seconds {
        put(
            svg,
            format_args!(
                r#"<text x="{:.1}" y="{:.1}" text-anchor="middle">{at} s</text>"#,
                scale.x(at),
                bottom + 16.0
            ),
        );
        at += step;
    }
}
