//! The root secret and what is derived from it.
//!
//! The root secret is a list `id:key,id:key`: the first key writes, all of them read, so that a
//! change takes two roll-outs and ends nobody's session. No key is ever used directly: each purpose
//! gets its own by HKDF-SHA256 (RFC 5869), so that a value made for one purpose means nothing to
//! another.

pub(crate) mod sealed;

use aws_lc_rs::{aead, digest, hkdf, hmac};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// The fewest bytes a root key may have.
pub const MIN_KEY_BYTES: usize = 32;

const SESSION_TOKEN: &[u8] = b"tokenhouse/session-token/v1";
const FORM_TOKEN: &[u8] = b"tokenhouse/form-token/v1";
const LINK_TOKEN: &[u8] = b"tokenhouse/link-token/v1";
const CODE: &[u8] = b"tokenhouse/authorization-code/v1";
const REFRESH_TOKEN: &[u8] = b"tokenhouse/refresh-token/v1";
const ACCESS_TOKEN: &[u8] = b"tokenhouse/access-token/v1";
const DEVICE_CODE: &[u8] = b"tokenhouse/device-code/v1";
const AUTHORIZE_MARK: &[u8] = b"tokenhouse/authorize-mark/v1";
const REQUEST_URI: &[u8] = b"tokenhouse/request-uri/v1";
const CLIENT_REGISTRATION: &[u8] = b"tokenhouse/client-registration/v1";
const FORWARD_TOKEN: &[u8] = b"tokenhouse/forward-token/v1";
const DPOP_NONCE: &[u8] = b"tokenhouse/dpop-nonce/v1";
const SIGNING_KEY: &[u8] = b"tokenhouse/signing-key/v1";
const CLIENT_SECRET: &[u8] = b"tokenhouse/client-secret/v1";

/// Why a root secret cannot be used. Never repeats any part of a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSecret {
    /// There is no key in it.
    #[error("the root secret is empty")]
    Empty,
    /// A list member has no `id:` in front.
    #[error("member {0} of the root secret has no id; write id:key")]
    NoId(usize),
    /// An id is not 1 to 16 letters, digits, `-` or `_`.
    #[error("the key id of member {0} must be 1 to 16 letters, digits, '-' or '_'")]
    BadId(usize),
    /// A key is not base64.
    #[error("key `{0}` of the root secret is not base64")]
    NotBase64(String),
    /// A key is too short to be random enough.
    #[error("key `{0}` of the root secret has fewer than 32 bytes")]
    TooShort(String),
    /// Two keys share an id (or the four bytes that stand for it in a token).
    #[error("key id `{0}` cannot be told from another one in the root secret")]
    Duplicate(String),
}

/// One key of the root secret, with what was derived from it.
pub(crate) struct RootKey {
    id: String,
    tag: [u8; 4],
    session_token: hmac::Key,
    form_token: hmac::Key,
    link_token: hmac::Key,
    /// Seals authorization codes.
    pub(crate) code: hmac::Key,
    /// Seals the codes that devices ask with.
    pub(crate) device_code: hmac::Key,
    /// Seals refresh tokens.
    pub(crate) refresh_token: hmac::Key,
    /// Seals the instant at which a request for authorization first came.
    pub(crate) authorize_mark: hmac::Key,
    /// Seals the references to requests that were sent ahead.
    pub(crate) request_uri: hmac::Key,
    /// Seals what applications register themselves by.
    pub(crate) client_registration: hmac::Key,
    /// Seals what a browser shows to services behind a proxy.
    pub(crate) forward_token: hmac::Key,
    /// Seals when an application was given what it has to prove its key with.
    pub(crate) dpop_nonce: hmac::Key,
    /// Encrypts access tokens.
    pub(crate) access_token: aead::LessSafeKey,
    /// Encrypts the private keys that sign.
    pub(crate) signing_key: aead::LessSafeKey,
    /// Encrypts the secrets that applications make MACs with.
    pub(crate) client_secret: aead::LessSafeKey,
}

/// The whole root secret, ready for use. Frozen after start; shared by all processes.
pub struct RootSecret {
    keys: Vec<RootKey>,
}

impl RootSecret {
    /// Reads `id:key,id:key`; keys are base64 (either alphabet, padding optional) of at least
    /// 32 bytes. White space and line ends around members are ignored, so a file may hold one a line.
    ///
    /// # Errors
    /// [`BadSecret`], naming the member but never its key.
    pub fn parse(text: &str) -> Result<Self, BadSecret> {
        let mut keys: Vec<RootKey> = Vec::new();
        let members = text.split([',', '\n']).map(str::trim).filter(|member| !member.is_empty());
        for (index, member) in members.enumerate() {
            let (id, key) = member.split_once(':').ok_or(BadSecret::NoId(index + 1))?;
            let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            if id.is_empty() || id.len() > 16 || !id.chars().all(legal) {
                return Err(BadSecret::BadId(index + 1));
            }
            let key = RootKey::derive(id, key)?;
            if keys.iter().any(|other| other.tag == key.tag) {
                return Err(BadSecret::Duplicate(key.id));
            }
            keys.push(key);
        }
        if keys.is_empty() { Err(BadSecret::Empty) } else { Ok(Self { keys }) }
    }

    /// Writes a root secret of one fresh key, in the form that [`RootSecret::parse`] reads.
    pub fn compose(id: &str, entropy: &[u8; 32]) -> Zeroizing<String> {
        Zeroizing::new(format!("{id}:{}", URL_SAFE_NO_PAD.encode(entropy)))
    }

    /// The ids of the keys, the writing one first. For display; not secret.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|key| key.id.as_str())
    }

    /// The key that writes.
    fn writing(&self) -> &RootKey {
        &self.keys[0]
    }

    /// The key that `tag` names, if it is still in the list.
    fn reading(&self, tag: [u8; 4]) -> Option<&RootKey> {
        self.keys.iter().find(|key| key.tag == tag)
    }

    /// The key that seals new session tokens, and the four bytes that name it in them.
    pub(crate) fn sealing(&self) -> ([u8; 4], &hmac::Key) {
        let first = self.writing();
        (first.tag, &first.session_token)
    }

    /// The session token key that `tag` names, if it is still in the list.
    pub(crate) fn opening(&self, tag: [u8; 4]) -> Option<&hmac::Key> {
        self.reading(tag).map(|key| &key.session_token)
    }

    /// The key that seals the tokens of forms, and the four bytes that name it in them.
    pub(crate) fn form_sealing(&self) -> ([u8; 4], &hmac::Key) {
        let first = self.writing();
        (first.tag, &first.form_token)
    }

    /// The key that seals links, and the four bytes that name it in them.
    pub(crate) fn link_sealing(&self) -> ([u8; 4], &hmac::Key) {
        let first = self.writing();
        (first.tag, &first.link_token)
    }

    /// The key for links that `tag` names, if it is still in the list.
    pub(crate) fn link_opening(&self, tag: [u8; 4]) -> Option<&hmac::Key> {
        self.reading(tag).map(|key| &key.link_token)
    }

    /// The key for tokens of forms that `tag` names, if it is still in the list.
    pub(crate) fn form_opening(&self, tag: [u8; 4]) -> Option<&hmac::Key> {
        self.reading(tag).map(|key| &key.form_token)
    }
}

impl std::fmt::Debug for RootSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

impl RootKey {
    fn derive(id: &str, text: &str) -> Result<Self, BadSecret> {
        let text = text.trim_end_matches('=');
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .or_else(|_| STANDARD_NO_PAD.decode(text))
            .map(Zeroizing::new)
            .map_err(|_| BadSecret::NotBase64(id.to_owned()))?;
        if bytes.len() < MIN_KEY_BYTES {
            return Err(BadSecret::TooShort(id.to_owned()));
        }
        let mut tag = [0; 4];
        tag.copy_from_slice(&digest::digest(&digest::SHA256, id.as_bytes()).as_ref()[..4]);
        // An empty salt: the root key is already uniformly random.
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(&bytes);
        Ok(Self {
            id: id.to_owned(),
            tag,
            session_token: mac_key(&root, SESSION_TOKEN),
            form_token: mac_key(&root, FORM_TOKEN),
            link_token: mac_key(&root, LINK_TOKEN),
            code: mac_key(&root, CODE),
            device_code: mac_key(&root, DEVICE_CODE),
            refresh_token: mac_key(&root, REFRESH_TOKEN),
            authorize_mark: mac_key(&root, AUTHORIZE_MARK),
            request_uri: mac_key(&root, REQUEST_URI),
            client_registration: mac_key(&root, CLIENT_REGISTRATION),
            forward_token: mac_key(&root, FORWARD_TOKEN),
            dpop_nonce: mac_key(&root, DPOP_NONCE),
            access_token: encryption_key(&root, ACCESS_TOKEN),
            signing_key: encryption_key(&root, SIGNING_KEY),
            client_secret: encryption_key(&root, CLIENT_SECRET),
        })
    }
}

/// HKDF-Expand to the key of one purpose.
fn derived(root: &hkdf::Prk, purpose: &[u8]) -> Zeroizing<[u8; 32]> {
    let info = [purpose];
    let mut bytes = Zeroizing::new([0u8; 32]);
    root.expand(&info, hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(bytes.as_mut()))
        .expect("HKDF-SHA256 can always produce 32 bytes (RFC 5869 §2.3)");
    bytes
}

fn mac_key(root: &hkdf::Prk, purpose: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, derived(root, purpose).as_ref())
}

/// AES-256-GCM-SIV (RFC 8452): a nonce that comes twice, as after a snapshot of a machine was restored, shows at
/// most that the same was said twice.
fn encryption_key(root: &hkdf::Prk, purpose: &[u8]) -> aead::LessSafeKey {
    let key = aead::UnboundKey::new(&aead::AES_256_GCM_SIV, derived(root, purpose).as_ref())
        .expect("AES-256 takes 32 bytes");
    aead::LessSafeKey::new(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

    #[test]
    fn reads_a_list_and_keeps_its_order() {
        let text = format!("new:{KEY},old:{KEY}=\n");
        let secret = RootSecret::parse(&text).expect("two good keys");
        assert_eq!(secret.ids().collect::<Vec<_>>(), ["new", "old"]);
    }

    #[test]
    fn names_the_member_that_is_wrong_and_never_its_key() {
        assert_eq!(RootSecret::parse(" , ").unwrap_err(), BadSecret::Empty);
        assert_eq!(RootSecret::parse(KEY).unwrap_err(), BadSecret::NoId(1));
        assert_eq!(RootSecret::parse(&format!("a b:{KEY}")).unwrap_err(), BadSecret::BadId(1));
        assert_eq!(RootSecret::parse("k:MDEy").unwrap_err(), BadSecret::TooShort("k".into()));
        assert_eq!(RootSecret::parse("k:***").unwrap_err(), BadSecret::NotBase64("k".into()));
        let twice = format!("k:{KEY},k:{KEY}");
        assert_eq!(RootSecret::parse(&twice).unwrap_err(), BadSecret::Duplicate("k".into()));
    }

    #[test]
    fn debug_output_shows_ids_only() {
        let secret = RootSecret::parse(&format!("k1:{KEY}")).expect("a good key");
        assert_eq!(format!("{secret:?}"), r#"["k1"]"#);
    }

    #[test]
    fn what_is_derived_is_the_same_in_every_release_and_differs_by_purpose() {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]);
        let root = root.extract(b"0123456789abcdef0123456789abcdef");
        for (purpose, beginning) in [
            (SESSION_TOKEN, "7_XDaD4m"),
            (FORM_TOKEN, "yyKxOrbT"),
            (LINK_TOKEN, "sV3o1BrF"),
            (CODE, "4dorY8tP"),
            (DEVICE_CODE, "1OJocptB"),
            (REFRESH_TOKEN, "-lK3UEPb"),
            (ACCESS_TOKEN, "_cIT0Bqr"),
            (AUTHORIZE_MARK, "RbFpP2Zy"),
            (REQUEST_URI, "MFRjkcNi"),
            (CLIENT_REGISTRATION, "e2TXc0iS"),
            (FORWARD_TOKEN, "kShciGIA"),
            (DPOP_NONCE, "h_DUQjlz"),
            (SIGNING_KEY, "PTbKcyy7"),
            (CLIENT_SECRET, "F661G6SB"),
        ] {
            assert_eq!(URL_SAFE_NO_PAD.encode(&derived(&root, purpose)[..6]), beginning);
        }
    }

    #[test]
    fn reads_what_it_composes() {
        let text = RootSecret::compose("k1", &[7; 32]);
        assert!(RootSecret::parse(&text).is_ok());
    }
}
