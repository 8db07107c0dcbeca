//! Accounts deleted at once, where there is no time to think again.

use std::time::Duration;

use tokenhouse_suite::browser::Browser;
use tokenhouse_suite::mail::{confirmed, letters};
use tokenhouse_suite::{PASSWORD, assert_problem};

use crate::apps::{Place, on_both_engines};

on_both_engines! {
    without_a_time_to_think_again_an_account_goes_at_once,
    a_short_time_is_said_in_hours,
}

async fn without_a_time_to_think_again_an_account_goes_at_once(place: Place) {
    let stage = place.stage(|settings| settings.delete_grace = Duration::ZERO).await;
    let ada = confirmed(&stage.api).await;
    let mut browser = Browser::new(&stage.api);
    browser.sign_in(&ada.name, PASSWORD).await;
    let form = browser.open("/account/delete").await;
    assert!(form.says("This cannot be undone."));
    let gone = browser.submit(&form, "/account/delete", &[("password", PASSWORD)]).await;
    assert_eq!(gone.path, "/login?said=deleted");
    let login = stage.api.try_login(&ada.name, PASSWORD).await;
    assert_problem(&login, 401, "invalid_credentials");
    assert!(letters(&stage.api, &ada.email).await[0].html.contains("is deleted"), "she is told");
}

async fn a_short_time_is_said_in_hours(place: Place) {
    let grace = Duration::from_secs(36 * 3600 - 60);
    let stage = place.stage(|settings| settings.delete_grace = grace).await;
    let mut browser = Browser::new(&stage.api);
    browser.newcomer().await;
    let form = browser.open("/account/delete").await;
    assert!(form.says("in \u{2068}36\u{2069} hours"), "{}", form.html);
}
