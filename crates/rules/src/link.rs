//! Links that may be used once: to confirm an address, set a new password, take an invitation, set a server up.
//!
//! `thl_` and 51 characters of base64url over 38 bytes: layout version (1), root key (4), purpose (1), link id
//! (16), HMAC-SHA256 over prefix and all before, truncated to 128 bits (16). The row of that id says whether the
//! link was used and until when it may be; the text can be made again by whoever has the root secret, so that
//! the outbox need not hold it and nothing that is stored opens anything.

use aws_lc_rs::{constant_time, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::id::LinkId;
use crate::keys::RootSecret;

/// What every link's token begins with, so that secret scanners recognise a leaked one.
pub const PREFIX: &str = "thl_";

const VERSION: u8 = 1;
const SIGNED: usize = 22;
const MAC: usize = 16;
const BYTES: usize = SIGNED + MAC;
const TEXT: usize = PREFIX.len() + (BYTES * 4).div_ceil(3);

/// What a link is for. It is worth nothing for anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Shows that mail to an address reaches its owner.
    Confirm,
    /// Sets a new password in the place of one that is forgotten.
    Recover,
    /// Makes an account where not everybody may.
    Invite,
    /// Makes the first administrator.
    Setup,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Confirm, Self::Recover, Self::Invite, Self::Setup];

    /// The stable name, as it is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Recover => "recover",
            Self::Invite => "invite",
            Self::Setup => "setup",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.name() == name)
    }

    const fn byte(self) -> u8 {
        match self {
            Self::Confirm => 1,
            Self::Recover => 2,
            Self::Invite => 3,
            Self::Setup => 4,
        }
    }
}

/// A text that is no link of ours, or one for something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a link of this server")]
pub struct BadLink;

/// The token of a link.
pub fn seal(purpose: Purpose, id: LinkId, root: &RootSecret) -> Zeroizing<String> {
    let (tag, key) = root.link_sealing();
    let mut bytes = Zeroizing::new([0u8; BYTES]);
    bytes[0] = VERSION;
    bytes[1..5].copy_from_slice(&tag);
    bytes[5] = purpose.byte();
    bytes[6..SIGNED].copy_from_slice(id.uuid().as_bytes());
    let mac = mac(key, &bytes[..SIGNED]);
    bytes[SIGNED..].copy_from_slice(&mac.as_ref()[..MAC]);
    let mut text = Zeroizing::new(String::with_capacity(TEXT));
    text.push_str(PREFIX);
    URL_SAFE_NO_PAD.encode_string(bytes.as_ref(), &mut text);
    text
}

/// Which link a token stands for. Whether it may still be used the row decides.
///
/// # Errors
/// [`BadLink`]; the MAC is compared in constant time.
pub fn open(text: &str, purpose: Purpose, root: &RootSecret) -> Result<LinkId, BadLink> {
    let encoded = text.strip_prefix(PREFIX).ok_or(BadLink)?;
    let mut bytes = Zeroizing::new([0u8; BYTES]);
    match URL_SAFE_NO_PAD.decode_slice(encoded, bytes.as_mut()) {
        Ok(BYTES) if bytes[0] == VERSION && bytes[5] == purpose.byte() => {}
        _ => return Err(BadLink),
    }
    let mut tag = [0; 4];
    tag.copy_from_slice(&bytes[1..5]);
    let key = root.link_opening(tag).ok_or(BadLink)?;
    let expected = mac(key, &bytes[..SIGNED]);
    constant_time::verify_slices_are_equal(&expected.as_ref()[..MAC], &bytes[SIGNED..])
        .map_err(|_| BadLink)?;
    let mut id = [0; 16];
    id.copy_from_slice(&bytes[6..SIGNED]);
    Ok(LinkId::from_uuid(Uuid::from_bytes(id)))
}

fn mac(key: &hmac::Key, signed: &[u8]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(key);
    context.update(PREFIX.as_bytes());
    context.update(signed);
    context.sign()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
    const OTHER: &str = "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXowMTIzNDU";

    fn root(text: &str) -> RootSecret {
        RootSecret::parse(text).expect("a root secret")
    }

    fn id() -> LinkId {
        LinkId::from_uuid(Uuid::from_u128(7))
    }

    #[test]
    fn a_link_is_worth_something_for_its_own_purpose_only() {
        let root = root(&format!("k1:{KEY}"));
        for made in Purpose::ALL {
            let text = seal(made, id(), &root);
            assert_eq!(text.len(), TEXT);
            assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
            for asked in Purpose::ALL {
                let expected = if asked == made { Ok(id()) } else { Err(BadLink) };
                assert_eq!(open(&text, asked, &root), expected);
            }
            assert_eq!(Purpose::named(made.name()), Some(made));
        }
    }

    #[test]
    fn any_process_makes_the_same_link_and_every_key_of_the_list_reads() {
        let old = root(&format!("k1:{KEY}"));
        let both = root(&format!("k2:{OTHER},k1:{KEY}"));
        let text = seal(Purpose::Recover, id(), &old);
        assert_eq!(text, seal(Purpose::Recover, id(), &root(&format!("k1:{KEY}"))));
        assert_eq!(open(&text, Purpose::Recover, &both), Ok(id()));
        let newer = seal(Purpose::Recover, id(), &both);
        assert_eq!(open(&newer, Purpose::Recover, &old), Err(BadLink));
    }

    #[test]
    fn no_single_changed_character_is_accepted() {
        let root = root(&format!("k1:{KEY}"));
        let text = seal(Purpose::Setup, id(), &root);
        for position in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(open(&altered, Purpose::Setup, &root), Err(BadLink), "{position}");
        }
        for wrong in ["", "thl_", &text[1..], &format!("{}A", *text), &format!("{}=", *text), "ä"]
        {
            assert_eq!(open(wrong, Purpose::Setup, &root), Err(BadLink), "{wrong}");
        }
    }
}
