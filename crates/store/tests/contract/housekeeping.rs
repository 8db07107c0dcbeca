//! Deleting what has expired: nothing else, and never much at a time.

use std::time::Duration;

use tokenhouse_rules::session::Expiry;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::{Opened, Result, SignIn};

use crate::Outcome;
use crate::bench::Bench;
use crate::make::{HOUR, cost, session_until, sign_in};

const SECOND: Duration = Duration::from_secs(1);

/// Opens a session of person 1 that is over already.
async fn open_expired(bench: &Bench, number: u128, now: Timestamp) -> Result<()> {
    let over = now.minus(SECOND);
    let session = session_until(number, over, Expiry { expires_at: over, live_until: over });
    let opening = bench.opening(1, session).await?;
    assert_eq!(bench.a.open_session(opening).await?, Opened::Open);
    Ok(())
}

/// Charges a key nothing but a microsecond: its row is past as soon as it is written.
async fn charge(bench: &Bench, key: &str, limit: &str) -> Result<()> {
    let address = Some((key.to_owned(), cost(limit)));
    bench.a.sign_in_facts(SignIn { address, ..sign_in("nobody") }).await?;
    Ok(())
}

pub(crate) async fn only_expired_rows_are_deleted(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5]).await?;
    open_expired(bench, 6, bench.a.now().await?).await?;
    charge(bench, "a:recent", "1/1h").await?;
    charge(bench, "a:past", "1000000/1s").await?;
    let charged = bench.a.now().await?;
    while bench.b.now().await? <= charged {
        tokio::task::yield_now().await;
    }
    assert_eq!(bench.b.delete_expired(100, HOUR).await?, 2);
    assert!(bench.is_alive(5).await?);
    assert_eq!(bench.rows("sessions").await, 1);
    assert_eq!(bench.rows("throttles WHERE key = 'a:recent'").await, 1);
    assert_eq!(bench.rows("throttles").await, 1);
    assert_eq!(bench.rows("audit_events").await, 3, "the trail is not an hour old");
    assert_eq!(bench.a.delete_expired(100, HOUR).await?, 0);

    assert_eq!(bench.a.delete_expired(100, Duration::ZERO).await?, 3);
    assert_eq!(bench.events().await?, [""; 0]);
    assert!(bench.is_alive(5).await?);
    Ok(())
}

pub(crate) async fn expired_rows_go_in_chunks(bench: &Bench) -> Outcome {
    bench.register(1).await?;
    let now = bench.a.now().await?;
    for number in 0..7 {
        open_expired(bench, 5 + number, now).await?;
    }
    let mut chunks = Vec::new();
    loop {
        match bench.either(chunks.len()).delete_expired(3, HOUR).await? {
            0 => break,
            count => chunks.push(count),
        }
    }
    assert_eq!(chunks, [3, 3, 1]);
    // Two at once delete each row once.
    for number in 0..8 {
        open_expired(bench, 20 + number, now).await?;
    }
    let (a, b) = tokio::join!(bench.a.delete_expired(4, HOUR), bench.b.delete_expired(4, HOUR));
    let rest = 8 - i64::try_from(a? + b?).expect("a small number");
    assert!(rest < 8);
    assert_eq!(bench.rows("sessions").await, rest);
    Ok(())
}
