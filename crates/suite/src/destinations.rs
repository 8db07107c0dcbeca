//! The pages on which somebody signs in say for which application.

use crate::Api;
use crate::authorize::Flow;
use crate::browser::{Browser, Page};
use crate::exchanged_claims;

/// Whether a page names an application, isolated from the direction of the words around it.
fn names(page: &Page, application: &str) -> bool {
    page.html.contains(&format!("To continue to \u{2068}{application}\u{2069}"))
}

/// Signing in, a refused password, making an account and recovering a password, which lead to each other.
pub async fn the_pages_on_the_way_name_the_application(api: Api) {
    let mut ada = Browser::new(&api);
    let login = ada.open(&Flow::web().path()).await;
    assert!(names(&login, "Suite Web"), "{}", login.html);
    let typed = [("username", "nobody at all"), ("password", "not a password")];
    let refused = ada.submit(&login, "/login", &typed).await;
    assert!(refused.answer.status >= 400 && names(&refused, "Suite Web"), "{}", refused.html);
    for onward in ["/register?return_to=", "/recover?return_to="] {
        let links = login.tags("a");
        let link = links.iter().find(|tag| tag["href"].starts_with(onward)).expect("a link");
        let page = ada.open(&link["href"]).await;
        assert!(page.answer.status == 200 && names(&page, "Suite Web"), "{}", page.html);
        let links = page.tags("a");
        let back = links.iter().find(|tag| tag["href"].starts_with("/login?return_to="));
        assert!(names(&ada.open(&back.expect("a way back")["href"]).await, "Suite Web"));
    }
    let marked_up = ada.open(&exchanged_claims::flow().path()).await;
    assert!(names(&marked_up, "Suite &amp; &lt;b&gt;Careful&lt;&#x2f;b&gt;"), "{}", marked_up.html);
}

/// Nor is a client believed that is not there.
pub async fn who_goes_on_to_no_application_is_told_of_none(api: Api) {
    let authorize = "%2Foauth2%2Fauthorize%3Fclient_id%3D";
    for query in [
        String::new(),
        "?return_to=%2Faccount".to_owned(),
        "?return_to=%2Faccount%3Fclient_id%3Dsuite-web".to_owned(),
        format!("?return_to={authorize}nobody"),
        format!("?return_to={authorize}%2520%2522"),
        "?return_to=%2Foauth2%2Fauthorize".to_owned(),
        "?return_to=%2Flogin%2Fcontinue%3Fto%3Dhttps%3A%2F%2Funknown.example".to_owned(),
    ] {
        let page = Browser::new(&api).open(&format!("/login{query}")).await;
        assert_eq!(page.answer.status, 200, "{query}");
        assert!(!page.says("To continue to"), "{query}: {}", page.html);
    }
}
