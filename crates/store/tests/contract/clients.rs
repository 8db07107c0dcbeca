//! Clients: made once, changed by version, their secrets and hosts, deleted with all that they were given.

use std::time::Duration;

use futures_util::future::join_all;
use tokenhouse_rules::audit::Event;
use tokenhouse_store::{NOBODY, Result, SaveClient, Saved};

use crate::Outcome;
use crate::applications::{
    change, client, client_id, code, consented, digest, disable, make_client, make_grant,
    person_and_client, secret, secret_id,
};
use crate::bench::{Bench, some_trail};
use crate::make::{HOUR, trail};

pub(crate) async fn a_client_made_here_is_found_there(bench: &Bench) -> Outcome {
    let before = bench.a.now().await?;
    let new = SaveClient { hosts: vec!["app.example.org".to_owned()], ..client(1) };
    assert_eq!(bench.a.save_client(new.clone()).await?, Saved::Done(1));
    let found = bench.b.client(&client_id(1)).await?.expect("it is there");
    assert_eq!((&found.id, &found.settings), (&new.id, &new.settings));
    assert_eq!((found.version, found.disabled_at), (1, None));
    assert!(found.created_at >= before && found.created_at <= bench.b.now().await?);
    let [its] = found.secrets.as_slice() else { panic!("one secret: {found:?}") };
    assert_eq!((its.id, its.hash, its.expires_at), (secret_id(1), digest(1), None));
    assert!(its.created_at >= found.created_at);
    assert!(bench.b.client("nobody").await?.is_none());
    let event = bench.b.events(None, None, 1).await?.remove(0);
    assert_eq!((event.event.as_str(), event.user), ("client.created", NOBODY));
    Ok(())
}

pub(crate) async fn a_client_is_made_once(bench: &Bench) -> Outcome {
    make_client(bench, 1).await?;
    let other = SaveClient {
        settings: "{}".to_owned(),
        hosts: vec!["app.example.org".to_owned()],
        secret: Some(secret(2)),
        trail: trail(50_002, Event::ClientCreated),
        ..client(1)
    };
    assert_eq!(bench.b.save_client(other).await?, Saved::Conflict);
    let found = bench.a.client(&client_id(1)).await?.expect("it is there");
    assert_eq!((found.settings, found.secrets.len()), (client(1).settings, 1));
    assert_eq!(bench.rows("client_hosts").await, 0);
    assert_eq!(bench.events().await?, ["client.created"]);
    Ok(())
}

pub(crate) async fn a_change_is_made_to_the_version_that_it_names(bench: &Bench) -> Outcome {
    make_client(bench, 1).await?;
    let changed = |settings: &str, version| SaveClient {
        settings: settings.to_owned(),
        secret: Some(secret(2)),
        ..change(1, version)
    };
    assert_eq!(bench.a.save_client(changed("{}", 1)).await?, Saved::Done(2));
    assert_eq!(bench.b.save_client(changed("[]", 1)).await?, Saved::Conflict);
    assert_eq!(bench.b.save_client(changed("[]", 3)).await?, Saved::Conflict);
    assert_eq!(bench.b.save_client(change(2, 1)).await?, Saved::Conflict, "there is none such");
    let found = bench.b.client(&client_id(1)).await?.expect("it is there");
    assert_eq!((found.settings.as_str(), found.version), ("{}", 2));
    let [its] = found.secrets.as_slice() else { panic!("one secret: {found:?}") };
    assert_eq!(its.id, secret_id(1), "a change brings no secret");
    assert_eq!(bench.events().await?, ["client.changed", "client.created"]);
    Ok(())
}

pub(crate) async fn eight_changes_of_one_version_have_one_winner(bench: &Bench) -> Outcome {
    make_client(bench, 1).await?;
    let changes = (0..8u128).map(|number| {
        let changed = SaveClient {
            settings: format!("[{number}]"),
            trail: trail(52_000 + number, Event::ClientChanged),
            ..change(1, 1)
        };
        bench.either(usize::from(number % 2 == 0)).save_client(changed)
    });
    let saved = join_all(changes).await.into_iter().collect::<Result<Vec<_>>>()?;
    let winners: Vec<_> = (0..8).filter(|number| saved[*number] == Saved::Done(2)).collect();
    assert_eq!(winners.len(), 1, "{saved:?}");
    assert_eq!(saved.iter().filter(|saved| **saved == Saved::Conflict).count(), 7, "{saved:?}");
    let found = bench.b.client(&client_id(1)).await?.expect("it is there");
    assert_eq!(found.settings, format!("[{}]", winners[0]));
    assert_eq!(bench.rows("audit_events").await, 2);
    Ok(())
}

pub(crate) async fn of_eight_who_make_one_client_at_once_one_does(bench: &Bench) -> Outcome {
    let makers = (0..8u128).map(|number| {
        let new = SaveClient {
            secret: Some(secret(number)),
            trail: trail(52_000 + number, Event::ClientCreated),
            ..client(1)
        };
        bench.either(usize::from(number % 2 == 0)).save_client(new)
    });
    let saved = join_all(makers).await.into_iter().collect::<Result<Vec<_>>>()?;
    assert_eq!(saved.iter().filter(|saved| **saved == Saved::Done(1)).count(), 1, "{saved:?}");
    assert_eq!(saved.iter().filter(|saved| **saved == Saved::Conflict).count(), 7, "{saved:?}");
    for table in ["clients", "client_secrets", "audit_events"] {
        assert_eq!(bench.rows(table).await, 1, "{table}");
    }
    Ok(())
}

pub(crate) async fn a_client_is_disabled_until_it_is_enabled_again(bench: &Bench) -> Outcome {
    make_client(bench, 1).await?;
    disable(bench, 1).await?;
    let disabled = bench.b.client(&client_id(1)).await?.expect("it is there");
    let since = disabled.disabled_at.expect("it is disabled");
    assert!(since >= disabled.created_at);
    let still = SaveClient { disabled: true, ..change(1, 2) };
    assert_eq!(bench.b.save_client(still).await?, Saved::Done(3));
    let found = bench.a.client(&client_id(1)).await?.expect("it is there");
    assert_eq!(found.disabled_at, Some(since), "since the first time");
    assert_eq!(bench.a.save_client(change(1, 3)).await?, Saved::Done(4));
    let found = bench.b.client(&client_id(1)).await?.expect("it is there");
    assert_eq!(found.disabled_at, None);
    Ok(())
}

pub(crate) async fn clients_are_given_page_by_page(bench: &Bench) -> Outcome {
    for number in [3, 1, 5, 2, 4] {
        make_client(bench, number).await?;
    }
    let mut pages = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = bench.b.clients(after.as_deref(), 2).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        assert!(page.iter().all(|client| client.secrets.len() == 1));
        pages.push(page.into_iter().map(|client| client.id).collect::<Vec<_>>());
    }
    let expected: [&[u128]; 3] = [&[1, 2], &[3, 4], &[5]];
    let expected = expected.map(|page| page.iter().copied().map(client_id).collect::<Vec<_>>());
    assert_eq!(pages, expected);
    Ok(())
}

pub(crate) async fn another_secret_ends_those_before_it_after_the_overlap(
    bench: &Bench,
) -> Outcome {
    make_client(bench, 1).await?;
    make_client(bench, 9).await?;
    let made = |number: u128| trail(60_000 + number, Event::ClientSecretMade);
    for by in [&bench.a, &bench.b] {
        // The second time it is the repetition of the first.
        assert!(by.add_client_secret(&client_id(1), secret(2), HOUR, made(2)).await?);
    }
    let found = bench.b.client(&client_id(1)).await?.expect("it is there");
    let ids: Vec<_> = found.secrets.iter().map(|secret| secret.id).collect();
    assert_eq!(ids, [secret_id(2), secret_id(1)], "the newest first");
    assert_eq!(found.secrets[0].expires_at, None);
    let ends = found.secrets[1].expires_at.expect("it ends");
    assert!(ends <= bench.b.now().await?.plus(HOUR));

    let at_once = Duration::ZERO;
    assert!(bench.b.add_client_secret(&client_id(1), secret(3), at_once, made(3)).await?);
    let found = bench.a.client(&client_id(1)).await?.expect("it is there");
    let ids: Vec<_> = found.secrets.iter().map(|secret| secret.id).collect();
    assert_eq!(ids, [secret_id(3)]);
    let other = bench.a.client(&client_id(9)).await?.expect("it is there");
    assert_eq!(other.secrets[0].expires_at, None, "another client's is left alone");
    assert!(!bench.a.add_client_secret("nobody", secret(4), HOUR, made(4)).await?);
    assert_eq!(bench.rows("audit_events WHERE event = 'client.secret_created'").await, 2);
    Ok(())
}

pub(crate) async fn one_secret_of_a_client_is_ended_alone(bench: &Bench) -> Outcome {
    make_client(bench, 1).await?;
    make_client(bench, 9).await?;
    assert!(bench.a.add_client_secret(&client_id(1), secret(2), HOUR, some_trail(1)).await?);
    let ended = |number: u128| trail(61_000 + number, Event::ClientSecretEnded);
    let others = bench.b.delete_client_secret(&client_id(9), secret_id(2), ended(1)).await?;
    assert!(!others, "it is another client's");
    assert!(bench.b.delete_client_secret(&client_id(1), secret_id(2), ended(2)).await?);
    assert!(!bench.a.delete_client_secret(&client_id(1), secret_id(2), ended(3)).await?);
    let found = bench.a.client(&client_id(1)).await?.expect("it is there");
    let ids: Vec<_> = found.secrets.iter().map(|secret| secret.id).collect();
    assert_eq!(ids, [secret_id(1)]);
    assert_eq!(bench.rows("audit_events WHERE event = 'client.secret_ended'").await, 1);
    Ok(())
}

pub(crate) async fn a_host_is_answered_for_by_one_client(bench: &Bench) -> Outcome {
    let hosts = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let first = SaveClient { hosts: hosts(&["a.example.org", "b.example.org"]), ..client(1) };
    assert_eq!(bench.a.save_client(first).await?, Saved::Done(1));
    let second = SaveClient { hosts: hosts(&["c.example.org", "b.example.org"]), ..client(2) };
    let taken = Saved::HostTaken("b.example.org".to_owned());
    assert_eq!(bench.b.save_client(second.clone()).await?, taken);
    assert!(bench.a.client(&client_id(2)).await?.is_none());
    assert_eq!(bench.rows("client_hosts").await, 2);
    assert_eq!(bench.events().await?, ["client.created"], "what was refused is no event");

    let given_up = SaveClient { hosts: hosts(&["a.example.org"]), ..change(1, 1) };
    assert_eq!(bench.a.save_client(given_up).await?, Saved::Done(2));
    assert_eq!(bench.b.save_client(second).await?, Saved::Done(1));
    let wanted = SaveClient { hosts: hosts(&["c.example.org"]), ..change(1, 2) };
    let taken = Saved::HostTaken("c.example.org".to_owned());
    assert_eq!(bench.b.save_client(wanted).await?, taken);
    let found = bench.b.access_facts("a.example.org", None).await?.client;
    assert_eq!(found.map(|client| client.id), Some(client_id(1)), "it has what it had");
    Ok(())
}

pub(crate) async fn of_clients_that_claim_one_host_at_once_one_gets_it(bench: &Bench) -> Outcome {
    let claims = (0..8u128).map(|number| {
        // In two orders, so that nobody waits for one who waits for him.
        let mut hosts = vec!["a.example.org".to_owned(), "b.example.org".to_owned()];
        if number % 2 == 0 {
            hosts.reverse();
        }
        let new = SaveClient { hosts, ..client(number) };
        bench.either(usize::from(number % 4 < 2)).save_client(new)
    });
    let saved = join_all(claims).await.into_iter().collect::<Result<Vec<_>>>()?;
    let is_taken = |saved: &&Saved| matches!(saved, Saved::HostTaken(_));
    assert_eq!(saved.iter().filter(|saved| **saved == Saved::Done(1)).count(), 1, "{saved:?}");
    assert_eq!(saved.iter().filter(is_taken).count(), 7, "{saved:?}");
    for table in ["clients", "client_secrets", "audit_events"] {
        assert_eq!(bench.rows(table).await, 1, "{table}");
    }
    assert_eq!(bench.rows("client_hosts").await, 2);
    Ok(())
}

pub(crate) async fn deleting_a_client_takes_all_that_it_was_given(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    let with_host = SaveClient { hosts: vec!["a.example.org".to_owned()], ..change(1, 1) };
    assert_eq!(bench.a.save_client(with_host).await?, Saved::Done(2));
    make_client(bench, 2).await?;
    assert!(bench.a.issue_code(consented(1, "openid")).await?);
    make_grant(bench, 2, true).await?;
    let deleted = |number: u128| trail(62_000 + number, Event::ClientDeleted);
    assert!(bench.b.delete_client(&client_id(1), deleted(1)).await?);
    for table in ["client_hosts", "codes", "grants", "consents"] {
        assert_eq!(bench.rows(table).await, 0, "{table}");
    }
    for table in ["clients", "client_secrets"] {
        assert_eq!(bench.rows(table).await, 1, "{table}: client 2 stays");
    }
    assert!(!bench.a.delete_client(&client_id(1), deleted(2)).await?);
    assert_eq!(bench.rows("audit_events WHERE event = 'client.deleted'").await, 1);
    assert!(!bench.a.issue_code(code(3)).await?, "there is none any more");
    assert!(bench.is_alive(5).await?);
    Ok(())
}
