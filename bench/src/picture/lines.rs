//! Processor time of a read against what grows, on a logarithmic axis: server and database of each engine.

use anyhow::{Context, Result};

use super::svg::{Anchor, COLOURS, Svg};
use crate::growth::{Curve, Point};

const WIDTH: f64 = 820.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 220.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 50.0;

pub(super) fn draw(curves: &[&Curve]) -> Result<String> {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let axis = &curves.first().context("there is no such curve")?.axis;
    let ends = |f: fn(f64, f64) -> f64| points().map(|p| f64::from(p.at)).reduce(f);
    let (first, last) = ends(f64::min).zip(ends(f64::max)).context("a curve without points")?;
    let highest = points().map(|p| p.server.max(p.database)).fold(1.0, f64::max);
    let step = step(highest);
    let top = (highest / step).ceil() * step;
    let span = (last / first).ln().max(f64::MIN_POSITIVE);
    let x = |at: u32| LEFT + (f64::from(at) / first).ln() / span * (WIDTH - LEFT - RIGHT);
    let y = |value: f64| HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM);
    let mut svg = Svg::new(WIDTH, HEIGHT);
    svg.text((8.0, 20.0), Anchor::Start, "processor time of one GET /data");
    let mut mark = 0.0;
    while mark <= top {
        svg.rule((LEFT, y(mark)), (WIDTH - RIGHT, y(mark)));
        svg.text((LEFT - 8.0, y(mark) + 4.0), Anchor::End, &format!("{mark:.0} µs"));
        mark += step;
    }
    for point in &curves[0].points {
        svg.text((x(point.at), HEIGHT - BOTTOM + 18.0), Anchor::Middle, &short(point.at));
    }
    let middle = LEFT + (WIDTH - LEFT - RIGHT) / 2.0;
    svg.text((middle, HEIGHT - 12.0), Anchor::Middle, axis);
    let mut legend = TOP + 10.0;
    for (index, curve) in curves.iter().enumerate() {
        for is_database in [false, true] {
            let of = |point: &Point| if is_database { point.database } else { point.server };
            if curve.points.iter().all(|point| of(point) == 0.0) {
                continue;
            }
            let kind = if is_database { "database" } else { "server" };
            let colour = COLOURS[index % COLOURS.len()];
            let line: Vec<_> = curve.points.iter().map(|p| (x(p.at), y(of(p)))).collect();
            svg.path(&line, colour, is_database);
            let key = [(WIDTH - RIGHT + 20.0, legend), (WIDTH - RIGHT + 50.0, legend)];
            svg.path(&key, colour, is_database);
            let place = (WIDTH - RIGHT + 60.0, legend + 4.0);
            svg.text(place, Anchor::Start, &format!("{}, {kind}", curve.engine));
            legend += 24.0;
        }
    }
    Ok(svg.finish())
}

/// 1, 2 or 5 times a power of ten, so that there are four to ten marks.
fn step(highest: f64) -> f64 {
    let power = 10f64.powf((highest / 4.0).log10().floor());
    [5.0, 2.0, 1.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| highest / step >= 4.0)
        .unwrap_or(power)
}

/// `10⁵` is `100k`.
fn short(number: u32) -> String {
    match number {
        0..1_000 => number.to_string(),
        1_000..1_000_000 if number.is_multiple_of(1024) => format!("{} Ki", number / 1024),
        1_000..1_000_000 => format!("{}k", number / 1000),
        _ => format!("{}M", number / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_not_too_many() {
        for highest in [1.0, 7.3, 13.0, 52.0, 99.0, 1200.0] {
            let count = highest / step(highest);
            assert!((4.0..=10.0).contains(&count), "{highest}: {count}");
        }
    }

    #[test]
    fn a_curve_runs_from_the_left_end_to_the_right() {
        let at =
            |at, server| Point { at, per_second: 1.0, server, database: 0.0, p50: 0.0, p99: 0.0 };
        let curve = Curve {
            axis: "users".to_owned(),
            engine: "SQLite".to_owned(),
            points: vec![at(1_000, 10.0), at(1_000_000, 20.0)],
        };
        let svg = draw(&[&curve]).expect("a picture");
        assert!(svg.contains(r#"points="60.0,175.0 600.0,40.0""#), "{svg}");
        assert!(svg.contains(">1k<") && svg.contains(">1M<") && !svg.contains("database<"));
    }
}
