// Lighthouse on the page that everybody sees first.

import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import lighthouse from 'lighthouse';

import { FLAGS, PROGRAM } from './browser.mjs';
import { freePort, inFolder, remove } from './processes.mjs';
import { Alone } from './worlds.mjs';

/** A browser with a port for debugging, and a new, empty profile. */
async function withDebuggedBrowser(folder, use) {
  const port = await freePort();
  const profile = mkdtempSync(join(folder, 'profile-'));
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', PROGRAM, '--headless', ...FLAGS, `--user-data-dir=${profile}`, `--remote-debugging-port=${port}`, 'about:blank'], {
    // What it leaves beside its profile goes with the folder.
    env: { ...process.env, TMPDIR: folder },
    stdio: 'ignore',
  });
  try {
    for (let turn = 0; ; turn += 1) {
      const there = await fetch(`http://127.0.0.1:${port}/json/version`).then(() => true, () => false);
      if (there) break;
      assert.ok(turn < 200 && child.exitCode === null, 'the browser does not start');
      await new Promise((next) => setTimeout(next, 50));
    }
    return await use(port);
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
    await remove(profile);
  }
}

test('sign-in is quick and open to everybody', { timeout: 90_000 }, () =>
  inFolder(async (folder) => {
    const world = await Alone.start(`${folder}/server`);
    try {
      await withDebuggedBrowser(folder, async (port) => {
        const best = { accessibility: 0, performance: 0 };
        // A page that is quick is quick once in three times, whatever else the machine does.
        for (let turn = 0; turn < 3 && (best.accessibility < 1 || best.performance < 0.95); turn += 1) {
          const options = { port, onlyCategories: Object.keys(best), logLevel: 'silent', output: 'json' };
          const { lhr } = await lighthouse(`${world.url}/login`, options);
          for (const name of Object.keys(best)) best[name] = Math.max(best[name], lhr.categories[name].score ?? 0);
        }
        assert.equal(best.accessibility, 1);
        assert.ok(best.performance >= 0.95, `performance ${best.performance}`);
      });
    } finally {
      await world.end();
    }
  }),
);
