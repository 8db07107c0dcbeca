// A program that speaks in lines of JSON, and is answered by lines.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Starts a program and tells it `first`; each line that it says is answered by what `answer` makes of it, until that is
 * nothing. What was said last. */
export async function talk(program, args, env, first, answer) {
  const options = { env: { PATH: process.env.PATH, ...env }, stdio: 'pipe' };
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], options);
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
  if (code !== 0) throw new Error(`${[program, ...args].join(' ')}: ${code}: ${complaint}`);
  return said;
}
