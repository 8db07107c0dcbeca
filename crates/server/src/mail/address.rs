//! Addresses as they go over SMTP: nothing quoted, no control characters, and domains in ASCII (RFC 5890), so that
//! only a local part beyond ASCII needs a server that knows SMTPUTF8.

use lettre::Address;
use lettre::message::Mailbox;
use tokenhouse_rules::user::Email;
use url::Host;

/// A text that is no address a mail can be sent to, or from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an e-mail address")]
pub(super) struct BadAddress;

/// A text that does not say who mails are from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be like Example <no-reply@example.org>")]
pub struct BadSender;

/// To whom a mail goes.
pub(super) fn address(text: &str) -> Result<Address, BadAddress> {
    let email = Email::parse(text).map_err(|_| BadAddress)?;
    let (local, domain) = email.shown().rsplit_once('@').ok_or(BadAddress)?;
    let Ok(Host::Domain(domain)) = Host::parse(domain) else { return Err(BadAddress) };
    Address::new(local, domain).map_err(|_| BadAddress)
}

/// Whether a text says who mails are from: `Name <address>`, or the address alone.
///
/// # Errors
/// [`BadSender`].
pub fn sender(text: &str) -> Result<(), BadSender> {
    mailbox(text).map(drop)
}

/// Who mails are from.
pub(super) fn mailbox(text: &str) -> Result<Mailbox, BadSender> {
    if text.chars().any(char::is_control) {
        return Err(BadSender);
    }
    let text = text.trim();
    let (name, within) = match text.strip_suffix('>') {
        Some(rest) => rest.rsplit_once('<').ok_or(BadSender)?,
        None => ("", text),
    };
    let name = name.trim().trim_matches('"').trim();
    let name = Some(name.to_owned()).filter(|name| !name.is_empty());
    Ok(Mailbox::new(name, address(within.trim()).map_err(|_| BadSender)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_address_and_its_domain_is_ascii() {
        let shown = |text: &str| address(text).map(|address| address.to_string());
        assert_eq!(shown("Ada@Example.ORG"), Ok("Ada@example.org".to_owned()));
        assert_eq!(shown("ada@exämple.de"), Ok("ada@xn--exmple-cua.de".to_owned()));
        assert_eq!(shown("ü@exämple.de"), Ok("ü@xn--exmple-cua.de".to_owned()));
        assert_eq!(shown("x@localhost"), Ok("x@localhost".to_owned()));
        for bad in [
            "",
            "ada",
            "ada@",
            "\"a\r\nBcc: x\"@y",
            "ada@example.org\r\nBcc: eve@example.org",
            "ada@example.org>\r\nRCPT TO:<eve@example.org",
            "ada@example.org, eve@example.org",
            "<ada@example.org>",
            "ada\u{0}@example.org",
            "a..b@example.org",
            "ada@192.0.2.1",
        ] {
            assert_eq!(shown(bad), Err(BadAddress), "{bad:?}");
        }
    }

    #[test]
    fn a_sender_has_an_address_and_perhaps_a_name() {
        let read = |text: &str| {
            mailbox(text)
                .map(|mailbox| (mailbox.name.unwrap_or_default(), mailbox.email.to_string()))
        };
        let expected = |name: &str| Ok((name.to_owned(), "no-reply@example.org".to_owned()));
        assert_eq!(read("no-reply@example.org"), expected(""));
        assert_eq!(read(" <no-reply@example.org> "), expected(""));
        assert_eq!(read("Ada & Söhne <no-reply@example.org>"), expected("Ada & Söhne"));
        assert_eq!(read("\"Ada, Inc.\" <no-reply@Example.org>"), expected("Ada, Inc."));
        for bad in ["", "Ada", "Ada <>", "Ada <a@b> x", "Ada\r\n <a@b.example>", "a@b> <c@d"] {
            assert_eq!(read(bad), Err(BadSender), "{bad:?}");
        }
    }
}
