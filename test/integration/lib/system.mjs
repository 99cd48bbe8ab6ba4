// A whole Paintbox in a temporary folder, for tests: `paintbox up --detach` on free ports, SQL by psql, GraphQL by fetch.
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const program = process.env.PAINTBOX_PROGRAM ?? new URL('../../../build/src/cli/paintbox', import.meta.url).pathname;

const isFree = (port) =>
  new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** A base such that base … base + 5 are free. Below 32768, where the kernel begins to give ports to clients. */
export async function freePortBase(from = 21000 + (process.pid % 100) * 100) {
  for (let base = from; base < 32700; base += 10) {
    const free = await Promise.all([0, 1, 2, 3, 4, 5].map((i) => isFree(base + i)));
    if (free.every(Boolean)) return base;
  }
  throw new Error('no free ports');
}

export function temporaryFolder() {
  const dir = mkdtempSync(join(tmpdir(), 'paintbox-test-'));
  chmodSync(dir, 0o755); // the servers run as another user when the test is root
  return dir;
}

/** Runs the program to its end. Never throws: gives { code, stdout, stderr }. */
export async function paintbox(args, options = {}) {
  try {
    const { stdout, stderr } = await run(program, args, { maxBuffer: 1 << 26, ...options });
    return { code: 0, stdout, stderr };
  } catch (e) {
    return { code: e.code ?? -1, stdout: e.stdout ?? '', stderr: e.stderr ?? String(e) };
  }
}

export class System {
  constructor(dir, base) {
    this.dir = dir;
    this.base = base;
    this.url = `http://127.0.0.1:${base}/graphql`;
  }

  static async start({ args = [], dir = temporaryFolder(), base } = {}) {
    const system = new System(dir, base ?? (await freePortBase()));
    const up = await system.up(args);
    if (up.code !== 0) throw new Error(`up failed (${up.code}): ${up.stderr}\n${up.stdout}`);
    return system;
  }

  async up(args = []) {
    const up = await paintbox(['up', '--detach', '--data', this.dir, '--port-base', String(this.base), ...args]);
    this.summary = up.stdout;
    return up;
  }

  down() {
    return paintbox(['down', '--data', this.dir]);
  }

  status() {
    return paintbox(['status', '--data', this.dir]);
  }

  async token(role = 'OWNER', ...more) {
    const { stdout, stderr } = await paintbox(['token', '--data', this.dir, '--role', role, ...more]);
    if (!stdout) throw new Error(stderr);
    return stdout.trim();
  }

  /** { status, data, errors } */
  async graphql(query, variables, token) {
    this.owner ??= await this.token();
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token ?? this.owner}` }) },
      body: JSON.stringify({ query, variables }),
    });
    return { status: response.status, ...(await response.json()) };
  }

  /** Rows as objects. */
  sql(service, text) {
    const conninfo = /psql "([^"]*) dbname=/.exec(this.summary)[1];
    const out = execFileSync('psql', [`${conninfo} dbname=paintbox_${service}`, '-XAtq', '-c',
      `select coalesce(json_agg(r), '[]') from (${text}) r`], { maxBuffer: 1 << 28, encoding: 'utf8' });
    return JSON.parse(out);
  }

  log(name) {
    return readFileSync(join(this.dir, 'log', `${name}.log`), 'utf8');
  }

  /** Process ids of the children, by name, from /proc. */
  pidOf(name) {
    const out = execFileSync('pgrep', ['-f', `paintbox ${name} .*${this.dir}`], { encoding: 'utf8' });
    return out.trim().split('\n').map(Number);
  }

  async stop() {
    const down = await this.down();
    rmSync(this.dir, { recursive: true, force: true });
    return down;
  }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Repeats until it gives something true. */
export async function eventually(what, probe, ms = 30000) {
  for (const until = Date.now() + ms; Date.now() < until; await sleep(100)) {
    const value = await probe();
    if (value) return value;
  }
  throw new Error(`not within ${ms} ms: ${what}`);
}
