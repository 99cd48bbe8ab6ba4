// Memory stays where it is: many requests, many distinct operations, good and bad ones, many supergraphs; and what a burst took is given back.
// REQUESTS=n (10000) and RELOADS=n (20) say how many: REQUESTS=1000000 RELOADS=1000 node --test test/integration/router-memory.test.mjs
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Router, compose, serve } from './lib/router.mjs';

const total = Number(process.env.REQUESTS ?? 10000);
const reloads = Number(process.env.RELOADS ?? 20);
const sanitized = Boolean(process.env.ASAN_OPTIONS);
const BATCH = 50;
const BURST = 60; // requests that are answered at once
const waiting = [];
let router, one, supergraph, large = false;

before(async () => {
  const sdl = 'type Query { users: [User!]! broken: Int! } type User @key(fields: "id") { id: ID! name: String tags: [String!] }';
  const users = Array.from({ length: 20 }, (_, i) => ({ id: `${i}`, name: `User ${i}`, tags: ['a', 'b'] }));
  const much = JSON.stringify({ data: { users: Array.from({ length: 8000 }, (_, i) => ({ id: `${i}`, name: 'x'.repeat(60), tags: ['a', 'b', 'c'] })) } });
  const few = JSON.stringify({ data: { users, broken: null }, errors: [{ message: 'no', path: ['broken'] }] });
  const answer = (response, text) => response.writeHead(200, { 'content-type': 'application/json' }).end(text);
  one = await serve((_, response) => {
    if (!large) return answer(response, few);
    waiting.push(response);
    if (waiting.length === BURST) for (const each of waiting) answer(each, much);
  });
  supergraph = (more) => compose([{ name: 'one', sdl: sdl + more, url: one.url }]);
  router = await Router.start(supergraph(''), {
    config: 'router:\n  query_planning:\n    cache_size: 64\n',
    env: { ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:quarantine_size_mb=2` },
  });
});
after(async () => {
  await one?.close();
  assert.equal(await router?.stop(), 0, router?.log.join('\n'));
});

let made = 0;
function request() {
  const n = made++;
  const query = ['{ users { id name tags } }', `{ u${n % 500}: users { id } }`, '{ broken }', '{ nonsense }', '{ users', `query Q($s: Boolean!) { users { id name @skip(if: $s) } }`][n % 6];
  const body = JSON.stringify({ query, variables: { s: n % 4 === 0 } });
  return `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

function client(requests) {
  return new Promise((resolve, reject) => {
    let answered = 0, sent = 0, tail = '';
    const socket = connect(Number(router.address.split(':')[1]), '127.0.0.1');
    const more = () => {
      if (answered === requests) return void (socket.destroy(), resolve());
      sent += BATCH;
      socket.write(Array.from({ length: BATCH }, request).join(''));
    };
    socket.on('connect', more).on('error', reject).on('data', (chunk) => {
      const text = tail + chunk.toString('latin1');
      const parts = text.split('HTTP/1.1 200');
      answered += parts.length - 1;
      tail = parts.at(-1).slice(-12);
      if (answered === sent) more();
    }).on('close', () => answered === requests || reject(new Error(`closed after ${answered} answers`)));
  });
}

const load = (n) => Promise.all([client(n / 2), client(n / 2)]);

test('resident memory', async (t) => {
  await load(Math.max(BATCH * 40, Math.floor(total / 2 / (2 * BATCH)) * 2 * BATCH));
  const before = router.memory();
  await load(Math.floor(total / (2 * BATCH)) * 2 * BATCH);
  const growth = router.memory() - before;
  t.diagnostic(`${total} requests: ${before} KiB, then ${growth} KiB more`);
  assert.ok(growth < 4096 + before / 20, `${growth} KiB more after ${total} requests, from ${before} KiB`);
});

test('a thousand supergraphs', async (t) => {
  const texts = ['', ' type Extra { a: Int b: [String] } extend type Query { extra: Extra }'].map(supergraph);
  let done = 0;
  const reload = async () => {
    writeFileSync(join(router.dir, 'fresh'), texts[++done % 2]);
    renameSync(join(router.dir, 'fresh'), join(router.dir, 'supergraph.graphql'));
    router.log.length = 0;
    router.child.kill('SIGHUP');
    for (let i = 0; i < 4000 && !router.log.some((line) => /is in use/.test(line)); i++) await sleep(5);
    assert.ok(router.log.some((line) => /is in use/.test(line)), router.log.join('\n'));
    assert.equal((await router.ask('{ users { id } }')).data.users.length, 20);
  };
  for (let i = 0; i < reloads / 2; i++) await reload();
  const before = router.memory();
  for (let i = 0; i < reloads; i++) await reload();
  const growth = router.memory() - before;
  t.diagnostic(`${reloads} reloads: ${before} KiB, then ${growth} KiB more`);
  assert.ok(growth < 4096 + before / 10, `${growth} KiB more after ${reloads} reloads, from ${before} KiB`);
});

test('a burst is forgotten', { skip: sanitized && 'the sanitizer keeps what is freed' }, async (t) => {
  const other = await Router.start(supergraph(''), { config: 'router:\n  sharing: { subgraph: false, inbound: false }\n' });
  for (let i = 0; i < 50; i++) await other.ask('{ users { id } }');
  const before = other.memory();
  large = true;
  await Promise.all(Array.from({ length: BURST }, () => other.ask('{ users { id name tags } }')));
  large = false;
  const after = other.memory();
  for (let i = 0; i < 60 && other.memory() > before + 4096; i++) await sleep(250);
  const quiet = other.memory();
  t.diagnostic(`${before} KiB, ${after} KiB after the burst (at most ${other.memoryPeak()}), ${quiet} KiB when it was quiet`);
  assert.equal(await other.stop(), 0);
  assert.ok(quiet < before + 4096, `${quiet} KiB`);
});
