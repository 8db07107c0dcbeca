// Authlib signs people in, and four libraries that share no code verify every kind of token by every algorithm.

import { strict as assert } from 'node:assert';
import test from 'node:test';

import { createRemoteJWKSet, errors, jwtVerify } from 'jose';

import { Balanced } from '../browser/worlds.mjs';
import { converse } from './python.mjs';
import { onStage } from './stage.mjs';

const CALLBACK = 'http://127.0.0.1:9/callback';
const ALGORITHMS = ['ES256', 'EdDSA', 'RS256'];
const TYP = { id: 'JWT', access: 'at+jwt', introspection: 'token-introspection+jwt' };

/** What each token has to be. */
function wanted(issuer, { kind, token, id, algorithm }) {
  const audience = kind === 'access' ? issuer : id;
  return { token, algorithm, audience, typ: TYP[kind] };
}

/** The library of openid-client, by itself. */
async function byJose(keys, issuer, { token, algorithm, audience, typ }) {
  const options = { issuer, audience, typ, algorithms: [algorithm] };
  await jwtVerify(token, keys, options);
  await assert.rejects(jwtVerify(token, keys, { ...options, audience: 'somebody else' }), errors.JWTClaimValidationFailed);
  const others = ALGORITHMS.filter((other) => other !== algorithm);
  await assert.rejects(jwtVerify(token, keys, { ...options, algorithms: others }), errors.JOSEAlgNotAllowed);
}

test('Authlib signs people in, and every token is verified by jose, joserfc, PyJWT and jwcrypto', { timeout: 60_000 }, () =>
  onStage(Balanced.start, async (stage) => {
    const { issuer } = stage;
    const clients = [];
    for (const algorithm of ALGORITHMS) {
      const set = ['access_token=jwt', `id_token_algorithm=${algorithm}`];
      const made = await stage.client(`shop-${algorithm}`, 'server', { 'redirect-uri': CALLBACK, set });
      clients.push({ ...made, algorithm });
    }
    const ada = stage.ada();
    const { tokens } = await converse('login.py', { issuer, callback: CALLBACK, clients }, async ({ go }) => {
      if (!go) return undefined;
      await stage.world.settled();
      await stage.world.strike();
      return (await ada.sent(go, CALLBACK)).href;
    });
    assert.equal(tokens.length, 6 * ALGORITHMS.length);
    assert.ok(stage.world.kills >= ALGORITHMS.length, 'a process was killed at each sign-in');
    const all = tokens.map((token) => wanted(issuer, token));
    const address = new URL(`${issuer}/oauth2/jwks`);
    const keys = createRemoteJWKSet(address);
    for (const token of all) await byJose(keys, issuer, token);
    const jwks = await (await fetch(address)).json();
    const counts = await converse('verify.py', { jwks, issuer, tokens: all });
    assert.deepEqual(counts, { joserfc: all.length, PyJWT: all.length, jwcrypto: all.length });
  }),
);
