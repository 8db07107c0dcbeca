//! Identifiers: UUIDv7 (RFC 9562 §5.7), made before the write so that an ambiguous commit can be
//! asked about. The instant only orders them; nothing is judged by it. It has a finer fraction than a
//! millisecond (§6.2, method 3), in which a quick client does more than one thing.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::time::Timestamp;

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new identifier from an instant and ten random bytes (62 bits of them are used).
            pub fn new(now: Timestamp, mut entropy: [u8; 10]) -> Self {
                let [high, low] = now.fraction_of_milli().to_be_bytes();
                (entropy[0], entropy[1]) = (high, low);
                Self(uuid::Builder::from_unix_timestamp_millis(now.millis(), &entropy).into_uuid())
            }

            /// The lowest identifier of an instant: all that were made earlier are below it.
            pub fn lowest(at: Timestamp) -> Self {
                Self::new(at, [0; 10])
            }

            /// Takes over an identifier that was stored or sent.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The identifier as a plain UUID.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    };
}

identifier! {
    /// Names a user for ever; never reused.
    UserId
}
identifier! {
    /// Names a link that may be used once.
    LinkId
}
identifier! {
    /// Names a mail in the outbox.
    MailId
}
identifier! {
    /// Names a session. Shown to its owner, so it is not a secret.
    SessionId
}
identifier! {
    /// Names one row of the audit trail.
    EventId
}
identifier! {
    /// Names an authorization code, and the grant that it becomes.
    CodeId
}
identifier! {
    /// Names what an application may do for a person. Every token of it carries it.
    GrantId
}
identifier! {
    /// Names one secret of a client.
    SecretId
}
identifier! {
    /// Names a request for authorization that an application sent ahead.
    PushedRequestId
}
identifier! {
    /// Names a group of users.
    GroupId
}
identifier! {
    /// Names what applications may register themselves by.
    InvitationId
}
identifier! {
    /// Names the end of a session that an application is told of.
    LogoutId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_in_one_millisecond_is_in_order() {
        let at = |micros: i64| Timestamp::from_micros(1_700_000_000_000_000 + micros);
        for micros in 0..2_000 {
            let earlier = EventId::new(at(micros), [0xff; 10]);
            assert!(earlier < EventId::new(at(micros + 1), [0; 10]), "{micros}");
            assert_eq!(earlier.uuid().get_version_num(), 7);
        }
    }

    #[test]
    fn the_lowest_identifier_divides_earlier_from_later_ones() {
        let at = Timestamp::from_micros(1_700_000_000_000_000);
        let before = Timestamp::from_micros(1_699_999_999_999_000);
        assert!(EventId::new(before, [0xff; 10]) < EventId::lowest(at));
        assert!(EventId::lowest(at) <= EventId::new(at, [0; 10]));
        assert!(EventId::lowest(at) < EventId::new(at, [0xff; 10]));
        let long_ago = Timestamp::from_micros(-1);
        assert!(EventId::lowest(long_ago) < EventId::lowest(at), "before 1970 is no far future");
    }
}
