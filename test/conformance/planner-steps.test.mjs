// How the work of planning grows with the size of system and operation: steps, which the planner counts and which are the same
// everywhere. A test that fails here shows which family grew.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startOurs } from './lib/composition.mjs';
import { families } from './lib/families.mjs';
import { planOurs } from './lib/planner.mjs';

const build = process.env.BUILD_DIR ?? join(fileURLToPath(import.meta.url), '../../../build');
let composer;
before(() => { composer = startOurs(join(build, 'src/federation/federation-test-compose')); });
after(() => composer.end());

// [sizes, the degree that the polynomial may have between any two of them, steps for the largest, fetches and depth for the largest]
const GROWTH = {
  interface: [[25, 50, 100], 2, 300_000, [4, 2]],
  sharedInterface: [[10, 20, 40, 80], 2.1, 500_000, [3, 2]],
  union: [[25, 50, 100, 200], 2.1, 500_000, [6, 2]],
  keyRing: [[6, 12, 24], 2, 6_000, [24, 6]],
  keyMesh: [[6, 12, 24], 2, 12_000, [24, 2]],
  keyWeb: [[3, 6, 8, 10, 12, 16], 2, 40_000, [17, 2]],
  keys: [[6, 12, 24, 48], 2.1, 35_000, [49, 49]],
  recursion: [[16, 32, 64], 3.1, 400_000, [63, 63]],
  sharedRecursion: [[4, 8, 16, 32], 2.2, 20_000, [3, 2]],
  requires: [[8, 16, 32, 64, 128], 2.1, 90_000, [128, 128]],
  requiresFar: [[4, 8, 16, 32, 64], 2.5, 40_000, [3, 3]],
  requiresWide: [[5, 10, 20, 40], 2, 50_000, [5, 3]],
  conditions: [[8, 16, 32, 64, 128], 2, 15_000, [2, 2]],
  large: [[500, 1000, 2000], 2, 150_000, [4, 2]],
  cover: [[6, 12, 24], 3, 25_000, [9, 2]],
  // Exact cover: hard whoever solves it. Bounded by PLANNER_STEPS_MAX, not by a degree.
  coverChain: [[4, 8, 16], Infinity, 3_600_000, [11, 10]],
};

async function planOf(family, n) {
  const { subgraphs, operation } = families[family](n);
  const { supergraph, errors } = await composer.compose(Object.entries(subgraphs).map(([name, sdl]) => ({ name, url: `http://${name}`, sdl })));
  assert.deepEqual(errors, []);
  return planOurs({ sdl: supergraph }, operation)[''];
}

async function stepsOf(family, n) {
  const r = await planOf(family, n);
  assert.deepEqual(r.errors, undefined);
  return { n, steps: r.steps, cost: [r.plan.fetches.length, r.plan.depth] };
}

for (const [family, [sizes, degree, most, cost]] of Object.entries(GROWTH))
  test(`${family} grows as a polynomial`, async () => {
    const points = [];
    for (const n of sizes) points.push(await stepsOf(family, n));
    for (const [i, { n, steps }] of points.entries())
      for (const before of points.slice(0, i)) {
        const found = Math.log(steps / before.steps) / Math.log(n / before.n);
        assert.ok(found <= degree, `from ${before.n} (${before.steps} steps) to ${n} (${steps}): degree ${found.toFixed(2)}`);
      }
    const largest = points.at(-1);
    assert.ok(largest.steps <= most, `${largest.steps} steps for ${largest.n}`);
    assert.deepEqual(largest.cost, cost);
  });

test('what needs more steps one after another than there may be is refused for that', async () => {
  assert.equal((await planOf('requires', 512)).plan.depth, 512);
  assert.deepEqual((await planOf('requires', 513)).errors.map((e) => e.code), ['QUERY_PLANNING_LIMIT']);
});

test('every family has its bounds', () => assert.deepEqual(Object.keys(families).filter((f) => !GROWTH[f]), []));
