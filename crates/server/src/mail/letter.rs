//! A row of the outbox as its reader will see it. Here what others have typed is made harmless: cut, on one line, without
//! signs that turn or hide text, and nothing that a mail reader takes for a link.

use std::net::IpAddr;
use std::time::Duration;

use serde_json::{Map, Value};
use tokenhouse_rules::keys::RootSecret;
use tokenhouse_rules::mail::Kind;
use tokenhouse_rules::user::{MAX_EMAIL, MAX_USERNAME};
use tokenhouse_store::Mail;

use crate::pages::{Contents, Fact, Letter, Pages};
use crate::settings::Settings;

/// Why nothing can be made of a row.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoLetter {
    /// Of a newer release, which will know what to do with it.
    #[error("this release does not know mails of the kind {0}")]
    Kind(String),
    /// The link that it is about is missing.
    #[error("a mail of the kind {0} without its link")]
    Link(&'static str),
    /// A template, perhaps the operator's own, that fails.
    #[error("the template of mails of the kind {0}: {1}")]
    Template(&'static str, minijinja::Error),
}

/// What becomes of a row.
pub(crate) fn letter(
    mail: &Mail,
    root: &RootSecret,
    settings: &Settings,
    pages: &Pages,
) -> Result<Letter, NoLetter> {
    let kind = mail.kind.ok_or_else(|| NoLetter::Kind(mail.kind_name.clone()))?;
    let words = words(mail);
    let link = match (kind.link(), mail.link) {
        (Some(purpose), Some(id)) => Some(super::link(&settings.base_url, purpose, id, root)),
        (Some(_), None) => return Err(NoLetter::Link(kind.name())),
        (None, _) => page(kind).map(|page| format!("{}{page}", settings.base_url)),
    };
    let contents = Contents {
        site: one_line(&settings.site_name),
        link,
        is_once: kind.link().is_some(),
        lifetime: lifetime(mail),
        facts: facts(&words),
    };
    pages
        .letter(kind, &mail.language, &contents)
        .map_err(|error| NoLetter::Template(kind.name(), error))
}

/// How long the link in it lives from when it was written, if one does.
pub(super) fn lifetime(mail: &Mail) -> Option<Duration> {
    words(mail).get("lifetime")?.as_str()?.parse().ok().map(Duration::from_secs)
}

fn words(mail: &Mail) -> Map<String, Value> {
    serde_json::from_str(&mail.words).unwrap_or_default()
}

/// Where its reader can do something about it.
const fn page(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::PasswordChanged => Some("/recover"),
        Kind::NewDevice => Some("/account/password"),
        Kind::AddressChanged => Some("/account"),
        Kind::DeletionScheduled => Some("/login"),
        Kind::Confirm | Kind::Recover | Kind::Invitation | Kind::AccountDeleted => None,
    }
}

/// What is known, in the order in which it is told.
fn facts(words: &Map<String, Value>) -> Vec<(Fact, String)> {
    let word = |name: &str| words.get(name).and_then(Value::as_str).filter(|word| !word.is_empty());
    let all = [
        (Fact::Account, word("username").map(|name| harmless(name, MAX_USERNAME))),
        (Fact::Email, word("email").map(|email| harmless(email, MAX_EMAIL))),
        (Fact::Device, word("device").map(|device| harmless(device, MAX_USERNAME))),
        (Fact::Address, word("address").and_then(address)),
        (Fact::At, word("at").and_then(instant)),
        (Fact::Until, word("until").and_then(instant)),
    ];
    all.into_iter().filter_map(|(fact, told)| Some((fact, told?))).collect()
}

fn address(text: &str) -> Option<String> {
    text.parse::<IpAddr>().ok().map(|address| address.to_string())
}

/// `2026-01-02T03:04:05Z` for people. In UTC, as nothing is known of where its reader is.
fn instant(text: &str) -> Option<String> {
    let shape = text.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    let is_one = shape.eq(*b"0000-00-00T00:00:00Z");
    is_one.then(|| format!("{} {} UTC", &text[..10], &text[11..16]))
}

/// Invisible, and after a dot or a slash the end of what any mail reader takes for an address (Unicode §23.2, word
/// joiner). Who is sent a mail by a stranger's doing must find no link of the stranger's in it.
const JOINER: char = '\u{2060}';

/// What somebody typed, as text and nothing else.
fn harmless(text: &str, most: usize) -> String {
    let mut made = String::new();
    let kept = text.chars().filter(|c| !is_invisible(*c)).take(most);
    for c in kept {
        made.push(c);
        if ".:/@".contains(c) {
            made.push(JOINER);
        }
    }
    made.trim().to_owned()
}

/// The operator's words, on one line.
fn one_line(text: &str) -> String {
    text.split(char::is_control).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// What controls a terminal, turns the direction of text, or is not there at all. (Joiners that scripts need, U+200C
/// and U+200D, stay.)
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}')
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tokenhouse_rules::id::{LinkId, MailId};
    use tokenhouse_rules::time::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::pages::Files;

    const LANGUAGES: [&str; 6] = ["en", "de", "fr", "es", "ja", "ar"];
    const HOSTILE: &str = "<b>http://evil.example/\"'&{{ 7777*7 }}\r\nBcc: x\u{202e}\u{200b}";

    fn row(kind: Kind, language: &str, words: Value) -> Mail {
        let at = Timestamp::from_micros(1_700_000_000_000_000);
        Mail {
            id: MailId::from_uuid(Uuid::from_u128(7)),
            kind: Some(kind),
            kind_name: kind.name().to_owned(),
            recipient: "ada@example.org".to_owned(),
            user: None,
            language: language.to_owned(),
            words: words.to_string(),
            link: kind.link().map(|_| LinkId::from_uuid(Uuid::from_u128(9))),
            created_at: at,
            due_at: at,
            attempts: 1,
            is_retaken: false,
            sent_at: None,
            dead_at: None,
            last_error: None,
        }
    }

    fn written(mail: &Mail, site: &str) -> Result<Letter, NoLetter> {
        let root = RootSecret::parse("k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY");
        let settings = Settings {
            site_name: site.to_owned(),
            base_url: "https://a.example".to_owned(),
            ..Settings::default()
        };
        let pages = Pages::new(Files::new()).expect("our own pages");
        letter(mail, &root.expect("a root secret"), &settings, &pages)
    }

    fn all_words(text: &str) -> Value {
        json!({ "username": text, "email": text, "device": text, "address": text, "at": text,
                "until": text, "lifetime": "600", "site": text })
    }

    #[test]
    fn every_kind_is_written_in_every_language_with_its_link_as_text() {
        let words = json!({ "username": "ada", "email": "ada@example.org", "device": "Firefox, Linux",
            "address": "192.0.2.1", "at": "2026-01-02T03:04:05Z", "until": "2026-01-09T03:04:05Z",
            "lifetime": "600" });
        let mut subjects = std::collections::BTreeSet::new();
        for language in LANGUAGES {
            for kind in Kind::ALL {
                let letter = written(&row(*kind, language, words.clone()), "Ada & Co");
                let letter = letter.expect("a letter");
                assert_eq!(letter.language, language);
                assert_eq!(letter.direction, if language == "ar" { "rtl" } else { "ltr" });
                let html = letter.html.as_str();
                let opening = format!("<html lang=\"{language}\" dir=\"{}\">", letter.direction);
                assert!(html.contains(&opening), "{html}");
                assert!(letter.subject.contains("Ada & Co") && html.contains("Ada &amp; Co"));
                let begins = match (kind.link().is_some(), page(*kind)) {
                    (true, _) => Some("/thl_"),
                    (false, page) => page,
                };
                if let Some(begins) = begins {
                    let places = letter.text.matches("https://a.example/").count();
                    assert_eq!(places, 1, "{}", letter.text);
                    assert!(letter.text.contains(begins), "{}", letter.text);
                    let shown = html.matches(begins).count();
                    assert_eq!(shown, 3, "a button, its address, and as text: {html}");
                }
                for remote in ["<img", "<script", "<link", "url(", "src=", "@import"] {
                    assert!(!html.contains(remote), "{remote}: {html}");
                }
                assert!(letter.text.contains("2026-01-09 03:04 UTC"), "{}", letter.text);
                assert!(!letter.text.contains("mail-") && !html.contains("mail-"), "{html}");
                assert!(letter.text.lines().all(|line| line.trim_end() == line || line == "-- "));
                assert!(!letter.text.contains("\n\n\n"), "{}", letter.text);
                subjects.insert(letter.subject);
            }
        }
        assert_eq!(subjects.len(), LANGUAGES.len() * Kind::ALL.len(), "no two are alike");
    }

    #[test]
    fn what_others_typed_is_text_and_no_link_in_no_kind_and_language() {
        for language in LANGUAGES {
            for kind in Kind::ALL {
                let letter = written(&row(*kind, language, all_words(HOSTILE)), HOSTILE);
                let letter = letter.expect("a letter");
                assert!(!letter.subject.contains(char::is_control), "{:?}", letter.subject);
                assert!(!letter.html.contains("<b>") && !letter.html.contains("54439"));
                let account = "http:\u{2060}/\u{2060}/\u{2060}evil.\u{2060}example/\u{2060}";
                let told = letter.text.lines().find(|line| line.contains(account));
                let told = told.unwrap_or_else(|| panic!("no account in {}", letter.text));
                assert!(!told.contains('\u{202e}') && !told.contains('\u{200b}'), "{told:?}");
                assert!(letter.text.lines().all(|line| !line.starts_with("Bcc")));
            }
        }
    }

    #[test]
    fn a_name_is_cut_and_cannot_be_taken_for_an_address() {
        assert_eq!(harmless(&"ж".repeat(100), MAX_USERNAME), "ж".repeat(64));
        assert_eq!(harmless("ada", MAX_USERNAME), "ada");
        let name = harmless("www.evil.example", MAX_USERNAME);
        assert_eq!(name, "www.\u{2060}evil.\u{2060}example");
        assert_eq!(harmless("a\r\n\u{1b}[2Jb\u{2066}\u{feff}", MAX_USERNAME), "a[2Jb");
        assert_eq!(one_line("Ada\r\nBcc: x"), "Ada  Bcc: x");
    }

    #[test]
    fn what_is_not_known_is_not_told_and_what_is_no_address_or_time_neither() {
        let told = |words: Value| facts(words.as_object().expect("an object")).len();
        assert_eq!(told(json!({})), 0);
        assert_eq!(told(json!({ "username": "", "address": "", "at": 7 })), 0);
        assert_eq!(told(json!({ "address": "evil.example", "at": "soon", "until": "now" })), 0);
        assert_eq!(told(json!({ "address": "2001:db8::1", "at": "2026-01-02T03:04:05Z" })), 2);
        for bad in ["2026-01-02T03:04:05z", "2026-01-02T03:04:05+00:00", "２026-01-02T03:04:05Z"] {
            assert_eq!(instant(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_row_that_cannot_be_written_says_why() {
        let mut newer = row(Kind::Confirm, "en", json!({}));
        newer.kind = None;
        newer.kind_name = "poem".to_owned();
        let refused = written(&newer, "Ada").map(drop).expect_err("no letter");
        assert_eq!(refused.to_string(), "this release does not know mails of the kind poem");
        let mut bare = row(Kind::Recover, "en", json!({}));
        bare.link = None;
        let refused = written(&bare, "Ada").map(drop).expect_err("no letter");
        assert_eq!(refused.to_string(), "a mail of the kind recover without its link");
        let unknown = written(&row(Kind::Recover, "xx", json!(null)), "Ada").expect("a letter");
        assert_eq!(unknown.language, "en");
    }
}
