//! The provider's endpoints that write: how each is asked, what it changes, and what its repetition is told.

use super::super::endpoint::{Endpoint, USUAL, Who};
use super::super::facts::Facts;
use super::{Has, ask};

/// How an answer with a code begins.
const CODE: &str = "https://app.example/cb?code=";
const NOTHING: fn(&mut Facts) = |_| {};

pub(in crate::cut_points) const ALL: &[Endpoint] = &[
    Endpoint {
        name: "GET /oauth2/authorize",
        who: Who::Using(Has::Application),
        ask: ask::authorize,
        done: 303,
        leads: CODE,
        effect: |facts| facts.given.open_codes += 1,
        again: 303,
        ..USUAL
    },
    Endpoint {
        name: "POST /oauth2/consent",
        who: Who::Using(Has::Stranger),
        ask: ask::consent,
        done: 303,
        leads: CODE,
        effect: |facts| {
            (facts.given.open_codes, facts.given.consents) = (facts.given.open_codes + 1, 1);
            facts.note("consent.given");
        },
        again: 303,
        ..USUAL
    },
    Endpoint {
        name: "POST /oauth2/par",
        who: Who::Using(Has::Application),
        ask: ask::push,
        done: 201,
        effect: |facts| facts.given.pushed += 1,
        again: 201,
        ..USUAL
    },
    Endpoint {
        name: "GET /oauth2/authorize of what was sent ahead",
        who: Who::Using(Has::Pushed),
        ask: ask::follow,
        done: 303,
        leads: CODE,
        effect: |facts| {
            facts.given.open_codes += 1;
            (facts.given.pushed, facts.given.answered) = (0, 1);
        },
        again: 400,
        ..USUAL
    },
    Endpoint {
        name: "POST /oauth2/token for a code",
        who: Who::Using(Has::Code),
        ask: ask::redeem,
        effect: Facts::redeem,
        again: 400,
        effect_again: Some(|facts| facts.end_grant("code.replayed")),
        ..USUAL
    },
    Endpoint {
        name: "POST /oauth2/token for a refresh token",
        who: Who::Using(Has::Grant),
        ask: ask::refresh,
        effect: |facts| facts.given.generation = Some(1),
        effect_again: Some(NOTHING),
        same: Some("refresh_token"),
        ..USUAL
    },
    Endpoint {
        name: "POST /oauth2/token for a device",
        who: Who::Using(Has::Allowed),
        ask: ask::poll,
        effect: Facts::redeem,
        again: 400,
        effect_again: Some(|facts| facts.end_grant("code.replayed")),
        ..USUAL
    },
    Endpoint {
        name: "POST /oauth2/token by an assertion",
        who: Who::Using(Has::Assertion),
        ask: ask::assert,
        effect: |facts| facts.given.noted = true,
        again: 401,
        ..USUAL
    },
    Endpoint {
        name: "POST /oauth2/token with a proof",
        who: Who::Using(Has::Proof),
        ask: ask::prove,
        effect: |facts| facts.given.noted = true,
        again: 400,
        ..USUAL
    },
    Endpoint {
        name: "POST /oauth2/device",
        who: Who::Using(Has::Application),
        ask: ask::device,
        effect: |facts| facts.given.waiting += 1,
        ..USUAL
    },
    Endpoint {
        name: "POST /device",
        who: Who::Using(Has::Device),
        ask: ask::decide,
        done: 303,
        leads: "/device?said=device-allowed",
        effect: |facts| {
            let given = &mut facts.given;
            (given.waiting, given.allowed) = (0, 1);
            (given.open_codes, given.consents) = (1, 1);
            facts.note("device.allowed");
        },
        again: 303,
        effect_again: Some(NOTHING),
        ..USUAL
    },
    Endpoint {
        name: "POST /oauth2/revoke of a refresh token",
        who: Who::Using(Has::Grant),
        ask: ask::revoke_refresh,
        effect: |facts| facts.end_grant("grant.revoked"),
        ..USUAL
    },
    Endpoint {
        name: "POST /oauth2/revoke of an access token",
        who: Who::Using(Has::Grant),
        ask: ask::revoke_access,
        effect: |facts| facts.given.noted = true,
        ..USUAL
    },
    Endpoint {
        name: "POST /logout for an application",
        who: Who::Using(Has::Grant),
        ask: ask::leave,
        done: 303,
        leads: "/oauth2/logout?",
        effect: |facts| {
            facts.end_session();
            facts.own = false;
            (facts.given.living, facts.given.led, facts.given.logouts) = (0, 0, 1);
            facts.note("session.ended");
        },
        again: 303,
        effect_again: Some(NOTHING),
        ..USUAL
    },
    Endpoint {
        name: "POST /account/applications",
        who: Who::Using(Has::Grant),
        ask: ask::disconnect,
        done: 303,
        leads: "/account/applications?said=application-disconnected",
        effect: |facts| facts.end_grant("grant.revoked"),
        again: 303,
        ..USUAL
    },
    Endpoint {
        name: "POST /oauth2/register",
        who: Who::Using(Has::Application),
        ask: ask::register,
        done: 201,
        effect: |facts| {
            (facts.given.registered, facts.given.version) = (facts.given.registered + 1, Some(1));
        },
        again: 201,
        ..USUAL
    },
    Endpoint {
        name: "PUT /oauth2/register/{client_id}",
        who: Who::Using(Has::Registered),
        ask: ask::replace,
        effect: |facts| facts.given.version = Some(2),
        ..USUAL
    },
    Endpoint {
        name: "DELETE /oauth2/register/{client_id}",
        who: Who::Using(Has::Registered),
        ask: ask::unregister,
        done: 204,
        effect: |facts| (facts.given.registered, facts.given.version) = (0, None),
        again: 401,
        ..USUAL
    },
];
