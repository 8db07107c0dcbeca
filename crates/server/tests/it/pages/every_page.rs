//! Every page in every state: its headers, its fields, its size, and that nothing typed becomes a tag.

use http::Method;
use serde_json::json;
use tokenhouse_rules::link::Purpose;
use tokenhouse_suite::PASSWORD;
use tokenhouse_suite::authorize::Flow;
use tokenhouse_suite::browser::{Browser, Page};
use tokenhouse_suite::device::{Device, TELEVISION};
use tokenhouse_suite::mail::{confirmed, link};

use crate::applications;
use crate::apps::{self, Place, Stage};
use crate::links::make;

const SCRIPT: &str = "\"><script>alert(1)</script>{{ 7777*7 }}'";

/// Two apps that keep their mails, and know applications.
async fn stage() -> Stage {
    applications::on(Place::Sqlite).await.1
}

/// Every page, with each form empty and refused.
async fn all(stage: &Stage) -> Vec<Page> {
    let api = &stage.api;
    let mut pages = of_links(stage).await;
    pages.extend(of_applications(stage).await);
    let mut guest = Browser::new(api);
    guest.headers.insert("user-agent", SCRIPT.to_owned());
    for path in ["/login", "/register", "/recover"] {
        let page = guest.open(path).await;
        let bad =
            [("username", SCRIPT), ("email", SCRIPT), ("password", SCRIPT), ("return_to", SCRIPT)];
        pages.push(guest.submit(&page, path, &bad).await);
        pages.push(page);
    }
    for path in ["/login?said=signed-out", "/recover?said=recovery-asked"] {
        pages.push(guest.open(path).await);
    }
    pages.push(guest.look(&format!("/nothing?{}", "%22%3E%3Cscript%3E")).await);
    let (name, account) = guest.newcomer().await;
    pages.push(account);
    let mut other = Browser::new(api);
    other.headers.insert("user-agent", SCRIPT.to_owned());
    other.sign_in(&name, PASSWORD).await;
    for path in ["/account/sessions", "/logout"] {
        pages.push(guest.open(path).await);
    }
    for path in ["/account/email", "/account/password", "/account/delete"] {
        let page = guest.open(path).await;
        let bad = [
            ("email", SCRIPT),
            ("old_password", SCRIPT),
            ("new_password", SCRIPT),
            ("password", SCRIPT),
        ];
        pages.push(guest.submit(&page, path, &bad).await);
        pages.push(page);
    }
    for host in ["login.example.org", "login.example.org\"><script>"] {
        pages.push(Browser::at(api, host).look("/login").await);
    }
    pages
}

/// The pages of links, and those of somebody who asked for another address and for the end of her account.
async fn of_links(stage: &Stage) -> Vec<Page> {
    let api = &stage.api;
    let ada = confirmed(api).await;
    let new = format!("new-{}", ada.email);
    let wanted = json!({ "email": new, "password": PASSWORD });
    api.json(Method::PUT, "/account/email", &ada.token, &wanted).await;
    api.post("/recover", &json!({ "login": ada.name })).await;
    let mut pages = Vec::new();
    let mut guest = Browser::new(api);
    for path in [
        make(&stage.app, Purpose::Invite, None, 60).await,
        make(&stage.app, Purpose::Invite, Some("bob@example.org"), 60).await,
        make(&stage.app, Purpose::Setup, None, 60).await,
        link(api, &ada.email, "/reset/").await,
        link(api, &new, "/confirm/").await,
    ] {
        let page = guest.open(&path).await;
        assert_eq!(page.answer.status, 200, "{}", page.html);
        let bad = [("username", SCRIPT), ("email", SCRIPT), ("password", "<b>"), ("csrf", SCRIPT)];
        pages.push(guest.submit(&page, &path, &bad).await);
        if !path.starts_with("/confirm/") {
            pages.push(guest.submit(&page, &path, &bad[..3]).await);
        }
        pages.push(page);
    }
    for path in ["/reset/x", "/confirm/x", "/invitation/x", "/setup/x"] {
        pages.push(guest.open(path).await);
    }
    let mut leaving = Browser::new(api);
    leaving.sign_in(&ada.name, PASSWORD).await;
    let form = leaving.open("/account/delete").await;
    pages.push(leaving.submit(&form, "/account/delete", &[("password", PASSWORD)]).await);
    pages.push(leaving.sign_in(&ada.name, PASSWORD).await);
    pages
}

/// The pages that an application is the reason of.
async fn of_applications(stage: &Stage) -> Vec<Page> {
    let api = &stage.api;
    let flow = Flow::web().with("state", SCRIPT);
    let mut ada = Browser::new(api);
    ada.newcomer().await;
    let asked = ada.open(&flow.path()).await;
    let refused = ada.submit(&asked, "/oauth2/consent", &[("csrf", SCRIPT)]).await;
    let posted = flow.clone().with("response_mode", "form_post").agree(&mut ada).await;
    assert_eq!((asked.answer.status, posted.answer.status), (200, 200), "{}", posted.html);
    let mut pages = vec![asked, refused, posted];
    for path in [
        flow.clone().with("client_id", SCRIPT).path(),
        flow.clone().with("redirect_uri", SCRIPT).path(),
        "/account/applications".to_owned(),
        "/oauth2/logout".to_owned(),
        "/oauth2/logout?client_id=suite-web&state=%22%3E%3Cscript%3E".to_owned(),
    ] {
        pages.push(ada.open(&path).await);
    }
    pages.extend(of_devices(&mut ada, stage).await);
    let login = flow.with("login_hint", SCRIPT).with("ui_locales", SCRIPT);
    pages.push(Browser::new(api).open(&login.path()).await);
    pages
}

/// Where what a device shows is typed, refused, asked about and answered.
async fn of_devices(ada: &mut Browser, stage: &Stage) -> Vec<Page> {
    let device = Device::new(&stage.api, TELEVISION, "openid").await;
    let asked = device.typed(ada).await;
    assert_eq!(asked.answer.status, 200, "{}", asked.html);
    let mut pages = vec![ada.open(&format!("/device?user_code={}", "%22%3E%3Cscript%3E")).await];
    for bad in [("user_code", SCRIPT), ("csrf", SCRIPT), ("device", SCRIPT), ("answer", SCRIPT)] {
        pages.push(ada.submit(&asked, "/device", &[bad]).await);
    }
    pages.push(asked);
    pages
}

#[tokio::test]
async fn every_page_keeps_to_itself() {
    let stage = stage().await;
    for page in all(&stage).await {
        let header = |name| page.answer.header(name).unwrap_or_else(|| panic!("{name}: {page:?}"));
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none';") && policy.contains("frame-ancestors 'none'")
        );
        let (own, leads) = policy.split_once("form-action 'self'").expect("forms to ourselves");
        assert!(!own.contains("unsafe") && !own.contains("http") && !own.contains('*'));
        assert!(["", " https:"].contains(&leads), "on to an application at most: {policy}");
        assert_eq!(header("cache-control"), "no-store");
        assert!(["same-origin", "strict-origin"].contains(&header("referrer-policy")));
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(header("content-type").starts_with("text/html"));
        for tag in ["script", "link", "img"] {
            for attributes in page.tags(tag) {
                let from =
                    attributes.get("src").or_else(|| attributes.get("href")).expect("an address");
                assert!(from.starts_with("/assets/"), "{}: {from}", page.path);
            }
        }
        assert!(!page.html.contains(" style=") && !page.html.contains(" onclick="));
    }
}

#[tokio::test]
async fn nothing_that_is_typed_or_sent_becomes_a_tag_or_a_template() {
    let stage = stage().await;
    let pages = all(&stage).await;
    assert!(pages.iter().any(|page| page.says("&lt;script&gt;alert(1)")), "it is shown somewhere");
    for page in pages {
        assert!(!page.says("<script>alert") && !page.says("54439"), "{}: {}", page.path, page.html);
        assert!(page.tags("script").iter().all(|tag| tag.contains_key("src")), "{}", page.path);
    }
}

/// The tokens that password managers look for (HTML, autofill).
fn autocomplete(path: &str, name: &str) -> &'static [&'static str] {
    let chosen = ["/register", "/invitation/", "/setup/", "/reset/"];
    match (path, name) {
        (_, "new_password") => &["new-password"],
        (path, "password") if chosen.iter().any(|new| path.starts_with(new)) => &["new-password"],
        (_, "password" | "old_password") => &["current-password"],
        (_, "username") => &["username"],
        (_, "email") => &["email"],
        _ => &["off"],
    }
}

#[tokio::test]
async fn every_input_says_what_it_is_to_password_managers_and_to_people() {
    let stage = stage().await;
    let mut seen = std::collections::BTreeSet::new();
    for page in all(&stage).await {
        let labels: Vec<_> = page.tags("label").into_iter().map(|tag| tag["for"].clone()).collect();
        let fields = page.tags("input").into_iter().chain(page.tags("select"));
        for field in fields {
            let name = field["name"].as_str();
            let expected = autocomplete(page.path.split('?').next().unwrap_or(""), name);
            let said =
                field.get("autocomplete").unwrap_or_else(|| panic!("{}: {field:?}", page.path));
            assert!(expected.contains(&said.as_str()), "{}: {field:?}", page.path);
            let unseen = field.get("type").is_some_and(|kind| kind == "hidden")
                || field.contains_key("hidden");
            assert!(unseen || labels.contains(&field["id"]), "{}: {field:?}", page.path);
            assert!(
                !field.contains_key("onpaste") && !field.contains_key("maxlength"),
                "{field:?}"
            );
            seen.insert(name.to_owned());
        }
        let inputs = page.tags("input");
        let has = |kind: &str, value: &str| {
            inputs.iter().any(|tag| tag.get(kind).is_some_and(|said| said == value))
        };
        assert!(
            !has("type", "password") || has("autocomplete", "username"),
            "{}: whose password?",
            page.path
        );
        let described =
            page.tags("input").into_iter().filter_map(|tag| tag.get("aria-describedby").cloned());
        for id in described.flat_map(|ids| ids.split(' ').map(str::to_owned).collect::<Vec<_>>()) {
            assert!(page.says(&format!("id=\"{id}\"")), "{}: {id}", page.path);
        }
    }
    for name in
        ["username", "email", "password", "old_password", "new_password", "csrf", "language"]
    {
        assert!(seen.contains(name), "{name} was not met");
    }
}

/// 30 KB is the bar for what goes over the wire compressed; this holds it for what is not even compressed.
#[tokio::test]
async fn the_sign_in_page_with_all_it_needs_weighs_less_than_30_kilobytes() {
    let (api, _alive) = apps::on_sqlite().await;
    let page = Browser::new(&api).open("/login").await;
    let mut bytes = page.answer.body.len();
    let needed = page.tags("script").into_iter().map(|tag| tag["src"].clone());
    let needed = needed.chain(page.tags("link").into_iter().map(|tag| tag["href"].clone()));
    for path in needed {
        let answer = api.ask((Method::GET, &path), None, None).await;
        assert_eq!(answer.status, 200, "{path}");
        let caching = answer.header("cache-control");
        assert_eq!(caching, Some("public, max-age=31536000, immutable"), "{path}");
        bytes += answer.body.len();
    }
    assert!((5_000..30_000).contains(&bytes), "{bytes}");
}

#[tokio::test]
async fn an_asset_of_another_release_is_answered_with_what_is_here_and_not_kept() {
    let (api, _alive) = apps::on_sqlite().await;
    for path in ["/assets/style.0123456789abcdef.css", "/assets/style.css"] {
        let answer = api.ask((Method::GET, path), None, None).await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-cache")));
        assert_eq!(answer.header("content-type"), Some("text/css; charset=utf-8"));
    }
    for path in
        ["/assets/nothing.css", "/assets/..%2Fmessages%2Fen.ftl", "/assets/en.ftl", "/assets/x"]
    {
        assert_eq!(api.ask((Method::GET, path), None, None).await.status, 404, "{path}");
    }
}
