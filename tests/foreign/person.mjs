// Somebody at a browser without scripts, as far as signing in needs one: she keeps cookies, follows redirects, and
// fills the forms of the pages. When an answer is lost, she asks for the page again.

import { strict as assert } from 'node:assert';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

const TRIES = 6;
const FORM = 'application/x-www-form-urlencoded';
/** What browsers say when somebody goes to a page; `fetch` cannot. */
const HEADERS = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
/** What the balancer says when whoever was to answer is gone. */
const GONE = [502, 503, 504];

export class Person {
  /** After an answer was lost, `recovered` is awaited. */
  constructor(username, password, recovered = async () => {}) {
    const agent = new Agent({ keepAlive: true });
    Object.assign(this, { username, password, recovered, agent, cookies: new Map(), forms: [] });
  }

  /** Goes where an application sends her, through all pages, until she is sent to an address that begins with
   * `home`: that address, or the request that a form there makes. */
  sent(address, home) {
    return this.until(address, ({ url, method, body }) => {
      if (!url.startsWith(home)) return undefined;
      return body ? new Request(url, { method, body, headers: { 'content-type': FORM } }) : new URL(url);
    });
  }

  /** Goes to an application and through all pages of ours: what that says in the end. */
  read(address) {
    const shown = (request, answer) => (answer && !answer.page.includes('<main') ? answer.page : undefined);
    return this.until(address, shown);
  }

  async until(address, found) {
    for (let turn = 0; turn < TRIES; turn += 1) {
      const end = await this.walk(address, found);
      if (end !== undefined) return end;
      await this.recovered();
    }
    throw new Error(`no answer to ${address}`);
  }

  /** One way from page to page, until something is found; nothing if an answer was lost. */
  async walk(address, found) {
    let next = { url: String(address), method: 'GET' };
    for (let step = 0; step < 20; step += 1) {
      const early = found(next);
      if (early) return early;
      const answer = await this.ask(next);
      if (!answer) return undefined;
      const to = answer.headers.location;
      if (answer.status >= 300 && answer.status < 400 && to) {
        next = { url: new URL(to, next.url).href, method: 'GET' };
        continue;
      }
      assert.equal(answer.status, 200, `${next.url}: ${answer.page.slice(0, 2000)}`);
      const end = found(next, answer);
      if (end !== undefined) return end;
      next = this.fill(answer.page, next.url);
    }
    throw new Error(`in circles at ${next.url}`);
  }

  /** The answer, or nothing if it was lost on the way. */
  async ask({ url, method, body }) {
    const { host } = new URL(url);
    const jar = this.cookies.get(host) ?? new Map();
    this.cookies.set(host, jar);
    const cookie = [...jar].map((pair) => pair.join('=')).join('; ');
    const headers = { ...HEADERS, ...(cookie && { cookie }), ...(body && { 'content-type': FORM }) };
    const answer = await exchange(url, { method, headers, agent: this.agent }, body).catch(() => undefined);
    if (!answer || GONE.includes(answer.status)) return undefined;
    for (const each of answer.headers['set-cookie'] ?? []) keep(jar, each);
    return answer;
  }

  /** The request that the form of the page makes when she has filled it in. */
  fill(page, address) {
    const main = page.slice(page.indexOf('<main'), page.indexOf('</main>'));
    const form = main.match(/<form[^>]*action="([^"]+)"[^>]*>([\s\S]*?)<\/form>/);
    assert.ok(form, `there is no form at ${address}: ${main}`);
    const fields = new URLSearchParams();
    for (const [input] of form[2].matchAll(/<input[^>]*>|<button class="primary"[^>]*>/g)) {
      if (attribute(input, 'name')) fields.append(attribute(input, 'name'), attribute(input, 'value') ?? '');
    }
    if (fields.has('username')) fields.set('username', this.username);
    if (fields.has('password')) fields.set('password', this.password);
    const action = plain(form[1]);
    this.forms.push(action.split('?')[0]);
    return { url: new URL(action, address).href, method: 'POST', body: fields.toString() };
  }
}

async function exchange(url, options, body) {
  const answer = await new Promise((resolve, reject) => {
    request(url, options, resolve).on('error', reject).end(body);
  });
  return { status: answer.statusCode, headers: answer.headers, page: await text(answer) };
}

function keep(jar, cookie) {
  const [pair, ...attributes] = cookie.split(';').map((part) => part.trim());
  const [name, ...value] = pair.split('=');
  if (attributes.some((each) => /^max-age=0$/i.test(each))) jar.delete(name);
  else jar.set(name, value.join('='));
}

function attribute(tag, name) {
  const found = tag.match(new RegExp(`\\s${name}="([^"]*)"`));
  return found ? plain(found[1]) : undefined;
}

/** As it was before it was written as HTML. */
function plain(text) {
  const named = { amp: '&', lt: '<', gt: '>', quot: '"' };
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(amp|lt|gt|quot));/gi, (_, hex, decimal, name) =>
    name ? named[name.toLowerCase()] : String.fromCodePoint(parseInt(hex ?? decimal, hex ? 16 : 10)),
  );
}
