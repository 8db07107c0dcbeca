//! A letter in the form in which it travels (RFC 5322, MIME): the same bytes each time it is sent.

use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use tokenhouse_rules::id::MailId;
use tokenhouse_rules::time::Timestamp;

use super::address::address;
use super::failed::Failed;
use crate::pages::Letter;

/// Says that no person wrote it, so that no machine answers (RFC 3834 §5).
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");
/// The same for servers that look at nothing else.
const SUPPRESS: HeaderName = HeaderName::new_from_ascii_str("X-Auto-Response-Suppress");
const LANGUAGE: HeaderName = HeaderName::new_from_ascii_str("Content-Language");

/// Which mail it is, and who gets it.
pub(super) struct Label<'a> {
    /// Names it for ever: servers and readers find by it what came twice.
    pub id: MailId,
    pub created_at: Timestamp,
    pub recipient: &'a str,
}

/// The whole message. What cannot be one will never be.
pub(super) fn message(
    label: &Label<'_>,
    from: &Mailbox,
    letter: Letter,
) -> Result<Message, Failed> {
    let to = address(label.recipient)
        .map_err(|bad| Failed::unprepared(format_args!("the recipient {bad}"), true))?;
    let header = |name: &HeaderName, value: &str| HeaderValue::new(name.clone(), value.to_owned());
    // Neither of it can be in a body: what is encoded has no bare `=`, what is not has no such number.
    let boundary = format!("=_{}", label.id.uuid().simple());
    let parts = MultiPart::alternative()
        .boundary(boundary)
        .singlepart(SinglePart::plain(letter.text))
        .singlepart(SinglePart::html(letter.html));
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(letter.subject)
        .date(label.created_at.into())
        .message_id(Some(format!("<{}@{}>", label.id, from.email.domain())))
        .raw_header(header(&AUTO_SUBMITTED, "auto-generated"))
        .raw_header(header(&SUPPRESS, "All"))
        .raw_header(header(&LANGUAGE, &letter.language))
        .multipart(parts)
        .map_err(|error| Failed::unprepared(error, true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::address::mailbox;

    const INJECTED: &str = "x\r\nBcc: eve@example.org\r\n\r\nbody";

    fn letter(text: &str) -> Letter {
        Letter {
            subject: text.to_owned(),
            text: text.to_owned(),
            html: text.to_owned(),
            language: text.to_owned(),
            direction: "ltr".to_owned(),
        }
    }

    fn written(recipient: &str, from: &Mailbox, letter: Letter) -> Result<String, Failed> {
        let id = MailId::from_uuid(uuid::Uuid::from_u128(7));
        let created_at = Timestamp::from_micros(1_700_000_000_000_000);
        let message = message(&Label { id, created_at, recipient }, from, letter)?;
        Ok(String::from_utf8(message.formatted()).expect("text"))
    }

    fn head(message: &str) -> Vec<&str> {
        let (head, _) = message.split_once("\r\n\r\n").expect("a head");
        head.split("\r\n").collect()
    }

    #[test]
    fn a_message_has_what_machines_look_for_and_is_the_same_each_time() {
        let from = mailbox("Ada & Söhne <no-reply@exämple.org>").expect("a sender");
        let once = written("ada@example.org", &from, letter("Hello")).expect("a message");
        let head = head(&once);
        for line in [
            "To: ada@example.org",
            "Subject: Hello",
            "Date: Tue, 14 Nov 2023 22:13:20 +0000",
            "Message-ID: <00000000-0000-0000-0000-000000000007@xn--exmple-cua.org>",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
        ] {
            assert!(head.contains(&line), "{line} in {once}");
        }
        assert!(once.contains("multipart/alternative"), "{once}");
        assert_eq!(once.matches("\r\n--=_").count(), 3, "{once}");
        let again = written("ada@example.org", &from, letter("Hello")).expect("a message");
        assert_eq!(once, again);
    }

    #[test]
    fn no_text_becomes_a_header() {
        assert!(mailbox(&format!("{INJECTED} <no-reply@example.org>")).is_err());
        let from = mailbox("Ada <no-reply@example.org>").expect("a sender");
        let message = written("ada@example.org", &from, letter(INJECTED)).expect("a message");
        assert!(head(&message).iter().all(|line| !line.starts_with("Bcc")), "{message}");
        for recipient in [
            "\"a\r\nBcc: x\"@y",
            "ada@example.org\r\nBcc: eve@example.org",
            "ada@example.org\nBcc: eve@example.org",
            "ada@example.org, eve@example.org",
        ] {
            let refused = written(recipient, &from, letter("Hello")).expect_err("no message");
            assert!(refused.is_final && !refused.to_string().contains("eve"), "{refused}");
        }
    }
}
