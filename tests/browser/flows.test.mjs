// Every flow in a browser: with whoever answered killed after each step, and without scripts.

import { strict as assert } from 'node:assert';
import test from 'node:test';

import { visit, withBrowser } from './browser.mjs';
import { everything } from './flows.mjs';
import { inFolder } from './processes.mjs';
import { Alone, Balanced } from './worlds.mjs';

/** Runs all flows as somebody with these habits; the names of the steps. */
function flows(start, habits = {}) {
  return inFolder(async (folder) => {
    const world = await start(folder);
    try {
      const steps = await withBrowser(async (browser) => {
        const tab = { ...(await visit(browser, habits)), scripts: habits.javaScriptEnabled ?? true, locale: habits.locale };
        const steps = [];
        await everything(world, tab, async (name) => {
          steps.push(name);
          await world.after(tab.seen);
        });
        const failed = tab.failed;
        assert.deepEqual(failed, [], 'no answer of 500 or more on the way');
        return steps;
      });
      return { steps, world };
    } finally {
      await world.end();
    }
  });
}

test('every flow goes on when whoever answered is killed after each step', { timeout: 120_000 }, async () => {
  const { steps, world } = await flows((folder) => Balanced.start(folder));
  assert.ok(world.kills >= steps.length, `${world.kills} kills in ${steps.length} steps`);
  const { log } = world.balancer;
  assert.ok(log.includes('/reset/thl_...') && !/thl_[0-9A-Za-z_-]{20}/.test(log), 'no link is in the log of the balancer');
});

test('every flow works without scripts', { timeout: 90_000 }, async () => {
  await flows((folder) => Alone.start(folder), { javaScriptEnabled: false });
});
