//! Living sessions: opened once, read everywhere, renewed within their bounds, listed.

use std::sync::Arc;
use std::time::Duration;

use tokenhouse_rules::session::Expiry;
use tokenhouse_store::{Ended, NewUser, Opened, Registered, SessionKey, Target};

use crate::Outcome;
use crate::bench::{Bench, some_trail};
use crate::make::{HOUR, LIFETIME, key, person, session, session_id, session_until, user_id};

pub(crate) async fn a_session_opened_here_is_read_there(bench: &Bench) -> Outcome {
    bench.register(1).await?;
    let new = session(5, bench.a.now().await?);
    let opening = bench.opening(1, new.clone()).await?;
    assert_eq!(bench.a.open_session(opening).await?, Opened::Open);
    let read = bench.b.session_with_data(&key(5, 1)).await?.expect("a living session");
    assert_eq!(Some(&read.user), bench.a.user(user_id(1)).await?.as_ref());
    assert_eq!(read.expiry, new.expiry);
    assert!(read.now >= new.created_at);
    let listed = bench.b.sessions(&key(5, 1), None, 10).await?.expect("a living session").remove(0);
    assert_eq!((listed.id, listed.created_at), (new.id, new.created_at));
    assert_eq!((listed.last_used_at, listed.expires_at), (new.created_at, new.expiry.expires_at));
    assert_eq!((listed.address, listed.user_agent), (new.address, new.user_agent));
    Ok(())
}

pub(crate) async fn a_session_opened_with_the_registration_is_read_there(bench: &Bench) -> Outcome {
    let now = bench.a.now().await?;
    let new = NewUser { session: Some(session(5, now)), ..person(1, now) };
    assert_eq!(bench.a.register(new).await?, Registered::Done);
    assert!(bench.is_alive(5).await?);
    let event = bench.b.events(Some(user_id(1)), None, 1).await?.remove(0);
    assert_eq!(event.session, Some(session_id(5)));
    bench.open(1, 6).await?;
    assert!(bench.is_alive(5).await? && bench.is_alive(6).await?);
    Ok(())
}

pub(crate) async fn a_wrong_secret_user_or_id_reads_nothing(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5]).await?;
    bench.register(2).await?;
    let good = key(5, 1);
    let mut secret_hash = good.secret_hash;
    secret_hash[31] ^= 1;
    for wrong in [
        SessionKey { secret_hash, ..good },
        SessionKey { user: user_id(2), ..good },
        SessionKey { id: session_id(6), ..good },
    ] {
        assert!(bench.b.session_with_data(&wrong).await?.is_none(), "{wrong:?}");
        assert!(bench.b.sessions(&wrong, None, 10).await?.is_none(), "{wrong:?}");
        assert!(bench.b.credential_facts(&wrong, None).await?.is_none(), "{wrong:?}");
        assert!(bench.b.export(&wrong, some_trail(1)).await?.is_none(), "{wrong:?}");
    }
    assert!(bench.b.session_with_data(&good).await?.is_some());
    Ok(())
}

pub(crate) async fn a_session_past_its_end_reads_nothing(bench: &Bench) -> Outcome {
    bench.register(1).await?;
    let now = bench.a.now().await?;
    let second = Duration::from_secs(1);
    let idle = Expiry { expires_at: now.plus(HOUR), live_until: now.minus(second) };
    let absolute = Expiry { expires_at: now.minus(second), live_until: now.minus(second) };
    for (number, expiry) in [(5, idle), (6, absolute)] {
        let started = now.minus(HOUR);
        let opening = bench.opening(1, session_until(number, started, expiry)).await?;
        assert_eq!(bench.a.open_session(opening).await?, Opened::Open);
        assert!(!bench.is_alive(number).await?, "session {number}");
        assert!(bench.b.sessions(&key(number, 1), None, 10).await?.is_none());
    }
    bench.open(1, 7).await?;
    let listed = bench.b.user_sessions(user_id(1)).await?;
    assert_eq!(listed.iter().map(|s| s.id).collect::<Vec<_>>(), [session_id(7)]);
    Ok(())
}

pub(crate) async fn repeating_the_opening_leaves_one_session_and_one_event(
    bench: &Bench,
) -> Outcome {
    bench.register(1).await?;
    let opening = bench.opening(1, session(5, bench.a.now().await?)).await?;
    for number in 0..3 {
        let opened = bench.either(number).open_session(opening.clone()).await?;
        assert_eq!(opened, Opened::Open, "time {number}");
    }
    assert!(bench.is_alive(5).await?);
    assert_eq!(bench.rows("sessions").await, 1);
    assert_eq!(bench.events().await?, ["session.opened", "user.registered"]);
    Ok(())
}

pub(crate) async fn renewing_moves_the_end_but_not_past_the_absolute_one(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5]).await?;
    let held = bench.b.session_with_data(&key(5, 1)).await?.expect("a living session");
    let later = held.expiry.live_until.plus(HOUR);
    bench.a.renew_session(session_id(5), later).await?;
    let renewed = bench.b.session_with_data(&key(5, 1)).await?.expect("a living session");
    assert_eq!(renewed.expiry, Expiry { live_until: later, ..held.expiry });
    let used = bench.b.user_sessions(user_id(1)).await?.remove(0);
    assert!(used.last_used_at > used.created_at);

    bench.a.renew_session(session_id(5), held.now).await?;
    let read = bench.b.session_with_data(&key(5, 1)).await?.expect("a living session");
    assert_eq!(read.expiry.live_until, later, "a late write moves nothing back");

    bench.a.renew_session(session_id(5), held.now.plus(LIFETIME.absolute * 2)).await?;
    let read = bench.b.session_with_data(&key(5, 1)).await?.expect("a living session");
    assert_eq!(read.expiry.live_until, held.expiry.expires_at);
    Ok(())
}

pub(crate) async fn renewing_never_revives_a_session(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5]).await?;
    let now = bench.a.now().await?;
    let later = now.plus(HOUR);
    let idle = Expiry { expires_at: later, live_until: now.minus(Duration::from_secs(1)) };
    let opening = bench.opening(1, session_until(6, now.minus(HOUR), idle)).await?;
    assert_eq!(bench.a.open_session(opening).await?, Opened::Open);
    bench.b.renew_session(session_id(6), later).await?;
    assert!(!bench.is_alive(6).await?, "it had been idle for too long");
    bench.a.sign_out(user_id(1), some_trail(1)).await?;
    bench.b.renew_session(session_id(5), later).await?;
    assert!(!bench.is_alive(5).await?, "it had been ended");
    Ok(())
}

pub(crate) async fn sessions_are_given_page_by_page(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[7, 5, 9, 6, 8]).await?;
    bench.register(2).await?;
    bench.open(2, 4).await?;
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = bench.b.sessions(&key(7, 1), after, 2).await?.expect("a living session");
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        pages.push(page.iter().map(|session| session.id).collect::<Vec<_>>());
    }
    let expected: [&[u128]; 3] = [&[5, 6], &[7, 8], &[9]];
    let expected = expected.map(|page| page.iter().copied().map(session_id).collect::<Vec<_>>());
    assert_eq!(pages, expected);
    Ok(())
}

/// Readers keep statements out all the time, so that the read after the end finds company.
#[expect(clippy::disallowed_methods, reason = "reads go on beside the case")]
pub(crate) async fn what_was_ended_before_a_read_began_is_never_read(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[1]).await?;
    let readers: Vec<_> = (0..16)
        .map(|number| {
            let store = Arc::clone(bench.either(number));
            tokio::spawn(async move {
                loop {
                    drop(store.session_with_data(&key(1, 1)).await);
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for number in 2..150 {
        bench.open(1, number).await?;
        let (here, there) = (bench.either(0), bench.either(1));
        let opened = there.session_with_data(&key(number, 1)).await?;
        assert!(opened.is_some(), "what was opened before a read began is read");
        let ended = here.end_sessions(&key(number, 1), Target::This, some_trail(number)).await?;
        assert_eq!(ended, Ended::Done);
        let reads = [here, there, here, there]
            .map(|s| async { s.session_with_data(&key(number, 1)).await });
        for read in futures_util::future::join_all(reads).await {
            assert!(read?.is_none(), "session {number} was read after its end");
        }
    }
    for reader in readers {
        reader.abort();
    }
    Ok(())
}
