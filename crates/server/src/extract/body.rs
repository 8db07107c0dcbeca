//! JSON bodies, read strictly: the right type, within the size, no unknown member, and a problem
//! document that says where it is wrong without repeating what was sent (it may be a password).

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::error::Problem;

/// The most bytes of a body that is no document.
const MOST: usize = 16 * 1024;

/// A JSON object of the API.
pub(crate) struct Json<T>(pub T);

/// The same, or a form with the same members.
pub(crate) struct JsonOrForm<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        expect_type(request.headers(), &["application/json"])?;
        from_json(&read(request, MOST).await?).map(Self)
    }
}

impl<T: DeserializeOwned> FromRequest<App> for JsonOrForm<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let form = "application/x-www-form-urlencoded";
        let sent = expect_type(request.headers(), &["application/json", form])?;
        let bytes = read(request, MOST).await?;
        if sent == form {
            return serde_urlencoded::from_bytes(&bytes).map(Self).map_err(|_| {
                Problem::invalid().detail("The form lacks a member or has one that is not known.")
            });
        }
        from_json(&bytes).map(Self)
    }
}

/// The media type that was sent, if it is one of those (RFC 9110 §8.3.1; parameters are ignored, text
/// is always UTF-8).
pub(crate) fn expect_type(
    headers: &HeaderMap,
    allowed: &[&'static str],
) -> Result<&'static str, Problem> {
    let sent = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let media = sent.split(';').next().unwrap_or("").trim();
    allowed.iter().copied().find(|kind| media.eq_ignore_ascii_case(kind)).ok_or_else(|| {
        let title = "The content type is not supported";
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", title)
            .detail(format!("Send {}.", allowed.join(" or ")))
    })
}

/// The whole body, if it is not larger than `most` bytes.
pub(crate) async fn read(request: Request, most: usize) -> Result<Bytes, Problem> {
    match Limited::new(request.into_body(), most).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large(most)),
        Err(_) => Err(malformed("The body ended early.")),
    }
}

/// 413, with the limit.
pub(crate) fn too_large(most: usize) -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The content is too large")
        .detail(format!("At most {most} bytes are accepted."))
}

/// 400: it is not what it says it is.
pub(crate) fn malformed(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "malformed", "The body cannot be read").detail(detail)
}

fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("The body is not UTF-8."))?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let at = error.path().clone();
        explain(&at, error.inner())
    })?;
    reader.end().map_err(|error| {
        malformed(format!(
            "There is more after the JSON at line {}, column {}.",
            error.line(),
            error.column()
        ))
    })?;
    Ok(value)
}

fn explain(at: &serde_path_to_error::Path, error: &serde_json::Error) -> Problem {
    if error.is_syntax() || error.is_eof() {
        let (line, column) = (error.line(), error.column());
        return malformed(format!("The body is not JSON at line {line}, column {column}."));
    }
    let said = error.to_string();
    let named = said.split('`').nth(1).unwrap_or("");
    let parent: String = at.iter().map(segment).collect();
    if said.starts_with("missing field") {
        return Problem::invalid().fault(&format!("{parent}/{named}"), "is missing");
    }
    if said.starts_with("unknown field") {
        let pointer = if parent.ends_with(named) { parent } else { format!("{parent}/{named}") };
        return Problem::invalid().fault(&pointer, "is not known");
    }
    Problem::invalid().fault(&parent, "has the wrong type")
}

fn segment(segment: &serde_path_to_error::Segment) -> String {
    use serde_path_to_error::Segment;
    match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { variant } => format!("/{variant}"),
        Segment::Unknown => String::new(),
    }
}
