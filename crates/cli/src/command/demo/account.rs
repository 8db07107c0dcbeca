//! The accounts of the demo, and how they are registered: over the same interface that everybody uses.

use std::{error::Error, fmt, net::SocketAddr};

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::json;

use super::{verdict, wire};

/// The media type of a body in JSON.
pub(super) const JSON: &str = "application/json";

/// A user of the service under demonstration.
#[derive(Clone)]
pub(super) struct Account {
    pub(super) username: String,
    pub(super) password: String,
}

impl Account {
    /// The body with which it is registered and logs in.
    pub(super) fn body(&self) -> Bytes {
        Bytes::from(json!({ "username": self.username, "password": self.password }).to_string())
    }

    /// Registers it; answers the token that comes with that.
    ///
    /// # Errors
    /// The service refused, or did not answer.
    pub(super) async fn register(&self, api: SocketAddr) -> Result<String, NotRegistered> {
        let refused = |why: String| NotRegistered { username: self.username.clone(), why };
        let request = wire::request(Method::POST, "/register", None, Some((JSON, self.body())));
        let request = request.map_err(|error| refused(error.to_string()))?;
        let answer =
            wire::send(api, request).await.outcome.map_err(|cut| refused(cut.to_string()))?;
        match answer.status {
            StatusCode::CREATED => verdict::token_of(&answer.body)
                .ok_or_else(|| refused("the answer holds no token".to_owned())),
            status => Err(refused(format!("{status} {}", String::from_utf8_lossy(&answer.body)))),
        }
    }
}

/// An account could not be made.
#[derive(Debug)]
pub(super) struct NotRegistered {
    username: String,
    why: String,
}

impl fmt::Display for NotRegistered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} could not be registered: {}", self.username, self.why)
    }
}

impl Error for NotRegistered {}
