//! What is told, and to whom, when a stored hash is damaged.

#![expect(clippy::disallowed_types, reason = "keeps what was logged, to look at it")]

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::id::EventId;
use tokenhouse_server::{management, router};
use tokenhouse_store::{Store, Trail};
use tokenhouse_suite::{PASSWORD, assert_problem, body};
use tower::ServiceExt;

use crate::apps;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn named(&self, name: &str) -> Vec<Value> {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines
            .map(|line| serde_json::from_slice::<Value>(line).expect("a JSON line"))
            .filter(|line| line["event.name"] == name)
            .collect()
    }
}

/// Puts something that is no hash in the place of the password's.
async fn damage(store: &dyn Store, name: &str) -> String {
    let user = store.user_by_name(name).await.expect("the store").expect("the user");
    let trail = Trail {
        id: EventId::new(user.created_at, [7; 10]),
        event: Event::PasswordChanged,
        actor: Actor::Operator,
        address: None,
        request_id: None,
    };
    let damaged = "$argon2id$v=19$m=64,t=1,p=1$".to_owned();
    assert!(store.set_password(user.id, damaged, trail).await.expect("the store"));
    user.id.to_string()
}

#[tokio::test]
async fn a_damaged_hash_is_a_wrong_password_to_the_client_and_an_error_to_the_operator() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let lines = Lines::default();
    let app = apps::app(&url, lines.clone()).await;
    let api = apps::asking([router::router(app.clone())]);
    let (name, _) = api.newcomer().await;
    let user = damage(app.store.as_ref(), &name).await;

    let given = json!({ "username": name, "password": PASSWORD });
    let answer = api.post("/login", &given).await;
    assert_problem(&answer, 401, "invalid_credentials");
    let given = json!({ "username": "nobody", "password": PASSWORD });
    let unknown = api.post("/login", &given).await;
    assert_eq!(body(&answer)["title"], body(&unknown)["title"]);

    app.log.flush();
    let told = lines.named("tokenhouse.password.corrupt");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((&told[0]["severity"], &told[0]["user.id"]), (&json!("ERROR"), &json!(user)));
    let asked = Request::get("/metrics").body(Body::empty()).expect("a request");
    let answer = management::router(app).oneshot(asked).await.expect("an infallible service");
    let counted = answer.into_body().collect().await.expect("a whole body").to_bytes();
    let counted = String::from_utf8_lossy(&counted);
    assert!(counted.contains("tokenhouse_password_hashes_corrupt_total 1\n"), "{counted}");
}
