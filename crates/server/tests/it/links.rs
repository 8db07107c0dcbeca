//! Links: made as an operator makes them, and what is true of all of them.

#![expect(clippy::disallowed_types, reason = "keeps what was logged, to look at it")]

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, header};
use serde_json::json;
use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::id::{EventId, LinkId};
use tokenhouse_rules::link::{self, Purpose};
use tokenhouse_server::app::App;
use tokenhouse_store::{MakeLink, NewLink, Trail};
use tokenhouse_suite::browser::Browser;
use tokenhouse_suite::mail::{confirmed, letters};
use tokenhouse_suite::{PASSWORD, body};

use crate::apps::{Place, on_both_engines};

/// The path of a new invitation or link to set up.
pub(crate) async fn make(app: &App, purpose: Purpose, email: Option<&str>, lives: u64) -> String {
    let bytes = *uuid::Uuid::new_v4().as_bytes();
    let id = LinkId::from_uuid(uuid::Uuid::from_bytes(bytes));
    let made = MakeLink {
        purpose,
        link: NewLink { id, lifetime: Duration::from_secs(lives) },
        email: email.map(str::to_owned),
        mail: None,
        trail: Trail {
            id: EventId::from_uuid(uuid::Uuid::new_v4()),
            event: if purpose == Purpose::Setup {
                Event::SetupLinkMade
            } else {
                Event::InvitationMade
            },
            actor: Actor::Operator,
            address: None,
            request_id: None,
        },
    };
    assert!(app.store.make_link(made).await.expect("the store"), "setup is open");
    let first = if purpose == Purpose::Setup { "setup" } else { "invitation" };
    format!("/{first}/{}", link::seal(purpose, id, &app.root).as_str())
}

on_both_engines! {
    a_link_in_a_mail_begins_with_the_configured_address_whatever_a_request_says_of_itself,
    no_token_of_a_link_is_ever_logged,
    names_and_addresses_are_text_on_every_page_of_a_link,
    the_pages_of_links_keep_to_themselves_and_take_forms_of_their_own_browser_only,
}

async fn a_link_in_a_mail_begins_with_the_configured_address_whatever_a_request_says_of_itself(
    place: Place,
) {
    let stage =
        place.stage(|settings| settings.base_url = "https://login.example.org".into()).await;
    let ada = confirmed(&stage.api).await;
    let text = json!({ "login": ada.name }).to_string();
    for (name, value) in [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example;proto=https"),
        ("x-forwarded-proto", "evil"),
        ("origin", "https://evil.example"),
        ("referer", "https://evil.example/"),
    ] {
        let request = Request::builder().method(Method::POST).uri("/recover");
        let request = request.header(header::CONTENT_TYPE, "application/json").header(name, value);
        let request = request.body(Bytes::copy_from_slice(text.as_bytes())).expect("a request");
        assert_eq!(stage.api.send(request).await.status, 202, "{name}");
    }
    let absolute = Request::post("https://evil.example/recover")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Bytes::from(text))
        .expect("a request");
    stage.api.send(absolute).await;
    let all = letters(&stage.api, &ada.email).await;
    let links: Vec<_> = all.iter().flat_map(|letter| &letter.links).collect();
    assert!(links.len() >= 5, "{links:?}");
    for link in links {
        assert!(link.starts_with("https://login.example.org/"), "{link}");
    }
    assert!(all.iter().all(|letter| !letter.html.contains("evil.example")));
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn no_token_of_a_link_is_ever_logged(place: Place) {
    let lines = Lines::default();
    let stage = place.logging(|settings| settings.access_log = true, || lines.clone()).await;
    let ada = confirmed(&stage.api).await;
    stage.api.post("/recover", &json!({ "login": ada.name })).await;
    let mut paths = Vec::new();
    for letter in letters(&stage.api, &ada.email).await {
        let links = letter.links.iter().filter(|link| link.contains("/thl_"));
        paths.extend(
            links.filter_map(|link| link.rsplit_once("://localhost").map(|(_, p)| p.to_owned())),
        );
    }
    paths.push(make(&stage.app, Purpose::Invite, None, 60).await);
    paths.push(make(&stage.app, Purpose::Setup, None, 60).await);
    assert!(paths.len() >= 4, "{paths:?}");
    let mut guest = Browser::new(&stage.api);
    for path in &paths {
        let page = guest.look(path).await;
        if page.tags("form").len() > 1 {
            guest.send(&page, path, &[("password", "short"), ("csrf", "")]).await;
            guest.send(&page, path, &[("password", "short")]).await;
        }
        stage.api.post(path, &json!({})).await;
        stage.api.ask((Method::DELETE, path), None, None).await;
    }
    stage.app.log.flush();
    let bytes = lines.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let text = String::from_utf8(bytes).expect("text");
    assert!(text.contains("/reset/{token}") && text.contains("/setup/{token}"), "{text}");
    assert!(!text.contains("thl_"), "{text}");
}

const SCRIPT: &str = "<script>alert(1)</script>";

async fn names_and_addresses_are_text_on_every_page_of_a_link(place: Place) {
    let stage = place.stage(|settings| settings.site_name = format!("Site {SCRIPT}")).await;
    let mut pages = Vec::new();
    let ada = confirmed(&stage.api).await;
    stage.api.post("/recover", &json!({ "login": ada.name })).await;
    let mut guest = Browser::new(&stage.api);
    let reset = tokenhouse_suite::mail::link(&stage.api, &ada.email, "/reset/").await;
    let odd = format!("o'{{{{7777*7}}}}&{}", ada.email);
    let wanted = json!({ "email": odd, "password": PASSWORD });
    let asked = stage.api.json(Method::PUT, "/account/email", &ada.token, &wanted).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    // An address that an operator typed is not judged by anybody.
    let invitation = make(&stage.app, Purpose::Invite, Some(SCRIPT), 60).await;
    let setup = make(&stage.app, Purpose::Setup, None, 60).await;
    for path in [reset, invitation, setup] {
        let page = guest.look(&path).await;
        assert_eq!(page.answer.status, 200, "{path}: {}", page.html);
        let bad = [("username", SCRIPT), ("email", SCRIPT), ("password", "<b>")];
        pages.push(guest.submit(&page, &path, &bad).await);
        pages.push(page);
    }
    let recover = guest.open("/recover").await;
    pages.push(guest.submit(&recover, "/recover", &[("username", SCRIPT), ("csrf", "")]).await);
    guest.sign_in(&ada.name, PASSWORD).await;
    for path in ["/account", "/account/email", "/account/delete"] {
        pages.push(guest.open(path).await);
    }
    assert!(pages.iter().any(|page| page.says("o&#x27;{{7777*7}}&amp;")), "the address is shown");
    for page in pages {
        assert!(page.says("Site &lt;script&gt;"), "{}: {}", page.path, page.html);
        assert!(!page.says("<script>alert") && !page.says("54439"), "{}: {}", page.path, page.html);
        assert!(page.tags("script").iter().all(|tag| tag.contains_key("src")), "{}", page.path);
    }
}

async fn the_pages_of_links_keep_to_themselves_and_take_forms_of_their_own_browser_only(
    place: Place,
) {
    let stage = place.stage(|_| {}).await;
    let ada = confirmed(&stage.api).await;
    stage.api.post("/recover", &json!({ "login": ada.name })).await;
    let reset = tokenhouse_suite::mail::link(&stage.api, &ada.email, "/reset/").await;
    let new = format!("new-{}", ada.email);
    let wanted = json!({ "email": new, "password": PASSWORD });
    stage.api.json(Method::PUT, "/account/email", &ada.token, &wanted).await;
    let confirm = tokenhouse_suite::mail::link(&stage.api, &new, "/confirm/").await;
    let invitation = make(&stage.app, Purpose::Invite, None, 60).await;
    let setup = make(&stage.app, Purpose::Setup, None, 60).await;
    let name = format!("x{}", ada.name);
    let typed = [("username", name.as_str()), ("email", "x@example.org"), ("password", PASSWORD)];
    for path in [&reset, &confirm, &invitation, &setup] {
        let mut eve = Browser::new(&stage.api);
        let page = eve.look(path).await;
        assert_eq!(page.answer.status, 200, "{path}");
        let header = |name| page.answer.header(name).unwrap_or_else(|| panic!("{name}: {page:?}"));
        assert!(header("content-security-policy").contains("frame-ancestors 'none'"));
        assert_eq!(header("x-frame-options"), "DENY");
        assert_eq!(header("referrer-policy"), "same-origin");
        assert_eq!(header("cache-control"), "no-store");
        let mut other = Browser::new(&stage.api);
        other.open("/login").await;
        assert_eq!(other.submit(&page, path, &typed).await.answer.status, 403, "{path}");
        let mut lost = Browser::new(&stage.api);
        let told = lost.submit(&page, path, &typed).await;
        assert_eq!(told.answer.status, 403);
        assert!(told.says("Your browser did not send our cookie back."));
        for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")]
        {
            eve.headers.insert(name, value.to_owned());
            assert_eq!(eve.submit(&page, path, &typed).await.answer.status, 403, "{path}");
            eve.headers.remove(name);
        }
        let chosen = eve.submit(&page, "/preferences", &[("language", "de")]).await;
        assert_eq!(&chosen.path, path, "she is where she was");
        assert!(chosen.says("lang=\"de\""));
    }
    let data = stage.api.get("/data", &ada.token).await;
    assert_eq!(body(&data)["user"]["email"], ada.email, "nothing was done");
    assert_eq!(stage.api.try_login(&name, PASSWORD).await.status, 401);
}
