//! Where a page may lead: back to itself, and on to what somebody wanted before she had to sign in. An address is
//! compared with lists (`rules/local_path.rs`), never taken because it looks harmless.

use axum::http::Uri;
use percent_encoding::percent_decode_str;
use tokenhouse_rules::id::SessionId;
use tokenhouse_rules::link;
use tokenhouse_rules::local_path::LocalPath;
use tokenhouse_rules::oauth::user_code::UserCode;
use url::form_urlencoded;

use super::render;

/// Where an application sends people to be signed in. The query says for what.
pub(super) const AUTHORIZE: &str = "/oauth2/authorize";
/// Where an application sends people to be signed out.
pub(super) const END_SESSION: &str = "/oauth2/logout";
/// The way back to another host, whose proxy asked who is there.
pub(super) const CONTINUE: &str = "/login/continue";

/// Where what a device shows is typed. The query may hold it.
pub(super) const DEVICE: &str = "/device";

/// Where somebody may be sent after she signed in.
pub(super) const AFTER_SIGN_IN: &[&str] = &[
    "/account",
    "/account/email",
    "/account/password",
    "/account/sessions",
    "/account/applications",
    "/account/delete",
    "/logout",
    AUTHORIZE,
    CONTINUE,
    DEVICE,
];

/// Where somebody may be sent back to: every page that can be asked for, and those of links.
const PAGES: &[&str] = &[
    "/account",
    "/account/email",
    "/account/password",
    "/account/sessions",
    "/account/applications",
    "/account/delete",
    "/logout",
    "/login",
    "/register",
    "/recover",
    AUTHORIZE,
    END_SESSION,
    DEVICE,
];

/// What is asked at these is in their query, all of which belongs to the page.
const OF_APPLICATIONS: &[&str] = &[AUTHORIZE, END_SESSION];

/// The first part of the addresses in mails; the second is a token, which is looked at when it is used.
const OF_LINKS: &[&str] = &["reset", "confirm", "invitation", "setup"];

/// The page that is asked for, if one can come back to it, with those of its parameters that mean something. The
/// languages that it was asked for in are left out: she may choose another one at its foot.
pub(super) fn here(uri: &Uri) -> Option<LocalPath> {
    if OF_APPLICATIONS.contains(&uri.path()) {
        return LocalPath::parse(&unspoken(uri.path_and_query()?.as_str()), OF_APPLICATIONS);
    }
    let query = uri.query().unwrap_or_default();
    let kept = |name| parameter(query, name).map(|value| (name, value));
    let after = kept("after").filter(|(_, id)| id.parse::<SessionId>().is_ok());
    let onward = kept("return_to").filter(|(_, to)| LocalPath::parse(to, AFTER_SIGN_IN).is_some());
    let code = kept("user_code").filter(|(_, code)| UserCode::parse(code).is_some());
    let text = match after.or(onward).or(code) {
        Some((name, value)) => {
            format!("{}?{name}={}", uri.path(), render::encoded(&unspoken(&value)))
        }
        None => uri.path().to_owned(),
    };
    back(&text)
}

fn unspoken(to: &str) -> String {
    match to.split_once('?') {
        Some((path, query)) if OF_APPLICATIONS.contains(&path) => {
            format!("{path}?{}", rewritten(query, &["ui_locales"]))
        }
        _ => to.to_owned(),
    }
}

/// A path that somebody may be sent back to.
pub(super) fn back(text: &str) -> Option<LocalPath> {
    LocalPath::parse(text, PAGES).or_else(|| LocalPath::parse(text, &[of_link(text)?]))
}

/// The address of a link, if it is one by its looks: characters that mean nothing else in an address.
fn of_link(text: &str) -> Option<&str> {
    let (first, token) = text.strip_prefix('/')?.split_once('/')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let is_token = token.strip_prefix(link::PREFIX)?.bytes().all(plain);
    (OF_LINKS.contains(&first) && is_token).then_some(text)
}

/// What an application asks for at a path of [`OF_APPLICATIONS`], under this name.
pub(super) fn asked_for(to: &LocalPath, name: &str) -> Option<String> {
    let (path, query) = to.as_str().split_once('?')?;
    OF_APPLICATIONS.contains(&path).then(|| parameter(query, name))?
}

/// The first parameter of that name in a query.
pub(super) fn parameter(query: &str, name: &str) -> Option<String> {
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        let spaced = value.replace('+', " ");
        (key == name).then(|| percent_decode_str(&spaced).decode_utf8_lossy().into_owned())
    })
}

/// A query or form, written as a [`LocalPath`] may hold it, without these parameters.
pub(super) fn rewritten(query: &str, without: &[&str]) -> String {
    let kept =
        form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| !without.contains(&&**name));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_come_back_to_without_what_was_said_on_it() {
        let here =
            |uri: &'static str| here(&Uri::from_static(uri)).map(|path| path.as_str().to_owned());
        assert_eq!(
            here("/login?said=deleted&return_to=%2Faccount").as_deref(),
            Some("/login?return_to=%2Faccount")
        );
        assert_eq!(here("/account?said=welcome").as_deref(), Some("/account"));
        assert_eq!(here("/preferences"), None);
        let typed = "/device?user_code=BCDF-GHJK";
        assert_eq!(here(typed).as_deref(), Some(typed));
        assert_eq!(here("/device?user_code=%22%3E&said=x").as_deref(), Some("/device"));
        assert_eq!(here("//evil.example/login"), None);
        let link = "/reset/thl_Ab-_9";
        assert_eq!(here("/reset/thl_Ab-_9?said=welcome").as_deref(), Some(link));
        for bad in [
            "/reset/",
            "/reset/x",
            "/elsewhere/thl_Ab-_9",
            "/reset/thl_a/b",
            "/reset/thl_a?b",
            "//reset/thl_a",
            "/reset//thl_a",
            "/reset/thl_%2e%2e",
        ] {
            assert_eq!(back(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_an_application_asks_for_is_come_back_to_as_a_whole() {
        let asked = "/oauth2/authorize?client_id=a&scope=openid+email&state=%22%3C&return_to=x";
        let spoken = format!("{asked}&ui_locales=de");
        let to = here(&spoken.parse().expect("an address")).expect("a page");
        assert_eq!(to.as_str(), asked);
        let login = format!("/login?return_to={}", render::encoded(&spoken));
        let to_login = here(&login.parse().expect("an address")).expect("a page");
        let kept = format!("/login?return_to={}", render::encoded(asked));
        assert_eq!(to_login.as_str(), kept);
        assert_eq!(asked_for(&to, "scope").as_deref(), Some("openid email"));
        let account = LocalPath::parse("/account?scope=x", PAGES).expect("a page");
        assert_eq!(asked_for(&account, "scope"), None);
    }

    #[test]
    fn whatever_a_query_holds_is_a_path_of_ours_when_it_is_rewritten() {
        let sent = "state=a\"<>\\#ä&asked_at=1&scope=openid%20email&x&asked%5fat=2&y=%00%0d%0a";
        let once = rewritten(sent, &["asked_at"]);
        let text = format!("{AUTHORIZE}?{once}");
        let to = back(&text).expect("a page");
        assert_eq!(asked_for(&to, "state").as_deref(), Some("a\"<>\\#ä"));
        assert_eq!(asked_for(&to, "scope").as_deref(), Some("openid email"));
        assert_eq!(asked_for(&to, "y").as_deref(), Some("\0\r\n"));
        assert!(!text.contains("asked"), "{text}");
        assert_eq!(rewritten(&once, &[]), once);
    }

    #[test]
    fn a_parameter_is_decoded_once() {
        assert_eq!(
            parameter("a=1&return_to=%2Faccount%3Fx", "return_to").as_deref(),
            Some("/account?x")
        );
        assert_eq!(parameter("ui_locales=fr+en&b", "ui_locales").as_deref(), Some("fr en"));
        assert_eq!(parameter("b", "b"), None);
        assert_eq!(parameter("a=%252F", "a").as_deref(), Some("%2F"));
    }
}
