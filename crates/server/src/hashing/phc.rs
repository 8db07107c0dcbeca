//! The text a hash is stored as (the PHC string format): `$argon2id$v=19$m=…,t=…,p=…$salt$output`.
//!
//! Only Argon2id of version 19 (RFC 9106) is known. Anything else, and anything that Argon2 could not
//! have made, is damage: it is told apart from a wrong password, since nobody can ever sign in with it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

use super::cost::Cost;

/// Bytes of salt and output as they are written.
pub(super) const SALT: usize = 16;
pub(super) const OUTPUT: usize = 32;

/// What is read, in bytes: RFC 9106 asks for 8 of salt; fewer than 128 bits of output are guessable.
const SALTS: std::ops::RangeInclusive<usize> = 8..=64;
const OUTPUTS: std::ops::RangeInclusive<usize> = 16..=128;

/// A stored hash.
pub(super) struct Phc {
    pub(super) cost: Cost,
    pub(super) salt: Vec<u8>,
    pub(super) output: Zeroizing<Vec<u8>>,
}

impl Phc {
    /// Reads a stored hash; nothing when it is damaged.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix("$argon2id$v=19$")?.split('$');
        let mut numbers = parts.next()?.split(',');
        let mut number = |name: &str| numbers.next()?.strip_prefix(name)?.parse().ok();
        let cost =
            Cost { memory: number("m=")?, iterations: number("t=")?, parallelism: number("p=")? };
        let salt = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
        let output = Zeroizing::new(STANDARD_NO_PAD.decode(parts.next()?).ok()?);
        let whole = numbers.next().is_none() && parts.next().is_none();
        let legal = SALTS.contains(&salt.len()) && OUTPUTS.contains(&output.len());
        (whole && legal).then_some(Self { cost, salt, output })
    }
}

/// Writes a hash.
pub(super) fn compose(cost: Cost, salt: &[u8], output: &[u8]) -> String {
    let Cost { memory, iterations, parallelism } = cost;
    let (salt, output) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(output));
    format!("$argon2id$v=19$m={memory},t={iterations},p={parallelism}${salt}${output}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let text = compose(Cost::default(), &[7; SALT], &[9; OUTPUT]);
        let read = Phc::parse(&text).expect("a hash");
        assert_eq!((read.cost, read.salt.as_slice()), (Cost::default(), &[7; SALT][..]));
        assert_eq!(read.output.as_slice(), &[9; OUTPUT]);
    }

    #[test]
    fn damage_is_not_a_hash() {
        let whole = compose(Cost::default(), &[7; SALT], &[9; OUTPUT]);
        assert!(Phc::parse(&whole).is_some());
        for length in 0..whole.len() - 22 {
            assert!(Phc::parse(&whole[..length]).is_none(), "{}", &whole[..length]);
        }
        let damages = [
            whole.replace("argon2id", "argon2i"),
            whole.replace("v=19", "v=16"),
            whole.replace("t=2,", ""),
            whole.replace("p=1", "p=1,q=2"),
            whole.replace("m=19456", "m=-1"),
            format!("{whole}$"),
            format!("{whole}="),
            compose(Cost::default(), &[7; 7], &[9; OUTPUT]),
            compose(Cost::default(), &[7; SALT], &[9; 15]),
        ];
        for damage in damages {
            assert!(Phc::parse(&damage).is_none(), "{damage}");
        }
    }
}
