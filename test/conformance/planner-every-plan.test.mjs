// Is our plan the cheapest there is? For tiny systems every plan can be tried. SEED=n repeats a run, SYSTEMS=n makes it longer, WORSE=1 shows
// plans whose depth and fetches are the least and whose fields are not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, visit } from 'graphql';
import { startOurs } from './lib/composition.mjs';
import { DEPTH_MAX, ENTRY_COST, EveryPlan } from './lib/every-plan.mjs';
import { planOurs } from './lib/planner.mjs';
import { Random, seedOfRun } from './lib/random.mjs';
import { printSet, printTiny, randomTree, TinySystems } from './lib/tiny.mjs';

const SYSTEMS = Number(process.env.SYSTEMS ?? 40), OPERATIONS = 6;
const FIELDS_SLACK = 0.03; // of operations: who brings what is found by trying entries away, not by trying everything
const build = process.env.BUILD_DIR ?? join(fileURLToPath(import.meta.url), '../../../build');

function fieldsOf({ plan, dump }) {
  let fields = 0;
  for (const f of plan.fetches)
    visit(parse(f.document), { Field: ({ name: { value } }) => { fields += !value.startsWith('_'); } });
  return fields + ENTRY_COST * dump.fetches.reduce((sum, f) => sum + new Set(f.entities.map((e) => e.target)).size, 0);
}

/** A complaint, or 'fields' when only those are more than needed, or ''. */
function compare(ours, best) {
  if (!best && (ours.errors || ours.plan.depth > DEPTH_MAX)) return '';
  if (ours.errors || !best) return `${ours.errors ? ours.errors[0].message : 'a plan'}; with every plan tried: ${JSON.stringify(best)}`;
  const cost = { depth: ours.plan.depth, fetches: ours.plan.fetches.length, fields: fieldsOf(ours) };
  const fewer = best.fields !== undefined && cost.fields < best.fields;
  if (cost.depth === best.depth && cost.fetches === best.fetches && !fewer) return cost.fields > best.fields ? 'fields' : '';
  return `ours ${JSON.stringify(cost)}, the best ${JSON.stringify(best)}\n${ours.text}`;
}

test('no plan is cheaper', async () => {
  const composer = startOurs(join(build, 'src/federation/federation-test-compose'));
  let operations = 0, worse = 0;
  for (let seed = seedOfRun(), left = SYSTEMS; left > 0; seed++) {
    const random = new Random(seed), system = new TinySystems(random).make(), list = Object.entries(printTiny(system));
    const { supergraph } = await composer.compose(list.map(([name, sdl]) => ({ name, url: `http://${name}`, sdl })));
    const trees = Array.from({ length: OPERATIONS }, () => randomTree(random, system)).filter(Boolean);
    if (!supergraph || !trees.length) continue;
    left--;
    const ours = planOurs({ sdl: supergraph }, trees.map((t, i) => `query Q${i} { ${printSet(t)} }`).join('\n'));
    for (const [i, tree] of trees.entries()) {
      const complaint = compare(ours[`Q${i}`], new EveryPlan(system, tree).best());
      operations++;
      worse += complaint === 'fields';
      if (complaint === 'fields' && !process.env.WORSE) continue;
      assert.equal(complaint, '', `SEED=${seed} { ${printSet(tree)} }\n${list.map((s) => s.join('\n')).join('\n')}`);
    }
  }
  composer.end();
  assert.ok(worse <= 2 + operations * FIELDS_SLACK, `${worse} of ${operations} plans fetch more fields than they have to`);
});
