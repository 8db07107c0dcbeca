//! What is said to people, in the languages at hand (Project Fluent). The pages and the titles of problem documents
//! say the same words.
//!
//! `fluent-bundle` alone, without `fluent-templates`: files are embedded or read by the command line, never found
//! by a crate in a global; and what is missing in a language must be an error of a test, not of a page.

use std::collections::BTreeSet;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use serde::Serialize;
use unic_langid::LanguageIdentifier;

use super::{BadPages, Files, embedded};

/// One of the languages at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Language(usize);

/// A language as it is offered.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Offered {
    pub tag: String,
    /// In its own words.
    pub name: String,
    /// `ltr` or `rtl`.
    pub direction: String,
}

struct Spoken {
    offered: Offered,
    bundle: FluentBundle<FluentResource>,
}

/// All messages, in all languages. The first language is the last resort.
pub(crate) struct Messages {
    spoken: Vec<Spoken>,
    offered: Vec<Offered>,
}

const FIRST: &str = "en";

impl Messages {
    /// From what is in the binary, with an operator's messages in the place of those of the same name; a
    /// language that is only hers is offered too.
    pub(super) fn read(own: &Files) -> Result<Self, BadPages> {
        let ours = embedded::files();
        let named = ours.keys().chain(own.keys()).filter_map(|name| tag_of(name));
        let mut tags: Vec<&str> = named.collect::<BTreeSet<_>>().into_iter().collect();
        tags.sort_by_key(|tag| *tag != FIRST);
        let spoken = tags
            .into_iter()
            .map(|tag| Spoken::read(tag, [&ours, own]))
            .collect::<Result<Vec<_>, _>>()?;
        let offered = spoken.iter().map(|one| one.offered.clone()).collect();
        Ok(Self { spoken, offered })
    }

    /// The language that suits best.
    pub(super) fn choose(&self, wishes: &tokenhouse_rules::language::Wishes<'_>) -> Language {
        let tags: Vec<&str> = self.offered.iter().map(|one| one.tag.as_str()).collect();
        Language(tokenhouse_rules::language::choose(&tags, wishes))
    }

    pub(super) fn offered(&self) -> &[Offered] {
        &self.offered
    }

    pub(super) fn all(&self) -> impl Iterator<Item = Language> {
        (0..self.spoken.len()).map(Language)
    }

    pub(super) fn of(&self, language: Language) -> &Offered {
        &self.offered[language.0]
    }

    /// A message, in the first language when it is missing in this one; `None` when nobody has it.
    pub(super) fn find(
        &self,
        language: Language,
        key: &str,
        words: Option<&FluentArgs<'_>>,
    ) -> Option<String> {
        [language.0, 0].into_iter().find_map(|place| self.spoken[place].say(key, words))
    }

    /// A message; its own name when nobody has it, so that a page is shown all the same.
    pub(super) fn say(&self, language: Language, key: &str) -> String {
        self.find(language, key, None).unwrap_or_else(|| key.to_owned())
    }

    /// A message with a number in it.
    pub(super) fn count(&self, language: Language, key: &str, count: usize) -> String {
        let mut words = FluentArgs::new();
        words.set("count", count);
        self.find(language, key, Some(&words)).unwrap_or_else(|| key.to_owned())
    }

    /// Whether a language has a message of its own.
    pub(super) fn has(&self, language: Language, key: &str) -> bool {
        self.spoken[language.0].bundle.has_message(key)
    }
}

fn tag_of(name: &str) -> Option<&str> {
    name.strip_prefix("messages/")?.strip_suffix(".ftl")
}

impl Spoken {
    fn read(tag: &str, layers: [&Files; 2]) -> Result<Self, BadPages> {
        let name = format!("messages/{tag}.ftl");
        let locale: LanguageIdentifier =
            tag.parse().map_err(|error| BadPages::new(&*name, error))?;
        let mut bundle = FluentBundle::new_concurrent(vec![locale]);
        for layer in layers {
            let Some(bytes) = layer.get(&name) else { continue };
            let text = std::str::from_utf8(bytes).map_err(|error| BadPages::new(&*name, error))?;
            let resource = FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| {
                let first = errors.first().map(ToString::to_string).unwrap_or_default();
                BadPages::new(&*name, first)
            })?;
            bundle.add_resource_overriding(resource);
        }
        let own = |key| say(&bundle, key, None);
        let offered = Offered {
            tag: tag.to_owned(),
            name: own("language-name").unwrap_or_else(|| tag.to_owned()),
            direction: own("direction").unwrap_or_else(|| "ltr".to_owned()),
        };
        Ok(Self { offered, bundle })
    }

    fn say(&self, key: &str, words: Option<&FluentArgs<'_>>) -> Option<String> {
        say(&self.bundle, key, words)
    }
}

/// `None` too when a message asks for a word that it is not given.
fn say(
    bundle: &FluentBundle<FluentResource>,
    key: &str,
    words: Option<&FluentArgs<'_>>,
) -> Option<String> {
    let pattern = bundle.get_message(key)?.value()?;
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, words, &mut errors).into_owned();
    errors.is_empty().then_some(text)
}
