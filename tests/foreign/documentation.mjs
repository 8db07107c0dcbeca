// The pages of docs/applications: their programs and commands, as a reader would paste them.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { BINARY, QUICK, ROOT } from '../browser/processes.mjs';

const MODULES = fileURLToPath(new URL('node_modules', import.meta.url));
/** The first line of a program is a comment with its name. */
const PROGRAM = /^```[a-z]+\n(?:\/\/|#|<!--) ([a-z]+\.[a-z]+)(?: -->)?\n([\s\S]*?)^```/gm;

/** A page, with other addresses in the place of those that are printed. */
export class Page {
  constructor(name, addresses) {
    this.text = readFileSync(join(ROOT, 'docs/applications', name), 'utf8');
    for (const [printed, real] of Object.entries(addresses)) {
      if (!this.text.includes(printed)) throw new Error(`${name} does not say ${printed}`);
      this.text = this.text.replaceAll(printed, real);
    }
  }

  /** Writes the programs into a folder beside what npm has installed. */
  writeInto(folder) {
    mkdirSync(folder, { recursive: true });
    const names = [...this.text.matchAll(PROGRAM)].map(([, name, program]) => {
      writeFileSync(join(folder, name), program);
      return name;
    });
    symlinkSync(MODULES, join(folder, 'node_modules'));
    return names;
  }

  /** Pastes the commands that stand indented, and `last` after them; what they print. */
  async paste(world, last = '') {
    const fences = this.text.split(/^```.*$/m).filter((_, index) => index % 2 === 0);
    const commands = fences.flatMap((part) => part.match(/^ {4}.*$/gm) ?? []).map((line) => line.slice(4));
    const programs = `${dirname(BINARY)}:${process.env.PATH}`;
    const env = { ...QUICK, ...world.settings, ...world.env, PATH: programs, LISTEN_ADDR: new URL(world.url).host };
    const child = spawn('sh', ['-eu', '-c', [...commands, last].join('\n')], { cwd: world.folder, env });
    const said = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    const [printed, complaint, [code]] = await said;
    if (code !== 0) throw new Error(`${code}: ${complaint}`);
    return printed.trim();
  }
}
