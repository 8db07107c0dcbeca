//! The endpoints: how each is asked, what it changes, and what its repetition is told.

use serde_json::json;

use super::facts::Facts;
use super::person::{NEW_PASSWORD, PASSWORD, Person};
use super::provider::Has;
use crate::http::{Answer, Client, Request};

/// One endpoint.
pub(super) struct Endpoint {
    pub(super) name: &'static str,
    /// Who asks.
    pub(super) who: Who,
    /// The request.
    pub(super) ask: for<'a> fn(&'a Client, &Person) -> Request<'a>,
    /// The status that acknowledges it.
    pub(super) done: u16,
    /// What an acknowledged request has changed.
    pub(super) effect: fn(&mut Facts),
    /// How the address begins that an acknowledged request leads to, if it leads to one.
    pub(super) leads: &'static str,
    /// The status of the same request again, once it has happened.
    pub(super) again: u16,
    /// What that changes; the same where it is acknowledged once more and nothing else is said, or else nothing.
    pub(super) effect_again: Option<fn(&mut Facts)>,
    /// The member of the answer that is the same each time.
    pub(super) same: Option<&'static str>,
}

/// An endpoint of which nothing more is said.
pub(super) const USUAL: Endpoint = Endpoint {
    name: "",
    who: Who::Stranger,
    ask: |client, _| client.get("/"),
    done: 200,
    effect: |_| {},
    leads: "",
    again: 200,
    effect_again: None,
    same: None,
};

impl Endpoint {
    /// Whether an answer acknowledges the request.
    pub(super) fn is_done(&self, answer: &Answer) -> bool {
        let to = answer.header("location").unwrap_or_default();
        answer.status == self.done && to.starts_with(self.leads)
    }

    /// What a request changes, the first time or again.
    pub(super) fn changes(&self, happened: bool) -> fn(&mut Facts) {
        match (happened, self.effect_again) {
            (true, Some(effect)) => effect,
            (true, None) if self.again != self.done => |_| {},
            _ => self.effect,
        }
    }
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Somebody who has no account yet.
    Stranger,
    /// Somebody with an account and two sessions.
    Member,
    /// The same, whose session has not been used for days: its next use is written down.
    Idle,
    /// A member with an address that she has not confirmed.
    Unconfirmed,
    /// A member with a confirmed address.
    Confirmed,
    /// The same, who was sent a link to a new password.
    Forgetful,
    /// A member, by an application or for one.
    Using(Has),
}

pub(super) const ALL: &[Endpoint] = &[
    Endpoint {
        name: "POST /register",
        who: Who::Stranger,
        ask: |client, person| client.post_json("/register", &person.credentials()),
        done: 201,
        effect: |facts| {
            (facts.users, facts.names, facts.passwords, facts.epoch) = (1, 1, 1, Some(1));
            facts.document = Some((1, "{}".to_owned()));
            facts.add_session();
            facts.note("user.registered");
        },
        again: 409,
        ..USUAL
    },
    Endpoint {
        name: "POST /login",
        who: Who::Member,
        ask: |client, person| client.post_json("/login", &person.credentials()),
        done: 200,
        effect: |facts| {
            facts.add_session();
            facts.note("session.opened");
        },
        again: 200,
        ..USUAL
    },
    Endpoint {
        name: "GET /data",
        who: Who::Member,
        ask: |client, person| client.get("/data").bearer(&person.token),
        done: 200,
        effect: |_| {},
        again: 200,
        ..USUAL
    },
    Endpoint {
        name: "GET /data of an idle session",
        who: Who::Idle,
        ask: |client, person| client.get("/data").bearer(&person.token),
        done: 200,
        effect: |_| {},
        again: 200,
        ..USUAL
    },
    Endpoint {
        name: "PUT /data",
        who: Who::Member,
        ask: |client, person| client.put_json("/data", &json!({ "put": 1 })).bearer(&person.token),
        done: 200,
        effect: |facts| facts.write("{\"put\":1}"),
        again: 200,
        ..USUAL
    },
    Endpoint {
        name: "PATCH /data",
        who: Who::Member,
        ask: |client, person| {
            client.patch_json("/data", &json!({ "patch": 1 })).bearer(&person.token)
        },
        done: 200,
        effect: |facts| facts.write("{\"patch\":1}"),
        again: 200,
        ..USUAL
    },
    Endpoint {
        name: "GET /sessions",
        who: Who::Member,
        ask: |client, person| client.get("/sessions").bearer(&person.token),
        done: 200,
        effect: |_| {},
        again: 200,
        ..USUAL
    },
    Endpoint {
        name: "DELETE /sessions/{id}",
        who: Who::Member,
        ask: |client, person| {
            client.delete(&format!("/sessions/{}", person.other)).bearer(&person.token)
        },
        done: 204,
        effect: |facts| {
            facts.end_session();
            facts.other = false;
            facts.note("session.revoked");
        },
        again: 404,
        ..USUAL
    },
    Endpoint {
        name: "POST /password",
        who: Who::Member,
        ask: |client, person| {
            let change = json!({ "old_password": PASSWORD, "new_password": NEW_PASSWORD });
            client.post_json("/password", &change).bearer(&person.token)
        },
        done: 204,
        effect: |facts| {
            facts.next_epoch();
            (facts.rows, facts.living, facts.other) = (1, 1, false);
            facts.new_password = true;
            facts.note("password.changed");
        },
        again: 403,
        ..USUAL
    },
    Endpoint {
        name: "POST /logout",
        who: Who::Member,
        ask: |client, person| client.post("/logout").bearer(&person.token),
        done: 204,
        effect: |facts| {
            facts.end_session();
            facts.own = false;
            facts.note("session.ended");
        },
        again: 401,
        ..USUAL
    },
    Endpoint {
        name: "POST /logout/all",
        who: Who::Member,
        ask: |client, person| client.post("/logout/all").bearer(&person.token),
        done: 204,
        effect: |facts| {
            facts.next_epoch();
            facts.end_all_sessions();
            facts.note("session.all_ended");
        },
        again: 401,
        ..USUAL
    },
    Endpoint {
        name: "GET /account/export",
        who: Who::Member,
        ask: |client, person| client.get("/account/export").bearer(&person.token),
        done: 200,
        effect: |facts| facts.note("user.exported"),
        again: 200,
        ..USUAL
    },
    Endpoint {
        name: "POST /confirm",
        who: Who::Unconfirmed,
        ask: |client, person| client.post_json("/confirm", &json!({ "token": person.link })),
        done: 200,
        effect: |facts| {
            (facts.confirmed, facts.links) = (true, 0);
            facts.note("email.confirmed");
        },
        again: 410,
        ..USUAL
    },
    Endpoint {
        name: "POST /recover",
        who: Who::Confirmed,
        ask: |client, person| client.post_json("/recover", &json!({ "login": person.name })),
        done: 202,
        effect: |facts| {
            facts.links += 1;
            facts.mail("recover");
            facts.note("recovery.asked");
        },
        again: 202,
        ..USUAL
    },
    Endpoint {
        name: "POST /reset",
        who: Who::Forgetful,
        ask: |client, person| {
            let reset = json!({ "token": person.link, "password": NEW_PASSWORD });
            client.post_json("/reset", &reset)
        },
        done: 204,
        effect: |facts| {
            facts.next_epoch();
            facts.end_all_sessions();
            (facts.new_password, facts.links) = (true, 0);
            facts.mail("password-changed");
            facts.note("password.reset");
        },
        again: 410,
        ..USUAL
    },
    Endpoint {
        name: "PUT /account/email",
        who: Who::Member,
        ask: |client, person| {
            let wanted = json!({ "email": person.address(), "password": PASSWORD });
            client.put_json("/account/email", &wanted).bearer(&person.token)
        },
        done: 202,
        effect: |facts| {
            // A former link ends with the address that it was for.
            facts.links = 1;
            facts.pending = facts.name.as_deref().map(super::person::address);
            facts.mail("confirm");
            facts.note("email.asked");
        },
        again: 202,
        ..USUAL
    },
    Endpoint {
        name: "DELETE /account",
        who: Who::Member,
        ask: |client, person| {
            let confirmation = json!({ "password": PASSWORD });
            client.delete("/account").json(&confirmation).bearer(&person.token)
        },
        done: 204,
        effect: |facts| {
            (facts.users, facts.names, facts.passwords, facts.epoch) = (0, 0, 0, None);
            facts.document = None;
            facts.end_all_sessions();
            facts.note("user.deleted");
        },
        again: 401,
        ..USUAL
    },
];
