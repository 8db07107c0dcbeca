#![no_main]
//! Codes that people type: whatever is read is eight of the twenty letters, and is read again however it is shown.

use libfuzzer_sys::{Corpus, fuzz_target};
use tokenhouse_fuzz::begin;
use tokenhouse_rules::oauth::user_code::UserCode;

const LETTERS: &str = "BCDFGHJKLMNPQRSTVWXZ";

fuzz_target!(init: begin(&seeds()), |input: &[u8]| -> Corpus {
    if let Some(entropy) = input.first_chunk::<16>() {
        is_whole(&UserCode::make(*entropy));
    }
    let Ok(text) = std::str::from_utf8(input) else { return Corpus::Reject };
    if let Some(code) = UserCode::parse(text) {
        is_whole(&code);
    }
    Corpus::Keep
});

fn is_whole(code: &UserCode) {
    let text = code.as_str();
    assert_eq!(text.len(), 8);
    assert!(text.chars().all(|letter| LETTERS.contains(letter)), "{text}");
    let shown = code.to_string();
    for typed in [shown.as_str(), text, &shown.to_lowercase(), &shown.replace('-', " ")] {
        assert_eq!(UserCode::parse(typed).as_ref(), Some(code), "{typed}");
    }
}

fn seeds() -> Vec<String> {
    ["BCDF-GHJK", "bcdf ghjk", "ＢＣＤＦ－ｇｈｊｋ", "B.C_D–F—G·HJK", "AEIO-U012"]
        .map(str::to_owned)
        .to_vec()
}
