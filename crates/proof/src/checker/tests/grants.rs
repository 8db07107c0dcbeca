//! I9, I13 and I14 by hand: what applications are given.

use std::time::Duration;

use super::*;
use crate::checker::Published;
use crate::history::{Nanos, Seen, TokenNo};

const GONE: Outcome = Outcome::Fail(Refusal::Grant);

fn gave(token: u64, key: &str) -> Outcome {
    let signed_by = Some(key.to_owned());
    Outcome::Ok(Seen { token: Some(TokenNo(token)), signed_by, ..Seen::default() })
}

fn shows(keys: &[&str]) -> Outcome {
    let keys = keys.iter().map(|key| (*key).to_owned()).collect();
    Outcome::Ok(Seen { keys, ..Seen::default() })
}

fn refresh(grant: OperationId, token: u64) -> Kind {
    Kind::Refresh { grant, token: TokenNo(token) }
}

/// A user, a code of hers, and the grant that it became, with refresh token 1.
fn granted() -> (Story, SessionNo, OperationId, OperationId) {
    let (mut story, session) = Story::of_one_user();
    let code = story.tell(Kind::Authorize, Some(session), (2, 3), done());
    let grant = story.tell(Kind::Redeem { code }, None, (4, 9), gave(1, "k"));
    (story, session, code, grant)
}

#[test]
fn a_code_that_two_redeem_breaks_i14() {
    let (mut story, _, code, grant) = granted();
    story.tell(Kind::Redeem { code }, None, (4, 9), GONE);
    story.tell(Kind::Redeem { code }, None, (5, 9), TIMEOUT);
    story.is_good();
    let second = story.tell(Kind::Redeem { code }, None, (5, 8), gave(2, "k"));
    story.breaks(Invariant::I14, &[grant, second]);
}

#[test]
fn a_token_with_two_successors_breaks_i9() {
    let (mut story, _, _, grant) = granted();
    let first = story.tell(refresh(grant, 1), None, (10, 20), gave(2, "k"));
    story.tell(refresh(grant, 1), None, (11, 21), gave(2, "k"));
    story.tell(refresh(grant, 1), None, (12, 22), TIMEOUT);
    story.is_good();
    let fork = story.tell(refresh(grant, 1), None, (13, 23), gave(3, "k"));
    story.breaks(Invariant::I9, &[first, fork]);
}

#[test]
fn a_token_that_is_good_after_its_successor_was_used_breaks_i9() {
    let (mut story, _, _, grant) = granted();
    story.tell(refresh(grant, 1), None, (10, 20), gave(2, "k"));
    let turned = story.tell(refresh(grant, 2), None, (21, 30), gave(3, "k"));
    // Asked for before the turn was answered, it may have come first.
    story.tell(refresh(grant, 1), None, (29, 40), gave(2, "k"));
    story.is_good();
    let replayed = story.tell(refresh(grant, 1), None, (31, 40), gave(2, "k"));
    story.breaks(Invariant::I9, &[turned, replayed]);
}

#[test]
fn a_grant_that_is_good_after_it_was_refused_breaks_i9() {
    let (mut story, _, _, grant) = granted();
    story.tell(refresh(grant, 1), None, (10, 20), gave(2, "k"));
    story.tell(refresh(grant, 2), None, (21, 30), gave(3, "k"));
    let refused = story.tell(refresh(grant, 1), None, (31, 40), GONE);
    story.tell(Kind::UserInfo { grant }, None, (35, 45), done());
    story.tell(Kind::UserInfo { grant }, None, (41, 45), GONE);
    story.is_good();
    let used = story.tell(Kind::UserInfo { grant }, None, (46, 47), done());
    story.breaks(Invariant::I9, &[refused, used]);
}

#[test]
fn a_grant_that_is_refused_though_nothing_ended_it_breaks_i9() {
    let ends: [(Kind, bool); 4] = [
        (Kind::Logout, true),
        (Kind::Lock, false),
        (Kind::LogoutAll, true),
        (Kind::Redeem { code: OperationId(2) }, false),
    ];
    for (end, by_session) in ends {
        let (mut story, session, _, grant) = granted();
        let outcome = match end {
            Kind::Redeem { .. } => GONE,
            _ => done(),
        };
        story.tell(end, by_session.then_some(session), (10, 30), outcome);
        story.tell(refresh(grant, 1), None, (15, 20), GONE);
        story.is_good();
    }
    let (mut story, _, _, grant) = granted();
    story.tell(Kind::UserInfo { grant }, None, (10, 20), done());
    let refused = story.tell(refresh(grant, 1), None, (21, 30), GONE);
    story.breaks(Invariant::I9, &[grant, refused]);
    // A minute later it may have ended by itself.
    let (mut story, _, _, grant) = granted();
    let late = 120_000_000_000;
    story.tell(refresh(grant, 1), None, (late, late + 1), GONE);
    story.is_good();
}

#[test]
fn a_key_that_signs_and_is_not_published_breaks_i13() {
    let (mut story, ..) = granted();
    let (before, after) = (Duration::from_nanos(3), Duration::from_nanos(10));
    story.circumstances.published = Some(Published { before, after });
    // The redemption was answered at 9, and signed at 4 at the earliest.
    story.tell(Kind::Keys, None, (5, 5), shows(&["older"]));
    story.tell(Kind::Keys, None, (15, 15), shows(&["newer"]));
    story.tell(Kind::Keys, None, (6, 7), shows(&["older", "k"]));
    story.is_good();
    let signed = OperationId(3);
    for at in [6, 9, 14] {
        let mut story = story.clone();
        let read = story.tell(Kind::Keys, None, (at, at), shows(&["older"]));
        story.breaks(Invariant::I13, &[signed, read]);
    }
    story.circumstances.published = None;
    story.tell(Kind::Keys, None, (9, 9), shows(&[]));
    story.is_good();
    assert_eq!(Nanos(9), story.history.operations[2].ret);
}
