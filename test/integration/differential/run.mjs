// Systems and their operations, one after the other, from one seed: what is compared, counted, and shrunk when it fails.
import { Random } from '../../conformance/lib/random.mjs';
import { Operations } from './operations.mjs';
import { planTotals } from './plans.mjs';
import { shrinkOperation, shrinkSystem } from './shrink.mjs';
import { Systems } from './systems.mjs';
import { Trial } from './trial.mjs';

const SHRINK_MS = 20000; // for each of its three passes
const COMPLAINT = 3000, DISPUTE = 500;
const PLANNED_TEXT = 700; // Apollo's planner takes too long for more

export const newTotals = () => ({ systems: 0, refused: 0, disputed: 0, disputedAndWrong: 0, operations: 0, invalid: 0, requests: 0, failures: 0, features: new Map(), plans: planTotals() });

/** Do its subgraphs answer wrongly? One of ten do. */
const isHostile = (seed) => (process.env.HOSTILE ? process.env.HOSTILE === '1' : seed % 10 === 7);

/** What a system of this seed is like, and its random numbers from there on. */
function choose(seed) {
  const random = new Random(seed);
  const subgraphs = new Systems(random, { directives: true }).make();
  const options = { trouble: random.pick([0, 0.03, 0.1]), long: random.chance(0.1), apollo: random.chance(0.5), strict: random.chance(0.3), plans: random.chance(0.3), hostile: isHostile(seed), labels: random.below(16) };
  return { random, subgraphs, options };
}

function count(totals, operation, { requests, touched }) {
  totals.operations++;
  totals.requests += requests;
  for (const f of new Set([...operation.features, ...touched])) {
    const known = totals.features.get(f) ?? { operations: 0, systems: 0, last: 0 };
    const systems = known.systems + (known.last !== totals.systems);
    totals.features.set(f, { operations: known.operations + 1, systems, last: totals.systems });
  }
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
    count(totals, operation, trial);
    asked.push(operation);
  }
  return { asked };
}

async function askPlans(trial, asked, totals) {
  const able = asked.filter((o) => !o.features.has('introspection') && o.text.length < PLANNED_TEXT);
  return able.length ? (await trial.comparePlans(able, totals.plans))[0] : undefined;
}

/** A system that composes here, but not for Apollo. */
function dispute(totals, seed, why) {
  totals.disputed++;
  console.log(`SEED=${seed} ${why.slice(0, DISPUTE)}`);
}

/** It fails as well: perhaps because it should not have been composed. */
function disputeFailure(totals, seed, why, { operation, complaint }) {
  if (why) dispute(totals, seed, why);
  totals.disputedAndWrong++;
  console.log(`SEED=${seed} refused by Apollo, and an operation fails: ${complaint.slice(0, DISPUTE)}\n${operation.text}`);
}

/** What Apollo does not compose runs as we have composed it. */
async function start(ground, subgraphs, options) {
  const first = await Trial.start(ground, subgraphs, options);
  if (!first.disputed) return first;
  return { ...(await Trial.start(ground, subgraphs, { ...options, apollo: false })), disputed: first.disputed };
}

/** A failure: {seed, subgraphs, operation, complaint, options}; undefined when all is well. */
export async function runSystem(ground, seed, totals, { operations: n = 100 } = {}) {
  const { random, subgraphs, options } = choose(seed);
  const { trial, refused, disputed, complaint } = await start(ground, subgraphs, options);
  if (refused) return void totals.refused++;
  if (disputed) dispute(totals, seed, disputed);
  if (complaint) return { seed, subgraphs, operation: { text: '', variables: {} }, complaint, options };
  totals.systems++;
  totals.plans.seed = seed;
  let failure;
  try {
    const { asked, ...failed } = await ask(trial, new Operations(random, trial.api), n, totals);
    failure = asked ? options.plans && (await askPlans(trial, asked, totals)) : failed;
  } catch (e) {
    failure = { operation: { text: '', variables: {} }, complaint: e.stack };
  }
  const objection = failure && (disputed || (!options.apollo && trial.dispute()));
  const code = await trial.stop();
  if (objection) return disputeFailure(totals, seed, disputed ? '' : objection, failure);
  if (!failure && code !== 0) failure = { operation: { text: '', variables: {} }, complaint: `the router ended with ${code}\n${trial.router.log.join('\n')}` };
  return failure ? { seed, subgraphs, options, ...failure } : undefined;
}

/** What is wrong with the operation in a system that runs, if it is of the same kind as before. */
async function complaintOf(trial, operation, ofPlan) {
  const complaint = await trial.examine(operation);
  if (!ofPlan) return complaint;
  return complaint === undefined ? '' : (await trial.comparePlans([operation], planTotals()))[0]?.complaint;
}

/** Gives `use` a function that says whether an operation fails. A system that Apollo would not compose fails nothing. */
async function inSystem(ground, subgraphs, options, ofPlan, use) {
  const { trial } = await Trial.start(ground, subgraphs, options).catch(() => ({}));
  if (!trial) return use(async () => '');
  try {
    const complain = (operation) => complaintOf(trial, operation, ofPlan).catch(() => '');
    return await use(async (operation) => {
      const complaint = await complain(operation);
      return complaint && !options.apollo && (trial.objection ??= trial.dispute()) ? '' : complaint;
    });
  } finally {
    await trial.stop();
  }
}

/** The failure made small. */
export async function shrink(ground, failure) {
  const { subgraphs, operation } = failure;
  const ofPlan = /fetches, depth/.test(failure.complaint);
  const within = (options, system, use) => inSystem(ground, system, options, ofPlan, use);
  const fast = { ...failure.options, strict: true, apollo: false };
  const options = operation.text && (await within(fast, subgraphs, (fails) => fails(operation))) ? fast : { ...failure.options, strict: true };
  if (!operation.text || !(await within(options, subgraphs, (fails) => fails(operation)))) return failure;
  const first = await within(options, subgraphs, (fails) => shrinkOperation(operation, fails, Date.now() + SHRINK_MS));
  const small = await shrinkSystem(subgraphs, (s) => within(options, s, (fails) => fails(first)), Date.now() + SHRINK_MS);
  const last = await within(options, small, (fails) => shrinkOperation(first, fails, Date.now() + SHRINK_MS));
  return { ...failure, options, subgraphs: small, operation: last, complaint: await within(options, small, (fails) => fails(last)) };
}

export const describe = ({ seed, subgraphs, operation, complaint, options }) =>
  `SEED=${seed} ${JSON.stringify(options)}\n${complaint.slice(0, COMPLAINT)}\n` +
  Object.entries(subgraphs).map(([name, sdl]) => `=== subgraph ${name}\n${sdl}`).join('') +
  `=== operations\n${operation.text}\n=== variables\n${JSON.stringify(operation.variables)}\n=== end\n`;

export function summary(totals, seconds) {
  const { plans: p } = totals;
  const share = (n) => `${((100 * n) / (p.plans || 1)).toFixed(2)} %`;
  const wrong = [...p.wrongByApollo].map(([why, { n }]) => `${why}: ${n}`).join(', ') || 'none';
  return `${totals.systems} systems, ${totals.operations} operations, ${totals.requests} requests to subgraphs in ${seconds.toFixed(0)} s ` +
    `(${(totals.operations / seconds).toFixed(1)} operations per second); ${totals.refused} systems refused, ${totals.disputed} refused only by Apollo (${totals.disputedAndWrong} of them fail), ${totals.invalid} operations invalid, ${totals.failures} failures\n` +
    `${p.plans} plans beside Apollo's: better ${p.better} (${share(p.better)}), equal ${p.plans - p.better - p.worse}, worse ${p.worse}; fewer fetches ${p.fewerFetches} (${share(p.fewerFetches)}), ` +
    `less deep ${p.lessDeep} (${share(p.lessDeep)}); ${p.fetches} fetches against ${p.apolloFetches}; refused by Apollo ${p.refusedByApollo}; not counted, since Apollo's plan ${wrong}`;
}
