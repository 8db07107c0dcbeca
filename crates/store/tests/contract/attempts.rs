//! Counting attempts to sign in: before they are judged, globally, and as the rules reckon.
//!
//! `rules::limit` decides; the engines only do its arithmetic atomically.

use std::time::Duration;

use futures_util::future::join_all;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::limit::{Cost, Scope, Verdict, account_key};
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::{OpenSession, Opened, Refund, Result, SignIn, Store};

use crate::Outcome;
use crate::bench::Bench;
use crate::make::{cost, email, first_hash, key, name, session, sign_in, trail, user_id};

/// How far the clock may move while a case runs.
const TOLERANCE: Duration = Duration::from_secs(1);

const ADDRESS: &str = "a:192.0.2.7";

/// An attempt on an account, at a cost.
fn attempt(name: &str, account: Cost) -> SignIn {
    SignIn { account: Some(account), ..sign_in(name) }
}

async fn verdict(store: &dyn Store, question: SignIn) -> Result<Verdict> {
    Ok(store.sign_in_facts(question).await?.verdict)
}

fn is_refused(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Refused { .. })
}

pub(crate) async fn a_burst_is_admitted_and_the_next_attempt_waits(bench: &Bench) -> Outcome {
    bench.register(1).await?;
    let cost = cost("5/1h");
    for number in 0..5 {
        let verdict = verdict(&**bench.either(number), attempt(&name(1), cost)).await?;
        assert_eq!(verdict, Verdict::Admitted, "attempt {number}");
    }
    for number in 0..3 {
        // A refused attempt costs nothing: the wait does not grow.
        let verdict = verdict(&**bench.either(number), attempt(&name(1), cost)).await?;
        let Verdict::Refused { by: Scope::Account, wait } = verdict else {
            panic!("the burst was over: {verdict:?}")
        };
        let due = Duration::from_secs(720);
        assert!(wait <= due && wait + TOLERANCE >= due, "{wait:?}");
    }
    Ok(())
}

pub(crate) async fn both_engines_keep_to_the_arithmetic_of_the_rules(bench: &Bench) -> Outcome {
    bench.register(1).await?;
    let cost = cost("3/7m");
    let mut arrival: Option<Timestamp> = None;
    for number in 0..8 {
        let facts = bench.either(number).sign_in_facts(attempt(&name(1), cost)).await?;
        let (wait, next) = cost.charge(arrival, facts.now);
        assert_eq!(facts.verdict, Verdict::of(Scope::Account, wait), "attempt {number}");
        let held = bench.number("SELECT arrival FROM throttles").await;
        assert_eq!(held, next.micros(), "attempt {number}");
        arrival = Some(next);
    }
    Ok(())
}

pub(crate) async fn a_success_gives_its_attempts_back(bench: &Bench) -> Outcome {
    bench.register(1).await?;
    let cost = cost("2/1h");
    let question =
        || SignIn { address: Some((ADDRESS.to_owned(), cost)), ..attempt(&name(1), cost) };
    for number in 0..4 {
        let facts = bench.either(number).sign_in_facts(question()).await?;
        assert_eq!(facts.verdict, Verdict::Admitted, "attempt {number}");
        let refund = |key: String| Refund { key, step: cost.step };
        let number = 5 + u128::try_from(number).expect("a small number");
        let opening = bench.opening(1, session(number, facts.now)).await?;
        let refunds = vec![refund(account_key(user_id(1))), refund(ADDRESS.to_owned())];
        let opening = OpenSession { refunds, ..opening };
        assert_eq!(bench.a.open_session(opening.clone()).await?, Opened::Open);
        // The repeated opening must not give back a second time.
        assert_eq!(bench.b.open_session(opening).await?, Opened::Open);
    }
    for number in 0..2 {
        assert_eq!(verdict(&*bench.a, question()).await?, Verdict::Admitted, "attempt {number}");
    }
    assert!(is_refused(verdict(&*bench.b, question()).await?));
    Ok(())
}

pub(crate) async fn an_address_over_its_limit_does_not_charge_the_account(
    bench: &Bench,
) -> Outcome {
    bench.register(1).await?;
    let (account, address) = (cost("3/1h"), cost("2/1h"));
    let question =
        || SignIn { address: Some((ADDRESS.to_owned(), address)), ..attempt(&name(1), account) };
    for _ in 0..2 {
        assert_eq!(verdict(&*bench.a, question()).await?, Verdict::Admitted);
    }
    for _ in 0..5 {
        let refused = verdict(&*bench.b, question()).await?;
        assert!(matches!(refused, Verdict::Refused { by: Scope::Address, .. }), "{refused:?}");
    }
    // The account has one attempt left, for whoever comes from elsewhere.
    assert_eq!(verdict(&*bench.b, attempt(&name(1), account)).await?, Verdict::Admitted);
    assert!(is_refused(verdict(&*bench.a, attempt(&name(1), account)).await?));
    Ok(())
}

pub(crate) async fn an_unknown_name_is_counted_by_its_own_key(bench: &Bench) -> Outcome {
    let cost = cost("2/1h");
    for number in 0..2 {
        let verdict = verdict(&**bench.either(number), attempt("nobody", cost)).await?;
        assert_eq!(verdict, Verdict::Admitted);
    }
    assert!(is_refused(verdict(&*bench.a, attempt("nobody", cost)).await?));
    assert_eq!(verdict(&*bench.a, attempt("somebody", cost)).await?, Verdict::Admitted);
    assert_eq!(bench.rows("throttles WHERE key = 'n:nobody'").await, 1);
    Ok(())
}

pub(crate) async fn every_name_of_an_account_counts_against_the_same_limit(
    bench: &Bench,
) -> Outcome {
    bench.register(1).await?;
    let cost = cost("2/1h");
    for name in [name(1), email(1)] {
        assert_eq!(verdict(&*bench.a, attempt(&name, cost)).await?, Verdict::Admitted);
    }
    for name in [name(1), email(1)] {
        assert!(is_refused(verdict(&*bench.b, attempt(&name, cost)).await?));
    }
    let key = account_key(user_id(1));
    assert_eq!(bench.rows(&format!("throttles WHERE key = '{key}'")).await, 1);
    assert_eq!(bench.rows("throttles").await, 1);
    Ok(())
}

pub(crate) async fn the_ceiling_holds_for_forty_attempts_at_once(bench: &Bench) -> Outcome {
    bench.register(1).await?;
    // Whichever ceiling is lower holds: first the account's, then the address's.
    for (account, address, admitted) in [("10/1h", "30/1h", 10), ("40/1h", "7/1h", 7)] {
        let from = format!("{ADDRESS}-{admitted}");
        let target = if admitted == 10 { name(1) } else { "nobody".to_owned() };
        let attempts = (0..40).map(|number| {
            let question = attempt(&target, cost(account));
            let question = SignIn { address: Some((from.clone(), cost(address))), ..question };
            verdict(&**bench.either(number), question)
        });
        let verdicts = join_all(attempts).await.into_iter().collect::<Result<Vec<_>>>()?;
        let count = verdicts.iter().filter(|verdict| **verdict == Verdict::Admitted).count();
        assert_eq!(count, admitted, "account {account}, address {address}");
    }
    Ok(())
}

pub(crate) async fn attempts_inside_a_session_count_against_the_account(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5]).await?;
    let cost = cost("2/1h");
    assert_eq!(verdict(&*bench.a, attempt(&name(1), cost)).await?, Verdict::Admitted);
    let first = bench.b.credential_facts(&key(5, 1), Some(cost)).await?.expect("a living session");
    assert_eq!(first.verdict, Verdict::Admitted);
    assert_eq!(first.credential.user.id, user_id(1));
    assert_eq!(first.credential.hash, first_hash(1));
    assert_eq!(first.credential.epoch, bench.credential(1).await?.epoch);
    let second = bench.a.credential_facts(&key(5, 1), Some(cost)).await?.expect("a living session");
    assert!(is_refused(second.verdict));
    assert!(bench.a.credential_facts(&key(6, 1), Some(cost)).await?.is_none());
    let free = bench.b.credential_facts(&key(5, 1), None).await?.expect("a living session");
    assert_eq!(free.verdict, Verdict::Admitted, "nothing is charged where there is no limit");
    Ok(())
}

pub(crate) async fn charging_and_giving_back_at_once_neither_fails_nor_loses_count(
    bench: &Bench,
) -> Outcome {
    bench.register(1).await?;
    let cost = cost("1000/1h");
    let account = account_key(user_id(1));
    let now = bench.a.now().await?;
    let opening = bench.opening(1, session(5, now)).await?;
    let tries = (0..20).map(|number| {
        let question =
            SignIn { address: Some((ADDRESS.to_owned(), cost)), ..attempt(&name(1), cost) };
        // Named in either order: the engine must take them in one.
        let mut keys = vec![account.clone(), ADDRESS.to_owned()];
        keys.rotate_left(number % 2);
        let refunds = keys.into_iter().map(|key| Refund { key, step: cost.step }).collect();
        let number_from_five = 5 + u128::try_from(number).expect("a small number");
        let opening = OpenSession {
            session: session(number_from_five, now),
            trail: trail(1_000 + number_from_five, Event::SessionOpened),
            refunds,
            ..opening.clone()
        };
        async move {
            bench.either(number).sign_in_facts(question).await?;
            bench.either(number / 2).open_session(opening).await
        }
    });
    let opened = join_all(tries).await.into_iter().collect::<Result<Vec<_>>>()?;
    assert_eq!(opened, [Opened::Open; 20]);
    let facts = bench.a.sign_in_facts(attempt(&name(1), cost)).await?;
    let held = format!("SELECT arrival FROM throttles WHERE key = '{account}'");
    let ahead = Timestamp::from_micros(bench.number(&held).await).since(facts.now);
    assert!(ahead <= Duration::from_micros(2 * cost.step.unsigned_abs()), "{ahead:?}");
    Ok(())
}
