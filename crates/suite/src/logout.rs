//! Applications that are told in a frame when somebody signs out (OpenID Connect Front-Channel Logout 1.0). How their
//! servers are told is a matter of processes, and tried with those.

use http::Method;
use serde_json::{Value, json};

use crate::authorize::{Flow, Registered, SECRET};
use crate::browser::{Browser, Page, query};
use crate::oauth_client::read;
use crate::{Api, assert_problem, body};

/// One that is told in a frame.
const FRAMED: &str = "suite-framed";
/// Another one, which does not ask which session it was.
const PLAIN: &str = "suite-framed-plainly";

/// The applications that are needed beside those of `authorize.rs`.
pub fn clients() -> Vec<Registered> {
    let framed = json!({ "name": "Suite Framed", "kind": "server", "consent": "skip",
        "redirect_uris": ["https://framed.example/cb"], "scopes": "openid offline_access",
        "post_logout_redirect_uris": ["https://framed.example/bye"],
        "frontchannel_logout_uri": "https://framed.example/out?a=b",
        "frontchannel_logout_session_required": true });
    let plain = json!({ "name": "Suite Framed Plainly", "kind": "server", "consent": "skip",
        "redirect_uris": ["https://plain.example:8443/cb"], "scopes": "openid",
        "frontchannel_logout_uri": "https://plain.example:8443/out" });
    [(FRAMED, framed), (PLAIN, plain)]
        .map(|(id, settings)| Registered { id, settings, secret: Some(SECRET) })
        .into()
}

/// Signs in to an application; the claims of its ID token.
async fn sign_in(api: &Api, ada: &mut Browser, flow: Flow) -> Value {
    read(&flow.code(ada).await.id_token(api).await).1
}

/// The addresses in the frames of a page, which nobody else can put there.
fn frames(page: &Page) -> Vec<String> {
    assert_eq!(page.answer.status, 200, "{}", page.html);
    let frames = page.tags("iframe");
    for frame in &frames {
        assert_eq!(frame["sandbox"], "allow-scripts allow-same-origin");
        assert_eq!(frame["referrerpolicy"], "no-referrer");
        assert!(!frame["title"].is_empty());
    }
    frames.into_iter().map(|frame| frame["src"].clone()).collect()
}

/// Where the page leads on to.
fn onward(page: &Page) -> String {
    let links = page.tags("a");
    let onward = links.iter().find(|link| link.get("id").is_some_and(|id| id == "onward"));
    onward.expect("a way on")["href"].clone()
}

/// Who signs out gets a page with a frame of each application that wants one and that this session led to.
pub async fn applications_are_told_in_frames_that_she_signed_out(api: Api) {
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let token = ada.cookies["tokenhouse-session"].clone();
    let claims = sign_in(&api, &mut ada, Flow::of(FRAMED, "https://framed.example/cb")).await;
    sign_in(&api, &mut ada, Flow::of(PLAIN, "https://plain.example:8443/cb")).await;
    sign_in(&api, &mut ada, Flow::web()).await;
    let mut eve = Browser::new(&api);
    eve.newcomer().await;
    sign_in(&api, &mut eve, Flow::of(FRAMED, "https://framed.example/cb")).await;

    let asked = ada.open("/logout").await;
    let page = ada.submit(&asked, "/logout", &[]).await;
    let session = [
        ("iss", claims["iss"].as_str().expect("an issuer")),
        ("sid", claims["sid"].as_str().expect("a session")),
    ];
    let framed = format!("https://framed.example/out?a=b&{}", query(&session));
    let expected = [framed, "https://plain.example:8443/out".to_owned()];
    assert_eq!(frames(&page), expected);
    assert!(page.says("Suite Framed") && !page.says("Suite Web"), "{}", page.html);
    let policy = page.answer.header("content-security-policy").expect("a policy");
    let sources = "; frame-src https://framed.example https://plain.example:8443";
    assert!(policy.ends_with(sources) && policy.contains("default-src 'none'"), "{policy}");
    assert_eq!(page.answer.header("cache-control"), Some("no-store"));
    assert!(!ada.cookies.contains_key("tokenhouse-session"));
    assert_problem(&api.get("/data", &token).await, 401, "invalid_token");
    assert_eq!(onward(&page), "/login?said=signed-out");
    let again = ada.submit(&asked, "/logout", &[]).await;
    assert_eq!(again.path, "/login?said=signed-out", "told once");
    let other = eve.cookies["tokenhouse-session"].clone();
    assert_eq!(api.get("/data", &other).await.status, 200, "somebody else's goes on");
}

/// An application that has somebody signed out gets her back after the others were told.
pub async fn who_signs_out_by_an_application_goes_on_after_the_frames(api: Api) {
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    sign_in(&api, &mut ada, Flow::of(FRAMED, "https://framed.example/cb")).await;
    let bye = "https://framed.example/bye";
    let asked = [("client_id", FRAMED), ("post_logout_redirect_uri", bye), ("state", "a b")];
    let page = ada.open(&format!("/oauth2/logout?{}", query(&asked))).await;
    let page = ada.submit(&page, "/logout", &[]).await;
    assert_eq!(frames(&page).len(), 1);
    let to = onward(&page);
    assert!(to.starts_with("/oauth2/logout?"), "{to}");
    assert_eq!(ada.open(&to).await.path, "https://framed.example/bye?state=a%20b");
}

/// What applications have to know of it (Back-Channel Logout §2.1, Front-Channel Logout §3).
pub async fn the_metadata_says_that_applications_are_told(api: Api) {
    let answer = api.ask((Method::GET, "/.well-known/openid-configuration"), None, None).await;
    let metadata = body(&answer);
    for channel in ["backchannel", "frontchannel"] {
        for member in ["supported", "session_supported"] {
            assert_eq!(metadata[format!("{channel}_logout_{member}")], true, "{metadata}");
        }
    }
}
