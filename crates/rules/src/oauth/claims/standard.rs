//! The standard claims that may be set of a person (OpenID Connect Core §5.1), and what each of them may be.

use serde_json::{Map, Value};

use super::super::redirect::is_uri_text;
use super::super::scope::{ADDRESS, PHONE, PROFILE};
use super::Fault;
use crate::document;

/// The largest object of claims, in bytes.
const MAX_BYTES: usize = 16 * 1024;
/// The longest text of one, in code points.
const MAX_TEXT: usize = 1000;

/// What a claim may be.
#[derive(Clone, Copy)]
enum Form {
    /// A line of text.
    Line,
    /// Text of several lines.
    Lines,
    /// An address that a browser may open: of a web page or picture.
    Url,
    /// `YYYY-MM-DD`, `0000-MM-DD` without the year, or `YYYY` alone.
    Birthdate,
    /// A name of the time zone database.
    Zone,
    /// A language tag (BCP 47).
    Locale,
    /// A telephone number, best as E.164 has it.
    Phone,
    Flag,
    /// An object of the members of §5.1.1.
    Address,
}

/// Name, scope that asks for it (§5.4), form.
const CLAIMS: &[(&str, &str, Form)] = &[
    ("name", PROFILE, Form::Line),
    ("given_name", PROFILE, Form::Line),
    ("family_name", PROFILE, Form::Line),
    ("middle_name", PROFILE, Form::Line),
    ("nickname", PROFILE, Form::Line),
    ("profile", PROFILE, Form::Url),
    ("picture", PROFILE, Form::Url),
    ("website", PROFILE, Form::Url),
    ("gender", PROFILE, Form::Line),
    ("birthdate", PROFILE, Form::Birthdate),
    ("zoneinfo", PROFILE, Form::Zone),
    ("locale", PROFILE, Form::Locale),
    ("phone_number", PHONE, Form::Phone),
    ("phone_number_verified", PHONE, Form::Flag),
    ("address", ADDRESS, Form::Address),
];

const OF_ADDRESS: &[(&str, Form)] = &[
    ("formatted", Form::Lines),
    ("street_address", Form::Lines),
    ("locality", Form::Line),
    ("region", Form::Line),
    ("postal_code", Form::Line),
    ("country", Form::Line),
];

/// The scope that asks for a claim, if it is one that can be set.
pub(super) fn scope_of(name: &str) -> Option<&'static str> {
    CLAIMS.iter().find(|claim| claim.0 == name).map(|claim| claim.1)
}

/// Judges the claims that are to be set of a person, and writes them as they are stored: in the order of the
/// standard, without those that are null.
///
/// # Errors
/// The first [`Fault`].
pub fn check_claims(text: &str) -> Result<String, Fault> {
    let whole = |error: document::BadDocument| Fault::at("", error.to_string());
    let text = document::check(text, MAX_BYTES).map_err(whole)?;
    let given: Map<String, Value> =
        serde_json::from_str(text).map_err(|error| Fault::at("", error.to_string()))?;
    let forms = CLAIMS.iter().map(|(name, _, form)| (*name, *form));
    let kept = members(given, forms, "")?;
    if kept.contains_key("phone_number_verified") && !kept.contains_key("phone_number") {
        return Err(Fault::at("/phone_number_verified", "is there without phone_number"));
    }
    Ok(Value::Object(kept).to_string())
}

/// The members of an object that are not null, each judged by its form.
fn members(
    mut given: Map<String, Value>,
    forms: impl Iterator<Item = (&'static str, Form)>,
    at: &str,
) -> Result<Map<String, Value>, Fault> {
    let mut kept = Map::new();
    for (name, form) in forms {
        let Some(value) = given.shift_remove(name).filter(|value| !value.is_null()) else {
            continue;
        };
        let at = format!("{at}/{name}");
        let value = match (form, value) {
            (Form::Address, Value::Object(address)) => {
                Value::Object(members(address, OF_ADDRESS.iter().copied(), &at)?)
            }
            (Form::Address, _) => return Err(Fault::at(at, "must be an object")),
            (Form::Flag, Value::Bool(flag)) => Value::Bool(flag),
            (Form::Flag, _) => return Err(Fault::at(at, "must be true or false")),
            (form, Value::String(text)) => match fault(form, &text) {
                None => Value::String(text),
                Some(wrong) => return Err(Fault::at(at, wrong)),
            },
            (_, _) => return Err(Fault::at(at, "must be a string")),
        };
        kept.insert(name.to_owned(), value);
    }
    match given.keys().next() {
        Some(name) => {
            let escaped = name.replace('~', "~0").replace('/', "~1");
            Err(Fault::at(format!("{at}/{escaped}"), "is no standard claim that can be set"))
        }
        None => Ok(kept),
    }
}

/// What is wrong with a text.
fn fault(form: Form, text: &str) -> Option<&'static str> {
    let of = |legal: &[u8]| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || legal.contains(&byte))
    };
    if text.trim().is_empty() {
        return Some("must not be empty");
    }
    if text.chars().count() > MAX_TEXT {
        return Some("must have at most 1000 characters");
    }
    let (good, wrong) = match form {
        Form::Line => (!text.contains(char::is_control), "must have no control characters"),
        Form::Lines => {
            let strange = |c: char| c.is_control() && c != '\n' && c != '\r';
            (!text.contains(strange), "must have no control characters but line ends")
        }
        Form::Url => {
            let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
            let begins =
                |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[');
            let web = rest.is_some_and(begins) && is_uri_text(text);
            (web, "must be an address that begins with https:// or http://")
        }
        Form::Birthdate => (is_birthdate(text), "must be a date as YYYY-MM-DD, 0000-MM-DD or YYYY"),
        Form::Zone => (of(b"/_+-"), "must be a time zone as Europe/Paris"),
        Form::Locale => (text.len() <= 35 && of(b"-_"), "must be a language tag as de-CH"),
        Form::Phone => (is_phone(text), "must be a telephone number as +41 44 668 18 00"),
        Form::Flag | Form::Address => (false, "must be no string"),
    };
    (!good).then_some(wrong)
}

fn is_birthdate(text: &str) -> bool {
    let number = |part: &str, digits: usize| {
        let plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        if plain { part.parse::<u16>().ok() } else { None }
    };
    let parts: Vec<&str> = text.split('-').collect();
    match parts[..] {
        [year] => number(year, 4).is_some_and(|year| year > 0),
        [year, month, day] => match (number(year, 4), number(month, 2), number(day, 2)) {
            (Some(year), Some(month), Some(day)) => is_day(year, month, day),
            _ => false,
        },
        _ => false,
    }
}

/// Whether a month has that day; where the year is left out (0) any year will do.
fn is_day(year: u16, month: u16, day: u16) -> bool {
    let year = if year == 0 { 2000 } else { year };
    let month = u8::try_from(month).ok().and_then(|month| time::Month::try_from(month).ok());
    let days = month.map_or(0, |month| month.length(year.into()));
    (1..=u16::from(days)).contains(&day)
}

/// Digits and what people write between them; what follows `;ext=` too (RFC 3966).
fn is_phone(text: &str) -> bool {
    let number = text.split_once(";ext=").map_or(text, |(number, _)| number);
    let extension = &text[number.len()..];
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let legal = |byte: u8| byte.is_ascii_digit() || b"+ ().-/".contains(&byte);
    let extended = extension.bytes().skip(5).all(|byte| byte.is_ascii_digit());
    (3..=20).contains(&digits) && number.bytes().all(legal) && extended && text.len() <= 40
}
