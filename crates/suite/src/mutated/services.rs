//! Requests that applications send ahead (RFC 9126), and tokens that services exchange (RFC 8693).

use http::Method;
use serde_json::json;

use super::endpoints::{WRONG, nothing_but_refusals, post};
use super::short_storm;
use crate::Api;
use crate::assertions::{self, claims, issuer, shown};
use crate::authorize::{HOUSE, Registered, SECRET, SPA, WEB};
use crate::exchange::{AT_ORDERS, GRANT, SHOP, flow};
use crate::oauth_client::{Application, Tokens};
use crate::pushed::push;
use crate::signer::Signer;

/// A service that exchanges tokens and may do nothing else.
const RELAY: &str = "suite-relay";
const SESSION: &str = "urn:tokenhouse:token-type:session";
const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";

/// The services of these cases.
pub fn clients() -> Vec<Registered> {
    let settings = json!({ "name": "Suite Relay", "kind": "machine", "grants": [GRANT],
        "audience": "https://relay.example", "token_exchange": [AT_ORDERS], "scopes": "read" });
    vec![Registered { id: RELAY, settings, secret: Some(SECRET) }]
}

/// `POST /oauth2/par`: by who does not show who it is, or with an address that is not registered.
pub async fn a_mutated_request_that_is_sent_ahead_is_not_kept(api: Api) {
    let [house, spa] = [HOUSE, SPA].map(|id| Application::new(&api, id));
    let (good, public) = (house.flow(), spa.flow());
    let evil = house.flow().with("redirect_uri", "https://evil.example/cb");
    let own = claims(&issuer(&api).await, &json!({}));
    let [forged, unsigned] = [
        Signer::stranger().sign(&json!({}), &own),
        Signer::es256().sign(&json!({ "alg": "none" }), &own),
    ];
    let keyed = assertions::flow();
    let by = |assertion| [keyed.pairs(), shown(assertion).to_vec()].concat();
    let send = |client, pairs: &[(&str, &str)]| post("/oauth2/par", client, pairs);
    let drafts = [
        send(Some((HOUSE, WRONG)), &good.pairs()),
        send(Some((HOUSE, SECRET)), &evil.pairs()),
        send(Some((WEB, SECRET)), &good.pairs()),
        send(None, &public.pairs()),
        send(None, &by(&forged)),
        send(None, &by(&unsigned)),
    ];
    short_storm(&api, &drafts, nothing_but_refusals).await;
    push(&house, &good).await;
}

/// `POST /oauth2/token` with a token to exchange: one that ended or is for another service, by who may not, or for
/// whom nobody is to ask.
pub async fn a_mutated_exchange_gives_no_token(api: Api) {
    let [relay, shop] = [RELAY, SHOP].map(|id| Application::new(&api, id));
    let (for_the_gate, _) = shop.sign_in(&flow(SHOP)).await;
    let [(_, live), (_, ended)] = [api.newcomer().await, api.newcomer().await];
    let out = api.ask((Method::POST, "/logout"), Some(&ended), None).await;
    assert_eq!(out.status, 204, "{}", out.text());
    let fields = |token, kind, audience| {
        [
            ("grant_type", GRANT),
            ("subject_token", token),
            ("subject_token_type", kind),
            ("audience", audience),
        ]
    };
    let good = fields(live.as_str(), SESSION, AT_ORDERS);
    let by =
        |id, secret, fields: &[(&str, &str)]| post("/oauth2/token", Some((id, secret)), fields);
    let drafts = [
        by(RELAY, WRONG, &good),
        by(WEB, SECRET, &good),
        by(RELAY, SECRET, &fields(&ended, SESSION, AT_ORDERS)),
        by(RELAY, SECRET, &fields(&for_the_gate.access, ACCESS, AT_ORDERS)),
        by(RELAY, SECRET, &fields(&live, SESSION, "https://evil.example")),
        post("/oauth2/token", None, &[&good[..], &[("client_id", RELAY)]].concat()),
    ];
    short_storm(&api, &drafts, nothing_but_refusals).await;
    Tokens::of(&relay.ask(&good).await);
}
