// What people do, page by page, from an empty server on. After each step `step(name)` is awaited: there the browser is
// at a page in one of its states, and whoever answered may be killed, looked at or photographed.

import { strict as assert } from 'node:assert';

import { visit } from './browser.mjs';
import { letter, was } from './mail.mjs';
import { PASSWORD } from './processes.mjs';

const SECOND = 'another fine long phrase';
const THIRD = 'a third one, longer than the others';
const COMMON = 'password';

/** Everything, in an order in which each step has what it needs. */
export async function everything(world, tab, step) {
  const person = new Person(world, tab, step);
  await setUp(person);
  await register(person);
  await signIn(person);
  await changePassword(person);
  await changeAddress(person);
  await recover(person);
  await devices(person);
  await applications(person);
  await device(person);
  await frames(person);
  await leave(person);
  await invitation(person);
}

/** Somebody at a browser. */
class Person {
  constructor(world, tab, step) {
    Object.assign(this, { world, ...tab, told: step });
  }

  /** Says which page is there now. */
  async step(name) {
    await this.told(name, this);
  }

  async go(path) {
    await this.page.goto(path.startsWith('http') ? path : `${this.world.url}${path}`);
  }

  /** Does what leads to another page, and waits for that. */
  async onward(act) {
    await Promise.all([this.page.waitForEvent('load'), act()]);
  }

  async follow(selector) {
    await this.onward(() => this.page.click(selector));
  }

  /** Fills fields by their names and sends the form. */
  async send(action, fields = {}, button = 'button.primary') {
    const forms = this.page.locator(`form[action="${action}"], form[action^="${action}/"]`);
    for (const [name, value] of Object.entries(fields)) await forms.locator(`[name="${name}"]`).first().fill(value);
    await this.onward(() => forms.locator(button).first().click());
  }

  at(path, why) {
    assert.equal(this.page.url().replace(this.world.url, ''), path, why);
  }

  async sees(selector) {
    assert.ok(await this.page.locator(selector).first().isVisible(), `${selector} at ${this.page.url()}`);
  }

  /** A page that says one thing, in the place of a form. */
  async seesNoForm(path) {
    await this.go(path);
    assert.equal(await this.page.locator('main form').count(), 0, `a form at ${path}`);
  }

  async signIn(username, password) {
    await this.go('/login');
    await this.send('/login', { username, password });
  }

  async signOut() {
    await this.go('/logout');
    await this.send('/logout');
    this.at('/login?said=signed-out');
  }
}

async function setUp(person) {
  const link = await person.world.run(['admin', 'setup-link']);
  const path = new URL(link).pathname;
  await person.go(path);
  await person.step('setup');
  await person.send('/setup', { username: 'root', email: 'root@example.org', password: COMMON });
  await person.sees('#summary');
  await person.step('setup-refused');
  await person.send('/setup', { username: 'root', email: 'root@example.org', password: PASSWORD });
  person.at('/account?said=set-up');
  await person.step('set-up');
  await person.seesNoForm(path);
  await person.step('setup-closed');
  assert.match(await person.world.run(['admin', 'list']), /root@example\.org/);
  await person.go('/logout');
  await person.step('logout');
  await person.send('/logout');
  person.at('/login?said=signed-out');
  await person.step('signed-out');
}

async function register(person) {
  await person.follow('a[href^="/register"]');
  await person.step('register');
  await person.send('/register', { username: 'root', email: 'ada@example.org', password: COMMON });
  await person.sees('#summary');
  await person.step('register-refused');
  await person.send('/register', { username: 'ada', email: 'ada@example.org', password: PASSWORD });
  person.at('/account?said=welcome');
  await person.step('welcome');
  await person.send('/account/email', {}, 'button[value="again"]');
  await person.step('confirmation-again');
  const { link } = await letter(person.world, 'ada@example.org', 'confirm');
  await person.go(link);
  await person.step('confirm');
  await person.send('/confirm');
  person.at('/account?said=email-confirmed');
  await person.step('email-confirmed');
  await person.seesNoForm(link);
  await person.step('confirm-used');
  await person.signOut();
}

async function signIn(person) {
  await person.go('/account/sessions');
  await person.step('login');
  await person.send('/login', { username: 'ada', password: 'not this one' });
  await person.sees('#summary');
  await person.step('login-wrong');
  await person.send('/login', { username: 'ada', password: PASSWORD });
  person.at('/account/sessions', 'on to where she wanted to go');
  await person.step('devices-alone');
}

async function changePassword(person) {
  await person.go('/account/password');
  await person.step('password');
  await person.send('/account/password', { old_password: 'not this one', new_password: SECOND });
  await person.sees('#summary');
  await person.step('password-wrong');
  await person.send('/account/password', { old_password: PASSWORD, new_password: SECOND });
  person.at('/account?said=password-changed');
  await person.step('password-changed');
  for (const kind of ['new-device', 'password-changed']) assert.ok(await was(person.world, kind, 'ada@example.org'), `a mail: ${kind}`);
}

async function changeAddress(person) {
  await person.go('/account/email');
  await person.step('email');
  await person.send('/account/email', { email: 'ada@example.net', password: 'not this one' });
  await person.sees('#summary');
  await person.step('email-wrong');
  await person.send('/account/email', { email: 'ada@example.net', password: SECOND });
  await person.step('email-asked');
  const { link } = await letter(person.world, 'ada@example.net', 'confirm');
  await person.go(link);
  await person.step('confirm-new');
  await person.send('/confirm');
  person.at('/account?said=email-confirmed');
  await person.step('email-changed');
  for (const to of ['ada@example.org', 'ada@example.net']) assert.ok(await was(person.world, 'address-changed', to), `${to} is told`);
  await person.go('/account/email');
  await person.send('/account/email', { email: 'ada@example.com', password: SECOND });
  await person.step('email-asked-again');
  await person.send('/account/email', {}, 'button[value="withdraw"]');
  await person.step('email-withdrawn');
  await person.signOut();
}

async function recover(person) {
  await person.go('/login');
  await person.follow('a[href="/recover"]');
  await person.step('recover');
  await person.send('/recover', { username: 'ada@example.net' });
  await person.step('recovery-asked');
  const { link } = await letter(person.world, 'ada@example.net', 'reset');
  await person.go(link);
  await person.step('reset');
  await person.send('/reset', { password: COMMON });
  await person.sees('#summary');
  await person.step('reset-refused');
  await person.send('/reset', { password: THIRD });
  person.at('/login?said=password-reset');
  await person.step('password-reset');
  await person.send('/login', { username: 'ada@example.net', password: THIRD });
  person.at('/account');
  await person.step('account');
  await person.seesNoForm(link);
  await person.step('reset-used');
}

async function devices(person) {
  const browser = person.context.browser();
  const other = await visit(browser, { javaScriptEnabled: person.scripts, locale: person.locale });
  const elsewhere = new Person(person.world, other, async () => {});
  await elsewhere.signIn('ada', THIRD);
  assert.equal(elsewhere.page.url(), `${person.world.url}/account`);
  await person.go('/account/sessions');
  await person.step('devices');
  await person.send('/account/sessions', {}, 'button[value]:not([value="others"])');
  person.at('/account/sessions?said=device-ended');
  await person.step('device-ended');
  await elsewhere.go('/account');
  assert.match(elsewhere.page.url(), /\/login\?/, 'that session is over');
  await elsewhere.signIn('ada', THIRD);
  await person.go('/account/sessions');
  await person.send('/account/sessions', {}, 'button[value="others"]');
  person.at('/account/sessions?said=others-ended');
  await person.step('others-ended');
  await elsewhere.go('/account');
  assert.match(elsewhere.page.url(), /\/login\?/, 'and this one');
  await other.context.close();
}

/** The verifier of RFC 7636, appendix B. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

/** Where an application sends people to be signed in. */
export function authorize(client, back, more = {}) {
  const pkce = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' };
  const asked = { client_id: client, redirect_uri: back, response_type: 'code', scope: 'openid profile email', state: 'kept', ...pkce, ...more };
  return `/oauth2/authorize?${new URLSearchParams(asked)}`;
}

/** Registers an application that is told in a frame when a session ends. */
export function tasks(world, back) {
  const told = ['--set', 'consent=skip', '--set', `frontchannel_logout_uri=${back}?frame`];
  return world.run(['client', 'create', 'tasks', '--preset', 'spa', '--name', 'Tasks', '--redirect-uri', back, ...told]);
}

/** Redeems the code in an address, so that the application has a session. */
export async function redeem(world, address, back) {
  const code = new URL(address).searchParams.get('code');
  const fields = { grant_type: 'authorization_code', client_id: 'tasks', redirect_uri: back, code, code_verifier: VERIFIER };
  const answer = await fetch(`${world.url}/oauth2/token`, { method: 'POST', body: new URLSearchParams(fields) });
  assert.equal(answer.status, 200, await answer.text());
}

/** An application asks: she signs in for it, refuses, agrees, takes that back, and signs out for it. */
async function applications(person) {
  const back = `${person.world.url}/healthz`;
  const leads = ['--redirect-uri', back, '--post-logout-redirect-uri', back];
  await person.world.run(['client', 'create', 'notes', '--preset', 'server', '--name', 'Notes', ...leads]);
  const asking = authorize('notes', back);
  const answer = (why) => {
    const { origin, pathname, searchParams } = new URL(person.page.url());
    assert.deepEqual([origin + pathname, searchParams.get('state')], [back, 'kept'], why);
    return searchParams;
  };

  await person.signOut();
  await person.go(asking);
  await person.step('login-for-application');
  await person.send('/login', { username: 'ada', password: THIRD });
  await person.step('consent');
  await person.send('/oauth2/consent', {}, 'button[value="deny"]');
  assert.equal(answer('refused').get('error'), 'access_denied');
  await person.go(asking);
  await person.send('/oauth2/consent', {}, 'button[value="allow"]');
  assert.ok(answer('agreed').get('code'));
  await person.go(asking);
  assert.ok(answer('nobody is asked twice').get('code'));

  await person.go('/account/applications');
  await person.step('applications');
  await person.send('/account/applications', {}, 'button');
  await person.step('application-disconnected');
  await person.go(asking);
  await person.step('consent-again');
  await person.go('/oauth2/authorize?client_id=notes&redirect_uri=https://elsewhere.example.org/');
  await person.step('application-refused');
  await person.go(`/oauth2/logout?${new URLSearchParams({ client_id: 'notes', post_logout_redirect_uri: back })}`);
  await person.step('end-session');
  await person.send('/logout');
  assert.equal(person.page.url(), back);
  await person.signIn('ada', THIRD);
}

/** A television asks; she types what it shows and allows it. */
async function device(person) {
  await person.world.run(['client', 'create', 'tv', '--preset', 'device', '--name', 'Television']);
  const ask = async (path, fields) => {
    const answer = await fetch(`${person.world.url}${path}`, { method: 'POST', body: new URLSearchParams({ client_id: 'tv', ...fields }) });
    return { status: answer.status, ...(await answer.json()) };
  };
  const shown = await ask('/oauth2/device', { scope: 'openid profile' });
  await person.go('/device');
  await person.step('device');
  await person.send('/device', { user_code: 'BBBB-BBBB' });
  await person.sees('#summary');
  await person.step('device-unknown');
  await person.send('/device', { user_code: shown.user_code.toLowerCase() });
  await person.step('device-consent');
  await person.send('/device', {}, 'button[value="allow"]');
  await person.step('device-allowed');
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code';
  const tokens = await ask('/oauth2/token', { grant_type, device_code: shown.device_code });
  assert.equal(tokens.status, 200, JSON.stringify(tokens));
  assert.ok(tokens.id_token);
}

/** She signs out where an application is told so in a frame; the page leads on by itself, or by its button. */
async function frames(person) {
  const back = `${person.world.url}/healthz`;
  await tasks(person.world, back);
  await person.go(authorize('tasks', back));
  await redeem(person.world, person.page.url(), back);
  await person.go('/logout');
  const told = person.page.waitForRequest((request) => request.url().startsWith(`${back}?frame`));
  if (person.scripts) {
    await Promise.all([person.page.waitForURL('**/login?said=signed-out'), person.page.click('form[action="/logout"] button.primary')]);
  } else {
    await person.send('/logout');
    await person.follow('#onward');
  }
  await told;
  person.at('/login?said=signed-out');
  await person.step('signed-out-by-frames');
  await person.signIn('ada', THIRD);
}

async function leave(person) {
  await person.go('/account/delete');
  await person.step('delete');
  await person.send('/account/delete', { password: 'not this one' });
  await person.sees('#summary');
  await person.step('delete-wrong');
  await person.send('/account/delete', { password: THIRD });
  await person.step('deletion-scheduled');
  await person.signIn('ada', THIRD);
  await person.step('leaving');
  await person.send('/account/keep');
  await person.step('kept');
  await person.signOut();
}

async function invitation(person) {
  const link = await person.world.run(['invitation', 'create', '--email', 'eve@example.org']);
  assert.equal((await letter(person.world, 'eve@example.org', 'invitation')).link, link);
  const path = new URL(link).pathname;
  await person.go(path);
  await person.step('invitation');
  await person.send('/invitation', { username: 'eve', password: COMMON });
  await person.sees('#summary');
  await person.step('invitation-refused');
  await person.send('/invitation', { username: 'eve', password: PASSWORD });
  person.at('/account?said=welcome');
  await person.step('invited');
  await person.seesNoForm(path);
  await person.step('invitation-used');
  await person.signOut();
}
