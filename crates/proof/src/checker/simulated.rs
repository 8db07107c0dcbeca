//! Histories of a correct server, for tests: each operation takes effect at one random instant between
//! its invocation and its return; one without an answer also later, or never.

use std::collections::{BTreeMap, BTreeSet};

use super::story::{REFUSED, Story, TIMEOUT, done};
use super::{Account, Aftermath, AuditRow};
use crate::generator::Random;
use crate::history::{
    Counterfeit, Document, Kind, Nanos, OperationId, Outcome, PasswordNo, Refusal, Seen, SessionNo,
    Trouble, UserNo,
};

const USERS: u64 = 3;

#[derive(Clone, Default)]
struct User {
    registered: bool,
    locked: bool,
    password: u32,
    version: u64,
    document: Option<u64>,
    live: BTreeSet<SessionNo>,
}

struct Server {
    random: Random,
    users: BTreeMap<UserNo, User>,
    /// What clients know: sessions and their users, with the instant since when.
    sessions: Vec<(SessionNo, UserNo, u64)>,
    passwords: u32,
    together: Option<(u64, SessionNo, UserNo)>,
    aftermath: Aftermath,
}

/// A good history of `steps` operations.
pub(super) fn story(seed: u64, steps: u64) -> Story {
    let mut random = Random::new(seed);
    let mut plan: Vec<(u64, u64, u64)> = (0..steps)
        .map(|step| {
            let invoke = 10 * step + random.below(10);
            let point = invoke + 1 + random.below(60);
            (invoke, point, point + 1 + random.below(60))
        })
        .collect();
    plan.sort_by_key(|(_, point, _)| *point);
    let mut server = Server {
        random,
        users: (0..USERS)
            .map(|user| (UserNo(user as u32), User { version: 1, ..User::default() }))
            .collect(),
        sessions: Vec::new(),
        passwords: 0,
        together: None,
        aftermath: Aftermath { rows_examined: 1, ..Aftermath::default() },
    };
    let mut story = Story::new();
    for (number, (invoke, _, ret)) in (1..).zip(plan) {
        server.step(&mut story, number, (invoke, ret));
    }
    story.disturbed_throughout();
    story.circumstances.aftermath = Some(server.aftermath);
    story
}

impl Server {
    fn step(&mut self, story: &mut Story, number: u64, (invoke, ret): (u64, u64)) {
        let (user, session, kind) = self.choose(number, invoke);
        let id = OperationId(number);
        let answered = !self.random.once_in(10);
        let happens = answered || self.random.once_in(2);
        let outcome = if happens { self.perform(id, user, session, &kind) } else { TIMEOUT };
        let (outcome, ret) = if answered {
            (outcome, ret)
        } else {
            let trouble = Trouble::Status { status: 503, retry_after: true };
            let ret = invoke + 1 + self.random.below(100);
            (if self.random.once_in(2) { TIMEOUT } else { Outcome::Unknown(trouble) }, ret)
        };
        let opens = matches!(kind, Kind::Login { .. } | Kind::Register { .. });
        if opens && matches!(outcome, Outcome::Ok(_)) {
            self.sessions.push((SessionNo(id), user, ret));
        }
        let told = story.tell_of(user, kind, session, (invoke, ret), outcome);
        assert_eq!(told, id);
    }

    fn choose(&mut self, number: u64, invoke: u64) -> (UserNo, Option<SessionNo>, Kind) {
        let user = UserNo(self.random.below(USERS) as u32);
        let old = self.users[&user].password;
        let guess = if self.random.once_in(4) {
            self.random.below(u64::from(self.passwords) + 1) as u32
        } else {
            old
        };
        if !self.users[&user].registered || self.random.once_in(60) {
            self.passwords += 1;
            let password = PasswordNo(self.passwords);
            return (user, None, Kind::Register { name: format!("run-{}", user.0), password });
        }
        match self.random.below(80) {
            0 => return (user, None, Kind::Lock),
            1..8 => return (user, None, Kind::Unlock),
            8..16 => return (user, None, Kind::Login { password: PasswordNo(guess) }),
            16 => return (user, None, Kind::Forged(Counterfeit::Mutated)),
            _ => {}
        }
        let known: Vec<_> =
            self.sessions.iter().filter(|(_, _, since)| *since < invoke).copied().collect();
        let alive = |(session, user, _): &&(SessionNo, UserNo, u64)| {
            self.users[user].live.contains(session)
        };
        let living: Vec<_> = known.iter().filter(alive).copied().collect();
        let known = if living.is_empty() || self.random.once_in(4) { known } else { living };
        let recent = &known[known.len().saturating_sub(12)..];
        let Some(&(session, user, _)) = self.random.pick(recent) else {
            return (user, None, Kind::Login { password: PasswordNo(guess) });
        };
        let old = self.users[&user].password;
        let kind = match self.random.below(30) {
            0 => Kind::Logout,
            1 if self.random.once_in(2) => Kind::LogoutAll,
            2 => {
                let others: Vec<_> = recent.iter().filter(|(_, owner, _)| *owner == user).collect();
                let target = self.random.pick(&others).map_or(session, |other| other.0);
                Kind::EndSession { target }
            }
            3 => {
                self.passwords += 1;
                let old = if self.random.once_in(4) { guess } else { old };
                Kind::PasswordChange { old: PasswordNo(old), new: PasswordNo(self.passwords) }
            }
            4 => Kind::List,
            5 => {
                self.together = Some((number, session, user));
                Kind::Read { together: Some(number) }
            }
            6..8 => match self.together {
                Some((group, session, user)) if known.iter().any(|(one, _, _)| *one == session) => {
                    return (user, Some(session), Kind::Read { together: Some(group) });
                }
                _ => Kind::List,
            },
            8..20 => {
                let version = self.users[&user].version.saturating_sub(self.random.below(2));
                Kind::Write { value: number, if_match: self.random.once_in(2).then_some(version) }
            }
            _ => Kind::Read { together: None },
        };
        (user, Some(session), kind)
    }

    fn perform(
        &mut self,
        id: OperationId,
        number: UserNo,
        session: Option<SessionNo>,
        kind: &Kind,
    ) -> Outcome {
        let Some(user) = self.users.get_mut(&number) else { return REFUSED };
        if session.is_some_and(|session| !user.live.contains(&session)) {
            return REFUSED;
        }
        let outcome = user.answer(id, number, session, kind);
        if let Outcome::Ok(_) = outcome {
            if let Kind::Register { name, .. } = kind {
                let account = Account { id: id_of(number), name: name.clone() };
                self.aftermath.accounts.push(account);
            }
            self.note(id, number, kind);
        }
        outcome
    }

    fn note(&mut self, id: OperationId, user: UserNo, kind: &Kind) {
        let event = match kind {
            Kind::Register { .. } => "user.registered",
            Kind::Login { .. } => "session.opened",
            Kind::PasswordChange { .. } => "password.changed",
            Kind::Logout => "session.ended",
            Kind::LogoutAll => "session.all_ended",
            Kind::EndSession { .. } => "session.revoked",
            Kind::Lock => "user.locked",
            Kind::Unlock => "user.unlocked",
            _ => return,
        };
        let by_operator = matches!(kind, Kind::Lock | Kind::Unlock);
        self.aftermath.audit_rows.push(AuditRow {
            event: event.to_owned(),
            user: id_of(user),
            request_id: (!by_operator).then(|| format!("run-{}", id.0)),
        });
    }
}

fn id_of(user: UserNo) -> String {
    format!("id-{}", user.0)
}

impl User {
    fn answer(
        &mut self,
        id: OperationId,
        number: UserNo,
        session: Option<SessionNo>,
        kind: &Kind,
    ) -> Outcome {
        match *kind {
            Kind::Register { .. } if self.registered => {
                return Outcome::Fail(Refusal::Other {
                    status: 409,
                    code: "username_taken".to_owned(),
                });
            }
            Kind::Register { password, .. } => {
                self.registered = true;
                self.password = password.0;
                self.live.insert(SessionNo(id));
            }
            Kind::Login { password } if password.0 != self.password => {
                return Outcome::Fail(Refusal::Password);
            }
            Kind::Login { .. } if self.locked => return Outcome::Fail(Refusal::Locked),
            Kind::Login { .. } => drop(self.live.insert(SessionNo(id))),
            Kind::Read { .. } => return self.shown(number),
            Kind::List => return done(),
            Kind::Write { if_match: Some(matched), .. } if matched != self.version => {
                return Outcome::Fail(Refusal::Stale);
            }
            Kind::Write { value, .. } => {
                self.version += 1;
                self.document = Some(value);
                return self.shown(number);
            }
            Kind::PasswordChange { old, .. } if old.0 != self.password => {
                return Outcome::Fail(Refusal::Password);
            }
            Kind::PasswordChange { new, .. } => {
                self.password = new.0;
                self.live.retain(|live| Some(*live) == session);
            }
            Kind::Logout => self.live.retain(|live| Some(*live) != session),
            Kind::LogoutAll => self.live.clear(),
            Kind::EndSession { target } if self.live.remove(&target) => {}
            Kind::EndSession { .. } => return Outcome::Fail(Refusal::NoSuchSession),
            Kind::Lock => {
                self.locked = true;
                self.live.clear();
            }
            Kind::Unlock => self.locked = false,
            Kind::Forged(_) => return REFUSED,
            // Applications have histories of their own.
            Kind::Authorize
            | Kind::Redeem { .. }
            | Kind::Refresh { .. }
            | Kind::UserInfo { .. }
            | Kind::Keys => {}
        }
        done()
    }

    fn shown(&self, number: UserNo) -> Outcome {
        let document = self.document.map_or(Document::Empty, Document::Whole);
        Outcome::Ok(Seen {
            user: Some(id_of(number)),
            version: Some(self.version),
            document: Some(document),
            ..Seen::default()
        })
    }
}

/// After all of a history.
pub(super) fn the_end(story: &Story) -> u64 {
    let last = story.history.operations.iter().map(|operation| operation.ret.max(operation.invoke));
    last.max().map_or(0, |Nanos(last)| last + 1000)
}
