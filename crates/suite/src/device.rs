//! Devices without a browser (RFC 8628): a person signs in on one by what it shows.

use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};

use crate::authorize::{Registered, SECRET};
use crate::browser::{Browser, Page};
use crate::oauth_client::{Application, Tokens, assert_refused, userinfo};
use crate::{Answer, Api, PASSWORD, body};

/// One on a device that keeps no secret.
pub const TELEVISION: &str = "suite-television";
/// One on devices of a firm, which keep one.
pub const TERMINAL: &str = "suite-terminal";

/// The grant.
pub const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// The applications that these cases need.
pub fn clients() -> Vec<Registered> {
    let scopes = "openid profile email offline_access";
    let television = json!({ "name": "Suite Television", "kind": "device", "scopes": scopes,
        "authentication": "none", "grants": ["device_code", "refresh_token"] });
    let terminal = json!({ "name": "Suite Terminal", "kind": "server", "scopes": scopes,
        "grants": [GRANT, "refresh_token"] });
    vec![
        Registered { id: TELEVISION, settings: television, secret: None },
        Registered { id: TERMINAL, settings: terminal, secret: Some(SECRET) },
    ]
}

/// A device that shows a code.
#[derive(Clone)]
pub struct Device {
    /// Whose it is.
    pub application: Application,
    /// The whole answer.
    pub all: Value,
}

impl Device {
    /// One of that application, which asks for these scopes.
    pub async fn new(api: &Api, id: &'static str, scope: &str) -> Self {
        let application = Application::new(api, id);
        let answer = application.send("/oauth2/device", &[("scope", scope)]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        Self { application, all: body(&answer) }
    }

    /// A member of it.
    pub fn text(&self, name: &str) -> &str {
        self.all[name].as_str().unwrap_or_else(|| panic!("no {name}: {}", self.all))
    }

    /// What it shows.
    pub fn code(&self) -> &str {
        self.text("user_code")
    }

    /// The path of an address that it shows.
    pub fn path(&self, name: &str) -> String {
        let (_, path) = self.text(name).split_once("/device").expect("its page");
        format!("/device{path}")
    }

    /// Asks for tokens.
    pub async fn poll(&self) -> Answer {
        self.poll_as(&self.application).await
    }

    /// The same in the name of another application.
    pub async fn poll_as(&self, application: &Application) -> Answer {
        let code = self.text("device_code");
        application.ask(&[("grant_type", GRANT), ("device_code", code)]).await
    }

    /// The question that its code leads to. She is signed in.
    pub async fn typed(&self, browser: &mut Browser) -> Page {
        let page = browser.open("/device").await;
        browser.submit(&page, "/device", &[("user_code", self.code())]).await
    }

    /// Her answer to it.
    pub async fn answer(&self, browser: &mut Browser, answer: &str) -> Page {
        let asked = self.typed(browser).await;
        browser.submit(&asked, "/device", &[("answer", answer)]).await
    }
}

/// From the code on the device to tokens, and what they are worth; any form of the code will do.
pub async fn a_device_signs_in_who_allows_it(api: Api) {
    let mut ada = Browser::new(&api);
    let (name, _) = ada.newcomer().await;
    let device = Device::new(&api, TELEVISION, "openid email offline_access").await;
    assert_eq!((&device.all["interval"], &device.all["expires_in"]), (&json!(5), &json!(600)));
    let letters = device.code().replace('-', "");
    assert!(letters.len() == 8 && letters.bytes().all(|b| b"BCDFGHJKLMNPQRSTVWXZ".contains(&b)));
    assert_refused(&device.poll().await, 400, "authorization_pending");
    let page = ada.open(&device.path("verification_uri")).await;
    let typed = format!(" {} ", letters.to_lowercase());
    let asked = ada.submit(&page, "/device", &[("user_code", &typed)]).await;
    for said in ["Suite Television", &name, device.code(), "see your e-mail address", "127.0.0.1"] {
        assert!(asked.says(said), "{said}: {}", asked.html);
    }
    assert!(asked.says("If somebody sent you this code") && !asked.says("your name and"));
    let done = ada.submit(&asked, "/device", &[("answer", "allow")]).await;
    assert_eq!(done.path, "/device?said=device-allowed");
    assert!(done.says("You can go on at the device."), "{}", done.html);
    let given = Tokens::of(&device.poll().await);
    assert_eq!(given.all["scope"], "email offline_access openid");
    assert_eq!(given.id["aud"], TELEVISION);
    let told = body(&userinfo(&api, &given.access).await);
    assert_eq!((&told["sub"], told.get("email").is_some()), (&given.id["sub"], false));
    let next = Tokens::of(&device.application.refresh(&given.refresh, &[]).await);
    assert_ne!(next.refresh, given.refresh);
    let list = ada.open("/account/applications").await;
    assert!(list.says("Suite Television") && list.says("see your e-mail address"));
    let discovered = api.ask((Method::GET, "/.well-known/openid-configuration"), None, None).await;
    let discovered = body(&discovered);
    let endpoint = discovered["device_authorization_endpoint"].as_str().expect("an address");
    assert!(endpoint.ends_with("/oauth2/device"), "{endpoint}");
    let grants = discovered["grant_types_supported"].as_array().expect("a list");
    assert!(grants.contains(&json!(GRANT)));
}

/// RFC 8628 §3.3.1, §5.4: who opens it signs in, compares, and is asked all the same.
pub async fn an_address_with_the_code_in_it_decides_nothing(api: Api) {
    let (name, _) = Browser::new(&api).newcomer().await;
    let device = Device::new(&api, TERMINAL, "openid").await;
    let complete = device.path("verification_uri_complete");
    assert_eq!(complete, format!("/device?user_code={}", device.code()));
    let mut ada = Browser::new(&api);
    let login = ada.open(&complete).await;
    assert!(login.path.starts_with("/login?return_to=%2Fdevice%3Fuser_code%3D"), "{}", login.path);
    let page = ada.submit(&login, "/login", &[("username", &name), ("password", PASSWORD)]).await;
    assert_eq!(page.path, complete);
    let fields = page.tags("input");
    let field = fields.iter().find(|tag| tag["name"] == "user_code").expect("a field");
    assert_eq!(field["value"], device.code());
    assert!(!page.says("Suite Terminal"), "nothing was looked up: {}", page.html);
    assert_refused(&device.poll().await, 400, "authorization_pending");
    let asked = ada.submit(&page, "/device", &[("user_code", &field["value"])]).await;
    assert!(asked.says("Suite Terminal") && asked.says("Does the device show this very code?"));
    let other = asked.tags("a").into_iter().find(|tag| tag["href"].contains("other-account"));
    assert!(other.expect("a link")["href"].contains("user_code"), "{}", asked.html);
    ada.submit(&asked, "/device", &[("answer", "allow")]).await;
    Tokens::of(&device.poll().await);
}

/// RFC 8628 §3.5.
pub async fn a_device_that_comes_too_soon_is_told_to_slow_down(api: Api) {
    let device = Device::new(&api, TELEVISION, "openid").await;
    let polls = join_all((0..4).map(|_| device.poll())).await;
    let told: Vec<_> = polls.iter().map(|answer| (answer.status, body(answer))).collect();
    let count = |error: &str| {
        told.iter().filter(|(status, body)| *status == 400 && body["error"] == error).count()
    };
    assert_eq!((count("authorization_pending"), count("slow_down")), (1, 3), "{told:?}");
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    device.answer(&mut ada, "allow").await;
    // Her answer is told at once.
    Tokens::of(&device.poll().await);
}

/// `access_denied`, however often it asks; nobody can change her mind for her.
pub async fn a_device_that_is_refused_is_told_so(api: Api) {
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    for answer in ["deny", "anything"] {
        let device = Device::new(&api, TELEVISION, "openid").await;
        let asked = device.typed(&mut ada).await;
        let done = ada.submit(&asked, "/device", &[("answer", answer)]).await;
        assert_eq!(done.path, "/device?said=device-denied");
        for _ in 0..2 {
            assert_refused(&device.poll().await, 400, "access_denied");
        }
        let late = ada.submit(&asked, "/device", &[("answer", "allow")]).await;
        assert_eq!(late.answer.status, 400, "{}", late.html);
        assert!(late.says("This code is not known, or not any more"));
        assert_refused(&device.poll().await, 400, "access_denied");
    }
    let list = ada.open("/account/applications").await;
    assert!(list.says("No application is connected"), "{}", list.html);
}

/// OpenID Connect Core §11: as with codes.
pub async fn what_was_allowed_ends_with_the_session_unless_it_is_for_longer(api: Api) {
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let [early, short, long] = [
        Device::new(&api, TELEVISION, "openid").await,
        Device::new(&api, TELEVISION, "openid").await,
        Device::new(&api, TELEVISION, "openid offline_access").await,
    ];
    for device in [&early, &short, &long] {
        device.answer(&mut ada, "allow").await;
    }
    let [ended, lasting] = [Tokens::of(&short.poll().await), Tokens::of(&long.poll().await)];
    let out = ada.open("/logout").await;
    ada.submit(&out, "/logout", &[]).await;
    assert_refused(&early.poll().await, 400, "expired_token");
    assert_refused(&userinfo(&api, &ended.access).await, 401, "invalid_token");
    assert_refused(&short.application.refresh(&ended.refresh, &[]).await, 400, "invalid_grant");
    Tokens::of(&long.application.refresh(&lasting.refresh, &[]).await);
}

/// Whichever processes are asked. Who comes second may be a thief, or have been robbed.
pub async fn of_many_who_poll_at_once_one_gets_tokens_and_a_later_one_ends_them(api: Api) {
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    for _ in 0..3 {
        let device = Device::new(&api, TERMINAL, "openid").await;
        device.answer(&mut ada, "allow").await;
        let all = join_all((0..8).map(|_| device.poll())).await;
        let won = all.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(won, 1, "{all:?}");
        for lost in all.iter().filter(|answer| answer.status != 200) {
            assert_refused(lost, 400, "invalid_grant");
        }
    }
    let device = Device::new(&api, TELEVISION, "openid").await;
    device.answer(&mut ada, "allow").await;
    let given = Tokens::of(&device.poll().await);
    assert_eq!(userinfo(&api, &given.access).await.status, 200);
    assert_refused(&device.poll().await, 400, "invalid_grant");
    assert_refused(&userinfo(&api, &given.access).await, 401, "invalid_token");
    assert_refused(&device.application.refresh(&given.refresh, &[]).await, 400, "invalid_grant");
}
