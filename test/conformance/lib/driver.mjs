// Runs cases through graphql-test-driver (src/graphql/test-driver.c).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(fileURLToPath(import.meta.url), '../../../..');
const path = join(process.env.BUILD_DIR ?? join(root, 'build'), 'src/graphql/graphql-test-driver');

/** cases: [{mode, text}]; gives one result per case. */
export function runDriver(cases) {
  if (!existsSync(path)) throw new Error(`${path} is missing: build it, or set BUILD_DIR`);
  const input = cases.flatMap(({ mode, text }) => {
    const bytes = Buffer.from(text, 'utf8');
    return [Buffer.from(`${mode} ${bytes.length}\n`), bytes];
  });
  const run = spawnSync(path, { input: Buffer.concat(input), maxBuffer: 1 << 30 });
  const lines = run.stdout.toString('utf8').split('\n').slice(0, -1);
  if (run.status !== 0 || lines.length !== cases.length) {
    const at = cases[lines.length];
    throw new Error(
      `driver ended with ${run.signal ?? run.status} after ${lines.length} of ${cases.length} cases\n` +
        `${run.stderr.toString().slice(0, 4000)}\ncase: ${JSON.stringify(at)}`,
    );
  }
  return lines.map((line) => JSON.parse(line));
}
