// Systems and their operations, one after the other, from one seed: what is compared, counted, and shrunk when it fails.
import { Random } from '../../conformance/lib/random.mjs';
import { Operations } from './operations.mjs';
import { planTotals } from './plans.mjs';
import { shrinkOperation, shrinkSystem } from './shrink.mjs';
import { TroubledSystems } from './systems.mjs';
import { Trial } from './trial.mjs';

const SHRINK_MS = 60000;
const PLANNED_TEXT = 1200; // Apollo's planner takes too long for more

export const newTotals = () => ({ systems: 0, refused: 0, operations: 0, invalid: 0, requests: 0, failures: 0, features: new Map(), plans: planTotals() });

/** What a system of this seed is like, and its random numbers from there on. */
function choose(seed) {
  const random = new Random(seed);
  const subgraphs = new TroubledSystems(random).make();
  const options = { trouble: random.pick([0, 0.03, 0.1]), apollo: random.chance(0.5), strict: random.chance(0.3), plans: random.chance(0.3) };
  return { random, subgraphs, options };
}

function count(totals, operation, requests) {
  totals.operations++;
  totals.requests += requests;
  for (const f of operation.features) totals.features.set(f, (totals.features.get(f) ?? 0) + 1);
}

/** The first operation that fails: {operation, complaint}. */
async function ask(trial, operations, n, totals) {
  const asked = [];
  for (let i = 0; i < n; i++) {
    const operation = operations.make();
    const complaint = await trial.examine(operation);
    if (complaint === undefined) {
      totals.invalid++;
      continue;
    }
    if (complaint) return { operation, complaint };
    count(totals, operation, trial.requests);
    asked.push(operation);
  }
  return { asked };
}

async function askPlans(trial, asked, totals) {
  const able = asked.filter((o) => !o.features.has('introspection') && o.text.length < PLANNED_TEXT);
  return able.length ? trial.comparePlans(able, totals.plans)[0] : undefined;
}

/** A failure: {seed, subgraphs, operation, complaint, options}; undefined when all is well. */
export async function runSystem(ground, seed, totals, { operations: n = 100 } = {}) {
  const { random, subgraphs, options } = choose(seed);
  const { trial, refused, complaint } = await Trial.start(ground, subgraphs, options);
  if (refused) return void totals.refused++;
  if (complaint) return { seed, subgraphs, operation: { text: '', variables: {} }, complaint, options };
  totals.systems++;
  let failure;
  try {
    const { asked, ...failed } = await ask(trial, new Operations(random, trial.api), n, totals);
    failure = asked ? options.plans && (await askPlans(trial, asked, totals)) : failed;
  } catch (e) {
    failure = { operation: { text: '', variables: {} }, complaint: e.stack };
  }
  const code = await trial.stop();
  if (!failure && code !== 0) failure = { operation: { text: '', variables: {} }, complaint: `the router ended with ${code}\n${trial.router.log.join('\n')}` };
  return failure ? { seed, subgraphs, options, ...failure } : undefined;
}

/** The failure made small. */
export async function shrink(ground, failure) {
  const ofPlan = /fetches, depth/.test(failure.complaint);
  const options = { ...failure.options, strict: true };
  const check = async (subgraphs, operation) => {
    const { trial } = await Trial.start(ground, subgraphs, options).catch(() => ({}));
    if (!trial) return '';
    try {
      const complaint = await trial.examine(operation);
      if (!ofPlan || complaint === undefined) return complaint;
      return trial.comparePlans([operation], planTotals())[0]?.complaint;
    } catch {
      return '';
    } finally {
      await trial.stop();
    }
  };
  const fails = async (subgraphs, operation) => {
    const complaint = await check(subgraphs, operation);
    return complaint && /fetches, depth/.test(complaint) === ofPlan ? complaint : '';
  };
  const { subgraphs, operation } = failure;
  if (!operation.text || !(await fails(subgraphs, operation))) return failure;
  const first = await shrinkOperation(operation, (o) => fails(subgraphs, o), Date.now() + SHRINK_MS);
  const small = await shrinkSystem(subgraphs, (s) => fails(s, first), Date.now() + SHRINK_MS);
  const last = await shrinkOperation(first, (o) => fails(small, o), Date.now() + SHRINK_MS);
  return { ...failure, subgraphs: small, operation: last, complaint: await fails(small, last) };
}

export const describe = ({ seed, subgraphs, operation, complaint, options }) =>
  `SEED=${seed} ${JSON.stringify(options)}\n${complaint}\n` +
  Object.entries(subgraphs).map(([name, sdl]) => `=== subgraph ${name}\n${sdl}`).join('') +
  `=== operations\n${operation.text}\n=== variables\n${JSON.stringify(operation.variables)}\n=== end\n`;

export function summary(totals, seconds) {
  const { plans: p } = totals;
  const share = (n) => `${((100 * n) / (p.plans || 1)).toFixed(2)} %`;
  return `${totals.systems} systems, ${totals.operations} operations, ${totals.requests} requests to subgraphs in ${seconds.toFixed(0)} s ` +
    `(${(totals.operations / seconds).toFixed(1)} operations per second); ${totals.refused} systems refused, ${totals.invalid} operations invalid, ${totals.failures} failures\n` +
    `${p.plans} plans beside Apollo's: better ${p.better} (${share(p.better)}), fewer fetches ${p.fewerFetches} (${share(p.fewerFetches)}), ` +
    `less deep ${p.lessDeep} (${share(p.lessDeep)}); ${p.fetches} fetches against ${p.apolloFetches}`;
}
