//! What is wrong with a member of a request, as a message that exists in every language of the pages.

use tokenhouse_rules::password::Refusal;
use tokenhouse_rules::user::BadName;

/// A message, and the number in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// The name of the message, without `fault-`.
    pub key: &'static str,
    /// Its `$count`.
    pub count: Option<usize>,
}

impl Told {
    pub(crate) const fn plain(key: &'static str) -> Self {
        Self { key, count: None }
    }
}

impl From<BadName> for Told {
    fn from(bad: BadName) -> Self {
        Self::plain(match bad {
            BadName::Empty => "empty",
            BadName::TooLong => "name-too-long",
            BadName::Character => "name-character",
            BadName::NotAnEmail => "not-an-email",
        })
    }
}

impl From<Refusal> for Told {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::TooShort(least) => Self { key: "password-too-short", count: Some(least) },
            Refusal::TooLong => Self::plain("password-too-long"),
            Refusal::Common => Self::plain("password-common"),
            Refusal::OwnName => Self::plain("password-own-name"),
        }
    }
}
