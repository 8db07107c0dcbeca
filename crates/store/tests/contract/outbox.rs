//! The outbox: each mail is taken by one process at a time, and by another when that one is killed.

use std::time::Duration;

use futures_util::future::join_all;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::MailId;
use tokenhouse_rules::link::Purpose;
use tokenhouse_rules::mail::Kind;
use tokenhouse_store::{Mail, MailState, MakeLink, NewMail, Result, Store, mail_key};
use uuid::Uuid;

use crate::Outcome;
use crate::bench::Bench;
use crate::make::{HOUR, key, limited, link, mail, mail_id, trail};

const SHORT: Duration = Duration::from_millis(200);
const FIRST: Uuid = Uuid::from_u128(1);
const SECOND: Uuid = Uuid::from_u128(2);

/// An invitation is the plainest fact with a mail.
async fn write(bench: &Bench, to: &str, mail: NewMail) -> Result<()> {
    let number = mail.id.uuid().as_u128();
    let made = MakeLink {
        purpose: Purpose::Invite,
        link: link(number),
        email: Some(to.to_owned()),
        mail: Some(mail),
        trail: trail(10_000 + number, Event::InvitationMade),
    };
    assert!(bench.a.make_link(made).await?, "the fact stands, with its mail or without");
    Ok(())
}

async fn write_some(bench: &Bench, count: u128) -> Result<()> {
    for number in 1..=count {
        write(bench, &format!("p{number}@example.org"), mail(number, Kind::Invitation)).await?;
    }
    Ok(())
}

fn ids(mails: &[Mail]) -> Vec<MailId> {
    mails.iter().map(|mail| mail.id).collect()
}

/// Claims again and again until there is something to claim, for at most half a minute.
async fn claim_when_due(store: &dyn Store, holder: Uuid) -> Result<Vec<Mail>> {
    let mut tries = tokio::time::interval(Duration::from_millis(10));
    let claiming = async {
        loop {
            tries.tick().await;
            let mails = store.claim_mails(holder, HOUR, 10).await?;
            if !mails.is_empty() {
                return Ok(mails);
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), claiming).await.expect("it becomes due")
}

pub(crate) async fn a_mail_is_taken_by_one_holder_the_oldest_first(bench: &Bench) -> Outcome {
    write_some(bench, 5).await?;
    let taken = bench.a.claim_mails(FIRST, HOUR, 2).await?;
    assert_eq!(ids(&taken), [1, 2].map(mail_id));
    let first = &taken[0];
    assert_eq!((first.kind, first.kind_name.as_str()), (Some(Kind::Invitation), "invitation"));
    assert_eq!((first.recipient.as_str(), first.language.as_str()), ("p1@example.org", "en"));
    assert_eq!(first.words, mail(1, Kind::Invitation).words);
    assert_eq!((first.attempts, first.is_retaken), (1, false));
    assert_eq!((first.sent_at, first.dead_at, &first.last_error), (None, None, &None));
    assert!(first.created_at == first.due_at && first.due_at <= bench.b.now().await?);
    let rest = bench.b.claim_mails(SECOND, HOUR, 10).await?;
    assert_eq!(ids(&rest), [3, 4, 5].map(mail_id));
    for (store, holder) in [(&bench.a, FIRST), (&bench.b, SECOND)] {
        assert_eq!(store.claim_mails(holder, HOUR, 10).await?, [], "not even by its holder");
    }
    Ok(())
}

pub(crate) async fn holders_who_claim_at_once_share_and_never_meet(bench: &Bench) -> Outcome {
    write_some(bench, 40).await?;
    let claims = (0..16usize).map(|number| {
        let holder = Uuid::from_u128(100 + u128::try_from(number).expect("a small number"));
        async move { bench.either(number).claim_mails(holder, HOUR, 3).await }
    });
    let claimed = join_all(claims).await.into_iter().collect::<Result<Vec<_>>>()?;
    let mut taken = ids(&claimed.concat());
    taken.extend(ids(&bench.a.claim_mails(FIRST, HOUR, 100).await?));
    taken.sort();
    assert_eq!(taken, (1..=40).map(mail_id).collect::<Vec<_>>());
    Ok(())
}

pub(crate) async fn a_mail_whose_holder_was_killed_is_taken_after_the_lease(
    bench: &Bench,
) -> Outcome {
    write_some(bench, 1).await?;
    let claimed = bench.a.now().await?;
    assert_eq!(bench.a.claim_mails(FIRST, SHORT, 10).await?.len(), 1);
    let taken = claim_when_due(&*bench.b, SECOND).await?;
    assert!(bench.b.now().await?.since(claimed) >= SHORT, "the lease was waited for");
    assert_eq!((taken[0].attempts, taken[0].is_retaken), (2, true));
    assert!(!bench.a.mail_sent(mail_id(1), FIRST).await?, "the first has lost it");
    assert!(!bench.a.mail_failed(mail_id(1), FIRST, "late".to_owned(), None).await?);
    assert!(bench.b.mail_sent(mail_id(1), SECOND).await?);
    Ok(())
}

pub(crate) async fn a_mail_that_was_sent_is_never_taken_again(bench: &Bench) -> Outcome {
    write_some(bench, 1).await?;
    bench.a.claim_mails(FIRST, Duration::ZERO, 10).await?;
    for _ in 0..2 {
        assert!(bench.b.mail_sent(mail_id(1), FIRST).await?, "also when it is repeated");
    }
    assert!(!bench.a.mail_failed(mail_id(1), FIRST, "late".to_owned(), None).await?);
    assert!(!bench.a.retry_mail(mail_id(1)).await?);
    assert_eq!(bench.a.claim_mails(SECOND, HOUR, 10).await?, []);
    let sent = bench.b.mails(Some(MailState::Sent), None, 10).await?;
    assert_eq!(ids(&sent), [mail_id(1)]);
    assert!(sent[0].sent_at >= Some(sent[0].created_at));
    Ok(())
}

pub(crate) async fn a_mail_that_failed_waits_or_is_given_up_until_it_is_retried(
    bench: &Bench,
) -> Outcome {
    write_some(bench, 2).await?;
    assert_eq!(bench.a.claim_mails(FIRST, HOUR, 10).await?.len(), 2);
    let later = Some(HOUR);
    assert!(bench.a.mail_failed(mail_id(1), FIRST, "greylisted".to_owned(), later).await?);
    assert!(bench.a.mail_failed(mail_id(2), FIRST, "no such user".to_owned(), None).await?);
    assert!(!bench.a.mail_sent(mail_id(1), FIRST).await?, "it was given back");
    assert_eq!(bench.b.claim_mails(SECOND, HOUR, 10).await?, [], "not due");
    let waiting = bench.b.mails(Some(MailState::Waiting), None, 10).await?;
    assert_eq!(ids(&waiting), [mail_id(1)]);
    assert!(waiting[0].due_at > bench.b.now().await?);
    assert_eq!(waiting[0].last_error.as_deref(), Some("greylisted"));
    let dead = bench.b.mails(Some(MailState::Dead), None, 10).await?;
    assert_eq!(ids(&dead), [mail_id(2)]);
    assert_eq!((dead[0].attempts, dead[0].last_error.as_deref()), (1, Some("no such user")));
    assert!(dead[0].dead_at.is_some());

    assert!(bench.b.retry_mail(mail_id(2)).await? && bench.b.retry_mail(mail_id(1)).await?);
    assert!(!bench.b.retry_mail(mail_id(3)).await?);
    let taken = bench.a.claim_mails(SECOND, HOUR, 10).await?;
    assert_eq!(ids(&taken), [2, 1].map(mail_id), "in the order in which they became due");
    assert!(taken.iter().all(|mail| mail.attempts == 2 && !mail.is_retaken));
    assert!(bench.b.retry_mail(mail_id(1)).await?);
    assert_eq!(bench.b.claim_mails(FIRST, HOUR, 10).await?, [], "who holds it goes on");
    Ok(())
}

pub(crate) async fn the_outbox_is_given_page_by_page(bench: &Bench) -> Outcome {
    write_some(bench, 5).await?;
    let mut pages = Vec::new();
    let mut before = None;
    loop {
        let page = bench.b.mails(None, before, 2).await?;
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        pages.push(ids(&page));
    }
    let expected: [&[u128]; 3] = [&[5, 4], &[3, 2], &[1]];
    let expected = expected.map(|page| page.iter().copied().map(mail_id).collect::<Vec<_>>());
    assert_eq!(pages, expected);
    Ok(())
}

pub(crate) async fn mails_are_limited_by_kind_and_recipient(bench: &Bench) -> Outcome {
    let to = "P@Example.org";
    for number in 1..=3 {
        write(bench, to, limited(number, Kind::Invitation, "2/1h")).await?;
    }
    assert_eq!(ids(&bench.outbox().await?), [2, 1].map(mail_id), "the third is left out");
    assert_eq!(bench.rows("links").await, 3);
    // Repeated, what was written costs nothing.
    write(bench, to, limited(1, Kind::Invitation, "2/1h")).await?;
    let held = format!("throttles WHERE key = '{}'", mail_key(Kind::Invitation, to));
    assert_eq!((bench.rows(&held).await, bench.rows("throttles").await), (1, 1));
    write(bench, "p@EXAMPLE.org", limited(4, Kind::Invitation, "2/1h")).await?;
    assert_eq!(bench.rows("mails").await, 2, "by another spelling of the same address");
    write(bench, to, limited(5, Kind::Confirm, "2/1h")).await?;
    write(bench, "q@example.org", limited(6, Kind::Invitation, "2/1h")).await?;
    write(bench, to, mail(7, Kind::Invitation)).await?;
    assert_eq!(ids(&bench.outbox().await?)[..3], [7, 6, 5].map(mail_id));
    Ok(())
}

pub(crate) async fn a_reader_is_written_to_in_the_language_she_chose(bench: &Bench) -> Outcome {
    bench.register_confirmed(1).await?;
    bench.open(1, 5).await?;
    assert!(bench.a.choose(&key(5, 1), Some("ar".to_owned()), None).await?);
    let epoch = bench.credential(1).await?.epoch;
    let change = tokenhouse_store::ChangePassword {
        session: crate::make::session_id(5),
        user: crate::make::user_id(1),
        epoch,
        hash: "$new".to_owned(),
        refunds: Vec::new(),
        mail: Some(mail(1, Kind::PasswordChanged)),
        trail: trail(3_000, Event::PasswordChanged),
    };
    assert!(bench.a.change_password(change).await?);
    let sent = bench.outbox().await?.remove(0);
    assert_eq!((sent.kind, sent.language.as_str()), (Some(Kind::PasswordChanged), "ar"));
    Ok(())
}

pub(crate) async fn links_and_mails_go_a_week_after_they_have_done_their_work(
    bench: &Bench,
) -> Outcome {
    write_some(bench, 3).await?;
    bench.a.claim_mails(FIRST, HOUR, 2).await?;
    assert!(bench.a.mail_sent(mail_id(1), FIRST).await?);
    assert!(bench.a.mail_failed(mail_id(2), FIRST, "no".to_owned(), None).await?);
    assert_eq!(bench.b.delete_expired(100, HOUR).await?, 0);
    for column in ["sent_at", "dead_at", "created_at", "due_at"] {
        bench.age("mails", column).await;
    }
    assert_eq!(bench.b.delete_expired(100, HOUR).await?, 2);
    assert_eq!(ids(&bench.outbox().await?), [mail_id(3)], "it still waits");
    bench.age("links", "expires_at").await;
    assert_eq!(bench.b.delete_expired(2, HOUR).await?, 2);
    assert_eq!(bench.b.delete_expired(2, HOUR).await?, 1);
    assert_eq!(bench.b.delete_expired(2, HOUR).await?, 0);
    Ok(())
}
