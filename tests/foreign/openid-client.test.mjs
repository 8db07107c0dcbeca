// openid-client, the certified library for Node: every flow, while processes are killed.

import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { createServer } from 'node:http';
import test from 'node:test';

import { Balanced } from '../browser/worlds.mjs';
import { again, onStage } from './stage.mjs';
import * as client from 'openid-client';

const CALLBACK = 'http://127.0.0.1:9/callback';
const GOODBYE = 'http://127.0.0.1:9/';
const SCOPE = 'openid profile email';
const CROWD = 8;

/** What the library knows of a client. */
async function configured(stage, fetch, { id, secret }, method = client.ClientSecretBasic) {
  const execute = [client.allowInsecureRequests, client.enableNonRepudiationChecks];
  const options = { execute, [client.customFetch]: fetch };
  return client.discovery(new URL(stage.issuer), id, {}, secret ? method(secret) : client.None(), options);
}

/** Signs somebody in; the tokens. */
async function signIn(config, person, { redirect_uri = CALLBACK, ...more } = {}) {
  const [pkceCodeVerifier, expectedNonce, expectedState] = [
    client.randomPKCECodeVerifier(),
    client.randomNonce(),
    client.randomState(),
  ];
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri,
    scope: SCOPE,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    nonce: expectedNonce,
    state: expectedState,
    ...more,
  });
  const answer = await person.sent(address, redirect_uri);
  return client.authorizationCodeGrant(config, answer, { pkceCodeVerifier, expectedNonce, expectedState });
}

/** Everything that an application on a server does, from sign-in to sign-out. */
async function server(stage, fetch) {
  const redirect = { 'redirect-uri': CALLBACK, 'post-logout-redirect-uri': GOODBYE };
  const shop = await stage.client('shop', 'server', redirect);
  const config = await configured(stage, fetch, shop);
  const ada = stage.ada();
  const first = await again(() => signIn(config, ada));
  const { sub, sid, amr, aud } = first.claims();
  assert.ok(sid && amr.includes('pwd'), 'the ID token says which session, and how');
  assert.equal(aud, 'shop');
  const person = await client.fetchUserInfo(config, first.access_token, sub);
  assert.equal(person.preferred_username, 'ada');
  assert.equal(person.email, 'ada@example.org');

  const { refreshed, used } = await refresh(config, first);
  assert.equal(refreshed.claims()?.sub ?? sub, sub);
  await client.fetchUserInfo(config, refreshed.access_token, sub);
  const worth = await client.tokenIntrospection(config, refreshed.access_token);
  assert.ok(worth.active && worth.sub === sub && worth.client_id === 'shop' && worth.username === 'ada');
  await client.tokenRevocation(config, refreshed.refresh_token);
  assert.equal((await client.tokenIntrospection(config, refreshed.access_token)).active, false);
  for (const token of [refreshed.refresh_token, used]) {
    await assert.rejects(client.refreshTokenGrant(config, token), { error: 'invalid_grant' });
  }

  const quiet = await again(() => signIn(config, ada, { prompt: 'none' }));
  assert.equal(quiet.claims().sub, sub, 'she is still signed in');
  await leave(config, ada, quiet);
}

/** Three turns; the last answer, and the token that was used first. */
async function refresh(config, tokens) {
  const used = tokens.refresh_token;
  let refreshed = tokens;
  for (let turn = 0; turn < 3; turn += 1) {
    const former = refreshed.refresh_token;
    refreshed = await client.refreshTokenGrant(config, former);
    assert.notEqual(refreshed.refresh_token, former);
    const same = await client.refreshTokenGrant(config, former);
    assert.equal(same.refresh_token, refreshed.refresh_token, 'an answer that was lost is had again');
  }
  return { refreshed, used };
}

/** Signs her out; nobody is signed in then, and her tokens are worth nothing. */
async function leave(config, ada, tokens) {
  const state = client.randomState();
  const parameters = { post_logout_redirect_uri: GOODBYE, id_token_hint: tokens.id_token, state };
  const home = await ada.sent(client.buildEndSessionUrl(config, parameters), GOODBYE);
  assert.equal(home.searchParams.get('state'), state);
  assert.ok(ada.forms.includes('/logout'), 'she was asked');
  await assert.rejects(signIn(config, ada, { prompt: 'none' }), { error: 'login_required' });
  await assert.rejects(client.fetchUserInfo(config, tokens.access_token, client.skipSubjectCheck));
}

/** An application whose answers come by a form. */
async function formPost(stage, fetch) {
  const made = await stage.client('post', 'server', { 'redirect-uri': CALLBACK, set: 'authentication=post' });
  const config = await configured(stage, fetch, made, client.ClientSecretPost);
  const tokens = await again(() => signIn(config, stage.ada(), { response_mode: 'form_post' }));
  assert.equal(tokens.claims().aud, 'post');
}

/** A program on her machine, which waits on a port that the system has given it. */
async function native(stage, fetch) {
  const made = await stage.client('tool', 'native', { 'redirect-uri': 'http://127.0.0.1/callback' });
  const config = await configured(stage, fetch, made);
  const listener = createServer((_, answer) => answer.end('You may close this window.'));
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const redirect_uri = `http://127.0.0.1:${listener.address().port}/callback`;
  const scope = `${SCOPE} offline_access`;
  try {
    const tokens = await again(() => signIn(config, stage.ada(), { redirect_uri, scope }));
    const { refreshed } = await refresh(config, tokens);
    assert.ok(refreshed.scope.includes('offline_access'));
    await client.tokenRevocation(config, refreshed.refresh_token);
  } finally {
    listener.close();
  }
}

/** An application that acts for itself. */
async function machine(stage, fetch) {
  const made = await stage.client('job', 'machine', { scope: ['reports:read', 'reports:write'] });
  const config = await configured(stage, fetch, made);
  const tokens = await client.clientCredentialsGrant(config, { scope: 'reports:read' });
  assert.equal(tokens.scope, 'reports:read');
  assert.equal(tokens.refresh_token, undefined);
  const worth = await client.tokenIntrospection(config, tokens.access_token);
  assert.ok(worth.active && worth.sub === 'job');
  await assert.rejects(client.clientCredentialsGrant(config, { scope: 'openid' }), { error: 'invalid_scope' });
}

/** One that makes MACs with its secret. Each assertion is good once, so nobody is killed while one is on its way. */
async function macs(stage) {
  const made = await stage.client('maker', 'machine', { scope: 'reports:read', set: 'authentication=client_secret_jwt' });
  const config = await configured(stage, fetch, made, client.ClientSecretJwt);
  const tokens = await client.clientCredentialsGrant(config, { scope: 'reports:read' });
  const worth = await client.tokenIntrospection(config, tokens.access_token);
  assert.ok(worth.active && worth.sub === 'maker');
  const shown = await configured(stage, fetch, made, client.ClientSecretBasic);
  await assert.rejects(client.clientCredentialsGrant(shown), { status: 401 }, 'it does not show its secret');
}

/** Many at once, whose requests are all on the way when a process is killed. */
async function crowd(stage, fetch) {
  const made = await stage.client('busy', 'server', { 'redirect-uri': CALLBACK, set: 'consent=skip' });
  const config = await configured(stage, fetch, made);
  const one = async () => {
    const tokens = await again(() => signIn(config, stage.ada()));
    const { refreshed } = await refresh(config, tokens);
    const { sub } = tokens.claims();
    const person = await client.fetchUserInfo(config, refreshed.access_token, sub);
    assert.equal(person.sub, sub);
  };
  await Promise.all(Array.from({ length: CROWD }, one));
}

for (const [where, start, every] of [
  ['three processes over PostgreSQL', Balanced.start, 4],
  ['two processes over SQLite', Balanced.embedded, 6],
]) {
  test(`openid-client does all it knows while ${where} are killed`, { timeout: 90_000 }, () =>
    onStage(start, async (stage) => {
      for (const each of [server, formPost, native, machine, macs, crowd]) {
        await stage.world.settled();
        await each(stage, stage.harried(every));
      }
      assert.ok(stage.world.kills >= 3, `${stage.world.kills} kills`);
    }),
  );
}
