//! Turns what a user sets out to do into requests, with what she knows when its time has come. Who has
//! no session signs in instead.

use std::sync::Arc;

use futures_util::future::join_all;
use http::Method;
use serde_json::json;

use super::ask::{self, Question};
use super::person::{Held, SESSIONS, pick};
use super::{Act, Intended, Shared};
use crate::history::{Counterfeit, Kind, Nanos, Operation, Outcome, PasswordNo, SessionNo, UserNo};
use crate::http::Client;

/// How many requests carry one token at once.
const TOGETHER: u64 = 3;

/// One entry of the schedule under way.
struct Turn<'a> {
    shared: &'a Shared,
    user: UserNo,
    roll: u64,
    at: Nanos,
}

pub(super) async fn perform(shared: Arc<Shared>, intended: Intended, at: Nanos) {
    let Intended { user, act, roll, .. } = intended;
    let turn = Turn { shared: &shared, user, roll, at };
    match act {
        Act::Register => turn.register().await,
        Act::Login => turn.login_or_logout().await,
        Act::OldLogin => turn.old_login().await,
        Act::ReadEnded => turn.read_ended().await,
        Act::LockAndUnlock => turn.lock_and_unlock().await,
        _ => turn.with_session(act).await,
    }
}

/// A last read, with every session that should be alive.
pub(super) async fn look_again(shared: &Shared, user: UserNo) {
    let turn = Turn { shared, user, roll: 0, at: Nanos::now() };
    if shared.person(user).held.is_empty() {
        turn.login().await;
    }
    let held = shared.person(user).held.clone();
    for held in held {
        Turn { at: Nanos::now(), ..turn }.read(held).await;
    }
}

/// Deletes the account; whether it is gone for certain.
pub(super) async fn remove(shared: &Shared, user: UserNo) -> bool {
    let (held, passwords, exists) = {
        let person = shared.person(user);
        let passwords = [Some(person.password), person.perhaps].into_iter().flatten();
        let passwords: Vec<_> = passwords.map(|password| person.text_of(password)).collect();
        (person.held.last().cloned(), passwords, person.exists)
    };
    let Some(held) = held else { return !exists };
    for password in passwords {
        let client = shared.client(0);
        let request = client.delete("/account").bearer(&held.token);
        let request = request.json(&json!({ "password": password })).deadline(shared.plan.deadline);
        let request = match &shared.plan.host {
            Some(host) => request.header("host", host),
            None => request,
        };
        if request.send().await.is_ok_and(|answer| answer.status == 204) {
            return true;
        }
    }
    false
}

impl Shared {
    fn client(&self, roll: u64) -> &Client {
        one_of(&self.kept, roll)
    }
}

fn one_of(clients: &[Client], roll: u64) -> &Client {
    let count = clients.len() as u64;
    &clients[usize::try_from(roll % count.max(1)).unwrap_or_default()]
}

impl Turn<'_> {
    fn question(&self, kind: Kind, session: Option<SessionNo>) -> Question {
        Question { kind, user: self.user, session, intended: self.at }
    }

    fn client(&self) -> &Client {
        self.shared.client(self.roll >> 8)
    }

    async fn register(&self) {
        let (name, password, text) = {
            let person = self.shared.person(self.user);
            (person.name.clone(), person.password, person.text_of(person.password))
        };
        let body = json!({ "username": name, "password": text });
        self.sign_in("/register", Kind::Register { name, password }, password, body).await;
        self.shared.person(self.user).answered = true;
    }

    /// Too many sessions are of no use.
    async fn login_or_logout(&self) {
        if self.shared.person(self.user).held.len() < SESSIONS {
            self.login().await;
        } else {
            self.with_session(Act::Logout).await;
        }
    }

    async fn login(&self) {
        let password = {
            let person = self.shared.person(self.user);
            let known = [Some(person.password), person.perhaps];
            let known: Vec<_> = known.into_iter().flatten().collect();
            // Before the answer to her registration she has nothing to sign in with.
            if !person.answered {
                return;
            }
            let certain = person.exists && person.perhaps.is_none();
            let password = pick(&known, self.roll).unwrap_or(person.password);
            (certain || self.shared.may_be_wrong()).then_some(password)
        };
        if let Some(password) = password {
            self.log_in_with(password).await;
        }
    }

    async fn read_ended(&self) {
        let ended = pick(&self.shared.person(self.user).ended, self.roll);
        match ended {
            Some(ended) => self.read(ended).await,
            None => self.with_session(Act::Read).await,
        }
    }

    async fn old_login(&self) {
        let replaced = pick(&self.shared.person(self.user).replaced, self.roll);
        match replaced {
            Some(old) if self.shared.may_be_wrong() => self.log_in_with(old).await,
            _ => self.login_or_logout().await,
        }
    }

    async fn log_in_with(&self, password: PasswordNo) {
        let body = {
            let person = self.shared.person(self.user);
            json!({ "username": person.name, "password": person.text_of(password) })
        };
        self.sign_in("/login", Kind::Login { password }, password, body).await;
    }

    async fn sign_in(&self, path: &str, kind: Kind, password: PasswordNo, body: serde_json::Value) {
        let question = self.question(kind, None);
        let (operation, answer) =
            self.shared.ask(question, self.client(), |client| client.post_json(path, &body)).await;
        let said = answer.filter(|_| operation.is_ok()).and_then(|answer| answer.json().ok());
        if let Some(token) = said.as_ref().and_then(|said| said["token"].as_str()) {
            let held = Held { session: SessionNo(operation.id), token: token.to_owned() };
            self.shared.person(self.user).signed_in(held, password);
        }
    }

    async fn with_session(&self, act: Act) {
        let held = pick(&self.shared.person(self.user).held, self.roll);
        let Some(held) = held else { return self.login().await };
        match act {
            Act::ReadTogether => self.read_together(held).await,
            Act::Write => self.write(held, None).await,
            Act::WriteIfMatch => {
                let tag = self.shared.person(self.user).tag.clone();
                self.write(held, tag).await;
            }
            Act::PasswordChange => self.change_password(held).await,
            Act::Logout | Act::LogoutAll => self.log_out(held, act).await,
            Act::EndSession => self.end_session(held).await,
            Act::Forge => self.forge(&held).await,
            _ => self.read(held).await,
        }
    }

    async fn read(&self, held: Held) {
        let question = self.question(Kind::Read { together: None }, Some(held.session));
        let asked = self
            .shared
            .ask(question, self.client(), |client| client.get("/data").bearer(&held.token));
        let (operation, answer) = asked.await;
        self.remember_tag(&operation, answer.as_ref());
        self.forget_if_refused(&operation, &held);
    }

    /// On connections of their own, to one address after the other.
    async fn read_together(&self, held: Held) {
        let group = self.shared.recorder.number();
        let reads = (0..TOGETHER).map(|turn| {
            let client = one_of(&self.shared.fresh, self.roll.wrapping_add(turn));
            let question = self.question(Kind::Read { together: Some(group) }, Some(held.session));
            self.shared.ask(question, client, |client| client.get("/data").bearer(&held.token))
        });
        join_all(reads).await;
    }

    async fn write(&self, held: Held, over: Option<(String, u64)>) {
        let value = self.shared.recorder.number();
        let body = ask::document(self.shared.recorder.run(), value);
        let if_match = over.as_ref().map(|(_, version)| *version);
        let question = self.question(Kind::Write { value, if_match }, Some(held.session));
        let asked = self.shared.ask(question, self.client(), |client| {
            let request = client.put_json("/data", &body).bearer(&held.token);
            match &over {
                Some((tag, _)) => request.header("if-match", tag),
                None => request,
            }
        });
        let (operation, answer) = asked.await;
        self.remember_tag(&operation, answer.as_ref());
        self.forget_if_refused(&operation, &held);
    }

    fn remember_tag(&self, operation: &Operation, answer: Option<&crate::http::Answer>) {
        let version = operation.seen().and_then(|seen| seen.version);
        let tag = answer.and_then(|answer| answer.header("etag"));
        if let (Some(version), Some(tag)) = (version, tag) {
            self.shared.person(self.user).tag = Some((tag.to_owned(), version));
        }
    }

    /// Whether it should have been refused is not for the client to say; it signs in anew.
    fn forget_if_refused(&self, operation: &Operation, held: &Held) {
        if operation.is_refused() {
            self.shared.person(self.user).end(|session| session == held.session);
        }
    }

    async fn change_password(&self, held: Held) {
        let change = {
            let mut person = self.shared.person(self.user);
            let free = !person.changing && person.perhaps.is_none();
            free.then(|| {
                person.changing = true;
                let (old, new) = (person.password, person.new_password());
                (old, new, person.text_of(old), person.text_of(new))
            })
        };
        let Some((old, new, old_text, new_text)) = change else { return self.read(held).await };
        let body = json!({ "old_password": old_text, "new_password": new_text });
        let question = self.question(Kind::PasswordChange { old, new }, Some(held.session));
        let asked = self.shared.ask(question, self.client(), |client| {
            client.post_json("/password", &body).bearer(&held.token)
        });
        let (operation, _) = asked.await;
        self.shared.person(self.user).changed(new, held.session, &operation);
        self.forget_if_refused(&operation, &held);
    }

    async fn log_out(&self, held: Held, act: Act) {
        let all = act == Act::LogoutAll;
        let (kind, path) = match all {
            true => (Kind::LogoutAll, "/logout/all"),
            false => (Kind::Logout, "/logout"),
        };
        let question = self.question(kind, Some(held.session));
        let asked = self
            .shared
            .ask(question, self.client(), |client| client.post(path).bearer(&held.token));
        let (operation, _) = asked.await;
        let whole = all && !matches!(operation.outcome, Outcome::Fail(_));
        self.shared.person(self.user).end(|session| whole || session == held.session);
    }

    /// The one to be ended tells its own name first; only the list knows it.
    async fn end_session(&self, held: Held) {
        let others: Vec<Held> = {
            let person = self.shared.person(self.user);
            person.held.iter().filter(|other| other.session != held.session).cloned().collect()
        };
        let Some(target) = pick(&others, self.roll >> 16) else { return self.read(held).await };
        let question = self.question(Kind::List, Some(target.session));
        let asked = self.shared.ask(question, self.client(), |client| {
            client.get("/sessions?page_size=100").bearer(&target.token)
        });
        let (operation, answer) = asked.await;
        self.forget_if_refused(&operation, &target);
        let list = answer.filter(|_| operation.is_ok()).and_then(|answer| answer.json().ok());
        let items = list.as_ref().and_then(|list| list["items"].as_array());
        let own = items.and_then(|items| items.iter().find(|item| item["current"] == true));
        let Some(id) = own.and_then(|own| own["id"].as_str()) else { return };
        let kind = Kind::EndSession { target: target.session };
        let question =
            Question { intended: Nanos::now(), ..self.question(kind, Some(held.session)) };
        let path = format!("/sessions/{id}");
        let asked = self.shared.ask(question, self.client(), |client| {
            client.request(Method::DELETE, &path).bearer(&held.token)
        });
        let (operation, _) = asked.await;
        self.forget_if_refused(&operation, &held);
        if !matches!(operation.outcome, Outcome::Fail(_)) {
            self.shared.person(self.user).end(|session| session == target.session);
        }
    }

    async fn forge(&self, held: &Held) {
        let token = mutated(&held.token, self.roll);
        let question = self.question(Kind::Forged(Counterfeit::Mutated), None);
        let asked =
            self.shared.ask(question, self.client(), |client| client.get("/data").bearer(&token));
        asked.await;
    }

    async fn lock_and_unlock(&self) {
        let Some(locker) = &self.shared.locker else { return };
        let name = self.shared.person(self.user).name.clone();
        for (kind, lock) in [(Kind::Lock, true), (Kind::Unlock, false)] {
            let started = self.shared.recorder.start(kind, self.user, None, self.at);
            let outcome = locker(name.clone(), lock).await;
            let ret = Nanos::now();
            if lock && !matches!(outcome, Outcome::Fail(_)) {
                self.shared.person(self.user).end(|_| true);
            }
            self.shared.recorder.end(started, ret, None, outcome);
            if lock {
                self.login().await;
            }
        }
    }
}

/// The token with one character changed to another of the same alphabet.
fn mutated(token: &str, roll: u64) -> String {
    let first = token.find('_').map_or(0, |prefix| prefix + 1);
    let count = (token.len() - first).max(1) as u64;
    let place = first + usize::try_from(roll % count).unwrap_or_default();
    let mutate = |(at, character)| match (at == place, character) {
        (true, 'A') => 'B',
        (true, _) => 'A',
        (false, character) => character,
    };
    token.chars().enumerate().map(mutate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mutated_token_differs_in_one_character_behind_its_prefix() {
        let token = "ths_AbcAbc";
        for roll in 0..100 {
            let mutated = mutated(token, roll);
            assert!(mutated.starts_with("ths_") && mutated.len() == token.len());
            let differing = token.chars().zip(mutated.chars()).filter(|(a, b)| a != b).count();
            assert_eq!(differing, 1, "{mutated}");
        }
    }
}
