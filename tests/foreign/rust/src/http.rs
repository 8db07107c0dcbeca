//! How the library asks: plain HTTP to this machine, whatever the scheme. The servers of the tests are behind no TLS, and
//! the library revokes tokens at an `https` address only.

use std::fmt;

use openidconnect::http::{Method, Response};
use openidconnect::{HttpRequest, HttpResponse};

/// What became of a request that was not answered.
#[derive(Debug)]
pub struct Lost(String);

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Lost {}

/// Asks once, and follows no redirect.
pub fn ask(request: HttpRequest) -> Result<HttpResponse, Lost> {
    let address = request.uri().to_string().replacen("https://", "http://", 1);
    let method = match *request.method() {
        Method::GET => minreq::Method::Get,
        Method::POST => minreq::Method::Post,
        ref other => return Err(Lost(format!("nobody sends {other}"))),
    };
    let mut asked = minreq::Request::new(method, address).with_follow_redirects(false);
    for (name, value) in request.headers() {
        let value = value.to_str().map_err(|error| Lost(error.to_string()))?;
        asked = asked.with_header(name.as_str(), value);
    }
    let asked = asked.with_body(request.into_body()).with_timeout(20);
    let answer = asked.send().map_err(|error| Lost(error.to_string()))?;
    let mut made = Response::builder().status(answer.status_code);
    if let Some(value) = answer.header("content-type") {
        made = made.header("content-type", value);
    }
    made.body(answer.into_bytes()).map_err(|error| Lost(error.to_string()))
}
