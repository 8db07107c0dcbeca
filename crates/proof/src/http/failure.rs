//! The ways in which a request ends without a whole answer, told apart by what the other side may
//! have done: that decides whether a load balancer could have hidden the failure.

use std::error::Error;
use std::io::ErrorKind;
use std::time::Duration;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No connection was made, so no request was sent.
    #[error("refused: {0}")]
    Refused(String),
    /// The connection ended before the first byte of an answer. The request may have been carried
    /// out; a balancer may repeat it if the method is safe.
    #[error("reset before the answer: {0}")]
    ResetBeforeAnswer(String),
    /// The connection ended after the first byte of the answer: no balancer can hide that.
    #[error("reset in the middle of the answer: {0}")]
    ResetMidAnswer(String),
    /// The deadline passed. The request may have been carried out.
    #[error("no whole answer within {0:?}")]
    Timeout(Duration),
    /// An answer that is not HTTP, or a request that cannot be sent.
    #[error("{0}")]
    Other(String),
}

impl Failure {
    /// An error of hyper on a connection; `begun` says whether a byte of the answer has come.
    pub(super) fn of_exchange(error: &hyper::Error, begun: bool) -> Self {
        let text = chain(error);
        let cut = error.is_incomplete_message()
            || error.is_canceled()
            || error.is_closed()
            || error.is_body_write_aborted()
            || has_broken_connection(error);
        match (cut, begun) {
            (true, true) => Self::ResetMidAnswer(text),
            (true, false) => Self::ResetBeforeAnswer(text),
            (false, _) => Self::Other(text),
        }
    }

    /// An error of `connect`.
    pub(super) fn of_connect(error: &std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset => {
                Self::Refused(error.to_string())
            }
            _ => Self::Other(format!("cannot connect: {error}")),
        }
    }
}

fn has_broken_connection(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| error.source()).any(|error| {
        error.downcast_ref::<std::io::Error>().is_some_and(|error| {
            matches!(
                error.kind(),
                ErrorKind::ConnectionReset
                    | ErrorKind::ConnectionAborted
                    | ErrorKind::BrokenPipe
                    | ErrorKind::NotConnected
                    | ErrorKind::UnexpectedEof
            )
        })
    })
}

fn chain(error: &(dyn Error + 'static)) -> String {
    std::iter::successors(Some(error), |&error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}
