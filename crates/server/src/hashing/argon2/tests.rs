//! The two implementations against each other, and both against what is published.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn digest(by: Implementation, cost: Cost, input: (&[u8], &[u8]), length: usize) -> Vec<u8> {
    let mut output = vec![0; length];
    Argon2::new(by).digest(cost, input.0, input.1, &mut output).expect("possible");
    output
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Lanes, passes and at least eight blocks a lane, up to 512 KiB; small memory is where odd lengths are.
fn costs() -> impl Strategy<Value = Cost> {
    let numbers = (1u32..=4, 1u32..=4, prop_oneof![0u32..=64, 0u32..=480]);
    numbers.prop_map(|(parallelism, iterations, more)| Cost {
        memory: 8 * parallelism + more,
        iterations,
        parallelism,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn both_implementations_give_the_same_output(
        cost in costs(),
        password in vec(any::<u8>(), 0..=300),
        salt in vec(any::<u8>(), 8..=64),
        length in 4usize..=128,
    ) {
        let input = (password.as_slice(), salt.as_slice());
        let fast = digest(Implementation::Fast, cost, input, length);
        prop_assert_eq!(fast, digest(Implementation::Portable, cost, input, length));
    }

    /// What one hash left in the memory must not reach the next, larger or smaller.
    #[test]
    fn memory_that_was_used_before_changes_no_output(
        hashes in vec((costs(), vec(any::<u8>(), 0..=80), 4usize..=80), 1..6),
        by in prop_oneof![Just(Implementation::Fast), Just(Implementation::Portable)],
    ) {
        let mut reused = Argon2::new(by);
        for (cost, password, length) in hashes {
            let mut output = vec![0; length];
            reused.digest(cost, &password, b"the same", &mut output).expect("possible");
            prop_assert_eq!(output, digest(by, cost, (&password, b"the same"), length));
        }
    }
}

/// Large enough for memory of the operating system's own pages, which small hashes do not take.
#[test]
fn both_agree_at_the_costs_that_are_used() {
    for (memory, iterations, parallelism) in [(19_456, 2, 1), (12_288, 3, 1), (9_216, 4, 3)] {
        let cost = Cost { memory, iterations, parallelism };
        let input: (&[u8], &[u8]) = (b"correct horse", b"sixteen bytes of");
        let fast = digest(Implementation::Fast, cost, input, 32);
        assert_eq!(fast, digest(Implementation::Portable, cost, input, 32), "{cost:?}");
    }
}

/// Every vector for argon2id of version 19 in `test.c` of the reference implementation but the one of
/// 256 MiB.
#[test]
fn both_agree_with_the_reference_implementation() {
    let vectors = [
        (
            65_536,
            2,
            1,
            "password",
            "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7",
        ),
        (256, 2, 1, "password", "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"),
        (256, 2, 2, "password", "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037"),
        (
            65_536,
            1,
            1,
            "password",
            "f6a5adc1ba723dddef9b5ac1d464e180fcd9dffc9d1cbf76cca2fed795d9ca98",
        ),
        (
            65_536,
            4,
            1,
            "password",
            "9025d48e68ef7395cca9079da4c4ec3affb3c8911fe4f86d1a2520856f63172c",
        ),
        (
            65_536,
            2,
            1,
            "differentpassword",
            "0b84d652cf6b0c4beaef0dfe278ba6a80df6696281d7e0d2891b817d8c458fde",
        ),
    ];
    for by in [Implementation::Fast, Implementation::Portable] {
        for (memory, iterations, parallelism, password, expected) in vectors {
            let cost = Cost { memory, iterations, parallelism };
            let output = digest(by, cost, (password.as_bytes(), b"somesalt"), 32);
            assert_eq!(hex(&output), expected, "{by:?} {cost:?}");
        }
        let cost = Cost { memory: 65_536, iterations: 2, parallelism: 1 };
        let output = digest(by, cost, (b"password", b"diffsalt"), 32);
        let expected = "bdf32b05ccc42eb15d58fd19b1f856b113da1e9a5874fdcc544308565aa8141c";
        assert_eq!(hex(&output), expected, "{by:?}");
    }
}

/// RFC 9106 §5.3 uses a secret and associated data, which passwords here do not have: so both crates
/// are asked past our interface.
#[test]
fn both_agree_with_rfc_9106() {
    let expected = "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659";
    let (password, salt, secret, data) = ([1; 32], [2; 16], [3; 8], [4; 12]);

    let params = argon2_rust::Params::builder().memory(Memory::kib(32)).passes(3).lanes(4);
    let mut tag = [0; 32];
    fast(params.threads(1).build().expect("possible"))
        .hasher()
        .hash_into_with_ad(&password, &salt, &secret, &data, &mut tag)
        .expect("possible");
    assert_eq!(hex(&tag), expected);

    let mut params = argon2::ParamsBuilder::new();
    params.m_cost(32).t_cost(3).p_cost(4);
    params.data(argon2::AssociatedData::new(&data).expect("short enough"));
    let params = params.build().expect("possible");
    let algorithm = argon2::Algorithm::Argon2id;
    let mut tag = [0; 32];
    argon2::Argon2::new_with_secret(&secret, algorithm, Version::V0x13, params)
        .expect("short enough")
        .hash_password_into(&password, &salt, &mut tag)
        .expect("possible");
    assert_eq!(hex(&tag), expected);
}

#[test]
fn what_argon2_does_not_know_is_refused_by_both() {
    let cost = Cost { memory: 64, iterations: 1, parallelism: 1 };
    let impossible = [
        (Cost { memory: 4, ..cost }, 8, 32),
        (Cost { iterations: 0, ..cost }, 8, 32),
        (Cost { parallelism: 0, ..cost }, 8, 32),
        (Cost { parallelism: 9, ..cost }, 8, 32),
        (cost, 7, 32),
        (cost, 8, 3),
    ];
    for by in [Implementation::Fast, Implementation::Portable] {
        for (cost, salt, length) in impossible {
            let (salt, mut output) = (vec![0; salt], vec![0; length]);
            let outcome = Argon2::new(by).digest(cost, b"password", &salt, &mut output);
            assert_eq!(outcome, Err(Failure::Impossible), "{by:?} {cost:?} {length}");
        }
    }
}

#[test]
fn the_fast_one_is_used_only_if_it_agrees_with_the_portable_one() {
    let (one, other) = (Some([1; 32]), Some([2; 32]));
    assert_eq!(choose(one, one), Implementation::Fast);
    for (fast, portable) in [(one, other), (None, one), (one, None), (None, None)] {
        assert_eq!(choose(fast, portable), Implementation::Portable);
    }
    assert_eq!(Implementation::Fast.checked(), Implementation::Fast, "on this machine");
    assert_eq!(Implementation::Portable.checked(), Implementation::Portable);
}
