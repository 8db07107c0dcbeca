//! What an answer means for the client that waited for it.
//!
//! One function for each act: it takes what came back, writes into the client's ledger what was promised by it, and
//! tells what was wrong. An answer that is not the one the request had a right to is a failure, whatever its reason.

use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;

use super::{
    ledger::{Ledger, Read},
    notes::Finding,
    wire::Cut,
};

/// What came back: status and body, or the reason why nothing did.
pub(super) type Outcome = Result<(StatusCode, Bytes), Cut>;

/// A login that is answered 200 with a token is a promise from then on.
pub(super) fn login(ledger: &mut Ledger, outcome: &Outcome) -> Vec<Finding> {
    match outcome {
        Ok((StatusCode::OK, body)) => match token_of(body) {
            Some(token) => {
                ledger.signed_in(token);
                Vec::new()
            }
            None => vec![Finding::Failed("the answer holds no token".into())],
        },
        other => vec![failed(other)],
    }
}

/// A read has to show what was acknowledged.
pub(super) fn read(ledger: &mut Ledger, token: &str, outcome: &Outcome) -> Vec<Finding> {
    match outcome {
        Ok((StatusCode::OK, body)) => match count_of(body) {
            Some(found) => match ledger.judge(found) {
                Read::Kept => Vec::new(),
                Read::Lost { promised, found } => vec![Finding::WriteLost { promised, found }],
            },
            None => vec![Finding::Failed("the answer holds no data".into())],
        },
        other => fell_short(ledger, token, other),
    }
}

/// A write of `value` that is answered 200 is a promise; one that was refused has not happened; of any other, nobody
/// knows.
pub(super) fn write(
    ledger: &mut Ledger,
    token: &str,
    value: u64,
    outcome: &Outcome,
) -> Vec<Finding> {
    match outcome {
        Ok((StatusCode::OK, _)) => {
            ledger.acknowledged(value);
            Vec::new()
        }
        other => {
            if !matches!(other, Ok((status, _)) if status.is_client_error()) {
                ledger.left_open(value);
            }
            fell_short(ledger, token, other)
        }
    }
}

/// A logout that is answered 204 is a promise that the token is refused; after any other nothing is known of it.
pub(super) fn logout(ledger: &mut Ledger, token: &str, outcome: &Outcome) -> Vec<Finding> {
    match outcome {
        Ok((StatusCode::NO_CONTENT, _)) => {
            ledger.signed_out(token);
            Vec::new()
        }
        other => {
            let findings = fell_short(ledger, token, other);
            ledger.forget(token);
            findings
        }
    }
}

/// A token that was given back has to be refused.
pub(super) fn check(outcome: &Outcome) -> Vec<Finding> {
    match outcome {
        Ok((StatusCode::UNAUTHORIZED, _)) => Vec::new(),
        Ok((StatusCode::OK, _)) => vec![Finding::RevocationMissed],
        other => vec![failed(other)],
    }
}

/// A request with a token that ought to be good did not succeed. Refused, the token is lost and not used again.
fn fell_short(ledger: &mut Ledger, token: &str, outcome: &Outcome) -> Vec<Finding> {
    let mut findings = vec![failed(outcome)];
    if matches!(outcome, Ok((StatusCode::UNAUTHORIZED, _))) {
        ledger.forget(token);
        findings.push(Finding::LoginLost);
    }
    findings
}

fn failed(outcome: &Outcome) -> Finding {
    Finding::Failed(match outcome {
        Ok((status, _)) => format!("answered {status}"),
        Err(cut) => cut.to_string(),
    })
}

/// The token in the answer to a login or a registration.
pub(super) fn token_of(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct SignedIn {
        token: String,
    }
    serde_json::from_slice::<SignedIn>(body).ok().map(|answer| answer.token)
}

/// The client's counter in its document; 0 in one that was never written.
fn count_of(body: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct Document {
        data: Data,
    }
    #[derive(Deserialize)]
    struct Data {
        #[serde(default)]
        count: u64,
    }
    serde_json::from_slice::<Document>(body).ok().map(|answer| answer.data.count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holding(token: &str) -> Ledger {
        let mut ledger = Ledger::default();
        ledger.signed_in(token.to_owned());
        ledger
    }

    fn answered(status: StatusCode, body: &'static str) -> Outcome {
        Ok((status, Bytes::from_static(body.as_bytes())))
    }

    fn shows(count: u64) -> Outcome {
        Ok((StatusCode::OK, Bytes::from(format!(r#"{{"user":{{}},"data":{{"count":{count}}}}}"#))))
    }

    #[test]
    fn a_login_is_good_only_with_a_token() {
        let mut ledger = Ledger::default();
        assert!(
            login(&mut ledger, &answered(StatusCode::OK, r#"{"token":"t","token_type":"Bearer"}"#))
                .is_empty()
        );
        assert_eq!(ledger.any_held(0), Some("t"));
        assert_eq!(login(&mut ledger, &answered(StatusCode::OK, "{}")).len(), 1);
        assert_eq!(login(&mut ledger, &answered(StatusCode::TOO_MANY_REQUESTS, "")).len(), 1);
        assert_eq!(ledger.held(), 1);
    }

    #[test]
    fn a_document_that_was_never_written_counts_zero_and_rubbish_is_a_failure() {
        let mut ledger = holding("t");
        assert!(
            read(&mut ledger, "t", &answered(StatusCode::OK, r#"{"user":{},"data":{}}"#))
                .is_empty()
        );
        assert_eq!(read(&mut ledger, "t", &answered(StatusCode::OK, "<html>")).len(), 1);
    }

    #[test]
    fn a_refused_token_that_was_not_given_back_is_a_lost_login_and_is_used_no_more() {
        let mut ledger = holding("t");
        let findings = read(&mut ledger, "t", &answered(StatusCode::UNAUTHORIZED, ""));
        assert!(findings.contains(&Finding::LoginLost));
        assert_eq!(findings.len(), 2, "it is a failure too");
        assert_eq!(ledger.held(), 0);
    }

    #[test]
    fn trouble_is_a_failure_but_no_lost_login() {
        for outcome in [answered(StatusCode::SERVICE_UNAVAILABLE, ""), Err(Cut::TimedOut)] {
            let mut ledger = holding("t");
            assert!(matches!(read(&mut ledger, "t", &outcome)[..], [Finding::Failed(_)]));
            assert_eq!(ledger.held(), 1);
        }
    }

    #[test]
    fn a_write_without_an_answer_may_be_seen_or_not_and_a_refused_one_may_not() {
        for (outcome, acceptable) in [
            (Err(Cut::Unanswered), true),
            (answered(StatusCode::SERVICE_UNAVAILABLE, ""), true),
            (answered(StatusCode::CONFLICT, ""), false),
        ] {
            let mut ledger = holding("t");
            let value = ledger.next_value();
            assert_eq!(write(&mut ledger, "t", value, &outcome).len(), 1);
            assert_eq!(read(&mut ledger, "t", &shows(value)).is_empty(), acceptable);
        }
    }

    #[test]
    fn an_acknowledged_write_that_is_not_seen_is_lost() {
        let mut ledger = holding("t");
        let value = ledger.next_value();
        assert!(write(&mut ledger, "t", value, &answered(StatusCode::OK, "")).is_empty());
        let lost = Finding::WriteLost { promised: value, found: 0 };
        assert_eq!(read(&mut ledger, "t", &shows(0)), [lost]);
    }

    #[test]
    fn only_an_acknowledged_logout_is_checked() {
        let mut known = holding("t");
        assert!(logout(&mut known, "t", &answered(StatusCode::NO_CONTENT, "")).is_empty());
        assert!(known.owes_check());
        let mut unknown = holding("t");
        assert_eq!(logout(&mut unknown, "t", &Err(Cut::Unanswered)).len(), 1);
        assert_eq!((unknown.held(), unknown.owes_check()), (0, false));
    }

    #[test]
    fn a_token_that_was_given_back_has_to_be_refused() {
        assert!(check(&answered(StatusCode::UNAUTHORIZED, "")).is_empty());
        assert_eq!(check(&shows(1)), [Finding::RevocationMissed]);
        assert!(matches!(
            check(&answered(StatusCode::SERVICE_UNAVAILABLE, ""))[..],
            [Finding::Failed(_)]
        ));
    }
}
