"""Has three libraries verify tokens, each by its own reading of the specifications: joserfc, PyJWT, jwcrypto.

Reads {jwks, issuer, tokens: [{token, algorithm, typ, audience}]}; says {library: how many it verified}. A token that was
changed, or that is for somebody else, has to be refused by each.
"""

import json
import sys

import jwt as pyjwt
from joserfc import jwt as joserfc_jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from jwcrypto import jwk as jwcrypto_jwk
from jwcrypto import jwt as jwcrypto_jwt
from jwcrypto.common import JWException


def by_joserfc(jwks, issuer, wanted):
    token = joserfc_jwt.decode(
        wanted["token"], KeySet.import_key_set(jwks), algorithms=[wanted["algorithm"]]
    )
    rules = {name: {"essential": True} for name in ["iat"]}
    rules["iss"] = {"essential": True, "value": issuer}
    rules["aud"] = {"essential": True, "value": wanted["audience"]}
    joserfc_jwt.JWTClaimsRegistry(leeway=5, **rules).validate(token.claims)
    return token.header, token.claims


def by_pyjwt(jwks, issuer, wanted):
    header = pyjwt.get_unverified_header(wanted["token"])
    key = pyjwt.PyJWKSet.from_dict(jwks)[header["kid"]]
    claims = pyjwt.decode(
        wanted["token"],
        key,
        algorithms=[wanted["algorithm"]],
        issuer=issuer,
        audience=wanted["audience"],
        leeway=5,
        options={"require": ["iss", "aud", "iat"]},
    )
    return header, claims


def by_jwcrypto(jwks, issuer, wanted):
    token = jwcrypto_jwt.JWT(
        jwt=wanted["token"],
        key=jwcrypto_jwk.JWKSet.from_json(json.dumps(jwks)),
        algs=[wanted["algorithm"]],
        expected_type="JWS",
        check_claims={"iss": issuer, "aud": wanted["audience"], "iat": None},
    )
    return json.loads(token.header), json.loads(token.claims)


LIBRARIES = {
    "joserfc": (by_joserfc, (JoseError, ValueError)),
    "PyJWT": (by_pyjwt, pyjwt.PyJWTError),
    "jwcrypto": (by_jwcrypto, (JWException, ValueError)),
}


def changed(token):
    """The token with another signature: one bit of it, away from the end."""
    head, body, signature = token.split(".")
    other = "A" if signature[10] != "A" else "B"
    return ".".join([head, body, signature[:10] + other + signature[11:]])


def main():
    asked = json.loads(sys.stdin.readline())
    counts = dict.fromkeys(LIBRARIES, 0)
    for name, (verify, refusal) in LIBRARIES.items():
        for wanted in asked["tokens"]:
            header, claims = verify(asked["jwks"], asked["issuer"], wanted)
            assert header["typ"] == wanted["typ"] and header["alg"] == wanted["algorithm"], header
            assert claims["iss"] == asked["issuer"]
            counts[name] += 1
            for bad in [{"token": changed(wanted["token"])}, {"audience": "somebody else"}]:
                try:
                    verify(asked["jwks"], asked["issuer"], {**wanted, **bad})
                except refusal:
                    continue
                raise AssertionError(f"{name} took what it should not: {bad}")
    print(json.dumps(counts))


main()
