// oauth4webapi, which leaves each step to its caller and is strict in each: every flow, every answer in the form of a
// signed token too, while processes are killed.

import { strict as assert } from 'node:assert';
import test from 'node:test';

import { Balanced } from '../browser/worlds.mjs';
import { again, onStage } from './stage.mjs';
import * as oauth from 'oauth4webapi';

const CALLBACK = 'http://127.0.0.1:9/callback';
const GOODBYE = 'http://127.0.0.1:9/';
const API = 'https://reports.example.org';

/** A client and the server, as the library sees them. */
class Application {
  static async start(stage, fetch, made, metadata = {}) {
    const options = { [oauth.customFetch]: fetch, [oauth.allowInsecureRequests]: true };
    const issuer = new URL(stage.issuer);
    const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
    const authentication = made.secret ? oauth.ClientSecretBasic(made.secret) : oauth.None();
    return Object.assign(new Application(), { options, as, client: { client_id: made.id, ...metadata }, authentication });
  }

  /** Asks one of the endpoints about something, and judges the answer. */
  async ask(request, process, about, more = {}) {
    const options = { ...this.options, ...more };
    const answer = await request(this.as, this.client, this.authentication, about, options);
    return { ...(await process(this.as, this.client, answer)), answer };
  }

  refresh(token) {
    return this.ask(oauth.refreshTokenGrantRequest, oauth.processRefreshTokenResponse, token);
  }

  worth(token, more) {
    return this.ask(oauth.introspectionRequest, oauth.processIntrospectionResponse, token, more);
  }

  async revoke(token) {
    const answer = await oauth.revocationRequest(this.as, this.client, this.authentication, token, this.options);
    await oauth.processRevocationResponse(answer);
  }

  /** Signs somebody in; what is judged is signature and claims of the ID token. */
  async signIn(person, scope, more = {}) {
    const [verifier, nonce, state] = [
      oauth.generateRandomCodeVerifier(),
      oauth.generateRandomNonce(),
      oauth.generateRandomState(),
    ];
    const address = new URL(this.as.authorization_endpoint);
    address.search = new URLSearchParams({
      client_id: this.client.client_id,
      response_type: 'code',
      redirect_uri: CALLBACK,
      scope,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      nonce,
      state,
      ...more,
    });
    const back = await person.sent(address, CALLBACK);
    const code = oauth.validateAuthResponse(this.as, this.client, back, state);
    const answer = await oauth.authorizationCodeGrantRequest(this.as, this.client, this.authentication, code, CALLBACK, verifier, this.options);
    const checks = { expectedNonce: nonce, requireIdToken: true, maxAge: Number(more.max_age) || undefined };
    const tokens = await oauth.processAuthorizationCodeResponse(this.as, this.client, answer, checks);
    await oauth.validateApplicationLevelSignature(this.as, answer, this.options);
    return { ...tokens, claims: oauth.getValidatedIdTokenClaims(tokens) };
  }
}

async function server(stage, fetch) {
  const made = await stage.client('shop', 'server', { 'redirect-uri': CALLBACK, 'post-logout-redirect-uri': GOODBYE });
  const shop = await Application.start(stage, fetch, made, { introspection_signed_response_alg: 'ES256' });
  const ada = stage.ada();
  const tokens = await again(() => shop.signIn(ada, 'openid email', { max_age: '600' }));
  const { sub } = tokens.claims;
  const told = await oauth.userInfoRequest(shop.as, shop.client, tokens.access_token, shop.options);
  assert.equal((await oauth.processUserInfoResponse(shop.as, shop.client, sub, told)).email, 'ada@example.org');

  let refreshed = tokens;
  for (let turn = 0; turn < 3; turn += 1) refreshed = await shop.refresh(refreshed.refresh_token);

  // The library takes the signed answer (RFC 9701) for what it is, and judges its signature apart.
  const signed = await shop.worth(refreshed.access_token);
  assert.equal(signed.answer.headers.get('content-type'), 'application/token-introspection+jwt');
  await oauth.validateApplicationLevelSignature(shop.as, signed.answer, shop.options);
  const plain = await shop.worth(refreshed.access_token, { requestJwtResponse: false });
  for (const worth of [signed, plain]) assert.ok(worth.active && worth.sub === sub && worth.client_id === 'shop');

  await shop.revoke(refreshed.refresh_token);
  assert.equal((await shop.worth(refreshed.access_token)).active, false);
  await assert.rejects(shop.refresh(refreshed.refresh_token), { error: 'invalid_grant' });
  const refused = oauth.userInfoRequest(shop.as, shop.client, refreshed.access_token, shop.options);
  await assert.rejects(
    refused.then((answer) => oauth.processUserInfoResponse(shop.as, shop.client, sub, answer)),
    (error) => error.cause?.[0]?.parameters?.error === 'invalid_token',
  );
  const leaving = new URL(shop.as.end_session_endpoint);
  leaving.search = new URLSearchParams({ id_token_hint: tokens.id_token, post_logout_redirect_uri: GOODBYE, state: 'x' });
  assert.equal((await ada.sent(leaving, GOODBYE)).href, `${GOODBYE}?state=x`);
}

/** A machine asks for a token that an API judges by itself. */
async function machine(stage, fetch) {
  const made = await stage.client('job', 'machine', { scope: 'reports:read', set: ['access_token=jwt', `audience=${API}`] });
  const job = await Application.start(stage, fetch, made);
  const tokens = await job.ask(oauth.clientCredentialsGrantRequest, oauth.processClientCredentialsResponse, { scope: 'reports:read' });
  const request = (token) => new Request(`${API}/reports`, { headers: { authorization: `Bearer ${token}` } });
  const claims = await oauth.validateJwtAccessToken(job.as, request(tokens.access_token), API, job.options);
  assert.deepEqual([claims.sub, claims.client_id, claims.scope], ['job', 'job', 'reports:read']);
  await assert.rejects(oauth.validateJwtAccessToken(job.as, request(tokens.access_token), 'https://other.example.org', job.options));
  const [head, body, signature] = tokens.access_token.split('.');
  const forged = [head, Buffer.from(JSON.stringify({ ...claims, sub: 'root' })).toString('base64url'), signature].join('.');
  assert.notEqual(body, forged.split('.')[1]);
  await assert.rejects(oauth.validateJwtAccessToken(job.as, request(forged), API, job.options));
}

/** An application in a browser, whose access tokens are for an API. */
async function spa(stage, fetch) {
  const made = await stage.client('notes', 'spa', { 'redirect-uri': CALLBACK, set: ['access_token=jwt', `resources=["${API}"]`] });
  const notes = await Application.start(stage, fetch, made);
  const tokens = await again(() => notes.signIn(stage.ada(), 'openid', { resource: API }));
  const request = new Request(API, { headers: { authorization: `Bearer ${tokens.access_token}` } });
  const claims = await oauth.validateJwtAccessToken(notes.as, request, API, notes.options);
  assert.equal(claims.sub, tokens.claims.sub);
  const refreshed = await notes.refresh(tokens.refresh_token);
  assert.notEqual(refreshed.access_token, tokens.access_token);
}

test('oauth4webapi finds nothing to object to while processes are killed', { timeout: 90_000 }, () =>
  onStage(Balanced.start, async (stage) => {
    for (const each of [server, machine, spa]) {
      await stage.world.settled();
      await each(stage, stage.harried(4));
    }
    assert.ok(stage.world.kills >= 2, `${stage.world.kills} kills`);
  }),
);
