//! Whether a person at a browser asks, or a program (RFC 9110 §12.5.1).
//!
//! Several addresses are both: a page and a part of the API. A page goes to who names `text/html`; `*/*`, which
//! programs send, and no `Accept` at all mean the API.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

/// Whether the client names HTML, and wants it at least as much as JSON.
pub(crate) fn asks_for_page(headers: &HeaderMap) -> bool {
    let (mut page, mut json) = (0.0, 0.0);
    for value in headers.get_all(ACCEPT) {
        for member in value.to_str().unwrap_or_default().split(',') {
            let (kind, parameters) = member.split_once(';').unwrap_or((member, ""));
            let rank: &mut f32 = match kind.trim().to_ascii_lowercase().as_str() {
                "text/html" | "application/xhtml+xml" => &mut page,
                "application/json" | "application/problem+json" => &mut json,
                _ => continue,
            };
            *rank = rank.max(weight(parameters));
        }
    }
    page > 0.0 && page >= json
}

fn weight(parameters: &str) -> f32 {
    let named = parameters.split(';').find_map(|one| one.trim().strip_prefix("q="));
    named.map_or(1.0, |text| text.parse().unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_get_pages_and_programs_the_api() {
        let asks = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, accept.parse().expect("a header value"));
            asks_for_page(&headers)
        };
        assert!(asks("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
        assert!(asks("Text/HTML"));
        assert!(asks("application/json;q=0.5, text/html"));
        for api in [
            "*/*",
            "",
            "application/json",
            "application/json, text/html;q=0.9",
            "text/html;q=0",
            "text/*",
        ] {
            assert!(!asks(api), "{api}");
        }
        assert!(!asks_for_page(&HeaderMap::new()));
    }
}
