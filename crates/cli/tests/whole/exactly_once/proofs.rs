//! Proofs of a key (RFC 9449 §11.1): each is good for one request, whatever process that comes to.

use tokenhouse_suite::oauth_client::MACHINE;
use tokenhouse_suite::prover::Prover;

use super::{Asking, Once, Processes, ROUNDS, assert_refused, member, on_both_engines};

on_both_engines! { of_eight_who_send_one_proof_one_gets_a_token }

const PROOF: Once = Once {
    is_won: |answer| answer.status == 200,
    assert_lost: |answer| assert_refused(answer, 400, "invalid_dpop_proof"),
};

async fn of_eight_who_send_one_proof_one_gets_a_token(mut processes: Processes) {
    let key = Prover::new(&processes.api()).await;
    for round in 0..ROUNDS {
        let asking = Asking::tokens(MACHINE, &[("grant_type", "client_credentials")])
            .header("dpop", key.for_tokens());
        if let Some(winner) = processes.one_wins(round, &asking, PROOF).await {
            assert_eq!(member(&winner, "token_type"), "DPoP", "round {round}");
        }
    }
}
