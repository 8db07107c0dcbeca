//! References to requests that were sent ahead (RFC 9126 §2.2: used once): one browser comes back with a code.

use tokenhouse_proof::http::Answer;
use tokenhouse_suite::authorize::{Code, HOUSE};
use tokenhouse_suite::browser::{Browser, parameters};
use tokenhouse_suite::oauth_client::Application;
use tokenhouse_suite::pushed::{path, push};

use super::codes::redemption;
use super::{Asking, Once, Processes, ROUNDS, member, on_both_engines};

on_both_engines! { of_eight_who_bring_one_reference_one_gets_a_code }

const CALLBACK: &str = "https://house.example/cb";

const REFERENCE: Once = Once {
    is_won: |answer| {
        answer.status == 303 && code(answer).is_some_and(|code| code.starts_with("thc_"))
    },
    // A person is told, and no application.
    assert_lost: |answer| {
        assert_eq!((answer.status, answer.header("location")), (400, None), "{}", answer.text());
        assert!(answer.text().contains("invalid_request_uri"), "{}", answer.text());
    },
};

/// The code that a browser is sent back with.
fn code(answer: &Answer) -> Option<String> {
    let to = answer.header("location").filter(|to| to.starts_with(CALLBACK))?;
    parameters(to).remove("code")
}

async fn of_eight_who_bring_one_reference_one_gets_a_code(mut processes: Processes) {
    let api = processes.api();
    let house = Application::new(&api, HOUSE);
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let session = ada.cookies["tokenhouse-session"].clone();
    for round in 0..ROUNDS {
        let flow = house.flow();
        let reference = push(&house, &flow).await;
        let asking = Asking::page(path(HOUSE, &reference), &session);
        let Some(winner) = processes.one_wins(round, &asking, REFERENCE).await else { continue };
        // Who comes later is refused and takes nothing from who came first.
        let code = Code {
            client: HOUSE.to_owned(),
            code: code(&winner).expect("a code"),
            redirect_uri: CALLBACK.to_owned(),
            nonce: String::new(),
        };
        let given = processes.ask(round, &redemption(&code)).await;
        assert!(!member(&given, "id_token").is_empty(), "round {round}");
    }
}
