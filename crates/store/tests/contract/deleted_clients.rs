//! The end of a client that was given more than one statement deletes: over at once, and gone in steps.

use futures_util::future::join_all;
use tokenhouse_rules::audit::Event;
use tokenhouse_store::{AT_ONCE, Refreshed, Result, SaveClient, Saved, Target};

use crate::Outcome;
use crate::applications::{
    change, client, client_id, code, consented, lives, make_client, make_grant, person_and_client,
    refresh,
};
use crate::bench::{Bench, some_trail};
use crate::make::{key, trail};

const HOST: &str = "a.example.org";

/// Client 1 with one code more than are deleted at once, a consent among them, and with grants 1 (of session 5) and 2.
async fn large(bench: &Bench) -> Result<()> {
    person_and_client(bench).await?;
    let told = r#"{"name":"Large","backchannel_logout_uri":"https://a.example.org/out"}"#;
    let hosts = vec![HOST.to_owned()];
    let save = SaveClient { settings: told.to_owned(), hosts, ..change(1, 1) };
    assert_eq!(bench.a.save_client(save).await?, Saved::Done(2));
    make_grant(bench, 1, false).await?;
    make_grant(bench, 2, true).await?;
    assert!(bench.a.issue_code(consented(3, "openid")).await?);
    let numbers: Vec<u128> = (1_000..1_000 + u128::from(AT_ONCE)).collect();
    for some in numbers.chunks(50) {
        let issued = some.iter().map(|number| bench.a.issue_code(code(*number)));
        let issued = join_all(issued).await.into_iter().collect::<Result<Vec<_>>>()?;
        assert!(issued.iter().all(|is_issued| *is_issued));
    }
    // Those that became the grants are still there.
    assert_eq!(bench.rows("codes").await, i64::from(AT_ONCE) + 3);
    Ok(())
}

pub(crate) async fn a_client_that_was_given_much_is_over_at_once(bench: &Bench) -> Outcome {
    large(bench).await?;
    make_client(bench, 2).await?;
    let deleted = |number: u128| trail(62_000 + number, Event::ClientDeleted);
    assert!(bench.b.delete_client(&client_id(1), deleted(1)).await?);
    assert!(bench.rows("codes").await > i64::from(AT_ONCE), "they are left for later");

    assert!(!bench.a.delete_client(&client_id(1), deleted(2)).await?);
    assert_eq!(bench.rows("audit_events WHERE event = 'client.deleted'").await, 1);
    for store in [&bench.a, &bench.b] {
        assert!(store.client(&client_id(1)).await?.is_none());
        let listed = store.clients(None, 10).await?;
        assert_eq!(listed.iter().map(|one| &one.id).collect::<Vec<_>>(), [&client_id(2)]);
        assert!(store.authorize_facts(&client_id(1), None).await?.client.is_none());
        assert!(store.access_facts(HOST, None).await?.client.is_none());
        let connected = store.applications(&key(5, 1)).await?.expect("she is signed in");
        assert!(connected.is_empty(), "{} applications", connected.len());
        assert!(!store.issue_code(code(9)).await?);
        assert!(matches!(store.refresh(refresh(2, 0)).await?, Refreshed::NotTheClient));
    }
    for grant in [1, 2] {
        assert!(!lives(bench, grant).await?, "grant {grant}");
    }
    for table in ["client_hosts", "client_secrets WHERE client_id = 'client1'"] {
        assert_eq!(bench.rows(table).await, 0, "{table}");
    }
    let again = client(1);
    assert_eq!(bench.a.save_client(again.clone()).await?, Saved::Conflict);
    assert_eq!(bench.a.save_client(change(1, 2)).await?, Saved::Conflict, "nobody revives it");
    bench.a.end_sessions(&key(5, 1), Target::This, some_trail(1)).await?;
    assert_eq!(bench.rows("logouts").await, 0, "it is told nothing");
    Ok(())
}

pub(crate) async fn what_a_deleted_client_was_given_goes_in_steps(bench: &Bench) -> Outcome {
    large(bench).await?;
    assert_eq!(bench.a.clear_deleted_clients().await?, 0, "nothing was deleted");
    assert!(bench.a.delete_client(&client_id(1), some_trail(1)).await?);
    make_client(bench, 2).await?;
    // 503 codes, 2 grants and 1 consent; then the client.
    let mut steps = Vec::new();
    loop {
        match bench.either(steps.len()).clear_deleted_clients().await? {
            0 => break,
            rows => steps.push(rows),
        }
    }
    assert_eq!(steps.iter().sum::<u64>(), u64::from(AT_ONCE) + 3 + 2 + 1 + 1);
    assert!(steps.len() > 1 && steps.last() == Some(&1), "the client goes last: {steps:?}");
    for table in ["codes", "grants", "consents"] {
        assert_eq!(bench.rows(table).await, 0, "{table}");
    }
    assert_eq!(bench.rows("clients").await, 1, "client 2 stays");
    assert_eq!(bench.a.save_client(client(1)).await?, Saved::Done(1));
    assert!(!lives(bench, 2).await?, "what another had of that name is not its own");
    Ok(())
}

pub(crate) async fn of_two_who_clear_at_once_each_row_is_deleted_by_one(bench: &Bench) -> Outcome {
    large(bench).await?;
    assert!(bench.a.delete_client(&client_id(1), some_trail(1)).await?);
    let mut rows = 0;
    loop {
        let (a, b) = tokio::join!(bench.a.clear_deleted_clients(), bench.b.clear_deleted_clients());
        let some = a? + b?;
        rows += some;
        if some == 0 {
            break;
        }
    }
    assert_eq!(rows, u64::from(AT_ONCE) + 3 + 2 + 1 + 1);
    assert_eq!(bench.rows("clients").await, 0);
    Ok(())
}
