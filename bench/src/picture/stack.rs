//! Where a request's time goes: for each bar a row of layers, as long as they take.

use anyhow::{Result, ensure};
use serde::Deserialize;

use super::svg::{Anchor, COLOURS, Svg};

/// One layer of one bar.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Layer {
    /// Which bar it is part of; the first if there is only one.
    #[serde(default)]
    bar: String,
    layer: String,
    microseconds: f64,
}

const WIDTH: f64 = 820.0;
const LABELS: f64 = 110.0;
const HEIGHT: f64 = 34.0;
const GAP: f64 = 16.0;
const LINE: f64 = 22.0;

pub(super) fn draw(layers: &[Layer]) -> Result<String> {
    ensure!(!layers.is_empty(), "there are no layers");
    ensure!(
        layers.iter().all(|layer| layer.microseconds.is_finite() && layer.microseconds >= 0.0),
        "a layer takes no time at all or less"
    );
    let (bars, kinds) = (names(layers, |layer| &layer.bar), names(layers, |layer| &layer.layer));
    let total = |bar: &str| -> f64 {
        layers.iter().filter(|layer| layer.bar == bar).map(|layer| layer.microseconds).sum()
    };
    let longest = bars.iter().map(|bar| total(bar)).fold(f64::MIN_POSITIVE, f64::max);
    let scale = (WIDTH - LABELS - 90.0) / longest;
    let rows = kinds.len().div_ceil(2);
    let legend = bars.len() as f64 * (HEIGHT + GAP) + GAP;
    let mut svg = Svg::new(WIDTH, legend + rows as f64 * LINE + 8.0);
    for (index, bar) in bars.iter().enumerate() {
        let (mut x, y) = (LABELS, GAP + index as f64 * (HEIGHT + GAP));
        svg.text((LABELS - 10.0, y + HEIGHT / 2.0 + 5.0), Anchor::End, bar);
        for layer in layers.iter().filter(|layer| layer.bar == *bar) {
            let width = layer.microseconds * scale;
            svg.bar((x, y), (width, HEIGHT), colour(&kinds, &layer.layer));
            x += width;
        }
        let sum = format!("{:.1} µs", total(bar));
        svg.text((x + 8.0, y + HEIGHT / 2.0 + 5.0), Anchor::Start, &sum);
    }
    for (index, kind) in kinds.iter().enumerate() {
        let (column, row) = (index / rows, index % rows);
        let (x, y) = (LABELS + column as f64 * 350.0, legend + row as f64 * LINE);
        svg.bar((x, y), (12.0, 12.0), colour(&kinds, kind));
        let times: Vec<String> = bars
            .iter()
            .filter_map(|bar| layers.iter().find(|l| l.bar == *bar && l.layer == *kind))
            .map(|layer| format!("{:.1}", layer.microseconds))
            .collect();
        svg.text((x + 20.0, y + 11.0), Anchor::Start, &format!("{kind}: {} µs", times.join(" / ")));
    }
    Ok(svg.finish())
}

/// In the order of their first appearance.
fn names(layers: &[Layer], of: impl Fn(&Layer) -> &String) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for layer in layers {
        let name = of(layer).as_str();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn colour(kinds: &[&str], kind: &str) -> &'static str {
    let place = kinds.iter().position(|other| *other == kind).unwrap_or_default();
    COLOURS[place % COLOURS.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(text: &str) -> Vec<Layer> {
        serde_json::from_str(text).expect("layers")
    }

    #[test]
    fn layers_are_as_long_as_they_take_and_follow_each_other() {
        let svg = draw(&layers(
            r#"[{"layer":"kernel","microseconds":30},{"layer":"<SQL>","microseconds":10}]"#,
        ))
        .expect("a picture");
        assert!(svg.contains(r#"<rect x="110.0" y="16.0" width="465.0" height="34.0""#), "{svg}");
        assert!(svg.contains(r#"<rect x="575.0" y="16.0" width="155.0" height="34.0""#), "{svg}");
        assert!(svg.contains("40.0 µs") && svg.contains("&lt;SQL>: 10.0 µs"), "{svg}");
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        assert!(draw(&[]).is_err());
        assert!(draw(&layers(r#"[{"layer":"a","microseconds":-1}]"#)).is_err());
    }
}
