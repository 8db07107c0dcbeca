// Programs in Python, by the libraries that scripts/install-test-tools.sh has put into target/foreign-python.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ROOT } from '../browser/processes.mjs';
import { talk } from './talk.mjs';

const PYTHON = join(ROOT, 'target/foreign-python/bin/python');
const PROGRAMS = fileURLToPath(new URL('python', import.meta.url));

/** Starts a program and has a conversation with it, as `talk` does. */
export async function converse(program, first, answer = async () => undefined, more = {}) {
  const path = program.startsWith('/') ? program : join(PROGRAMS, program);
  return talk(PYTHON, [path], more, first, answer);
}
