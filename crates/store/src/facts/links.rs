//! Links that may be used once, and what they do.

use std::time::Duration;

use tokenhouse_rules::id::{LinkId, UserId};
use tokenhouse_rules::limit::Cost;
use tokenhouse_rules::link::Purpose;
use tokenhouse_rules::time::Timestamp;
use uuid::Uuid;

use super::{NewMail, Refund, SessionKey, Trail, User};

/// A link to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewLink {
    /// Identifier, made before the write.
    pub id: LinkId,
    /// How long it may be used, from the database's time on.
    pub lifetime: Duration,
}

/// Whether a link may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// It may.
    Open,
    /// It was used.
    Used,
    /// Its time is over, or what it was made for has changed.
    Expired,
}

/// What is known of a link that exists.
#[derive(Clone, Debug)]
pub struct LinkFacts {
    /// The database's time.
    pub now: Timestamp,
    /// Whether it may be used. A link to a new password is [`LinkState::Expired`] in another epoch; one for
    /// setup is [`LinkState::Used`] once setup is closed, by whomever.
    pub state: LinkState,
    /// Whom it was made for.
    pub user: Option<User>,
    /// The address to confirm, or the one that is invited.
    pub email: Option<String>,
}

/// An invitation, or a link to set this server up.
#[derive(Clone, Debug)]
pub struct MakeLink {
    /// [`Purpose::Invite`] or [`Purpose::Setup`].
    pub purpose: Purpose,
    /// The link.
    pub link: NewLink,
    /// Who is invited, if one address is.
    pub email: Option<String>,
    /// The mail with the invitation; needs `email`.
    pub mail: Option<NewMail>,
    /// The audit row; its user is the nil identifier.
    pub trail: Trail,
}

/// Somebody forgot a password.
#[derive(Clone, Debug)]
pub struct AskRecovery {
    /// The folded login name.
    pub name: String,
    /// The link, made only for an account with a confirmed address that is not locked.
    pub link: NewLink,
    /// The mail with the link, to that address.
    pub mail: NewMail,
    /// The throttle key of the client's address and what an attempt costs it.
    pub address: Option<(String, Cost)>,
    /// The audit row, written only with a mail.
    pub trail: Trail,
}

/// A password set by a link.
#[derive(Clone, Debug)]
pub struct ResetPassword {
    /// The link.
    pub link: LinkId,
    /// This operation: its own repetition passes.
    pub operation: Uuid,
    /// PHC string of the new password's hash.
    pub hash: String,
    /// Told to the confirmed address. None where no mail is sent.
    pub mail: Option<NewMail>,
    /// The audit row.
    pub trail: Trail,
}

/// A person wants another address. She was judged by her password just before.
#[derive(Clone, Debug)]
pub struct AskEmail {
    /// The user.
    pub user: UserId,
    /// The epoch she was judged in.
    pub epoch: i64,
    /// The address as she writes it; pending until it is confirmed.
    pub email: String,
    /// The link that confirms it. Links for addresses asked for before end.
    pub link: NewLink,
    /// The mail with the link, to the new address. It is sent whether or not the address is somebody's.
    pub mail: NewMail,
    /// Attempts given back.
    pub refunds: Vec<Refund>,
    /// The audit row.
    pub trail: Trail,
}

/// A link to confirm an address was followed.
#[derive(Clone, Debug)]
pub struct ConfirmEmail {
    /// The link.
    pub link: LinkId,
    /// This operation: its own repetition passes.
    pub operation: Uuid,
    /// The folded names she is to have from now on: her user name and the address (`rules::user`). Those that are
    /// hers already stay; if any is somebody else's nothing changes but the link.
    pub names: Vec<String>,
    /// Two mails that tell of it: to the new address, and to the former confirmed one. Written only when there was
    /// a former one that differs. None where no mail is sent.
    pub mails: Option<[NewMail; 2]>,
    /// The audit row.
    pub trail: Trail,
}

/// How confirming an address ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// It is hers.
    Done(User),
    /// It is somebody else's; the link is used up and nothing else has changed.
    Taken,
    /// The link may not be used (any more).
    Gone,
}

/// Who asks for a confirmation once more.
#[derive(Clone, Debug)]
pub enum Asking {
    /// The user of a living session.
    Session(SessionKey),
    /// One who may not sign in before her address is confirmed. She was judged by her password just before.
    Judged {
        /// The user.
        user: UserId,
        /// The epoch she was judged in.
        epoch: i64,
        /// Attempts given back.
        refunds: Vec<Refund>,
    },
}

/// Asks for a confirmation once more: for the pending address, or for the one she has and has not confirmed.
#[derive(Clone, Debug)]
pub struct AskAgain {
    /// Who asks.
    pub who: Asking,
    /// The new link; the former ones end.
    pub link: NewLink,
    /// The mail with the link.
    pub mail: NewMail,
}
