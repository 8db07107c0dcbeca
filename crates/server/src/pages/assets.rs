//! Style sheet, scripts and pictures: under a name with a hash in it, for ever.
//!
//! While two releases run side by side, a page of one may ask the other for a style sheet. It gets the one that
//! is there, to be asked for again the next time, instead of nothing.

use std::collections::BTreeMap;

use aws_lc_rs::digest;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::{BadPages, Files};
use crate::app::App;
use crate::error::Problem;
use crate::front;

/// Kinds of files that can be served, by their ending.
const KINDS: &[(&str, &str)] = &[
    ("css", "text/css; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("webp", "image/webp"),
    ("ico", "image/x-icon"),
    ("woff2", "font/woff2"),
];

struct Asset {
    bytes: Bytes,
    kind: &'static str,
    hash: String,
}

/// All of them, by name.
pub(super) struct Assets(BTreeMap<String, Asset>);

impl Assets {
    pub(super) fn read(files: &Files) -> Result<Self, BadPages> {
        let mut all = BTreeMap::new();
        for (path, bytes) in files {
            let Some(name) = path.strip_prefix("assets/") else { continue };
            let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            if !name.bytes().all(legal) {
                return Err(BadPages::new(path, "may have letters, digits and . _ - in its name"));
            }
            let ending = name.rsplit_once('.').map(|(_, ending)| ending);
            let kind = KINDS.iter().find(|(known, _)| Some(*known) == ending);
            let (_, kind) =
                kind.ok_or_else(|| BadPages::new(path, "is of a kind that is not served"))?;
            let whole = digest::digest(&digest::SHA256, bytes);
            let hash = whole.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            let bytes = Bytes::copy_from_slice(bytes);
            all.insert(name.to_owned(), Asset { bytes, kind, hash });
        }
        Ok(Self(all))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Where it is served: `/assets/style.0123456789abcdef.css`.
    pub(super) fn address(&self, name: &str) -> Option<String> {
        let asset = self.0.get(name)?;
        let (stem, ending) = name.rsplit_once('.')?;
        Some(format!("/assets/{stem}.{}.{ending}", asset.hash))
    }

    /// The one that was asked for, and whether it is exactly that one.
    fn find(&self, asked: &str) -> Option<(&Asset, bool)> {
        let (rest, ending) = asked.rsplit_once('.')?;
        let (stem, hash) = rest.rsplit_once('.').unwrap_or((rest, ""));
        let asset = self.0.get(&format!("{stem}.{ending}"))?;
        Some((asset, asset.hash == hash))
    }
}

/// `GET /assets/{file}`.
pub(super) async fn show(State(app): State<App>, Path(file): Path<String>) -> Response {
    let Some((asset, exact)) = app.pages.assets.find(&file) else {
        return Problem::into_response(front::not_found().await);
    };
    let caching = if exact { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    // A picture that is opened by itself runs no script of its own.
    let policy = HeaderValue::from_static("default-src 'none'; sandbox");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    (headers, asset.bytes.clone()).into_response()
}
