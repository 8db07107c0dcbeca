//! Applications, and the browsers that they send here: from a request to a code, or to any other answer. What is
//! told of applications in other files begins with a [`Flow`].

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::browser::{Browser, Page, parameters, query};
use crate::{Answer, Api, PASSWORD, body};

/// What proves that who redeems a code is who asked for it (RFC 7636 appendix B).
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// An application on a server; people are asked.
pub const WEB: &str = "suite-web";
/// One in a browser.
pub const SPA: &str = "suite-spa";
/// One on a person's machine.
pub const NATIVE: &str = "suite-native";
/// One of the house, for which nobody is asked.
pub const HOUSE: &str = "suite-house";
/// The secret of those on a server.
pub const SECRET: &str = "thk_suite-secret-of-more-than-32-characters";

/// An application that the servers have to know before the cases run.
pub struct Registered {
    /// `client_id`.
    pub id: &'static str,
    /// As `tokenhouse_rules::oauth::client` reads them.
    pub settings: Value,
    /// Its secret, if it keeps one.
    pub secret: Option<&'static str>,
}

/// All applications of the suite.
pub fn clients() -> Vec<Registered> {
    let scopes = "openid profile email address phone groups offline_access";
    let web = json!({ "name": "Suite Web", "kind": "server", "scopes": scopes,
        "redirect_uris": ["https://web.example/cb", "https://web.example/other?a=b"],
        "post_logout_redirect_uris": ["https://web.example/bye"] });
    let spa = json!({ "name": "Suite Spa", "kind": "spa", "authentication": "none",
        "redirect_uris": ["https://spa.example/cb"], "origins": ["https://spa.example"],
        "scopes": scopes });
    let native = json!({ "name": "Suite Native", "kind": "native", "authentication": "none",
        "redirect_uris": ["http://127.0.0.1/cb", "com.example.suite:/cb"], "scopes": scopes });
    let house = json!({ "name": "Suite House", "kind": "server", "consent": "skip",
        "redirect_uris": ["https://house.example/cb"], "scopes": scopes });
    vec![
        Registered { id: WEB, settings: web, secret: Some(SECRET) },
        Registered { id: SPA, settings: spa, secret: None },
        Registered { id: NATIVE, settings: native, secret: None },
        Registered { id: HOUSE, settings: house, secret: Some(SECRET) },
    ]
    .into_iter()
    .chain(crate::oauth_client::clients())
    .chain(crate::logout::clients())
    .chain(crate::device::clients())
    .chain(crate::assertions::clients())
    .chain(crate::macs::clients())
    .chain(crate::pushed::clients())
    .chain(crate::signed_requests::clients())
    .chain(crate::dpop::clients())
    .chain(crate::profile::clients())
    .chain(crate::claims::clients())
    .chain(crate::exchange::clients())
    .chain(crate::mutated::clients())
    .collect()
}

/// One request of an application.
#[derive(Clone, Debug)]
pub struct Flow(BTreeMap<&'static str, String>);

/// A code that an application got, and what it needs beside it.
#[derive(Clone, Debug)]
pub struct Code {
    /// The application.
    pub client: String,
    /// The code.
    pub code: String,
    /// The address it came to.
    pub redirect_uri: String,
    /// What the ID token has to hold.
    pub nonce: String,
}

impl Flow {
    /// Of an application that is registered with this address.
    pub fn of(client: &str, redirect_uri: &str) -> Self {
        let (state, nonce) = (Uuid::new_v4().to_string(), Uuid::new_v4().to_string());
        Self(BTreeMap::from([
            ("client_id", client.to_owned()),
            ("redirect_uri", redirect_uri.to_owned()),
            ("response_type", "code".to_owned()),
            ("scope", "openid profile email".to_owned()),
            ("state", state),
            ("nonce", nonce),
            ("code_challenge", CHALLENGE.to_owned()),
            ("code_challenge_method", "S256".to_owned()),
        ]))
    }

    /// Of the application on a server.
    pub fn web() -> Self {
        Self::of(WEB, "https://web.example/cb")
    }

    /// With another value of a parameter.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.0.insert(name, value.to_owned());
        self
    }

    /// Without a parameter.
    #[must_use]
    pub fn without(mut self, name: &'static str) -> Self {
        self.0.remove(name);
        self
    }

    /// The names and values.
    pub fn pairs(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    /// Where the application sends the browser.
    pub fn path(&self) -> String {
        format!("/oauth2/authorize?{}", query(&self.pairs()))
    }

    /// Comes from the application, and agrees where she is asked to; where she lands. She is signed in.
    pub async fn agree(&self, browser: &mut Browser) -> Page {
        let page = browser.open(&self.path()).await;
        match page.says("action=\"/oauth2/consent\"") {
            true => browser.submit(&page, "/oauth2/consent", &[("answer", "allow")]).await,
            false => page,
        }
    }

    /// The same; what the application is told.
    pub async fn answer(&self, browser: &mut Browser) -> BTreeMap<String, String> {
        self.told(&self.agree(browser).await)
    }

    /// What the application is told by a browser that comes back to it: with its own state, and by whom.
    pub fn told(&self, page: &Page) -> BTreeMap<String, String> {
        assert_eq!(page.answer.status, 303, "{}: {}", page.path, page.html);
        assert!(page.path.starts_with(&self.0["redirect_uri"]), "{}", page.path);
        let told = parameters(&page.path);
        assert_eq!(told.get("state"), self.0.get("state"));
        assert!(told.contains_key("iss"), "{}", page.path);
        told
    }

    /// A code. She is signed in.
    pub async fn code(&self, browser: &mut Browser) -> Code {
        let told = self.answer(browser).await;
        let code = told.get("code").unwrap_or_else(|| panic!("no code: {told:?}"));
        let [client, redirect_uri, nonce] =
            ["client_id", "redirect_uri", "nonce"].map(|name| self.0[name].clone());
        Code { client, code: code.clone(), redirect_uri, nonce }
    }
}

impl Code {
    /// Turns it into tokens.
    pub async fn redeem(&self, api: &Api) -> Answer {
        let known = clients().into_iter().find(|client| client.id == self.client);
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("client_id", self.client.as_str()),
            ("code", self.code.as_str()),
            ("redirect_uri", self.redirect_uri.as_str()),
            ("code_verifier", VERIFIER),
        ];
        fields
            .extend(known.and_then(|client| client.secret).map(|secret| ("client_secret", secret)));
        let form = query(&fields);
        let form = Some(("application/x-www-form-urlencoded", form.as_bytes()));
        api.ask((Method::POST, "/oauth2/token"), None, form).await
    }

    /// The ID token it is worth.
    pub async fn id_token(&self, api: &Api) -> String {
        let answer = self.redeem(api).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        body(&answer)["id_token"].as_str().expect("an ID token").to_owned()
    }
}

/// From an application to the sign-in page, to the question, and back with a code.
pub async fn a_person_signs_in_and_comes_back_to_the_application(api: Api) {
    let (name, _) = Browser::new(&api).newcomer().await;
    let mut ada = Browser::new(&api);
    let flow = Flow::web();
    let first = ada.look(&flow.path()).await;
    assert_eq!(
        (first.answer.status, first.answer.header("cache-control")),
        (303, Some("no-store"))
    );
    let login = ada.open(&flow.path()).await;
    assert!(login.path.starts_with("/login?return_to=%2Foauth2%2Fauthorize%3F"), "{}", login.path);
    let policy = login.answer.header("content-security-policy").expect("a policy");
    assert!(policy.ends_with("form-action 'self' https:"), "{policy}");
    let wrong = [("username", name.as_str()), ("password", "not her password")];
    let refused = ada.submit(&login, "/login", &wrong).await;
    assert_eq!(refused.answer.status, 401);
    let right = [("username", name.as_str()), ("password", PASSWORD)];
    let asked = ada.submit(&refused, "/login", &right).await;
    assert!(asked.path.starts_with("/oauth2/authorize?"), "{}", asked.path);
    for said in ["Suite Web", name.as_str(), "see your e-mail address", "web.example"] {
        assert!(asked.says(said), "{said}: {}", asked.html);
    }
    assert!(!asked.says("see your postal address"));
    let policy = asked.answer.header("content-security-policy").expect("a policy");
    assert!(policy.ends_with("form-action 'self' https:"), "{policy}");
    let back = ada.submit(&asked, "/oauth2/consent", &[("answer", "allow")]).await;
    let told = flow.told(&back);
    assert!(told["code"].starts_with("thc_") && !told.contains_key("error"), "{told:?}");
    let discovered = api.ask((Method::GET, "/.well-known/openid-configuration"), None, None).await;
    assert_eq!(told["iss"], body(&discovered)["issuer"]);
}

/// Who has no account yet makes one on the way.
pub async fn a_newcomer_makes_an_account_on_the_way_to_the_application(api: Api) {
    let mut ada = Browser::new(&api);
    let flow = Flow::web().with("prompt", "create");
    let page = ada.open(&flow.path()).await;
    assert!(page.path.starts_with("/register?return_to="), "{}", page.path);
    let name = format!("u{}", Uuid::new_v4().simple());
    let typed = [("username", name.as_str()), ("password", PASSWORD)];
    let asked = ada.submit(&page, "/register", &typed).await;
    assert!(asked.says("Suite Web") && asked.says(&name), "{}", asked.html);
    let back = ada.submit(&asked, "/oauth2/consent", &[("answer", "allow")]).await;
    assert!(flow.told(&back).contains_key("code"));
    let login = Browser::new(&api).open(&Flow::web().path()).await;
    let links = login.tags("a");
    let onward = links.iter().find(|tag| tag["href"].starts_with("/register?return_to="));
    assert!(onward.is_some_and(|tag| tag["href"].contains("authorize")), "{}", login.html);
}

/// An answer as a form: a script sends it on, or a button.
pub async fn an_answer_can_be_a_form(api: Api) {
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let flow = Flow::web().with("response_mode", "form_post");
    for (agreed, expected) in [("allow", "code"), ("deny", "error")] {
        let flow = flow.clone().with("prompt", "consent");
        let asked = ada.open(&flow.path()).await;
        let page = ada.submit(&asked, "/oauth2/consent", &[("answer", agreed)]).await;
        assert_eq!(page.answer.status, 200, "{}", page.html);
        let form = page.tags("form").remove(0);
        assert_eq!(
            (form["action"].as_str(), form["method"].as_str()),
            ("https://web.example/cb", "post")
        );
        let fields: BTreeMap<_, _> = page
            .tags("input")
            .into_iter()
            .map(|tag| (tag["name"].clone(), tag["value"].clone()))
            .collect();
        assert!(fields.contains_key(expected) && fields.contains_key("iss"), "{fields:?}");
        assert_eq!(fields.get("state"), flow.0.get("state"));
        assert_eq!(page.tags("button").len(), 1);
        assert!(page.tags("script").iter().any(|tag| tag["src"].starts_with("/assets/onward.")));
        let policy = page.answer.header("content-security-policy").expect("a policy");
        assert!(policy.ends_with("form-action 'self' https:"), "{policy}");
        assert_eq!(page.answer.header("cache-control"), Some("no-store"));
    }
}

/// The port of a loopback address is free; nothing else is (RFC 8252 §7.3).
pub async fn a_native_application_comes_back_to_whichever_port_it_was_given(api: Api) {
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    for to in ["http://127.0.0.1:53217/cb", "http://127.0.0.1/cb", "com.example.suite:/cb"] {
        assert!(Flow::of(NATIVE, to).answer(&mut ada).await.contains_key("code"), "{to}");
    }
    for to in ["http://localhost:53217/cb", "http://127.0.0.2/cb", "http://127.0.0.1:1/cb/x"] {
        let page = ada.look(&Flow::of(NATIVE, to).path()).await;
        assert_eq!((page.answer.status, page.answer.header("location")), (400, None), "{to}");
    }
}

/// OpenID Connect Core §3.1.2.1: a request may come by `POST` too. Browsers send no cookie with it.
pub async fn a_request_may_come_as_a_form_of_the_application(api: Api) {
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let flow = Flow::web();
    let mut without = Browser::new(&api);
    without.headers.insert("origin", "https://web.example".to_owned());
    without.headers.insert("sec-fetch-site", "cross-site".to_owned());
    let sent = without.post("/oauth2/authorize", &flow.pairs()).await;
    assert_eq!((sent.answer.status, sent.answer.header("location")), (303, Some(&*flow.path())));
    assert!(flow.answer(&mut ada).await.contains_key("code"));
}
