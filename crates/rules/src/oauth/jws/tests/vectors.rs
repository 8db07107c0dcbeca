//! Signatures that verifiers elsewhere took for right (the families of Project Wycheproof), made here for keys of our
//! own; and the tokens of the RFCs that are none of ours.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaPair;
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
    RSA_PSS_SHA384, RsaEncoding, RsaPublicKeyComponents,
};

use super::*;

const HEADER: &str = r#"{"alg":"NAME","typ":"at+jwt"}"#;

/// RFC 7520 §3.3 and §4.1: the key and the signature.
const BILBO: &str = r#"{"kty":"RSA","kid":"bilbo.baggins@hobbiton.example","use":"sig","n":"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw","e":"AQAB"}"#;
const ROAD: &str = "It\u{2019}s a dangerous business, Frodo, going out your door. You step onto the road, and if \
    you don't keep your feet, there\u{2019}s no knowing where you might be swept off to.";
const BILBO_SIGNED: &str = "MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg";

/// The order of P-256 (SEC 2 §2.4.2) and of Ed25519 (RFC 8032 §5.1, little-endian), and the prime of P-256.
const P256_ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const P256_PRIME: &str = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
const ED25519_ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

pub(super) fn hex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("two digits");
    (0..text.len()).step_by(2).map(digit).collect()
}

/// `a + b` or `a - b` of big-endian numbers of one length, without what does not fit.
fn combined(a: &[u8], b: &[u8], subtract: bool) -> Vec<u8> {
    let (mut result, mut carry) = (vec![0; a.len()], 0_i16);
    for at in (0..a.len()).rev() {
        let sign = if subtract { -1 } else { 1 };
        let sum = i16::from(a[at]) + sign * i16::from(b[at]) + carry;
        result[at] = sum.rem_euclid(256) as u8;
        carry = sum.div_euclid(256);
    }
    result
}

/// What is signed, and by which key.
struct Made {
    key: SigningKey,
    signed: String,
    signature: Vec<u8>,
}

impl Made {
    fn new(key: SigningKey) -> Self {
        let header = HEADER.replace("NAME", key.algorithm().name());
        let signed = format!("{}.{}", encode(header), encode(r#"{"sub":"a"}"#));
        let signature = key.signature(signed.as_bytes());
        let made = Self { key, signed, signature };
        assert_eq!(made.judge(&made.signature), Ok(()));
        made
    }

    fn judge(&self, signature: &[u8]) -> Result<(), BadJws> {
        check(&format!("{}.{}", self.signed, encode(signature)), &self.key).map(drop)
    }

    fn refuses(&self, what: &str, signature: &[u8]) {
        assert_eq!(self.judge(signature), Err(BadJws::Forged), "{what}");
    }

    /// Shorter, longer, none, and nothing but one bit.
    fn refuses_other_lengths(&self) {
        let all = self.signature.as_slice();
        self.refuses("none", &[]);
        self.refuses("one byte", &[0]);
        self.refuses("without its first byte", &all[1..]);
        self.refuses("without its last byte", &all[..all.len() - 1]);
        self.refuses("a leading zero", &[&[0], all].concat());
        self.refuses("a trailing zero", &[all, &[0]].concat());
        self.refuses("twice", &[all, all].concat());
        self.refuses("zeros", &vec![0; all.len()]);
        self.refuses("ones", &vec![0xff; all.len()]);
        for bit in 0..all.len() * 8 {
            let mut flipped = all.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            self.refuses("one bit", &flipped);
        }
    }
}

/// RFC 7518 §3.4: two numbers of 32 bytes, each at least one and below the order.
#[test]
fn a_signature_of_ecdsa_is_two_numbers_in_their_range_and_nothing_else() {
    let made = Made::new(key(Algorithm::ES256));
    let (r, s) = made.signature.split_at(32);
    let (order, prime) = (hex(P256_ORDER), hex(P256_PRIME));
    let (mut one, zero) = (vec![0; 32], vec![0; 32]);
    one[31] = 1;
    let below = combined(&order, &one, true);
    let numbers = [&zero, &one, &order, &below, &prime];
    for other in numbers {
        made.refuses("another r", &[other, s].concat());
        made.refuses("another s", &[r, other].concat());
        for second in numbers {
            made.refuses("neither", &[other.as_slice(), second.as_slice()].concat());
        }
    }
    made.refuses("the other way around", &[s, r].concat());
    made.refuses("as long as of P-384", &[&[0; 16], r, &[0; 16], s].concat());
    let number = |number: &[u8]| [&[2, 33, 0], number].concat();
    let der = [vec![48, 70], number(r), number(s)].concat();
    made.refuses("as X.509 has it", &der);
    made.refuses("as X.509 has it, cut", &der[..64]);
    made.refuses_other_lengths();
    // Another signature of the same for the same: right by ECDSA, so nothing may be known by its signature.
    assert_eq!(made.judge(&[r, &combined(&order, s, true)].concat()), Ok(()));
}

/// RFC 8032 §5.1.7: the second half is below the order.
#[test]
fn a_signature_of_ed25519_is_written_in_one_way_only() {
    let made = Made::new(key(Algorithm::EdDSA));
    let (point, scalar) = made.signature.split_at(32);
    let reversed = |bytes: &[u8]| bytes.iter().rev().copied().collect::<Vec<_>>();
    let order = hex(ED25519_ORDER);
    let more = reversed(&combined(&reversed(scalar), &reversed(&order), false));
    made.refuses("the order more", &[point, &more].concat());
    made.refuses("the order itself", &[point, &order].concat());
    let mut neutral = vec![0; 32];
    neutral[0] = 1;
    for other in [vec![0; 32], neutral, order.clone()] {
        made.refuses("another point", &[&other, scalar].concat());
        made.refuses("nothing but points", &[other.as_slice(), &[0; 32]].concat());
    }
    made.refuses("the other way around", &[scalar, point].concat());
    made.refuses_other_lengths();
}

/// RFC 8017 §8.2.2: one padding, one digest, as many bytes as the modulus.
#[test]
fn a_signature_of_rsa_has_the_padding_and_the_digest_of_its_algorithm() {
    let (key, pkcs8) = SigningKey::generate(Algorithm::RS256).expect("a new key");
    let pair = RsaPair::from_pkcs8(&pkcs8).expect("the same key");
    let made = Made::new(key);
    let others: [(&str, &'static dyn RsaEncoding); 3] =
        [("PS256", &RSA_PSS_SHA256), ("RS384", &RSA_PKCS1_SHA384), ("RS512", &RSA_PKCS1_SHA512)];
    for (name, encoding) in others {
        let mut signature = vec![0; made.signature.len()];
        let signed = made.signed.as_bytes();
        pair.sign(encoding, &SystemRandom::new(), signed, &mut signature).expect("a signature");
        made.refuses(name, &signature);
    }
    let parts = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
    let mut one = vec![0; parts.n.len()];
    *one.last_mut().expect("bytes") = 1;
    made.refuses("one", &one);
    made.refuses("the modulus", &parts.n);
    made.refuses("one below the modulus", &combined(&parts.n, &one, true));
    made.refuses("the modulus more", &combined(&parts.n, &made.signature, false));
    made.refuses_other_lengths();
}

/// RFC 7518 §3.5: an application may sign with PSS, by a key that is for it, and one that brings its key along too.
#[test]
fn a_signature_with_pss_is_right_by_a_key_that_is_for_it_and_by_no_other() {
    let (key, pkcs8) = SigningKey::generate(Algorithm::RS256).expect("a new key");
    let pair = RsaPair::from_pkcs8(&pkcs8).expect("the same key");
    let mut jwk = key.public().to_json();
    let members = jwk.as_object_mut().expect("an object");
    members.remove("alg");
    let token = |encoding: &'static dyn RsaEncoding, typ: &str| {
        let header = encode(json!({ "alg": "PS256", "typ": typ, "jwk": jwk }).to_string());
        let signed = format!("{header}.{CLAIMS}");
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(encoding, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .expect("a signature");
        format!("{signed}.{}", encode(signature))
    };
    let [pkcs1, pss] = [Algorithm::RS256, Algorithm::PS256]
        .map(|algorithm| PublicKey::for_algorithm(&jwk, algorithm).expect("either"));
    let text = token(&RSA_PSS_SHA256, "JWT");
    let judged = |text: &str, key: &PublicKey| {
        verify(text, Typ::ClientAssertion, |_, _| Some(key)).map(|found| found.header.algorithm)
    };
    assert_eq!(judged(&text, &pss), Ok(Algorithm::PS256));
    assert_eq!(judged(&text, &pkcs1), Err(BadJws::UnknownKey));
    let padded = token(&RSA_PKCS1_SHA256, "JWT");
    assert_eq!(judged(&padded, &pss), Err(BadJws::Forged), "of the other padding");
    assert_eq!(judged(&token(&RSA_PSS_SHA384, "JWT"), &pss), Err(BadJws::Forged));
    let proof = verify_embedded(&token(&RSA_PSS_SHA256, "dpop+jwt"), Typ::DpopProof);
    assert_eq!(proof.expect("a proof").0.thumbprint(), key.public().thumbprint());
    let forged = verify_embedded(&token(&RSA_PKCS1_SHA256, "dpop+jwt"), Typ::DpopProof);
    assert_eq!(forged.map(|_| ()), Err(BadJws::Forged));
}

#[test]
fn the_signature_of_the_cookbook_is_right_and_its_token_is_of_no_type_of_ours() {
    let key = PublicKey::parse(BILBO).expect("RFC 7520 §3.3");
    assert_eq!(key.kid(), "bilbo.baggins@hobbiton.example");
    let header = encode(r#"{"alg":"RS256","kid":"bilbo.baggins@hobbiton.example"}"#);
    let signed = format!("{header}.{}", encode(ROAD));
    let signature = decode(BILBO_SIGNED);
    assert!(key.verifies(signed.as_bytes(), &signature));
    assert!(!key.verifies(signed.replacen('S', "T", 1).as_bytes(), &signature));
    let text = format!("{signed}.{BILBO_SIGNED}");
    for typ in [Typ::IdToken, Typ::AccessToken, Typ::Introspection] {
        assert_eq!(verify(&text, typ, |_, _| Some(&key)), Err(BadJws::Type));
    }
}

/// Those of RFC 7515 (A.1, A.4, A.5), RFC 7520 (§4.2 to §4.4), RFC 7797 §4.2 and RFC 8725 §2.1, by their headers:
/// whatever is signed otherwise, or not at all, is refused before a key is looked for.
#[test]
fn tokens_of_the_rfcs_that_are_signed_otherwise_are_refused_before_a_key_is_looked_for() {
    for header in [
        "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}",
        r#"{"alg":"ES512"}"#,
        r#"{"alg":"none"}"#,
        r#"{"alg":"PS384","kid":"bilbo.baggins@hobbiton.example"}"#,
        r#"{"alg":"ES512","kid":"bilbo.baggins@hobbiton.example"}"#,
        r#"{"alg":"HS256","kid":"018c0ae5-4d9b-471b-bfd6-eef314bc7037"}"#,
        r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#,
        r#"{"alg":"RS256 ","typ":"JWT"}"#,
        r#"{"alg":"dir","enc":"A128CBC-HS256"}"#,
    ] {
        let text = format!("{}.{CLAIMS}.{}", encode(header), encode([1; 64]));
        let judged = verify(&text, Typ::IdToken, |_, _| panic!("a key for {header}"));
        assert_eq!(judged, Err(BadJws::Algorithm), "{header}");
    }
}
