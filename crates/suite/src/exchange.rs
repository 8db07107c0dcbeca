//! Token exchange (RFC 8693): a service that was shown a token gets one for the next service.

use serde_json::{Value, json};

use crate::authorize::{Flow, Registered, SECRET, SPA, WEB};
use crate::browser::Browser;
use crate::oauth_client::{Application, MACHINE, Tokens, assert_refused, read, userinfo};
use crate::prover::Prover;
use crate::{Answer, Api};

/// An application whose opaque tokens are for [`GATE`] too.
pub const SHOP: &str = "suite-shop";
/// The same with JWTs.
pub const SIGNED_SHOP: &str = "suite-signed-shop";
/// A service that is shown tokens, and asks two others.
pub const GATE: &str = "suite-gate";
/// One of those; it asks the other.
pub const ORDERS: &str = "suite-orders";

/// What the gate is called in tokens.
pub const AT_GATE: &str = "https://gate.example";
/// What the orders are.
pub const AT_ORDERS: &str = "https://orders.example";
const AT_STOCK: &str = "https://stock.example/v1";
/// The grant.
pub const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
pub(crate) const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
pub(crate) const SESSION: &str = "urn:tokenhouse:token-type:session";

/// The applications and services of these cases.
pub fn clients() -> Vec<Registered> {
    let shop = |form: &str, host: &str| {
        json!({ "name": "Suite Shop", "kind": "server", "consent": "skip", "access_token": form,
            "redirect_uris": [format!("https://{host}.example/cb")], "resources": [AT_GATE],
            "scopes": "openid profile groups read write" })
    };
    let service = |at: &str, asks: &[&str]| {
        json!({ "name": "Suite Service", "kind": "machine", "audience": at,
            "grants": ["client_credentials", GRANT], "token_exchange": asks,
            "scopes": "openid profile groups read" })
    };
    [
        (SHOP, shop("opaque", "shop")),
        (SIGNED_SHOP, shop("jwt", "signed-shop")),
        (GATE, service(AT_GATE, &[AT_ORDERS, AT_STOCK])),
        (ORDERS, service(AT_ORDERS, &[AT_STOCK])),
    ]
    .map(|(id, settings)| Registered { id, settings, secret: Some(SECRET) })
    .into_iter()
    .chain(crate::exchanged_claims::clients())
    .collect()
}

/// The request of one of the shops, for tokens that are for the gate.
pub fn flow(shop: &str) -> Flow {
    let host = if shop == SHOP { "shop" } else { "signed-shop" };
    Flow::of(shop, &format!("https://{host}.example/cb"))
        .with("resource", AT_GATE)
        .with("scope", "openid groups read write")
}

/// Asks for a token for the orders, with other values of some parameters; an empty one leaves it out.
pub(crate) async fn exchange(
    service: &Application,
    token: (&str, &str),
    other: &[(&str, &str)],
) -> Answer {
    let mut fields = vec![
        ("grant_type", GRANT),
        ("subject_token", token.0),
        ("subject_token_type", token.1),
        ("audience", AT_ORDERS),
    ];
    fields.retain(|(name, _)| other.iter().all(|(changed, _)| changed != name));
    fields.extend(other.iter().filter(|(_, value)| !value.is_empty()));
    service.ask(&fields).await
}

/// The access token of an answer, and its claims.
pub(crate) fn given(answer: &Answer) -> (String, Value) {
    let tokens = Tokens::of(answer);
    assert!(tokens.refresh.is_empty() && tokens.id.is_null(), "{}", tokens.all);
    let (header, claims) = read(&tokens.access);
    assert_eq!(header["typ"], "at+jwt");
    assert_eq!(tokens.all["token_type"], "Bearer");
    (tokens.access, claims)
}

/// The service's own token.
pub(crate) async fn own(service: &Application) -> String {
    Tokens::of(&service.ask(&[("grant_type", "client_credentials")]).await).access
}

/// §2.1, §2.2.1: an opaque token and a JWT alike.
pub async fn a_service_gets_a_token_for_the_next_service(api: Api) {
    let [gate, orders] = [GATE, ORDERS].map(|id| Application::new(&api, id));
    for (shop, kind) in [(SHOP, ACCESS), (SIGNED_SHOP, ACCESS), (SIGNED_SHOP, JWT)] {
        let application = Application::new(&api, shop);
        let (first, _) = application.sign_in(&flow(shop)).await;
        let answer = exchange(&gate, (&first.access, kind), &[]).await;
        assert_eq!(Tokens::of(&answer).all["issued_token_type"], ACCESS);
        let (token, claims) = given(&answer);
        assert_eq!((&claims["sub"], &claims["aud"]), (&first.id["sub"], &json!(AT_ORDERS)));
        assert_eq!((&claims["client_id"], &claims["scope"]), (&json!(GATE), &json!("groups read")));
        assert_eq!((&claims["auth_time"], &claims["groups"]), (&first.id["auth_time"], &json!([])));
        assert!(claims.get("act").is_none() && claims.get("gid").is_none(), "{claims}");
        let worth = orders.introspect(&token).await;
        assert_eq!((&worth["active"], &worth["sub"]), (&json!(true), &first.id["sub"]));
        assert!(worth.get("bond").is_none(), "{worth}");
        assert_refused(&userinfo(&api, &token).await, 401, "invalid_token");
        let further = [("audience", AT_STOCK), ("requested_token_type", JWT)];
        let answer = exchange(&orders, (&token, JWT), &further).await;
        assert_eq!(Tokens::of(&answer).all["issued_token_type"], JWT);
        assert_eq!(given(&answer).1["sub"], first.id["sub"]);
    }
}

/// The token of a session has no scopes: what the client may ask for bounds it.
pub async fn the_token_of_a_session_is_exchanged_and_ends_with_it(api: Api) {
    let [gate, orders] = [GATE, ORDERS].map(|id| Application::new(&api, id));
    let (_, session) = api.newcomer().await;
    let (token, claims) = given(&exchange(&gate, (&session, SESSION), &[]).await);
    assert_eq!((&claims["scope"], &claims["acr"]), (&json!("groups profile read"), &json!("1")));
    assert!(claims["auth_time"].is_u64() && claims["amr"] == json!(["pwd"]), "{claims}");
    assert_eq!(orders.introspect(&token).await["active"], true);
    let narrow = exchange(&gate, (&session, SESSION), &[("scope", "read")]).await;
    assert_eq!(given(&narrow).1["scope"], "read");
    for said in [ACCESS, JWT] {
        let refused = exchange(&gate, (&session, said), &[]).await;
        assert_refused(&refused, 400, "invalid_request");
    }
    let ended = api.ask((http::Method::POST, "/logout"), Some(&session), None).await;
    assert_eq!(ended.status, 204, "{}", ended.text());
    let refused = exchange(&gate, (&session, SESSION), &[]).await;
    assert_refused(&refused, 400, "invalid_request");
    assert_eq!(orders.introspect(&token).await, json!({ "active": false }));
    let refused = exchange(&orders, (&token, ACCESS), &[("audience", AT_STOCK)]).await;
    assert_refused(&refused, 400, "invalid_request");
}

/// What ends the grant ends all that follows from it, also what was exchanged again.
pub async fn what_is_exchanged_ends_with_its_grant(api: Api) {
    let [shop, gate, orders] = [SHOP, GATE, ORDERS].map(|id| Application::new(&api, id));
    let (first, _) = shop.sign_in(&flow(SHOP)).await;
    let (token, _) = given(&exchange(&gate, (&first.access, ACCESS), &[]).await);
    let to_stock = [("audience", AT_STOCK)];
    let (last, _) = given(&exchange(&orders, (&token, ACCESS), &to_stock).await);
    let again = exchange(&gate, (&first.access, ACCESS), &[]).await;
    let (kept, _) = given(&again);
    assert_eq!(gate.revoke(&token).await.status, 200, "it is the client's own");
    assert_eq!(orders.introspect(&token).await, json!({ "active": false }));
    assert_eq!(orders.introspect(&kept).await["active"], true, "that goes alone");
    assert_eq!(shop.revoke(&first.refresh).await.status, 200);
    for (service, token) in [(&orders, &kept), (&orders, &last), (&gate, &kept)] {
        assert_eq!(service.introspect(token).await, json!({ "active": false }));
    }
    let refused = exchange(&gate, (&first.access, ACCESS), &[]).await;
    assert_refused(&refused, 400, "invalid_request");
    let refused = exchange(&orders, (&kept, ACCESS), &to_stock).await;
    assert_refused(&refused, 400, "invalid_request");
}

/// §2.2.2: one answer for garbage, for other kinds of tokens, and for those that are not for who shows them.
pub async fn a_token_that_is_not_for_the_service_is_exchanged_for_nothing(api: Api) {
    let [web, gate, shop] = [WEB, GATE, SHOP].map(|id| Application::new(&api, id));
    let (foreign, _) = web.sign_in(&web.flow()).await;
    let (first, _) = shop.sign_in(&flow(SHOP)).await;
    let id_token = first.all["id_token"].as_str().expect("an ID token");
    let altered = first.access.replace("tha_", "tha_A");
    let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJzdWIiOiIxIn0.";
    for bad in ["x", "a.b.c", &altered, unsigned, id_token, &first.refresh, &foreign.access] {
        for kind in [ACCESS, JWT, SESSION] {
            let refused = exchange(&gate, (bad, kind), &[]).await;
            assert_refused(&refused, 400, "invalid_request");
        }
    }
    let unknown = ["urn:ietf:params:oauth:token-type:id_token", "access_token", "x"];
    for kind in unknown {
        let refused = exchange(&gate, (&first.access, kind), &[]).await;
        assert_refused(&refused, 400, "invalid_request");
        let other = [("requested_token_type", kind)];
        let refused = exchange(&gate, (&first.access, ACCESS), &other).await;
        assert_refused(&refused, 400, "invalid_request");
    }
    for missing in ["subject_token", "subject_token_type"] {
        let refused = exchange(&gate, (&first.access, ACCESS), &[(missing, "")]).await;
        assert_refused(&refused, 400, "invalid_request");
    }
    given(&exchange(&gate, (&first.access, ACCESS), &[]).await);
}

/// §2.1, RFC 8707: audiences that the operator named, and never more than the token was good for.
pub async fn nothing_more_is_had_by_an_exchange(api: Api) {
    let [shop, gate] = [SHOP, GATE].map(|id| Application::new(&api, id));
    let (first, _) = shop.sign_in(&flow(SHOP)).await;
    let shown = (first.access.as_str(), ACCESS);
    for audience in ["", "https://evil.example", AT_GATE, GATE, "https://orders.example/"] {
        let refused = exchange(&gate, shown, &[("audience", audience)]).await;
        assert_refused(&refused, 400, "invalid_target");
    }
    let issuer = first.id["iss"].as_str().expect("an issuer");
    let refused = exchange(&gate, shown, &[("resource", issuer)]).await;
    assert_refused(&refused, 400, "invalid_target");
    let both = exchange(&gate, shown, &[("resource", AT_STOCK)]).await;
    assert_eq!(given(&both).1["aud"], json!([AT_ORDERS, AT_STOCK]));
    let twice = exchange(&gate, shown, &[("audience", AT_ORDERS), ("audience", AT_STOCK)]).await;
    assert_eq!(given(&twice).1["aud"], json!([AT_ORDERS, AT_STOCK]));
    for scope in ["write", "profile", "openid", "read admin", "offline_access"] {
        let refused = exchange(&gate, shown, &[("scope", scope)]).await;
        assert_refused(&refused, 400, "invalid_scope");
    }
    let (_, claims) = given(&exchange(&gate, shown, &[("scope", "read")]).await);
    let (ends, first_ends) = (claims["exp"].as_u64(), gate.introspect(shown.0).await);
    assert!(ends <= first_ends["exp"].as_u64(), "{claims} {first_ends}");
    assert_eq!((&claims["scope"], claims.get("groups")), (&json!("read"), None));
}

/// §4.1: who acts, and who acted before.
pub async fn who_acts_for_somebody_is_named_in_the_token(api: Api) {
    let [shop, gate, orders] = [SHOP, GATE, ORDERS].map(|id| Application::new(&api, id));
    let (first, _) = shop.sign_in(&flow(SHOP)).await;
    let shown = (first.access.as_str(), ACCESS);
    let [by_gate, by_orders] = [own(&gate).await, own(&orders).await];
    let actor = [("actor_token", by_gate.as_str()), ("actor_token_type", ACCESS)];
    let (token, claims) = given(&exchange(&gate, shown, &actor).await);
    assert_eq!((&claims["sub"], &claims["act"]), (&first.id["sub"], &json!({ "sub": GATE })));
    assert_eq!(orders.introspect(&token).await["act"], json!({ "sub": GATE }));
    let next =
        [("audience", AT_STOCK), ("actor_token", by_orders.as_str()), ("actor_token_type", ACCESS)];
    let (_, claims) = given(&exchange(&orders, (&token, JWT), &next).await);
    assert_eq!(claims["act"], json!({ "sub": ORDERS, "act": { "sub": GATE } }));
    let silent = exchange(&orders, (&token, JWT), &[("audience", AT_STOCK)]).await;
    assert_eq!(given(&silent).1["act"], json!({ "sub": GATE }), "nobody is forgotten");
    let (_, session) = api.newcomer().await;
    let person = [("actor_token", session.as_str()), ("actor_token_type", SESSION)];
    let (_, claims) = given(&exchange(&gate, shown, &person).await);
    assert!(claims["act"]["sub"].is_string() && claims["act"]["sub"] != claims["sub"], "{claims}");
    for bad in [
        &[("actor_token", "x"), ("actor_token_type", ACCESS)][..],
        &[("actor_token", &by_orders), ("actor_token_type", ACCESS)],
        &[("actor_token", &token), ("actor_token_type", ACCESS)],
        &[("actor_token", &by_gate)],
        &[("actor_token_type", ACCESS)],
        &[("actor_token", &by_gate), ("actor_token_type", SESSION)],
    ] {
        let refused = exchange(&gate, shown, bad).await;
        assert_refused(&refused, 400, "invalid_request");
    }
}

/// Only who is registered for it, and shows that it is the one.
pub async fn who_may_exchange_nothing_gets_nothing(api: Api) {
    let shop = Application::new(&api, SHOP);
    let (first, _) = shop.sign_in(&flow(SHOP)).await;
    let shown = (first.access.as_str(), ACCESS);
    for id in [WEB, SPA, SHOP, MACHINE] {
        let refused = exchange(&Application::new(&api, id), shown, &[]).await;
        assert_refused(&refused, 400, "unauthorized_client");
    }
    let gate = Application::new(&api, GATE);
    for secret in [None, Some("not its secret")] {
        for token in [shown.0, "x"] {
            let nobody = gate.clone().showing(secret);
            let refused = exchange(&nobody, (token, ACCESS), &[]).await;
            assert_refused(&refused, 401, "invalid_client");
        }
    }
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let cookie = ada.cookies["tokenhouse-session"].clone();
    given(&exchange(&gate, (&cookie, SESSION), &[]).await);
}

/// RFC 9449: a token of its own that is bound to a key a client exchanges by proving that key; so is one by which it
/// acts. What it gets is bound to the key that it proves.
pub async fn a_bound_token_is_exchanged_by_its_key_only(api: Api) {
    let [key, other] = [Prover::new(&api).await, Prover::new(&api).await];
    let [gate, shop] = [GATE, SHOP].map(|id| Application::new(&api, id));
    let by = |key: &Prover| gate.clone().proving(&[&key.for_tokens()]);
    let bound = own(&by(&key)).await;
    let (first, _) = shop.sign_in(&flow(SHOP)).await;
    let acting = [("actor_token", bound.as_str()), ("actor_token_type", ACCESS)];
    for (token, actor) in [(&bound, &[][..]), (&first.access, &acting)] {
        let shown = (token.as_str(), ACCESS);
        assert_refused(&exchange(&gate, shown, actor).await, 400, "invalid_request");
        assert_refused(&exchange(&by(&other), shown, actor).await, 400, "invalid_grant");
        let tokens = Tokens::of(&exchange(&by(&key), shown, actor).await);
        assert_eq!(tokens.all["token_type"], "DPoP");
        assert_eq!(read(&tokens.access).1["cnf"]["jkt"], key.thumbprint());
    }
    let again = own(&by(&other)).await;
    let acting = [("actor_token", again.as_str()), ("actor_token_type", ACCESS)];
    let two = exchange(&by(&key), (&bound, ACCESS), &acting).await;
    assert_refused(&two, 400, "invalid_request");
    given(&exchange(&gate, (&first.access, ACCESS), &[]).await);
}
