//! The user's own JSON document: what may be stored, how it is patched (RFC 7396), how a version of
//! it is named (RFC 9110 §8.8.3).
//!
//! A document is kept and given back as the text it was written in; it is parsed only to be checked
//! or patched. Numbers keep all their digits.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// The deepest nesting of objects and arrays.
pub const MAX_DEPTH: usize = 64;

/// The document of a new user.
pub const EMPTY: &str = "{}";

/// Why a text is not a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadDocument {
    /// Not JSON (RFC 8259); the text says where.
    #[error("{0}")]
    Malformed(String),
    /// JSON, but not an object.
    #[error("the document must be a JSON object")]
    NotAnObject,
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("the document is nested deeper than 64 levels")]
    TooDeep,
    /// A member name twice in one object: which one was meant cannot be known (RFC 7493 §2.3).
    #[error("the member `{0}` appears twice in one object")]
    DuplicateMember(String),
    /// More bytes than are allowed (carried here).
    #[error("the document would have more than {0} bytes")]
    TooLarge(usize),
}

/// Checks a text and gives it back without the white space around it.
///
/// # Errors
/// [`BadDocument`].
pub fn check(text: &str, max_bytes: usize) -> Result<&str, BadDocument> {
    let text = text.trim_matches([' ', '\t', '\n', '\r']);
    if text.len() > max_bytes {
        return Err(BadDocument::TooLarge(max_bytes));
    }
    well_formed(text)?;
    Ok(text)
}

/// Checks a merge patch and reads it. RFC 7396 allows any value; a patch that is no object would
/// replace the document by something that is none.
///
/// # Errors
/// [`BadDocument`].
pub fn patch(text: &str, max_bytes: usize) -> Result<Value, BadDocument> {
    let text = check(text, max_bytes)?;
    serde_json::from_str(text).map_err(|error| BadDocument::Malformed(error.to_string()))
}

/// Applies a merge patch to a document (RFC 7396 §2).
///
/// # Errors
/// [`BadDocument::TooLarge`] and [`BadDocument::TooDeep`] for the result; [`BadDocument::Malformed`]
/// when the stored text itself is no JSON.
pub fn apply(document: &str, patch: &Value, max_bytes: usize) -> Result<String, BadDocument> {
    let mut value: Value = serde_json::from_str(document)
        .map_err(|error| BadDocument::Malformed(error.to_string()))?;
    merge(&mut value, patch);
    let text = value.to_string();
    check(&text, max_bytes)?;
    Ok(text)
}

fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(members) = target else { return };
    for (name, change) in changes {
        if change.is_null() {
            members.shift_remove(name);
        } else {
            merge(members.entry(name.as_str()).or_insert(Value::Null), change);
        }
    }
}

/// The version of what `GET /data` shows: of the document and of the user beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// Counts the writes of the document.
    pub document: i64,
    /// Counts the changes of the user's visible attributes.
    pub user: i64,
}

impl fmt::Display for Version {
    /// As a strong entity tag, quotes included.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}.{}\"", self.document, self.user)
    }
}

/// What an `If-Match` or `If-None-Match` field asks for (RFC 9110 §13.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// `*`: any version.
    Any,
    /// One of these versions; tags that are not ours match nothing and are left out.
    OneOf(Vec<Version>),
}

impl Condition {
    /// Reads the field's value. Weak tags are kept only for `If-None-Match` (`weak`), since the strong
    /// comparison of `If-Match` never matches them (RFC 9110 §8.8.3.2).
    pub fn parse(text: &str, weak: bool) -> Self {
        if text.trim() == "*" {
            return Self::Any;
        }
        let tag = |member: &str| {
            let member = member.trim();
            let strong = if weak { member.strip_prefix("W/").unwrap_or(member) } else { member };
            let (document, user) = strong.strip_prefix('"')?.strip_suffix('"')?.split_once('.')?;
            let number = |text: &str| text.parse().ok().filter(|n: &i64| n.to_string() == text);
            Some(Version { document: number(document)?, user: number(user)? })
        };
        Self::OneOf(text.split(',').filter_map(tag).collect())
    }

    /// Whether `current` is among what is asked for.
    pub fn matches(&self, current: Version) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(versions) => versions.contains(&current),
        }
    }
}

fn well_formed(text: &str) -> Result<(), BadDocument> {
    if depth(text) > MAX_DEPTH {
        return Err(BadDocument::TooDeep);
    }
    if !text.starts_with('{') {
        return match serde_json::from_str::<serde::de::IgnoredAny>(text) {
            Ok(_) => Err(BadDocument::NotAnObject),
            Err(error) => Err(BadDocument::Malformed(error.to_string())),
        };
    }
    match serde_json::from_str::<Distinct>(text) {
        Ok(Distinct) => Ok(()),
        Err(error) => {
            let said = error.to_string();
            let twice = said.strip_prefix(TWICE).and_then(|rest| rest.rsplit_once(" at line "));
            Err(match twice {
                Some((name, _)) => BadDocument::DuplicateMember(name.to_owned()),
                None => BadDocument::Malformed(said),
            })
        }
    }
}

/// The deepest nesting, counted over brackets outside strings; exact for every JSON text.
fn depth(text: &str) -> usize {
    let (mut now, mut most, mut quoted, mut escaped) = (0usize, 0usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                now += 1;
                most = most.max(now);
            }
            b'}' | b']' if !quoted => now = now.saturating_sub(1),
            _ => {}
        }
    }
    most
}

const TWICE: &str = "a member appears twice: ";

/// Reads any JSON value, keeps nothing of it and refuses a member name that appears twice.
struct Distinct;

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DistinctVisitor)
    }
}

struct DistinctVisitor;

impl<'de> Visitor<'de> for DistinctVisitor {
    type Value = Distinct;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_str<E>(self, _: &str) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_unit<E>(self) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut members: A) -> Result<Distinct, A::Error> {
        while members.next_element::<Distinct>()?.is_some() {}
        Ok(Distinct)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Distinct, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            members.next_value::<Distinct>()?;
            if let Some(name) = names.replace(name) {
                return Err(A::Error::custom(format!("{TWICE}{name}")));
            }
        }
        Ok(Distinct)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn merge_patch_does_what_the_table_of_rfc_7396_appendix_a_says() {
        let cases = [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (json!({"a":"b","b":"c"}), json!({"a":null}), json!({"b":"c"})),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"c"}), json!({"a":["b"]}), json!({"a":["b"]})),
            (json!({"a":{"b":"c"}}), json!({"a":{"b":"d","c":null}}), json!({"a":{"b":"d"}})),
            (json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a":"b"}), json!(["c"]), json!(["c"])),
            (json!({"a":"foo"}), json!(null), json!(null)),
            (json!({"a":"foo"}), json!("bar"), json!("bar")),
            (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
            (json!([1, 2]), json!({"a":"b","c":null}), json!({"a":"b"})),
            (json!({}), json!({"a":{"bb":{"ccc":null}}}), json!({"a":{"bb":{}}})),
        ];
        for (mut target, patch, result) in cases {
            merge(&mut target, &patch);
            assert_eq!(target, result, "{patch}");
        }
    }

    #[test]
    fn numbers_keep_all_their_digits_through_a_patch() {
        let document = r#"{"n":12345678901234567890123.50}"#;
        let patched = apply(document, &json!({"m": 1}), 1000).expect("a good patch");
        assert_eq!(patched, r#"{"n":12345678901234567890123.50,"m":1}"#);
    }

    #[test]
    fn only_plain_json_objects_are_documents() {
        assert_eq!(check(" {\"a\": [1, {}]}\n", 100), Ok("{\"a\": [1, {}]}"));
        assert_eq!(check("[]", 100), Err(BadDocument::NotAnObject));
        assert_eq!(check("null", 100), Err(BadDocument::NotAnObject));
        assert!(matches!(check("{", 100), Err(BadDocument::Malformed(_))));
        assert!(matches!(check("{} x", 100), Err(BadDocument::Malformed(_))));
        assert!(matches!(check("", 100), Err(BadDocument::Malformed(_))));
        assert_eq!(check("{\"a\":1}", 6), Err(BadDocument::TooLarge(6)));
    }

    #[test]
    fn a_member_named_twice_is_refused_at_any_depth() {
        let twice = |name: &str| Err(BadDocument::DuplicateMember(name.to_owned()));
        assert_eq!(check(r#"{"a":1,"a":2}"#, 100), twice("a"));
        assert_eq!(check(r#"{"x":[{"b":1,"\u0062":2}]}"#, 100), twice("b"));
    }

    #[test]
    fn depth_is_limited_and_brackets_in_strings_do_not_count() {
        let nested =
            |levels: usize| format!("{}{}", "{\"a\":".repeat(levels) + "1", "}".repeat(levels));
        assert!(check(&nested(64), 10_000).is_ok());
        assert_eq!(check(&nested(65), 10_000), Err(BadDocument::TooDeep));
        let text = format!(r#"{{"a":"{}\"{{"}}"#, "[".repeat(100));
        assert!(check(&text, 10_000).is_ok());
        assert_eq!(check(&"[".repeat(9_000), 10_000), Err(BadDocument::TooDeep));
    }

    #[test]
    fn conditions_compare_strongly_for_if_match_and_weakly_for_if_none_match() {
        let version = Version { document: 3, user: 1 };
        assert_eq!(version.to_string(), "\"3.1\"");
        assert!(Condition::parse("\"3.1\"", false).matches(version));
        assert!(Condition::parse("\"x\", \"3.1\"", false).matches(version));
        assert!(Condition::parse("*", false).matches(version));
        assert!(!Condition::parse("W/\"3.1\"", false).matches(version));
        assert!(Condition::parse("W/\"3.1\"", true).matches(version));
        for foreign in ["\"2.1\"", "3.1", "\"03.1\"", "", "\"\"", "\"3\""] {
            assert!(!Condition::parse(foreign, false).matches(version), "{foreign}");
        }
    }
}
