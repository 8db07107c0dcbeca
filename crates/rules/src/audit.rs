//! The names of the security events. They are stable: alert rules and auditors rely on them.
//!
//! An event of the trail is written in the same transaction as the fact it tells of; what is refused
//! (a wrong password, a forged token) is not a fact and goes to the log and the metrics only.

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Event { $($(#[$doc])* $variant,)* }

        impl Event {
            /// Every event, for documentation and tests.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

events! {
    /// A person registered, or an operator made the account.
    UserRegistered = "user.registered",
    /// A session was opened by the right password.
    SessionOpened = "session.opened",
    /// A session was ended by its own token.
    SessionEnded = "session.ended",
    /// A person ended one of her other sessions.
    SessionRevoked = "session.revoked",
    /// All sessions of a user were ended.
    SessionsEnded = "session.all_ended",
    /// A password was changed or set.
    PasswordChanged = "password.changed",
    /// An operator locked an account.
    UserLocked = "user.locked",
    /// An operator unlocked an account.
    UserUnlocked = "user.unlocked",
    /// An account was deleted with everything that belonged to it.
    UserDeleted = "user.deleted",
    /// A person downloaded her data.
    UserExported = "user.exported",
    /// A person asked for her account to be deleted, after a time in which she can think again.
    DeletionScheduled = "user.deletion_scheduled",
    /// She thought again.
    DeletionCancelled = "user.deletion_cancelled",
    /// Somebody asked for a link to set a new password.
    RecoveryAsked = "recovery.asked",
    /// A password was set by such a link.
    PasswordReset = "password.reset",
    /// A person asked for another e-mail address.
    EmailAsked = "email.asked",
    /// A person withdrew that.
    EmailWithdrawn = "email.withdrawn",
    /// A person showed that mail to an address reaches her; it is hers from now on.
    EmailConfirmed = "email.confirmed",
    /// Somebody was invited. Concerns no user yet: the nil identifier.
    InvitationMade = "invitation.created",
    /// A link to set this server up was made. Concerns no user yet: the nil identifier.
    SetupLinkMade = "setup.link_created",
    /// The first administrator was made; setup is closed.
    SetupCompleted = "setup.completed",
    /// Somebody became an administrator.
    AdministratorGranted = "administrator.granted",
    /// Somebody is an administrator no more.
    AdministratorRevoked = "administrator.revoked",
    /// An application was registered. Concerns no user: the nil identifier, as all of `client.` and `key.`.
    ClientCreated = "client.created",
    /// Its settings were changed.
    ClientChanged = "client.changed",
    /// Applications may register themselves by what an operator made.
    ClientInvited = "client.invited",
    /// An application registered itself. What changes it later is its own doing as well.
    ClientRegistered = "client.registered",
    /// It was deleted, with all that it was given.
    ClientDeleted = "client.deleted",
    /// It was given another secret.
    ClientSecretMade = "client.secret_created",
    /// One of its secrets was ended.
    ClientSecretEnded = "client.secret_ended",
    /// A key that signs tokens was made.
    KeyCreated = "key.created",
    /// It was made to sign no more.
    KeyRetired = "key.retired",
    /// A person agreed to what an application asks for.
    ConsentGiven = "consent.given",
    /// A person allowed an application on a device what it asks for.
    DeviceAllowed = "device.allowed",
    /// A person refused it.
    DeviceDenied = "device.denied",
    /// A code was redeemed: an application may act for a person.
    GrantMade = "grant.created",
    /// An application gave that up, or its person took it back.
    GrantRevoked = "grant.revoked",
    /// A code was presented again; what was issued for it has ended.
    CodeReplayed = "code.replayed",
    /// A refresh token was presented again; its grant has ended.
    RefreshReplayed = "refresh_token.replayed",
    /// An application could not be told that a session ended, however often it was tried.
    LogoutLost = "logout.lost",
    /// A group was made. Concerns no user: the nil identifier.
    GroupCreated = "group.created",
    /// A group was deleted. Concerns no user: the nil identifier.
    GroupDeleted = "group.deleted",
    /// A user was put into a group.
    GroupJoined = "group.joined",
    /// A user was taken out of a group.
    GroupLeft = "group.left",
    /// The standard claims of a user were set.
    ClaimsSet = "user.claims_set",
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The person herself.
    User,
    /// Somebody with access to the server's command line.
    Operator,
}

impl Actor {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Operator => "operator",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_names_are_unique() {
        let mut names: Vec<_> = Event::ALL.iter().map(|event| event.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Event::ALL.len());
    }
}
