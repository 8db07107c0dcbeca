//! Proofs of a key as only time or another server could make them wrong, and a database that is away.

use std::time::Duration;

use tokenhouse_rules::keys::RootSecret;
use tokenhouse_rules::oauth::access_token;
use tokenhouse_rules::oauth::dpop::{self, Confirmation, Thumbprint};
use tokenhouse_rules::time::Timestamp;
use tokenhouse_server::router;
use tokenhouse_suite::oauth_client::{Application, MACHINE, Tokens, assert_refused};
use tokenhouse_suite::prover::{Prover, nonce, shown};

use crate::apps::{self, Place, on_both_engines};
use crate::{applications, tokens};

const GRANT: [(&str, &str); 1] = [("grant_type", "client_credentials")];

on_both_engines! {
    a_nonce_that_is_old_or_of_another_server_is_replaced,
}

/// RFC 9449 §8: the answer has the one to use, and nothing else was wrong.
async fn a_nonce_that_is_old_or_of_another_server_is_replaced(place: Place) {
    let (api, stage) = applications::on(place).await;
    let mut key = Prover::new(&api).await;
    let now = stage.app.store.now().await.expect("the store");
    let other = RootSecret::parse(&RootSecret::compose("k1", &[9; 32])).expect("a root secret");
    let given = dpop::nonce(&stage.app.root, now);
    let old = dpop::nonce(&stage.app.root, now.minus(Duration::from_secs(600)));
    for bad in [old, dpop::nonce(&other, now), format!("{given}A"), "x".to_owned()] {
        key.nonce = bad;
        let machine = Application::new(&api, MACHINE).proving(&[&key.for_tokens()]);
        let refused = machine.ask(&GRANT).await;
        assert_refused(&refused, 400, "use_dpop_nonce");
        key.nonce = nonce(&refused).expect("a nonce");
        let again = Application::new(&api, MACHINE).proving(&[&key.for_tokens()]);
        Tokens::of(&again.ask(&GRANT).await);
    }
}

/// 503 and never a refusal: an application would throw its key or its token away.
#[tokio::test]
async fn a_database_that_is_away_is_not_the_fault_of_a_proof() {
    let app = apps::without_database();
    let api = apps::asking([router::router(app.clone())]);
    let now = Timestamp::from_micros(1_800_000_000_000_000);
    let key = Prover::holding(&api, dpop::nonce(&app.root, now)).await;
    let machine = Application::new(&api, MACHINE).proving(&[&key.for_tokens()]);
    tokens::assert_away(&machine.ask(&GRANT).await);
    let jkt = Thumbprint::parse(&key.thumbprint()).expect("a thumbprint");
    let mut claims = access_token::open(&tokens::genuine(&app), &app.root).expect("our own");
    claims.cnf = Some(Confirmation { jkt });
    let token = access_token::seal(&claims, &app.root, [5; 12]).expect("short");
    let proof = key.for_userinfo(&token);
    tokens::assert_away(&shown(&api, "DPoP", &token, Some(&proof)).await);
    // What needs no database is refused all the same.
    assert_refused(&shown(&api, "Bearer", &token, None).await, 401, "invalid_token");
}
