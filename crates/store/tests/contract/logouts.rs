//! Ends of sessions: whoever ends one, exactly the applications that it led to are told.

use tokenhouse_rules::link::Purpose;
use tokenhouse_rules::mail::Kind;
use tokenhouse_store::{
    AskRecovery, ChangePassword, Ended, NewCode, Redeem, Redeemed, Removed, ResetPassword, Result,
    SaveClient, Saved, ScheduleDeletion, Target,
};
use uuid::Uuid;

use crate::Outcome;
use crate::applications::{client, client_id, code, make_client, redeem};
use crate::bench::{Bench, some_trail};
use crate::make::{HOUR, key, link, link_id, mail, name, operation, session_id, user_id};

const HOLDER: Uuid = Uuid::from_u128(1);

pub(crate) const BACK: &str =
    r#"{"name":"Back","backchannel_logout_uri":"https://back.example/out"}"#;
const FRONT: &str = r#"{"name":"Front","frontchannel_logout_uri":"https://front.example/out"}"#;

/// A client with these settings.
pub(crate) async fn wants(bench: &Bench, number: u128, settings: &str) -> Result<()> {
    let save = SaveClient { settings: settings.to_owned(), ..client(number) };
    assert_eq!(bench.a.save_client(save).await?, Saved::Done(1));
    Ok(())
}

/// Clients 1 and 2 are told by their servers, 3 in a frame, 4 not at all.
async fn clients(bench: &Bench) -> Result<()> {
    wants(bench, 1, BACK).await?;
    wants(bench, 2, BACK).await?;
    wants(bench, 3, FRONT).await?;
    make_client(bench, 4).await
}

/// A session of person 1 leads to a client, by a code of that number.
pub(crate) async fn lead(bench: &Bench, session: u128, client: u128, number: u128) -> Result<()> {
    let issued = NewCode { client: client_id(client), session: key(session, 1), ..code(number) };
    assert!(bench.a.issue_code(issued).await?);
    let offline = number.is_multiple_of(2);
    let redeem = Redeem { client: client_id(client), offline, ..redeem(number, number) };
    assert_eq!(bench.b.redeem_code(redeem).await?, Redeemed::Done);
    Ok(())
}

/// Takes all there is to tell, and tells it: to which client, of which session.
async fn told(bench: &Bench) -> Result<Vec<(String, u128)>> {
    let taken = bench.b.claim_logouts(HOLDER, HOUR, 100).await?;
    let mut told = Vec::new();
    for logout in taken {
        assert_eq!(logout.user, user_id(1));
        assert_eq!(logout.settings.as_deref(), Some(BACK));
        assert!(bench.a.logout_told(logout.id, HOLDER).await?);
        told.push((logout.client, logout.session.uuid().as_u128()));
    }
    told.sort();
    Ok(told)
}

/// One way in which sessions of person 1 end, on the word of one of them where it takes one.
#[derive(Clone, Copy, Debug)]
enum Way {
    This,
    Page,
    One,
    Others,
    All,
    Password,
    Lock,
    SetPassword,
    SignOut,
    Reset,
    Schedule,
}

async fn change(bench: &Bench, kept: u128, number: u128) -> Result<()> {
    let change = ChangePassword {
        session: session_id(kept),
        user: user_id(1),
        epoch: bench.credential(1).await?.epoch,
        hash: "$new".to_owned(),
        refunds: Vec::new(),
        mail: None,
        trail: some_trail(number),
    };
    assert!(bench.a.change_password(change).await?);
    Ok(())
}

async fn reset(bench: &Bench, number: u128) -> Result<()> {
    let asked = AskRecovery {
        name: name(1),
        link: link(number),
        mail: mail(number, Kind::Recover),
        address: None,
        trail: some_trail(number),
    };
    bench.a.ask_recovery(asked).await?;
    assert!(bench.b.link(link_id(number), Purpose::Recover).await?.is_some());
    let reset = ResetPassword {
        link: link_id(number),
        operation: operation(number),
        hash: "$reset".to_owned(),
        mail: None,
        trail: some_trail(number + 1),
    };
    assert!(bench.b.reset_password(reset).await?.is_some());
    Ok(())
}

/// Ends session `ended` in that way; `kept` is another one of hers.
async fn end(bench: &Bench, way: Way, ended: u128, kept: u128) -> Result<()> {
    let (number, one, user) = (10 * ended, key(ended, 1), user_id(1));
    let by = |session, target| bench.a.end_sessions(session, target, some_trail(number));
    let other = key(kept, 1);
    match way {
        Way::This => assert_eq!(by(&one, Target::This).await?, Ended::Done),
        Way::Page => {
            let end = bench.a.end_session(&one, some_trail(number)).await?;
            assert_eq!((end.ended, end.fronted), (Ended::Done, vec![FRONT.to_owned()]));
            let end = bench.b.end_session(&one, some_trail(number + 1)).await?;
            assert_eq!((end.ended, end.fronted), (Ended::NoSession, vec![]));
        }
        Way::One => {
            assert_eq!(by(&other, Target::One(session_id(ended))).await?, Ended::Done);
        }
        Way::Others => assert_eq!(by(&other, Target::Others).await?, Ended::Done),
        Way::All => assert_eq!(by(&one, Target::All).await?, Ended::Done),
        Way::Password => change(bench, kept, number).await?,
        Way::Lock => {
            assert!(bench.a.lock_user(user, true, some_trail(number)).await?);
            assert!(bench.a.lock_user(user, false, some_trail(number + 1)).await?);
        }
        Way::SetPassword => {
            let trail = some_trail(number);
            assert!(bench.a.set_password(user, "$set".to_owned(), trail).await?);
        }
        Way::SignOut => assert!(bench.a.sign_out(user, some_trail(number)).await?),
        Way::Reset => reset(bench, number).await?,
        Way::Schedule => {
            let deletion = ScheduleDeletion {
                user,
                epoch: bench.credential(1).await?.epoch,
                grace: HOUR,
                mail: None,
                refunds: Vec::new(),
                trail: some_trail(number),
            };
            assert_eq!(bench.a.schedule_deletion(deletion).await?, Removed::Done);
        }
    }
    Ok(())
}

pub(crate) async fn whatever_ends_a_session_tells_the_applications_it_led_to_and_no_other(
    bench: &Bench,
) -> Outcome {
    bench.register_confirmed(1).await?;
    clients(bench).await?;
    let (keeping, ending) = (
        [Way::This, Way::Page, Way::One, Way::Others, Way::Password],
        [Way::All, Way::Lock, Way::SetPassword, Way::SignOut, Way::Reset, Way::Schedule],
    );
    let ways = keeping.map(|way| (way, true)).into_iter().chain(ending.map(|way| (way, false)));
    for ((way, keeps), round) in ways.zip(1u128..) {
        let (ended, kept) = (1_000 + 10 * round, 1_001 + 10 * round);
        bench.open(1, ended).await?;
        bench.open(1, kept).await?;
        let number = 100 * round;
        // Twice to the first: it is told once.
        for (place, client) in [1, 1, 3, 4].into_iter().enumerate() {
            lead(bench, ended, client, number + place as u128).await?;
        }
        lead(bench, kept, 2, number + 9).await?;
        assert_eq!(told(bench).await?, [], "nothing has ended: {way:?}");
        end(bench, way, ended, kept).await?;
        assert_eq!(bench.is_alive(kept).await?, keeps, "{way:?}");
        let mut expected = vec![(client_id(1), ended)];
        if keeps {
            assert_eq!(told(bench).await?, expected, "{way:?}");
            assert!(bench.a.sign_out(user_id(1), some_trail(5_000 + round)).await?);
            expected.clear();
        }
        expected.push((client_id(2), kept));
        assert_eq!(told(bench).await?, expected, "{way:?}");
    }
    assert_eq!((bench.rows("session_clients").await, bench.rows("logouts").await), (0, 0));
    Ok(())
}

pub(crate) async fn with_an_account_end_its_sessions_whoever_deletes_it(bench: &Bench) -> Outcome {
    clients(bench).await?;
    bench.person_with_sessions(&[5]).await?;
    lead(bench, 5, 1, 1).await?;
    lead(bench, 5, 3, 2).await?;
    bench.delete(1, some_trail(1)).await?;
    assert_eq!(told(bench).await?, [(client_id(1), 5)], "she is gone, and it is told");

    bench.register(1).await?;
    let epoch = bench.credential(1).await?.epoch;
    let deletion = ScheduleDeletion {
        user: user_id(1),
        epoch,
        grace: HOUR,
        mail: None,
        refunds: Vec::new(),
        trail: some_trail(9),
    };
    assert_eq!(bench.a.schedule_deletion(deletion).await?, Removed::Done);
    // She comes once more and does not think again.
    bench.open(1, 6).await?;
    lead(bench, 6, 1, 3).await?;
    bench.age("users", "delete_after").await;
    while bench.b.delete_expired(100, HOUR).await? > 0 {}
    assert_eq!(told(bench).await?, [(client_id(1), 6)]);
    assert_eq!((bench.rows("session_clients").await, bench.rows("users").await), (0, 0));
    Ok(())
}

pub(crate) async fn a_session_that_expired_is_told_to_nobody_and_leaves_nothing(
    bench: &Bench,
) -> Outcome {
    bench.person_with_sessions(&[5]).await?;
    clients(bench).await?;
    lead(bench, 5, 1, 1).await?;
    bench.age("sessions", "live_until").await;
    bench.b.delete_expired(100, HOUR).await?;
    assert_eq!((bench.rows("sessions").await, bench.rows("session_clients").await), (0, 0));
    assert_eq!(told(bench).await?, []);
    Ok(())
}

pub(crate) async fn where_no_application_wants_to_be_told_nothing_is_written(
    bench: &Bench,
) -> Outcome {
    bench.person_with_sessions(&[5]).await?;
    make_client(bench, 4).await?;
    lead(bench, 5, 4, 1).await?;
    assert_eq!(bench.rows("session_clients").await, 0);
    assert!(bench.a.sign_out(user_id(1), some_trail(1)).await?);
    assert_eq!(bench.rows("logouts").await, 0);
    Ok(())
}

/// Whoever is quicker: an application that got tokens hears of the end of the session.
pub(crate) async fn who_signs_out_while_a_code_is_redeemed_is_told_of_too(
    bench: &Bench,
) -> Outcome {
    bench.register(1).await?;
    wants(bench, 1, BACK).await?;
    for round in 1..=20u128 {
        let session = 100 + round;
        bench.open(1, session).await?;
        let issued = NewCode { session: key(session, 1), ..code(round) };
        assert!(bench.a.issue_code(issued).await?);
        let own = key(session, 1);
        let (redeemed, ended) = tokio::join!(
            bench.a.redeem_code(redeem(round, round)),
            bench.b.end_sessions(&own, Target::This, some_trail(round)),
        );
        assert_eq!(ended?, Ended::Done);
        let expected = match redeemed? {
            Redeemed::Done => vec![(client_id(1), session)],
            _ => Vec::new(),
        };
        assert_eq!(told(bench).await?, expected, "round {round}");
    }
    assert_eq!(bench.rows("session_clients").await, 0);
    Ok(())
}
