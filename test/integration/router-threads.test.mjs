// Two workers share plans, operations and keys while both are busy with new and known operations; most telling under ThreadSanitizer.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignJWT } from 'jose';
import { Router, compose, subgraph } from './lib/router.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 600);
const dir = mkdtempSync(join(tmpdir(), 'threads-'));
const secret = randomBytes(32);
let router, subgraphs;

before(async () => {
  writeFileSync(join(dir, 'jwks.json'), JSON.stringify({ keys: [{ kty: 'oct', alg: 'HS256', k: secret.toString('base64url') }] }));
  const user = { __resolveReference: (r) => r };
  subgraphs = [
    await subgraph('a', 'type Query { users: [User!]! } type User @key(fields: "id") { id: ID! name: String secret: Int @requiresScopes(scopes: [["s"]]) }',
      { Query: { users: () => [1, 2, 3].map((id) => ({ id, name: `n${id}`, secret: id })) }, User: user }),
    await subgraph('b', 'type User @key(fields: "id") { id: ID! age(plus: Int): Int friend: User }',
      { User: { ...user, age: ({ id }, { plus }) => 10 * id + (plus ?? 0), friend: ({ id }) => ({ id }) } }),
  ];
  router = await Router.start(compose(subgraphs), {
    workers: 2,
    config: `router:\n  query_planning:\n    cache_size: 20\n  authentication:\n    router:\n      jwt:\n        jwks:\n          - url: ${dir}/jwks.json\n`,
  });
});
after(async () => {
  for (const s of subgraphs ?? []) await s.close();
  assert.equal(await router?.stop(), 0, router?.log.join('\n').slice(0, 20000));
  rmSync(dir, { recursive: true });
});

const agents = Array.from({ length: 8 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
const ask = (agent, body, token) => new Promise((resolve, reject) => {
  const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const call = request(router.url, { agent, method: 'POST', headers }, async (response) => {
    let text = '';
    for await (const chunk of response) text += chunk;
    resolve(JSON.parse(text));
  });
  call.on('error', reject).end(JSON.stringify(body));
});

test('distinct operations, conditions and callers at once', async () => {
  const tokens = await Promise.all(['u1', 'u2', 'u3'].map((sub, i) =>
    new SignJWT({ sub, scopes: i ? ['s'] : [], exp: Math.floor(Date.now() / 1000) + 600 }).setProtectedHeader({ alg: 'HS256' }).sign(secret)));
  let next = 0;
  await Promise.all(agents.map(async (agent) => {
    while (next < ROUNDS) {
      const n = next++, who = n % 4;
      const query = `query Q${n % 50}($s: Boolean!, $p: Int) { users { id name @skip(if: $s) x${n % 30}: age(plus: $p) secret friend { age } } }`;
      const { data, errors } = await ask(agent, { query, variables: { s: n % 3 === 0, p: n } }, who ? tokens[who - 1] : undefined);
      assert.deepEqual(data.users.map((u) => u[`x${n % 30}`]), [10 + n, 20 + n, 30 + n]);
      assert.deepEqual(data.users.map((u) => u.secret), who > 1 ? [1, 2, 3] : [null, null, null]);
      assert.equal(errors?.length ?? 0, who > 1 ? 0 : 3);
      assert.equal('name' in data.users[0], n % 3 !== 0);
    }
  }));
  agents.forEach((a) => a.destroy());
});

// Few different queries from many clients, so that most of them join one that is under way; some leave, some write, and the supergraph changes.
test('the supergraph changes while requests are shared', async () => {
  const sdl = (n) => compose([subgraphs[0], { ...subgraphs[1], sdl: `${subgraphs[1].sdl} extend type User { extra${n}: Int }` }]);
  const file = join(router.dir, 'supergraph.graphql');
  const crowd = Array.from({ length: 24 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  let stop = false, answered = 0;
  const clients = crowd.map(async (agent, i) => {
    for (let n = i; !stop; n++) {
      const controller = new AbortController();
      if (n % 9 === 0) setTimeout(() => controller.abort(), n % 5);
      const headers = { 'content-type': 'application/json', ...(n % 13 === 0 ? { 'cache-control': 'no-cache' } : {}) };
      const query = ['{ users { id name age } }', '{ users { id name age friend { name } } }'][n % 2];
      const text = await new Promise((resolve) => {
        const call = request(router.url, { agent, method: 'POST', headers, signal: controller.signal }, async (response) => {
          let got = '';
          try {
            for await (const chunk of response) got += chunk;
          } catch {
            return resolve('');
          }
          resolve(got);
        });
        call.on('error', () => resolve('')).end(JSON.stringify({ query }));
      });
      if (!text) continue;
      const { data, errors } = JSON.parse(text);
      assert.equal(errors, undefined, text);
      assert.deepEqual(data.users.map((u) => u.age), [10, 20, 30]);
      answered++;
    }
  });
  const inUse = () => router.log.filter((line) => /new supergraph is in use/.test(line)).length;
  for (let n = 0; n < 6; n++) {
    writeFileSync(`${file}.next`, sdl(n));
    renameSync(`${file}.next`, file);
    router.child.kill('SIGHUP');
    for (const end = Date.now() + 60000; inUse() <= n && Date.now() < end; ) await sleep(20);
    const before = answered;
    for (const end = Date.now() + 60000; answered < before + 50 && Date.now() < end; ) await sleep(5);
  }
  stop = true;
  await Promise.all(clients);
  crowd.forEach((agent) => agent.destroy());
  assert.equal(inUse(), 6, router.log.join('\n'));
  assert.ok(answered >= 300, `${answered} answers`);
});

// Planning, reading documents and resolving names share libuv's helper threads: its four are too few when names hang.
test('there are more helper threads than libuv\'s four', { skip: 'UV_THREADPOOL_SIZE' in process.env }, () => {
  const threads = readdirSync(`/proc/${router.child.pid}/task`).length;
  assert.ok(threads > 8 + availableParallelism(), `${threads} threads`);
});
