//! Everything that can be asked in several steps, as scripts. A script decides by earlier answers alone.

use anyhow::Result;
use futures_util::future::BoxFuture;
use http::Method;
use serde_json::{Value, json};

use super::player::{NEW_PASSWORD, PASSWORD, Player, With};
use crate::generator::Random;

/// A flow and its name.
pub(super) type Flow = (&'static str, for<'a> fn(&'a mut Player) -> BoxFuture<'a, Result<()>>);

pub(super) const ALL: &[Flow] = &[
    ("register", |player| Box::pin(register(player))),
    ("sign in and out", |player| Box::pin(sign_in_and_out(player))),
    ("document", |player| Box::pin(document(player))),
    ("sessions", |player| Box::pin(sessions(player))),
    ("password", |player| Box::pin(password(player))),
    ("limit", |player| Box::pin(limit(player))),
    ("account", |player| Box::pin(account(player))),
    ("recovery", |player| Box::pin(recovery(player))),
    ("address", |player| Box::pin(address(player))),
    ("refusals", |player| Box::pin(refusals(player))),
];

/// Those that read mail, which is shown to the own machine only.
pub(super) const WITH_MAIL: [&str; 2] = ["recovery", "address"];

async fn register(player: &mut Player) -> Result<()> {
    let token = player.register("ada").await?;
    player.get("/data", &token).await?;
    player.register("ada").await?;
    let address = format!("{}@example.org", player.name("bob"));
    for name in ["bob", "eve"] {
        let new = json!({ "username": player.name(name), "email": address, "password": PASSWORD });
        player.ask(Method::POST, "/register", With { body: Some(new), ..With::default() }).await?;
    }
    let by_address = json!({ "username": address, "password": PASSWORD });
    player.ask(Method::POST, "/login", With { body: Some(by_address), ..With::default() }).await?;
    Ok(())
}

async fn sign_in_and_out(player: &mut Player) -> Result<()> {
    let first = player.register("ada").await?;
    let second = player.login("ada", PASSWORD).await?;
    player.login("ada", "wrong horse battery").await?;
    player.login("nobody", PASSWORD).await?;
    player.post("/logout", &first).await?;
    player.get("/data", &first).await?;
    player.get("/data", &second).await?;
    let third = player.login("ada", PASSWORD).await?;
    player.post("/logout/all", &second).await?;
    for token in [&first, &second, &third] {
        player.get("/data", token).await?;
    }
    let fourth = player.login("ada", PASSWORD).await?;
    player.get("/data", &fourth).await.map(drop)
}

async fn document(player: &mut Player) -> Result<()> {
    let token = player.register("ada").await?;
    let read = player.get("/data", &token).await?;
    player.send(Method::PUT, "/data", &token, json!({ "n": 1, "deep": { "a": [1, 2] } })).await?;
    let old = read.header("etag").unwrap_or_default().to_owned();
    let over = |tag: &'_ str| (tag.to_owned(), json!({ "n": 2 }));
    for (tag, body) in [over(&old), over("*")] {
        let header = Some(("if-match", tag.as_str()));
        let with = With { token: Some(&token), header, body: Some(body) };
        player.ask(Method::PUT, "/data", with).await?;
    }
    player.send(Method::PATCH, "/data", &token, json!({ "n": null, "m": "x" })).await?;
    let read = player.get("/data", &token).await?;
    let held = read.header("etag").unwrap_or_default().to_owned();
    let header = Some(("if-none-match", held.as_str()));
    let with = With { token: Some(&token), header, body: None };
    player.ask(Method::GET, "/data", with).await?;
    player.send(Method::PUT, "/data", &token, json!([1])).await.map(drop)
}

async fn sessions(player: &mut Player) -> Result<()> {
    let first = player.register("ada").await?;
    let second = player.login("ada", PASSWORD).await?;
    let third = player.login("ada", PASSWORD).await?;
    let stranger = player.register("eve").await?;
    let list = player.get("/sessions?page_size=2", &third).await?.json()?;
    if let Some(next) = list["next_page_token"].as_str() {
        let path = format!("/sessions?page_token={next}");
        let with = With { token: Some(&third), ..With::default() };
        player.ask_as((Method::GET, &path, "/sessions?page_token=<next>"), with).await?;
    }
    let id = list["items"][0]["id"].as_str().unwrap_or_default();
    let path = format!("/sessions/{id}");
    for token in [&stranger, &third, &second] {
        let with = With { token: Some(token), ..With::default() };
        player.ask_as((Method::DELETE, &path, "/sessions/<first>"), with).await?;
    }
    player.get("/data", &first).await?;
    player.get("/sessions", &second).await.map(drop)
}

async fn password(player: &mut Player) -> Result<()> {
    let first = player.register("ada").await?;
    let second = player.login("ada", PASSWORD).await?;
    let change = |old: &str, new: &str| json!({ "old_password": old, "new_password": new });
    for (old, new) in [("wrong horse", NEW_PASSWORD), (PASSWORD, "short"), (PASSWORD, NEW_PASSWORD)]
    {
        player.send(Method::POST, "/password", &second, change(old, new)).await?;
    }
    player.get("/data", &first).await?;
    player.get("/data", &second).await?;
    player.login("ada", PASSWORD).await?;
    player.login("ada", NEW_PASSWORD).await.map(drop)
}

/// As many wrong passwords as an account is allowed, and then the right one; her sessions go on.
async fn limit(player: &mut Player) -> Result<()> {
    let token = player.register("ada").await?;
    for attempt in 0..11 {
        player.login("ada", &format!("wrong horse {attempt}")).await?;
    }
    player.login("ada", PASSWORD).await?;
    let change = json!({ "old_password": PASSWORD, "new_password": NEW_PASSWORD });
    player.send(Method::POST, "/password", &token, change).await?;
    player.get("/data", &token).await.map(drop)
}

async fn account(player: &mut Player) -> Result<()> {
    let token = player.register("ada").await?;
    player.send(Method::PUT, "/data", &token, json!({ "colour": "green" })).await?;
    player.get("/account/export", &token).await?;
    for password in ["wrong horse", PASSWORD] {
        let body = json!({ "password": password });
        player.send(Method::DELETE, "/account", &token, body).await?;
    }
    player.get("/data", &token).await?;
    player.login("ada", PASSWORD).await?;
    player.register("ada").await.map(drop)
}

/// An address confirmed, a password forgotten and set anew, each by a link that works once.
async fn recovery(player: &mut Player) -> Result<()> {
    let token = player.register_with_address("ada").await?;
    let confirm = player.mailed_link().await?;
    for _ in 0..2 {
        player.follow("/confirm", &confirm, None).await?;
    }
    for login in [player.name("nobody"), player.address("ada")] {
        let body = json!({ "login": login });
        player.ask(Method::POST, "/recover", With { body: Some(body), ..With::default() }).await?;
    }
    let reset = player.mailed_link().await?;
    for password in ["short", NEW_PASSWORD, NEW_PASSWORD] {
        player.follow("/reset", &reset, Some(password)).await?;
    }
    player.follow("/confirm", &reset, None).await?;
    player.get("/data", &token).await?;
    player.login("ada", PASSWORD).await?;
    let token = player.login("ada", NEW_PASSWORD).await?;
    // Each of these has exactly one row in the trail, whoever was killed in between.
    player.get("/account/export", &token).await.map(drop)
}

/// Another address: withdrawn, asked for again, confirmed.
async fn address(player: &mut Player) -> Result<()> {
    let token = player.register("ada").await?;
    let wanted = player.address("ada");
    let change = |password: &str| json!({ "email": wanted, "password": password });
    player.send(Method::PUT, "/account/email", &token, change("wrong horse")).await?;
    player.send(Method::PUT, "/account/email", &token, change(PASSWORD)).await?;
    let first = player.mailed_link().await?;
    let with = With { token: Some(&token), ..With::default() };
    player.ask(Method::DELETE, "/account/email", with).await?;
    player.follow("/confirm", &first, None).await?;
    player.send(Method::PUT, "/account/email", &token, change(PASSWORD)).await?;
    let second = player.mailed_link().await?;
    player.follow("/confirm", &second, None).await?;
    let by_address = json!({ "username": wanted, "password": PASSWORD });
    player.ask(Method::POST, "/login", With { body: Some(by_address), ..With::default() }).await?;
    player.get("/account/export", &token).await.map(drop)
}

/// What is refused before or after the database is asked, and what is for everybody.
async fn refusals(player: &mut Player) -> Result<()> {
    let token = player.register("ada").await?;
    player.get("/data", "ths_AAAA").await?;
    player.get("/data", &format!("{token}A")).await?;
    player.ask(Method::GET, "/data", With::default()).await?;
    player.ask(Method::GET, "/nothing", With::default()).await?;
    player.ask(Method::PUT, "/login", With::default()).await?;
    player.ask(Method::GET, "/openapi.json", With::default()).await?;
    for body in [json!({}), json!({ "username": "a b", "password": "x" }), Value::Null] {
        player.ask(Method::POST, "/register", With { body: Some(body), ..With::default() }).await?;
    }
    let header = Some(("content-type", "text/plain"));
    let with = With { token: Some(&token), header, body: Some(json!({})) };
    player.ask(Method::PUT, "/data", with).await.map(drop)
}

/// So many steps of a few people, by chance.
pub(super) async fn random(player: &mut Player, seed: u64, steps: usize) -> Result<()> {
    const PEOPLE: [&str; 4] = ["kay", "lea", "max", "noa"];
    let mut random = Random::new(seed);
    let mut people: Vec<(&str, Vec<String>, &str)> = Vec::new();
    for who in PEOPLE {
        people.push((who, vec![player.register(who).await?], PASSWORD));
    }
    while player.steps() < steps {
        let place = usize::try_from(random.below(people.len() as u64))?;
        let (who, tokens, password) = &mut people[place];
        // Old ones too: what has ended stays ended.
        let token = random.pick(tokens).cloned().unwrap_or_default();
        match random.below(16) {
            0..6 => drop(player.get("/data", &token).await?),
            6..9 => {
                let body = json!({ "n": random.below(1000) });
                player.send(Method::PUT, "/data", &token, body).await?;
            }
            9..11 => {
                let body = json!({ format!("m{}", random.below(5)): random.below(9) });
                player.send(Method::PATCH, "/data", &token, body).await?;
            }
            11..13 => tokens.push(player.login(who, password).await?),
            13 => drop(player.post("/logout", &token).await?),
            14 => drop(player.get("/sessions?page_size=100", &token).await?),
            _ => {
                let new = if *password == PASSWORD { NEW_PASSWORD } else { PASSWORD };
                let change = json!({ "old_password": password, "new_password": new });
                let answer = player.send(Method::POST, "/password", &token, change).await?;
                if answer.status == 204 {
                    *password = new;
                }
            }
        }
    }
    Ok(())
}
