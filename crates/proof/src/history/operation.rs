//! One request and what became of it, in numbers that mean something within one run only: no token and
//! no password is ever in a history.

use serde::{Deserialize, Serialize};

use super::Nanos;

/// Numbers the operations of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationId(pub u64);

/// Numbers the users of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserNo(pub u32);

/// A session, named by the operation that opened it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionNo(pub OperationId);

/// Numbers the passwords of one user, in the order in which they were thought of. None is used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordNo(pub u32);

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Makes the account with that name, and opens a session.
    Register {
        /// The name asked for.
        name: String,
        /// The password it is given.
        password: PasswordNo,
    },
    /// Opens a session.
    Login {
        /// The password that was tried.
        password: PasswordNo,
    },
    /// Reads the document.
    Read {
        /// Reads of one token that were sent at once, to several processes, have the same number.
        together: Option<u64>,
    },
    /// Reads a list of the sessions.
    List,
    /// Replaces the document.
    Write {
        /// What makes this document different from all others of the run.
        value: u64,
        /// Only if this version is stored.
        if_match: Option<u64>,
    },
    /// Replaces the password; ends all sessions but the one that asks.
    PasswordChange {
        /// The one that is to be replaced.
        old: PasswordNo,
        /// What it becomes.
        new: PasswordNo,
    },
    /// Ends the session that asks.
    Logout,
    /// Ends every session of the user.
    LogoutAll,
    /// Ends another session of the same user.
    EndSession {
        /// Which one.
        target: SessionNo,
    },
    /// An operator locks the account, which ends every session.
    Lock,
    /// An operator lets the user in again.
    Unlock,
    /// Reads with a token that nobody was given.
    Forged(Counterfeit),
    /// An application asks for a code, on the word of the session.
    Authorize,
    /// An application turns the code that this operation got into a grant.
    Redeem {
        /// Which.
        code: OperationId,
    },
    /// An application asks for the next tokens of a grant.
    Refresh {
        /// The redemption that made it.
        grant: OperationId,
        /// The refresh token that is presented.
        token: TokenNo,
    },
    /// An application asks about the person of a grant, with its last access token.
    UserInfo {
        /// The redemption that made it.
        grant: OperationId,
    },
    /// Reads the public keys.
    Keys,
}

/// Numbers the refresh tokens of a run; two that are the same text are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenNo(pub u64);

/// In which way a token is not good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Counterfeit {
    /// One character of a good one was changed.
    Mutated,
    /// Another deployment's.
    Foreign,
    /// Its time is over.
    Expired,
    /// Sealed with a key that is not in use.
    OtherKey,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It was done.
    Ok(Seen),
    /// It was refused, so it was not done.
    Fail(Refusal),
    /// It may have been done, also later than the client stopped to wait.
    Unknown(Trouble),
}

/// What a good answer showed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The id of the user whom the answer is about.
    pub user: Option<String>,
    /// The version of the document.
    pub version: Option<u64>,
    /// The document.
    pub document: Option<Document>,
    /// The refresh token that was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenNo>,
    /// The name of the key that signed what was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
    /// The names of the keys that were published.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
}

/// The document, as it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Document {
    /// As it is before the first write.
    Empty,
    /// The whole document that a write with this value sent.
    Whole(u64),
    /// Not what anybody sent: its text.
    Torn(String),
}

/// Why it was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The token is not accepted (401).
    Token,
    /// The password is not accepted (401, or 403 where a session asks).
    Password,
    /// The account is locked (403): the password was right.
    Locked,
    /// Another version is stored (412).
    Stale,
    /// The session to be ended is not there (404).
    NoSuchSession,
    /// Too many attempts (429).
    Limited,
    /// The code or the refresh token is not good (400, `invalid_grant`), or the access token is not (401).
    Grant,
    /// Anything else that is the client's fault, such as a name that is taken.
    Other {
        /// The status code.
        status: u16,
        /// The problem's code, if there was one.
        code: String,
    },
}

/// Why nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trouble {
    /// 5xx.
    Status {
        /// The status code.
        status: u16,
        /// Whether the answer said when to try again.
        retry_after: bool,
    },
    /// No whole answer within the client's deadline.
    Timeout,
    /// The connection ended or was never made.
    Connection(String),
    /// An answer of success that lacks what it must hold.
    Nonsense(String),
}

/// One operation of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Its number.
    pub id: OperationId,
    /// What was asked for.
    pub kind: Kind,
    /// Whom it concerns.
    pub user: UserNo,
    /// Whose token was sent, if one was.
    pub session: Option<SessionNo>,
    /// Which process answered, if it said so.
    pub process: Option<String>,
    /// When it was to be sent.
    pub intended: Nanos,
    /// Just before it was sent.
    pub invoke: Nanos,
    /// Just after the answer came, or was given up.
    pub ret: Nanos,
    /// What became of it.
    pub outcome: Outcome,
}

impl Operation {
    /// Whether it was acknowledged.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        matches!(self.outcome, Outcome::Ok(_))
    }

    /// Whether it may have been done although nobody said so.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self.outcome, Outcome::Unknown(_))
    }

    /// Whether its token was refused.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.outcome == Outcome::Fail(Refusal::Token)
    }

    /// What a good answer showed.
    #[must_use]
    pub fn seen(&self) -> Option<&Seen> {
        match &self.outcome {
            Outcome::Ok(seen) => Some(seen),
            Outcome::Fail(_) | Outcome::Unknown(_) => None,
        }
    }

    /// When it has certainly taken effect: its return if it was acknowledged, else [`Nanos::NEVER`].
    #[must_use]
    pub fn effective(&self) -> Nanos {
        if self.is_ok() { self.ret } else { Nanos::NEVER }
    }
}

impl std::fmt::Display for OperationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{}", self.0)
    }
}

impl std::fmt::Display for SessionNo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "session {}", self.0)
    }
}

impl std::fmt::Display for UserNo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "user {}", self.0)
    }
}

/// `#7 Logout of session #3 (user 2) by p1 at 1.000–2.000 ms: Ok`.
impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?} ({}", self.id, self.kind, self.user)?;
        if let Some(session) = self.session {
            write!(f, ", {session}")?;
        }
        if let Some(process) = &self.process {
            write!(f, ", answered by {process}")?;
        }
        write!(f, ", {}–{} ns) ", self.invoke.0, self.ret.0)?;
        match &self.outcome {
            Outcome::Ok(_) => f.write_str("ok"),
            Outcome::Fail(refusal) => write!(f, "refused: {refusal:?}"),
            Outcome::Unknown(trouble) => write!(f, "unknown: {trouble:?}"),
        }
    }
}
