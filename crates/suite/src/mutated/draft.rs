//! Requests that were good once, and what can be done to them. The same seed and number give the same request.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, header};
use serde_json::Value;

use super::chance::Chance;
use super::words::{HEADERS, METHODS, NAMES, NASTY};
use crate::oauth_client::FORM;

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// A request as its parts.
#[derive(Clone, Debug)]
pub struct Draft {
    method: Method,
    path: String,
    query: Pairs,
    headers: Pairs,
    body: Body,
    /// What is done to the text of query and body after they were encoded.
    wire: Vec<(usize, Vec<u8>)>,
    /// Whether its method is changed as well.
    keeps_method: bool,
}

/// What it brings along.
#[derive(Clone, Debug)]
enum Body {
    Nothing,
    Form(Pairs),
    /// The members of an object, with their values as JSON.
    Json(Pairs),
}

/// What can be done.
const CHANGES: &[fn(&mut Draft, &mut Chance)] = &[
    Draft::drop_one,
    Draft::repeat_one,
    Draft::put_nasty,
    Draft::put_nasty,
    Draft::put_long,
    Draft::rename_one,
    Draft::flip,
    Draft::cut,
    Draft::insert,
    Draft::swap,
    Draft::add_one,
    Draft::change_method,
    Draft::drop_header,
    Draft::add_header,
    Draft::change_header,
    Draft::change_wire,
    Draft::change_wire,
];

impl Draft {
    /// A request without anything.
    pub fn new(method: Method, path: &str) -> Self {
        let (query, headers, wire) = (Vec::new(), Vec::new(), Vec::new());
        let (path, body) = (path.to_owned(), Body::Nothing);
        Self { method, path, query, headers, body, wire, keeps_method: false }
    }

    /// With a header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// With this query.
    #[must_use]
    pub fn query(mut self, pairs: &[(&str, &str)]) -> Self {
        self.query = owned(pairs);
        self
    }

    /// With this form.
    #[must_use]
    pub fn form(mut self, pairs: &[(&str, &str)]) -> Self {
        self.body = Body::Form(owned(pairs));
        self.header(header::CONTENT_TYPE.as_str(), FORM)
    }

    /// With this JSON object.
    #[must_use]
    pub fn json(mut self, object: &Value) -> Self {
        let members = object.as_object().expect("an object").iter();
        let pairs = members.map(|(name, value)| (name.as_bytes().to_vec(), text(value)));
        self.body = Body::Json(pairs.collect());
        self.header(header::CONTENT_TYPE.as_str(), "application/json")
    }

    /// Where another method would rightly be answered.
    #[must_use]
    pub fn by_its_method_only(mut self) -> Self {
        self.keeps_method = true;
        self
    }

    /// One to four changes.
    #[must_use]
    pub fn mutated(mut self, chance: &mut Chance) -> Self {
        for _ in 0..=chance.below(4) {
            CHANGES[chance.below(CHANGES.len())](&mut self, chance);
        }
        self
    }

    /// What is sent; none where no client could say it in HTTP.
    pub fn request(&self) -> Option<Request<Bytes>> {
        let query = self.on_the_wire(encoded_pairs(&self.query));
        let target = match query.is_empty() {
            true => self.path.clone().into_bytes(),
            false => [self.path.as_bytes(), b"?", &query].concat(),
        };
        let mut request = Request::builder().method(self.method.clone()).uri(target.as_slice());
        for (name, value) in &self.headers {
            let name = HeaderName::from_bytes(name).ok()?;
            request = request.header(name, HeaderValue::from_bytes(value).ok()?);
        }
        let body = match &self.body {
            Body::Nothing => Vec::new(),
            Body::Form(form) => self.on_the_wire(encoded_pairs(form)),
            Body::Json(members) => self.on_the_wire(object(members)),
        };
        request.body(Bytes::from(body)).ok()
    }

    fn on_the_wire(&self, mut text: Vec<u8>) -> Vec<u8> {
        for (at, bytes) in &self.wire {
            let at = at % (text.len() + 1);
            text.splice(at..at, bytes.iter().copied());
        }
        text
    }

    /// The parameters that are changed: those of the body, or of the address.
    fn pairs(&mut self, chance: &mut Chance) -> &mut Pairs {
        match &mut self.body {
            Body::Form(pairs) | Body::Json(pairs) if chance.below(8) > 0 => pairs,
            _ => &mut self.query,
        }
    }

    /// As a value is written: in JSON as it is, as a string, or as a list of one.
    fn value(&self, bytes: Vec<u8>, chance: &mut Chance) -> Vec<u8> {
        let string = || text(&Value::from(String::from_utf8_lossy(&bytes)));
        match (&self.body, chance.below(3)) {
            (Body::Json(_), 0) => string(),
            (Body::Json(_), 1) => [&b"["[..], &string(), b"]"].concat(),
            _ => bytes,
        }
    }

    /// Does that to one of their values.
    fn change_value(&mut self, chance: &mut Chance, change: impl FnOnce(&mut Vec<u8>)) {
        let pairs = self.pairs(chance);
        let at = chance.below(pairs.len());
        if let Some((_, value)) = pairs.get_mut(at) {
            change(value);
        }
    }

    fn drop_one(&mut self, chance: &mut Chance) {
        let pairs = self.pairs(chance);
        if !pairs.is_empty() {
            pairs.remove(chance.below(pairs.len()));
        }
    }

    fn repeat_one(&mut self, chance: &mut Chance) {
        let pairs = self.pairs(chance);
        pairs.extend(pairs.get(chance.below(pairs.len())).cloned());
    }

    fn put_nasty(&mut self, chance: &mut Chance) {
        let nasty = self.value(chance.one_of(NASTY).to_vec(), chance);
        self.change_value(chance, |value| *value = nasty);
    }

    fn put_long(&mut self, chance: &mut Chance) {
        let some = [&b"a"[..], b"%", b" ", b"\xff", b"."];
        let long = chance.one_of(&some).repeat(1 + chance.below(9_000));
        let long = self.value(long, chance);
        self.change_value(chance, |value| *value = long);
    }

    fn rename_one(&mut self, chance: &mut Chance) {
        let name = chance.one_of(NAMES).to_vec();
        let pairs = self.pairs(chance);
        let at = chance.below(pairs.len());
        if let Some(pair) = pairs.get_mut(at) {
            pair.0 = name;
        }
    }

    fn flip(&mut self, chance: &mut Chance) {
        let (at, bit) = (chance.below(4_096), 1 << chance.below(8));
        self.change_value(chance, |value| {
            let length = value.len().max(1);
            if let Some(byte) = value.get_mut(at % length) {
                *byte ^= bit;
            }
        });
    }

    fn cut(&mut self, chance: &mut Chance) {
        let at = chance.below(4_096);
        self.change_value(chance, |value| value.truncate(at % (value.len() + 1)));
    }

    fn insert(&mut self, chance: &mut Chance) {
        let (at, byte) = (chance.below(4_096), chance.byte());
        self.change_value(chance, |value| value.insert(at % (value.len() + 1), byte));
    }

    fn swap(&mut self, chance: &mut Chance) {
        let pairs = self.pairs(chance);
        let (one, other) = (chance.below(pairs.len()), chance.below(pairs.len()));
        if let (Some(first), Some(second)) = (pairs.get(one).cloned(), pairs.get(other).cloned()) {
            (pairs[one].1, pairs[other].1) = (second.1, first.1);
        }
    }

    fn add_one(&mut self, chance: &mut Chance) {
        let value = self.value(chance.one_of(NASTY).to_vec(), chance);
        let pair = (chance.one_of(NAMES).to_vec(), value);
        self.pairs(chance).push(pair);
    }

    fn change_method(&mut self, chance: &mut Chance) {
        let method = chance.one_of(METHODS).parse();
        if !self.keeps_method {
            self.method = method.unwrap_or(Method::GET);
        }
    }

    fn drop_header(&mut self, chance: &mut Chance) {
        if !self.headers.is_empty() {
            self.headers.remove(chance.below(self.headers.len()));
        }
    }

    fn add_header(&mut self, chance: &mut Chance) {
        let (name, value) = HEADERS[chance.below(HEADERS.len())];
        self.headers.push((name.into(), value.into()));
    }

    fn change_header(&mut self, chance: &mut Chance) {
        let (at, byte) = (chance.below(self.headers.len()), chance.byte());
        if let Some((_, value)) = self.headers.get_mut(at) {
            value.insert(chance.below(value.len() + 1), byte);
        }
    }

    fn change_wire(&mut self, chance: &mut Chance) {
        let some =
            [&b"%"[..], b"%zz", b"&", b"&&", b"=", b"+", b";", b"?", b"#", b"%u0041", b"%C0%80"];
        self.wire.push((chance.below(4_096), chance.one_of(&some).to_vec()));
    }
}

fn owned(pairs: &[(&str, &str)]) -> Pairs {
    pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
}

/// As a form or a query has them.
fn encoded_pairs(pairs: &Pairs) -> Vec<u8> {
    let pair = |(name, value): &(Vec<u8>, Vec<u8>)| [encoded(name), encoded(value)].join(&b'=');
    pairs.iter().map(pair).collect::<Vec<_>>().join(&b'&')
}

/// As JSON has them.
fn object(members: &Pairs) -> Vec<u8> {
    let member = |(name, value): &(Vec<u8>, Vec<u8>)| [&b"\""[..], name, b"\":", value].concat();
    let members = members.iter().map(member).collect::<Vec<_>>().join(&b',');
    [&b"{"[..], &members, b"}"].concat()
}

fn text(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn encoded(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => text.push(*byte),
            other => text.extend(format!("%{other:02X}").bytes()),
        }
    }
    text
}
