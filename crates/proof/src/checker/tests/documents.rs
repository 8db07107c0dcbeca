//! I16 by hand.

use super::*;
use Document::{Empty, Whole};

/// Two writes, the second on condition, and what came of them.
fn written() -> (Story, SessionNo, OperationId, OperationId) {
    let (mut story, session) = Story::of_one_user();
    story.tell(READ, Some(session), (2, 3), saw(1, Empty));
    let first = story.tell(write(100, None), Some(session), (4, 5), saw(2, Whole(100)));
    let second = story.tell(write(200, Some(2)), Some(session), (6, 7), saw(3, Whole(200)));
    story.tell(write(300, Some(2)), Some(session), (8, 9), Outcome::Fail(Refusal::Stale));
    story.is_good();
    (story, session, first, second)
}

#[test]
fn an_acknowledged_write_that_is_not_read_breaks_i16() {
    let (mut story, session, first, second) = written();
    let mut older = story.clone();
    let read = older.tell(READ, Some(session), (10, 11), saw(2, Whole(100)));
    older.breaks(Invariant::I16, &[second, read]);
    let read = story.tell(READ, Some(session), (10, 11), saw(3, Whole(100)));
    story.breaks(Invariant::I16, &[first, second, read]);
}

#[test]
fn a_document_that_nobody_or_another_sent_or_is_torn_breaks_i16() {
    for shown in [Whole(999), Document::Torn("{".to_owned()), Empty, Whole(300)] {
        let (mut story, session, _, second) = written();
        let read = story.tell(READ, Some(session), (10, 11), saw(3, shown.clone()));
        let mut named = vec![read];
        if shown == Empty {
            named.insert(0, second);
        }
        if shown == Whole(300) {
            named.insert(0, OperationId(5));
        }
        story.breaks(Invariant::I16, &named);
    }
}

#[test]
fn two_writes_of_one_version_break_i16() {
    let (mut story, session, _, second) = written();
    let lost = story.tell(write(400, None), Some(session), (6, 7), saw(3, Whole(400)));
    story.breaks(Invariant::I16, &[second, lost]);
}

#[test]
fn a_write_over_another_version_than_it_named_breaks_i16() {
    let (mut story, session, ..) = written();
    let wrong = story.tell(write(400, Some(2)), Some(session), (10, 11), saw(4, Whole(400)));
    story.breaks(Invariant::I16, &[wrong]);
}

#[test]
fn a_refusal_of_the_stored_version_breaks_i16() {
    let (mut story, session, ..) = written();
    let stale = Outcome::Fail(Refusal::Stale);
    let wrong = story.tell(write(400, Some(3)), Some(session), (20, 30), stale);
    story.breaks(Invariant::I16, &[wrong]);
    story.tell(write(500, None), Some(session), (25, 35), saw(4, Whole(500)));
    story.is_good();
}

#[test]
fn an_unknown_write_may_be_seen_late_or_never_but_only_once() {
    let (mut story, session, ..) = written();
    let unknown = story.tell(write(400, None), Some(session), (10, 11), TIMEOUT);
    story.tell(READ, Some(session), (12, 13), saw(3, Whole(200)));
    story.is_good();
    let seen = story.tell(READ, Some(session), (14, 15), saw(4, Whole(400)));
    story.is_good();
    let mut elsewhere = story.clone();
    let again = elsewhere.tell(READ, Some(session), (16, 17), saw(5, Whole(400)));
    assert!(!elsewhere.report().violations(Invariant::I16).is_empty(), "{again}");
    let back = story.tell(READ, Some(session), (16, 17), saw(3, Whole(200)));
    story.breaks(Invariant::I16, &[seen, back]);
    assert_ne!(unknown, back);
}

#[test]
fn a_version_that_nobody_can_have_made_breaks_i16() {
    let (mut story, session, ..) = written();
    let far = story.tell(write(400, None), Some(session), (10, 11), saw(5, Whole(400)));
    story.breaks(Invariant::I16, &[far]);
    // One without an answer fills the gap if it had begun, and if its condition fits.
    let mut filled = story.clone();
    filled.tell(write(500, None), Some(session), (9, 10), TIMEOUT);
    filled.is_good();
    let mut too_late = story.clone();
    too_late.tell(write(500, None), Some(session), (12, 13), TIMEOUT);
    too_late.breaks(Invariant::I16, &[far]);
    let mut fits = story.clone();
    fits.tell(write(500, Some(3)), Some(session), (9, 10), TIMEOUT);
    fits.is_good();
    story.tell(write(500, Some(7)), Some(session), (9, 10), TIMEOUT);
    story.breaks(Invariant::I16, &[far]);
}

#[test]
fn a_write_that_was_seen_before_it_began_breaks_i16() {
    let (mut story, session, ..) = written();
    let seen = story.tell(READ, Some(session), (10, 11), saw(4, Whole(400)));
    let late = story.tell(write(400, None), Some(session), (12, 13), TIMEOUT);
    story.breaks(Invariant::I16, &[seen, late]);
}
