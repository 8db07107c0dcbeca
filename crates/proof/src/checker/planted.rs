//! One violation of each kind, planted into a good history, for tests.

use std::time::Duration;

use super::simulated::the_end;
use super::story::{READ, REFUSED, Story, about, done, login, saw, write};
use super::{Ceiling, Invariant};
use crate::generator::Random;
use crate::history::{
    Counterfeit, Document, Kind, Operation, Outcome, PasswordNo, Refusal, SessionNo, Trouble,
    UserNo,
};

/// Alters a history; false where it offers no place for that.
type Plant = fn(&mut Story, &mut Random) -> bool;

/// What can be planted, and into which invariant it goes.
pub(super) const ALL: &[(Invariant, Plant)] = &[
    (Invariant::I1, a_lost_session),
    (Invariant::I2, a_session_after_its_logout),
    (Invariant::I3, a_session_after_its_refusal),
    (Invariant::I4, an_answer_about_another),
    (Invariant::I5, an_accepted_counterfeit),
    (Invariant::I6, a_disagreement),
    (Invariant::I7, a_bare_error),
    (Invariant::I8, an_old_password),
    (Invariant::I8, a_refused_new_password),
    (Invariant::I10, a_flood),
    (Invariant::I11, a_name_given_twice),
    (Invariant::I12, a_missing_row),
    (Invariant::I12, a_second_row),
    (Invariant::I15, an_orphan),
    (Invariant::I16, a_dropped_write),
    (Invariant::I16, a_flipped_read),
    (Invariant::I16, a_lost_update),
    (Invariant::I16, an_accepted_stale_write),
];

fn find(
    story: &Story,
    random: &mut Random,
    suits: impl Fn(&Operation) -> bool,
) -> Option<Operation> {
    let all: Vec<_> = story.history.operations.iter().filter(|o| suits(o)).cloned().collect();
    random.pick(&all).cloned()
}

/// A session of a user of whom nothing else is known, so that nothing else explains what it meets.
fn newcomer(story: &mut Story) -> (UserNo, SessionNo, u64) {
    let (user, now) = (UserNo(99), the_end(story));
    let session = story.tell_of(user, login(77_777), None, (now, now + 1), done());
    (user, SessionNo(session), now + 2)
}

fn a_lost_session(story: &mut Story, _: &mut Random) -> bool {
    let (user, session, now) = newcomer(story);
    story.tell_of(user, READ, Some(session), (now, now + 1), REFUSED);
    true
}

fn a_session_after_its_logout(story: &mut Story, random: &mut Random) -> bool {
    let Some(end) = find(story, random, |o| o.kind == Kind::Logout && o.is_ok()) else {
        return false;
    };
    let begin = end.ret.0 + 1 + random.below(100);
    story.tell_of(end.user, READ, end.session, (begin, begin + 5), done());
    true
}

fn a_session_after_its_refusal(story: &mut Story, random: &mut Random) -> bool {
    let suits = |o: &Operation| o.session.is_some() && o.is_refused();
    let Some(refused) = find(story, random, suits) else { return false };
    let begin = refused.ret.0 + 1 + random.below(100);
    story.tell_of(refused.user, READ, refused.session, (begin, begin + 5), done());
    true
}

fn an_answer_about_another(story: &mut Story, random: &mut Random) -> bool {
    let suits = |o: &Operation| o.seen().is_some_and(|seen| seen.user.is_some());
    let Some(read) = find(story, random, suits) else { return false };
    let other = find(story, random, |o| suits(o) && o.user != read.user);
    let Some(id) = other.and_then(|other| other.seen()?.user.clone()) else { return false };
    story.tell_of(read.user, READ, None, (1, 2), about(&id));
    true
}

fn an_accepted_counterfeit(story: &mut Story, random: &mut Random) -> bool {
    let Some(any) = find(story, random, |_| true) else { return false };
    story.tell_of(
        any.user,
        Kind::Forged(Counterfeit::OtherKey),
        None,
        (any.invoke.0, any.ret.0),
        done(),
    );
    true
}

fn a_disagreement(story: &mut Story, _: &mut Random) -> bool {
    let (user, session, now) = newcomer(story);
    for outcome in [done(), REFUSED] {
        let kind = Kind::Read { together: Some(u64::MAX) };
        story.tell_of(user, kind, Some(session), (now, now + 1), outcome);
    }
    true
}

fn a_bare_error(story: &mut Story, random: &mut Random) -> bool {
    let Some(any) = find(story, random, |_| true) else { return false };
    let error = Outcome::Unknown(Trouble::Status { status: 500, retry_after: true });
    story.tell_of(any.user, READ, None, (any.invoke.0, any.ret.0), error);
    true
}

fn an_old_password(story: &mut Story, random: &mut Random) -> bool {
    let suits = |o: &Operation| matches!(o.kind, Kind::PasswordChange { .. }) && o.is_ok();
    let Some(changed) = find(story, random, suits) else { return false };
    let Kind::PasswordChange { old, .. } = changed.kind else { return false };
    let begin = changed.ret.0 + 1 + random.below(100);
    story.tell_of(changed.user, login(old.0), None, (begin, begin + 5), done());
    true
}

fn a_refused_new_password(story: &mut Story, random: &mut Random) -> bool {
    let now = the_end(story);
    let suits = |o: &Operation| matches!(o.kind, Kind::Register { .. }) && o.is_ok();
    let Some(registered) = find(story, random, suits) else { return false };
    let new = 88_888;
    let kind = Kind::PasswordChange { old: PasswordNo(66_666), new: PasswordNo(new) };
    story.tell_of(registered.user, kind, None, (now, now + 1), done());
    let wrong = Outcome::Fail(Refusal::Password);
    story.tell_of(registered.user, login(new), None, (now + 2, now + 3), wrong);
    true
}

fn a_flood(story: &mut Story, random: &mut Random) -> bool {
    let Some(any) = find(story, random, |_| true) else { return false };
    let count = 1_000;
    story.circumstances.ceiling =
        Some(Ceiling { count, period: Duration::from_secs(count.into()) });
    for _ in 0..=count {
        let times = (any.invoke.0, any.ret.0);
        story.history.operations.push(Operation {
            kind: login(99_999),
            outcome: Outcome::Fail(Refusal::Password),
            session: None,
            invoke: crate::history::Nanos(times.0),
            ret: crate::history::Nanos(times.1),
            ..any.clone()
        });
    }
    true
}

fn a_name_given_twice(story: &mut Story, random: &mut Random) -> bool {
    let suits = |o: &Operation| matches!(o.kind, Kind::Register { .. }) && o.is_ok();
    let Some(first) = find(story, random, suits) else { return false };
    let now = the_end(story);
    story.tell_of(first.user, first.kind.clone(), None, (now, now + 1), done());
    true
}

fn a_missing_row(story: &mut Story, random: &mut Random) -> bool {
    let suits = |o: &Operation| matches!(o.kind, Kind::Login { .. } | Kind::Logout) && o.is_ok();
    let Some(operation) = find(story, random, suits) else { return false };
    let request = story.history.run.request_id(operation.id);
    let Some(aftermath) = &mut story.circumstances.aftermath else { return false };
    aftermath.audit_rows.retain(|row| row.request_id.as_ref() != Some(&request));
    true
}

fn a_second_row(story: &mut Story, random: &mut Random) -> bool {
    let Some(aftermath) = &mut story.circumstances.aftermath else { return false };
    let Some(row) = random.pick(&aftermath.audit_rows).cloned() else { return false };
    // An operator's row too many could be that of a command without an answer.
    let by_request = row.request_id.is_some();
    aftermath.audit_rows.push(row);
    by_request
}

fn an_orphan(story: &mut Story, _: &mut Random) -> bool {
    let Some(aftermath) = &mut story.circumstances.aftermath else { return false };
    aftermath.orphans.push("a session of nobody".to_owned());
    true
}

fn written(o: &Operation) -> bool {
    matches!(o.kind, Kind::Write { .. }) && o.is_ok()
}

fn version_of(operation: &Operation) -> u64 {
    operation.seen().and_then(|seen| seen.version).unwrap_or_default()
}

/// As if an acknowledged write had never been: who reads afterwards finds what was there before.
fn a_dropped_write(story: &mut Story, random: &mut Random) -> bool {
    let Some(lost) = find(story, random, written) else { return false };
    let before = version_of(&lost) - 1;
    let suits = |o: &Operation| written(o) && o.user == lost.user && version_of(o) == before;
    let Some(older) = find(story, random, suits) else { return false };
    let Kind::Write { value, .. } = older.kind else { return false };
    let begin = lost.ret.0 + 1;
    story.tell_of(lost.user, READ, None, (begin, begin + 1), saw(before, Document::Whole(value)));
    true
}

fn a_flipped_read(story: &mut Story, random: &mut Random) -> bool {
    let all: Vec<usize> = (0..story.history.operations.len())
        .filter(|at| {
            let seen = story.history.operations[*at].seen();
            seen.is_some_and(|seen| matches!(seen.document, Some(Document::Whole(_))))
        })
        .collect();
    let Some(&at) = random.pick(&all) else { return false };
    if let Outcome::Ok(seen) = &mut story.history.operations[at].outcome {
        seen.document = Some(Document::Whole(u64::MAX));
    }
    true
}

fn a_lost_update(story: &mut Story, random: &mut Random) -> bool {
    let Some(first) = find(story, random, written) else { return false };
    let version = version_of(&first);
    let times = (first.invoke.0, first.ret.0);
    let outcome = saw(version, Document::Whole(1_000_000));
    story.tell_of(first.user, write(1_000_000, None), None, times, outcome);
    true
}

fn an_accepted_stale_write(story: &mut Story, random: &mut Random) -> bool {
    let Some(latest) = find(story, random, written) else { return false };
    let newest = story.history.operations.iter().filter(|o| o.user == latest.user).map(version_of);
    let newest = newest.max().unwrap_or_default();
    let now = the_end(story);
    let outcome = saw(newest + 1, Document::Whole(1_000_000));
    story.tell_of(latest.user, write(1_000_000, Some(newest - 1)), None, (now, now + 1), outcome);
    true
}
