// The programs of docs/applications do what is said there, as they are printed.

import { strict as assert } from 'node:assert';
import test from 'node:test';

import { ended, freePort, line, ROOT, start } from '../browser/processes.mjs';
import { Alone } from '../browser/worlds.mjs';
import { Page } from './documentation.mjs';
import { onStage } from './stage.mjs';

const VENV = `${ROOT}target/foreign-python/bin`;
const HERE = 'http://127.0.0.1:3000';
/** Node 18 knows WebCrypto, but has to be told so; the libraries are for 20 and newer. */
const NODE = [process.execPath, ...(parseInt(process.versions.node, 10) < 19 ? ['--experimental-global-webcrypto'] : [])];

/** Runs `use` with the programs of a page beside a server of its own, and the secret that its commands made. */
function following(name, use) {
  return onStage(Alone.start.bind(Alone), async (stage, folder) => {
    const port = String(await freePort());
    const here = `http://127.0.0.1:${port}`;
    const addresses = { 'http://127.0.0.1:8080': stage.issuer };
    if (name !== 'native.md') addresses[HERE] = here;
    if (name === 'machine.md' || name === 'server.md') addresses['.listen(3000,'] = `.listen(${port},`;
    const page = new Page(name, addresses);
    const secret = await page.paste(stage.world, 'printf %s "${SECRET-}"');
    page.writeInto(`${folder}/programs`);
    const env = { SECRET: secret.split('\n').at(-1), SESSION_KEY: 'of no secret', AUTHLIB_INSECURE_TRANSPORT: '1' };
    const children = [];
    const run = ([program, ...args]) => {
      children.push(start(program, args, { cwd: `${folder}/programs`, env }));
      return children.at(-1);
    };
    try {
      await use({ stage, here, port, run });
    } finally {
      children.forEach((child) => child.kill('SIGKILL'));
      await Promise.all(children.map(ended));
    }
  });
}

/** Waits until a program says something like that. */
const says = (child, pattern, stream = 'stdout') => line(child, stream, (text) => text.match(pattern) ?? undefined);

/** Somebody signs in to an application on a server, and out again. */
async function visit(stage, here) {
  const ada = stage.ada();
  assert.match(await ada.read(`${here}/`), /Nobody is signed in/);
  assert.match(await ada.read(`${here}/sign-in`), /ada is signed in/);
  assert.match(await ada.read(`${here}/`), /ada is signed in/);
  assert.match(await ada.read(`${here}/sign-out`), /Nobody is signed in/);
  assert.deepEqual(ada.forms, ['/login', '/oauth2/consent', '/logout']);
}

test('the application on a server in Node works as it is printed', { timeout: 30_000 }, () =>
  following('server.md', async ({ stage, here, run }) => {
    const child = run([...NODE, 'app.mjs']);
    await says(child, /^at /);
    await visit(stage, here);
  }),
);

test('the application on a server in Python works as it is printed', { timeout: 30_000 }, () =>
  following('server.md', async ({ stage, here, port, run }) => {
    const child = run([`${VENV}/flask`, 'run', '--port', port]);
    await says(child, /Running on/, 'stderr');
    await visit(stage, here);
  }),
);

test('the program for a command line works as it is printed', { timeout: 30_000 }, () =>
  following('native.md', async ({ stage, run }) => {
    const child = run([...NODE, 'ask.mjs']);
    const rest = Promise.all([says(child, /^Hello ada$/), says(child, /^good for \d+ seconds more$/)]);
    const [address] = await says(child, /^http.*/);
    assert.match(await stage.ada().read(address), /You may close this window/);
    await rest;
    await ended(child);
    assert.equal(child.exitCode, 0);
  }),
);

test('a machine and the API that it asks work as they are printed', { timeout: 30_000 }, () =>
  following('machine.md', async ({ here, run }) => {
    const api = run([...NODE, 'api.mjs']);
    await says(api, /^at /);
    assert.equal((await fetch(`${here}/reports`)).status, 401);
    assert.equal((await fetch(`${here}/reports`, { headers: { authorization: 'Bearer x.y.z' } })).status, 401);
    for (const program of [[...NODE, 'job.mjs'], [`${VENV}/python`, 'job.py']]) {
      const job = run(program);
      await says(job, /^reports for nightly$/);
      await ended(job);
      assert.equal(job.exitCode, 0);
    }
  }),
);
