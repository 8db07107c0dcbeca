//! The pages of links in mails: what all of them share. Asking for one changes nothing, so that who looks into a
//! mail before its reader does uses nothing up; the form does.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use minijinja::{Value, context};

/// The token in the address. A text that can be none is as good as any other that is not ours.
pub(super) struct Token(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Token {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let found = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(found.map(|Path(token)| token).unwrap_or_default()))
    }
}

/// Where the form of such a page goes: to where it was found. To be asked of a token that was looked at.
pub(super) fn action(first: &str, token: &str) -> Value {
    let address = Value::from_safe_string(format!("/{first}/{token}"));
    context! { action => address }
}
