//! Whatever is done to a token, it is another one's or none: over random changes.

#![expect(clippy::disallowed_types, reason = "keys that every case shares")]

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

static KEYS: LazyLock<[SigningKey; 2]> =
    LazyLock::new(|| [key(Algorithm::ES256), key(Algorithm::EdDSA)]);

/// Two tokens of each key, which may lend each other their parts.
static TOKENS: LazyLock<Vec<[String; 2]>> = LazyLock::new(|| {
    let made = |key: &SigningKey, claims: &str| {
        let (alg, kid) = (key.algorithm().name(), key.kid());
        token(key, &format!(r#"{{"alg":"{alg}","typ":"at+jwt","kid":"{kid}"}}"#), claims)
    };
    let claims = [r#"{"sub":"a","exp":1800000300}"#, r#"{"sub":"b","exp":1900000300}"#];
    KEYS.iter().map(|key| claims.map(|claims| made(key, claims))).collect()
});

/// Something that is done to a text.
#[derive(Clone, Debug)]
enum Change {
    Flip(Index, u8),
    Cut(Index, Index),
    Insert(Index, String),
    Repeat(Index, Index),
    Swap(Index, Index),
    /// The part of that number is the other token's.
    Lend(usize),
    /// The parts in another order.
    Turn,
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let index = any::<Index>;
    let change = prop_oneof![
        (index(), 0u8..7).prop_map(|(at, bit)| Change::Flip(at, bit)),
        (index(), index()).prop_map(|(from, to)| Change::Cut(from, to)),
        (index(), "[ -~]{1,8}").prop_map(|(at, text)| Change::Insert(at, text)),
        (index(), index()).prop_map(|(from, to)| Change::Repeat(from, to)),
        (index(), index()).prop_map(|(one, other)| Change::Swap(one, other)),
        (0usize..3).prop_map(Change::Lend),
        Just(Change::Turn),
    ];
    proptest::collection::vec(change, 1..4)
}

fn changed(text: &str, other: &str, change: &Change) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let range = |from: &Index, to: &Index| {
        let (one, two) = (from.index(bytes.len() + 1), to.index(bytes.len() + 1));
        one.min(two)..one.max(two)
    };
    match change {
        Change::Flip(..) | Change::Swap(..) if bytes.is_empty() => {}
        Change::Flip(at, bit) => {
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
        }
        Change::Swap(one, two) => {
            let (one, two) = (one.index(bytes.len()), two.index(bytes.len()));
            bytes.swap(one, two);
        }
        Change::Cut(from, to) => drop(bytes.drain(range(from, to))),
        Change::Insert(at, text) => {
            let at = at.index(bytes.len() + 1);
            drop(bytes.splice(at..at, text.bytes()));
        }
        Change::Repeat(from, to) => {
            let range = range(from, to);
            bytes.extend_from_within(range);
        }
        Change::Lend(number) => return lent(text, other, *number),
        Change::Turn => return text.rsplit('.').collect::<Vec<_>>().join("."),
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn lent(text: &str, other: &str, number: usize) -> String {
    let mut parts: Vec<_> = text.split('.').collect();
    if let (Some(part), Some(others)) = (parts.get_mut(number), other.split('.').nth(number)) {
        *part = others;
    }
    parts.join(".")
}

fn judged(text: &str, key: &SigningKey) -> Result<Verified, BadJws> {
    verify(text, Typ::AccessToken, |kid, algorithm| {
        (kid == Some(key.kid()) && algorithm == key.algorithm()).then_some(key.public())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_token_that_was_changed_is_not_believed(changes in changes(), which in 0usize..2) {
        let (key, [token, other]) = (&KEYS[which], &TOKENS[which]);
        prop_assert!(judged(token, key).is_ok());
        let text = changes.iter().fold(token.clone(), |text, change| changed(&text, other, change));
        prop_assert_eq!(judged(&text, key).is_ok(), text == *token || text == *other, "{}", text);
        prop_assert!(judged(&text, &KEYS[1 - which]).is_err());
    }

    #[test]
    fn no_text_is_a_token(text in ".{0,200}", parts in proptest::collection::vec("[A-Za-z0-9_-]{0,60}", 0..5)) {
        for text in [text, parts.join(".")] {
            prop_assert!(KEYS.iter().all(|key| judged(&text, key).is_err()));
        }
    }

    #[test]
    fn headers_and_claims_of_any_kind_are_read_without_harm(header in ".{0,80}", claims in "\\PC{0,80}") {
        let key = &KEYS[0];
        let text = token(key, &header, &claims);
        if let Ok(verified) = judged(&text, key) {
            prop_assert_eq!(verified.header.algorithm, key.algorithm());
        }
    }
}
