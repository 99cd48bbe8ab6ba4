// Plans compared with Apollo's planner (never more fetches, never deeper), every request valid for its subgraph, and the answer equal
// to that of one monolithic schema. SEED=n repeats a run of random systems, SYSTEMS=n makes it longer.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Operations, Systems } from './lib/federated.mjs';
import { examineDefer } from './lib/defer.mjs';
import { compose, examine, labelsOf, planOurs } from './lib/planner.mjs';
import { readFixture } from './lib/fixture.mjs';
import { Random, seedOfRun } from './lib/random.mjs';

const dir = new URL('../fixtures/planner/', import.meta.url);
const house = new URL('../fixtures/schema/', import.meta.url);

/** STEPS,PLACES,ENTRIES: no search; no search in a graph that is shared as far as can be. Plans then are dearer, and right. */
const TIGHT = ['1,0,0', '1,1,1'];

/** With labels of progressive @overrides: once with all of them off, once with each alone on, once with all on. */
for (const file of readdirSync(dir).filter((f) => f.endsWith('.txt') && f.includes(process.env.FIXTURE ?? '')))
  test(`fixture ${file}`, async () => {
    const fixture = readFixture(readFileSync(new URL(file, dir), 'utf8'));
    const system = compose(fixture.subgraphs);
    assert.deepEqual(system.errors, undefined);
    const labels = labelsOf(system);
    for (const on of new Set([[], ...labels.map((l) => [l]), labels].map((l) => l.join()))) {
      for (const limits of [undefined, ...TIGHT]) {
        const { complaints } = file.startsWith('defer') ? await examineDefer(system, fixture.operations, fixture.variables, undefined, limits)
          : examine(system, fixture.operations, fixture.variables, on ? on.split(',') : [], limits);
        assert.equal(complaints.join('\n\n'), '', limits && `with limits ${limits}`);
      }
    }
  });

const read = (name) => readFileSync(new URL(`${name}.graphql`, house), 'utf8');
const composeHouse = () =>
  compose(Object.fromEntries(['customers', 'projects', 'estimates', 'integrations'].map((name) => [name, read(name)])));

test('the dashboard', () => {
  const { complaints, ours } = examine(composeHouse(), read('dashboard'), { id: '1' });
  assert.equal(complaints.join('\n\n'), '');
  const cost = (name) => [ours[name].plan.fetches.length, ours[name].plan.depth];
  assert.deepEqual(cost('CustomerDashboard'), [6, 3]);
  assert.deepEqual(cost('CustomerList'), [4, 3]);
  assert.deepEqual(cost('CustomerListFast'), [3, 2]);
});

test('what the caller may not see is not fetched', () => {
  const system = composeHouse();
  const text = `query Q { customer(id: "1") { number email totalEstimateValue } health: __typename }`;
  const all = planOurs(system, text).Q;
  assert.match(all.plan.fetches.map((f) => f.document).join(), /email/);
  const none = planOurs(system, text, {}, '-').Q;
  assert.equal(none.plan.fetches.length, 0);
  assert.deepEqual(none.dump.output[0].fields.map((f) => [f.key, f.kind]), [['customer', 3], ['health', 1]]);
});

test('a wide interface costs no more than its text', () => {
  const types = Array.from({ length: 100 }, (_, i) => `T${i}`);
  const part = (step, field) => types.filter((_, i) => i % step === 0).map((t) => `type ${t} @key(fields: "id") { id: ID! ${field}: Int }`).join('\n');
  const system = compose({
    a: `type Query { nodes: [Node!]! } interface Node { id: ID! name: String children: [Node!]! }\n` +
      types.map((t, i) => `type ${t} implements Node @key(fields: "id") { id: ID! name: String children: [Node!]! own${i}: Int }`).join('\n'),
    b: part(2, 'extra'),
    c: part(3, 'more'),
  });
  const fragments = types.map((t, i) => (i % 2 ? '' : `... on ${t} { extra }`)).join(' ');
  const nested = (n) => `{ id name ${fragments} ${n ? `children ${nested(n - 1)}` : ''} }`;
  const deep = (n) => (n ? `{ id children ${deep(n - 1)} }` : '{ id name }');
  const plans = planOurs(system, `query Nested { nodes ${nested(2)} } query Deep { nodes ${deep(10)} }`);
  for (const r of Object.values(plans)) {
    assert.equal(r.errors, undefined);
    assert.ok(r.us < 2_000_000, `planning took ${r.us} µs`);
    assert.ok(r.plan.fetches[0].document.length < 1000, r.plan.fetches[0].document);
  }
  assert.equal(plans.Nested.plan.fetches.length, 2);
  assert.equal(plans.Deep.plan.fetches.length, 1);
});

/** Systems that compose and that `takes` wants, with the source of randomness that made them. */
function* randomSystems(n, takes = () => true) {
  const first = seedOfRun();
  for (let seed = first, left = n, tries = 0; left > 0 && tries < 40 * n + 100; seed++, tries++) {
    const random = new Random(seed);
    const subgraphs = new Systems(random, { directives: true }).make();
    if (!takes(Object.values(subgraphs).join())) continue;
    let system;
    try {
      system = compose(subgraphs);
    } catch {
      continue; // a schema that does not even parse as one
    }
    if (system.errors) continue;
    left--;
    yield { seed, random, system };
  }
}

test('fragments in fragments do not multiply without end', () => {
  const system = compose({ a: 'type Query { t: T } type T @key(fields: "id") { id: ID! x: T y: T }' });
  const doubling = (n) => `{ t { ...F0 } } fragment F${n} on T { id } ` +
    Array.from({ length: n }, (_, i) => `fragment F${i} on T { x { ...F${i + 1} } y { ...F${i + 1} } }`).join(' ');
  const few = planOurs(system, doubling(8))[''];
  assert.equal(few.plan.fetches.length, 1);
  const many = planOurs(system, doubling(40))[''];
  assert.deepEqual(many.errors.map((e) => e.code), ['QUERY_PLANNING_LIMIT']);
});

test('what nobody can send to a subgraph is not planned', () => {
  const system = compose({
    b: 'type V @key(fields: "id") { id: ID! size: Int }',
    c: 'type Query { v: V } type V @key(fields: "id", resolvable: false) { id: ID! size: Int @external area: Int @requires(fields: "size") }',
  });
  const { Area, Size } = planOurs(system, 'query Area { v { area } } query Size { v { size } }');
  assert.match(Area.errors[0].message, /No subgraph can resolve V\.area/);
  assert.equal(Size.plan.fetches.length, 2);
});

test('random systems', () => {
  for (const { seed, random, system } of randomSystems(Number(process.env.SYSTEMS ?? 6))) {
    const operations = new Operations(random, system.api);
    const text = Array.from({ length: 6 }, (_, i) => operations.make(`Q${i}`)).join('\n') + operations.mutation('M') + operations.subscription('S');
    const labels = labelsOf(system).filter(() => random.chance(0.5));
    const { complaints } = examine(system, text, {}, labels);
    for (const limits of TIGHT) complaints.push(...examine(system, text, {}, labels, limits).complaints.map((c) => `with limits ${limits}: ${c}`));
    assert.equal(complaints.join('\n\n'), '', `SEED=${seed}`);
  }
});

test('random systems, deferred', async () => {
  for (const { seed, random, system } of randomSystems(Number(process.env.SYSTEMS ?? 3))) {
    const operations = new Operations(random, system.api).deferring();
    const text = Array.from({ length: 3 }, (_, i) => operations.make(`Q${i}`)).join('\n') + operations.mutation('M');
    const { complaints } = await examineDefer(system, text, {}, random);
    for (const limits of TIGHT) complaints.push(...(await examineDefer(system, text, {}, random, limits)).complaints.map((c) => `with limits ${limits}: ${c}`));
    assert.equal(complaints.join('\n\n'), '', `SEED=${seed}`);
  }
});
