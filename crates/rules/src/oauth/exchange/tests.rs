//! What may be exchanged for what, and who acts in the end.

use serde_json::json;

use super::super::client::Kind;
use super::*;

const ISSUER: &str = "https://login.example";
const GATE: &str = "https://gate.example";
const ORDERS: &str = "https://orders.example";

fn id() -> ClientId {
    ClientId::parse("gate").expect("an identifier")
}

fn scopes(text: &str) -> Scopes {
    Scopes::parse(text).expect("scopes")
}

fn settings() -> Settings {
    Settings {
        audience: Some(GATE.to_owned()),
        scopes: scopes("openid profile read offline_access"),
        token_exchange: vec![ORDERS.to_owned(), ISSUER.to_owned()],
        ..Settings::preset(Kind::Machine)
    }
}

/// A token of an application for the service that asks.
fn subject() -> Shown {
    Shown {
        sub: "ada".to_owned(),
        issued: Some(("shop".to_owned(), vec![GATE.to_owned(), ISSUER.to_owned()].into())),
        scope: Some(scopes("openid read write")),
        ends: 2_000,
        act: None,
        may_act: None,
    }
}

/// The service's own token.
fn actor() -> Shown {
    Shown {
        sub: "gate".to_owned(),
        issued: Some(("gate".to_owned(), vec![ISSUER.to_owned()].into())),
        scope: Some(scopes("")),
        ends: 1_500,
        act: None,
        may_act: None,
    }
}

fn for_orders() -> Wanted {
    Wanted { audience: vec![ORDERS.to_owned()], scope: None }
}

fn judged(wanted: &Wanted, subject: &Shown, actor: Option<&Shown>) -> Result<Exchanged, Refusal> {
    judge((&id(), &settings()), ISSUER, wanted, subject, actor)
}

#[test]
fn what_is_given_is_never_worth_more_than_what_is_shown() {
    let given = judged(&for_orders(), &subject(), None).expect("a token");
    assert_eq!(given.audience, [ORDERS]);
    assert_eq!((given.scope, given.ends, given.act), (scopes("read"), 2_000, None));
    let wanted = |text: &str| Wanted { scope: Some(scopes(text)), ..for_orders() };
    let narrow = judged(&wanted("read"), &subject(), None).expect("a token");
    assert_eq!(narrow.scope, scopes("read"));
    // One is not in the token, one is not the client's, and the others are for signing in.
    for more in ["profile", "write", "openid", "offline_access", "read write"] {
        let refused = judged(&wanted(more), &subject(), None);
        assert_eq!(refused, Err(Refusal::Scope), "{more}");
    }
    let session = Shown { issued: None, scope: None, ..subject() };
    let given = judged(&for_orders(), &session, None).expect("a token");
    assert_eq!(given.scope, scopes("profile read"), "all that the client may ask for");
}

#[test]
fn a_token_is_for_whom_the_client_may_ask_and_never_for_this_server() {
    let to = |names: &[&str]| Wanted {
        audience: names.iter().map(|name| (*name).to_owned()).collect(),
        scope: None,
    };
    for names in [&[][..], &["https://evil.example"], &[ORDERS, "orders"], &[ISSUER], &[GATE]] {
        assert_eq!(judged(&to(names), &subject(), None), Err(Refusal::Target), "{names:?}");
    }
}

#[test]
fn a_token_is_shown_by_who_got_it_or_whom_it_is_for() {
    let issued = |client: &str, audience: &str| Shown {
        issued: Some((client.to_owned(), vec![audience.to_owned()].into())),
        ..subject()
    };
    for (client, audience, may) in [
        ("gate", ISSUER, true),
        ("shop", GATE, true),
        ("shop", "gate", true),
        ("shop", ISSUER, false),
        ("shop", ORDERS, false),
        ("shop", "https://gate.example/", false),
    ] {
        let shown = issued(client, audience);
        let judged_so = judged(&for_orders(), &shown, None);
        assert_eq!(judged_so.is_ok(), may, "{client} {audience}");
        let as_actor = judged(&for_orders(), &subject(), Some(&shown));
        assert_eq!(as_actor.is_ok(), may, "{client} {audience}");
    }
    let other = issued("shop", ORDERS);
    assert_eq!(judged(&for_orders(), &other, None), Err(Refusal::Subject));
    assert_eq!(judged(&for_orders(), &subject(), Some(&other)), Err(Refusal::Actor));
}

#[test]
fn who_acts_comes_before_who_acted_and_nobody_is_forgotten() {
    let given = judged(&for_orders(), &subject(), Some(&actor())).expect("a token");
    assert_eq!(given.ends, 1_500, "nor does it outlive the actor's token");
    let act = serde_json::to_value(&given.act).expect("JSON");
    assert_eq!(act, json!({ "sub": "gate" }));
    let person = Shown { sub: "eve".to_owned(), ..actor() };
    let further = Shown { act: given.act, ..subject() };
    let given = judged(&for_orders(), &further, Some(&person)).expect("a token");
    let act = serde_json::to_value(&given.act).expect("JSON");
    assert_eq!(act, json!({ "sub": "eve", "client_id": "gate", "act": { "sub": "gate" } }));
    let kept = Shown { act: given.act.clone(), ..subject() };
    let without = judged(&for_orders(), &kept, None).expect("a token");
    assert_eq!(without.act, given.act, "an exchange without an actor keeps it");
}

#[test]
fn a_chain_has_an_end_and_an_actor_acts_for_himself() {
    let mut shown = subject();
    for _ in 0..MOST_ACTORS {
        shown.act = judged(&for_orders(), &shown, Some(&actor())).expect("a token").act;
    }
    let refused = judged(&for_orders(), &shown, Some(&actor()));
    assert_eq!(refused, Err(Refusal::TooManyActors));
    let act = Some(Act { sub: "x".to_owned(), client_id: None, act: None });
    let borrowed = Shown { act, ..actor() };
    let refused = judged(&for_orders(), &subject(), Some(&borrowed));
    assert_eq!(refused, Err(Refusal::ActorOfAnother));
}

#[test]
fn types_and_bonds_have_stable_names() {
    for kind in TokenType::ALL {
        assert_eq!(TokenType::named(kind.name()), Some(*kind));
    }
    assert_eq!(TokenType::named("urn:ietf:params:oauth:token-type:id_token"), None);
    let bond = Bond::Client("gate".to_owned());
    assert_eq!(serde_json::to_value(&bond).expect("JSON"), json!({ "client": "gate" }));
    let session: Result<Bond, _> =
        serde_json::from_value(json!({ "session": "00000000-0000-0000-0000-000000000007" }));
    assert!(matches!(session, Ok(Bond::Session(_))));
}

#[test]
fn who_may_act_is_what_the_token_says() {
    let of = |may_act: serde_json::Value| Shown { may_act: Some(may_act), ..subject() };
    let gate = json!({ "sub": "gate" });
    assert!(judged(&for_orders(), &of(gate.clone()), None).is_ok(), "the client itself");
    assert!(judged(&for_orders(), &of(gate), Some(&actor())).is_ok());
    let other = json!({ "sub": "orders" });
    let nobody = [json!({}), json!("gate"), json!({ "sub": "gate", "iss": "https://elsewhere" })];
    for may_act in nobody.into_iter().chain([other]) {
        for actor in [None, Some(&actor())] {
            let refused = judged(&for_orders(), &of(may_act.clone()), actor);
            assert_eq!(refused, Err(Refusal::NotToAct), "{may_act}");
        }
    }
}
