// Runs cases through graphql-test-semantics (src/graphql/test-semantics.c).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(fileURLToPath(import.meta.url), '../../../..');
const path = join(process.env.BUILD_DIR ?? join(root, 'build'), 'src/graphql/graphql-test-semantics');

/** cases: objects as the program describes them; gives one result per case. */
export function runSemantics(cases) {
  if (!existsSync(path)) throw new Error(`${path} is missing: build it, or set BUILD_DIR`);
  const input = cases.map((one) => JSON.stringify(one) + '\n').join('');
  const run = spawnSync(path, { input, maxBuffer: 1 << 30 });
  const lines = run.stdout.toString('utf8').split('\n').slice(0, -1);
  if (run.status !== 0 || lines.length !== cases.length) {
    throw new Error(
      `the program ended with ${run.signal ?? run.status} after ${lines.length} of ${cases.length} cases\n` +
        `${run.stderr.toString().slice(0, 4000)}\ncase: ${JSON.stringify(cases[lines.length])}`,
    );
  }
  return lines.map((line) => JSON.parse(line));
}
