//! What is told when nobody at the browser is to blame, or when it is not hers to mend.

use std::time::Duration;

use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::id::EventId;
use tokenhouse_server::router;
use tokenhouse_store::{Store, Trail};
use tokenhouse_suite::PASSWORD;
use tokenhouse_suite::browser::Browser;

use crate::apps;

async fn lock(store: &dyn Store, name: &str) {
    let user = store.user_by_name(name).await.expect("the store").expect("the user");
    let trail = Trail {
        id: EventId::new(user.created_at, [7; 10]),
        event: Event::UserLocked,
        actor: Actor::Operator,
        address: None,
        request_id: None,
    };
    assert!(store.lock_user(user.id, true, trail).await.expect("the store"));
}

#[tokio::test]
async fn a_lock_ends_the_session_and_is_told_only_to_who_has_the_password() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let app = apps::app(&url, std::io::sink()).await;
    let api = apps::asking([router::router(app.clone())]);
    let mut ada = Browser::new(&api);
    let (name, _) = ada.newcomer().await;
    lock(app.store.as_ref(), &name).await;
    assert!(ada.open("/account").await.path.starts_with("/login?said=session-ended"));
    let wrong = ada.sign_in(&name, "not her password").await;
    assert_eq!(wrong.answer.status, 401);
    assert!(!wrong.says("locked"));
    let told = ada.sign_in(&name, PASSWORD).await;
    assert_eq!(told.answer.status, 403);
    assert!(told.says("This account is locked") && !ada.cookies.contains_key("tokenhouse-session"));
}

#[tokio::test]
async fn who_cannot_be_served_now_is_told_when_to_come_back_and_loses_nothing() {
    let (api, _alive) =
        apps::on_sqlite_with(|settings| settings.hash_budget = Duration::ZERO).await;
    let mut ada = Browser::new(&api);
    let page = ada.open("/login").await;
    let typed = [("username", "ada"), ("password", PASSWORD)];
    let told = ada.submit(&page, "/login", &typed).await;
    assert_eq!(told.answer.status, 503, "{}", told.html);
    assert_eq!(told.answer.header("retry-after"), Some("2"));
    assert!(
        told.says("Too many people are signing in at the moment") && told.says("value=\"ada\"")
    );
    assert!(told.says("You can try again in \u{2068}2\u{2069} seconds."), "{}", told.html);
}
