// What the flows run in: one process over an embedded database, or several behind HAProxy of which whoever answered
// is killed: three over PostgreSQL, or two over an embedded database.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';

import { Balancer, command, freePort, Server } from './processes.mjs';

/** One process over a database of its own in `folder`. */
export class Alone {
  static async start(folder, env = {}, { isAway = false } = {}) {
    mkdirSync(folder, { recursive: true });
    const server = await Server.start({ folder, env, isAway });
    return Object.assign(new Alone(), { folder, env, server, url: server.url });
  }

  process() {
    return this.server.url;
  }

  /** Runs a command with the settings of the server. */
  run(args, input) {
    return command(this.folder, args, { env: { ...this.env, LISTEN_ADDR: this.server.address }, input });
  }

  /** What follows each step: nothing. */
  async after() {}

  async end() {
    await this.server.kill();
  }
}

/** Several processes behind the shipped balancer. */
export class Balanced {
  /** Three over a new database of the PostgreSQL that `scripts/with-postgres.sh` has started. */
  static async start(folder) {
    const admin = process.env.TOKENHOUSE_TEST_POSTGRES;
    if (!admin) throw new Error('no PostgreSQL; run it as `make browser` does, by scripts/with-postgres.sh');
    const name = `browser_${randomBytes(6).toString('hex')}`;
    execFileSync('psql', ['-XAtq', admin, '-c', `CREATE DATABASE ${name}`]);
    return Balanced.over(folder, 3, { DATABASE_URL: admin.replace(/\/[^/]*$/, `/${name}`) });
  }

  /** Two over an embedded database in `folder`. */
  static embedded(folder) {
    return Balanced.over(folder, 2, {});
  }

  static async over(folder, count, database) {
    const world = Object.assign(new Balanced(), { folder, restarting: new Map(), kills: 0 });
    world.settings = {
      ...database,
      TOKENHOUSE_SECRET: `k1:${randomBytes(32).toString('base64')}`,
      TRUSTED_PROXIES: '127.0.0.1',
      TOKENHOUSE_DEV_OUTBOX: 'on',
      TOKENHOUSE_SHOW_PROCESS: 'on',
    };
    const port = await freePort();
    world.settings.PUBLIC_URL = world.url = `http://127.0.0.1:${port}`;
    world.servers = await Promise.all(Array.from({ length: count }, () => Server.start({ folder, env: world.settings })));
    world.balancer = await Balancer.start(world.servers, folder, port);
    return world;
  }

  process() {
    const alive = this.servers.filter((server) => !this.restarting.has(server));
    return alive[Math.floor(Math.random() * alive.length)].url;
  }

  run(args, input) {
    return command(this.folder, args, { env: this.settings, input });
  }

  /** Kills every process that answered a document of the step, and has it replaced while the next step begins. */
  async after(seen) {
    await this.settled();
    const guilty = new Set(seen.splice(0).map(({ by }) => by));
    const dead = this.servers.filter((server) => guilty.has(server.id)).slice(0, 2);
    if (dead.length === 0) throw new Error('nobody says that he answered');
    await Promise.all(dead.map((server) => this.replace(server)));
  }

  /** Kills one of them in the middle of whatever it does, unless one is being replaced. */
  async strike() {
    if (this.restarting.size > 0) return;
    await this.replace(this.servers[Math.floor(Math.random() * this.servers.length)]);
  }

  /** Kills a process; another one is started in its place, which is not waited for. */
  replace(server) {
    this.kills += 1;
    const killed = server.kill();
    const again = killed.then(() => server.again()).then(async (next) => {
      this.servers[this.servers.indexOf(server)] = next;
      // Until the balancer knows of it, it is not there.
      await this.balancer.sees(this.servers.length);
      this.restarting.delete(server);
    });
    this.restarting.set(server, again);
    return killed;
  }

  /** Waits until all are there and the balancer knows. */
  async settled() {
    await Promise.all(this.restarting.values());
    await this.balancer.sees(this.servers.length);
  }

  async end() {
    await Promise.allSettled(this.restarting.values());
    await Promise.all([this.balancer.stop(), ...this.servers.map((server) => server.kill())]);
  }
}
