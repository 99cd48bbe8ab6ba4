// Two workers share plans, operations and keys while both are busy with new and known operations; most telling under ThreadSanitizer.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
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

// Planning, reading documents and resolving names share libuv's helper threads: its four are too few when names hang.
test('there are more helper threads than libuv\'s four', { skip: 'UV_THREADPOOL_SIZE' in process.env }, () => {
  const threads = readdirSync(`/proc/${router.child.pid}/task`).length;
  assert.ok(threads > 8 + availableParallelism(), `${threads} threads`);
});
