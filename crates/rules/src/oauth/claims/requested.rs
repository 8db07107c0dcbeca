//! Single claims that a request asks for by its parameter `claims` (OpenID Connect Core §5.5).
//!
//! A name that means nothing here is left out, as §5.5 asks, and so is one whose scope the client may not ask for:
//! what is kept is short and known. A value that is wanted counts for two claims: `sub`, which says of whom the
//! application speaks (§3.1.2.2), and `acr`, where it is essential (§5.5.1.1).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::scope::Scopes;
use crate::document;
use crate::id::UserId;

/// The longest parameter, in bytes.
const MAX_BYTES: usize = 4 * 1024;

/// A text that asks for no claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("claims must be a JSON object as in OpenID Connect Core 5.5, of at most 4096 bytes")]
pub struct BadClaims;

/// Names of claims, as they are stored with what was authorized.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// Those that the ID token is to hold.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub id_token: BTreeSet<String>,
    /// Those that the userinfo endpoint is to tell.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub userinfo: BTreeSet<String>,
}

impl Names {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.id_token.is_empty() && self.userinfo.is_empty()
    }

    /// The scopes that stand for these claims among others: what somebody agrees to who lets them be told.
    pub fn scopes(&self) -> Scopes {
        let names = self.id_token.iter().chain(&self.userinfo);
        let scopes: Vec<&str> = names.filter_map(|name| super::scope_of(name)).collect();
        Scopes::of(&scopes)
    }
}

/// What a request asks for beyond its scopes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Requested {
    /// Claims that it may have.
    pub names: Names,
    /// Whom it may be about, if it says so.
    subject: Option<Vec<Value>>,
    /// How strongly she must have signed in, if it insists on that.
    acr: Option<Vec<Value>>,
}

/// What is said of one claim (§5.5.1). Other members are ignored.
#[derive(Default, Deserialize)]
struct Wish {
    #[serde(default)]
    essential: bool,
    value: Option<Value>,
    values: Option<Vec<Value>>,
}

impl Requested {
    /// Reads the parameter for a client that may ask for these scopes.
    ///
    /// # Errors
    /// [`BadClaims`].
    pub fn parse(text: &str, allowed: &Scopes) -> Result<Self, BadClaims> {
        let text = document::check(text, MAX_BYTES).map_err(|_| BadClaims)?;
        let members: Map<String, Value> = serde_json::from_str(text).map_err(|_| BadClaims)?;
        let mut read = Self::default();
        read.names.userinfo = read.member(members.get("userinfo"), allowed)?;
        read.names.id_token = read.member(members.get("id_token"), allowed)?;
        Ok(read)
    }

    fn member(
        &mut self,
        member: Option<&Value>,
        allowed: &Scopes,
    ) -> Result<BTreeSet<String>, BadClaims> {
        let mut names = BTreeSet::new();
        let Some(member) = member else { return Ok(names) };
        for (name, value) in member.as_object().ok_or(BadClaims)? {
            let wish = Wish::read(value)?;
            match name.as_str() {
                "sub" => narrow(&mut self.subject, wish.wanted()),
                "acr" if wish.essential => narrow(&mut self.acr, wish.wanted()),
                _ => {}
            }
            if super::scope_of(name).is_some_and(|scope| allowed.contains(scope)) {
                names.insert(name.clone());
            }
        }
        Ok(names)
    }

    /// Whether the answer may be about this person: nobody else is answered for (§3.1.2.2).
    pub fn admits(&self, user: UserId) -> bool {
        let sub = user.to_string();
        self.subject.as_ref().is_none_or(|all| all.iter().any(|one| *one == sub.as_str()))
    }

    /// Whether who signs in by this level satisfies the application. A mere wish is always satisfied.
    pub fn accepts(&self, acr: &str) -> bool {
        self.acr.as_ref().is_none_or(|all| all.iter().any(|one| *one == acr))
    }
}

impl Wish {
    /// `null` asks for the claim and says nothing of it.
    fn read(value: &Value) -> Result<Self, BadClaims> {
        match value {
            Value::Null => Ok(Self::default()),
            Value::Object(_) => Self::deserialize(value).map_err(|_| BadClaims),
            _ => Err(BadClaims),
        }
    }

    /// The values that would do, if not every value does.
    fn wanted(self) -> Option<Vec<Value>> {
        let Self { value, values, .. } = self;
        if value.is_none() && values.is_none() {
            return None;
        }
        Some(values.unwrap_or_default().into_iter().chain(value).collect())
    }
}

/// Of what satisfied so far, what is wanted here too.
fn narrow(known: &mut Option<Vec<Value>>, wanted: Option<Vec<Value>>) {
    let Some(wanted) = wanted else { return };
    match known {
        Some(known) => known.retain(|one| wanted.contains(one)),
        None => *known = Some(wanted),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const SUB: &str = "00000000-0000-0000-0000-000000000007";

    fn asked(text: &str) -> Result<Requested, BadClaims> {
        Requested::parse(text, &Scopes::of(&["openid", "email", "profile", "groups"]))
    }

    fn user(number: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(number))
    }

    fn names(list: &[&str]) -> BTreeSet<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn names_are_kept_of_which_the_client_may_ask_the_scope() {
        let read = asked(
            r#"{"userinfo": {"given_name": {"essential": true}, "nickname": null, "phone_number": null,
                "email_verified": {"essential": false}, "https://other.example/x": null, "name#de": {}},
                "id_token": {"email": null, "auth_time": {"essential": true}, "groups": {"other": 1}},
                "verified_claims": [1]}"#,
        );
        let read = read.expect("claims").names;
        assert_eq!(read.userinfo, names(&["email_verified", "given_name", "nickname"]));
        assert_eq!(read.id_token, names(&["email", "groups"]));
        assert_eq!(read.scopes(), Scopes::of(&["email", "groups", "profile"]));
        let stored = serde_json::to_string(&read).expect("JSON");
        assert_eq!(serde_json::from_str::<Names>(&stored).ok(), Some(read));
        let nothing = asked("{}").expect("claims");
        assert!(nothing.names.is_empty() && nothing.admits(user(7)) && nothing.accepts("1"));
        assert_eq!(serde_json::to_string(&nothing.names).expect("JSON"), "{}");
    }

    #[test]
    fn a_subject_that_is_named_is_the_only_one() {
        for (text, seventh, eighth) in [
            (r#"{"id_token": {"sub": null}}"#.to_owned(), true, true),
            (r#"{"id_token": {"sub": {"essential": true}}}"#.to_owned(), true, true),
            (format!(r#"{{"id_token": {{"sub": {{"value": "{SUB}"}}}}}}"#), true, false),
            (format!(r#"{{"userinfo": {{"sub": {{"value": "{SUB}"}}}}}}"#), true, false),
            (format!(r#"{{"id_token": {{"sub": {{"values": ["x", "{SUB}"]}}}}}}"#), true, false),
            (r#"{"id_token": {"sub": {"value": "somebody"}}}"#.to_owned(), false, false),
            (r#"{"id_token": {"sub": {"value": 7}}}"#.to_owned(), false, false),
            (r#"{"id_token": {"sub": {"values": []}}}"#.to_owned(), false, false),
            (
                format!(
                    r#"{{"id_token": {{"sub": {{"value": "x"}}}}, "userinfo": {{"sub": {{"value": "{SUB}"}}}}}}"#
                ),
                false,
                false,
            ),
        ] {
            let read = asked(&text).expect("claims");
            assert_eq!((read.admits(user(7)), read.admits(user(8))), (seventh, eighth), "{text}");
            assert!(read.names.is_empty(), "it is always told");
        }
    }

    #[test]
    fn a_level_counts_where_it_is_essential() {
        for (text, satisfied) in [
            (r#"{"id_token": {"acr": null}}"#, true),
            (r#"{"id_token": {"acr": {"essential": true}}}"#, true),
            (r#"{"id_token": {"acr": {"value": "9"}}}"#, true),
            (r#"{"id_token": {"acr": {"essential": false, "values": ["9"]}}}"#, true),
            (r#"{"id_token": {"acr": {"essential": true, "value": "1"}}}"#, true),
            (r#"{"id_token": {"acr": {"essential": true, "values": ["9", "1"]}}}"#, true),
            (r#"{"id_token": {"acr": {"essential": true, "value": "9"}}}"#, false),
            (r#"{"id_token": {"acr": {"essential": true, "value": 1}}}"#, false),
            (r#"{"id_token": {"acr": {"essential": true, "values": []}}}"#, false),
        ] {
            assert_eq!(asked(text).expect("claims").accepts("1"), satisfied, "{text}");
        }
    }

    #[test]
    fn what_is_malformed_is_refused_as_a_whole() {
        let long = format!(r#"{{"other": "{}"}}"#, "x".repeat(MAX_BYTES));
        for bad in [
            "",
            "email",
            "null",
            "[]",
            r#"{"userinfo": null}"#,
            r#"{"userinfo": ["email"]}"#,
            r#"{"id_token": "email"}"#,
            r#"{"id_token": {"email": true}}"#,
            r#"{"id_token": {"email": [true]}}"#,
            r#"{"id_token": {"email": {"essential": "yes"}}}"#,
            r#"{"id_token": {"email": {"essential": null}}}"#,
            r#"{"id_token": {"acr": {"values": "1"}}}"#,
            r#"{"id_token": {}, "id_token": {}}"#,
            r#"{"id_token": {"sub": {"value": "a", "value": "b"}}}"#,
            r#"{"id_token": {}"#,
            &long,
        ] {
            assert_eq!(asked(bad), Err(BadClaims), "{bad:.80}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
            let _ = asked(&text);
            let _ = asked(&format!(r#"{{"id_token": {{"{text}": null}}}}"#));
        }
    }
}
