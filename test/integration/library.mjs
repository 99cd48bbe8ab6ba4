// The kit's test service: migrates, starts, asks and stops it. Needs test/with-postgres around the whole.
import { spawn, execFileSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

export const binary = join(process.env.BUILD_DIR ?? 'build', 'src/subgraph/test/test-library');
export const conninfo = process.env.PAINTBOX_TEST_PG;
export const TOKEN = 'secret';

export const authorId = (n) => `00000000-0000-7000-8000-0000000a${String(n).padStart(4, '0')}`;
export const bookId = (n) => `00000000-0000-7000-8000-000000b${String(n).padStart(5, '0')}`;

export function tool(...args) {
  return execFileSync(binary, [conninfo, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

export function sql(text, database = 'paintbox_library') {
  return execFileSync('psql', ['-d', database, '-AtqX', '-v', 'ON_ERROR_STOP=1', '-c', text], { encoding: 'utf8' }).trim();
}

export async function start(workers = 1, env = {}, listen = '127.0.0.1:0') {
  const child = spawn(binary, [conninfo, 'serve', listen, String(workers)],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
  const log = [];
  const address = await new Promise((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.push(line);
      const found = / listening on (\S+)/.exec(line);
      if (found) resolve(found[1]);
    });
    child.once('exit', (code) => reject(new Error(`the service ended with ${code}:\n${log.join('\n')}`)));
  });
  const url = `http://${address}/graphql`;
  const post = (body, headers = {}) => fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'paintbox-service-token': TOKEN, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return {
    url, post, log, child,
    async ask(query, variables, headers) {
      const response = await post({ query, variables, extensions: { paintbox: {} } }, headers);
      return response.json();
    },
    async stop() {
      child.removeAllListeners('exit');
      const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
      child.kill('SIGTERM');
      return ended;
    },
  };
}
