//! The user's document: given back as written, and replaced by one writer at a time.

use futures_util::future::join_all;
use tokenhouse_rules::document::Version;
use tokenhouse_store::{Result, Written};

use crate::Outcome;
use crate::bench::{Bench, is_done, some_trail};
use crate::make::{key, user_id};

pub(crate) async fn a_new_user_has_an_empty_document(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5]).await?;
    let read = bench.b.session_with_data(&key(5, 1)).await?.expect("a living session");
    assert_eq!(read.body, tokenhouse_rules::document::EMPTY);
    assert_eq!(read.version, Version { document: 1, user: 1 });
    Ok(())
}

pub(crate) async fn a_document_comes_back_byte_for_byte(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5]).await?;
    for body in [
        "{}",
        r#"{"n":12345678901234567890123.50,"e":1E400,"z":-0.0}"#,
        "{ \"b\" : 1,\r\n\t\"a\" :  [ ] }",
        r#"{"u":"zażółć 東京 👩‍🚀 \u00e9 é","nul":"\u0000","q":"it's \"\\\" $1 ?1"}"#,
        &format!("{{\"long\":\"{}\"}}", "ü".repeat(30_000)),
    ] {
        assert!(is_done(&bench.a.write_data(&key(5, 1), body.to_owned(), None).await?));
        assert_eq!(bench.body(5).await?, body);
    }
    Ok(())
}

pub(crate) async fn the_last_writer_wins(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5, 6]).await?;
    for number in 1..=4 {
        let (body, session) = (format!("{{\"n\":{number}}}"), 5 + u128::from(number % 2 == 0));
        let store = bench.either(number);
        let written = store.write_data(&key(session, 1), body.clone(), None).await?;
        let Written::Done { user, version, now, expiry } = written else {
            panic!("write {number}: {written:?}")
        };
        assert_eq!(user.id, user_id(1));
        let document = 1 + i64::try_from(number).expect("a small number");
        assert_eq!(version, Version { document, user: 1 });
        let read = bench.either(number + 1).session_with_data(&key(session, 1)).await?;
        let read = read.expect("a living session");
        assert_eq!((read.body, read.version, read.expiry), (body, version, expiry));
        assert!(now <= read.now);
    }
    Ok(())
}

pub(crate) async fn a_stale_condition_writes_nothing(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5]).await?;
    assert!(is_done(&bench.a.write_data(&key(5, 1), r#"{"n":1}"#.to_owned(), None).await?));
    let stale = [
        vec![],
        vec![Version { document: 1, user: 1 }],
        vec![Version { document: 2, user: 2 }],
        // The halves of the current version, but in no one version together.
        vec![Version { document: 2, user: 7 }, Version { document: 7, user: 1 }],
    ];
    for versions in stale {
        let body = r#"{"n":2}"#.to_owned();
        let written = bench.b.write_data(&key(5, 1), body, Some(versions.clone())).await?;
        assert!(matches!(written, Written::Stale), "{versions:?}: {written:?}");
        assert_eq!(bench.body(5).await?, r#"{"n":1}"#);
    }
    let read = bench.a.session_with_data(&key(5, 1)).await?.expect("a living session");
    assert_eq!(read.version.document, 2, "nothing was counted either");
    Ok(())
}

pub(crate) async fn any_one_of_several_versions_suffices(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5]).await?;
    let several = vec![Version { document: 9, user: 9 }, Version { document: 1, user: 1 }];
    let written = bench.b.write_data(&key(5, 1), r#"{"n":1}"#.to_owned(), Some(several)).await?;
    assert!(is_done(&written), "{written:?}");
    assert_eq!(bench.body(5).await?, r#"{"n":1}"#);
    Ok(())
}

pub(crate) async fn eight_conditional_writers_have_one_winner(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5]).await?;
    let mut current = Version { document: 1, user: 1 };
    let session = key(5, 1);
    for round in 0..3 {
        let writes = (0..8).map(|number| {
            let body = format!("{{\"round\":{round},\"writer\":{number}}}");
            bench.either(number).write_data(&session, body, Some(vec![current]))
        });
        let written = join_all(writes).await.into_iter().collect::<Result<Vec<_>>>()?;
        let winners: Vec<_> = (0..8).filter(|number| is_done(&written[*number])).collect();
        assert_eq!(winners.len(), 1, "{written:?}");
        let expected = format!("{{\"round\":{round},\"writer\":{}}}", winners[0]);
        assert_eq!(bench.body(5).await?, expected);
        current = Version { document: current.document + 1, ..current };
    }
    Ok(())
}

pub(crate) async fn a_session_that_is_not_alive_writes_nothing(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5]).await?;
    bench.a.sign_out(user_id(1), some_trail(1)).await?;
    bench.open(1, 6).await?;
    for dead in [key(5, 1), key(7, 1), key(6, 2)] {
        let written = bench.b.write_data(&dead, r#"{"n":1}"#.to_owned(), None).await?;
        assert!(matches!(written, Written::NoSession), "{dead:?}: {written:?}");
        let current = Some(vec![Version { document: 1, user: 1 }]);
        let written = bench.b.write_data(&dead, r#"{"n":1}"#.to_owned(), current).await?;
        assert!(matches!(written, Written::NoSession), "{dead:?}: {written:?}");
    }
    assert_eq!(bench.body(6).await?, "{}");
    Ok(())
}
