//! What only a holder of the root secret can have made: texts under a MAC, and bytes that nobody else can read.
//!
//! Both begin with the layout version (1 byte) and which root key was used (4). Under a MAC the content follows
//! in clear, then HMAC-SHA256 over prefix and all before, truncated to 128 bits (16). Encrypted, a nonce (12)
//! follows, then what AES-256-GCM-SIV makes of the content (RFC 8452), its tag (16) last.

use aws_lc_rs::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};
use aws_lc_rs::{constant_time, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::{RootKey, RootSecret};

const VERSION: u8 = 1;
const HEAD: usize = 5;
const MAC: usize = 16;
const TAG: usize = 16;

/// A kind of text under a MAC.
pub(crate) struct Kind {
    /// What each begins with, so that secret scanners recognise a leaked one. Under the MAC too.
    pub(crate) prefix: &'static str,
    /// The key of its purpose.
    pub(crate) key: fn(&RootKey) -> &hmac::Key,
}

/// A kind of encrypted bytes, by the key of its purpose.
pub(crate) type Cipher = fn(&RootKey) -> &LessSafeKey;

/// Writes `content` into a text that [`open`] reads.
pub(crate) fn seal(kind: &Kind, content: &[u8], root: &RootSecret) -> Zeroizing<String> {
    seal_with(kind, content, root.writing())
}

/// The same with the key that `tag` names, or with the first one where that is not in the list.
pub(crate) fn seal_by(
    kind: &Kind,
    content: &[u8],
    tag: [u8; 4],
    root: &RootSecret,
) -> Zeroizing<String> {
    seal_with(kind, content, root.reading(tag).unwrap_or(root.writing()))
}

/// What names the key that writes.
pub(crate) fn first(root: &RootSecret) -> [u8; 4] {
    root.writing().tag
}

fn seal_with(kind: &Kind, content: &[u8], key: &RootKey) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(HEAD + content.len() + MAC));
    bytes.push(VERSION);
    bytes.extend_from_slice(&key.tag);
    bytes.extend_from_slice(content);
    let mac = mac(kind, key, &bytes);
    bytes.extend_from_slice(&mac.as_ref()[..MAC]);
    encode(kind.prefix, &bytes)
}

/// The content of a text of that kind; nothing unless it has the exact shape and its MAC is right, which is
/// compared in constant time.
pub(crate) fn open<const N: usize>(
    kind: &Kind,
    text: &str,
    root: &RootSecret,
) -> Option<Zeroizing<[u8; N]>> {
    if text.len() != kind.prefix.len() + encoded_length(HEAD + N + MAC) {
        return None;
    }
    let bytes = decode(kind.prefix, text)?;
    let key = named(&bytes, root)?;
    let (signed, shown) = bytes.split_at_checked(HEAD + N)?;
    let expected = mac(kind, key, signed);
    constant_time::verify_slices_are_equal(&expected.as_ref()[..MAC], shown).ok()?;
    let mut content = Zeroizing::new([0u8; N]);
    content.copy_from_slice(&signed[HEAD..]);
    Some(content)
}

/// Encrypts `content` so that it can be read in the place of `bound` only. A nonce should not come twice.
pub(crate) fn encrypt(
    cipher: Cipher,
    nonce: [u8; NONCE_LEN],
    bound: &[u8],
    content: &[u8],
    root: &RootSecret,
) -> Vec<u8> {
    let key = root.writing();
    let mut bytes = Vec::with_capacity(HEAD + NONCE_LEN + content.len() + TAG);
    bytes.push(VERSION);
    bytes.extend_from_slice(&key.tag);
    let data = [bound, bytes.as_slice()].concat();
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(content);
    let tag = cipher(key)
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(data),
            &mut bytes[HEAD + NONCE_LEN..],
        )
        .expect("what fits into memory is not too long to encrypt");
    bytes.extend_from_slice(tag.as_ref());
    bytes
}

/// Reads what [`encrypt`] wrote with the same `cipher` for the same `bound`.
pub(crate) fn decrypt(
    cipher: Cipher,
    bound: &[u8],
    bytes: &[u8],
    root: &RootSecret,
) -> Option<Zeroizing<Vec<u8>>> {
    let key = named(bytes, root)?;
    let (head, rest) = bytes.split_at_checked(HEAD)?;
    let (nonce, content) = rest.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let data = [bound, head].concat();
    let mut content = Zeroizing::new(content.to_vec());
    let length = cipher(key).open_in_place(nonce, Aad::from(data), &mut content).ok()?.len();
    content.truncate(length);
    Some(content)
}

/// Whether these bytes were written with the key that writes now.
pub(crate) fn is_of_first(bytes: &[u8], root: &RootSecret) -> bool {
    named(bytes, root).is_some_and(|key| key.tag == root.writing().tag)
}

/// Writes bytes as base64url behind a prefix.
pub(crate) fn encode(prefix: &str, bytes: &[u8]) -> Zeroizing<String> {
    let length = prefix.len() + encoded_length(bytes.len());
    let mut text = Zeroizing::new(String::with_capacity(length));
    text.push_str(prefix);
    URL_SAFE_NO_PAD.encode_string(bytes, &mut text);
    text
}

/// Reads what [`encode`] wrote. There is one text for any bytes: unused bits must be zero, and no padding.
pub(crate) fn decode(prefix: &str, text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let encoded = text.strip_prefix(prefix)?;
    URL_SAFE_NO_PAD.decode(encoded).map(Zeroizing::new).ok()
}

/// The root key that bytes of this layout name.
fn named<'a>(bytes: &[u8], root: &'a RootSecret) -> Option<&'a RootKey> {
    let (head, _) = bytes.split_first_chunk::<HEAD>()?;
    let [version, tag @ ..] = *head;
    if version == VERSION { root.reading(tag) } else { None }
}

fn mac(kind: &Kind, key: &RootKey, signed: &[u8]) -> hmac::Tag {
    let mut context = hmac::Context::with_key((kind.key)(key));
    context.update(kind.prefix.as_bytes());
    context.update(signed);
    context.sign()
}

const fn encoded_length(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
    const OTHER: &str = "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXowMTIzNDU";
    const KIND: Kind = Kind { prefix: "thx_", key: |key| &key.code };
    const CIPHER: Cipher = |key| &key.signing_key;

    fn root(text: &str) -> RootSecret {
        RootSecret::parse(text).expect("a root secret")
    }

    #[test]
    fn a_sealed_text_is_good_for_its_own_kind_and_length_only() {
        let root = root(&format!("k1:{KEY}"));
        let text = seal(&KIND, &[7; 8], &root);
        assert_eq!(open::<8>(&KIND, &text, &root).as_deref(), Some(&[7; 8]));
        assert_eq!(open::<7>(&KIND, &text, &root), None);
        assert_eq!(open::<9>(&KIND, &text, &root), None);
        let prefix = Kind { prefix: "thy_", ..KIND };
        assert_eq!(open::<8>(&prefix, &text.replace("thx_", "thy_"), &root), None);
    }

    #[test]
    fn no_purpose_opens_what_another_sealed() {
        let root = root(&format!("k1:{KEY}"));
        let purposes: [fn(&RootKey) -> &hmac::Key; 10] = [
            |key| &key.session_token,
            |key| &key.form_token,
            |key| &key.link_token,
            |key| &key.code,
            |key| &key.device_code,
            |key| &key.refresh_token,
            |key| &key.authorize_mark,
            |key| &key.forward_token,
            |key| &key.dpop_nonce,
            |key| &key.client_registration,
        ];
        for (made, seals) in purposes.into_iter().enumerate() {
            let text = seal(&Kind { key: seals, ..KIND }, &[7; 8], &root);
            for (asked, opens) in purposes.into_iter().enumerate() {
                let opened = open::<8>(&Kind { key: opens, ..KIND }, &text, &root);
                assert_eq!(opened.is_some(), made == asked, "{made} {asked}");
            }
        }
    }

    #[test]
    fn no_single_changed_character_of_a_text_is_accepted() {
        let root = root(&format!("k1:{KEY}"));
        // 28 bytes, so that the last character has bits that say nothing.
        let text = seal(&KIND, &[7; 7], &root);
        for position in 0..text.len() {
            for other in ["A", "B", "_", "=", "."] {
                let mut altered = text.to_string();
                altered.replace_range(position..=position, other);
                if altered != *text {
                    assert_eq!(open::<7>(&KIND, &altered, &root), None, "{position} {other}");
                }
            }
        }
        for wrong in ["", "thx_", &text[1..], &format!("{}A", *text), "ä"] {
            assert_eq!(open::<7>(&KIND, wrong, &root), None, "{wrong}");
        }
    }

    #[test]
    fn no_single_changed_bit_of_encrypted_bytes_is_accepted() {
        let root = root(&format!("k1:{KEY}"));
        let bytes = encrypt(CIPHER, [1; 12], b"here", b"content", &root);
        assert_eq!(bytes.len(), HEAD + NONCE_LEN + 7 + TAG);
        let read = |bytes: &[u8], bound: &[u8]| decrypt(CIPHER, bound, bytes, &root);
        assert_eq!(read(&bytes, b"here").as_deref().map(Vec::as_slice), Some(&b"content"[..]));
        assert_eq!(read(&bytes, b"there"), None);
        assert_eq!(decrypt(|key| &key.access_token, b"here", &bytes, &root), None);
        for bit in 0..bytes.len() * 8 {
            let mut altered = bytes.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read(&altered, b"here"), None, "{bit}");
        }
        for length in 0..bytes.len() {
            assert_eq!(read(&bytes[..length], b"here"), None, "{length}");
        }
    }

    #[test]
    fn every_key_of_the_list_reads_and_the_first_writes() {
        let old = root(&format!("k1:{KEY}"));
        let both = root(&format!("k2:{OTHER},k1:{KEY}"));
        let renamed = root(&format!("k1:{OTHER}"));
        let text = seal(&KIND, &[7], &old);
        let bytes = encrypt(CIPHER, [1; 12], b"", b"content", &old);
        assert!(open::<1>(&KIND, &text, &both).is_some());
        assert!(decrypt(CIPHER, b"", &bytes, &both).is_some());
        assert!(is_of_first(&bytes, &old) && !is_of_first(&bytes, &both));
        assert_eq!(open::<1>(&KIND, &text, &renamed), None);
        assert_eq!(decrypt(CIPHER, b"", &bytes, &renamed), None);
        assert_eq!(open::<1>(&KIND, &seal(&KIND, &[7], &both), &old), None);
    }
}
