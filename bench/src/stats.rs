//! Medians, spreads, lines and intervals.

use crate::chance::Chance;

/// How often the bootstrap draws.
const DRAWS: usize = 2000;

/// The middle value; of an even count the mean of the two.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// Half the range in per cent of the median: "± so many per cent".
pub(crate) fn spread(values: &[f64]) -> Option<f64> {
    let (low, high) = (quantile(values, 0.0)?, quantile(values, 1.0)?);
    let median = median(values)?;
    (median != 0.0).then(|| (high - low) / 2.0 / median.abs() * 100.0)
}

/// The value below which that part of the values lies, between neighbours in proportion.
pub(crate) fn quantile(values: &[f64], part: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let place = part.clamp(0.0, 1.0) * last as f64;
    let (below, above) = (place.floor(), place.ceil());
    let at = |place: f64| sorted[place as usize];
    Some(at(below) + (at(above) - at(below)) * (place - below))
}

/// Round by round.
pub(crate) fn ratios(values: &[f64], yardstick: &[f64]) -> Vec<f64> {
    values.iter().zip(yardstick).map(|(value, unit)| value / unit).collect()
}

/// The slope of the least-squares line through the points.
pub(crate) fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let count = points.len() as f64;
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
    let covariance: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let variance: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    (points.len() > 1 && variance > 0.0).then(|| covariance / variance)
}

/// The 95 % interval of the median, by resampling.
pub(crate) fn interval_of_median(values: &[f64]) -> Option<[f64; 2]> {
    let mut chance = Chance::seeded(3);
    let draw = |_| {
        let again: Vec<f64> = values.iter().map(|_| values[chance.below(values.len())]).collect();
        median(&again)
    };
    interval(&(0..DRAWS).filter_map(draw).collect::<Vec<_>>())
}

/// The 95 % interval of the slope of a series whose neighbours resemble each other: the steps from
/// point to point are resampled in blocks and added up again (moving-block bootstrap, Künsch 1989).
pub(crate) fn interval_of_slope(points: &[(f64, f64)]) -> Option<[f64; 2]> {
    let steps: Vec<(f64, f64)> =
        points.windows(2).map(|pair| (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1)).collect();
    let block = (steps.len() / 10).max(1);
    let starts = (steps.len() + 1).checked_sub(block).filter(|starts| *starts > 0)?;
    let mut chance = Chance::seeded(4);
    let draw = |_| {
        let mut at = (0.0, 0.0);
        let mut walk = vec![at];
        while walk.len() <= steps.len() {
            let start = chance.below(starts);
            for step in &steps[start..start + block] {
                at = (at.0 + step.0, at.1 + step.1);
                walk.push(at);
            }
        }
        slope(&walk[..points.len()])
    };
    interval(&(0..DRAWS).filter_map(draw).collect::<Vec<_>>())
}

/// The middle 95 % of draws.
pub(crate) fn interval(draws: &[f64]) -> Option<[f64; 2]> {
    Some([quantile(draws, 0.025)?, quantile(draws, 0.975)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_whatever_the_order() {
        assert_eq!(median(&[9.0, 1.0, 5.0]), Some(5.0));
        assert_eq!(median(&[1.0, 2.0, 4.0, 100.0]), Some(3.0));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn the_spread_is_half_the_range_in_per_cent_of_the_median() {
        assert_eq!(spread(&[90.0, 100.0, 120.0]), Some(15.0));
        assert_eq!(spread(&[7.0]), Some(0.0));
        assert_eq!(spread(&[]), None);
    }

    #[test]
    fn quantiles_lie_between_neighbours_in_proportion() {
        let values = [40.0, 10.0, 20.0, 30.0, 50.0];
        assert_eq!(quantile(&values, 0.0), Some(10.0));
        assert_eq!(quantile(&values, 0.9), Some(46.0));
        assert_eq!(quantile(&values, 1.0), Some(50.0));
    }

    #[test]
    fn the_slope_of_a_line_is_found() {
        let line: Vec<(f64, f64)> =
            (0..10).map(|x| (f64::from(x), 3.0 - 2.0 * f64::from(x))).collect();
        assert!((slope(&line).expect("a line") + 2.0).abs() < 1e-12);
        assert_eq!(slope(&[(1.0, 1.0)]), None);
    }

    #[test]
    fn the_interval_of_a_slope_holds_a_real_slope_and_excludes_none() {
        let mut chance = Chance::seeded(5);
        let mut noise = || (chance.next() % 1000) as f64 / 1000.0;
        let growing: Vec<_> = (0..100).map(|x| (f64::from(x), f64::from(x) + noise())).collect();
        let [low, high] = interval_of_slope(&growing).expect("points");
        assert!(low > 0.5 && low < 1.0 && high > 1.0, "{low} {high}");
        let flat: Vec<_> = (0..100).map(|x| (f64::from(x), 50.0 + noise())).collect();
        let [low, high] = interval_of_slope(&flat).expect("points");
        assert!(low <= 0.0 && high >= 0.0, "{low} {high}");
    }

    #[test]
    fn the_interval_of_a_median_is_around_it() {
        let values: Vec<f64> = (0..101).map(f64::from).collect();
        let [low, high] = interval_of_median(&values).expect("values");
        assert!(low > 30.0 && low < 50.0 && high > 50.0 && high < 70.0, "{low} {high}");
    }
}
