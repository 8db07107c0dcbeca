//! Requests for authorization, from wherever their parameters came: what holds of every one that is granted a way.

use std::sync::LazyLock;

use tokenhouse_rules::oauth::authorize;
use tokenhouse_rules::oauth::client::{Kind, Settings};
use tokenhouse_rules::oauth::form::Parameters;

use crate::ISSUER;

/// Where answers may go.
pub const REDIRECT: &str = "https://shop.example/cb?a=b";

static SETTINGS: LazyLock<Settings> = LazyLock::new(|| {
    let mut settings = Settings::preset(Kind::Server);
    settings.name = "Shop".to_owned();
    settings.redirect_uris = vec![REDIRECT.to_owned()];
    settings.resources = vec!["https://api.example".to_owned()];
    settings.check().expect("good settings");
    settings
});

/// Judges the parameters of one: it goes nowhere but to the registered address, and asks for nothing more than it may.
pub fn judge(parameters: &Parameters) {
    let Ok(asking) = authorize::client_and_redirect(parameters) else { return };
    let Ok(to) = authorize::destination(asking, parameters, &SETTINGS) else { return };
    assert_eq!(to.redirect_uri(), REDIRECT);
    assert!(!parameters.is_repeated("redirect_uri") && !parameters.is_repeated("client_id"));
    match authorize::read(parameters, &SETTINGS, &to) {
        Ok(request) => {
            assert_eq!(parameters.repeated(), None);
            assert!(request.scope.is_subset(&SETTINGS.scopes));
            assert!(request.challenge.is_some(), "PKCE is required");
            assert!(request.resource.iter().all(|one| SETTINGS.resources.contains(one)));
            goes_home(&to.location(&to.code("thc_code", ISSUER)));
        }
        Err(refusal) => goes_home(&to.location(&to.refusal(&refusal, ISSUER))),
    }
}

/// That a `Location` is the registered address with a query and nothing that a header could not hold.
fn goes_home(location: &str) {
    let more = location.strip_prefix(REDIRECT).expect("the registered address first");
    assert!(more.starts_with('&'), "{more}");
    assert!(more.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#'), "{more}");
}
