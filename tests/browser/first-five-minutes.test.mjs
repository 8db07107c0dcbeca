// From an empty folder to a signed-in administrator: two commands (build, serve), nothing edited, within a minute.

import { strict as assert } from 'node:assert';
import test from 'node:test';

import { visit, withBrowser } from './browser.mjs';
import { inFolder, PASSWORD, serveAsIs } from './processes.mjs';

test('a new user is administrator of a new server within a minute', { timeout: 60_000 }, () =>
  inFolder(async (folder) => {
    const began = Date.now();
    const link = (line) => line.match(/http:\/\/127\.0\.0\.1:\d+\/setup\/thl_[0-9A-Za-z_-]+/)?.[0];
    const server = await serveAsIs(folder, link);
    try {
      await withBrowser(async (browser) => {
        const { page } = await visit(browser);
        await page.goto(server.found);
        await page.fill('#username', 'ada');
        await page.fill('#email', 'ada@example.org');
        await page.fill('#password', PASSWORD);
        await page.click('main form button.primary');
        await page.waitForURL('**/account?said=set-up');
        assert.equal(await page.locator('.badge').first().isVisible(), true, 'she sees that she is administrator');
      });
      assert.ok(Date.now() - began < 60_000);
    } finally {
      await server.stop();
    }
  }),
);
