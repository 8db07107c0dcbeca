//! The slope of a series, and how sure it is.

use crate::generator::Random;

/// How often the bootstrap draws.
const DRAWS: usize = 2000;

/// A point: how many were served, and bytes.
pub(super) type Point = (f64, f64);

/// The slope of the least-squares line.
pub(super) fn slope(points: &[Point]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred points")]
    let count = points.len() as f64;
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
    let covariance: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let variance: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    if variance > 0.0 { covariance / variance } else { 0.0 }
}

/// The 95 % interval of the slope of a series whose neighbours resemble each other: the steps from point
/// to point are resampled in blocks and added up again (moving-block bootstrap, Künsch 1989).
pub(super) fn interval(points: &[Point]) -> Option<[f64; 2]> {
    let steps: Vec<Point> =
        points.windows(2).map(|pair| (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1)).collect();
    let block = (steps.len() / 10).max(1);
    let starts = (steps.len() + 1).checked_sub(block).filter(|starts| *starts > 0)?;
    let mut random = Random::new(4);
    let mut draws: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let mut at = (0.0, 0.0);
            let mut walk = vec![at];
            while walk.len() <= steps.len() {
                let start = usize::try_from(random.below(starts as u64)).unwrap_or_default();
                for step in &steps[start..start + block] {
                    at = (at.0 + step.0, at.1 + step.1);
                    walk.push(at);
                }
            }
            slope(&walk[..points.len()])
        })
        .collect();
    draws.sort_by(f64::total_cmp);
    Some([draws[DRAWS / 40], draws[DRAWS - 1 - DRAWS / 40]])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(rises: f64) -> Vec<Point> {
        let mut random = Random::new(5);
        let mut noise = || f64::from(u16::try_from(random.below(1000)).unwrap_or_default());
        (0..100).map(|x| (f64::from(x), f64::from(x) * rises + noise() / 100.0)).collect()
    }

    #[test]
    fn a_series_that_rises_is_told_from_one_that_does_not() {
        let [low, high] = interval(&series(3.0)).expect("points");
        assert!(low > 2.0 && high < 4.0, "{low} {high}");
        let [low, high] = interval(&series(0.0)).expect("points");
        assert!(low < 0.0 && high > 0.0, "{low} {high}");
        assert!((slope(&[(0.0, 1.0), (1.0, 3.0)]) - 2.0).abs() < 1e-12);
    }
}
