//! The framer against streams that are put together message by message, cut at any byte.

use proptest::prelude::*;

use super::*;

/// Kind, begin and end of every message, and all the bytes that came out.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    begun: Vec<&'static str>,
    ended: Vec<(&'static str, Vec<u8>)>,
    bytes: Vec<u8>,
}

fn feed(framer: &mut Framer, mut bytes: &[u8], seen: &mut Seen) -> Result<(), BadLength> {
    while let Some(piece) = framer.next(&mut bytes)? {
        let name = piece.kind.map_or("opaque", Kind::name);
        if piece.begins {
            seen.begun.push(name);
        }
        seen.ended.extend(piece.ends.map(|body| (name, body)));
        seen.bytes.extend(piece.bytes);
    }
    assert!(bytes.is_empty(), "bytes were left over");
    Ok(())
}

fn typed(byte: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("a short body");
    [&[byte], &length.to_be_bytes()[..], body].concat()
}

fn untyped(code: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 8).expect("a short body");
    [&length.to_be_bytes()[..], &code.to_be_bytes(), body].concat()
}

fn frontend(messages: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut stream = untyped(SSL, b"");
    stream.extend(untyped(196_608, b"user\0ada\0\0"));
    stream.extend(messages.iter().flat_map(|(byte, body)| typed(*byte, body)));
    stream
}

fn messages() -> impl Strategy<Value = Vec<(u8, Vec<u8>)>> {
    let body = prop_oneof![
        8 => prop::collection::vec(any::<u8>(), 0..40),
        1 => prop::collection::vec(any::<u8>(), LOOKED_AT - 2..LOOKED_AT + 3),
    ];
    prop::collection::vec((any::<u8>(), body), 0..12)
}

proptest! {
    #[test]
    fn any_portions_give_the_same_messages_and_the_same_bytes(
        messages in messages(),
        cuts in prop::collection::vec(1_usize..50, 1..40),
    ) {
        let stream = frontend(&messages);
        let mut framer = Framer::new(Direction::Frontend);
        let mut seen = Seen::default();
        let mut rest = &stream[..];
        for cut in cuts.iter().cycle() {
            let (portion, after) = rest.split_at(rest.len().min(*cut));
            feed(&mut framer, portion, &mut seen)?;
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        let names = |seen: &Seen| seen.ended.iter().map(|(name, _)| *name).collect::<Vec<_>>();
        let mut expected = vec!["SSLRequest", "StartupMessage"];
        expected.extend(messages.iter().map(|(byte, _)| Kind::Frontend(*byte).name()));
        prop_assert_eq!(&seen.begun, &expected);
        prop_assert_eq!(names(&seen), expected);
        for ((_, looked_at), (_, body)) in seen.ended[2..].iter().zip(&messages) {
            prop_assert_eq!(&looked_at[..], &body[..body.len().min(LOOKED_AT)]);
        }
        prop_assert_eq!(seen.bytes, stream);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for direction in [Direction::Frontend, Direction::Backend] {
            let mut framer = Framer::new(direction);
            let mut rest = &bytes[..];
            while let Ok(Some(_)) = framer.next(&mut rest) {}
        }
    }
}

#[test]
fn every_single_cut_of_a_batch_of_pipelined_statements_is_framed_alike() {
    let messages: Vec<_> = b"PBDESBES".iter().map(|byte| (*byte, vec![*byte; 7])).collect();
    let stream = frontend(&messages);
    let mut whole = Seen::default();
    feed(&mut Framer::new(Direction::Frontend), &stream, &mut whole).expect("good lengths");
    for cut in 0..=stream.len() {
        let mut framer = Framer::new(Direction::Frontend);
        let mut seen = Seen::default();
        let (first, second) = stream.split_at(cut);
        feed(&mut framer, first, &mut seen).expect("good lengths");
        feed(&mut framer, second, &mut seen).expect("good lengths");
        assert_eq!(seen, whole, "cut at {cut}");
    }
}

#[test]
fn a_body_is_passed_on_before_it_is_whole() {
    let mut framer = Framer::new(Direction::Backend);
    let header = [b'D', 0x3f, 0xff, 0xff, 0xff];
    let mut bytes = &header[..];
    assert!(framer.next(&mut bytes).expect("a good length").is_some_and(|piece| piece.begins));
    let portion = vec![0; 1 << 20];
    let mut bytes = &portion[..];
    let piece = framer.next(&mut bytes).expect("a good length").expect("a piece");
    assert_eq!((piece.bytes.len(), piece.begins, piece.ends), (1 << 20, false, None));
}

#[test]
fn lengths_that_postgresql_would_not_take_are_refused() {
    let refused = |direction, bytes: &[u8]| {
        let mut rest = bytes;
        let mut framer = Framer::new(direction);
        framer.next(&mut rest).expect_err("it is garbage").length
    };
    // A request of HTTP, a TLS handshake, a length below its own size, one far too long.
    assert_eq!(refused(Direction::Frontend, b"GET / HTTP/1.1"), 0x4745_5420);
    assert_eq!(refused(Direction::Frontend, &[0x16, 3, 1, 2]), 0x1603_0102);
    assert_eq!(refused(Direction::Frontend, &[0, 0, 0, 7]), 7);
    assert_eq!(refused(Direction::Frontend, &[&[0, 0, 0, 9][..], &SSL.to_be_bytes()].concat()), 9);
    assert_eq!(refused(Direction::Backend, &[b'Z', 0, 0, 0, 3]), 3);
    assert_eq!(refused(Direction::Backend, &[b'D', 0x40, 0, 0, 0]), 0x4000_0000);
}

#[test]
fn the_answer_to_a_request_for_encryption_is_one_byte_or_an_error() {
    let mut seen = Seen::default();
    let mut backend = Framer::new(Direction::Backend);
    backend.expect_negotiation();
    feed(&mut backend, &[&b"N"[..], &typed(b'R', b"0000")].concat(), &mut seen).expect("good");
    assert_eq!(seen.begun, ["Negotiation", "Authentication"]);

    let mut backend = Framer::new(Direction::Backend);
    backend.expect_negotiation();
    feed(&mut backend, &typed(b'E', b"no"), &mut seen).expect("good");
    assert_eq!(seen.begun.last(), Some(&"ErrorResponse"));

    let mut backend = Framer::new(Direction::Backend);
    backend.expect_negotiation();
    feed(&mut backend, b"S\x16\x03\x01not to be framed", &mut seen).expect("opaque");
    assert_eq!(seen.begun.len(), 4);
}
