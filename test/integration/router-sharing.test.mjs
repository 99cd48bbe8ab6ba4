// What is in flight is shared, between equals only; whoever leaves, fails or comes late disturbs nobody else.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignJWT } from 'jose';
import { Router, compose, serve } from './lib/router.mjs';

const SDL = 'type Query { a(n: Int): String b: String } type Mutation { set: String }';
const dir = mkdtempSync(join(tmpdir(), 'sharing-'));
const key = randomBytes(32);
const routers = {};
let one, delay = 400, respond, aborted = 0;

/** Says what it was asked, by whom, and as which request. */
function echo({ headers }, body, n) {
  const { query, variables } = JSON.parse(body);
  const fields = [...query.matchAll(/(?:(\w+)\s*:\s*)?\b(a|b|set)\b(?=[\s(}])/g)].map((m) => m[1] ?? m[2]);
  const caller = headers['paintbox-caller'] ? JSON.parse(headers['paintbox-caller']).sub : 'nobody';
  return { data: Object.fromEntries(fields.map((f) => [f, `${f} ${JSON.stringify(variables ?? {})} ${caller} #${n}`])) };
}
const settings = (sharing, more = '') => `router:\n  sharing: ${sharing}\n  traffic_shaping:\n    all:\n      timeout: 1500ms\n    router:\n      timeout: 6s\n${more}`;

before(async () => {
  writeFileSync(join(dir, 'jwks.json'), JSON.stringify({ keys: [{ kty: 'oct', alg: 'HS256', use: 'sig', kid: 'h', k: key.toString('base64url') }] }));
  one = await serve(async (request, response, body) => {
    const n = one.requests.length;
    response.on('close', () => (aborted += !response.writableEnded));
    if (respond && (await respond(request, response, n, body)) !== 'go on') return;
    await sleep(delay);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(echo(request, body, n)));
  });
  const supergraph = compose([{ name: 'one', sdl: SDL, url: one.url }]);
  for (const [name, sharing] of Object.entries({ both: '{}', subgraph: '{inbound: false}', inbound: '{subgraph: false}', none: '{inbound: false, subgraph: false}' }))
    routers[name] = await Router.start(supergraph, { config: settings(sharing), args: ['--jwks', join(dir, 'jwks.json')] });
});
after(async () => {
  await one?.close();
  for (const router of Object.values(routers)) assert.equal(await router.stop(), 0, router.log.join('\n'));
  rmSync(dir, { recursive: true });
});
beforeEach(() => {
  one.requests.length = 0;
  respond = undefined;
  delay = 400;
  aborted = 0;
});

const sign = async (sub) => ({ authorization: `Bearer ${await new SignJWT({ sub, scopes: [], exp: Math.floor(Date.now() / 1000) + 600 }).setProtectedHeader({ alg: 'HS256', kid: 'h' }).sign(key)}` });
const times = (n, fn) => Promise.all(Array.from({ length: n }, (_, i) => fn(i)));

/** Requests that are in flight together: on a busy machine one may come when the first have their reply, so there are slower ones to join. */
async function together(expected, work) {
  let out;
  for (delay of [400, 800, 1200]) {
    one.requests.length = 0;
    out = await work();
    if (one.requests.length === expected) break;
  }
  assert.equal(one.requests.length, expected);
  return out;
}

/** A client that can leave. */
function leaving(router, query) {
  const body = JSON.stringify({ query });
  const socket = connect(Number(router.address.split(':')[1]), '127.0.0.1').on('error', () => {});
  socket.write(`POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  return socket;
}

/** What a client gets that lets its response wait until `late` has ended. */
async function readLate(router, query, late) {
  const socket = leaving(router, query);
  await Promise.all([once(socket, 'readable'), late()]);
  let text = '';
  for await (const chunk of socket.setEncoding('latin1')) {
    text += chunk;
    const head = text.indexOf('\r\n\r\n');
    if (head >= 0 && text.length - head - 4 >= Number(/content-length: (\d+)/i.exec(text)[1])) break;
  }
  return JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4));
}

// Long texts are sent from the reply they stand in: it has to stay until the slowest has it, whatever comes between.
for (const name of ['both', 'subgraph', 'inbound', 'none'])
  test(`long texts stay for a client that reads late, sharing ${name}`, async () => {
    const query = '{ b a second: a(n: 1) }', long = (letter) => letter.repeat(6 << 20);
    let letter = 'x';
    respond = (request, response, n, body) => {
      const fields = Object.keys(echo(request, body, n).data).map((k) => [k, k === 'b' ? 'short' : long(letter)]);
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data: Object.fromEntries(fields) }));
    };
    const { data, errors } = await readLate(routers[name], query, async () => {
      const { json } = await routers[name].post({ query });
      assert.ok(json.data.a === long('x') && json.data.second === long('x'));
      letter = 'y';
      for (let i = 0; i < 5; i++) {
        const { json } = await routers[name].post({ query: `{ t${i}: a b }` });
        assert.ok(json.data[`t${i}`] === long('y') && json.data.b === 'short');
      }
    });
    assert.equal(errors, undefined);
    assert.deepEqual(Object.keys(data), ['b', 'a', 'second']);
    assert.ok(data.b === 'short' && data.a === long('x') && data.second === long('x'));
  });

for (const [name, expected] of Object.entries({ both: 1, subgraph: 1, inbound: 1, none: 20 }))
  test(`20 equal queries, sharing ${name}: ${expected} to the subgraph`, async () => {
    const replies = await together(expected, () => times(20, () => routers[name].post({ query: '{ a b }' })));
    for (const { json, status } of replies) {
      assert.equal(status, 200);
      assert.match(json.data.a, /^a {} nobody #\d+$/);
    }
    assert.equal(new Set(replies.map((r) => r.text)).size, expected);
    assert.equal(new Set(replies.map((r) => r.headers.get('x-request-id'))).size, 20, 'each has its own id');
    await routers[name].ask('{ a b }');
    assert.equal(one.requests.length, expected + 1, 'nothing is kept');
  });

for (const name of ['both', 'subgraph', 'inbound'])
  describe(`sharing ${name}`, () => {
    let router;
    before(() => (router = routers[name]));

    test('callers are never mixed', async () => {
      const callers = [{}, await sign('u1'), await sign('u2')];
      const replies = await together(3, () => times(15, (i) => router.ask('{ a }', {}, callers[i % 3])));
      replies.forEach(({ data }, i) => assert.match(data.a, new RegExp(` ${['nobody', 'u1', 'u2'][i % 3]} `)));
    });

    test('neither are variables, aliases and names', async () => {
      const query = 'query($n: Int) { a(n: $n) }';
      const asked = [[query, { n: 1 }], [query, { n: 2 }], [query, {}], ['{ a }'], ['{ x: a }'], ['{ a b }']];
      const replies = await times(18, (i) => router.ask(...asked[i % 6]));
      replies.forEach(({ data }, i) => assert.match(Object.values(data)[0], [/"n":1}/, /"n":2}/, /a {}/, /a {}/, /. {}/, /a {}/][i % 6]));
      assert.deepEqual(Object.keys(replies[4].data), ['x']);
    });

    test('each client gets the media type it asked for', async () => {
      const types = ['application/json', 'application/graphql-response+json'];
      const replies = await together(1, () => times(6, (i) => router.post({ query: '{ b }' }, { accept: types[i % 2] })));
      replies.forEach((r, i) => assert.ok(r.headers.get('content-type').startsWith(types[i % 2])));
    });

    test('who asks for it with Cache-Control is not joined to anybody', async () => {
      delay = 1000;
      const early = router.ask('{ a }', {});
      await sleep(60);
      const values = ['no-cache', 'No-Store', 'max-age=0, no-cache', 'max-age=0', 'no-cache-at-all', 'x="no-cache"'];
      const replies = await times(values.length, (i) => router.ask('{ a }', {}, { 'cache-control': values[i] }));
      const first = (await early).data.a, got = replies.map((r) => r.data.a);
      assert.deepEqual(got.map((a) => a === first), [false, false, false, true, true, true]);
      assert.equal(new Set(got).size, 4, 'nor to one another');
      assert.equal(one.requests.length, 4);
    });

    test('mutations are each sent', async () => {
      await times(5, () => router.ask('mutation { set }'));
      assert.equal(one.requests.length, 5);
    });

    test('who reads after a write does not get what was read before it', async () => {
      delay = 800;
      const early = router.ask('{ a }');
      await sleep(60);
      delay = 10;
      await router.ask('mutation { set }');
      const late = await router.ask('{ a }');
      assert.match(late.data.a, /#3$/);
      assert.match((await early).data.a, /#1$/);
    });

    test('the first one leaves', async () => {
      delay = 700;
      const first = leaving(router, '{ a }');
      await sleep(50);
      const others = times(3, () => router.ask('{ a }'));
      await sleep(50);
      first.destroy();
      for (const { data, errors } of await others) {
        assert.equal(errors, undefined);
        assert.match(data.a, /#1$/);
      }
      assert.equal(one.requests.length, 1);
    });

    test('all leave: the subgraph is told', async () => {
      delay = 5000;
      const sockets = await times(4, () => leaving(router, '{ a }'));
      await sleep(300);
      assert.equal(one.requests.length, 1);
      sockets.forEach((s) => s.destroy());
      for (let i = 0; i < 100 && !aborted; i++) await sleep(10);
      assert.equal(aborted, 1);
      delay = 10;
      assert.match((await router.ask('{ a }')).data.a, /#2$/);
    });

    test('a failure is everybody\'s', async () => {
      respond = async (_, response) => (await sleep(100), response.writeHead(500).end('oops'));
      for (const { data, errors } of await times(5, () => router.ask('{ a }'))) {
        assert.deepEqual(data, { a: null });
        assert.equal(errors[0].extensions.code, 'SUBREQUEST_HTTP_ERROR');
        assert.deepEqual(errors[0].path, ['a']);
      }
      assert.equal(one.requests.length, 1);
    });

    test('the first one times out: who came later has its own time', async () => {
      respond = (request, response, n) => (n > 1 ? 'go on' : undefined);
      const first = router.ask('{ a }');
      await sleep(700);
      const second = times(3, () => router.ask('{ a }'));
      assert.equal((await first).errors[0].extensions.code, 'SUBREQUEST_TIMEOUT');
      for (const { data, errors } of await second) {
        assert.equal(errors, undefined);
        assert.match(data.a, /#2$/);
      }
      assert.equal(one.requests.length, 2);
    });

    test('a subgraph that is silent ends in time for all', async () => {
      respond = () => undefined;
      const begin = Date.now();
      const replies = await times(6, async (i) => (await sleep(i * 100), router.ask('{ a }')));
      for (const { errors } of replies) assert.equal(errors[0].extensions.code, 'SUBREQUEST_TIMEOUT');
      assert.ok(Date.now() - begin < 5000, `${Date.now() - begin} ms`);
      assert.ok(one.requests.length <= 3, `${one.requests.length} requests`);
    });

    test('everything at once: right answers for those who stay', async () => {
      delay = 5;
      respond = async (_, response, n) => (n % 17 ? (await sleep(n % 7), 'go on') : response.destroy());
      const callers = [{}, await sign('u1'), await sign('u2')];
      let failed = 0;
      await times(30, async (i) => {
        for (let k = 0; k < 12; k++) {
          if ((i + k) % 5 === 0) {
            const socket = leaving(router, `{ a(n: ${k % 3}) }`);
            await sleep(k % 4);
            socket.destroy();
            continue;
          }
          const who = (i * 7 + k) % 3, n = k % 3;
          const { data, errors } = await router.ask('query($n: Int) { a(n: $n) }', { n }, callers[who]);
          failed += errors ? 1 : 0;
          if (!errors) assert.match(data.a, new RegExp(`^a {"n":${n}} ${['nobody', 'u1', 'u2'][who]} #`));
        }
      });
      assert.ok(failed < 200);
    });
  });
