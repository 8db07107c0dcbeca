//! Reads an HTTP/1.1 answer (RFC 9112): the status and where the body ends. A body without
//! `Content-Length` is an error, as the generator only asks for what has one.

/// A whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    /// Status line and headers.
    pub(crate) head: &'a [u8],
    pub(crate) body: &'a [u8],
}

/// Why the bytes are no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

impl<'a> Answer<'a> {
    /// The first answer in `bytes` and how many bytes it takes; nothing while some are missing.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Option<(Self, usize)>, Malformed> {
        let Some(head) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let (head, body) = (&bytes[..head], &bytes[head + 4..]);
        let length = length(head)?;
        let status = status(head)?;
        match body.get(..length) {
            Some(body) => Ok(Some((Self { status, head, body }, head.len() + 4 + length))),
            None => Ok(None),
        }
    }
}

/// `HTTP/1.1 200 …` (RFC 9112 §4).
fn status(head: &[u8]) -> Result<u16, Malformed> {
    let digits = head.strip_prefix(b"HTTP/1.1 ").and_then(|rest| rest.get(..3));
    digits.and_then(number).and_then(|n| u16::try_from(n).ok()).ok_or(Malformed("no status line"))
}

/// What `Content-Length` says; names are case-insensitive (RFC 9110 §5.1).
fn length(head: &[u8]) -> Result<usize, Malformed> {
    const NAME: &[u8] = b"content-length:";
    head.split(|byte| *byte == b'\n')
        .find(|line| line.len() > NAME.len() && line[..NAME.len()].eq_ignore_ascii_case(NAME))
        .and_then(|line| number(line[NAME.len()..].trim_ascii()))
        .ok_or(Malformed("no Content-Length"))
}

fn number(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &[u8] =
        b"HTTP/1.1 200 OK\r\nX-A: content-length: 9\r\nContent-Length:  5 \r\n\r\nhello";

    #[test]
    fn an_answer_is_read_once_all_of_it_is_there() {
        for end in 0..WHOLE.len() {
            assert_eq!(Answer::parse(&WHOLE[..end]), Ok(None), "{end} bytes");
        }
        let head = &WHOLE[..WHOLE.len() - b"\r\n\r\nhello".len()];
        let answer = Answer { status: 200, head, body: b"hello" };
        assert_eq!(Answer::parse(WHOLE), Ok(Some((answer, WHOLE.len()))));
    }

    #[test]
    fn what_follows_an_answer_is_left_alone() {
        let two = [WHOLE, b"HTTP/1.1 204"].concat();
        let (answer, length) = Answer::parse(&two).expect("well formed").expect("whole");
        assert_eq!((answer.body, length), (&b"hello"[..], WHOLE.len()));
    }

    #[test]
    fn an_answer_without_a_status_or_a_length_is_refused() {
        let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        assert_eq!(Answer::parse(chunked), Err(Malformed("no Content-Length")));
        let old = b"HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(Answer::parse(old), Err(Malformed("no status line")));
        let negative = b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n";
        assert_eq!(Answer::parse(negative), Err(Malformed("no Content-Length")));
    }
}
