//! What of an answer is written down. Ids, tokens and instants differ by nature; each is replaced by its
//! kind and by the number of its first appearance, so that it still matters whether two are the same.

use std::collections::HashMap;

use serde_json::Value;

use crate::http::Answer;

/// Headers that are part of what is said.
const HEADERS: [&str; 8] = [
    "content-type",
    "cache-control",
    "etag",
    "allow",
    "www-authenticate",
    "content-disposition",
    "ratelimit-policy",
    "vary",
];
/// Headers of which only that they are there can be compared: they count seconds or carry ids.
const PRESENT: [&str; 3] = ["retry-after", "ratelimit", "link"];
/// Members that are different for each request, or for each way that clients come in by.
const OPAQUE: [&str; 3] = ["request_id", "next_page_token", "address"];

#[derive(Debug, Default)]
pub(super) struct Shown {
    seen: HashMap<String, String>,
}

impl Shown {
    /// Status, headers and body on one line.
    pub(super) fn answer(&mut self, answer: &Answer) -> String {
        let mut line = answer.status.to_string();
        for name in HEADERS {
            if let Some(value) = answer.header(name) {
                line.push_str(&format!("; {name}: {value}"));
            }
        }
        for name in PRESENT {
            if answer.header(name).is_some() {
                line.push_str(&format!("; {name}"));
            }
        }
        let body = match answer.json() {
            Ok(body) => self.value(body).to_string(),
            Err(_) => answer.text(),
        };
        format!("{line}; {body}")
    }

    fn value(&mut self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => members
                .into_iter()
                .map(|(name, value)| match OPAQUE.contains(&name.as_str()) {
                    true => (name, Value::from("<opaque>")),
                    false => (name, self.value(value)),
                })
                .collect(),
            other => other,
        }
    }

    fn text(&mut self, text: String) -> String {
        let kind = match text.as_str() {
            text if uuid::Uuid::try_parse(text).is_ok() => "id",
            text if text.starts_with("ths_") => "token",
            text if is_instant(text) => return "<instant>".to_owned(),
            _ => return text,
        };
        let number = self.seen.len();
        self.seen.entry(text).or_insert_with(|| format!("<{kind} {number}>")).clone()
    }
}

/// RFC 3339 in UTC, such as `2026-01-01T00:00:00Z`.
fn is_instant(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 20
        && bytes[10] == b'T'
        && bytes[bytes.len() - 1] == b'Z'
        && bytes[..10].iter().all(|byte| byte.is_ascii_digit() || *byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn show(shown: &mut Shown, body: &Value) -> String {
        let headers = http::HeaderMap::new();
        shown.answer(&Answer { status: 200, headers, body: body.to_string().into() })
    }

    #[test]
    fn ids_are_numbered_so_that_the_same_one_is_the_same() {
        let (one, two) = (uuid::Uuid::new_v4().to_string(), uuid::Uuid::new_v4().to_string());
        let mut shown = Shown::default();
        let line = show(&mut shown, &json!([one, two, one]));
        assert_eq!(line, r#"200; ["<id 0>","<id 1>","<id 0>"]"#);
    }

    #[test]
    fn instants_and_request_ids_do_not_matter_and_everything_else_does() {
        let mut shown = Shown::default();
        let body = json!({ "at": "2026-01-02T03:04:05Z", "request_id": "x", "n": 1, "s": "ths" });
        let line = show(&mut shown, &body);
        assert_eq!(line, r#"200; {"at":"<instant>","request_id":"<opaque>","n":1,"s":"ths"}"#);
    }
}
