"""Authlib as an application on a server: everything from sign-in to revocation, for each client it is given.

Reads {issuer, callback, clients: [{id, secret, algorithm}]} from the first line. Says which address a person is to be
sent to as {"go": address}, and reads from the next line where she came back; at last says {"tokens": [...]}.
"""

import json
import os
import sys

# Authlib refuses http otherwise; the servers of the tests are on this machine.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

SCOPE = "openid profile email"


def say(what):
    print(json.dumps(what), flush=True)


def session_of(asked, client, metadata):
    return OAuth2Session(
        client["id"],
        client["secret"],
        scope=SCOPE,
        redirect_uri=asked["callback"],
        token_endpoint=metadata["token_endpoint"],
        code_challenge_method="S256",
    )


def sign_in(session, metadata, algorithm):
    """Sends a person away, and takes her back; the tokens."""
    verifier, nonce = generate_token(48), generate_token(24)
    address, state = session.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce
    )
    say({"go": address})
    back = sys.stdin.readline().strip()
    tokens = session.fetch_token(authorization_response=back, state=state, code_verifier=verifier)
    keys = KeySet.import_key_set(session.request("GET", metadata["jwks_uri"], withhold_token=True).json())
    token = jwt.decode(tokens["id_token"], keys, algorithms=[algorithm])
    options = {"iss": {"values": [metadata["issuer"]]}, "aud": {"value": session.client_id}}
    params = {"nonce": nonce, "client_id": session.client_id, "access_token": tokens["access_token"]}
    claims = CodeIDToken(token.claims, token.header, options, params)
    claims.validate(leeway=5)
    return tokens, claims


def whole(asked, client, metadata):
    """All that an application does; the tokens that others are to verify."""
    session = session_of(asked, client, metadata)
    tokens, claims = sign_in(session, metadata, client["algorithm"])
    person = session.get(metadata["userinfo_endpoint"]).json()
    assert person["sub"] == claims["sub"] and person["email"] == "ada@example.org", person
    seen = [("id", tokens["id_token"]), ("access", tokens["access_token"])]
    for _ in range(3):
        former = session.token["refresh_token"]
        tokens = session.refresh_token(metadata["token_endpoint"])
        assert tokens["refresh_token"] != former
        seen.append(("access", tokens["access_token"]))
    worth = introspect(session, metadata, "application/json").json()
    assert worth["active"] and worth["sub"] == claims["sub"], worth
    signed = introspect(session, metadata, "application/token-introspection+jwt")
    seen.append(("introspection", signed.text))
    revoke(session, metadata)
    return [{"kind": kind, "token": token, **client} for kind, token in seen]


def introspect(session, metadata, accept):
    answer = session.introspect_token(
        metadata["introspection_endpoint"],
        token=session.token["access_token"],
        token_type_hint="access_token",
        headers={"Accept": accept, "Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.headers["Content-Type"] == accept, answer.headers
    return answer


def revoke(session, metadata):
    refresh_token = session.token["refresh_token"]
    answer = session.revoke_token(
        metadata["revocation_endpoint"], token=refresh_token, token_type_hint="refresh_token"
    )
    assert answer.status_code == 200, answer.text
    try:
        session.refresh_token(metadata["token_endpoint"], refresh_token=refresh_token)
    except OAuthError as refused:
        assert refused.error == "invalid_grant", refused
    else:
        raise AssertionError("a token that was revoked was taken")


def main():
    asked = json.loads(sys.stdin.readline())
    plain = OAuth2Session()
    metadata = plain.request(
        "GET", asked["issuer"] + "/.well-known/openid-configuration", withhold_token=True
    ).json()
    assert metadata["issuer"] == asked["issuer"]
    say({"tokens": [seen for client in asked["clients"] for seen in whole(asked, client, metadata)]})


main()
