//! Every page in every state: its headers, its fields, its size, and that nothing typed becomes a tag.

use http::Method;
use tokenhouse_suite::browser::{Browser, Page};
use tokenhouse_suite::{Api, PASSWORD};

use crate::apps;

const SCRIPT: &str = "\"><script>alert(1)</script>{{ 7777*7 }}'";

/// Every page, with each form empty and refused.
async fn all(api: &Api) -> Vec<Page> {
    let mut pages = Vec::new();
    let mut guest = Browser::new(api);
    guest.headers.insert("user-agent", SCRIPT.to_owned());
    for path in ["/login", "/register"] {
        let page = guest.open(path).await;
        let bad =
            [("username", SCRIPT), ("email", SCRIPT), ("password", SCRIPT), ("return_to", SCRIPT)];
        pages.push(guest.submit(&page, path, &bad).await);
        pages.push(page);
    }
    pages.push(guest.open("/login?said=signed-out").await);
    pages.push(guest.look(&format!("/nothing?{}", "%22%3E%3Cscript%3E")).await);
    let (name, account) = guest.newcomer().await;
    pages.push(account);
    let mut other = Browser::new(api);
    other.headers.insert("user-agent", SCRIPT.to_owned());
    other.sign_in(&name, PASSWORD).await;
    for path in ["/account/sessions", "/logout"] {
        pages.push(guest.open(path).await);
    }
    for path in ["/account/password", "/account/delete"] {
        let page = guest.open(path).await;
        let bad = [("old_password", SCRIPT), ("new_password", SCRIPT), ("password", SCRIPT)];
        pages.push(guest.submit(&page, path, &bad).await);
        pages.push(page);
    }
    for host in ["login.example.org", "login.example.org\"><script>"] {
        pages.push(Browser::at(api, host).look("/login").await);
    }
    pages
}

#[tokio::test]
async fn every_page_keeps_to_itself() {
    let (api, _alive) = apps::on_sqlite().await;
    for page in all(&api).await {
        let header = |name| page.answer.header(name).unwrap_or_else(|| panic!("{name}: {page:?}"));
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none';") && policy.contains("frame-ancestors 'none'")
        );
        assert!(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains('*'));
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("referrer-policy"), "same-origin");
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
    let (api, _alive) = apps::on_sqlite().await;
    let pages = all(&api).await;
    assert!(pages.iter().any(|page| page.says("&lt;script&gt;alert(1)")), "it is shown somewhere");
    for page in pages {
        assert!(!page.says("<script>alert") && !page.says("54439"), "{}: {}", page.path, page.html);
        assert!(page.tags("script").iter().all(|tag| tag.contains_key("src")), "{}", page.path);
    }
}

/// The tokens that password managers look for (HTML, autofill).
fn autocomplete(path: &str, name: &str) -> &'static [&'static str] {
    match (path, name) {
        ("/register", "password") | (_, "new_password") => &["new-password"],
        (_, "password" | "old_password") => &["current-password"],
        (_, "username") => &["username"],
        (_, "email") => &["email"],
        _ => &["off"],
    }
}

#[tokio::test]
async fn every_input_says_what_it_is_to_password_managers_and_to_people() {
    let (api, _alive) = apps::on_sqlite().await;
    let mut seen = std::collections::BTreeSet::new();
    for page in all(&api).await {
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
