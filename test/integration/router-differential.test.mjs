// Random federated systems: the router over its subgraphs answers what one monolithic schema answers, with errors at the same places,
// and no plan is worse than Apollo's. SEED=n repeats one system, SECONDS=n runs longer (20); test/differential is the long run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seedOfRun } from '../conformance/lib/random.mjs';
import { describe, newTotals, runSystem, shrink, summary } from './differential/run.mjs';
import { Ground } from './differential/trial.mjs';

test('the router and a monolith agree', async (t) => {
  const once = !!process.env.SEED && !process.env.SECONDS;
  const seconds = Number(process.env.SECONDS ?? 20);
  const first = seedOfRun();
  t.diagnostic(`seed ${first}`);
  const ground = await Ground.start();
  t.after(() => ground.stop());
  const totals = newTotals();
  for (let seed = first, end = Date.now() + seconds * 1000; Date.now() < end; seed = (seed + 1) >>> 0) {
    const failure = await runSystem(ground, seed, totals, { operations: 40 });
    if (failure) assert.fail(describe(await shrink(ground, failure)));
    if (once) break;
  }
  t.diagnostic(summary(totals, seconds));
  assert.ok(once || totals.operations > 20, 'too few systems composed');
});
