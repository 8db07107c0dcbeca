//! The name by which an application is registered.

use std::fmt;

/// The longest identifier of a client.
pub const MAX_ID: usize = 64;

/// A text that is no `client_id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 64 letters, digits and . _ -")]
pub struct BadClientId;

/// The name by which an application is registered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientId(String);

impl ClientId {
    /// Reads a `client_id`.
    ///
    /// # Errors
    /// [`BadClientId`].
    pub fn parse(text: &str) -> Result<Self, BadClientId> {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let fits = (1..=MAX_ID).contains(&text.len()) && text.bytes().all(legal);
        if fits { Ok(Self(text.to_owned())) } else { Err(BadClientId) }
    }

    /// As it is sent and stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
