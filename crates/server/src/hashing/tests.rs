use super::*;

const CHEAP: Cost = Cost { memory: 64, iterations: 1, parallelism: 1 };

fn hashing(permits: usize, budget: Duration) -> Hashing {
    Hashing::start(CHEAP, permits, budget).expect("threads")
}

#[tokio::test]
async fn a_password_verifies_against_its_own_hash_only() {
    let hashing = hashing(2, Duration::from_secs(5));
    let hash = hashing.hash("correct horse").await.expect("not busy");
    let right = hashing.verify("correct horse", Some(&hash)).await;
    assert_eq!(right, Ok(Verdict::Right { outdated: false }));
    assert_eq!(hashing.verify("correct horse ", Some(&hash)).await, Ok(Verdict::Wrong));
    assert_eq!(hashing.verify("anything", None).await, Ok(Verdict::Wrong));
    assert_eq!(hashing.verify("x", Some("no hash")).await, Ok(Verdict::Corrupt));
}

#[tokio::test]
async fn a_hash_made_at_another_cost_verifies_and_is_called_outdated() {
    let old = Hashing::start(Cost { memory: 32, ..CHEAP }, 1, Duration::from_secs(5));
    let hash = old.expect("threads").hash("correct horse").await.expect("not busy");
    let verdict = hashing(1, Duration::from_secs(5)).verify("correct horse", Some(&hash)).await;
    assert_eq!(verdict, Ok(Verdict::Right { outdated: true }));
}

#[tokio::test]
async fn what_one_implementation_made_the_other_verifies() {
    let by = |implementation| {
        Hashing::start_by(implementation, CHEAP, 1, Duration::from_secs(5)).expect("threads")
    };
    let (fast, portable) = (by(Implementation::Fast), by(Implementation::Portable));
    assert_eq!(fast.implementation(), Implementation::Fast);
    assert_eq!(portable.implementation(), Implementation::Portable);
    for (maker, judge) in [(&fast, &portable), (&portable, &fast)] {
        let hash = maker.hash("correct horse").await.expect("not busy");
        let right = judge.verify("correct horse", Some(&hash)).await;
        assert_eq!(right, Ok(Verdict::Right { outdated: false }));
    }
}

#[tokio::test]
async fn a_queue_longer_than_its_budget_is_refused_at_once() {
    let cost = Cost { memory: 8_192, ..CHEAP };
    let hashing = Hashing::start(cost, 1, Duration::from_millis(40)).expect("threads");
    let waiting: Vec<_> = (0..64).map(|_| hashing.hash("a password")).collect();
    let outcomes = futures_util::future::join_all(waiting).await;
    assert!(outcomes.contains(&Err(Busy)));
    assert!(outcomes.iter().any(Result::is_ok));
}

#[test]
fn however_quick_it_is_the_queue_leaves_connections_to_others() {
    let hashing = hashing(1, Duration::from_secs(3600));
    let places: Vec<_> = std::iter::from_fn(|| hashing.reserve().ok()).take(1_000).collect();
    assert_eq!(places.len(), 250);
}

#[tokio::test]
async fn places_that_are_taken_count_and_come_back() {
    let hashing = Hashing::start(CHEAP, 1, Duration::from_millis(40)).expect("threads");
    let places: Vec<_> = std::iter::from_fn(|| hashing.reserve().ok()).take(1_000).collect();
    assert!((1..1_000).contains(&places.len()), "{}", places.len());
    assert_eq!(hashing.verify("anything", None).await, Err(Busy));
    drop(places);
    assert_eq!(hashing.verify("anything", None).await, Ok(Verdict::Wrong));
}
