// Progressive @override: which subgraph answers follows the configuration, the request's header, or a roll.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Router, compose, program, subgraph } from './lib/router.mjs';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const fields = (name) => ({ T: { named: () => name, fixed: () => name, half: () => name, rare: () => name, plain: () => name } });
const OLD = 'type Query { t: T ts: [T!]! } type T @key(fields: "id") { id: ID! named: String fixed: String half: String rare: String plain: String }';
const NEW = `type T @key(fields: "id") { id: ID! named: String @override(from: "old", label: "new-home") fixed: String @override(from: "old", label: "percent(100)")
  half: String @override(from: "old", label: "percent(50)") rare: String @override(from: "old", label: "percent(0)") }`;

let old, young, supergraph;
before(async () => {
  old = await subgraph('old', OLD, { Query: { t: () => ({ id: '1' }), ts: () => Array.from({ length: 20 }, (_, i) => ({ id: String(i) })) }, ...fields('old') });
  young = await subgraph('young', NEW, { T: { __resolveReference: (r) => r, ...fields('young').T } });
  supergraph = compose([old, young]);
});
after(async () => {
  await old?.close();
  await young?.close();
});

async function withRouter(config, run) {
  const router = await Router.start(supergraph, { config });
  try {
    await run(router);
  } finally {
    assert.equal(await router.stop(), 0, router.log.join('\n'));
  }
  return router.log;
}
const ask = async (router, headers) => {
  const answer = await router.ask('{ t { named fixed half rare plain } }', {}, headers);
  assert.equal(answer.errors, undefined);
  return answer.data.t;
};

test('without configuration: names are off, percentages roll', () => withRouter('', async (router) => {
  const seen = new Set();
  for (let i = 0; i < 60; i++) {
    const { named, fixed, half, rare, plain } = await ask(router);
    assert.deepEqual({ named, fixed, rare, plain }, { named: 'old', fixed: 'young', rare: 'old', plain: 'old' });
    seen.add(half);
  }
  assert.deepEqual([...seen].sort(), ['old', 'young']);
}));

test('one roll serves the whole request', () => withRouter('', async (router) => {
  for (let i = 0; i < 20; i++) {
    const { data } = await router.ask('{ t { half } a: ts { half } b: ts { half } }');
    assert.equal(new Set([data.t, ...data.a, ...data.b].map((t) => t.half)).size, 1);
  }
}));

test('what the configuration says', () =>
  withRouter('router:\n  override_labels:\n    new-home: on\n    percent(100): off\n    percent(50): 0%\n    percent(0): 100%\n', async (router) => {
    for (let i = 0; i < 5; i++) assert.deepEqual(await ask(router), { named: 'young', fixed: 'old', half: 'old', rare: 'young', plain: 'old' });
  }));

describe('the header', () => {
  const header = 'router:\n  override_labels_header: x-labels\n  override_labels:\n    percent(50): off\n';
  test('wins over the rest', () => withRouter(header, async (router) => {
    assert.deepEqual(await ask(router, { 'x-labels': 'new-home, percent(100)=off,percent(50)=on' }), { named: 'young', fixed: 'old', half: 'young', rare: 'old', plain: 'old' });
    assert.deepEqual(await ask(router, { 'x-labels': 'unknown, =, new-home=maybe, percent(0) = on ' }), { named: 'old', fixed: 'young', half: 'old', rare: 'young', plain: 'old' });
    assert.deepEqual(await ask(router), { named: 'old', fixed: 'young', half: 'old', rare: 'old', plain: 'old' });
  }));
  test('counts only when it is configured', () => withRouter('', async (router) => {
    assert.equal((await ask(router, { 'x-labels': 'new-home' })).named, 'old');
  }));
});

test('a label that no @override has is named', async () => {
  const log = await withRouter('router:\n  override_labels:\n    new-hom: on\n', ask);
  assert.match(log.join('\n'), /no @override of the supergraph has the label "new-hom"/);
});

describe('values that are none', () => {
  for (const value of ['maybe', '101%', '-1%', '"%"', '5', 'x%', '[on]'])
    test(value, () => {
      const dir = mkdtempSync(join(tmpdir(), 'labels-'));
      writeFileSync(join(dir, 's'), supergraph);
      writeFileSync(join(dir, 'c.yaml'), `router:\n  override_labels:\n    new-home: ${value}\n`);
      const run = spawnSync(program, ['router', '--supergraph', join(dir, 's'), '--listen', '127.0.0.1:0', '--config', join(dir, 'c.yaml')], { encoding: 'utf8', timeout: 10000 });
      rmSync(dir, { recursive: true });
      assert.equal(run.status, 1, run.stderr);
      assert.match(run.stderr, /c\.yaml:3: .*new-home.*on, off/);
    });
});
