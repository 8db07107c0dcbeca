//! Thousands of mutated requests to each endpoint of the provider, answered by two apps in turn.

use tokenhouse_suite::mutated;

use crate::applications;
use crate::apps::{Place, on_both_engines};

macro_rules! storms {
    ($($case:ident),* $(,)?) => {
        $(
            async fn $case(place: Place) {
                let (api, _alive) = applications::on(place).await;
                mutated::$case(api).await;
            }
        )*
        on_both_engines! { $($case),* }
    };
}

storms! {
    a_mutated_request_for_tokens_gets_none,
    a_mutated_question_to_userinfo_tells_nothing,
    a_mutated_introspection_tells_nothing,
    a_mutated_revocation_ends_nothing,
    a_mutated_authorization_gives_no_code,
    a_mutated_logout_ends_nothing,
    mutated_requests_for_keys_and_metadata_are_answered,
    a_mutated_request_that_is_sent_ahead_is_not_kept,
    a_mutated_exchange_gives_no_token,
    a_mutated_request_of_a_device_gets_no_code,
    a_mutated_answer_for_a_device_decides_nothing,
    a_mutated_poll_of_a_device_gets_no_tokens,
}
