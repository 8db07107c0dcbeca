//! Numbers, addresses and times as text, written straight to where they go. Where every request needs
//! them, the formatting framework costs more than the rest of the line (`docs/performance.md`).

use std::io::Write;
use std::net::IpAddr;

use tokenhouse_rules::time::Timestamp;

/// Exactly `digits` decimal digits, zeros before; higher ones are left out.
pub(crate) fn padded(line: &mut Vec<u8>, mut number: u64, digits: usize) {
    let from = line.len();
    line.resize(from + digits, b'0');
    for digit in line[from..].iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// A number without zeros before.
pub(crate) fn number(line: &mut Vec<u8>, number: u64) {
    padded(line, number, number.checked_ilog10().map_or(1, |log| log as usize + 1));
}

/// Seconds with six decimal digits.
pub(crate) fn seconds(line: &mut Vec<u8>, span: std::time::Duration) {
    number(line, span.as_secs());
    line.push(b'.');
    padded(line, u64::from(span.subsec_micros()), 6);
}

pub(crate) fn address(line: &mut Vec<u8>, address: IpAddr) {
    let IpAddr::V4(four) = address else {
        // Writing to memory cannot fail.
        let _ = write!(line, "{address}");
        return;
    };
    for (at, octet) in four.octets().into_iter().enumerate() {
        if at > 0 {
            line.push(b'.');
        }
        number(line, u64::from(octet));
    }
}

/// A JSON string. Most texts need no escapes; those that do are left to serde.
pub(crate) fn string(line: &mut Vec<u8>, text: &[u8]) {
    let plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    if text.iter().all(plain) {
        line.push(b'"');
        line.extend_from_slice(text);
        line.push(b'"');
    } else {
        let _ = serde_json::to_writer(line, &String::from_utf8_lossy(text));
    }
}

/// Writes instants, and remembers the text of the last second, which the next is mostly in.
pub(crate) struct Clock {
    second: i64,
    text: [u8; 20],
}

impl Clock {
    pub(crate) const fn new() -> Self {
        Self { second: i64::MIN, text: [0; 20] }
    }

    /// RFC 3339 in UTC with microseconds.
    pub(crate) fn write(&mut self, line: &mut Vec<u8>, now: Timestamp) {
        line.extend_from_slice(&self.second(now)[..19]);
        line.push(b'.');
        padded(line, now.micros().rem_euclid(1_000_000).unsigned_abs(), 6);
        line.push(b'Z');
    }

    /// Hours, minutes and seconds of UTC, for a person at a terminal.
    pub(crate) fn time_of_day(&mut self, now: Timestamp) -> &str {
        std::str::from_utf8(&self.second(now)[11..19]).unwrap_or_default()
    }

    fn second(&mut self, now: Timestamp) -> &[u8; 20] {
        let second = now.micros().div_euclid(1_000_000);
        if second != self.second {
            self.text = now.rfc3339_bytes();
            self.second = second;
        }
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut line = Vec::new();
        write(&mut line);
        String::from_utf8(line).expect("text")
    }

    proptest! {
        #[test]
        fn what_is_written_is_what_the_framework_writes(
            any in any::<u64>(),
            micros in 0u64..=86_400_000_000,
            ip in any::<IpAddr>(),
            text in any::<String>(),
        ) {
            prop_assert_eq!(written(|line| number(line, any)), any.to_string());
            let span = std::time::Duration::from_micros(micros);
            let expected = format!("{}.{:06}", span.as_secs(), span.subsec_micros());
            prop_assert_eq!(written(|line| seconds(line, span)), expected);
            prop_assert_eq!(written(|line| address(line, ip)), ip.to_string());
            let read: String = serde_json::from_str(&written(|line| string(line, text.as_bytes())))
                .expect("a JSON string");
            prop_assert_eq!(read, text);
        }
    }

    #[test]
    fn a_clock_follows_time_forwards_and_backwards() {
        let mut clock = Clock::new();
        let mut at = |micros| written(|line| clock.write(line, Timestamp::from_micros(micros)));
        assert_eq!(at(1_700_000_000_123_456), "2023-11-14T22:13:20.123456Z");
        assert_eq!(at(1_700_000_000_999_999), "2023-11-14T22:13:20.999999Z");
        assert_eq!(at(1_700_000_001_000_000), "2023-11-14T22:13:21.000000Z");
        assert_eq!(at(1_700_000_000_000_001), "2023-11-14T22:13:20.000001Z");
        assert_eq!(at(-1), "1969-12-31T23:59:59.999999Z");
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        assert_eq!(Clock::new().time_of_day(now), "22:13:20");
    }
}
