//! When a request first came: an instant under a MAC, which the browser carries through the pages.
//!
//! It is bound to the other parameters of its request, so that one of another request is worth nothing. The
//! languages are no part of it, as she may choose another one on the way.

use aws_lc_rs::digest::{Context, SHA256};

use super::super::form::Parameters;
use crate::keys::RootSecret;
use crate::keys::sealed::{self, Kind};
use crate::time::Timestamp;

/// The parameter in which it travels.
pub const ASKED_AT: &str = "asked_at";

const KIND: Kind = Kind { prefix: "", key: |key| &key.authorize_mark };
const INSTANT: usize = 8;
const BOUND: usize = 16;
/// What may differ between a request that comes and one that comes back.
const FREE: &[&str] = &[ASKED_AT, "ui_locales"];

/// Marks a request that comes for the first time.
pub fn request_mark(root: &RootSecret, now: Timestamp, parameters: &Parameters) -> String {
    let mut content = [0; INSTANT + BOUND];
    content[..INSTANT].copy_from_slice(&now.micros().to_be_bytes());
    content[INSTANT..].copy_from_slice(&bound(parameters));
    sealed::seal(&KIND, &content, root).to_string()
}

/// When a request first came, by its mark; nothing for one of another request, or of none.
pub fn request_mark_time(
    root: &RootSecret,
    mark: &str,
    parameters: &Parameters,
) -> Option<Timestamp> {
    let content = sealed::open::<{ INSTANT + BOUND }>(&KIND, mark, root)?;
    let mut micros = [0; INSTANT];
    micros.copy_from_slice(&content[..INSTANT]);
    // Under the MAC, so there is nothing to be learnt from how long this takes.
    let same = content[INSTANT..] == bound(parameters);
    same.then(|| Timestamp::from_micros(i64::from_be_bytes(micros)))
}

/// A digest of names and values in their order, each with its length before it.
fn bound(parameters: &Parameters) -> [u8; BOUND] {
    let mut context = Context::new(&SHA256);
    for (name, value) in parameters.pairs().filter(|(name, _)| !FREE.contains(name)) {
        for text in [name, value] {
            context.update(&(text.len() as u64).to_be_bytes());
            context.update(text.as_bytes());
        }
    }
    let mut bound = [0; BOUND];
    bound.copy_from_slice(&context.finish().as_ref()[..BOUND]);
    bound
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
    const OTHER: &str = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA";
    const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_123_456);

    fn root(text: &str) -> RootSecret {
        RootSecret::parse(text).expect("a root secret")
    }

    fn request(query: &str) -> Parameters {
        Parameters::gather(query.as_bytes()).expect("parameters")
    }

    #[test]
    fn a_mark_comes_back_with_its_request_to_the_microsecond() {
        let root = root(&format!("k1:{KEY}"));
        let first = request("client_id=notes&state=a&ui_locales=de");
        let mark = request_mark(&root, NOW, &first);
        let again = request(&format!("client_id=notes&state=a&{ASKED_AT}={mark}"));
        assert_eq!(request_mark_time(&root, &mark, &again), Some(NOW));
    }

    #[test]
    fn a_mark_is_worth_nothing_for_another_request() {
        let root = root(&format!("k1:{KEY}"));
        let mark = request_mark(&root, NOW, &request("client_id=notes&state=a"));
        for other in ["client_id=notes&state=b", "state=a&client_id=notes", "client_id=notes", ""] {
            assert_eq!(request_mark_time(&root, &mark, &request(other)), None, "{other}");
        }
        let shifted = request_mark(&root, NOW, &request("a=bc&d=e"));
        assert_eq!(request_mark_time(&root, &shifted, &request("ab=c&d=e")), None);
    }

    #[test]
    fn every_key_of_the_list_reads_and_nothing_altered_is_read() {
        let (old, both) = (root(&format!("k1:{KEY}")), root(&format!("k2:{OTHER},k1:{KEY}")));
        let request = request("client_id=notes");
        let mark = request_mark(&old, NOW, &request);
        assert_eq!(request_mark_time(&both, &mark, &request), Some(NOW));
        let newer = request_mark(&both, NOW, &request);
        assert_eq!(request_mark_time(&old, &newer, &request), None);
        for place in 0..mark.len() {
            let mut bytes = mark.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(request_mark_time(&old, &altered, &request), None, "{place}");
        }
        assert_eq!(request_mark_time(&old, "", &request), None);
    }
}
