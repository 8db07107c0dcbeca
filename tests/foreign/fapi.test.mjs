// What the modules of the certification suite for the FAPI 2.0 Security Profile demand (private_key_jwt, DPoP), in the
// order of its plan: docs/conformance.md. Against two processes behind the balancer.

import { strict as assert } from 'node:assert';
import { randomBytes } from 'node:crypto';
import test from 'node:test';

import { Balanced } from '../browser/worlds.mjs';
import { hash, Key, now, Party } from './party.mjs';
import { onStage } from './stage.mjs';

const INVALID = { client: [401, 'invalid_client'], request: [400, 'invalid_request'], grant: [400, 'invalid_grant'], proof: [400, 'invalid_dpop_proof'] };
const refused = (answer, expected, what) => assert.deepEqual([answer.status, answer.error], expected, `${what}: ${JSON.stringify(answer)}`);
const random = () => randomBytes(32).toString('base64url');

/** An application that keeps the profile: its requests go ahead. */
class Fapi extends Party {
  static async start(stage, metadata, id, alg) {
    const [key, redirect] = [new Key(alg), `https://${id}.example.org/callback`];
    const set = [
      'security_profile=fapi2',
      'authentication=private_key_jwt',
      `jwks=${JSON.stringify({ keys: [key.jwk] })}`,
      'dpop_bound_access_tokens=true',
      'require_pushed_authorization_requests=true',
    ];
    await stage.client(id, 'server', { 'redirect-uri': redirect, scope: ['openid', 'profile', 'offline_access'], set });
    return new Fapi(metadata, { id, key, redirect, prover: new Key('PS256') });
  }

  /** Sends a request ahead; `proof` says that the key of its tokens is proved with it. */
  push(more = {}, { proof, ...how } = {}) {
    this.verifier = random();
    const asked = this.request({ nonce: random(), code_challenge: hash(this.verifier), code_challenge_method: 'S256', ...more });
    const url = this.metadata.pushed_authorization_request_endpoint;
    return proof ? this.prove(url, asked, how) : this.post(url, asked, how);
  }

  /** Where it sends a browser with a reference. */
  with(reference) {
    return `${this.metadata.authorization_endpoint}?${new URLSearchParams({ client_id: this.id, request_uri: reference })}`;
  }

  async pushed(more, how) {
    const sent = await this.push(more, how);
    assert.equal(sent.status, 201, JSON.stringify(sent));
    assert.ok(sent.expires_in > 0 && sent.expires_in < 600);
    return this.with(sent.request_uri);
  }

  async code(person, more, how) {
    const back = this.back(await person.sent(await this.pushed(more, how), this.redirect));
    assert.equal(back.state, this.state);
    assert.ok(back.code.length >= 43);
    return back.code;
  }

  redeem(code, fields = {}, more) {
    return super.redeem(code, { code_verifier: this.verifier, ...fields }, more);
  }
}

/** Well-behaved applications, and what a server may not stumble over. */
async function happy(one, other, ada) {
  for (const [party, alg] of [[one, 'PS256'], [other, 'ES256']]) {
    assert.equal(party.key.alg, alg);
    const code = await party.code(ada, { state: 's'.repeat(128), nonce: 'n'.repeat(64), scope: 'profile openid' });
    const given = await party.given(await party.redeem(code));
    assert.deepEqual([given.token_type, given.header.alg, given.claims.nonce.length], ['DPoP', 'ES256', 64]);
    const told = await party.proven(given.access_token);
    assert.deepEqual([told.status, told.sub], [200, given.claims.sub]);
    assert.ok(told.headers.get('date'));
    for (const scheme of ['dpop', 'dPoP']) assert.equal((await party.proven(given.access_token, { scheme })).status, 200);
  }
  for (const more of [{ state: null }, { nonce: null }, { state: 's'.repeat(384), nonce: 'n'.repeat(384) }]) {
    const back = one.back(await ada.sent(await one.pushed(more), one.redirect));
    assert.equal(back.state, more.state === null ? undefined : one.state);
    assert.equal((await one.given(await one.redeem(back.code))).claims.nonce?.length, more.nonce === null ? undefined : (more.nonce?.length ?? 43));
  }
}

/** The request has to be sent ahead, by whoever it is of, with PKCE, and for an address that is registered. */
async function requests(one, other, [ada, eve]) {
  for (const [more, expected] of [
    [{ redirect_uri: null }, INVALID.request],
    [{ redirect_uri: `${one.redirect}x` }, INVALID.request],
    [{ response_type: 'code id_token' }, [400, 'unsupported_response_type']],
    [{ response_type: 'token' }, [400, 'unsupported_response_type']],
    [{ request_uri: 'urn:ietf:params:oauth:request_uri:x' }, INVALID.request],
    [{ code_challenge: null, code_challenge_method: null }, INVALID.request],
    [{ code_challenge_method: 'plain' }, INVALID.request],
  ]) refused(await one.push(more), expected, JSON.stringify(more));
  const put = await one.push({}, { method: 'PUT' });
  assert.equal(put.status, 405);
  refused(await one.push({}, { assertion: null }), INVALID.client, 'nobody sends it');
  const { metadata, id } = one;
  for (const [claims, what] of [
    [{ aud: [metadata.issuer, 'https://other.example.org'] }, 'a list'],
    [{ aud: [metadata.issuer] }, 'a list of one'],
    [{ aud: metadata.pushed_authorization_request_endpoint }, 'the endpoint'],
    [{ aud: metadata.token_endpoint }, 'the token endpoint'],
    [{ iat: now() + 65, nbf: now() + 65, exp: now() + 125 }, 'made in the future'],
    [{ exp: now() - 300 }, 'over'],
    [{ sub: undefined }, 'of nobody'],
  ]) refused(await one.push({}, { assertion: one.assertion(claims) }), INVALID.client, what);
  refused(await one.push({}, { assertion: one.assertion({}, { alg: 'RS256' }) }), INVALID.client, 'the old padding');
  assert.equal((await one.push({}, { assertion: one.assertion({ iat: now() + 8, nbf: now() + 8 }) })).status, 201);

  const plain = one.back(await ada.sent(one.address({ code_challenge: hash('x'), code_challenge_method: 'S256' }), one.redirect));
  assert.deepEqual([plain.error, plain.state], ['invalid_request', one.state], `${id} has to send its requests ahead`);
  const path = await one.pushed();
  const theirs = await ada.ask({ url: path.replace(`client_id=${id}`, `client_id=${other.id}`), method: 'GET' });
  assert.equal(theirs.status, 400);
  await eve.ask({ url: path, method: 'GET' });
  assert.ok((await eve.sent(path, one.redirect)).searchParams.has('code'), 'it may come twice before she is done');
  const over = await eve.ask({ url: path, method: 'GET' });
  assert.ok(over.status === 400 && over.page.includes('invalid_request_uri'), 'and not after that');
}

/** The key that tokens are bound to: announced or not, and proved or not. */
async function keys(one, ada) {
  const [mine, other] = [one.prover, new Key('ES256')];
  refused(await one.push({ dpop_jkt: other.thumbprint }, { proof: true }), INVALID.proof, 'two keys');
  for (const [more, how] of [[{ dpop_jkt: mine.thumbprint }, {}], [{}, { proof: true }]]) {
    const code = await one.code(ada, more, how);
    refused(await one.redeem(code, {}, { prover: other }), INVALID.grant, 'another key');
    await one.given(await one.redeem(code));
  }
  const times = [{ nbf: now(), exp: now() + 300 }, { iat: now() - 10 }, { iat: now() + 10 }, { more: 'said' }];
  for (const claims of times) {
    const given = await one.given(await one.redeem(await one.code(ada), {}, { claims, header: { more: 'said' } }));
    assert.equal((await one.proven(given.access_token, { claims, header: { more: 'said' } })).status, 200, JSON.stringify(claims));
  }
  const { access_token } = await one.given(await one.redeem(await one.code(ada)));
  const at = one.metadata.userinfo_endpoint;
  const upper = at.replace('http://127.0.0.1', 'HTTP://127.0.0.1');
  for (const htu of [`${at}?a=b#c`, upper]) assert.equal((await one.proven(access_token, { claims: { htu } })).status, 200, htu);
  for (const [claims, header, what] of [
    [{}, { alg: 'RS256' }, 'the old padding'],
    [{}, { alg: undefined }, 'no algorithm'],
    [{}, { typ: undefined }, 'no type'],
    [{}, { jwk: undefined }, 'no key'],
    [{}, { jwk: mine.privateKey.export({ format: 'jwk' }) }, 'a private key'],
    [{ ath: undefined }, {}, 'no token'],
    [{ ath: hash('x') }, {}, 'another token'],
    [{ jti: undefined }, {}, 'no name'],
    [{ htm: 'PUT' }, {}, 'another method'],
    [{ htu: `${at}x` }, {}, 'another address'],
  ]) {
    const answer = await one.proven(access_token, { claims, header });
    assert.ok([400, 401].includes(answer.status), `${what}: ${answer.status}`);
  }
  assert.ok([400, 401].includes((await one.proven(access_token, { prover: other })).status));
  for (const scheme of ['Bearer', 'DPoP']) {
    const bare = await one.userinfo(access_token, { headers: { authorization: `${scheme} ${access_token}` } });
    assert.ok([400, 401].includes(bare.status), `${scheme} without a proof: ${bare.status}`);
  }
  assert.equal((await one.proven(access_token)).status, 200, 'none of that cost it anything');
}

/** What a code is worth to others, and a second time. */
async function codes(one, other, ada) {
  const code = await one.code(ada);
  const bare = { grant_type: 'authorization_code', code, redirect_uri: one.redirect };
  const verified = { ...bare, code_verifier: one.verifier };
  refused(await one.post(one.metadata.token_endpoint, verified), INVALID.request, 'no key is proved');
  refused(await one.redeem(code, {}, { assertion: null }), INVALID.client, 'nobody asks');
  refused(await one.redeem(code, {}, { assertion: other.assertion() }), INVALID.client, 'somebody else signed');
  refused(await one.redeem(code, {}, { assertion: one.assertion({}, { alg: 'RS256' }) }), INVALID.client, 'the old padding');
  refused(await other.redeem(code, { code_verifier: one.verifier }), INVALID.grant, 'of somebody else');
  refused(await one.tokens(bare), INVALID.grant, 'no verifier');
  refused(await one.redeem(code, { code_verifier: random() }), INVALID.grant, 'a wrong verifier');
  const given = await one.given(await one.redeem(code));
  refused(await one.redeem(code), INVALID.grant, 'a second time');
  assert.equal((await one.proven(given.access_token)).status, 401, 'and what was given for it has ended');
}

/** Refresh tokens stay, are good with any key of theirs and with none not at all. */
async function refreshing(one, other, ada) {
  const given = await one.given(await one.redeem(await one.code(ada, { scope: 'openid offline_access', prompt: 'consent' })));
  for (const prover of [one.prover, new Key('PS256'), new Key('ES256')]) {
    const next = await one.given(await one.refresh(given.refresh_token, { prover }));
    assert.deepEqual([next.token_type, next.refresh_token, next.claims.auth_time], ['DPoP', given.refresh_token, given.claims.auth_time]);
    assert.equal((await one.proven(next.access_token, { prover })).status, 200);
  }
  const bare = { grant_type: 'refresh_token', refresh_token: given.refresh_token };
  refused(await one.post(one.metadata.token_endpoint, bare), INVALID.request, 'no key is proved');
  refused(await other.refresh(given.refresh_token), INVALID.grant, 'of somebody else');
  await one.given(await one.refresh(given.refresh_token));
}

/** Somebody who says no. */
async function refusing(one, ada) {
  const page = await ada.ask({ url: await one.pushed({ prompt: 'consent' }), method: 'GET' });
  const asked = await ada.ask({ url: new URL(page.headers.location ?? '', one.metadata.authorization_endpoint).href, method: 'GET' });
  const form = ada.fill(asked.page, one.metadata.authorization_endpoint);
  const said = new URLSearchParams(form.body);
  said.set('answer', 'deny');
  const { status, headers } = await ada.ask({ ...form, body: said.toString() });
  const back = one.back(new URL(headers.location));
  assert.deepEqual([status, back.error, back.state, back.code], [303, 'access_denied', one.state, undefined]);
}

test('the plan of the FAPI 2.0 Security Profile has nothing to object to', { timeout: 60_000 }, () =>
  onStage(Balanced.embedded, async (stage) => {
    const metadata = await (await fetch(`${stage.issuer}/.well-known/oauth-authorization-server`)).json();
    const [one, other] = [await Fapi.start(stage, metadata, 'one', 'PS256'), await Fapi.start(stage, metadata, 'other', 'ES256')];
    const ada = stage.ada();
    await happy(one, other, ada);
    await requests(one, other, [ada, stage.ada()]);
    await keys(one, ada);
    await codes(one, other, ada);
    await refreshing(one, other, ada);
    await refusing(one, ada);
  }),
);
