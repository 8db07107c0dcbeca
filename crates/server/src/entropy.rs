//! Randomness enters here, and nowhere below: the rules get it as a value.
#![expect(clippy::disallowed_types, reason = "a stock of random bytes that nobody has met yet")]

use std::cell::RefCell;

/// Bytes that a thread asks the operating system for at once, for [`identifier`].
const STOCK: usize = 512;

/// Random bytes from the operating system.
///
/// # Panics
/// When the system has none to give; no answer would be safe then.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place of this crate where randomness enters"
)]
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

thread_local! {
    static UNUSED: RefCell<Stock> = const { RefCell::new(Stock { bytes: [0; STOCK], left: 0 }) };
}

struct Stock {
    bytes: [u8; STOCK],
    left: usize,
}

/// Sixteen random bytes to tell one thing from another by, never to keep a secret with: they come from
/// a stock that waits in memory, so that a request is not a call of the operating system more.
pub(crate) fn identifier() -> [u8; 16] {
    UNUSED.with_borrow_mut(|stock| {
        if stock.left < 16 {
            stock.bytes = bytes();
            stock.left = STOCK;
        }
        stock.left -= 16;
        let mut identifier = [0; 16];
        identifier.copy_from_slice(&stock.bytes[stock.left..stock.left + 16]);
        identifier
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "stocks belong to threads")]
    fn no_identifier_is_given_twice_whichever_thread_asks() {
        let ask = || (0..1000).map(|_| identifier()).collect::<Vec<_>>();
        let others = std::thread::spawn(ask).join().expect("a thread");
        let all: HashSet<_> = ask().into_iter().chain(others).collect();
        assert_eq!(all.len(), 2000);
        assert!(!all.contains(&[0; 16]));
    }
}
