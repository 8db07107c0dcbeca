// Apache httpd with mod_auth_openidc as Debian ships it, by the configuration of docs/applications/proxy.md.

import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { ended, freePort, start } from '../browser/processes.mjs';
import { Balanced } from '../browser/worlds.mjs';
import { Page } from './documentation.mjs';
import { onStage } from './stage.mjs';

const CONFIGURATION = fileURLToPath(new URL('apache.conf', import.meta.url));
const MODULES = '/usr/lib/apache2/modules';

/** A service that says whom it takes somebody for, and what it was told besides. */
async function service() {
  const server = createServer(({ headers, url }, response) => {
    const more = Object.keys(headers).filter((name) => name.startsWith('oidc'));
    response.end(`${url}: ${[headers['remote-user'] ?? 'nobody', ...more]}`);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

/** Apache in one process, which ends with this one. */
async function apache(folder, port) {
  const args = ['-X', '-f', CONFIGURATION, ...(process.getuid() === 0 ? ['-DAsRoot'] : [])];
  const env = { FOLDER: folder, LISTEN: `127.0.0.1:${port}`, MODULES, PATH: `${process.env.PATH}:/usr/sbin` };
  const child = start('apache2', args, { cwd: folder, env });
  for (let turn = 0; turn < 500; turn += 1) {
    const there = await fetch(`http://127.0.0.1:${port}/bye`).then(() => true, () => false);
    if (there) return child;
    if (child.exitCode !== null) throw new Error(readFileSync(`${folder}/apache.log`, 'utf8'));
    await new Promise((next) => setTimeout(next, 20));
  }
  throw new Error('Apache does not start');
}

test('mod_auth_openidc of Apache signs people in and out while processes are killed', { timeout: 60_000 }, () =>
  onStage(Balanced.start, async (stage, folder) => {
    const port = await freePort();
    const here = `http://127.0.0.1:${port}`;
    const behind = await service();
    const page = new Page('proxy.md', {
      'http://127.0.0.1:8080': stage.issuer,
      'http://127.0.0.1:3000': here,
      'http://127.0.0.1:8081': `http://127.0.0.1:${behind.address().port}`,
      '/etc/apache2/archive': `${folder}/archive`,
    });
    await page.paste(stage.world);
    page.writeInto(`${folder}/programs`);
    const child = await apache(folder, port);
    const kill = async () => {
      await stage.world.settled();
      await stage.world.strike();
    };
    try {
      const ada = stage.ada();
      await kill();
      assert.equal(await ada.read(`${here}/page?x=1`), '/page?x=1: ada');
      assert.deepEqual(ada.forms, ['/login', '/oauth2/consent']);
      assert.equal(await ada.read(`${here}/other`), '/other: ada', 'it keeps a session of its own');
      await kill();
      const out = `${here}/oidc?logout=${encodeURIComponent(`${here}/bye`)}`;
      assert.match(await ada.read(out), /^\/bye\b.*: nobody$/);
      assert.equal(ada.forms.at(-1), '/logout', 'and signs her out of both');
      await kill();
      assert.equal(await ada.read(`${here}/page`), '/page: ada');
      assert.deepEqual(ada.forms.slice(3), ['/login'], 'she signs in anew; what she allowed, she is not asked again');
      const forged = await fetch(`${here}/page`, { headers: { 'remote-user': 'root' }, redirect: 'manual' });
      assert.equal(forged.status, 401, 'a program is not sent to sign in');
      assert.equal(await (await fetch(`${here}/bye`, { headers: { 'remote-user': 'root' } })).text(), '/bye: nobody');
    } finally {
      child.kill('SIGKILL');
      await ended(child);
      behind.close();
    }
  }),
);
