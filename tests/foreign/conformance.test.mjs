// What the modules of the OpenID Foundation's certification suite demand, as far as nothing else here shows it:
// docs/conformance.md says which module is shown by what. Against two processes behind the balancer.

import { strict as assert } from 'node:assert';
import { randomBytes } from 'node:crypto';
import test from 'node:test';

import { Balanced } from '../browser/worlds.mjs';
import { Key, Party, read } from './party.mjs';
import { onStage } from './stage.mjs';

const CALLBACK = 'https://rp.example.org/callback';
const GOODBYE = 'https://rp.example.org/goodbye';
const SCOPES = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'];
const ADA = { name: 'Ada Lovelace', given_name: 'Ada', address: { country: 'GB' }, phone_number: '+44 1', phone_number_verified: true };
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'];
/** What an ID token may hold that nobody asked for. */
const USUAL = ['iss', 'sub', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'acr', 'amr', 'at_hash', 'sid'];

const json = async (url, options) => {
  const answer = await fetch(url, options);
  return { status: answer.status, ...(answer.status === 204 ? {} : await answer.json()) };
};

/** Config OP: the metadata, and the keys that they lead to. */
async function config({ issuer }) {
  const answer = await fetch(`${issuer}/.well-known/openid-configuration`);
  const metadata = await answer.json();
  assert.deepEqual([answer.status, answer.headers.get('content-type'), metadata.issuer], [200, 'application/json', issuer]);
  for (const [name, value] of Object.entries(metadata)) {
    if (name.endsWith('_endpoint') || name === 'jwks_uri') assert.ok(value.startsWith(`${issuer}/`), `${name}: ${value}`);
    if (name.endsWith('_supported') && Array.isArray(value)) assert.ok(value.length > 0 && new Set(value).size === value.length, name);
  }
  const holds = (name, ...values) => values.forEach((value) => assert.ok(metadata[name].includes(value), `${name}: ${value}`));
  holds('response_types_supported', 'code');
  holds('grant_types_supported', 'authorization_code', 'refresh_token');
  holds('subject_types_supported', 'public');
  holds('id_token_signing_alg_values_supported', 'RS256', 'ES256');
  holds('userinfo_signing_alg_values_supported', 'RS256');
  holds('request_object_signing_alg_values_supported', 'RS256');
  holds('scopes_supported', ...SCOPES);
  holds('token_endpoint_auth_methods_supported', 'client_secret_basic', 'client_secret_post', 'private_key_jwt');
  for (const name of ['token_endpoint_auth_signing_alg_values_supported', 'dpop_signing_alg_values_supported']) holds(name, 'PS256', 'ES256', 'EdDSA');
  assert.ok(!metadata.dpop_signing_alg_values_supported.includes('RS256'));
  assert.deepEqual(metadata.code_challenge_methods_supported, ['S256']);
  assert.deepEqual(Intl.getCanonicalLocales(metadata.ui_locales_supported), metadata.ui_locales_supported);
  assert.equal(metadata.authorization_response_iss_parameter_supported, true);
  for (const way of ['backchannel', 'frontchannel']) assert.ok(metadata[`${way}_logout_supported`] && metadata[`${way}_logout_session_supported`]);
  assert.ok(metadata.claims_supported.includes('sub') && metadata.claims_parameter_supported);
  const { keys } = await json(metadata.jwks_uri);
  assert.equal(new Set(keys.map(({ kid }) => kid)).size, keys.length, 'each key has a name of its own');
  assert.ok(keys.every((key) => key.kid && PRIVATE.every((member) => !(member in key))), 'nothing private is published');
  const same = await fetch(`${issuer}/.well-known/oauth-authorization-server`);
  assert.deepEqual(await same.json(), metadata, 'RFC 8414 says the same');
  return metadata;
}

/** Basic OP: requests without PKCE and without a nonce, and with all that a server may not stumble over. */
async function basic(stage, metadata) {
  const made = await stage.client('basic', 'server', {
    'redirect-uri': CALLBACK,
    'post-logout-redirect-uri': GOODBYE,
    scope: SCOPES,
    set: ['pkce=optional', 'consent=skip'],
  });
  const party = new Party(metadata, { ...made, redirect: CALLBACK });
  const ada = stage.ada();
  const first = await party.signIn(ada);
  assert.ok(first.expires_in > 0 && first.token_type.toLowerCase() === 'bearer' && first.claims.sub && first.claims.auth_time);
  assert.deepEqual(Object.keys(first.claims).filter((name) => !USUAL.includes(name)), [], 'nothing that was not asked for');
  assert.ok(ada.forms.splice(0).includes('/login'));
  const wishes = [
    { nonce: 'n'.repeat(64), state: 's'.repeat(128) },
    { display: 'page' },
    { display: 'popup' },
    { ui_locales: 'se' },
    { claims_locales: 'se' },
    { acr_values: '1 2' },
    { login_hint: 'buffy@example.org' },
    { extra: 'foobar' },
    { scope: 'email openid' },
    { max_age: '10000' },
    { prompt: 'none', id_token_hint: first.id_token },
  ];
  for (const more of wishes) {
    const { claims } = await party.signIn(ada, more);
    assert.deepEqual([claims.sub, claims.auth_time, claims.nonce, claims.acr], [first.claims.sub, first.claims.auth_time, more.nonce, '1'], JSON.stringify(more));
  }
  assert.deepEqual(ada.forms, [], 'she is signed in');
  const again = await party.signIn(ada, { prompt: 'login' });
  assert.ok(ada.forms.splice(0).includes('/login') && again.claims.auth_time >= first.claims.auth_time);

  const form = { method: 'POST', headers: {}, body: new URLSearchParams({ access_token: again.access_token }) };
  for (const how of [{}, { method: 'POST' }, form]) assert.equal((await party.userinfo(again.access_token, how)).sub, first.claims.sub);
  const all = await party.signIn(ada, { scope: SCOPES.join(' ') });
  const told = await party.userinfo(all.access_token);
  for (const [name, value] of Object.entries(ADA)) assert.deepEqual(told[name], value);
  assert.ok(told.email === 'ada@example.org' && typeof told.email_verified === 'boolean' && told.preferred_username === 'ada');
  const single = await party.signIn(ada, { claims: JSON.stringify({ userinfo: { name: { essential: true } } }) });
  assert.equal((await party.userinfo(single.access_token)).name, ADA.name);
  assert.ok(!('name' in single.claims), 'it was asked for elsewhere');

  const post = new Party(metadata, { id: made.id, redirect: CALLBACK });
  const { code } = await post.send(ada);
  await post.given(await post.redeem(code, { client_secret: made.secret }));
  await formPost(party, [ada, stage.ada()]);
  return { party, ada, token: single.id_token };
}

/** Form Post OP: good answers and errors are forms, and nothing is in the address. */
async function formPost(party, [ada, nobody]) {
  for (const [person, more, error] of [[ada, {}, null], [nobody, { prompt: 'none' }, 'login_required']]) {
    const posted = await person.sent(party.address({ response_mode: 'form_post', ...more }), CALLBACK);
    assert.deepEqual([posted.method, posted.url], ['POST', CALLBACK]);
    const said = new URLSearchParams(await posted.text());
    assert.deepEqual([said.get('state'), said.get('iss'), said.get('error')], [party.state, party.metadata.issuer, error]);
    assert.equal(said.has('code'), error === null);
  }
}

/** Where somebody is who follows an address through the pages of ours: what she sees, or where she is sent. */
async function leave(person, address) {
  let next = { url: address, method: 'GET' };
  for (let step = 0; step < 10; step += 1) {
    if (next.url.startsWith(GOODBYE)) return next.url;
    const { headers, page } = await person.ask(next);
    if (headers.location) next = { url: new URL(headers.location, next.url).href, method: 'GET' };
    else if (/<main[\s\S]*<form[\s\S]*<\/main>/.test(page) && new URL(next.url).pathname !== '/login') next = person.fill(page, next.url);
    else return page;
  }
  throw new Error(`in circles at ${next.url}`);
}

/** RP-Initiated Logout OP: back only with a hint that the server signed, and to an address that is registered. */
async function logout(stage, { party, ada, token }) {
  const unsigned = [Buffer.from('{"alg":"none"}').toString('base64url'), token.split('.')[1], ''].join('.');
  const [state, home] = [randomBytes(64).toString('hex'), { post_logout_redirect_uri: GOODBYE }];
  const end = (asked) => `${party.metadata.end_session_endpoint}?${new URLSearchParams(asked)}`;
  const bad = [{ ...home, id_token_hint: unsigned, state }, { ...home, state }, { post_logout_redirect_uri: `${GOODBYE}/x`, id_token_hint: token }];
  for (const asked of bad) assert.match(await leave(ada, end(asked)), /<main/, 'she stays here');
  for (const asked of [{}, { state }, { id_token_hint: token }, { ...home, id_token_hint: token }, { ...home, id_token_hint: token, state }]) {
    await party.signIn(ada);
    const left = await leave(ada, end(asked));
    if (!asked.post_logout_redirect_uri) assert.match(left, /<main/);
    else assert.equal(left, asked.state ? `${GOODBYE}?state=${state}` : GOODBYE);
    const back = await party.send(ada, { prompt: 'none' });
    assert.deepEqual([back.error, back.state, back.code], ['login_required', party.state, undefined]);
  }
}

/** Dynamic OP, by code: what is registered, what is refused, and an application that registered itself. */
async function dynamic(stage, metadata) {
  const invitation = (await stage.world.run(['client', 'invite', '--uses', '3'])).trim();
  const key = Object.assign(new Key('RS256'), { kid: undefined });
  const wanted = {
    client_name: 'Registered', redirect_uris: [`${CALLBACK}?a=b`], grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'],
    token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [key.jwk] }, contacts: ['ops@example.org'],
    id_token_signed_response_alg: 'RS256', userinfo_signed_response_alg: 'RS256', initiate_login_uri: 'https://rp.example.org/start',
    policy_uri: 'https://rp.example.org/policy', tos_uri: 'https://rp.example.org/terms', logo_uri: 'https://rp.example.org/logo.png',
  };
  const headers = { authorization: `Bearer ${invitation}`, 'content-type': 'application/json' };
  const register = (more) => json(metadata.registration_endpoint, { method: 'POST', headers, body: JSON.stringify({ ...wanted, ...more }) });
  for (const [more, error] of [
    [{ redirect_uris: [`${CALLBACK}#x`] }, 'invalid_redirect_uri'],
    [{ subject_type: 'pairwise', sector_identifier_uri: 'https://rp.example.org/uris.json' }, 'invalid_client_metadata'],
    [{ id_token_signed_response_alg: 'none' }, 'invalid_client_metadata'],
    [{ response_types: ['id_token'] }, 'invalid_client_metadata'],
  ]) {
    const refused = await register(more);
    assert.deepEqual([refused.status, refused.error], [400, error], JSON.stringify(more));
  }
  const made = await register({});
  assert.equal(made.status, 201);
  for (const name of ['policy_uri', 'tos_uri', 'client_name']) assert.equal(made[name], wanted[name]);
  assert.ok(!('logo_uri' in made) && made.registration_client_uri && made.registration_access_token);
  await stage.world.run(['client', 'update', made.client_id, '--set', 'pkce=optional']);

  const [party, ada] = [new Party(metadata, { id: made.client_id, key, redirect: wanted.redirect_uris[0] }), stage.ada()];
  const own = { assertion: party.assertion({ aud: metadata.token_endpoint }) };
  const back = await party.send(ada, { scope: 'openid offline_access address', prompt: 'consent' });
  assert.ok(ada.forms.includes('/oauth2/consent') && back.a === 'b');
  const given = await party.given(await party.redeem(back.code, {}, own));
  assert.deepEqual([given.header.alg, given.header.kid !== undefined], ['RS256', true]);
  const told = await party.userinfo(given.access_token);
  assert.equal(told.headers.get('content-type'), 'application/jwt');
  const { keys } = await json(metadata.jwks_uri);
  const signed = read(told.text, keys);
  assert.deepEqual([signed.header.alg, signed.claims.sub, signed.claims.address], ['RS256', given.claims.sub, ADA.address]);
  const next = await party.given(await party.refresh(given.refresh_token));
  assert.deepEqual([next.claims.sub, next.claims.auth_time, next.claims.nonce], [given.claims.sub, given.claims.auth_time, undefined]);
  for (const [more, error] of [
    [{ request_uri: 'https://rp.example.org/request.jwt' }, 'request_uri_not_supported'],
    [{ request: 'e30.e30.' }, 'invalid_request_object'],
    [{ response_type: 'id_token', nonce: 'n' }, 'unsupported_response_type'],
  ]) {
    const refused = await party.send(ada, more);
    assert.deepEqual([refused.error, refused.state], [error, party.state]);
  }
  const { page } = await ada.ask({ url: party.address({ prompt: 'consent' }), method: 'GET' });
  for (const link of [wanted.policy_uri, wanted.tos_uri]) assert.ok(page.replaceAll('&#x2f;', '/').includes(`<a href="${link}"`), page);
  for (const other of [CALLBACK, `${CALLBACK}?a=c`, `${CALLBACK}?a=b&c=d`, null]) {
    const shown = await ada.ask({ url: party.address({ redirect_uri: other }), method: 'GET' });
    assert.deepEqual([shown.status, shown.headers.location], [400, undefined], 'an error that leads nowhere');
  }
  const gone = await json(made.registration_client_uri, { method: 'DELETE', headers: { authorization: `Bearer ${made.registration_access_token}` } });
  assert.equal(gone.status, 204);
}

const start = (folder) => Balanced.over(folder, 2, { TOKENHOUSE_DYNAMIC_REGISTRATION: 'token' });

test('the plans config, basic, dynamic and RP-initiated logout have nothing to object to', { timeout: 60_000 }, () =>
  onStage(start, async (stage) => {
    await stage.world.run(['user', 'claims', 'ada', '--set', '-'], JSON.stringify(ADA));
    const metadata = await config(stage);
    await logout(stage, await basic(stage, metadata));
    await dynamic(stage, metadata);
  }),
);
