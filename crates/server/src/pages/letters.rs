//! Mails by their templates: one for text and one for HTML for each kind, and the subject from a message. What goes
//! into them is decided elsewhere (`mail/letter.rs`).

use std::sync::Arc;
use std::time::Duration;

use minijinja::value::{Kwargs, Serde};
use minijinja::{Error, ErrorKind, Value, context};
use serde::Serialize;
use tokenhouse_rules::language::Wishes;
use tokenhouse_rules::mail::Kind;

use super::Pages;
use super::messages::Language;
use super::render;

/// A mail as its reader sees it.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    /// One line.
    pub subject: String,
    pub text: String,
    /// A whole document.
    pub html: String,
    /// A BCP 47 tag.
    pub language: String,
    /// `ltr` or `rtl`.
    pub direction: String,
}

/// What a mail can tell beside its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// The name of the account.
    Account,
    /// The new e-mail address.
    Email,
    /// The device that was used.
    Device,
    /// Its network address.
    Address,
    /// When it was.
    At,
    /// When it will be.
    Until,
}

impl Fact {
    const fn key(self) -> &'static str {
        match self {
            Self::Account => "mail-fact-account",
            Self::Email => "mail-fact-email",
            Self::Device => "mail-fact-device",
            Self::Address => "mail-fact-address",
            Self::At => "mail-fact-at",
            Self::Until => "mail-fact-until",
        }
    }
}

/// What a mail is filled with.
pub(crate) struct Contents {
    /// What this place is called, on one line.
    pub site: String,
    /// Where its reader can go on, as a whole address.
    pub link: Option<String>,
    /// Whether that may be used once only.
    pub is_once: bool,
    /// How long it may be used.
    pub lifetime: Option<Duration>,
    pub facts: Vec<(Fact, String)>,
}

#[derive(Serialize)]
struct FactShown {
    label: String,
    value: String,
}

/// Marks around words of another direction (Unicode UAX 9, FSI and PDI), which Fluent puts around what it inserts.
const ISOLATES: [char; 2] = ['\u{2068}', '\u{2069}'];

impl Pages {
    /// Writes a mail in the language that is asked for, or in the next best.
    pub(crate) fn letter(
        &self,
        kind: Kind,
        language: &str,
        contents: &Contents,
    ) -> Result<Letter, Error> {
        let wishes = Wishes { chosen: Some(language), ..Wishes::default() };
        self.letter_in(self.messages.choose(&wishes), kind, contents, false)
    }

    /// The same; with `strict`, a message that nobody has is an error.
    pub(super) fn letter_in(
        &self,
        language: Language,
        kind: Kind,
        contents: &Contents,
        strict: bool,
    ) -> Result<Letter, Error> {
        let offered = self.messages.of(language);
        let subject = self.subject(language, kind, &contents.site, strict)?;
        let mail = context! {
            subject => subject.as_str(),
            link => contents.link.as_deref().map(plain),
            is_once => contents.is_once,
            lifetime => contents.lifetime.map(|span| self.span(language, span)),
            facts => Value::from(Serde(self.facts(language, &contents.facts))),
        };
        let ui = context! {
            site => contents.site.as_str(),
            language => offered.tag.as_str(),
            direction => offered.direction.as_str(),
        };
        let all = context! { ui => ui, mail => mail, t => self.words(language, strict) };
        let write = |ending: &str| {
            let name = format!("mail/{}.{ending}", kind.name());
            self.templates.get_template(&name)?.render(all.clone())
        };
        Ok(Letter {
            text: write("txt")?,
            html: write("html")?,
            subject,
            language: offered.tag.clone(),
            direction: offered.direction.clone(),
        })
    }

    /// `t` of the templates. Where everything is written from left to right no marks are needed, which some readers show
    /// as boxes.
    fn words(&self, language: Language, strict: bool) -> Value {
        let messages = Arc::clone(&self.messages);
        let from_left = self.messages.of(language).direction == "ltr";
        Value::from_function(move |key: &str, words: Kwargs| {
            match messages.find(language, key, Some(&render::arguments(&words)?)) {
                Some(text) if from_left && !text.contains(is_from_right) => {
                    Ok(text.replace(ISOLATES, ""))
                }
                None if strict => {
                    Err(Error::new(ErrorKind::InvalidOperation, format!("no message `{key}`")))
                }
                found => Ok(found.unwrap_or_else(|| key.to_owned())),
            }
        })
    }

    fn subject(
        &self,
        language: Language,
        kind: Kind,
        site: &str,
        strict: bool,
    ) -> Result<String, Error> {
        let key = format!("mail-{}-subject", kind.name());
        let mut words = fluent_bundle::FluentArgs::new();
        words.set("site", site.to_owned());
        match self.messages.find(language, &key, Some(&words)) {
            None if strict => {
                Err(Error::new(ErrorKind::InvalidOperation, format!("no message `{key}`")))
            }
            // A header is one line; and lists of mails show the marks.
            found => {
                let subject = found.unwrap_or(key).replace(ISOLATES, "");
                Ok(subject.split(char::is_control).collect::<Vec<_>>().join(" "))
            }
        }
    }

    fn span(&self, language: Language, span: Duration) -> String {
        let (key, seconds) = match span.as_secs() {
            seconds if seconds % 86_400 == 0 => ("mail-days", seconds / 86_400),
            seconds if seconds % 3600 == 0 => ("mail-hours", seconds / 3600),
            seconds => ("mail-minutes", seconds.div_ceil(60)),
        };
        let count = usize::try_from(seconds).unwrap_or(usize::MAX);
        self.messages.count(language, key, count).replace(ISOLATES, "")
    }

    fn facts(&self, language: Language, facts: &[(Fact, String)]) -> Vec<FactShown> {
        let from_left = self.messages.of(language).direction == "ltr";
        let shown = |(fact, value): &(Fact, String)| FactShown {
            label: self.messages.say(language, fact.key()),
            value: match from_left && !value.contains(is_from_right) {
                true => value.clone(),
                false => format!("{}{value}{}", ISOLATES[0], ISOLATES[1]),
            },
        };
        facts.iter().map(shown).collect()
    }
}

/// A letter of a script that is written from right to left (Unicode's blocks of them).
fn is_from_right(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}')
        || matches!(c, '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// A link as it stands in HTML too, if nothing in it needs an escape.
fn plain(link: &str) -> Value {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b":/.-_[]".contains(&byte);
    match link.bytes().all(legal) {
        true => Value::from_safe_string(link.to_owned()),
        false => Value::from(link),
    }
}

/// A mail that tells everything and one that tells nothing, to check templates with.
pub(super) fn samples() -> [Contents; 2] {
    let all = [Fact::Account, Fact::Email, Fact::Device, Fact::Address, Fact::At, Fact::Until];
    let site = || "Tokenhouse".to_owned();
    let full = Contents {
        site: site(),
        link: Some("https://login.example.org/reset/thl_sample".to_owned()),
        is_once: true,
        lifetime: Some(Duration::from_secs(600)),
        facts: all.map(|fact| (fact, "Value".to_owned())).into(),
    };
    let bare =
        Contents { site: site(), link: None, is_once: false, lifetime: None, facts: Vec::new() };
    [full, bare]
}
