//! What names one request in answers, log lines and the audit trail.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Serialize, Serializer};

use crate::entropy;

/// Where a caller may name its request, and where every answer names it.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

const MOST: usize = 64;

/// The caller's name for the request when it is harmless (1 to 64 letters, digits, `-`, `_` and `.`), 32
/// random hexadecimal digits otherwise. It is unique, but no secret. Never allocates.
#[derive(Clone, Copy)]
pub(crate) struct RequestId {
    text: [u8; MOST],
    length: u8,
}

impl RequestId {
    /// The caller's, or a new one.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let sent = headers.get(&HEADER).map(HeaderValue::as_bytes);
        sent.and_then(Self::harmless).unwrap_or_else(Self::random)
    }

    fn harmless(sent: &[u8]) -> Option<Self> {
        let harmless = sent.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b));
        let fits = (1..=MOST).contains(&sent.len());
        (fits && harmless).then(|| {
            let mut text = [0; MOST];
            text[..sent.len()].copy_from_slice(sent);
            Self { text, length: sent.len() as u8 }
        })
    }

    fn random() -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; MOST];
        for (pair, byte) in text.chunks_exact_mut(2).zip(entropy::identifier()) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        Self { text, length: 32 }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.text[..usize::from(self.length)]
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl std::fmt::Debug for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for RequestId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sent: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, sent.parse().expect("a header value"));
        RequestId::of(&headers).as_str().to_owned()
    }

    #[test]
    fn a_harmless_name_is_kept_and_any_other_replaced() {
        let longest = "x".repeat(64);
        for kept in ["a", "Trace_1.2-3", longest.as_str()] {
            assert_eq!(of(kept), kept);
        }
        for replaced in ["", "a b", "a\"b", "ä", "a/b", &"x".repeat(65)] {
            let id = of(replaced);
            assert_eq!(id.len(), 32, "{replaced}");
            assert!(id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)), "{id}");
        }
        assert_ne!(of(""), of(""));
    }
}
