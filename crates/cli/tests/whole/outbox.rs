//! The outbox of a server that sends no mails, as the developer at the same machine reads it, and nobody else.

use serde_json::json;
use tokenhouse_proof::http::Client;
use tokenhouse_proof::server::{Builder, Tokenhouse};
use tokenhouse_suite::PASSWORD;
use tokenhouse_suite::browser::{Browser, Page};

use crate::client::{api, on};

/// A server over which somebody registered whose name is meant to be followed.
async fn with_a_mail(builder: Builder) -> Tokenhouse {
    let server = builder.start().await.expect("a server");
    let body = json!({ "username": "win.evil.example", "password": PASSWORD,
                       "email": "ada@example.org" });
    let answer = Client::fresh(server.addr()).post_json("/register", &body).send().await;
    assert_eq!(answer.expect("an answer").status, 201);
    server
}

fn at(server: &Tokenhouse) -> Browser {
    Browser::at(&api(server.addr()), &server.addr().to_string())
}

fn mail_of(list: &Page) -> String {
    let links = list.tags("a").into_iter().filter_map(|tag| tag.get("href").cloned());
    links.into_iter().find(|href| href.starts_with("/dev/outbox/")).expect("a mail")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_developer_reads_mails_in_a_browser_and_follows_their_links() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = with_a_mail(on(folder.path())).await;
    let mut browser = at(&server);
    let list = browser.open("/dev/outbox").await;
    assert!(list.says("Confirm your address for Tokenhouse") && list.says("ada@example.org"));
    let path = mail_of(&list);
    let mail = browser.open(&path).await;
    let begins = format!("{}/confirm/thl_", server.url());
    let links: Vec<_> = mail.tags("a").into_iter().map(|tag| tag["href"].clone()).collect();
    let link = links.iter().find(|link| link.starts_with(&begins)).expect("a link");
    assert!(!mail.says("evil.example") && !links.iter().any(|link| link.contains("evil")));
    let page = browser.open(link.strip_prefix(&server.url()).expect("our own")).await;
    assert_eq!(page.answer.status, 200, "{}", page.html);
    let html = browser.look(&format!("{path}/html")).await;
    let policy = html.answer.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none';") && policy.ends_with("; sandbox"), "{policy}");
    assert!(html.says("<table") && html.says(&begins) && !html.says("evil.example"));
    assert_eq!(browser.look("/dev/outbox/nothing").await.answer.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_reads_them() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = with_a_mail(on(folder.path())).await;
    let path = mail_of(&at(&server).open("/dev/outbox").await);
    let paths = ["/dev/outbox".to_owned(), path.clone(), format!("{path}/html")];
    for path in &paths {
        for header in ["x-forwarded-for", "forwarded", "x-forwarded-host", "x-real-ip"] {
            let mut tunnelled = at(&server);
            tunnelled.headers.insert(header, "192.0.2.1".to_owned());
            assert_eq!(tunnelled.look(path).await.answer.status, 404, "{header}");
        }
        let mut renamed = Browser::at(&api(server.addr()), "evil.example");
        let page = renamed.look(path).await;
        assert!(page.answer.status >= 400 && !page.says("thl_"), "{}", page.html);
        renamed.headers.insert("sec-fetch-site", "none".to_owned());
        let page = renamed.look(path).await;
        assert!(page.answer.status >= 400 && !page.says("thl_"), "{}", page.html);
    }
    let off = on(folder.path()).env("TOKENHOUSE_DEV_OUTBOX", "off").start().await;
    let off = off.expect("a server");
    for path in &paths {
        assert_eq!(at(&off).look(path).await.answer.status, 404, "{path}");
    }
}
