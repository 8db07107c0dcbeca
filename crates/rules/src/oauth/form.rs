//! Parameters as browsers and applications send them: `application/x-www-form-urlencoded`, in a query or a body.
//!
//! Read strictly, since two readers of one text that differ are an attack: a parameter that comes twice is an
//! error, one without a value is none (RFC 6749 §3.1), and nothing that is half encoded is guessed at.

use secrecy::SecretString;
use zeroize::Zeroizing;

/// The most parameters that are read.
pub const MOST: usize = 100;

/// What may come more than once (RFC 8707 §2, RFC 8693 §2.1).
const REPEATABLE: &[&str] = &["resource", "audience"];

/// Why a text holds no parameters. The name can be shown, the value never.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadForm {
    /// A `%` without two hexadecimal digits, or bytes that are no UTF-8.
    #[error("the parameters are not well encoded")]
    Malformed,
    /// More than [`MOST`].
    #[error("there are more than 100 parameters")]
    TooMany,
    /// One that may come once.
    #[error("the parameter {0} comes more than once")]
    Repeated(String),
}

/// Names and values as they were sent, those without a value left out.
#[derive(Default)]
pub struct Parameters {
    pairs: Vec<(String, Zeroizing<String>)>,
    repeated: Vec<String>,
}

impl Parameters {
    /// Reads a query or a body.
    ///
    /// # Errors
    /// [`BadForm`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadForm> {
        let gathered = Self::gather(bytes)?;
        match gathered.repeated() {
            Some(name) => Err(BadForm::Repeated(presentable(name))),
            None => Ok(gathered),
        }
    }

    /// The same without judging what comes twice: for who must first know where the error is to be sent.
    ///
    /// # Errors
    /// [`BadForm::Malformed`] and [`BadForm::TooMany`].
    pub fn gather(bytes: &[u8]) -> Result<Self, BadForm> {
        let mut read = Self::default();
        let mut names: Vec<String> = Vec::new();
        for pair in bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if names.len() == MOST {
                return Err(BadForm::TooMany);
            }
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?.to_string();
            let value = decode(halves.next().unwrap_or_default())?;
            let again = names.contains(&name) && !REPEATABLE.contains(&name.as_str());
            if again {
                read.repeated.push(name.clone());
            }
            names.push(name.clone());
            if !value.is_empty() {
                read.pairs.push((name, value));
            }
        }
        Ok(read)
    }

    /// The name of the first parameter that comes more than once and may not.
    pub fn repeated(&self) -> Option<&str> {
        self.repeated.first().map(String::as_str)
    }

    /// Whether this parameter comes more than once and may not.
    pub fn is_repeated(&self, name: &str) -> bool {
        self.repeated.iter().any(|repeated| repeated == name)
    }

    /// The value of a parameter; the first one where it comes more than once.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of a parameter.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.pairs.iter().filter(move |pair| pair.0 == name).map(|pair| pair.1.as_str())
    }

    /// The value of a parameter that is a secret.
    pub fn secret(&self, name: &str) -> Option<SecretString> {
        self.text(name).map(SecretString::from)
    }

    /// Whether a parameter has a value.
    pub fn has(&self, name: &str) -> bool {
        self.text(name).is_some()
    }

    /// All names and values, in the order in which they were sent.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl std::fmt::Debug for Parameters {
    /// Names only: a value may be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.pairs.iter().map(|pair| &pair.0)).finish()
    }
}

/// Writes names and values as a query; everything but unreserved characters (RFC 3986 §2.3) is encoded.
pub fn encode(pairs: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        escape(name, &mut text);
        text.push('=');
        escape(value, &mut text);
    }
    text
}

fn escape(plain: &str, text: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in plain.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

/// A name that somebody sent, as it may stand in an `error_description` (RFC 6749 §5.2).
fn presentable(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    name.chars().take(40).map(|c| if plain(c) { c } else { '?' }).collect()
}

/// One name or value: `+` is a space, `%XX` a byte, and all of it UTF-8 (RFC 6749 appendix B).
fn decode(encoded: &[u8]) -> Result<Zeroizing<String>, BadForm> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(encoded.len()));
    let mut rest = encoded;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        bytes.push(match first {
            b'+' => b' ',
            b'%' => {
                let (digits, after) = rest.split_first_chunk::<2>().ok_or(BadForm::Malformed)?;
                rest = after;
                byte_of(*digits).ok_or(BadForm::Malformed)?
            }
            plain => plain,
        });
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| BadForm::Malformed)?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// The byte that two hexadecimal digits stand for.
pub(super) fn byte_of(digits: [u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? * 16 + low?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    use super::*;

    fn read(text: &str) -> Parameters {
        Parameters::parse(text.as_bytes()).expect("parameters")
    }

    fn refused(text: &str) -> BadForm {
        Parameters::parse(text.as_bytes()).expect_err("no parameters")
    }

    #[test]
    fn names_and_values_are_decoded() {
        let read = read("a=1&b+c=%7B%7d&%C3%A4=x+y&e=a%3Db=c");
        assert_eq!(read.text("a"), Some("1"));
        assert_eq!(read.text("b c"), Some("{}"));
        assert_eq!(read.text("ä"), Some("x y"));
        assert_eq!(read.text("e"), Some("a=b=c"));
        assert_eq!(read.text("A"), None, "the case of a name matters");
    }

    #[test]
    fn a_parameter_without_a_value_is_none() {
        let read = read("state=&nonce&&scope=openid&=x");
        assert!(!read.has("state") && !read.has("nonce") && read.has("scope"));
        assert_eq!(read.pairs().collect::<Vec<_>>(), [("scope", "openid"), ("", "x")]);
    }

    #[test]
    fn a_parameter_that_comes_twice_is_an_error_whatever_its_values_and_its_writing() {
        let twice = |name: &str| BadForm::Repeated(name.to_owned());
        assert_eq!(refused("code=a&x=1&code=a"), twice("code"));
        assert_eq!(refused("code=a&%63ode=b"), twice("code"));
        assert_eq!(refused("code=&code=b"), twice("code"), "an empty one may hide a full one");
        assert_eq!(refused("a%22=1&a%22=2"), twice("a?"));
    }

    #[test]
    fn a_resource_may_come_more_than_once() {
        let read = read("resource=https://a.example&resource=https://b.example");
        let all: Vec<_> = read.all("resource").collect();
        assert_eq!(all, ["https://a.example", "https://b.example"]);
    }

    #[test]
    fn what_comes_twice_is_kept_for_who_answers_by_a_redirect() {
        let gathered = Parameters::gather(b"state=a&state=b&client_id=x").expect("well encoded");
        assert_eq!(gathered.repeated(), Some("state"));
        assert!(gathered.is_repeated("state") && !gathered.is_repeated("client_id"));
        assert_eq!(gathered.text("client_id"), Some("x"));
    }

    #[test]
    fn nothing_half_encoded_is_guessed_at() {
        for bad in ["a=%", "a=%4", "a=%zz", "%=a", "a=%C3", "a=%ff", "a=%+1", "a=% 1"] {
            assert_eq!(refused(bad), BadForm::Malformed, "{bad}");
        }
        assert_eq!(Parameters::parse(b"a=\xff").expect_err("no UTF-8"), BadForm::Malformed);
    }

    #[test]
    fn a_hundred_are_read_and_no_more() {
        let many = |count: usize| (0..count).map(|n| format!("p{n}=1")).collect::<Vec<_>>();
        assert_eq!(read(&many(MOST).join("&")).pairs().count(), MOST);
        assert_eq!(refused(&many(MOST + 1).join("&")), BadForm::TooMany);
        assert!(read("").pairs().next().is_none());
    }

    #[test]
    fn values_are_not_printed() {
        let read = read("client_secret=thk_abc");
        assert_eq!(format!("{read:?}"), r#"["client_secret"]"#);
        assert_eq!(read.secret("client_secret").expect("it").expose_secret(), "thk_abc");
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_read_again(values in vec(".{1,20}", 0..10)) {
            let names: Vec<String> = (0..values.len()).map(|n| format!("n&={n}")).collect();
            let pairs: Vec<(&str, &str)> =
                names.iter().map(String::as_str).zip(values.iter().map(String::as_str)).collect();
            let read = read(&encode(&pairs));
            prop_assert_eq!(read.pairs().collect::<Vec<_>>(), pairs);
        }

        #[test]
        fn no_bytes_whatever_make_it_panic(bytes in vec(any::<u8>(), 0..200)) {
            let _ = Parameters::parse(&bytes);
        }
    }
}
