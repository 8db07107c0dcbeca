//! Lengths of time as people write them in a configuration: `90d`, `15m`, `1h30m`, `250ms`.

use std::time::Duration;

/// Why a text is not a length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a length of time; write for example 30s, 15m, 12h or 14d")]
pub struct NotASpan(String);

/// Reads a length of time: one or more whole numbers, each with its unit
/// (`ms`, `s`, `m`, `h`, `d`), largest or smallest first. `0` needs no unit.
///
/// # Errors
/// [`NotASpan`] for anything else, including a number without a unit and an overflow.
pub fn parse(text: &str) -> Result<Duration, NotASpan> {
    let refuse = || NotASpan(text.to_owned());
    let mut rest = text.trim();
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    if rest.is_empty() {
        return Err(refuse());
    }
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(refuse)?;
        let count: u64 = rest[..digits].parse().map_err(|_| refuse())?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let millis = match &rest[..letters] {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(refuse()),
        };
        rest = &rest[letters..];
        let part = count.checked_mul(millis).map(Duration::from_millis).ok_or_else(refuse)?;
        total = total.checked_add(part).ok_or_else(refuse)?;
    }
    Ok(total)
}

/// Writes a length of time the way [`parse`] reads it, in the largest units that are exact.
pub fn format(span: Duration) -> String {
    let mut millis = span.as_millis();
    if millis == 0 {
        return "0".to_owned();
    }
    let mut text = String::new();
    for (unit, size) in
        [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)]
    {
        if millis >= size {
            text.push_str(&format!("{}{unit}", millis / size));
            millis %= size;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_what_people_write() {
        for (text, seconds) in [("30s", 30), ("15m", 900), ("14d", 1_209_600), ("1h30m", 5_400)] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)));
            assert_eq!(format(Duration::from_secs(seconds)), text);
        }
        assert_eq!(parse("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse("0"), Ok(Duration::ZERO));
    }

    #[test]
    fn refuses_what_it_cannot_be_sure_of() {
        for text in ["", "15", "m", "1.5h", "-3s", "3 s", "9999999999999999d", "5y"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
