//! Assertions by which an application shows who it is (RFC 7523 §3): each `jti` is good once, whatever process it is
//! shown to.

use serde_json::json;
use tokenhouse_suite::assertions::{claims, shown};
use tokenhouse_suite::authorize::Registered;
use tokenhouse_suite::signer::Signer;

use super::{Asking, ISSUER, Once, Processes, ROUNDS, assert_refused, on_both_engines};

on_both_engines! { of_eight_who_show_one_assertion_one_is_believed }

const ROBOT: &str = "a-robot";

const ASSERTION: Once = Once {
    is_won: |answer| answer.status == 200,
    assert_lost: |answer| assert_refused(answer, 401, "invalid_client"),
};

/// An application without people that has a key.
pub(super) fn robot() -> Registered {
    let settings = json!({ "name": "A Robot", "kind": "machine", "scopes": "read",
        "authentication": "private_key_jwt", "jwks": { "keys": [Signer::es256().jwk()] },
        "grants": ["client_credentials"] });
    Registered { id: ROBOT, settings, secret: None }
}

async fn of_eight_who_show_one_assertion_one_is_believed(mut processes: Processes) {
    for round in 0..ROUNDS {
        let claims = claims(ISSUER, &json!({ "iss": ROBOT, "sub": ROBOT }));
        let assertion = Signer::es256().sign(&json!({}), &claims);
        let fields = [&[("grant_type", "client_credentials")][..], &shown(&assertion)].concat();
        processes.one_wins(round, &Asking::form(&fields), ASSERTION).await;
    }
}
