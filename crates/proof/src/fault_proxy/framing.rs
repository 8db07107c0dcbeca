//! Where messages begin and end in a stream of bytes, one framer for each way of a connection.
//!
//! Bytes come in any portions and leave as [`Piece`]s: parts of exactly one message, together the same
//! bytes in the same order. A body is passed on as it comes; only a header that is not whole yet (at
//! most 8 bytes) and the beginning of a body that is looked at later (at most [`LOOKED_AT`]) are kept.

use super::message::{Direction, Kind};

/// How much of a message's body is kept until the message is whole.
pub(super) const LOOKED_AT: usize = 8 * 1024;
/// PostgreSQL's own bounds: `MAX_STARTUP_PACKET_LENGTH`, and `MaxAllocSize` for what a server takes.
const LONGEST_STARTUP: u32 = 10_000;
const LONGEST: u32 = 0x3fff_ffff;

const CANCEL: u32 = 80_877_102;
const SSL: u32 = 80_877_103;
const GSS: u32 = 80_877_104;

/// What cannot be the beginning of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a {kind} message cannot have the length {length}")]
pub struct BadLength {
    /// What it would have been.
    pub kind: Kind,
    /// The length that it gave.
    pub length: u32,
}

/// A part of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) bytes: Vec<u8>,
    /// Which message it is part of; none where messages cannot be told apart (encryption).
    pub(super) kind: Option<Kind>,
    pub(super) begins: bool,
    /// The message is whole with this piece: here is the beginning of its body.
    pub(super) ends: Option<Vec<u8>>,
}

/// One way of a connection.
#[derive(Debug)]
pub(super) struct Framer {
    direction: Direction,
    phase: Phase,
    header: Vec<u8>,
    body: Option<Body>,
}

/// What comes next, when no message is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// A message without a type byte.
    Untyped,
    /// One byte that answers a request for encryption, or an error.
    Negotiation,
    Typed,
    /// Encrypted: nothing can be told apart.
    Opaque,
}

#[derive(Debug)]
struct Body {
    kind: Kind,
    left: usize,
    looked_at: Vec<u8>,
}

impl Framer {
    pub(super) fn new(direction: Direction) -> Self {
        let phase = match direction {
            Direction::Frontend => Phase::Untyped,
            Direction::Backend => Phase::Typed,
        };
        Self { direction, phase, header: Vec::new(), body: None }
    }

    /// The other way asked for encryption: one byte answers.
    pub(super) fn expect_negotiation(&mut self) {
        self.phase = Phase::Negotiation;
    }

    /// From here on everything is encrypted.
    pub(super) fn become_opaque(&mut self) {
        self.phase = Phase::Opaque;
    }

    /// The next piece of `bytes`, which it is cut off from; none when all are taken.
    pub(super) fn next(&mut self, bytes: &mut &[u8]) -> Result<Option<Piece>, BadLength> {
        if bytes.is_empty() {
            return Ok(None);
        }
        if self.phase == Phase::Opaque {
            let all = std::mem::take(bytes).to_vec();
            return Ok(Some(Piece { bytes: all, kind: None, begins: false, ends: None }));
        }
        if self.body.is_some() {
            return Ok(self.proceed(Vec::new(), bytes));
        }
        let Some((kind, length)) = self.take_header(bytes) else { return Ok(None) };
        let header = std::mem::take(&mut self.header);
        let left = body_length(kind, length, header.len())?;
        self.body = Some(Body { kind, left, looked_at: Vec::new() });
        Ok(self.proceed(header, bytes))
    }

    /// Fills the header; kind and length once it is whole.
    fn take_header(&mut self, bytes: &mut &[u8]) -> Option<(Kind, u32)> {
        // Whether one byte answers, or an error message, the first byte tells.
        if self.phase == Phase::Negotiation {
            self.phase = Phase::Typed;
            if bytes[0] != b'E' {
                self.header.push(bytes[0]);
                *bytes = &bytes[1..];
                return Some((Kind::Negotiation(self.header[0]), 0));
            }
        }
        let whole = if self.phase == Phase::Untyped { 8 } else { 5 };
        let taken = bytes.len().min(whole - self.header.len());
        self.header.extend_from_slice(&bytes[..taken]);
        *bytes = &bytes[taken..];
        if self.phase == Phase::Untyped {
            let length = number(&self.header, 0)?;
            // Refused before the rest of it is waited for.
            if !(8..=LONGEST_STARTUP).contains(&length) {
                return Some((Kind::Startup, length));
            }
            return Some((untyped(number(&self.header, 4)?), length));
        }
        let kind = Kind::typed(self.direction, *self.header.first()?);
        Some((kind, number(&self.header, 1)?))
    }

    /// A piece of the message under way: `piece` and what belongs to it of `bytes`.
    fn proceed(&mut self, mut piece: Vec<u8>, bytes: &mut &[u8]) -> Option<Piece> {
        let body = self.body.as_mut()?;
        let begins = !piece.is_empty();
        let (taken, rest) = bytes.split_at(body.left.min(bytes.len()));
        *bytes = rest;
        piece.extend_from_slice(taken);
        let room = LOOKED_AT - body.looked_at.len();
        body.looked_at.extend_from_slice(&taken[..taken.len().min(room)]);
        body.left -= taken.len();
        let kind = Some(body.kind);
        let ends = (body.left == 0).then(|| self.end()).flatten();
        Some(Piece { bytes: piece, kind, begins, ends })
    }

    fn end(&mut self) -> Option<Vec<u8>> {
        let body = self.body.take()?;
        match body.kind {
            Kind::Startup | Kind::CancelRequest => self.phase = Phase::Typed,
            Kind::Negotiation(b'S' | b'G') => self.phase = Phase::Opaque,
            _ => {}
        }
        Some(body.looked_at)
    }
}

fn number(bytes: &[u8], from: usize) -> Option<u32> {
    let four = bytes.get(from..from + 4)?;
    Some(u32::from_be_bytes(four.try_into().ok()?))
}

const fn untyped(code: u32) -> Kind {
    match code {
        CANCEL => Kind::CancelRequest,
        SSL => Kind::SslRequest,
        GSS => Kind::GssEncRequest,
        _ => Kind::Startup,
    }
}

/// What follows the header. The length counts itself, and not the type byte.
fn body_length(kind: Kind, length: u32, header: usize) -> Result<usize, BadLength> {
    let (least, most, counted) = match kind {
        Kind::Negotiation(_) => return Ok(0),
        Kind::SslRequest | Kind::GssEncRequest => (8, 8, header),
        Kind::Startup | Kind::CancelRequest => (8, LONGEST_STARTUP, header),
        Kind::Frontend(_) | Kind::Backend(_) => (4, LONGEST, header - 1),
    };
    if !(least..=most).contains(&length) {
        return Err(BadLength { kind, length });
    }
    Ok(length as usize - counted)
}

#[cfg(test)]
mod tests;
