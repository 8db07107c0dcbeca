//! That the colours of the style sheet can be read, light and dark (WCAG 2.2, 1.4.3 and 1.4.11).

use std::collections::BTreeMap;

const SHEET: &str = include_str!("../../../../../pages/assets/style.css");

/// Ink, ground, and the contrast that is needed between them.
const PAIRS: &[(&str, &str, f64)] = &[
    ("text", "background", 4.5),
    ("text", "surface", 4.5),
    ("text", "danger-soft", 4.5),
    ("muted", "background", 4.5),
    ("muted", "surface", 4.5),
    ("accent", "background", 4.5),
    ("accent", "surface", 4.5),
    ("accent-strong", "surface", 4.5),
    ("on-accent", "accent", 4.5),
    ("on-accent", "accent-strong", 4.5),
    ("danger", "surface", 4.5),
    ("danger", "danger-soft", 4.5),
    ("surface", "danger", 4.5),
    ("success", "success-soft", 4.5),
    ("field", "surface", 3.0),
];

/// The variables of the block that begins with `mark`, as red, green and blue.
fn colours(mark: &str) -> BTreeMap<&'static str, [f64; 3]> {
    let (_, block) = SHEET.split_once(mark).expect("a block");
    let block = block.split('}').next().expect("an end");
    let pairs =
        block.split(';').filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"));
    pairs.map(|(name, digits)| (name, channels(digits))).collect()
}

fn channels(digits: &str) -> [f64; 3] {
    let wide = if digits.len() == 3 { digits.repeat(2) } else { digits.to_owned() };
    assert_eq!(wide.len(), 6, "{digits}");
    let at = |place: usize| u8::from_str_radix(&wide[place..place + 2], 16).expect("digits");
    [at(0), at(2), at(4)].map(|value| f64::from(value) / 255.0)
}

fn luminance(colour: [f64; 3]) -> f64 {
    let linear = |value: f64| match value <= 0.04045 {
        true => value / 12.92,
        false => ((value + 0.055) / 1.055).powf(2.4),
    };
    let [red, green, blue] = colour.map(linear);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn every_text_can_be_read_on_its_ground_in_the_light_and_in_the_dark() {
    let chosen = colours(":root[data-theme=\"dark\"] {");
    assert_eq!(
        chosen,
        colours(":root:not([data-theme=\"light\"]) {"),
        "chosen or the system's: the same"
    );
    for (theme, colours) in [("light", colours(":root {")), ("dark", chosen)] {
        for (ink, ground, needed) in PAIRS {
            let found = contrast(colours[ink], colours[ground]);
            assert!(found >= *needed, "{theme}: {ink} on {ground}: {found:.2}");
        }
    }
}
