// oidc-client-ts in a real browser: the page of docs/applications/spa.md, served by another site than Tokenhouse.

import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import test from 'node:test';

import { visit, withBrowser } from '../browser/browser.mjs';
import { PASSWORD } from '../browser/processes.mjs';
import { Balanced } from '../browser/worlds.mjs';
import { Page } from './documentation.mjs';
import { onStage } from './stage.mjs';

/** Serves a folder; to a browser, `localhost` is another site than `127.0.0.1`. */
async function serving(use) {
  let folder;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const file = join(folder, pathname === '/' ? 'index.html' : pathname);
    if (!existsSync(file)) return response.writeHead(204).end();
    const type = file.endsWith('.js') ? 'text/javascript' : 'text/html';
    return response.writeHead(200, { 'content-type': type }).end(readFileSync(file));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    return await use(`http://localhost:${server.address().port}`, (path) => (folder = path));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Somebody at the page. */
class Visitor {
  constructor(stage, here, { page, failed }) {
    Object.assign(this, { stage, here, page, failed, wrong: [] });
    page.on('pageerror', (error) => this.wrong.push(error.message));
    page.on('console', (message) => message.type() === 'error' && this.wrong.push(message.text()));
  }

  /** What the page shows, once it says something like that. */
  async reads(pattern) {
    await this.page.waitForFunction((source) => new RegExp(source).test(document.querySelector('#who')?.textContent), pattern.source);
  }

  /** Waits until the page is there and its script has run. */
  async ready() {
    await this.page.waitForSelector('html[data-ready]');
  }

  /** Does something that has the page ask us, and waits for the answer, which its script has to be let to read. */
  async asks(path, about, act) {
    const isIt = (answer) =>
      answer.url() === `${this.stage.issuer}${path}` && answer.request().method() === 'POST' && answer.request().postData().includes(about);
    const [answer] = await Promise.all([this.page.waitForResponse(isIt), act()]);
    assert.equal(answer.status(), 200, `${path} ${about}`);
    assert.equal((await answer.allHeaders())['access-control-allow-origin'], this.here);
  }

  async signIn() {
    await this.ready();
    await this.page.click('#in');
    await this.page.fill('[name="username"]', 'ada');
    await this.page.fill('[name="password"]', PASSWORD);
    await this.kills();
    await this.page.click('button.primary');
    await this.page.click('button[value="allow"]');
    await this.reads(/^ada, until/);
  }

  async signOut() {
    await this.kills();
    await this.asks('/oauth2/revoke', 'token=', () => this.page.click('#out'));
    await this.page.click('form[action="/logout"] button.primary');
    await this.page.waitForURL(`${this.here}/`);
    await this.reads(/^Nobody is signed in/);
  }

  async kills() {
    await this.stage.world.settled();
    await this.stage.world.strike();
  }
}

/** What a script of an origin that nobody registered may read. */
async function strangers(page, issuer) {
  return page.evaluate(async (issuer) => {
    const asked = ['/.well-known/openid-configuration', '/oauth2/jwks', '/oauth2/userinfo', '/oauth2/token', '/account'];
    const may = await Promise.all(asked.map((path) => fetch(issuer + path).then(() => path, () => undefined)));
    return may.filter(Boolean);
  }, issuer);
}

test('oidc-client-ts signs in, renews and signs out in a browser while processes are killed', { timeout: 60_000 }, () =>
  onStage(Balanced.start, (stage, folder) =>
    serving(async (here, show) => {
      const document = new Page('spa.md', { 'http://127.0.0.1:8080': stage.issuer, 'http://localhost:3000': here });
      await document.paste(stage.world);
      document.writeInto(`${folder}/programs`);
      show(`${folder}/programs`);
      await withBrowser(async (browser) => {
        const tab = await visit(browser);
        const ada = new Visitor(stage, here, tab);
        await tab.page.goto(`${here}/`);
        await ada.signIn();
        for (let turn = 0; turn < 3; turn += 1) {
          await ada.kills();
          await ada.asks('/oauth2/token', 'grant_type=refresh_token', () => tab.page.click('#renew'));
        }
        await ada.signOut();
        await ada.ready();
        await tab.page.click('#in');
        await tab.page.waitForURL(`${stage.issuer}/login?**`);
        assert.deepEqual([ada.wrong, ada.failed], [[], []]);

        await tab.page.goto(`${here.replace('localhost', '127.0.0.1')}/`);
        const read = await strangers(tab.page, stage.issuer);
        assert.deepEqual(read, ['/.well-known/openid-configuration', '/oauth2/jwks']);
      });
    }),
  ),
);
