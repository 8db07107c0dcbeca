//! The reference to a request that was pushed (RFC 9126 §2.2): what a browser brings in the place of the request.
//!
//! `urn:ietf:params:oauth:request_uri:thp_` and 50 characters of base64url over 37 bytes: layout version (1), root
//! key (4), row (16), MAC (16). The MAC is what nobody can guess, and keeps guesses from the database. It is no
//! secret: it travels in addresses, and is worth nothing to another client, nor a second time.

use uuid::Uuid;

use crate::id::PushedRequestId;
use crate::keys::RootSecret;
use crate::keys::sealed::{self, Kind};

/// What all of them begin with.
pub const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

const KIND: Kind = Kind { prefix: "thp_", key: |key| &key.request_uri };

/// Writes the reference to a pushed request.
pub fn seal(id: PushedRequestId, root: &RootSecret) -> String {
    let text = sealed::seal(&KIND, id.uuid().as_bytes(), root);
    format!("{PREFIX}{}", text.as_str())
}

/// The pushed request that a reference is to; nothing for what was not made here.
pub fn open(text: &str, root: &RootSecret) -> Option<PushedRequestId> {
    let content = sealed::open::<16>(&KIND, text.strip_prefix(PREFIX)?, root)?;
    Some(PushedRequestId::from_uuid(Uuid::from_bytes(*content)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

    #[test]
    fn a_reference_leads_to_its_request_and_no_altered_one_to_any() {
        let root = RootSecret::parse(&format!("k1:{KEY}")).expect("a root secret");
        let id = PushedRequestId::from_uuid(Uuid::from_u128(7));
        let text = seal(id, &root);
        assert_eq!(text.len(), PREFIX.len() + 54);
        assert_eq!(open(&text, &root), Some(id));
        for place in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(open(&altered, &root), None, "{place}");
        }
        assert_eq!(open(PREFIX, &root), None);
        assert_eq!(open("https://shop.example/request", &root), None);
    }
}
