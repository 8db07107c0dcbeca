//! The name of a public key that tokens are bound to (RFC 7638), as `jkt` and `dpop_jkt` say it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Deserialize, Deserializer, Error};
use serde::{Serialize, Serializer};

use super::super::jwk::PublicKey;

const BYTES: usize = 32;
const TEXT: usize = 43;

/// A text that is no thumbprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 43 characters of base64url")]
pub struct BadThumbprint;

/// SHA-256 of a public key. Nothing secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thumbprint([u8; BYTES]);

impl Thumbprint {
    /// That of a key.
    pub fn of(key: &PublicKey) -> Self {
        Self::parse(&key.thumbprint()).expect("a thumbprint is SHA-256 in base64url")
    }

    /// Reads one; there is one text for each.
    ///
    /// # Errors
    /// [`BadThumbprint`].
    pub fn parse(text: &str) -> Result<Self, BadThumbprint> {
        let mut bytes = [0; BYTES];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
            Ok(BYTES) if text.len() == TEXT => Ok(Self(bytes)),
            _ => Err(BadThumbprint),
        }
    }

    /// The one of these bytes.
    pub const fn from_bytes(bytes: [u8; BYTES]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn bytes(&self) -> &[u8; BYTES] {
        &self.0
    }
}

impl std::fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl Serialize for Thumbprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Thumbprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9449 §6.1.
    const TEXT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

    #[test]
    fn it_is_written_as_it_was_read() {
        let read = Thumbprint::parse(TEXT).expect("a thumbprint");
        assert_eq!(read.to_string(), TEXT);
        assert_eq!(Thumbprint::from_bytes(*read.bytes()), read);
        let json = serde_json::to_string(&read).expect("JSON");
        assert_eq!(serde_json::from_str::<Thumbprint>(&json).expect("a thumbprint"), read);
    }

    #[test]
    fn only_the_canonical_text_is_one() {
        let (cut, padded) = (&TEXT[..42], format!("{TEXT}="));
        // The last character holds four bits: this one sets one of the two that are no part of it.
        let loose = format!("{cut}J");
        let standard = TEXT.replace('-', "+");
        for bad in ["", cut, &padded, &loose, &standard, &"a".repeat(44), " "] {
            assert_eq!(Thumbprint::parse(bad), Err(BadThumbprint), "{bad}");
        }
        assert!(serde_json::from_str::<Thumbprint>("\"x\"").is_err());
    }
}
