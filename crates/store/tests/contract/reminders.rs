//! The mail that confirms an address, asked for once more.

use tokenhouse_rules::limit::{Verdict, account_key};
use tokenhouse_rules::link::Purpose;
use tokenhouse_rules::mail::Kind;
use tokenhouse_store::{AskAgain, Asking, LinkState, Refund, SignIn};

use crate::Outcome;
use crate::addresses::asked;
use crate::bench::Bench;
use crate::make::{cost, key, limited, link, link_id, mail, name, sign_in, user_id};

const NEW: &str = "New@Example.org";

/// The owner of session 5 asks.
fn again(number: u128) -> AskAgain {
    let who = Asking::Session(key(5, 1));
    AskAgain { who, link: link(number), mail: mail(number, Kind::Confirm) }
}

pub(crate) async fn the_mail_is_sent_again_and_the_former_link_ends(bench: &Bench) -> Outcome {
    bench.register_confirmed(1).await?;
    bench.open(1, 5).await?;
    assert_eq!(bench.a.ask_again(again(1)).await?, Some(false), "there is nothing to confirm");
    assert_eq!((bench.rows("links").await, bench.rows("mails").await), (0, 0));
    assert!(bench.a.ask_email(asked(bench, NEW, 2).await?).await?);
    assert_eq!(bench.b.ask_again(again(3)).await?, Some(true));
    assert_eq!(bench.link(2, Purpose::Confirm).await?, Some(LinkState::Expired));
    assert_eq!(bench.link(3, Purpose::Confirm).await?, Some(LinkState::Open));
    let sent = bench.outbox().await?.remove(0);
    assert_eq!((sent.recipient.as_str(), sent.link), (NEW, Some(link_id(3))));
    let dead = AskAgain { who: Asking::Session(key(6, 1)), ..again(4) };
    assert_eq!(bench.b.ask_again(dead).await?, None);
    Ok(())
}

pub(crate) async fn over_the_limit_of_a_recipient_the_former_link_stays(bench: &Bench) -> Outcome {
    bench.register(1).await?;
    bench.open(1, 5).await?;
    for number in 1..=4 {
        let mail = limited(number, Kind::Confirm, "2/1h");
        let asked = AskAgain { mail, ..again(number) };
        assert_eq!(bench.either(usize::from(number > 2)).ask_again(asked).await?, Some(true));
    }
    assert_eq!(bench.rows("mails").await, 2);
    assert_eq!(bench.link(1, Purpose::Confirm).await?, Some(LinkState::Expired));
    assert_eq!(bench.link(2, Purpose::Confirm).await?, Some(LinkState::Open));
    assert_eq!(bench.link(3, Purpose::Confirm).await?, None);
    let sent = bench.outbox().await?.remove(0);
    assert_eq!(sent.recipient, "Person1@Example.org", "the address she has and has not confirmed");
    Ok(())
}

pub(crate) async fn who_may_not_sign_in_yet_asks_by_her_password(bench: &Bench) -> Outcome {
    bench.register(1).await?;
    let cost = cost("1/1h");
    let question = || SignIn { account: Some(cost), ..sign_in(&name(1)) };
    let facts = bench.a.sign_in_facts(question()).await?;
    assert_eq!(facts.verdict, Verdict::Admitted);
    let epoch = facts.credential.expect("the account is there").epoch;
    let refunds = vec![Refund { key: account_key(user_id(1)), step: cost.step }];
    let judged = |epoch| Asking::Judged { user: user_id(1), epoch, refunds: refunds.clone() };
    let late = AskAgain { who: judged(epoch + 1), ..again(1) };
    assert_eq!(bench.b.ask_again(late).await?, None);
    let asked = AskAgain { who: judged(epoch), ..again(2) };
    assert_eq!(bench.b.ask_again(asked).await?, Some(true));
    assert_eq!(bench.link(2, Purpose::Confirm).await?, Some(LinkState::Open));
    let again = bench.a.sign_in_facts(question()).await?;
    assert_eq!(again.verdict, Verdict::Admitted, "the attempt was given back");
    Ok(())
}
