// The mails that a server keeps to be read at /dev/outbox, by who asks it without a proxy between.

import { get } from 'node:http';
import { text } from 'node:stream/consumers';

/** The newest mail to somebody that has a link of that kind in it: the address of the link, and the mail's own. */
export async function letter(world, to, first) {
  for (const path of await letters(world)) {
    const page = await read(world, path);
    const link = page.match(new RegExp(`http[^"'<>\\s]*/${first}/thl_[0-9A-Za-z_-]+`));
    if (page.includes(to) && link) return { link: link[0], path };
  }
  throw new Error(`there is no mail to ${to} with a link to /${first}/…`);
}

/** Where the mails are, the newest first. */
export async function letters(world) {
  const list = await read(world, '/dev/outbox');
  return [...new Set(list.match(/\/dev\/outbox\/[0-9a-f-]{36}(?=")/g) ?? [])];
}

/** Whether a mail of that kind was written to somebody. */
export async function was(world, kind, to) {
  const mails = (await world.run(['mail', 'list', '--json'])).split('\n').map((line) => JSON.parse(line));
  return mails.some((mail) => mail.kind === kind && mail.recipient === to);
}

/** What any of the processes says; they may be killed at any moment. */
async function read(world, path) {
  let failure;
  for (let turn = 0; turn < 40; turn += 1) {
    try {
      const { status, page } = await ask(`${world.process()}${path}`, new URL(world.url).host);
      if (status === 200) return page.replaceAll('&#x2f;', '/').replaceAll('&amp;', '&');
      failure = new Error(`${path}: ${status}: ${page.slice(0, 300)}`);
    } catch (error) {
      failure = error;
    }
    await new Promise((next) => setTimeout(next, 50));
  }
  throw failure;
}

/** Asks one process by the name that people know the server by. */
function ask(url, host) {
  return new Promise((resolve, reject) => {
    const asked = get(url, { headers: { host, accept: 'text/html' } }, (answer) => {
      text(answer).then((page) => resolve({ status: answer.statusCode, page }), reject);
    });
    asked.on('error', reject);
  });
}
