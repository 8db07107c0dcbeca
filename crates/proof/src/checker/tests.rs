//! By hand: good histories pass, and each invariant has a bad one that names the operations.

mod documents;
mod grants;

use std::time::Duration;

use super::story::*;
use super::*;
use crate::history::{
    Counterfeit, Document, Kind, OperationId, Outcome, PasswordNo, Refusal, SessionNo, Trouble,
    UserNo,
};

const ERROR: Outcome = Outcome::Unknown(Trouble::Status { status: 500, retry_after: false });
const WRONG: Outcome = Outcome::Fail(Refusal::Password);

#[test]
fn a_refusal_that_overlaps_a_logout_is_explained_by_it() {
    let (mut story, session) = Story::of_one_user();
    story.tell(READ, Some(session), (2, 3), done());
    story.tell(Kind::Logout, Some(session), (10, 20), done());
    story.tell(READ, Some(session), (11, 12), done());
    story.tell(READ, Some(session), (13, 14), REFUSED);
    story.tell(READ, Some(session), (21, 22), REFUSED);
    story.is_good();
}

#[test]
fn a_session_that_is_refused_before_anything_ended_it_breaks_i1() {
    let (mut story, session) = Story::of_one_user();
    let refused = story.tell(READ, Some(session), (2, 3), REFUSED);
    story.tell(Kind::Logout, Some(session), (4, 5), REFUSED);
    story.breaks(Invariant::I1, &[session.0, refused]);
    assert_eq!((story.report().lost(), story.report().wrong()), (1, 0));
}

#[test]
fn a_token_that_works_after_each_way_to_end_its_session_breaks_i2() {
    let ends = [
        (Kind::Logout, true),
        (Kind::LogoutAll, true),
        (change(1, 2), false),
        (Kind::Lock, false),
        (Kind::LogoutAll, false),
    ];
    for (kind, own) in ends {
        let (mut story, session) = Story::of_one_user();
        let other = SessionNo(story.tell(login(1), None, (2, 3), done()));
        let by = if own { session } else { other };
        let by = (kind != Kind::Lock).then_some(by);
        let end = story.tell(kind.clone(), by, (4, 9), done());
        story.tell(READ, Some(session), (5, 6), done());
        story.is_good();
        let used = story.tell(READ, Some(session), (10, 11), done());
        story.breaks(Invariant::I2, &[end, used]);
    }
    let (mut story, session) = Story::of_one_user();
    let other = SessionNo(story.tell(login(1), None, (2, 3), done()));
    let end = story.tell(Kind::EndSession { target: session }, Some(other), (4, 5), done());
    let used = story.tell(READ, Some(session), (6, 7), done());
    story.breaks(Invariant::I2, &[end, used]);
}

#[test]
fn the_session_that_changes_the_password_goes_on() {
    let (mut story, session) = Story::of_one_user();
    let other = SessionNo(story.tell(login(1), None, (2, 3), done()));
    story.tell(change(1, 2), Some(session), (4, 5), done());
    story.tell(READ, Some(session), (6, 7), done());
    story.tell(READ, Some(other), (6, 7), REFUSED);
    // A second change, by nobody who could end the first one's session twice.
    story.tell(change(2, 3), Some(session), (8, 9), done());
    story.tell(READ, Some(session), (10, 11), done());
    story.is_good();
    let refused = story.tell(READ, Some(session), (12, 13), REFUSED);
    story.breaks(Invariant::I1, &[session.0, refused]);
}

#[test]
fn a_login_under_way_with_an_end_of_all_sessions_may_be_on_either_side_of_it() {
    for outcome in [done(), REFUSED] {
        let (mut story, session) = Story::of_one_user();
        story.tell(Kind::LogoutAll, Some(session), (2, 9), done());
        let late = SessionNo(story.tell(login(1), None, (8, 12), done()));
        story.tell(READ, Some(late), (13, 14), outcome);
        story.is_good();
    }
}

#[test]
fn nobody_signs_in_between_lock_and_unlock() {
    let (mut story, _) = Story::of_one_user();
    let lock = story.tell(Kind::Lock, None, (2, 3), done());
    story.tell(Kind::Unlock, None, (0, 1), done());
    story.tell(login(1), None, (4, 5), Outcome::Fail(Refusal::Locked));
    story.tell(Kind::Unlock, None, (10, 11), TIMEOUT);
    story.tell(login(1), None, (20, 21), done());
    story.is_good();
    let signed_in = story.tell(login(1), None, (5, 6), done());
    story.breaks(Invariant::I2, &[lock, signed_in]);
}

#[test]
fn a_token_that_works_again_after_an_unknown_logout_breaks_i3() {
    let (mut story, session) = Story::of_one_user();
    story.tell(Kind::Logout, Some(session), (2, 3), TIMEOUT);
    story.tell(READ, Some(session), (4, 5), done());
    let refused = story.tell(READ, Some(session), (6, 7), REFUSED);
    story.is_good();
    let used = story.tell(READ, Some(session), (8, 9), done());
    story.breaks(Invariant::I3, &[refused, used]);
}

#[test]
fn an_answer_about_somebody_else_breaks_i4() {
    let (mut story, session) = Story::of_one_user();
    let mine = story.tell(READ, Some(session), (2, 3), about("a"));
    let hers = story.tell_of(UserNo(2), READ, None, (2, 3), about("b"));
    story.is_good();
    let mut swapped = story.clone();
    let wrong = swapped.tell(READ, Some(session), (4, 5), about("b"));
    swapped.breaks(Invariant::I4, &[mine, wrong]);
    let wrong = story.tell_of(UserNo(3), READ, None, (4, 5), about("b"));
    story.breaks(Invariant::I4, &[hers, wrong]);
}

#[test]
fn a_counterfeit_that_works_breaks_i5() {
    let (mut story, _) = Story::of_one_user();
    story.tell(Kind::Forged(Counterfeit::Expired), None, (2, 3), REFUSED);
    story.is_good();
    let forged = story.tell(Kind::Forged(Counterfeit::Mutated), None, (2, 3), done());
    story.breaks(Invariant::I5, &[forged]);
}

#[test]
fn processes_that_disagree_about_a_token_break_i6() {
    let (mut story, session) = Story::of_one_user();
    let read = || Kind::Read { together: Some(1) };
    let accepted = story.tell(read(), Some(session), (20, 30), done());
    let refused = story.tell(read(), Some(session), (20, 30), REFUSED);
    story.breaks(Invariant::I6, &[accepted, refused]);
    // What was over before they asked explains nothing.
    let mut earlier = story.clone();
    let other = SessionNo(earlier.tell(login(1), None, (2, 3), done()));
    earlier.tell(Kind::Logout, Some(other), (4, 5), done());
    earlier.breaks(Invariant::I6, &[accepted, refused]);
    story.tell(Kind::Logout, Some(session), (10, 25), done());
    story.is_good();
}

#[test]
fn an_error_without_a_fault_and_a_wrong_error_during_one_break_i7() {
    let (mut story, session) = Story::of_one_user();
    let busy = Outcome::Unknown(Trouble::Status { status: 503, retry_after: true });
    story.circumstances.faults = Some(vec![
        Fault { from: Nanos(50), to: Nanos(60) },
        Fault { from: Nanos(10), to: Nanos(100) },
    ]);
    story.circumstances.deadline = Some(Duration::from_nanos(50));
    story.tell(READ, Some(session), (5, 11), busy.clone());
    story.tell(READ, Some(session), (90, 110), TIMEOUT);
    story.is_good();
    // What the balancer says about a process is not what the process says.
    let broke_off = Outcome::Unknown(Trouble::Status { status: 502, retry_after: false });
    let said = story.tell(READ, Some(session), (20, 21), broke_off.clone());
    story.is_good();
    let mut by_itself = story.clone();
    for operation in &mut by_itself.history.operations {
        operation.process = Some("p1".to_owned());
    }
    by_itself.breaks(Invariant::I7, &[said]);
    let broken = [
        (broke_off, (101, 102)),
        (busy.clone(), (101, 102)),
        (TIMEOUT, (1, 9)),
        (ERROR, (20, 21)),
        (busy, (20, 90)),
    ];
    for (outcome, times) in broken {
        let mut story = story.clone();
        let wrong = story.tell(READ, Some(session), times, outcome);
        story.breaks(Invariant::I7, &[wrong]);
    }
}

#[test]
fn an_old_password_that_works_and_a_new_one_that_does_not_break_i8() {
    let (mut story, session) = Story::of_one_user();
    let changed = story.tell(change(1, 2), Some(session), (2, 10), done());
    story.tell(login(1), None, (3, 4), done());
    story.tell(login(2), None, (3, 4), WRONG);
    story.tell(login(1), None, (11, 12), WRONG);
    story.tell(login(2), None, (11, 12), done());
    story.is_good();
    let mut old = story.clone();
    let used = old.tell(login(1), None, (13, 14), Outcome::Fail(Refusal::Locked));
    old.breaks(Invariant::I8, &[changed, used]);
    let mut never = story.clone();
    let used = never.tell(login(3), None, (13, 14), done());
    never.breaks(Invariant::I8, &[used]);
    let refused = story.tell(login(2), None, (13, 14), WRONG);
    story.breaks(Invariant::I8, &[changed, refused]);
}

#[test]
fn a_password_of_an_unknown_change_works_from_its_first_success_on() {
    let (mut story, session) = Story::of_one_user();
    story.tell(change(1, 2), Some(session), (2, 3), TIMEOUT);
    story.tell(login(2), None, (4, 5), WRONG);
    story.tell(login(1), None, (6, 7), done());
    let first = story.tell(login(2), None, (8, 9), done());
    story.is_good();
    let refused = story.tell(login(2), None, (10, 11), WRONG);
    story.breaks(Invariant::I8, &[first, refused]);
}

#[test]
fn more_wrong_passwords_than_the_limit_allows_break_i10() {
    let (mut story, _) = Story::of_one_user();
    story.circumstances.ceiling = Some(Ceiling { count: 3, period: Duration::from_nanos(300) });
    let first = story.tell(login(9), None, (100, 110), WRONG);
    for _ in 0..2 {
        story.tell(login(9), None, (101, 111), WRONG);
    }
    story.tell(login(9), None, (101, 111), Outcome::Fail(Refusal::Limited));
    story.tell(login(9), None, (150, 200), WRONG);
    story.is_good();
    let last = story.tell(login(9), None, (190, 199), WRONG);
    let report = story.report();
    assert_eq!(report.violations(Invariant::I10).len(), 1, "{report}");
    assert!(report.violations(Invariant::I10)[0].operations.contains(&first), "{report} {last}");
}

#[test]
fn a_name_that_is_given_twice_or_has_no_account_breaks_i11() {
    let (mut story, session) = Story::of_one_user();
    let again = || Kind::Register { name: "Ada".to_owned(), password: PasswordNo(7) };
    let taken = Outcome::Fail(Refusal::Other { status: 409, code: "username_taken".to_owned() });
    story.tell_of(UserNo(2), again(), None, (2, 3), taken);
    let account = |id: &str| Account { id: id.to_owned(), name: "ada".to_owned() };
    story.is_good();
    let mut twice = story.clone();
    let second = twice.tell_of(UserNo(3), again(), None, (2, 3), done());
    twice.breaks(Invariant::I11, &[session.0, second]);
    for accounts in [vec![], vec![account("a"), account("b")]] {
        story.circumstances.aftermath = Some(Aftermath { accounts, ..Aftermath::default() });
        story.breaks(Invariant::I11, &[session.0, OperationId(2)]);
    }
}

#[test]
fn an_operation_without_its_one_audit_row_breaks_i12() {
    let row = |event: &str, request: Option<&str>| AuditRow {
        event: event.to_owned(),
        user: "a".to_owned(),
        request_id: request.map(str::to_owned),
    };
    let (mut story, session) = Story::of_one_user();
    let logout = story.tell(Kind::Logout, Some(session), (2, 3), done());
    let refused = story.tell(Kind::Logout, Some(session), (4, 5), REFUSED);
    story.tell_of(UserNo(2), login(1), None, (4, 5), TIMEOUT);
    let lock = story.tell_of(UserNo(2), Kind::Lock, None, (6, 7), about("a"));
    let good = vec![
        row("user.registered", Some("run-1")),
        row("session.ended", Some("run-2")),
        row("user.locked", None),
        row("session.ended", Some("elsewhere-3")),
    ];
    let with = |rows: Vec<AuditRow>| {
        let mut story = story.clone();
        let accounts = vec![Account { id: "a".to_owned(), name: "ada".to_owned() }];
        let aftermath = Aftermath { audit_rows: rows, accounts, ..Aftermath::default() };
        story.circumstances.aftermath = Some(aftermath);
        story
    };
    with(good.clone()).is_good();
    with(vec![good[0].clone(), good[2].clone()]).breaks(Invariant::I12, &[logout]);
    with([&good[..], &good[1..2]].concat()).breaks(Invariant::I12, &[logout]);
    with(good[..2].to_vec()).breaks(Invariant::I12, &[lock]);
    let stray = [&good[..], &[row("session.ended", Some("run-3"))]].concat();
    with(stray).breaks(Invariant::I12, &[refused]);
    let stray = [&good[..], &[row("session.ended", Some("run-77"))]].concat();
    with(stray).breaks(Invariant::I12, &[OperationId(77)]);
}

#[test]
fn orphans_and_broken_constraints_break_i15() {
    let (mut story, _) = Story::of_one_user();
    let accounts = vec![Account { id: "a".to_owned(), name: "ada".to_owned() }];
    let row = AuditRow {
        event: "user.registered".to_owned(),
        user: "a".to_owned(),
        request_id: Some("run-1".to_owned()),
    };
    let whole =
        Aftermath { accounts, audit_rows: vec![row], rows_examined: 9, ..Aftermath::default() };
    story.circumstances.aftermath = Some(whole.clone());
    story.is_good();
    story.circumstances.aftermath = Some(Aftermath {
        orphans: vec!["session x of no user".to_owned()],
        broken_constraints: vec!["check".to_owned()],
        ..whole
    });
    let found = story.report();
    assert_eq!(found.violations(Invariant::I15).len(), 2);
    assert!(found.to_string().contains("session x of no user"), "{found}");
}

#[test]
fn what_nothing_bears_on_is_not_called_held_and_nothing_is_called_certain() {
    let (mut story, session) = Story::of_one_user();
    story.tell(READ, Some(session), (2, 3), done());
    let report = story.report();
    let verdict = |invariant| {
        report.judgements.iter().find(|j| j.invariant == invariant).map(|j| j.verdict.clone())
    };
    assert_eq!(verdict(Invariant::I1), Some(Verdict::Held));
    for open in [
        Invariant::I2,
        Invariant::I5,
        Invariant::I7,
        Invariant::I9,
        Invariant::I12,
        Invariant::I13,
        Invariant::I14,
    ] {
        assert!(matches!(verdict(open), Some(Verdict::NotJudged(_))), "{open:?}");
    }
    let text = report.to_string();
    assert!(
        text.contains("I1   no violation in 1: at most 3.00e0 (3/1) with 95 % confidence"),
        "{text}"
    );
    assert!(!text.contains("100 %"), "{text}");
}
