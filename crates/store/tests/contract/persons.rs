//! What a person sees of herself, and what she chooses.

use tokenhouse_rules::audit::Event;
use tokenhouse_rules::limit::{Scope, Verdict};
use tokenhouse_rules::mail::Kind;

use crate::Outcome;
use crate::addresses::asked;
use crate::bench::{Bench, some_trail};
use crate::make::{LIFETIME, cost, key, mail, name, trail, user_id};

pub(crate) async fn a_person_sees_what_is_hers(bench: &Bench) -> Outcome {
    bench.register(1).await?;
    bench.open(1, 5).await?;
    let profile = bench.b.profile(&key(5, 1)).await?.expect("a living session");
    assert_eq!(Some(&profile.user), bench.a.user(user_id(1)).await?.as_ref());
    assert_eq!(profile.expiry.expires_at.since(profile.expiry.live_until), {
        LIFETIME.absolute - LIFETIME.idle
    });
    assert_eq!((profile.email_confirmed_at, &profile.pending_email), (None, &None));
    assert_eq!((profile.delete_after, &profile.language, &profile.theme), (None, &None, &None));
    assert!(!profile.is_administrator);
    let granted = trail(9_000, Event::AdministratorGranted);
    assert!(bench.a.grant_administrator(user_id(1), granted).await?);
    assert!(bench.b.profile(&key(5, 1)).await?.expect("a living session").is_administrator);
    for wrong in [key(6, 1), key(5, 2)] {
        assert!(bench.b.profile(&wrong).await?.is_none());
    }
    Ok(())
}

pub(crate) async fn what_she_chooses_is_kept_until_she_chooses_again(bench: &Bench) -> Outcome {
    bench.register(1).await?;
    bench.register(2).await?;
    bench.open(1, 5).await?;
    for (language, theme) in [(Some("de"), Some("dark")), (None, Some("light")), (None, None)] {
        let (to, look) = (language.map(str::to_owned), theme.map(str::to_owned));
        assert!(bench.a.choose(&key(5, 1), to, look).await?);
        let profile = bench.b.profile(&key(5, 1)).await?.expect("a living session");
        assert_eq!((profile.language.as_deref(), profile.theme.as_deref()), (language, theme));
        assert_eq!(profile.user.version, 1, "nobody else sees it");
    }
    assert!(bench.a.choose(&key(5, 1), Some("fr".to_owned()), None).await?);
    assert!(!bench.a.choose(&key(6, 1), Some("ja".to_owned()), None).await?);
    assert_eq!(bench.rows("users WHERE language IS NOT NULL").await, 1);
    assert_eq!(bench.rows("users WHERE language = 'fr'").await, 1);
    Ok(())
}

pub(crate) async fn an_export_tells_of_addresses_confirmed_and_pending(bench: &Bench) -> Outcome {
    bench.register_confirmed(1).await?;
    bench.open(1, 5).await?;
    assert!(bench.a.ask_email(asked(bench, "New@Example.org", 1).await?).await?);
    let export = bench.b.export(&key(5, 1), some_trail(1)).await?.expect("a living session");
    let profile = bench.b.profile(&key(5, 1)).await?.expect("a living session");
    assert!(export.email_confirmed_at.is_some());
    assert_eq!(export.email_confirmed_at, profile.email_confirmed_at);
    assert_eq!(export.pending_email.as_deref(), Some("New@Example.org"));
    Ok(())
}

pub(crate) async fn registrations_of_one_client_are_counted_where_there_is_a_limit(
    bench: &Bench,
) -> Outcome {
    bench.register(1).await?;
    let address = || Some(("reg:192.0.2.7".to_owned(), cost("2/1h")));
    for number in 0..4usize {
        let facts =
            bench.either(number).registration_facts(vec![name(1), name(2)], address()).await?;
        assert_eq!(facts.taken, [name(1)]);
        let is_refused = matches!(facts.verdict, Verdict::Refused { by: Scope::Address, .. });
        assert_eq!(is_refused, number > 1, "{number}");
    }
    let free = bench.a.registration_facts(vec![name(2)], None).await?;
    assert_eq!((free.verdict, free.taken), (Verdict::Admitted, vec![]));
    assert_eq!(bench.rows("throttles").await, 1);
    Ok(())
}

pub(crate) async fn a_changed_password_is_told_to_the_confirmed_address(bench: &Bench) -> Outcome {
    bench.register_confirmed(1).await?;
    bench.register(2).await?;
    for user in [1, 2] {
        bench.open(user, user).await?;
        let facts = bench.b.credential_facts(&key(user, user), None).await?;
        let credential = facts.expect("a living session").credential;
        assert_eq!(credential.email_confirmed, user == 1);
        let change = tokenhouse_store::ChangePassword {
            session: crate::make::session_id(user),
            user: user_id(user),
            epoch: credential.epoch,
            hash: "$new".to_owned(),
            refunds: Vec::new(),
            mail: Some(mail(user, Kind::PasswordChanged)),
            trail: trail(3_000 + user, Event::PasswordChanged),
        };
        assert!(bench.a.change_password(change.clone()).await?);
        assert!(!bench.b.change_password(change).await?, "another epoch, another mail");
    }
    let told = ("password-changed".to_owned(), "Person1@Example.org".to_owned());
    assert_eq!(bench.told().await?, [told]);
    Ok(())
}
