//! Device codes (RFC 8628 §3.5): what a person allowed is redeemed as a code is.

use tokenhouse_suite::browser::Browser;
use tokenhouse_suite::device::{Device, GRANT as DEVICE_CODE, TERMINAL};

use super::{Asking, GRANT, Processes, ROUNDS, on_both_engines};

on_both_engines! { of_eight_who_poll_for_one_device_one_wins }

async fn of_eight_who_poll_for_one_device_one_wins(mut processes: Processes) {
    let api = processes.api();
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    // One form is good for all of them.
    let page = ada.open("/device").await;
    for round in 0..ROUNDS {
        let device = Device::new(&api, TERMINAL, "openid").await;
        let asked = ada.send(&page, "/device", &[("user_code", device.code())]).await;
        let done = ada.send(&asked, "/device", &[("answer", "allow")]).await;
        assert_eq!(done.answer.header("location"), Some("/device?said=device-allowed"));
        let fields = [("grant_type", DEVICE_CODE), ("device_code", device.text("device_code"))];
        let poll = Asking::tokens(TERMINAL, &fields);
        if let Some(winner) = processes.one_wins(round, &poll, GRANT).await {
            processes.assert_ended(TERMINAL, &winner).await;
        }
    }
}
