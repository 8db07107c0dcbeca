//! What an application shows when it registers itself (RFC 7591 §3.1), and later when it looks after its
//! registration (RFC 7592 §3).
//!
//! Both are a prefix and 71 characters of base64url over 53 bytes: layout version (1), root key (4), what it is for
//! (16), random secret (16), MAC (16). Garbage never reaches the database; whether it is worth something its row
//! decides, which holds the SHA-256 of the secret.

use aws_lc_rs::{constant_time, digest};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::client::ClientId;
use crate::id::InvitationId;
use crate::keys::RootSecret;
use crate::keys::sealed::{self, Kind};
use crate::token::secret_hash;

/// Of initial access tokens, which operators hand out.
const INVITATION: Kind = Kind { prefix: "thi_", key: |key| &key.client_registration };
/// Of registration access tokens.
const REGISTRATION: Kind = Kind { prefix: "thm_", key: |key| &key.client_registration };

/// What a genuine initial access token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presented {
    /// Its row.
    pub id: InvitationId,
    /// SHA-256 of its random secret, as the row holds it.
    pub secret_hash: [u8; 32],
}

/// Makes an initial access token, from 128 random bits.
pub fn invitation(id: InvitationId, secret: &[u8; 16], root: &RootSecret) -> Zeroizing<String> {
    seal(&INVITATION, id.uuid().as_bytes(), secret, root)
}

/// Reads an initial access token; nothing for what was not made here.
pub fn open_invitation(text: &str, root: &RootSecret) -> Option<Presented> {
    let (id, secret_hash) = open(&INVITATION, text, root)?;
    Some(Presented { id: InvitationId::from_uuid(Uuid::from_bytes(id)), secret_hash })
}

/// Makes the registration access token of a client, from 128 random bits.
pub fn registration(client: &ClientId, secret: &[u8; 16], root: &RootSecret) -> Zeroizing<String> {
    seal(&REGISTRATION, &name(client), secret, root)
}

/// The SHA-256 of the secret in the registration access token of this client, as the row holds it; nothing for what
/// was not made here, or for another client.
pub fn open_registration(text: &str, client: &ClientId, root: &RootSecret) -> Option<[u8; 32]> {
    let (of, secret_hash) = open(&REGISTRATION, text, root)?;
    constant_time::verify_slices_are_equal(&of, &name(client)).ok()?;
    Some(secret_hash)
}

/// What stands for a client in sixteen bytes.
fn name(client: &ClientId) -> [u8; 16] {
    let mut name = [0; 16];
    let whole = digest::digest(&digest::SHA256, client.as_str().as_bytes());
    name.copy_from_slice(&whole.as_ref()[..16]);
    name
}

fn seal(kind: &Kind, of: &[u8; 16], secret: &[u8; 16], root: &RootSecret) -> Zeroizing<String> {
    let mut content = Zeroizing::new([0u8; 32]);
    content[..16].copy_from_slice(of);
    content[16..].copy_from_slice(secret);
    sealed::seal(kind, content.as_ref(), root)
}

fn open(kind: &Kind, text: &str, root: &RootSecret) -> Option<([u8; 16], [u8; 32])> {
    let content = sealed::open::<32>(kind, text, root)?;
    let (mut of, mut secret) = ([0; 16], Zeroizing::new([0u8; 16]));
    of.copy_from_slice(&content[..16]);
    secret.copy_from_slice(&content[16..]);
    Some((of, secret_hash(&secret)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

    fn root() -> RootSecret {
        RootSecret::parse(&format!("k1:{KEY}")).expect("a root secret")
    }

    fn client(id: &str) -> ClientId {
        ClientId::parse(id).expect("an identifier")
    }

    #[test]
    fn an_invitation_says_which_row_it_is_of_and_what_the_row_must_hold() {
        let id = InvitationId::from_uuid(Uuid::from_u128(7));
        let text = invitation(id, &[9; 16], &root());
        assert_eq!(text.len(), 75);
        let expected = Presented { id, secret_hash: secret_hash(&[9; 16]) };
        assert_eq!(open_invitation(&text, &root()), Some(expected));
        assert_eq!(open_registration(&text, &client("app"), &root()), None);
        assert_eq!(open_registration(&text.replace("thi_", "thm_"), &client("app"), &root()), None);
    }

    #[test]
    fn a_registration_is_looked_after_by_its_own_client() {
        let text = registration(&client("app"), &[9; 16], &root());
        let opened = open_registration(&text, &client("app"), &root());
        assert_eq!(opened, Some(secret_hash(&[9; 16])));
        assert_eq!(open_registration(&text, &client("App"), &root()), None);
        assert_eq!(open_invitation(&text, &root()), None);
    }

    #[test]
    fn no_single_changed_character_is_accepted() {
        let text = registration(&client("app"), &[9; 16], &root());
        for position in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(open_registration(&altered, &client("app"), &root()), None, "{position}");
        }
    }
}
