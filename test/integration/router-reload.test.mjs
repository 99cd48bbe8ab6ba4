// A router whose supergraph changes under it: by rename, in place, in halves, for the worse, and under load.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignJWT } from 'jose';
import { Router, compose, serve } from './lib/router.mjs';

const WITHOUT_WATCH = 'router:\n  supergraph:\n    hot_reload: false\n';
let one, two, router, release;

/** Answers each top-level field with its own name, or what `special` says. */
const echo = (special = {}) => serve(async (_, response, body) => {
  const { query } = JSON.parse(body);
  const names = [...query.matchAll(/\b(a|b|c|slow|who)\b/g)].map((m) => m[1]);
  if (names.includes('slow')) await new Promise((resolve) => (release = resolve));
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data: Object.fromEntries(names.map((n) => [n, special[n] ?? n])) }));
});

before(async () => {
  one = await echo({ who: 'one' });
  two = await echo({ who: 'two' });
});
after(async () => {
  release?.();
  await one?.close();
  await two?.close();
});
afterEach(async () => {
  if (router) assert.equal(await router.stop(), 0, router.log.join('\n'));
  router = undefined;
});

const graph = (fields, url = one.url) => compose([{ name: 'one', sdl: `type Query { ${fields} }`, url }]);
const file = () => join(router.dir, 'supergraph.graphql');
function replace(text) {
  writeFileSync(join(router.dir, 'fresh'), text);
  renameSync(join(router.dir, 'fresh'), file());
}
async function logged(pattern, count = 1, patience = 20000) {
  for (const end = Date.now() + patience; Date.now() < end; await sleep(20))
    if (router.log.filter((line) => pattern.test(line)).length >= count) return router.log.findLast((line) => pattern.test(line));
  throw new Error(`no ${count} × ${pattern} in\n${router.log.join('\n')}`);
}
const IN_USE = /new supergraph is in use/;

describe('the file changes', () => {
  test('by a rename: new fields, new address', async () => {
    router = await Router.start(graph('a: String who: String'));
    assert.deepEqual(await router.ask('{ a who }'), { data: { a: 'a', who: 'one' } });
    replace(graph('b: String who: String', two.url));
    await logged(IN_USE);
    assert.deepEqual(await router.ask('{ b who }'), { data: { b: 'b', who: 'two' } });
    assert.match((await router.ask('{ a }')).errors[0].message, /Cannot query field "a"/);
  });

  test('in place, in two halves', async () => {
    router = await Router.start(graph('a: String'));
    const text = graph('b: String');
    writeFileSync(file(), text.slice(0, 400));
    for (let at = 400; at < text.length; at += 400) {
      await sleep(100);
      writeFileSync(file(), text.slice(0, at));
    }
    writeFileSync(file(), text);
    await logged(IN_USE);
    assert.equal(router.log.filter((line) => /cannot be used/.test(line)).length, 0, router.log.join('\n'));
    assert.deepEqual(await router.ask('{ b }'), { data: { b: 'b' } });
  });

  test('is gone for a while', async () => {
    router = await Router.start(graph('a: String'));
    rmSync(file());
    assert.match(await logged(/cannot be used/), /the one before stays: .*supergraph\.graphql/);
    assert.deepEqual(await router.ask('{ a }'), { data: { a: 'a' } });
    replace(graph('b: String'));
    await logged(IN_USE);
    assert.deepEqual(await router.ask('{ b }'), { data: { b: 'b' } });
  });

  for (const [name, text, message] of [
    ['no GraphQL', () => 'type Query {', /line 1: Syntax Error/],
    ['no supergraph', () => 'type Query { a: Int }', /supergraph/i],
    ['an address that cannot be asked', () => graph('a: String', 'ftp://elsewhere/graphql'), /URL of subgraph "one": .*ftp/],
    ['empty', () => '', /it is empty/],
  ])
    test(`for the worse: ${name}`, async () => {
      router = await Router.start(graph('a: String'));
      replace(text());
      assert.match(await logged(/cannot be used/), message);
      await sleep(1600);
      assert.equal(router.log.filter((line) => /cannot be used/.test(line)).length, 1, 'said once');
      assert.deepEqual(await router.ask('{ a }'), { data: { a: 'a' } });
      assert.equal((await fetch(`${router.origin}/health`)).status, 200);
      replace(graph('a: String b: String'));
      await logged(IN_USE);
      assert.deepEqual(await router.ask('{ b }'), { data: { b: 'b' } });
    });

  test('and nobody is watching: SIGHUP', async () => {
    router = await Router.start(graph('a: String'), { config: WITHOUT_WATCH });
    router.child.kill('SIGHUP');
    await logged(/has not changed/);
    replace(graph('b: String'));
    await sleep(1500);
    assert.deepEqual(await router.ask('{ a }'), { data: { a: 'a' } });
    router.child.kill('SIGHUP');
    await logged(IN_USE);
    assert.deepEqual(await router.ask('{ b }'), { data: { b: 'b' } });
  });
});

describe('requests meanwhile', () => {
  test('one under way ends on the supergraph it began with', async () => {
    router = await Router.start(graph('slow: String a: String'));
    const slow = router.ask('{ slow }');
    await sleep(100);
    replace(graph('b: String', two.url));
    await logged(IN_USE);
    assert.deepEqual(await router.ask('{ b }'), { data: { b: 'b' } });
    release();
    assert.deepEqual(await slow, { data: { slow: 'slow' } });
  });

  test('load on two workers sees no error and no mixture', async () => {
    router = await Router.start(graph('a: String who: String'), { workers: 2 });
    let stop = false;
    const seen = { one: 0, two: 0 };
    const client = async () => {
      while (!stop) {
        const { data, errors } = await router.ask('{ who a }');
        assert.equal(errors, undefined);
        assert.equal(data.a, 'a');
        seen[data.who]++;
      }
    };
    const clients = [client(), client(), client(), client()];
    for (let i = 1; i <= 6; i++) {
      replace(graph(`a: String who: String extra${i}: Int`, i % 2 ? two.url : one.url));
      router.child.kill('SIGHUP');
      await logged(IN_USE, i);
      const who = i % 2 ? 'two' : 'one', before = seen[who];
      for (const end = Date.now() + 20000; seen[who] < before + 10; await sleep(5)) assert.ok(Date.now() < end, `${who}: ${JSON.stringify(seen)}`);
    }
    stop = true;
    await Promise.all(clients);
  });

  test('permissions are those of the new supergraph', async () => {
    const key = randomBytes(32);
    const keys = join(mkdtempSync(join(tmpdir(), 'reload-')), 'jwks.json');
    writeFileSync(keys, JSON.stringify({ keys: [{ kty: 'oct', alg: 'HS256', use: 'sig', kid: 'h', k: key.toString('base64url') }] }));
    router = await Router.start(graph('a: String b: String @requiresScopes(scopes: [["b:read"]])'), { args: ['--jwks', keys] });
    rmSync(dirname(keys), { recursive: true });
    const token = await new SignJWT({ sub: 'u1', scopes: ['b:read'], exp: Math.floor(Date.now() / 1000) + 600 })
      .setProtectedHeader({ alg: 'HS256', kid: 'h' }).sign(key);
    const headers = { authorization: `Bearer ${token}` };
    assert.deepEqual(await router.ask('{ a b }', {}, headers), { data: { a: 'a', b: 'b' } });
    assert.equal((await router.ask('{ a b }')).data.b, null);
    replace(graph('a: String @authenticated b: String @requiresScopes(scopes: [["b:write"]])'));
    await logged(IN_USE);
    const after = await router.ask('{ a b }', {}, headers);
    assert.deepEqual(after.data, { a: 'a', b: null });
    assert.equal(after.errors[0].extensions.code, 'UNAUTHORIZED_FIELD_OR_TYPE');
    assert.deepEqual((await router.ask('{ a b }')).data, { a: null, b: null });
  });
});

describe('warming', () => {
  const use = async (n, query, variables) => {
    for (let i = 0; i < n; i++) await router.ask(query, variables);
  };

  test('the hottest are ready, the invalid ones are named', async () => {
    router = await Router.start(graph('a: String b: String c: String'), { config: 'router:\n  query_planning:\n    warmed_up_queries: 3\n' });
    await use(9, 'query Hot($x: Boolean!) { a c @skip(if: $x) }', { x: true });
    await use(8, 'query Hot($x: Boolean!) { a c @skip(if: $x) }', { x: false });
    await use(7, 'query Gone { b }');
    await use(6, '{ b c }');
    await use(2, 'query Cold { c }');
    replace(graph('a: String c: String'));
    assert.match(await logged(IN_USE), /1 operations and 2 plans prepared/);
    assert.match(await logged(/no longer valid/), /2 of the 3 hottest operations are no longer valid: Gone, \(without a name\)/);
  });

  test('takes no longer than it may', async () => {
    router = await Router.start(graph('a: String'), { config: 'router:\n  query_planning:\n    warm_up_timeout: 1ms\n' });
    for (let i = 0; i < 60; i++) await use(2, `query Q${i} { ${Array.from({ length: 60 }, (_, k) => `x${k}: a`).join(' ')} }`);
    replace(graph('a: String b: String'));
    await logged(IN_USE);
    assert.match(await logged(/were not prepared/), /of the 60 hottest operations were not prepared: the time for it was over/);
    assert.deepEqual(await router.ask('{ a b }'), { data: { a: 'a', b: 'b' } });
  });
});
