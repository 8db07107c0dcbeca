//! What one user knows: tokens, passwords, and the version of the document last seen. It is a client's
//! knowledge, so it may be out of date; nothing is judged by it.

use crate::history::{Operation, Outcome, PasswordNo, Run, SessionNo, UserNo};

/// A session and its token.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) session: SessionNo,
    pub(super) token: String,
}

pub(super) struct Person {
    pub(super) name: String,
    /// Random, so that no password of one run is that of another.
    secret: String,
    pub(super) held: Vec<Held>,
    pub(super) ended: Vec<Held>,
    pub(super) password: PasswordNo,
    /// What it may have become by a change that was not answered.
    pub(super) perhaps: Option<PasswordNo>,
    pub(super) replaced: Vec<PasswordNo>,
    passwords: u32,
    /// A password change is under way.
    pub(super) changing: bool,
    /// Entity tag and version of the document, as last seen.
    pub(super) tag: Option<(String, u64)>,
    /// Her registration has ended, in whatever way.
    pub(super) answered: bool,
    /// She has signed in or registered.
    pub(super) exists: bool,
}

/// So many sessions of one user are kept open at most, and as many ended ones are remembered.
pub(super) const SESSIONS: usize = 8;

impl Person {
    pub(super) fn new(run: &Run, number: UserNo) -> Self {
        Self {
            name: format!("{}-{}", run.name, number.0),
            secret: uuid::Uuid::new_v4().simple().to_string(),
            held: Vec::new(),
            ended: Vec::new(),
            password: PasswordNo(1),
            perhaps: None,
            replaced: Vec::new(),
            passwords: 1,
            changing: false,
            tag: None,
            answered: false,
            exists: false,
        }
    }

    /// The text of a password.
    pub(super) fn text_of(&self, password: PasswordNo) -> String {
        format!("{}/{}", self.secret, password.0)
    }

    /// A password that was never used.
    pub(super) fn new_password(&mut self) -> PasswordNo {
        self.passwords += 1;
        PasswordNo(self.passwords)
    }

    /// A session was opened with this password.
    pub(super) fn signed_in(&mut self, held: Held, password: PasswordNo) {
        self.exists = true;
        self.held.push(held);
        if self.perhaps == Some(password) {
            self.replaced.push(self.password);
            self.password = password;
            self.perhaps = None;
        }
    }

    /// These sessions are over, or may be; they are still worth a try.
    pub(super) fn end(&mut self, over: impl Fn(SessionNo) -> bool) {
        let (over, held) =
            std::mem::take(&mut self.held).into_iter().partition(|h| over(h.session));
        self.held = held;
        let over: Vec<Held> = over;
        self.ended.extend(over);
        let surplus = self.ended.len().saturating_sub(SESSIONS);
        self.ended.drain(..surplus);
    }

    /// What a password change came to.
    pub(super) fn changed(&mut self, new: PasswordNo, by: SessionNo, change: &Operation) {
        self.changing = false;
        match change.outcome {
            Outcome::Ok(_) => {
                self.replaced.push(self.password);
                self.password = new;
                self.perhaps = None;
                self.end(|session| session != by);
            }
            Outcome::Unknown(_) => {
                self.perhaps = Some(new);
                self.end(|session| session != by);
            }
            Outcome::Fail(_) => {}
        }
    }
}

pub(super) fn pick<T: Clone>(all: &[T], roll: u64) -> Option<T> {
    let index = usize::try_from(roll.checked_rem(all.len() as u64)?).ok()?;
    all.get(index).cloned()
}
