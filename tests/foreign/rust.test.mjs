// openidconnect, the library that most applications in Rust use: it signs somebody in and does all it knows besides, while
// processes are killed between its steps.

import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { ROOT } from '../browser/processes.mjs';
import { Balanced } from '../browser/worlds.mjs';
import { onStage } from './stage.mjs';
import { talk } from './talk.mjs';

const CALLBACK = 'http://127.0.0.1:9/callback';
const MANIFEST = fileURLToPath(new URL('rust/Cargo.toml', import.meta.url));
const BUILT = join(ROOT, 'target/foreign-rust');

/** The program, built anew where something has changed: the first time that takes most of a minute. */
async function built() {
  const env = { ...process.env, CARGO_TARGET_DIR: BUILT };
  await promisify(execFile)('cargo', ['build', '--quiet', '--locked', '--manifest-path', MANIFEST], { env });
  return join(BUILT, 'debug/tokenhouse-foreign-rust');
}

/** One conversation: signs ada in to a client of that algorithm, with something done before each step; the steps. */
async function whole(program, stage, algorithm, before = async () => {}) {
  const options = { 'redirect-uri': CALLBACK, set: `id_token_algorithm=${algorithm}` };
  const made = await stage.client(`shop-${algorithm}`, 'server', options);
  const ada = stage.ada();
  const steps = [];
  const told = { issuer: stage.issuer, callback: CALLBACK, ...made };
  const said = await talk(program, [], {}, told, async ({ go, next }) => {
    if (!go && !next) return undefined;
    steps.push(next ?? 'sign in');
    await before();
    return go ? (await ada.sent(go, CALLBACK)).href : '';
  });
  assert.ok(said.sub && said.refreshed === 3);
  return steps;
}

test('openidconnect signs people in and does all it knows while processes are killed', { timeout: 300_000 }, async () => {
  const program = await built();
  await onStage(Balanced.start, async (stage) => {
    const { world } = stage;
    const steps = await whole(program, stage, 'ES256', async () => {
      await world.settled();
      await world.strike();
    });
    assert.deepEqual(steps, ['sign in', ...Array(3).fill('refresh'), 'userinfo', 'introspect', 'revoke']);
    assert.equal(world.kills, steps.length, 'a process was killed at each step');
    for (const algorithm of ['EdDSA', 'RS256']) await whole(program, stage, algorithm);
  });
});
