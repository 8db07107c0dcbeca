//! The Universal Scalability Law (Gunther, 2007): with N processes a system does
//! `X(N) = λN / (1 + α(N−1) + βN(N−1))`, where α is what they wait for each other (contention) and β
//! what they have to tell each other (coherence). Both zero is a straight line.
//!
//! `N/X = (1 + α(N−1) + βN(N−1)) / λ` is linear in 1/λ, α/λ and β/λ, so the fit is one weighted
//! least-squares problem. Its weights make relative errors of X count the same at every N.

use crate::chance::Chance;
use crate::stats;

const DRAWS: usize = 2000;

/// The law's three numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Law {
    /// Requests a second of one process alone.
    pub(crate) lambda: f64,
    /// Contention.
    pub(crate) alpha: f64,
    /// Coherence.
    pub(crate) beta: f64,
}

/// Fits the law to pairs of N and X; neither α nor β below zero, as neither can be.
pub(crate) fn fit(points: &[(f64, f64)]) -> Option<Law> {
    let free = solve(points, [true, true])?;
    if free.alpha >= 0.0 && free.beta >= 0.0 {
        return Some(free);
    }
    // The best of the edges of what is allowed.
    [[true, false], [false, true], [false, false]]
        .into_iter()
        .filter_map(|with| solve(points, with))
        .filter(|law| law.alpha >= 0.0 && law.beta >= 0.0)
        .min_by(|a, b| a.error(points).total_cmp(&b.error(points)))
}

/// The 95 % interval of α: the points of each N are drawn anew, and the law fitted again.
pub(crate) fn interval_of_alpha(points: &[(f64, f64)]) -> Option<[f64; 2]> {
    let mut chance = Chance::seeded(6);
    let draw = |_| {
        let again: Vec<(f64, f64)> = points
            .iter()
            .map(|(n, _)| {
                let same: Vec<_> = points.iter().filter(|(other, _)| other == n).collect();
                *same[chance.below(same.len())]
            })
            .collect();
        fit(&again).map(|law| law.alpha)
    };
    stats::interval(&(0..DRAWS).filter_map(draw).collect::<Vec<_>>())
}

impl Law {
    /// What the law says of N processes.
    pub(crate) fn throughput(&self, n: f64) -> f64 {
        self.lambda * n / (1.0 + self.alpha * (n - 1.0) + self.beta * n * (n - 1.0))
    }

    /// The sum of squared relative errors of N/X.
    fn error(&self, points: &[(f64, f64)]) -> f64 {
        points.iter().map(|(n, x)| (x / self.throughput(*n) - 1.0).powi(2)).sum()
    }
}

/// Least squares with α, β or both held at zero.
fn solve(points: &[(f64, f64)], [with_alpha, with_beta]: [bool; 2]) -> Option<Law> {
    // In units of the best process, so that what counts as singular does not depend on the speed.
    let unit = points.iter().map(|(n, x)| x / n).fold(0.0, f64::max);
    let mut normal = [[0.0; 4]; 3];
    for (n, x) in points {
        let weight = x / n / unit;
        let alpha = if with_alpha { (n - 1.0) * weight } else { 0.0 };
        let beta = if with_beta { n * (n - 1.0) * weight } else { 0.0 };
        let row = [weight, alpha, beta];
        for (line, left) in normal.iter_mut().zip(row) {
            for (cell, right) in line.iter_mut().zip([row[0], row[1], row[2], 1.0]) {
                *cell += left * right;
            }
        }
    }
    for (index, with) in [(1, with_alpha), (2, with_beta)] {
        if !with {
            normal[index][index] = 1.0;
        }
    }
    let [one, alpha, beta] = eliminate(normal)?;
    (one > 0.0).then(|| Law { lambda: unit / one, alpha: alpha / one, beta: beta / one })
}

/// Gauss's elimination with pivots.
fn eliminate(mut rows: [[f64; 4]; 3]) -> Option<[f64; 3]> {
    for column in 0..3 {
        let pivot =
            (column..3).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()))?;
        rows.swap(column, pivot);
        let head = rows[column];
        if head[column].abs() < 1e-12 {
            return None;
        }
        for (index, row) in rows.iter_mut().enumerate() {
            if index != column {
                let factor = row[column] / head[column];
                for (cell, of_head) in row.iter_mut().zip(head) {
                    *cell -= factor * of_head;
                }
            }
        }
    }
    Some([0, 1, 2].map(|index| rows[index][3] / rows[index][index]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: [f64; 6] = [1.0, 2.0, 3.0, 4.0, 6.0, 8.0];

    fn points(law: Law, noise: f64) -> Vec<(f64, f64)> {
        let mut chance = Chance::seeded(7);
        let mut shaken = |x: f64| {
            let unit = (chance.next() % 10_001) as f64 / 5000.0 - 1.0;
            x * (1.0 + noise * unit)
        };
        let five = N.iter().flat_map(|n| [*n; 5]);
        five.map(|n| (n, shaken(law.throughput(n)))).collect()
    }

    fn close(found: Law, wanted: Law) -> bool {
        (found.lambda / wanted.lambda - 1.0).abs() < 1e-6
            && (found.alpha - wanted.alpha).abs() < 1e-6
            && (found.beta - wanted.beta).abs() < 1e-6
    }

    #[test]
    fn the_numbers_behind_exact_points_are_found() {
        for (alpha, beta) in [(0.0, 0.0), (0.05, 0.0), (0.0, 0.01), (0.3, 0.02)] {
            let law = Law { lambda: 2500.0, alpha, beta };
            let found = fit(&points(law, 0.0)).expect("points");
            assert!(close(found, law), "{found:?} for {law:?}");
        }
    }

    #[test]
    fn the_interval_holds_the_contention_that_is_there() {
        let law = Law { lambda: 2500.0, alpha: 0.1, beta: 0.0 };
        let [low, high] = interval_of_alpha(&points(law, 0.03)).expect("points");
        assert!(low <= 0.1 && high >= 0.1 && low > 0.02, "{low} {high}");
    }

    #[test]
    fn a_straight_line_with_noise_shows_hardly_any_contention() {
        let law = Law { lambda: 2500.0, alpha: 0.0, beta: 0.0 };
        let [low, high] = interval_of_alpha(&points(law, 0.02)).expect("points");
        assert!(low == 0.0 && high < 0.05, "{low} {high}");
    }

    #[test]
    fn more_than_proportional_growth_is_not_called_negative_contention() {
        let better: Vec<_> = N.iter().map(|n| (*n, 100.0 * n.powf(1.1))).collect();
        let found = fit(&better).expect("points");
        assert_eq!((found.alpha, found.beta), (0.0, 0.0));
    }

    #[test]
    fn one_size_alone_tells_nothing() {
        assert_eq!(fit(&[(2.0, 10.0), (2.0, 11.0)]), None);
        assert_eq!(fit(&[]), None);
    }
}
