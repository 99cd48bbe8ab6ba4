// The long run: see docs/router.md. SYSTEMS, OPERATIONS (each), SEED, SECONDS, FAILURES (how many before it ends).
import { seedOfRun } from '../../conformance/lib/random.mjs';
import { WANTED } from './features.mjs';
import { describe, newTotals, runSystem, shrink, summary } from './run.mjs';
import { Ground } from './trial.mjs';

const limit = (name, fallback) => Number(process.env[name] ?? fallback);
const systems = limit('SYSTEMS', Infinity), seconds = limit('SECONDS', Infinity), failuresMax = limit('FAILURES', 1);
const SYSTEMS_FOR_BREADTH = 1500; // fewer need not exercise everything
const EXAMPLE = 4000;
const once = process.env.SEED && !process.env.SYSTEMS && !process.env.SECONDS;

const first = seedOfRun(), began = Date.now(), totals = newTotals();
const passed = () => (Date.now() - began) / 1000;
const ground = await Ground.start();
console.log(`SEED=${first}`);
let told = began, stopped = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (stopped = true)); // after the system at hand, with the totals
for (let seed = first; totals.systems < systems && passed() < seconds && !stopped; seed = (seed + 1) >>> 0) {
  const failure = await runSystem(ground, seed, totals, { operations: limit('OPERATIONS', 100) });
  if (failure) {
    totals.failures++;
    console.log(describe(process.env.SHRINK === '0' ? failure : await shrink(ground, failure)));
    if (totals.failures >= failuresMax) break;
  }
  if (Date.now() - told > 30000) console.log(`${(told = Date.now(), '')}seed ${seed}: ${summary(totals, passed())}`);
  if (once) break;
}
console.log(summary(totals, passed()));
const missing = WANTED.filter((f) => !totals.features.get(f));
for (const [why, { example }] of totals.plans.wrongByApollo) console.log(`Apollo's plan ${why}, for example: ${example.slice(0, EXAMPLE)}\n`);
console.log('operations  systems  that exercised');
for (const [feature, n] of [...totals.features].sort((a, b) => (a[0] < b[0] ? -1 : 1))) console.log(`${String(n.operations).padStart(10)} ${String(n.systems).padStart(8)}  ${feature}`);
if (missing.length) console.log(`not exercised: ${missing.join(', ')}`);
await ground.stop();
process.exit(totals.failures || (missing.length && totals.systems >= SYSTEMS_FOR_BREADTH) ? 1 : 0);
