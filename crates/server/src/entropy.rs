//! Randomness enters here, and nowhere below: the rules get it as a value.

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
