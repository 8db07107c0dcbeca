//! What an exchanged token says beside whom it speaks for, and who may exchange it (RFC 8693, RFC 9068).

use http::Method;
use serde_json::json;

use crate::Api;
use crate::authorize::{Flow, Registered, SECRET};
use crate::browser::Browser;
use crate::exchange::{ACCESS, AT_ORDERS, GRANT, ORDERS, SESSION, exchange, given, own};
use crate::oauth_client::{Application, assert_refused, read};

/// A service for which claims are mapped.
const LEDGER: &str = "suite-ledger";
/// An application whose tokens say that the ledger alone may act.
const CAREFUL: &str = "suite-careful";

const AT_LEDGER: &str = "https://ledger.example";

/// The applications that are needed beside those of other files.
pub fn clients() -> Vec<Registered> {
    let access = json!(["access_token"]);
    let ledger = json!({ "name": "Suite Ledger", "kind": "machine", "audience": AT_LEDGER,
        "grants": ["client_credentials", GRANT], "token_exchange": [AT_ORDERS], "scopes": "read",
        "claims": {
            "team": { "from": { "document": "/team" }, "in": access },
            "tenant": { "from": { "constant": "acme" }, "in": access } },
        "roles": { "reader": ["staff"] } });
    let careful = json!({ "name": "Suite & <b>Careful</b>", "kind": "server", "consent": "skip",
        "redirect_uris": ["https://careful.example/cb"], "resources": [AT_LEDGER],
        "scopes": "openid read", "access_token": "jwt",
        "claims": { "may_act": { "from": { "constant": { "sub": LEDGER } }, "in": access } } });
    [(LEDGER, ledger), (CAREFUL, careful)]
        .map(|(id, settings)| Registered { id, settings, secret: Some(SECRET) })
        .into()
}

/// The request of the careful application, for tokens that are for the ledger.
pub(crate) fn flow() -> Flow {
    let flow = Flow::of(CAREFUL, "https://careful.example/cb").with("scope", "openid read");
    flow.with("resource", AT_LEDGER)
}

/// Those that are mapped for the client that is named in it, as in all tokens (RFC 9068 §2.2).
pub async fn an_exchanged_token_has_the_claims_of_who_exchanged(api: Api) {
    let [careful, ledger, orders] = [CAREFUL, LEDGER, ORDERS].map(|id| Application::new(&api, id));
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let session = ada.cookies["tokenhouse-session"].clone();
    let written = api.json(Method::PUT, "/data", &session, &json!({ "team": "north" })).await;
    assert_eq!(written.status, 200, "{}", written.text());
    let first = careful.tokens(&flow(), &mut ada).await;
    let of_careful = read(&first.access).1;
    assert!(of_careful.get("team").is_none() && of_careful.get("tenant").is_none());
    for shown in [(first.access.as_str(), ACCESS), (session.as_str(), SESSION)] {
        let (token, claims) = given(&exchange(&ledger, shown, &[]).await);
        assert_eq!((&claims["team"], &claims["tenant"]), (&json!("north"), &json!("acme")));
        assert_eq!((&claims["roles"], claims.get("may_act")), (&json!([]), None));
        assert_eq!(orders.introspect(&token).await["team"], "north");
    }
    // A client that acts for itself has neither a document nor groups.
    let by_itself = own(&ledger).await;
    let (_, claims) = given(&exchange(&ledger, (&by_itself, ACCESS), &[]).await);
    assert_eq!((&claims["tenant"], claims.get("roles")), (&json!("acme"), None));
}

/// §4.4: `may_act` names the client that exchanges, or the actor where there is one.
pub async fn a_token_says_who_may_act(api: Api) {
    let [careful, ledger] = [CAREFUL, LEDGER].map(|id| Application::new(&api, id));
    let (first, _) = careful.sign_in(&flow()).await;
    assert_eq!(read(&first.access).1["may_act"], json!({ "sub": LEDGER }));
    assert!(first.id.get("may_act").is_none(), "{}", first.id);
    let shown = (first.access.as_str(), ACCESS);
    given(&exchange(&ledger, shown, &[]).await);
    let by_itself = own(&ledger).await;
    let acting = [("actor_token", by_itself.as_str()), ("actor_token_type", ACCESS)];
    assert_eq!(given(&exchange(&ledger, shown, &acting).await).1["act"]["sub"], LEDGER);
    let (_, session) = api.newcomer().await;
    let another = [("actor_token", session.as_str()), ("actor_token_type", SESSION)];
    let refused = exchange(&ledger, shown, &another).await;
    assert_refused(&refused, 400, "invalid_request");
}
