//! Mails, as a developer reads them at `/dev/outbox` of a server that keeps them. The cases with mail ask for such
//! servers: see `mail_suite!`.

use serde_json::json;
use uuid::Uuid;

use crate::browser::Browser;
use crate::{Api, PASSWORD, token};

/// One mail.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The page that shows it.
    pub html: String,
    /// The addresses in it, whole.
    pub links: Vec<String>,
}

/// The mails to an address, the newest first.
pub async fn letters(api: &Api, to: &str) -> Vec<Letter> {
    let mut developer = Browser::new(api);
    let list = developer.look("/dev/outbox").await;
    assert_eq!(list.answer.status, 200, "{}", list.html);
    let mut found = Vec::new();
    for item in list.html.split("<li").skip(1).filter(|item| item.contains(&format!(">{to}<"))) {
        let (_, rest) = item.split_once("href=\"").expect("a link to the mail");
        let path = rest.split('"').next().unwrap_or_default();
        let page = developer.look(path).await;
        let links = page.tags("a").into_iter().map(|tag| tag["href"].clone());
        let links = links.filter(|link| link.contains("://")).collect();
        found.push(Letter { html: page.html, links });
    }
    found
}

impl Letter {
    /// The path of the one link in it that begins with that.
    pub fn path(&self, first: &str) -> String {
        let paths = self.links.iter().filter_map(|link| {
            let (_, rest) = link.split_once("://")?;
            rest.find('/').map(|at| rest[at..].to_owned())
        });
        let mut paths: Vec<_> = paths.filter(|path| path.starts_with(first)).collect();
        paths.dedup();
        assert_eq!(paths.len(), 1, "one link to {first}: {}", self.html);
        paths.remove(0)
    }

    /// The token in that link.
    pub fn token(&self, first: &str) -> String {
        self.path(first).trim_start_matches(first).to_owned()
    }
}

/// The path of the newest link to somebody that begins with that.
pub async fn link(api: &Api, to: &str, first: &str) -> String {
    let all = letters(api, to).await;
    let newest = all.iter().find(|letter| letter.links.iter().any(|link| link.contains(first)));
    newest.unwrap_or_else(|| panic!("no link {first} to {to}")).path(first)
}

/// The token of the newest link to somebody that begins with that.
pub async fn link_token(api: &Api, to: &str, first: &str) -> String {
    link(api, to, first).await.trim_start_matches(first).to_owned()
}

/// Somebody with an address, and her token.
pub struct Addressed {
    /// Her user name.
    pub name: String,
    /// Her address.
    pub email: String,
    /// Her first session.
    pub token: String,
}

/// Registers somebody with an address, which is not confirmed yet.
pub async fn addressed(api: &Api) -> Addressed {
    let name = format!("u{}", Uuid::new_v4().simple());
    let email = format!("{name}@example.org");
    let new = json!({ "username": name, "email": email, "password": PASSWORD });
    let answer = api.post("/register", &new).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    Addressed { name, email, token: token(&answer) }
}

/// Registers somebody and confirms her address.
pub async fn confirmed(api: &Api) -> Addressed {
    let somebody = addressed(api).await;
    let token = link_token(api, &somebody.email, "/confirm/").await;
    let answer = api.post("/confirm", &json!({ "token": token })).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    somebody
}
