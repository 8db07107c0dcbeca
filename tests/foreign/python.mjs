// Programs in Python, by the libraries that scripts/install-test-tools.sh has put into target/foreign-python.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { ROOT } from '../browser/processes.mjs';

const PYTHON = join(ROOT, 'target/foreign-python/bin/python');
const PROGRAMS = fileURLToPath(new URL('python', import.meta.url));

/** Starts a program and tells it `first`; each line that it says is answered by what `answer` makes of it, until that is
 * nothing. What was said last. */
export async function converse(program, first, answer = async () => undefined, more = {}) {
  const path = program.startsWith('/') ? program : join(PROGRAMS, program);
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', PYTHON, path], { env: { PATH: process.env.PATH, ...more }, stdio: 'pipe' });
  child.stdin.on('error', () => {}).write(`${JSON.stringify(first)}\n`);
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (complaint += text));
  const ended = once(child, 'close');
  let said;
  for await (const line of createInterface({ input: child.stdout })) {
    said = JSON.parse(line);
    const next = await answer(said);
    if (next !== undefined) child.stdin.write(`${next}\n`);
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`${program}: ${code}: ${complaint}`);
  return said;
}
