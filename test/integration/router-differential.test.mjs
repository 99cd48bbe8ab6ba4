// Random federated systems: the router over its subgraphs answers what one monolithic schema answers, with errors at the same places.
// SEED=n repeats one system, SECONDS=n runs longer (20).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random, seedOfRun } from '../conformance/lib/random.mjs';
import { Trial, shrink, shrinkSystem } from './lib/differential.mjs';
import { TroubledOperations, TroubledSystems } from './lib/troubled.mjs';

const seconds = Number(process.env.SECONDS ?? 20);
const OPERATIONS = 25;

async function runSystem(seed) {
  const random = new Random(seed);
  const subgraphs = new TroubledSystems(random).make();
  const options = { trouble: random.pick([0, 0.05, 0.15]) };
  const trial = await Trial.start(subgraphs, options);
  if (!trial) return { refused: true };
  const operations = new TroubledOperations(random, trial.api);
  let asked = 0, failure;
  for (let i = 0; i < OPERATIONS && !failure; i++) {
    const { text, variables } = operations.make();
    const complaint = await trial.examine(text, variables);
    asked += complaint !== undefined;
    if (complaint) failure = { text, variables, complaint };
  }
  if (failure) {
    console.log(`SEED=${seed}: ${failure.complaint.slice(0, 2000)}`);
    failure.text = await shrink(trial, failure.text, failure.variables, Date.now() + 30000);
    failure.complaint = await trial.examine(failure.text, failure.variables);
  }
  const code = await trial.stop();
  if (failure) failure.subgraphs = await shrinkSystem(subgraphs, failure.text, failure.variables, options, Date.now() + 30000);
  return { asked, failure, code, log: trial.router.log };
}

const describe = (seed, { text, variables, complaint, subgraphs }) =>
  `SEED=${seed}\n${complaint}\n=== operations\n${text}\n=== variables\n${JSON.stringify(variables)}\n` +
  Object.entries(subgraphs).map(([name, sdl]) => `=== subgraph ${name}\n${sdl}`).join('');

test('the router and a monolith agree', async (t) => {
  const once = !!process.env.SEED && !process.env.SECONDS;
  const first = seedOfRun();
  t.diagnostic(`seed ${first}`);
  let systems = 0, operations = 0;
  for (let seed = first, end = Date.now() + seconds * 1000; Date.now() < end; seed = (seed + 1) >>> 0) {
    const run = await runSystem(seed);
    if (run.failure) assert.fail(describe(seed, run.failure));
    if (!run.refused) {
      assert.equal(run.code, 0, `SEED=${seed}\n${run.log.join('\n')}`);
      systems++;
      operations += run.asked;
    }
    if (once) break;
  }
  t.diagnostic(`${systems} systems, ${operations} operations`);
  assert.ok(once || operations > 20, 'too few systems composed');
});
