//! What an answer to an application says.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::history::{Kind, Outcome, Refusal, Seen, TokenNo, Trouble};
use crate::http::{Answer, Failure};

/// The code in the address that a browser is sent to.
pub(crate) fn code(answer: &Answer) -> Option<&str> {
    let (_, rest) = answer.header("location")?.split_once("?code=")?;
    rest.split('&').next().filter(|_| answer.status == 303)
}

/// Refresh and access token.
pub(crate) fn tokens(answer: &Answer) -> Option<(String, String)> {
    let said = answer.json().ok().filter(|_| answer.status == 200)?;
    let text = |name: &str| said[name].as_str().map(str::to_owned);
    Some((text("refresh_token")?, text("access_token")?))
}

/// What became of a question.
pub(super) fn outcome(
    kind: &Kind,
    answer: &Result<Answer, Failure>,
    number: impl Fn(&str) -> TokenNo,
) -> Outcome {
    let answer = match answer {
        Ok(answer) => answer,
        Err(Failure::Timeout(_)) => return Outcome::Unknown(Trouble::Timeout),
        Err(other) => return Outcome::Unknown(Trouble::Connection(other.to_string())),
    };
    match answer.status {
        200..400 => match seen(kind, answer, number) {
            Some(seen) => Outcome::Ok(seen),
            // A person who is not signed in is shown the way to it.
            None if *kind == Kind::Authorize => Outcome::Fail(Refusal::Token),
            None => Outcome::Unknown(Trouble::Nonsense(answer.text())),
        },
        status @ 500.. => {
            let retry_after = answer.header("retry-after").is_some();
            Outcome::Unknown(Trouble::Status { status, retry_after })
        }
        status => Outcome::Fail(refusal(status, answer)),
    }
}

fn refusal(status: u16, answer: &Answer) -> Refusal {
    let said = answer.json().unwrap_or_default();
    match (status, said["error"].as_str()) {
        (400, Some("invalid_grant")) | (401, Some("invalid_token")) => Refusal::Grant,
        (_, code) => Refusal::Other { status, code: code.unwrap_or_default().to_owned() },
    }
}

/// What a good answer holds; none where it lacks something.
fn seen(kind: &Kind, answer: &Answer, number: impl Fn(&str) -> TokenNo) -> Option<Seen> {
    let said = || answer.json().ok();
    match kind {
        Kind::Authorize => code(answer).map(|_| Seen::default()),
        Kind::Register { .. } => {
            let user = said()?["user"]["id"].as_str()?.to_owned();
            Some(Seen { user: Some(user), ..Seen::default() })
        }
        Kind::Redeem { .. } | Kind::Refresh { .. } => {
            let (refresh, _) = tokens(answer)?;
            let signed_by = Some(key(said()?["id_token"].as_str()?)?);
            Some(Seen { token: Some(number(&refresh)), signed_by, ..Seen::default() })
        }
        Kind::UserInfo { .. } => {
            let user = said()?["sub"].as_str()?.to_owned();
            Some(Seen { user: Some(user), ..Seen::default() })
        }
        Kind::Keys => {
            let said = said()?;
            let name = |key: &Value| key["kid"].as_str().map(str::to_owned);
            let keys = said["keys"].as_array()?.iter().map(name).collect::<Option<_>>()?;
            Some(Seen { keys, ..Seen::default() })
        }
        _ => Some(Seen::default()),
    }
}

/// `kid` in the header of a JWT (RFC 7515 §4.1.4).
fn key(token: &str) -> Option<String> {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
    let header: Value = serde_json::from_slice(&header).ok()?;
    header["kid"].as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::OperationId;

    #[test]
    fn the_key_of_a_token_is_read_from_its_header_alone() {
        let token = format!("{}.x.y", URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","kid":"k"}"#));
        assert_eq!(key(&token).as_deref(), Some("k"));
        assert_eq!(key("a.b.c"), None);
        assert_eq!(key(""), None);
    }

    #[test]
    fn an_answer_that_lacks_a_token_is_nonsense_and_a_refusal_says_what_is_refused() {
        let answer = |status, body: &'static str| {
            Ok(Answer { status, headers: http::HeaderMap::new(), body: body.into() })
        };
        let ask = |answer| outcome(&Kind::Redeem { code: OperationId(1) }, &answer, |_| TokenNo(1));
        assert!(matches!(ask(answer(200, "{}")), Outcome::Unknown(Trouble::Nonsense(_))));
        let gone = ask(answer(400, r#"{"error":"invalid_grant"}"#));
        assert_eq!(gone, Outcome::Fail(Refusal::Grant));
        assert!(matches!(ask(answer(503, "")), Outcome::Unknown(Trouble::Status { .. })));
        assert!(matches!(ask(answer(401, "{}")), Outcome::Fail(Refusal::Other { .. })));
    }
}
