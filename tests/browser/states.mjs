// The states of pages that the flows do not come by: limits, modes, wrong ways, and what is not there.

import { strict as assert } from 'node:assert';

import { visit } from './browser.mjs';
import { authorize, redeem, tasks } from './flows.mjs';
import { letter } from './mail.mjs';
import { PASSWORD } from './processes.mjs';
import { Alone } from './worlds.mjs';

/** Servers that differ in a setting, each with what leads to the states it is for. */
export const PLACES = [
  {
    env: { TOKENHOUSE_LOGIN_LIMIT_ACCOUNT: '1/1h', TOKENHOUSE_RECOVERY_LIMIT: '1/1h', TOKENHOUSE_RECOVERY_LIFETIME: '1ms', TOKENHOUSE_CONFIRMATION_LIFETIME: '1ms', TOKENHOUSE_DELETE_GRACE: '0s' },
    async visit({ world, page, go, send, told }) {
      for (const name of ['ada', 'bob']) await world.run(['user', 'create', name, '--email', `${name}@example.org`], PASSWORD);
      await go('/recover');
      await send({ username: 'ada' });
      const reset = await letter(world, 'ada@example.org', 'reset');
      await go(reset.link);
      assert.equal(await page.locator('main form').count(), 0, 'an expired link is worth nothing');
      await told('reset-expired');
      await go('/recover');
      await send({ username: 'ada' });
      await told('recover-limited');
      await go('/register');
      await send({ username: 'eve', email: 'eve@example.org', password: PASSWORD });
      const confirm = await letter(world, 'eve@example.org', 'confirm');
      await go(confirm.link);
      await told('confirm-expired');
      await go('/account/delete');
      await told('delete-at-once');
      await send({ password: PASSWORD });
      await told('deleted');
      for (const password of ['not this one', 'nor this one']) {
        await go('/login');
        await send({ username: 'ada', password });
      }
      await told('login-limited');
      await go('/login');
      await send({ username: 'bob', password: PASSWORD });
      await world.run(['user', 'lock', 'bob']);
      await go('/account');
      await told('session-ended');
      await send({ username: 'bob', password: PASSWORD });
      await told('locked');
      await go('/login');
      await page.evaluate(() => (document.querySelector('main input[name="csrf"]').value = 'not ours'));
      await send({ username: 'bob', password: PASSWORD });
      await told('form-lost');
      await go('/nowhere');
      await told('not-found');
      await go('/reset/thl_nothing');
      await told('reset-unknown');
      await go('/setup/thl_nothing');
      await told('setup-unknown');
      await go('/invitation/thl_nothing');
      await told('invitation-unknown');
      await go('/dev/outbox');
      await told('outbox');
      await go(confirm.path);
      await told('outbox-mail');
    },
  },
  {
    env: { TOKENHOUSE_EMAIL: 'confirmed' },
    async visit({ world, go, send, told }) {
      await go('/register');
      await told('register-confirmed');
      await send({ username: 'ada', email: 'ada@example.org', password: PASSWORD });
      await told('confirmation-sent');
      await go('/login');
      await send({ username: 'ada', password: PASSWORD });
      await told('login-unconfirmed');
      const { link } = await letter(world, 'ada@example.org', 'confirm');
      await go(link);
      await send({});
      await told('confirmed-signed-out');
    },
  },
  {
    env: { TOKENHOUSE_REGISTRATION: 'invitation', TOKENHOUSE_DEV_OUTBOX: 'off' },
    async visit({ world, go, told }) {
      await go('/register');
      await told('register-by-invitation');
      await go('/login');
      await told('login-by-invitation');
      await go('/recover');
      await told('recover-off');
      await go(new URL(await world.run(['invitation', 'create'])).pathname);
      await told('invitation-for-anybody');
    },
  },
  {
    env: { TOKENHOUSE_REGISTRATION: 'closed', PUBLIC_URL: 'https://login.example.org', TOKENHOUSE_DEV_OUTBOX: 'off' },
    async visit({ go, told }) {
      await go('/login');
      await told('wrong-host');
    },
  },
  {
    env: { TOKENHOUSE_REGISTRATION: 'closed' },
    async visit({ world, go, told }) {
      await go('/register');
      await told('register-closed');
      await go(`http://login.example.test:${new URL(world.url).port}/login`);
      await told('not-protected');
    },
  },
  {
    env: {},
    async visit({ world, page, go, send, told }) {
      // Without their scripts, pages that lead on by themselves are there to be looked at.
      await page.route(/\/assets\/(signed-out|onward)/, (route) => route.abort());
      const back = `${world.url}/healthz`;
      await world.run(['user', 'create', 'ada'], PASSWORD);
      await tasks(world, back);
      await go(authorize('tasks', back));
      await told('login-for-tasks');
      await send({ username: 'ada', password: PASSWORD });
      await redeem(world, page.url(), back);
      await go(authorize('tasks', back, { response_mode: 'form_post' }));
      await told('form-post');
      await go('/logout');
      await send({});
      assert.equal(await page.locator('iframe').count(), 1, page.url());
      await told('signed-out-frames');
    },
  },
  {
    env: { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing', TOKENHOUSE_SECRET: 'k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY', TOKENHOUSE_DB_CONNECT_TIMEOUT: '100ms' },
    isAway: true,
    async visit({ go, send, told }) {
      await go('/login');
      await send({ username: 'ada', password: PASSWORD });
      await told('database-away');
      await go('/recover');
      await told('recover-away');
    },
  },
];

/** The flags by which the browser believes that another name is this machine. */
export const RESOLVING = ['--host-resolver-rules=MAP login.example.test 127.0.0.1'];

/** Visits the states of all places; `told(name, page)` is awaited at each. */
export async function rare(browser, habits, folder, told) {
  for (const [index, place] of PLACES.entries()) {
    const world = await Alone.start(`${folder}/${index}`, place.env, { isAway: place.isAway });
    const { context, page } = await visit(browser, habits);
    const go = (path) => page.goto(new URL(path, world.url).href);
    const send = async (fields) => {
      for (const [name, value] of Object.entries(fields)) await page.locator(`main form [name="${name}"]:visible`).fill(value);
      await Promise.all([page.waitForEvent('load'), page.locator('main form button.primary').first().click()]);
    };
    try {
      await place.visit({ world, page, go, send, told: (name) => told(name, page) });
    } finally {
      await context.close();
      await world.end();
    }
  }
}
