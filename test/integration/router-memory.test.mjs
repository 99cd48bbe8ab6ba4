// Memory stays where it is: many requests, many distinct operations, good and bad ones. REQUESTS=n says how many (10000).
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { Router, compose, serve } from './lib/router.mjs';

const total = Number(process.env.REQUESTS ?? 10000);
const BATCH = 50;
let router, one;

before(async () => {
  const sdl = 'type Query { users: [User!]! broken: Int! } type User @key(fields: "id") { id: ID! name: String tags: [String!] }';
  const users = Array.from({ length: 20 }, (_, i) => ({ id: `${i}`, name: `User ${i}`, tags: ['a', 'b'] }));
  one = await serve((_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data: { users, broken: null }, errors: [{ message: 'no', path: ['broken'] }] })));
  router = await Router.start(compose([{ name: 'one', sdl, url: one.url }]), {
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
