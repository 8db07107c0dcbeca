// An application by nothing but `fetch` and node's cryptography, which sends what it is told to, right or wrong.

import { strict as assert } from 'node:assert';
import { constants, createHash, createPublicKey, generateKeyPairSync, randomUUID, sign, verify } from 'node:crypto';

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const HOW = {
  ES256: { dsaEncoding: 'ieee-p1363' },
  PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  RS256: { padding: constants.RSA_PKCS1_PADDING },
};

export const now = () => Math.floor(Date.now() / 1000);
export const hash = (text) => createHash('sha256').update(text).digest('base64url');
const encoded = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');
const decoded = (part) => JSON.parse(Buffer.from(part, 'base64url'));

/** A key that signs by one algorithm, or by another one if it has to. */
export class Key {
  constructor(alg) {
    const pair = alg === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('rsa', { modulusLength: 2048 });
    Object.assign(this, pair, { alg, kid: randomUUID(), bare: pair.publicKey.export({ format: 'jwk' }) });
  }

  get jwk() {
    return { ...this.bare, kid: this.kid, use: 'sig', alg: this.alg };
  }

  get thumbprint() {
    const { crv, e, kty, n, x, y } = this.bare;
    return hash(JSON.stringify(kty === 'EC' ? { crv, kty, x, y } : { e, kty, n }));
  }

  sign(claims, header = {}) {
    const whole = { alg: this.alg, kid: this.kid, ...header };
    const text = `${encoded(whole)}.${encoded(claims)}`;
    return `${text}.${sign('sha256', Buffer.from(text), { key: this.privateKey, ...HOW[whole.alg] }).toString('base64url')}`;
  }

  /** The header that proves it (RFC 9449 §4.2). */
  proof(method, url, claims = {}, header = {}) {
    const all = { jti: randomUUID(), htm: method, htu: url, iat: now(), ...claims };
    return this.sign(all, { typ: 'dpop+jwt', jwk: this.bare, kid: undefined, ...header });
  }
}

/** Header and claims of a token that one of the published keys signed. */
export function read(token, keys) {
  const [header, claims, signature] = token.split('.');
  const said = decoded(header);
  const jwk = keys.find(({ kid }) => kid === said.kid);
  assert.ok(jwk, 'the key is published, by its kid');
  const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), ...HOW[said.alg] };
  assert.ok(verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url')), 'the signature');
  return { header: said, claims: decoded(claims) };
}

/** One application: what it sends is good but for what is said otherwise; `null` leaves something out. */
export class Party {
  constructor(metadata, { id, secret, key, prover, redirect }) {
    Object.assign(this, { metadata, id, secret, key, prover, redirect, nonce: undefined });
  }

  /** What it asks people for. */
  request(more = {}) {
    this.state = more.state ?? randomUUID();
    const asked = { client_id: this.id, redirect_uri: this.redirect, response_type: 'code', scope: 'openid', state: this.state, ...more };
    return new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== null));
  }

  /** Where it sends a browser. */
  address(more) {
    return `${this.metadata.authorization_endpoint}?${this.request(more)}`;
  }

  assertion(claims = {}, header = {}) {
    const all = { iss: this.id, sub: this.id, aud: this.metadata.issuer, jti: randomUUID(), iat: now(), exp: now() + 60, ...claims };
    return this.key.sign(all, header);
  }

  /** Sends a form, and says who it is. */
  async post(url, fields, { assertion, headers = {}, method = 'POST' } = {}) {
    const form = new URLSearchParams(fields);
    if (this.secret) headers = { authorization: `Basic ${Buffer.from(`${this.id}:${this.secret}`).toString('base64')}`, ...headers };
    else form.set('client_id', this.id);
    const shown = assertion === undefined && this.key ? this.assertion() : assertion;
    if (shown) {
      form.set('client_assertion', shown);
      form.set('client_assertion_type', ASSERTION);
    }
    const answer = await fetch(url, { method, headers, body: form });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, ...(text.startsWith('{') ? JSON.parse(text) : { text }) };
  }

  /** The same with a proof of its key, and again with the nonce that it is given. */
  async prove(url, fields, { claims = {}, header = {}, prover = this.prover, ...more } = {}) {
    const ask = () => {
      const proof = prover.proof('POST', url, { nonce: this.nonce, ...claims }, header);
      return this.post(url, fields, { ...more, headers: { dpop: proof } });
    };
    const first = await ask();
    this.nonce = first.headers.get('dpop-nonce') ?? this.nonce;
    return first.error === 'use_dpop_nonce' ? ask() : first;
  }

  /** Asks for tokens. */
  tokens(fields, more) {
    return this.prover ? this.prove(this.metadata.token_endpoint, fields, more) : this.post(this.metadata.token_endpoint, fields, more);
  }

  redeem(code, fields = {}, more) {
    return this.tokens({ grant_type: 'authorization_code', code, redirect_uri: this.redirect, ...fields }, more);
  }

  refresh(token, more) {
    return this.tokens({ grant_type: 'refresh_token', refresh_token: token, scope: 'openid' }, more);
  }

  /** Sends somebody; what comes back, by its query. */
  async send(person, more) {
    return this.back(await person.sent(this.address(more), this.redirect));
  }

  back(url) {
    const said = Object.fromEntries(url.searchParams);
    assert.equal(said.iss, this.metadata.issuer, 'who answers');
    return said;
  }

  /** Signs somebody in: her tokens, and what the ID token says. */
  async signIn(person, more) {
    const back = await this.send(person, more);
    assert.equal(back.state, this.state);
    return this.given(await this.redeem(back.code));
  }

  async given(tokens) {
    assert.equal(tokens.status, 200, JSON.stringify(tokens));
    assert.equal(tokens.headers.get('cache-control'), 'no-store');
    const { keys } = await (await fetch(this.metadata.jwks_uri)).json();
    const id = read(tokens.id_token, keys);
    assert.deepEqual([id.claims.iss, id.claims.aud], [this.metadata.issuer, this.id]);
    return { ...tokens, ...id };
  }

  async userinfo(token, { method = 'GET', body, headers = { authorization: `Bearer ${token}` } } = {}) {
    const answer = await fetch(this.metadata.userinfo_endpoint, { method, headers, body });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, ...(text.startsWith('{') ? JSON.parse(text) : { text }) };
  }

  /** The same with a proof of its key. */
  async proven(token, { claims = {}, header = {}, scheme = 'DPoP', prover = this.prover, url = this.metadata.userinfo_endpoint } = {}) {
    const ask = () => {
      const proof = prover.proof('GET', url, { ath: hash(token), nonce: this.nonce, ...claims }, header);
      return this.userinfo(token, { headers: { authorization: `${scheme} ${token}`, dpop: proof } });
    };
    const first = await ask();
    this.nonce = first.headers.get('dpop-nonce') ?? this.nonce;
    return first.error === 'use_dpop_nonce' ? ask() : first;
  }
}
