// axe finds nothing to object to, at any page in any state and every language, nor in the dark.

import { strict as assert } from 'node:assert';
import { mkdirSync } from 'node:fs';
import test from 'node:test';

import axe from 'axe-core';

import { visit, withBrowser } from './browser.mjs';
import { everything } from './flows.mjs';
import { inFolder } from './processes.mjs';
import { RESOLVING, rare } from './states.mjs';
import { Alone } from './worlds.mjs';

const LANGUAGES = ['en', 'de', 'fr', 'es', 'ja', 'ar'];
/** In the dark all that differs is colours, so that is what is looked at again; no language has colours of its own. */
const DARK = ['dark', { runOnly: ['cat.color'] }];

/** What is wrong with a page, in words. */
async function wrong(name, page, locale) {
  const found = [];
  await page.evaluate(axe.source);
  const themes = [['light', {}], ...(locale === LANGUAGES[0] ? [DARK] : [])];
  for (const [theme, only] of themes) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    const { violations } = await page.evaluate((rules) => globalThis.axe.run(document, { resultTypes: ['violations'], ...rules }), only);
    for (const { id, nodes } of violations) found.push(`${locale}, ${name}, ${theme}: ${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  }
  return found;
}

async function tour(browser, locale, folder) {
  const names = [];
  const found = [];
  const look = async (name, page) => {
    names.push(name);
    assert.equal(await page.getAttribute('html', 'lang'), locale, name);
    found.push(...(await wrong(name, page, locale)));
  };
  const world = await Alone.start(`${folder}/flows`);
  try {
    const tab = { ...(await visit(browser, { locale })), scripts: true, locale };
    await everything(world, tab, (name, { page }) => look(name, page));
    await tab.context.close();
  } finally {
    await world.end();
  }
  await rare(browser, { locale }, folder, look);
  return { names, found };
}

test('axe has no objection to any page, state, theme and language', { timeout: 300_000 }, () =>
  inFolder((folder) =>
    withBrowser(async (browser) => {
      const visited = [];
      // Two at a time: a machine that has more cores is none the wiser.
      const waiting = [...LANGUAGES];
      const one = async () => {
        for (let locale = waiting.shift(); locale; locale = waiting.shift()) {
          mkdirSync(`${folder}/${locale}`);
          visited.push(await tour(browser, locale, `${folder}/${locale}`));
        }
      };
      await Promise.all([one(), one()]);
      assert.deepEqual(visited.flatMap(({ found }) => found), []);
      const states = visited.map(({ names }) => new Set(names).size);
      assert.equal(new Set(states).size, 1, 'the same states in every language');
      assert.ok(states[0] >= 85, `${states[0]} states`);
    }, RESOLVING),
  ),
);
