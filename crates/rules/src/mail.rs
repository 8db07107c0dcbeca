//! The mails that are sent, by what they tell.

use crate::link::Purpose;

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $link:expr;)*) => {
        /// What a mail tells.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind { $($(#[$doc])* $variant,)* }

        impl Kind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable name: as it is stored, of the template, and in metrics.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What the link in it is for, if there is one that may be used once.
            pub const fn link(self) -> Option<Purpose> {
                match self { $(Self::$variant => $link,)* }
            }
        }
    };
}

kinds! {
    /// A link that shows that the address is its reader's.
    Confirm = "confirm", Some(Purpose::Confirm);
    /// A link to set a new password.
    Recover = "recover", Some(Purpose::Recover);
    /// The password was changed or set.
    PasswordChanged = "password-changed", None;
    /// Somebody signed in from a device that was not known.
    NewDevice = "new-device", None;
    /// The account has another address; to the new one and to the old one.
    AddressChanged = "address-changed", None;
    /// The account will be deleted, unless its owner thinks again.
    DeletionScheduled = "deletion-scheduled", None;
    /// The account is deleted.
    AccountDeleted = "account-deleted", None;
    /// An invitation to make an account.
    Invitation = "invitation", Some(Purpose::Invite);
}

impl Kind {
    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.name()), Some(*kind));
        }
        assert_eq!(Kind::named("spam"), None);
    }
}
