// What the libraries meet: several processes behind the balancer, somebody with an account, and clients made by the
// command line. And a network on which processes die.

import { webcrypto } from 'node:crypto';

import { inFolder, PASSWORD } from '../browser/processes.mjs';
import { Person } from './person.mjs';

// Node 18 has it, but not under this name.
globalThis.crypto ??= webcrypto;

const TRIES = 6;
const GONE = [502, 503, 504];

/** Runs `use` with a world that somebody called ada has an account in. */
export function onStage(start, use) {
  return inFolder(async (folder) => {
    const world = await start(folder);
    try {
      await world.run(['user', 'create', 'ada', '--email', 'ada@example.org'], PASSWORD);
      return await use(new Stage(world), folder);
    } finally {
      await world.end();
    }
  });
}

export class Stage {
  constructor(world) {
    this.world = world;
    this.issuer = world.url;
  }

  /** Somebody who knows ada's password, at a browser of her own. */
  ada() {
    return new Person('ada', PASSWORD, () => this.recovered());
  }

  /** Registers a client: its id, and its secret if it has one. */
  async client(id, preset, options = {}) {
    const args = Object.entries(options).flatMap(([name, values]) =>
      [values].flat().flatMap((value) => [`--${name}`, value]),
    );
    const made = JSON.parse(await this.world.run(['client', 'create', id, '--preset', preset, '--json', ...args]));
    return { id, secret: made.client_secret };
  }

  /** A `fetch` for libraries, in which every `every`-th request is on its way when a process is killed. It does
   * what docs/applications.md says may be done when an answer is lost: it asks again, except for a code. */
  harried(every) {
    let count = 0;
    const ask = async (url, options) => {
      count += 1;
      const answer = fetch(url, options);
      if (count % every === 0) await Promise.all([this.world.strike(), answer.catch(() => {})]);
      return answer;
    };
    return async (url, options = {}) => {
      const isCode = String(options.body ?? '').includes('grant_type=authorization_code');
      for (let turn = 1; ; turn += 1) {
        const answer = await ask(url, options).catch((error) => error);
        const isLost = answer instanceof Error || GONE.includes(answer.status);
        if (!isLost) return answer;
        if (isCode) throw new LostCode();
        if (turn === TRIES) throw answer instanceof Error ? answer : new Error(`${url}: ${answer.status}`);
        await this.recovered();
      }
    };
  }

  /** Waits until somebody is there who could answer. */
  async recovered() {
    await this.world.balancer?.sees(1);
  }
}

/** Nobody knows whether the code was redeemed: one signs in again, which asks nothing of her. */
export class LostCode extends Error {}

/** Does it once more when the answer to a code was lost. */
export async function again(signIn) {
  for (let turn = 1; ; turn += 1) {
    try {
      return await signIn();
    } catch (error) {
      const isLost = [error, error.cause].some((each) => each instanceof LostCode);
      if (!isLost || turn === TRIES) throw error;
    }
  }
}
