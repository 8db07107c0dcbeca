//! A whole answer, and the few ways in which tests look at one. What it should have been is left
//! to them.

use anyhow::{Context, Result};
use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;

/// Status, headers and the whole body.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, decoded from chunks.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Errors
    /// When it is not JSON; the message shows status and body.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body)
            .with_context(|| format!("status {}, not JSON: {:?}", self.status, self.text()))
    }

    /// The body as text; what is not UTF-8 is replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The first header of that name, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Which process answered: its `tokenhouse-process` header.
    #[must_use]
    pub fn process(&self) -> Option<&str> {
        self.header("tokenhouse-process")
    }
}
