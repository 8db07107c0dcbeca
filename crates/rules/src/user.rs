//! Names people sign in with: user names (RFC 8265 `UsernameCaseMapped`) and e-mail addresses.
//!
//! Both live in one namespace of *login names*, so that what somebody types at sign-in means one
//! account or none. A user name that contains `@` must be an e-mail address, and is then both.

use precis_profiles::precis_core::profile::PrecisFastInvocation;
use precis_profiles::{UsernameCaseMapped, UsernameCasePreserved};

/// The longest user name, in code points.
pub const MAX_USERNAME: usize = 64;
/// The longest e-mail address, in bytes (RFC 5321 §4.5.3.1.3).
pub const MAX_EMAIL: usize = 254;

/// Why a text cannot be a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Nothing, or white space.
    #[error("must not be empty")]
    Empty,
    /// More than [`MAX_USERNAME`] code points, or more than [`MAX_EMAIL`] bytes.
    #[error("is too long")]
    TooLong,
    /// A character that names may not hold.
    #[error("may hold letters, digits and . _ - + @ only")]
    Character,
    /// Contains `@` without being an e-mail address.
    #[error("is not an e-mail address")]
    NotAnEmail,
}

/// A user name: as its owner writes it, and the key under which it is found and unique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username {
    shown: String,
    key: String,
}

/// An e-mail address: as its owner writes it, and the key under which it is found and unique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    shown: String,
    key: String,
}

impl Username {
    /// Reads a user name; case is kept for display and folded for comparison.
    ///
    /// # Errors
    /// [`BadName`]; white space around it is an error too, as it is never meant.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        if text.trim().is_empty() {
            return Err(BadName::Empty);
        }
        if text.contains('@') {
            let email = Email::parse(text)?;
            return Ok(Self { shown: email.shown, key: email.key });
        }
        if text.chars().count() > MAX_USERNAME {
            return Err(BadName::TooLong);
        }
        let plain = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "._-+".contains(c);
        if !text.chars().all(plain) {
            return Err(BadName::Character);
        }
        let shown = UsernameCasePreserved::enforce(text).map_err(|_| BadName::Character)?;
        let key = UsernameCaseMapped::enforce(text).map_err(|_| BadName::Character)?;
        Ok(Self { shown: shown.into_owned(), key: key.into_owned() })
    }

    /// As its owner writes it.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Folded, for comparison.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The same name as an e-mail address, when it is one.
    pub fn as_email(&self) -> Option<Email> {
        Email::parse(&self.shown).ok()
    }
}

impl Email {
    /// Reads an e-mail address: one `@`, a local part and a domain of at least one label. Whether it
    /// exists only a mail can tell.
    ///
    /// # Errors
    /// [`BadName`].
    pub fn parse(text: &str) -> Result<Self, BadName> {
        if text.is_empty() {
            return Err(BadName::Empty);
        }
        if text.len() > MAX_EMAIL {
            return Err(BadName::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(BadName::NotAnEmail)?;
        let forbidden =
            |c: char| c.is_control() || c.is_whitespace() || "@<>()[]\\,;:\"".contains(c);
        if local.is_empty() || local.len() > 64 || local.contains(forbidden) {
            return Err(BadName::NotAnEmail);
        }
        let label = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        };
        if !domain.split('.').all(label) {
            return Err(BadName::NotAnEmail);
        }
        Ok(Self { shown: text.to_owned(), key: text.to_lowercase() })
    }

    /// As its owner writes it.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Folded, for comparison.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// The key under which a typed login name is looked up; `None` when it cannot be anybody's.
pub fn login_key(typed: &str) -> Option<String> {
    Username::parse(typed).ok().map(|name| name.key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_is_one_name_however_it_is_written() {
        let key = |text: &str| Username::parse(text).map(|name| name.key);
        assert_eq!(key("Ada"), key("ada"));
        assert_eq!(key("ＡＤＡ"), key("ada"), "full-width letters");
        assert_eq!(key("Zoe\u{308}"), key("zoë"), "decomposed letters");
        assert_eq!(key("Ada@Example.COM"), key("ada@example.com"));
        assert_eq!(Username::parse("Ada").expect("a name").shown(), "Ada");
    }

    #[test]
    fn names_of_many_scripts_are_names() {
        for name in ["ada", "李小龍", "Дмитрий", "नेहा", "سارة", "o.b-r_i+en", "a"]
        {
            assert!(Username::parse(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn what_could_deceive_or_break_is_refused() {
        for name in
            ["", " ", "a b", " ada", "a\0b", "a\nb", "<b>", "a\u{200b}b", "a\u{202e}b", "a/b"]
        {
            assert!(Username::parse(name).is_err(), "{name:?}");
        }
        assert_eq!(Username::parse(&"x".repeat(65)), Err(BadName::TooLong));
        assert!(Username::parse(&"ж".repeat(64)).is_ok(), "counted in code points");
    }

    #[test]
    fn email_addresses_are_checked_for_shape() {
        for good in ["a@b.example", "first.last+tag@sub.example.org", "ü@exämple.de", "x@localhost"]
        {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "@", "a@", "@b", "a b@c.de", "a@b..c", "a@-b.c", "a@b\r\nBcc: c", "a@@b.c"]
        {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }
}
