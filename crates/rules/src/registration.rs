//! Who may make an account, and what is asked of her address.

/// Who may register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Registration {
    /// Everybody.
    #[default]
    Open,
    /// Who has an invitation.
    Invitation,
    /// Nobody; operators make accounts.
    Closed,
}

/// Which applications may register themselves (RFC 7591).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DynamicRegistration {
    /// None; operators register them.
    #[default]
    Off,
    /// Those that bring a token of an operator.
    Token,
}

/// What is asked of a person's e-mail address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Address {
    /// She may give one.
    #[default]
    Optional,
    /// She has to give one.
    Required,
    /// She has to show that mail to it reaches her, before she can sign in. Until then the address is not
    /// hers, so that nobody learns whether it was somebody's before.
    Confirmed,
}

/// A text that names no mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be {0}")]
pub struct NoMode(&'static str);

impl Registration {
    /// Reads `open`, `invitation` or `closed`.
    ///
    /// # Errors
    /// [`NoMode`].
    pub fn parse(text: &str) -> Result<Self, NoMode> {
        match text {
            "open" => Ok(Self::Open),
            "invitation" => Ok(Self::Invitation),
            "closed" => Ok(Self::Closed),
            _ => Err(NoMode("open, invitation or closed")),
        }
    }

    /// Whether who brings an invitation, or brings none, may make an account.
    pub const fn admits(self, invited: bool) -> bool {
        match self {
            Self::Open => true,
            Self::Invitation => invited,
            Self::Closed => false,
        }
    }
}

impl DynamicRegistration {
    /// Reads `off` or `token`.
    ///
    /// # Errors
    /// [`NoMode`].
    pub fn parse(text: &str) -> Result<Self, NoMode> {
        match text {
            "off" => Ok(Self::Off),
            "token" => Ok(Self::Token),
            _ => Err(NoMode("off or token")),
        }
    }
}

impl Address {
    /// Reads `optional`, `required` or `confirmed`.
    ///
    /// # Errors
    /// [`NoMode`].
    pub fn parse(text: &str) -> Result<Self, NoMode> {
        match text {
            "optional" => Ok(Self::Optional),
            "required" => Ok(Self::Required),
            "confirmed" => Ok(Self::Confirmed),
            _ => Err(NoMode("optional, required or confirmed")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_opens_what_is_not_closed() {
        assert!(Registration::Open.admits(false));
        assert!(!Registration::Invitation.admits(false));
        assert!(Registration::Invitation.admits(true));
        assert!(!Registration::Closed.admits(true));
    }

    #[test]
    fn every_mode_is_read_and_nothing_else() {
        assert_eq!(Registration::parse("invitation"), Ok(Registration::Invitation));
        assert_eq!(Address::parse("confirmed"), Ok(Address::Confirmed));
        assert_eq!(DynamicRegistration::parse("token"), Ok(DynamicRegistration::Token));
        assert!(DynamicRegistration::parse("open").is_err());
        assert!(Registration::parse("").is_err() && Address::parse("Required").is_err());
    }
}
