// Real processes: Tokenhouse and HAProxy, each on ports of its own, ended by its pid and with this one.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What is tested. */
export const BINARY = [process.env.TOKENHOUSE_BIN, join(ROOT, 'target/release/tokenhouse'), join(ROOT, 'target/debug/tokenhouse')].find(
  (path) => path && existsSync(path),
);
/** A password that the rules accept. */
export const PASSWORD = 'correct horse battery staple';
/** So that a test waits for the product and not for the hash. */
export const QUICK = { TOKENHOUSE_ARGON2_MEMORY: '64', TOKENHOUSE_ARGON2_ITERATIONS: '1' };
const LONG = 20_000;

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Starts a program that ends with this one, whatever becomes of it. */
export function start(program, args, { env, cwd }) {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Resolves with what `of` gives for a line, or fails when the program ends or takes too long. */
export function line(child, stream, of) {
  return new Promise((resolve, reject) => {
    const said = [];
    const fail = (why) => reject(new Error(`${why}; it said:\n${said.slice(-20).join('\n')}`));
    const timer = setTimeout(() => fail('it takes too long'), LONG);
    child.once('close', (code, signal) => fail(`it ended with ${code ?? signal}`));
    for (const each of ['stdout', 'stderr']) {
      createInterface({ input: child[each] }).on('line', (text) => {
        said.push(text);
        const found = each === stream ? of(text) : undefined;
        if (found !== undefined) {
          clearTimeout(timer);
          resolve(found);
        }
      });
    }
  });
}

/** Removes a folder into which somebody who is just ending may still write: a browser has many processes. */
export async function remove(folder) {
  for (let turn = 0; ; turn += 1) {
    try {
      return rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (error.code !== 'ENOTEMPTY' || turn === 100) throw error;
      await new Promise((next) => setTimeout(next, 50));
    }
  }
}

/** A folder that goes when `use` is done. */
export async function inFolder(use) {
  const folder = mkdtempSync(join(tmpdir(), 'tokenhouse-browser-'));
  try {
    return await use(folder);
  } finally {
    await remove(folder);
  }
}

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits for its end. */
export async function ended(child) {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** One process that serves. */
export class Server {
  constructor(child, { address, id, management }, again) {
    Object.assign(this, { child, address, id, management, again });
  }

  /** Starts one, by default over an embedded database in `folder` and on any port. Where the database is away it
   * is never ready, so then a port is chosen before and connected to. */
  static async start({ folder, env = {}, args = [], isAway = false }) {
    if (!BINARY) throw new Error('there is no tokenhouse to test; build it, or name it by TOKENHOUSE_BIN');
    const port = isAway ? await freePort() : 0;
    const child = start(BINARY, ['serve', ...args], {
      cwd: folder,
      env: { LISTEN_ADDR: `127.0.0.1:${port}`, MANAGEMENT_LISTEN: '127.0.0.1:0', LOG_FORMAT: 'json', TOKENHOUSE_ACCESS_LOG: 'off', ...QUICK, ...env },
    });
    const awaited = isAway ? 'tokenhouse.waiting_for_database' : 'tokenhouse.ready';
    const ready = await line(child, 'stdout', (text) => {
      const said = text.startsWith('{') ? JSON.parse(text) : {};
      return said['event.name'] === awaited ? said : undefined;
    });
    ready['server.port'] ??= port;
    return new Server(
      child,
      {
        address: `127.0.0.1:${ready['server.port']}`,
        id: ready['tokenhouse.process.id'],
        management: ready['tokenhouse.management.address'],
      },
      () => Server.start({ folder, env: { ...env, LISTEN_ADDR: `127.0.0.1:${ready['server.port']}`, MANAGEMENT_LISTEN: ready['tokenhouse.management.address'] }, args }),
    );
  }

  get url() {
    return `http://${this.address}`;
  }

  async kill() {
    this.child.kill('SIGKILL');
    await ended(this.child);
  }
}

/** Runs a command against a database; what it prints. */
export async function command(folder, args, { env = {}, input } = {}) {
  const child = spawn(BINARY, args, { cwd: folder, env: { PATH: process.env.PATH, ...QUICK, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const printed = { stdout: '', stderr: '' };
  for (const each of ['stdout', 'stderr']) child[each].setEncoding('utf8').on('data', (text) => (printed[each] += text));
  // Who does not read what is said to him may be gone before it was said.
  child.stdin.on('error', () => {}).end(input ?? '');
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`tokenhouse ${args.join(' ')}: ${code}: ${printed.stderr}`);
  return printed.stdout.trim();
}

/** `tokenhouse serve` as a new user starts it, and the first line of what it prints that `of` takes. */
export async function serveAsIs(folder, of, args = ['--listen', '127.0.0.1:0']) {
  const child = start(BINARY, ['serve', ...args], { cwd: folder, env: {} });
  const found = await line(child, 'stderr', of);
  return { found, stop: async () => (child.kill('SIGTERM'), ended(child)) };
}

/** The shipped HAProxy configuration before some servers. */
export class Balancer {
  static async start(servers, folder, port) {
    const socket = join(folder, 'haproxy.sock');
    const env = { LB_BIND: `127.0.0.1:${port}`, LB_STATS: socket };
    servers.forEach(({ address, management }, index) => {
      env[`LB_SERVER_${index + 1}`] = address;
      env[`LB_CHECK_${index + 1}`] = management.split(':').at(-1);
    });
    const path = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;
    const child = start('haproxy', ['-f', join(ROOT, 'deploy/haproxy.cfg')], { cwd: folder, env: { ...env, PATH: path } });
    const balancer = Object.assign(new Balancer(), { child, socket, log: '' });
    child.stdout.setEncoding('utf8').on('data', (text) => (balancer.log += text));
    child.stderr.resume();
    await balancer.sees(servers.length);
    return balancer;
  }

  /** Waits until so many servers are in use; the balancer asks each five times a second. */
  async sees(count) {
    for (const until = Date.now() + LONG; Date.now() < until; await new Promise((next) => setTimeout(next, 20))) {
      const state = await this.ask('show stat\n').catch(() => '');
      if (state.split('\n').filter((row) => /^tokenhouse,s\d/.test(row) && row.includes(',UP,')).length >= count) return;
    }
    throw new Error(`the balancer does not see ${count} servers`);
  }

  async ask(question) {
    const connection = createConnection(this.socket);
    connection.setEncoding('utf8').end(question);
    let answer = '';
    for await (const part of connection) answer += part;
    return answer;
  }

  async stop() {
    this.child.kill('SIGKILL');
    await ended(this.child);
  }
}
