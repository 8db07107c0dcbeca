//! By which address and with which protection people come, and what becomes of the cookie there.

use tokenhouse_suite::PASSWORD;
use tokenhouse_suite::browser::Browser;

use crate::apps;

const PUBLIC: &str = "https://login.example.org";

#[tokio::test]
async fn with_https_every_cookie_is_bound_to_the_host() {
    let (api, _alive) =
        apps::on_sqlite_with(|settings| settings.public_url = Some(PUBLIC.to_owned())).await;
    let mut ada = Browser::at(&api, "login.example.org");
    let page = ada.open("/register").await;
    let cookie = page.answer.header("set-cookie").expect("a cookie").to_owned();
    assert!(
        cookie.starts_with("__Host-tokenhouse-visit=") && cookie.contains("; Secure"),
        "{cookie}"
    );
    let typed = [("username", "ada"), ("password", PASSWORD)];
    let sent = ada.send(&page, "/register", &typed).await;
    let session = sent.answer.header("set-cookie").expect("a cookie");
    assert!(session.starts_with("__Host-tokenhouse-session=ths_"), "{session}");
    for attribute in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=7776000"] {
        assert!(session.contains(attribute), "{attribute}: {session}");
    }
    assert!(!session.contains("Domain"));
    assert_eq!(ada.open("/account").await.path, "/account");
    let token = ada.cookies.remove("__Host-tokenhouse-session").expect("a session");
    ada.cookies.insert("tokenhouse-session".to_owned(), token);
    let planted = ada.open("/account").await;
    assert!(planted.path.starts_with("/login"), "a cookie without the prefix is not looked at");
}

#[tokio::test]
async fn who_comes_by_another_address_is_told_both() {
    let (api, _alive) =
        apps::on_sqlite_with(|settings| settings.public_url = Some(PUBLIC.to_owned())).await;
    for host in ["localhost:8080", "example.org", "login.example.org:8443"] {
        let mut ada = Browser::at(&api, host);
        for path in ["/", "/login", "/register", "/account"] {
            let page = ada.look(path).await;
            assert_eq!(page.answer.status, 421, "{host}{path}");
            assert!(page.says(host) && page.says(&PUBLIC.replace('/', "&#x2f;")), "{}", page.html);
            assert!(page.tags("form").is_empty() && page.answer.header("set-cookie").is_none());
        }
    }
    let told = Browser::at(&api, "login.example.org").look("/login").await;
    assert_eq!(told.answer.status, 200);
}

#[tokio::test]
async fn over_plain_http_nobody_is_asked_for_a_password() {
    let (api, _alive) = apps::on_sqlite().await;
    let mut ada = Browser::at(&api, "login.example.org:8080");
    let page = ada.look("/login").await;
    assert_eq!(page.answer.status, 421);
    assert!(
        page.says("the browser would drop the cookie")
            && page.says("href=\"https:&#x2f;&#x2f;login.example.org&#x2f;login\"")
    );
    assert!(page.tags("input").is_empty());
    // What browsers send on https alone tells that there is a proxy that speaks TLS.
    ada.headers.insert("sec-fetch-site", "none".to_owned());
    let page = ada.look("/login").await;
    assert_eq!(page.answer.status, 200);
    assert!(page.answer.header("set-cookie").is_some_and(|cookie| cookie.contains("; Secure")));
}

#[tokio::test]
async fn nobody_but_a_trusted_proxy_says_by_which_host_or_scheme_people_came() {
    let (api, _alive) =
        apps::on_sqlite_with(|settings| settings.public_url = Some(PUBLIC.to_owned())).await;
    let mut ada = Browser::at(&api, "evil.example");
    for name in ["x-forwarded-host", "forwarded"] {
        let value = if name == "forwarded" {
            "host=login.example.org;proto=https"
        } else {
            "login.example.org"
        };
        ada.headers.insert(name, value.to_owned());
    }
    assert_eq!(ada.look("/login").await.answer.status, 421);
}
