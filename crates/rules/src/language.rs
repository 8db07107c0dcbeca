//! In which of the languages at hand a person is spoken to (RFC 4647 §3.4, lookup).
//!
//! What the application asked for (`ui_locales`) comes before what the person once chose, that before what
//! her browser says. The first language at hand is the last resort.

/// What is known of a person's languages, the strongest wish first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes<'a> {
    /// `ui_locales` of a request (OpenID Connect Core §3.1.2.1): tags, separated by spaces.
    pub asked: Option<&'a str>,
    /// The person's own choice: one tag.
    pub chosen: Option<&'a str>,
    /// `Accept-Language` (RFC 9110 §12.5.4).
    pub accepted: Option<&'a str>,
}

/// How many tags of one wish are looked at.
const MOST: usize = 16;

/// The place of the best language in `at_hand`.
pub fn choose(at_hand: &[&str], wishes: &Wishes<'_>) -> usize {
    let asked = wishes.asked.unwrap_or("").split(' ').take(MOST);
    let ranked = wishes.accepted.map(ranked).unwrap_or_default();
    let all = asked.chain(wishes.chosen).chain(ranked);
    all.filter_map(|tag| look_up(at_hand, tag)).next().unwrap_or(0)
}

/// The language ranges of `Accept-Language`, the most wanted first; those with weight zero are left out.
fn ranked(header: &str) -> Vec<&str> {
    let mut ranges: Vec<(u32, &str)> = header.split(',').take(MOST).filter_map(weighted).collect();
    // Stable: equal weights keep the order in which they were sent.
    ranges.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    ranges.into_iter().map(|(_, tag)| tag).collect()
}

fn weighted(member: &str) -> Option<(u32, &str)> {
    let (tag, parameters) = member.split_once(';').unwrap_or((member, ""));
    let weight = match parameters.trim().strip_prefix("q=") {
        Some(text) => text.parse::<f32>().ok().filter(|q| (0.0..=1.0).contains(q))?,
        None => 1.0,
    };
    let weight = (weight * 1000.0) as u32;
    (weight > 0).then(|| (weight, tag.trim()))
}

/// The range itself, or what is left of it when subtags are dropped from its end.
fn look_up(at_hand: &[&str], range: &str) -> Option<usize> {
    let mut rest = range;
    loop {
        if let Some(found) = at_hand.iter().position(|tag| tag.eq_ignore_ascii_case(rest)) {
            return Some(found);
        }
        rest = rest.rsplit_once('-')?.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_HAND: &[&str] = &["en", "de", "fr", "pt-BR"];

    fn accepted(header: &str) -> &'static str {
        AT_HAND[choose(AT_HAND, &Wishes { accepted: Some(header), ..Wishes::default() })]
    }

    #[test]
    fn the_browsers_most_wanted_language_at_hand_is_spoken() {
        assert_eq!(accepted("de-CH, en;q=0.8"), "de");
        assert_eq!(accepted("it, fr;q=0.3, de;q=0.7"), "de");
        assert_eq!(accepted("pt-br"), "pt-BR");
        assert_eq!(accepted("fr-Latn-CA;q=1"), "fr");
        assert_eq!(accepted("fr;q=0, de;q=0.001"), "de");
    }

    #[test]
    fn what_nobody_speaks_or_nobody_can_read_is_the_first_language() {
        for header in ["", "*", "it", "pt", "de;q=2", "de;q=x", "fr;q=0", ";;;,,,", "-"] {
            assert_eq!(accepted(header), "en", "{header}");
        }
    }

    #[test]
    fn the_application_comes_before_the_person_and_she_before_her_browser() {
        let all = Wishes { asked: Some("it fr-CA"), chosen: Some("de"), accepted: Some("pt-BR") };
        assert_eq!(AT_HAND[choose(AT_HAND, &all)], "fr");
        assert_eq!(AT_HAND[choose(AT_HAND, &Wishes { asked: Some("it"), ..all })], "de");
        assert_eq!(
            AT_HAND[choose(AT_HAND, &Wishes { asked: None, chosen: Some("xx"), ..all })],
            "pt-BR"
        );
    }
}
