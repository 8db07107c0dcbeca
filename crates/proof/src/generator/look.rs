//! What every user finds at another address, by all that she knows.

use std::net::SocketAddr;

use http::Method;
use serde_json::json;

use super::Shared;
use super::ask::Question;
use crate::history::{Kind, Nanos, Operation, UserNo};
use crate::http::Client;

pub(super) async fn at(shared: &Shared, address: SocketAddr) -> Vec<Operation> {
    let recorder = shared.recorder.beside();
    let client = Client::fresh(address).over(shared.tls.clone());
    for user in (0..shared.plan.users).map(UserNo) {
        let (name, tokens, passwords) = {
            let person = shared.person(user);
            let tokens: Vec<_> = person.held.iter().chain(&person.ended).cloned().collect();
            // No more than an account's limit lets her try: the present one and the last before it.
            let known = [Some(person.password), person.replaced.last().copied()];
            let known = known.into_iter().flatten().filter(|_| person.exists);
            let known: Vec<_> = known.map(|number| (number, person.text_of(number))).collect();
            (person.name.clone(), tokens, known)
        };
        let question = |kind, session| Question { kind, user, session, intended: Nanos::now() };
        for held in tokens {
            let asked = question(Kind::Read { together: None }, Some(held.session));
            let asked = shared.ask_beside(&recorder, asked, &client, |client| {
                client.request(Method::GET, "/data").bearer(&held.token)
            });
            asked.await;
        }
        for (password, text) in passwords {
            let body = json!({ "username": name, "password": text });
            let asked = question(Kind::Login { password }, None);
            let asked = shared
                .ask_beside(&recorder, asked, &client, |client| client.post_json("/login", &body));
            asked.await;
        }
    }
    recorder.history().operations
}
