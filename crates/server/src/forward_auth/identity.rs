//! Who asks, as a service is told. Every header is in every answer, empty where there is nothing to say: a proxy
//! that copies them then overwrites what the client may have sent under those names.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use tokenhouse_rules::oauth::forwarding::{self, Forwarding};
use tokenhouse_store::Owner;

use crate::pages;

/// Of the standard claims, what somebody is called by.
#[derive(Deserialize)]
struct Called {
    name: Option<String>,
}

/// The headers of an answer that lets a request pass: who sends it, if that is known, and its cookies without ours.
pub(super) fn headers(
    forwarding: &Forwarding,
    owner: Option<&Owner>,
    asked: &HeaderMap,
) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut put = |name: &str, text: &str| {
        if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
            let value = HeaderValue::from_bytes(forwarding::value(text).as_bytes());
            headers.insert(name, value.unwrap_or(HeaderValue::from_static("")));
        }
    };
    let said = |text: fn(&Owner) -> String| owner.map(text).unwrap_or_default();
    put(&forwarding.user_header, &said(|owner| owner.user.username.clone()));
    put(&forwarding.groups_header, &said(|owner| forwarding::list(&owner.groups)));
    put(&forwarding.email_header, &said(confirmed_address));
    put(&forwarding.name_header, &said(called));
    headers.insert(COOKIE, pages::without_ours(asked));
    headers
}

/// An address that nobody confirmed may be somebody else's.
fn confirmed_address(owner: &Owner) -> String {
    owner.user.email.clone().filter(|_| owner.email_confirmed).unwrap_or_default()
}

fn called(owner: &Owner) -> String {
    let claims = owner.claims.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let name = claims.and_then(|called: Called| called.name);
    let name = name.filter(|name| !forwarding::value(name).is_empty());
    name.unwrap_or_else(|| owner.user.username.clone())
}

#[cfg(test)]
mod tests {
    use tokenhouse_rules::id::UserId;
    use tokenhouse_rules::time::Timestamp;
    use tokenhouse_store::User;
    use uuid::Uuid;

    use super::*;

    fn owner(email_confirmed: bool, claims: Option<&str>) -> Owner {
        let user = User {
            id: UserId::from_uuid(Uuid::nil()),
            username: "jürgen".to_owned(),
            email: Some("j@example.org".to_owned()),
            created_at: Timestamp::from_micros(0),
            locked_at: None,
            version: 1,
        };
        let groups = ["admins", "staff"].map(str::to_owned).to_vec();
        let claims = claims.map(str::to_owned);
        Owner { user, email_confirmed, language: None, claims, groups, document: None }
    }

    fn told(forwarding: &Forwarding, owner: Option<&Owner>) -> Vec<(String, String)> {
        let mut asked = HeaderMap::new();
        asked.insert("remote-user", HeaderValue::from_static("root"));
        asked.insert(COOKIE, HeaderValue::from_static("a=b; tokenhouse-forward=thf_x"));
        let headers = headers(forwarding, owner, &asked);
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
    }

    fn is_told(told: &[(String, String)], name: &str, value: &str) -> bool {
        told.iter().any(|(known, said)| known == name && said == value)
    }

    #[test]
    fn a_service_is_told_what_rows_say_and_nothing_that_was_sent() {
        let ada = owner(true, Some(r#"{"name":"Jürgen Ö.","zoneinfo":"Europe/Berlin"}"#));
        let told = told(&Forwarding::default(), Some(&ada));
        for (name, value) in [
            ("remote-user", "jürgen"),
            ("remote-groups", "admins,staff"),
            ("remote-email", "j@example.org"),
            ("remote-name", "Jürgen Ö."),
            ("cookie", "a=b"),
        ] {
            assert!(is_told(&told, name, value), "{name}: {told:?}");
        }
        assert_eq!(told.len(), 5);
    }

    #[test]
    fn every_header_is_there_also_when_there_is_nothing_to_say() {
        let nobody = told(&Forwarding::default(), None);
        for name in ["remote-user", "remote-groups", "remote-email", "remote-name"] {
            assert!(is_told(&nobody, name, ""), "{name}");
        }
        let renamed = Forwarding { user_header: "X-User".to_owned(), ..Forwarding::default() };
        let unconfirmed = told(&renamed, Some(&owner(false, Some(r#"{"name":"a\nb"}"#))));
        assert!(is_told(&unconfirmed, "x-user", "jürgen"));
        assert!(is_told(&unconfirmed, "remote-email", ""));
        assert!(is_told(&unconfirmed, "remote-name", "jürgen"));
        assert!(!unconfirmed.iter().any(|(name, _)| name == "remote-user"));
    }
}
