//! What is asked and what counts as a good answer.

use std::sync::Arc;

use super::answer::Answer;
use crate::chance::Chance;
use crate::fill::{PASSWORD, People, person};

/// Every so many-th answer is also looked at closely.
pub(super) const SAMPLE: usize = 64;

/// Makes requests and judges their answers.
pub(crate) trait Asking {
    /// Writes the next request to the empty buffer; the number it is judged by later.
    fn compose(&mut self, request: &mut Vec<u8>) -> usize;

    /// Whether the answer to request `whose` is what it should be.
    fn judge(&mut self, whose: usize, answer: &Answer<'_>) -> Result<(), String>;
}

/// The people in a random order, over and over: each is met before any is met again.
pub(super) struct Round {
    order: Vec<u32>,
    next: usize,
}

impl Round {
    pub(super) fn of(people: impl Iterator<Item = u32>, chance: &mut Chance) -> Self {
        let mut order: Vec<u32> = people.collect();
        chance.shuffle(&mut order);
        Self { order, next: 0 }
    }

    pub(super) fn step(&mut self) -> u32 {
        let person = self.order[self.next];
        self.next = (self.next + 1) % self.order.len();
        person
    }
}

/// `GET /data`, each time by another person.
pub(crate) struct Reads {
    people: Arc<People>,
    round: Round,
    judged: usize,
}

impl Reads {
    pub(crate) fn of(people: &Arc<People>) -> Self {
        let round = Round::of(0..people.count(), &mut Chance::seeded(1));
        Self { people: Arc::clone(people), round, judged: 0 }
    }
}

impl Asking for Reads {
    fn compose(&mut self, request: &mut Vec<u8>) -> usize {
        let person = self.round.step();
        request.extend_from_slice(b"GET /data HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ");
        request.extend_from_slice(self.people.token(person).as_bytes());
        request.extend_from_slice(b"\r\n\r\n");
        person as usize
    }

    fn judge(&mut self, whose: usize, answer: &Answer<'_>) -> Result<(), String> {
        let wanted = self.people.answer_length();
        if answer.status != 200 || answer.body.len() != wanted {
            return Err(unexpected(answer, &format!("200 and {wanted} bytes")));
        }
        self.judged += 1;
        if self.judged.is_multiple_of(SAMPLE) {
            let number = self.people.number(u32::try_from(whose).unwrap_or_default());
            let head = format!("{{\"user\":{{\"id\":\"{}\"", person::user_id(number));
            if !answer.body.starts_with(head.as_bytes()) {
                return Err(unexpected(answer, &head));
            }
        }
        Ok(())
    }
}

/// `POST /login`, each time by another person.
pub(crate) struct Logins {
    round: Round,
}

impl Logins {
    pub(crate) fn of(people: &People) -> Self {
        let numbers = (0..people.count()).map(|index| people.number(index));
        Self { round: Round::of(numbers, &mut Chance::seeded(2)) }
    }
}

impl Asking for Logins {
    fn compose(&mut self, request: &mut Vec<u8>) -> usize {
        let person = self.round.step();
        let body =
            format!("{{\"username\":\"{}\",\"password\":\"{PASSWORD}\"}}", person::name(person));
        let head = format!(
            "POST /login HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        request.extend_from_slice(head.as_bytes());
        request.extend_from_slice(body.as_bytes());
        person as usize
    }

    fn judge(&mut self, whose: usize, answer: &Answer<'_>) -> Result<(), String> {
        let name = person::name(u32::try_from(whose).unwrap_or(u32::MAX));
        let says_who = || String::from_utf8_lossy(answer.body).contains(&name);
        if answer.status == 200 && answer.body.starts_with(b"{\"token\":\"ths_") && says_who() {
            return Ok(());
        }
        Err(unexpected(answer, &format!("a token for {name}")))
    }
}

/// Logins of which most are refused: 200 and the refusals that a flood may meet are good answers.
pub(crate) struct Flood(pub(crate) Logins);

impl Asking for Flood {
    fn compose(&mut self, request: &mut Vec<u8>) -> usize {
        self.0.compose(request)
    }

    fn judge(&mut self, whose: usize, answer: &Answer<'_>) -> Result<(), String> {
        match answer.status {
            429 | 503 => Ok(()),
            _ => self.0.judge(whose, answer),
        }
    }
}

/// The bare yardstick: a request as long as that of [`Reads`], an answer of a known length.
pub(crate) struct Same {
    pub(crate) token: String,
    pub(crate) answer_length: usize,
}

impl Asking for Same {
    fn compose(&mut self, request: &mut Vec<u8>) -> usize {
        request.extend_from_slice(b"GET /data HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ");
        request.extend_from_slice(self.token.as_bytes());
        request.extend_from_slice(b"\r\n\r\n");
        0
    }

    fn judge(&mut self, _: usize, answer: &Answer<'_>) -> Result<(), String> {
        if answer.status == 200 && answer.body.len() == self.answer_length {
            return Ok(());
        }
        Err(unexpected(answer, &format!("200 and {} bytes", self.answer_length)))
    }
}

/// What a browser sends that asks for a page on its own machine.
const BROWSER: &[u8] = b" HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/html,*/*;q=0.8\r\n\
    accept-language: de-AT,de;q=0.9,en;q=0.5\r\n";

/// The sign-in page, by somebody who has not been there.
pub(crate) struct SignIns;

impl Asking for SignIns {
    fn compose(&mut self, request: &mut Vec<u8>) -> usize {
        request.extend_from_slice(b"GET /login");
        request.extend_from_slice(BROWSER);
        request.extend_from_slice(b"\r\n");
        0
    }

    fn judge(&mut self, _: usize, answer: &Answer<'_>) -> Result<(), String> {
        page(answer, "autocomplete=\"current-password\"")
    }
}

/// The account, each time of another person who is signed in.
pub(crate) struct Accounts {
    people: Arc<People>,
    round: Round,
}

impl Accounts {
    pub(crate) fn of(people: &Arc<People>) -> Self {
        let round = Round::of(0..people.count(), &mut Chance::seeded(3));
        Self { people: Arc::clone(people), round }
    }
}

impl Asking for Accounts {
    fn compose(&mut self, request: &mut Vec<u8>) -> usize {
        let person = self.round.step();
        request.extend_from_slice(b"GET /account");
        request.extend_from_slice(BROWSER);
        request.extend_from_slice(b"cookie: tokenhouse-session=");
        request.extend_from_slice(self.people.token(person).as_bytes());
        request.extend_from_slice(b"\r\n\r\n");
        person as usize
    }

    fn judge(&mut self, whose: usize, answer: &Answer<'_>) -> Result<(), String> {
        let number = self.people.number(u32::try_from(whose).unwrap_or_default());
        page(answer, &person::name(number))
    }
}

fn page(answer: &Answer<'_>, with: &str) -> Result<(), String> {
    let wanted = with.as_bytes();
    let is_there = || answer.body.windows(wanted.len()).any(|part| part == wanted);
    match answer.status == 200 && is_there() {
        true => Ok(()),
        false => Err(unexpected(answer, &format!("a page with {with}"))),
    }
}

pub(super) fn unexpected(answer: &Answer<'_>, wanted: &str) -> String {
    let body = String::from_utf8_lossy(answer.body);
    let body: String = body.chars().take(200).collect();
    format!("{} of {} bytes instead of {wanted}: {body}", answer.status, answer.body.len())
}
