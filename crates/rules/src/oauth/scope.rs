//! What an application asks for, and what it is given, in words (RFC 6749 §3.3).

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

/// The longest list of them, in bytes.
pub const MAX: usize = 2048;

/// Signing in: an ID token (OpenID Connect Core §3.1.2.1).
pub const OPENID: &str = "openid";
/// Name, picture and the like (§5.4).
pub const PROFILE: &str = "profile";
/// E-mail address (§5.4).
pub const EMAIL: &str = "email";
/// Postal address (§5.4).
pub const ADDRESS: &str = "address";
/// Telephone number (§5.4).
pub const PHONE: &str = "phone";
/// The groups of a person; no standard, but the custom.
pub const GROUPS: &str = "groups";
/// Access that lasts beyond the session (§11).
pub const OFFLINE_ACCESS: &str = "offline_access";

/// A text that is no list of scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be scopes of visible ASCII without quotes and backslashes, separated by spaces")]
pub struct BadScope;

/// A set of scopes, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(BTreeSet<String>);

impl Scopes {
    /// Reads scopes separated by spaces; nothing is the empty set.
    ///
    /// # Errors
    /// [`BadScope`] for a character that a scope may not hold, and beyond [`MAX`] bytes.
    pub fn parse(text: &str) -> Result<Self, BadScope> {
        if text.len() > MAX {
            return Err(BadScope);
        }
        let names = text.split(' ').filter(|name| !name.is_empty());
        names.map(|name| token(name).map(str::to_owned)).collect::<Result<_, _>>().map(Self)
    }

    /// The set of these names, which are scopes of this server's own.
    pub fn of(names: &[&str]) -> Self {
        Self(names.iter().map(|name| (*name).to_owned()).collect())
    }

    /// Whether it is in the set.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Each of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether all of them are among the others.
    pub fn is_subset(&self, others: &Self) -> bool {
        self.0.is_subset(&others.0)
    }

    /// Those that are in both.
    #[must_use]
    pub fn intersection(&self, others: &Self) -> Self {
        Self(self.0.intersection(&others.0).cloned().collect())
    }

    /// Those that are in either.
    #[must_use]
    pub fn union(&self, others: &Self) -> Self {
        Self(self.0.union(&others.0).cloned().collect())
    }

    /// Those that are not among the others.
    #[must_use]
    pub fn difference(&self, others: &Self) -> Self {
        Self(self.0.difference(&others.0).cloned().collect())
    }

    /// All but this one.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }
}

/// `scope-token` of RFC 6749 appendix A.4: visible ASCII except `"` and `\`.
fn token(name: &str) -> Result<&str, BadScope> {
    let legal = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    if !name.is_empty() && name.bytes().all(legal) { Ok(name) } else { Err(BadScope) }
}

impl fmt::Display for Scopes {
    /// Separated by single spaces.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, name) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(" ")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scopes {
    /// From a string of scopes, or from a list of them: that is how people write it.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScopesVisitor)
    }
}

struct ScopesVisitor;

impl<'de> Visitor<'de> for ScopesVisitor {
    type Value = Scopes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("scopes, separated by spaces or in a list")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Scopes, E> {
        Scopes::parse(text).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut members: A) -> Result<Scopes, A::Error> {
        let mut names = BTreeSet::new();
        while let Some(name) = members.next_element::<String>()? {
            names.insert(token(&name).map_err(A::Error::custom)?.to_owned());
        }
        Ok(Scopes(names))
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn scopes(text: &str) -> Scopes {
        Scopes::parse(text).expect("scopes")
    }

    #[test]
    fn order_repetition_and_spaces_do_not_matter() {
        assert_eq!(scopes("openid email profile").to_string(), "email openid profile");
        assert_eq!(scopes(" openid  openid "), scopes("openid"));
        assert_eq!(scopes("openid email"), Scopes::of(&[EMAIL, OPENID]));
        assert!(scopes("").is_empty() && scopes("").to_string().is_empty());
    }

    #[test]
    fn the_case_of_a_scope_matters() {
        assert!(!scopes("OpenID").contains(OPENID));
    }

    #[test]
    fn characters_outside_the_grammar_are_refused() {
        for bad in ["open\"id", "open\\id", "openid\tx", "openid\nx", "ä", "a\u{7f}", "a\0"] {
            assert_eq!(Scopes::parse(bad), Err(BadScope), "{bad:?}");
        }
        assert!(Scopes::parse("https://api.example.org/read:all !#[]~").is_ok());
        assert_eq!(Scopes::parse(&"a".repeat(MAX + 1)), Err(BadScope));
    }

    #[test]
    fn sets_are_joined_and_compared() {
        let (asked, allowed) = (scopes("openid email admin"), scopes("openid email profile"));
        assert_eq!(asked.intersection(&allowed), scopes("openid email"));
        assert_eq!(asked.difference(&allowed), scopes("admin"));
        assert_eq!(asked.union(&allowed), scopes("admin openid email profile"));
        assert!(scopes("email").is_subset(&allowed) && !asked.is_subset(&allowed));
        assert_eq!(asked.without("admin").len(), 2);
    }

    #[test]
    fn json_holds_a_string_and_a_list_is_read_too() {
        assert_eq!(serde_json::to_string(&scopes("b a")).expect("JSON"), r#""a b""#);
        let read = |text: &str| serde_json::from_str::<Scopes>(text);
        assert_eq!(read(r#""a b""#).expect("a string"), scopes("a b"));
        assert_eq!(read(r#"["b","a"]"#).expect("a list"), scopes("a b"));
        for bad in [r#"["a b"]"#, r#"[""]"#, r#"[1]"#, "1", r#""\"""#, "null"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(names in vec("[!#-\\[\\]-~]{1,12}", 0..20)) {
            let set = scopes(&names.join(" "));
            prop_assert_eq!(&scopes(&set.to_string()), &set);
            prop_assert!(names.iter().all(|name| set.contains(name)));
        }

        #[test]
        fn no_text_whatever_is_read_beyond_the_grammar(text in "\\PC{0,40}") {
            if let Ok(set) = Scopes::parse(&text) {
                let written = set.to_string();
                prop_assert!(written.bytes().all(|b| b == b' ' || b.is_ascii_graphic()));
            }
        }
    }
}
