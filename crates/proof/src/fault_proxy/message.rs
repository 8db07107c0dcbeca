//! The names of PostgreSQL's messages (protocol 3: "Message Formats" in its documentation), each way.

use std::fmt;

/// Which way a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the client to the server.
    Frontend,
    /// From the server to the client.
    Backend,
}

impl fmt::Display for Direction {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Frontend => "frontend",
            Self::Backend => "backend",
        })
    }
}

/// What kind of message it is. Kinds that this proxy does not know pass all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The first message of a session; has no type byte.
    Startup,
    /// The client asks for TLS; has no type byte.
    SslRequest,
    /// The client asks for GSSAPI encryption; has no type byte.
    GssEncRequest,
    /// The client asks to cancel a statement of another connection; has no type byte.
    CancelRequest,
    /// The server's one byte in answer to a request for encryption.
    Negotiation(u8),
    /// A message with that type byte, from the client.
    Frontend(u8),
    /// A message with that type byte, from the server.
    Backend(u8),
}

impl Kind {
    /// The kind of a message with a type byte.
    #[must_use]
    pub const fn typed(direction: Direction, byte: u8) -> Self {
        match direction {
            Direction::Frontend => Self::Frontend(byte),
            Direction::Backend => Self::Backend(byte),
        }
    }

    /// Its name in PostgreSQL's documentation; `Unknown` if it has none there.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Startup => "StartupMessage",
            Self::SslRequest => "SSLRequest",
            Self::GssEncRequest => "GSSENCRequest",
            Self::CancelRequest => "CancelRequest",
            Self::Negotiation(_) => "Negotiation",
            Self::Frontend(byte) => frontend(byte),
            Self::Backend(byte) => backend(byte),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

const fn frontend(byte: u8) -> &'static str {
    match byte {
        b'B' => "Bind",
        b'C' => "Close",
        b'D' => "Describe",
        b'E' => "Execute",
        b'F' => "FunctionCall",
        b'H' => "Flush",
        b'P' => "Parse",
        b'Q' => "Query",
        b'S' => "Sync",
        b'X' => "Terminate",
        b'c' => "CopyDone",
        b'd' => "CopyData",
        b'f' => "CopyFail",
        b'p' => "Password",
        _ => "Unknown",
    }
}

const fn backend(byte: u8) -> &'static str {
    match byte {
        b'1' => "ParseComplete",
        b'2' => "BindComplete",
        b'3' => "CloseComplete",
        b'A' => "NotificationResponse",
        b'C' => "CommandComplete",
        b'D' => "DataRow",
        b'E' => "ErrorResponse",
        b'G' => "CopyInResponse",
        b'H' => "CopyOutResponse",
        b'I' => "EmptyQueryResponse",
        b'K' => "BackendKeyData",
        b'N' => "NoticeResponse",
        b'R' => "Authentication",
        b'S' => "ParameterStatus",
        b'T' => "RowDescription",
        b'V' => "FunctionCallResponse",
        b'W' => "CopyBothResponse",
        b'Z' => "ReadyForQuery",
        b'c' => "CopyDone",
        b'd' => "CopyData",
        b'n' => "NoData",
        b's' => "PortalSuspended",
        b't' => "ParameterDescription",
        b'v' => "NegotiateProtocolVersion",
        _ => "Unknown",
    }
}
