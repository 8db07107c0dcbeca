//! Devices without a browser (RFC 8628): what they ask for, what a person answers, and how they poll.

use super::endpoints::{WRONG, nothing_but_refusals, pages_without_codes, post};
use super::{Draft, short_storm};
use crate::Api;
use crate::authorize::{HOUSE, SECRET, WEB};
use crate::browser::{Browser, Page};
use crate::device::{Device, GRANT, TELEVISION, TERMINAL};
use crate::oauth_client::{Tokens, assert_refused};

/// `POST /oauth2/device`: by who may not have any.
pub async fn a_mutated_request_of_a_device_gets_no_code(api: Api) {
    let ask = |client: &str, secret| {
        post("/oauth2/device", Some((client, secret)), &[("scope", "openid profile")])
    };
    let nameless = [("client_id", TERMINAL), ("scope", "openid")];
    let drafts = [
        ask(TERMINAL, WRONG),
        ask(WEB, SECRET),
        ask(HOUSE, SECRET),
        post("/oauth2/device", None, &nameless),
    ];
    short_storm(&api, &drafts, nothing_but_refusals).await;
    Device::new(&api, TERMINAL, "openid").await;
}

/// What a form of a page brings along.
fn brought(page: &Page, name: &str) -> String {
    let inputs = page.tags("input");
    let input = inputs.iter().find(|tag| tag.get("name").is_some_and(|known| known == name));
    input.unwrap_or_else(|| panic!("no {name}: {}", page.html))["value"].clone()
}

/// `POST /device`: by the form of another person, without a session, or for no device.
pub async fn a_mutated_answer_for_a_device_decides_nothing(api: Api) {
    let (mut ada, mut eve) = (Browser::new(&api), Browser::new(&api));
    ada.newcomer().await;
    eve.newcomer().await;
    let device = Device::new(&api, TELEVISION, "openid").await;
    let asked = device.typed(&mut ada).await;
    let [hers, id] = ["csrf", "device"].map(|name| brought(&asked, name));
    let foreign = brought(&eve.open("/device").await, "csrf");
    let session = format!("tokenhouse-session={}", ada.cookies["tokenhouse-session"]);
    let nobodys = "01890000-0000-7000-8000-000000000000";
    let allow = |csrf, device| {
        let fields = [("csrf", csrf), ("device", device), ("answer", "allow")];
        post("/device", None, &[&fields[..], &[("user_code", "BBBB-BBBN")]].concat())
    };
    let typed = post("/device", None, &[("csrf", &hers), ("user_code", "BBBB-BBBN")]);
    let page = |draft: Draft| draft.header("host", "localhost").header("accept", "text/html");
    let drafts = [
        allow(&foreign, &id).header("cookie", &session),
        allow(&hers, &id),
        allow(&hers, nobodys).header("cookie", &session),
        typed.header("cookie", &session),
    ]
    .map(page);
    short_storm(&api, &drafts, |method, answer| {
        pages_without_codes(method, answer)?;
        match answer.header("location") {
            Some(to) if to.starts_with("/device?said=") => Err("something was decided".to_owned()),
            _ => Ok(()),
        }
    })
    .await;
    assert_refused(&device.poll().await, 400, "authorization_pending");
    let done = ada.submit(&asked, "/device", &[("answer", "allow")]).await;
    assert_eq!(done.path, "/device?said=device-allowed");
    Tokens::of(&device.poll().await);
}

/// `POST /oauth2/token` with a device code: one that is somebody else's, refused, or waits.
pub async fn a_mutated_poll_of_a_device_gets_no_tokens(api: Api) {
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let [allowed, refused, waiting] = [
        Device::new(&api, TERMINAL, "openid").await,
        Device::new(&api, TERMINAL, "openid").await,
        Device::new(&api, TERMINAL, "openid").await,
    ];
    allowed.answer(&mut ada, "allow").await;
    refused.answer(&mut ada, "deny").await;
    let [good, denied, early] =
        [&allowed, &refused, &waiting].map(|device| device.text("device_code"));
    let altered = good.replace("thd_", "thd_A");
    let poll = |client, secret, code| {
        let fields = [("grant_type", GRANT), ("device_code", code)];
        post("/oauth2/token", Some((client, secret)), &fields)
    };
    let public = [("grant_type", GRANT), ("device_code", good), ("client_id", TELEVISION)];
    let drafts = [
        poll(TERMINAL, WRONG, good),
        poll(WEB, SECRET, good),
        poll(TERMINAL, SECRET, denied),
        poll(TERMINAL, SECRET, early),
        poll(TERMINAL, SECRET, &altered),
        post("/oauth2/token", None, &public),
    ];
    short_storm(&api, &drafts, nothing_but_refusals).await;
    Tokens::of(&allowed.poll().await);
}
