//! Refresh tokens: each has one successor, whoever asks and however often.

use futures_util::future::join_all;

use crate::authorize::{HOUSE, WEB};
use crate::oauth_client::{Application, Tokens, assert_refused, userinfo};
use crate::{Api, body};

/// An answer that was lost is given again; a token that was stolen is noticed.
pub async fn a_refresh_token_has_one_successor(api: Api) {
    let web = Application::new(&api, WEB);
    let (first, _) = web.sign_in(&web.flow()).await;
    let second = Tokens::of(&web.refresh(&first.refresh, &[]).await);
    let again = Tokens::of(&web.refresh(&first.refresh, &[]).await);
    assert_eq!(again.refresh, second.refresh, "nobody has used it yet");
    assert_eq!(second.id["sub"], first.id["sub"]);
    assert_eq!(second.id["auth_time"], first.id["auth_time"]);
    assert!(second.id.get("nonce").is_none(), "{}", second.id);
    let third = Tokens::of(&web.refresh(&second.refresh, &[]).await);
    assert_eq!(userinfo(&api, &third.access).await.status, 200);
    assert_refused(&web.refresh(&first.refresh, &[]).await, 400, "invalid_grant");
    assert_refused(&web.refresh(&third.refresh, &[]).await, 400, "invalid_grant");
    assert_refused(&userinfo(&api, &third.access).await, 401, "invalid_token");
}

/// Of many at once each gets the same one.
pub async fn many_who_refresh_at_once_get_the_same_successor(api: Api) {
    let house = Application::new(&api, HOUSE);
    let (mut given, _) = house.sign_in(&house.flow()).await;
    for _ in 0..3 {
        let all = join_all((0..8).map(|_| house.refresh(&given.refresh, &[]))).await;
        let all: Vec<_> = all.iter().map(Tokens::of).collect();
        assert!(all.iter().all(|one| one.refresh == all[0].refresh));
        given = all[0].clone();
    }
}

/// RFC 6749 §6: less for the moment, never more, and all of it again next time.
pub async fn a_refresh_asks_for_less_and_never_for_more(api: Api) {
    let web = Application::new(&api, WEB);
    let (given, _) = web.sign_in(&web.flow()).await;
    let less = Tokens::of(&web.refresh(&given.refresh, &[("scope", "openid")]).await);
    assert_eq!(less.all["scope"], "openid");
    assert!(body(&userinfo(&api, &less.access).await).get("preferred_username").is_none());
    for more in ["openid address", "admin", "open\"id"] {
        let refused = web.refresh(&less.refresh, &[("scope", more)]).await;
        assert_refused(&refused, 400, "invalid_scope");
    }
    let all = Tokens::of(&web.refresh(&less.refresh, &[]).await);
    assert_eq!(all.all["scope"], "email openid profile");
    let none = Tokens::of(&web.refresh(&all.refresh, &[("scope", "profile")]).await);
    assert!(none.id.is_null(), "no ID token without openid");
}

/// RFC 6749 §10.4.
pub async fn a_refresh_token_is_worth_nothing_to_another_application(api: Api) {
    let [web, house] = [WEB, HOUSE].map(|id| Application::new(&api, id));
    let (given, _) = web.sign_in(&web.flow()).await;
    assert_refused(&house.refresh(&given.refresh, &[]).await, 400, "invalid_grant");
    for secret in [Some("not its secret"), None] {
        let refused = web.clone().showing(secret).refresh(&given.refresh, &[]).await;
        assert_refused(&refused, 401, "invalid_client");
    }
    let changed = given.refresh.replace("thr_", "thr_A");
    for garbage in [changed.as_str(), "x", &given.access, "thr_"] {
        assert_refused(&web.refresh(garbage, &[]).await, 400, "invalid_grant");
        let nobody = web.clone().showing(Some("not its secret"));
        assert_refused(&nobody.refresh(garbage, &[]).await, 401, "invalid_client");
    }
    Tokens::of(&web.refresh(&given.refresh, &[]).await);
}

/// OpenID Connect Core §11: only `offline_access` outlives her session.
pub async fn tokens_end_with_the_session_unless_they_are_for_longer(api: Api) {
    let house = Application::new(&api, HOUSE);
    let (given, mut ada) = house.sign_in(&house.flow()).await;
    let offline = house.flow().with("scope", "openid offline_access").with("prompt", "consent");
    let lasting = house.tokens(&offline, &mut ada).await;
    let page = ada.open("/logout").await;
    ada.submit(&page, "/logout", &[]).await;
    assert_refused(&house.refresh(&given.refresh, &[]).await, 400, "invalid_grant");
    assert_refused(&userinfo(&api, &given.access).await, 401, "invalid_token");
    assert_eq!(userinfo(&api, &lasting.access).await.status, 200);
    Tokens::of(&house.refresh(&lasting.refresh, &[]).await);
}
