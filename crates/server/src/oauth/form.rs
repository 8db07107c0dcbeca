//! What applications post: a form, read strictly. What stands in the address is not looked at (RFC 6749 §2.3.1).

use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use tokenhouse_rules::oauth::form::{BadForm, Parameters};

use super::error::OAuthFailure;
use crate::app::App;
use crate::extract::body;

/// The most bytes of a form: a token, a code and what goes with them.
const MOST: usize = 32 * 1024;

/// A form, and the headers it came with.
pub(super) struct PostedForm {
    pub parameters: Parameters,
    pub headers: HeaderMap,
}

impl FromRequest<App> for PostedForm {
    type Rejection = OAuthFailure;

    async fn from_request(request: Request, _: &App) -> Result<Self, OAuthFailure> {
        body::expect_type(request.headers(), &["application/x-www-form-urlencoded"])?;
        let headers = request.headers().clone();
        let bytes = body::read(request, MOST).await?;
        let parameters = Parameters::parse(&bytes).map_err(|bad| {
            OAuthFailure::invalid_request(match bad {
                BadForm::Malformed => "The parameters are not well encoded",
                BadForm::TooMany => "There are too many parameters",
                BadForm::Repeated(_) => "A parameter comes more than once",
            })
        })?;
        Ok(Self { parameters, headers })
    }
}

impl PostedForm {
    /// The value of a parameter that has to be there.
    pub(super) fn needed(&self, name: &str, missing: &'static str) -> Result<&str, OAuthFailure> {
        self.parameters.text(name).ok_or(OAuthFailure::invalid_request(missing))
    }
}
