//! Authorization codes (RFC 6749 §4.1.2), and refresh tokens, which have one successor.

use tokenhouse_suite::authorize::{Code, HOUSE, VERIFIER};
use tokenhouse_suite::browser::Browser;
use tokenhouse_suite::oauth_client::Application;

use super::{Asking, GRANT, Processes, ROUNDS, member, on_both_engines, turn};

on_both_engines! {
    of_eight_who_redeem_a_code_one_wins,
    of_eight_who_refresh_all_get_the_same_token,
}

/// Rounds of one line of refresh tokens.
const LINE: usize = 10;

/// Redeems a code of the application of the house.
pub(super) fn redemption(code: &Code) -> Asking {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.code.as_str()),
        ("redirect_uri", code.redirect_uri.as_str()),
        ("code_verifier", VERIFIER),
    ];
    Asking::tokens(HOUSE, &fields)
}

async fn of_eight_who_redeem_a_code_one_wins(mut processes: Processes) {
    let api = processes.api();
    let house = Application::new(&api, HOUSE);
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    for round in 0..ROUNDS {
        let code = house.flow().code(&mut ada).await;
        if let Some(winner) = processes.one_wins(round, &redemption(&code), GRANT).await {
            processes.assert_ended(HOUSE, &winner).await;
        }
    }
}

async fn of_eight_who_refresh_all_get_the_same_token(mut processes: Processes) {
    let api = processes.api();
    let house = Application::new(&api, HOUSE);
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    for line in 0..ROUNDS / LINE {
        let given = house.tokens(&house.flow(), &mut ada).await;
        let (mut current, mut access) = (given.refresh.clone(), given.access);
        for round in line * LINE..(line + 1) * LINE {
            let asking = turn(HOUSE, &current);
            let answers = processes.at_once(round, &asking).await;
            // One more, should none have been answered: the same token gives the same successor.
            let last = processes.ask(round, &asking).await;
            let next = member(&last, "refresh_token");
            assert_ne!(next, current, "round {round}");
            for answer in &answers {
                assert_eq!(member(answer, "refresh_token"), next, "round {round}");
            }
            (current, access) = (next, member(&last, "access_token"));
        }
        assert!(processes.opens(&access).await, "line {line}");
        // The first one was turned long ago: whoever has it now stole it, or was robbed.
        for number in 0..processes.clients.len() {
            let late = processes.ask(number, &turn(HOUSE, &given.refresh)).await;
            (GRANT.assert_lost)(&late);
        }
        (GRANT.assert_lost)(&processes.ask(0, &turn(HOUSE, &current)).await);
        assert!(!processes.opens(&access).await, "line {line}");
    }
}
