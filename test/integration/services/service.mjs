// The four services for tests: migrate, start, ask, stop; and stories told as data. Needs test/with-postgres around the whole.
import { spawn, execFileSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import assert from 'node:assert/strict';

const binary = process.env.TEST_SERVICES ?? 'build/src/services/test-services';
const conninfo = process.env.PAINTBOX_TEST_PG;
export const NAMES = ['customers', 'projects', 'estimates', 'integrations'];

export const tool = (...args) => execFileSync(binary, [conninfo, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
export const sql = (service, text) => execFileSync('psql', ['-d', `paintbox_${service}`, '-AtqX', '-v', 'ON_ERROR_STOP=1', '-c', text],
  { encoding: 'utf8' }).trim();

export async function start(name) {
  const child = spawn(binary, [conninfo, 'serve', name, '127.0.0.1:0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const log = [];
  const address = await new Promise((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.push(line);
      const found = / listening on (\S+)/.exec(line);
      if (found) resolve(found[1]);
    });
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}:\n${log.join('\n')}`)));
  });
  return {
    log,
    async ask(query, variables, caller) {
      const response = await fetch(`http://${address}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'paintbox-service-token': 'secret',
          ...(caller ? { 'paintbox-caller': JSON.stringify(caller) } : {}) },
        body: JSON.stringify({ query, variables, extensions: { paintbox: {} } }),
      });
      return response.json();
    },
    stop() {
      child.removeAllListeners('exit');
      const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
      child.kill('SIGTERM');
      return ended;
    },
  };
}

// ---- stories: steps of { on, as, query, variables, expect, save, sql } ----

const at = (value, path) => path.split('.').reduce((v, key) => v?.[key], value);
const fill = (value, names) => typeof value === 'string' && value.startsWith('$') ? names[value.slice(1)] ?? value
  : Array.isArray(value) ? value.map((v) => fill(v, names))
    : value && typeof value === 'object' && !(value instanceof RegExp) ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, fill(v, names)])) : value;

// Every member that `want` names; lists whole; a regular expression tests a text.
function match(got, want, path) {
  if (want instanceof RegExp) assert.match(String(got), want, path);
  else if (Array.isArray(want)) {
    assert.equal(got?.length, want.length, `${path}: ${JSON.stringify(got)}`);
    want.forEach((w, i) => match(got[i], w, `${path}[${i}]`));
  } else if (want && typeof want === 'object') {
    assert.ok(got && typeof got === 'object', `${path} is ${JSON.stringify(got)}`);
    for (const [key, w] of Object.entries(want)) match(got[key], w, `${path}.${key}`);
  } else assert.deepEqual(got, want, path);
}

export async function tell(story, services, callers) {
  const names = {};
  for (const [i, step] of story.entries()) {
    const where = `step ${i + 1} (${step.name ?? step.query?.slice(0, 50) ?? step.sql})`;
    if (step.sql) {
      const got = sql(step.on, step.sql.replace(/\$(\w+)/g, (_, n) => names[n]));
      if (step.expect !== undefined) assert.equal(got, String(step.expect), where);
      continue;
    }
    const caller = step.as === null ? null : callers[step.as ?? 'owner'];
    const answer = await services[step.on].ask(step.query, fill(step.variables, names), fill(caller, names));
    const first = answer.data && Object.values(answer.data)[0];
    const about = `${where}: ${JSON.stringify(answer).slice(0, 1500)}`;
    if (step.errors) match(answer.errors, step.errors, `${about}\nerrors`);
    else assert.equal(answer.errors, undefined, about);
    if (step.expect !== undefined) {
      try {
        match(first, fill(step.expect, names), 'answer');
      } catch (e) {
        throw new Error(`${about}\n${e.message}`);
      }
    }
    for (const [name, path] of Object.entries(step.save ?? {})) names[name] = at(first, path);
  }
  return names;
}
