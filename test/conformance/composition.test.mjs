// Composition against @apollo/composition: error codes, hint codes, supergraph and API schema as sets of facts.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import queryPlanner from '@apollo/query-planner';
import internals from '@apollo/federation-internals';
import { parse, Kind } from 'graphql';
import { compare, oracle, readCases, startOurs } from './lib/composition.mjs';
import { shrinkSubgraphs } from './lib/subgraph-shrink.mjs';
import { ask } from './lib/subgraph-oracle.mjs';
import { subgraphsOf } from './lib/subgraph-sources.mjs';

const { HINTS } = createRequire(import.meta.url)('@apollo/composition/dist/hints.js');
const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url));
let ours;
before(() => { ours = startOurs(`${process.env.BUILD_DIR}/src/federation/federation-test-compose`); });
after(() => ours.end());

const PORTS = { customers: 4003, projects: 4004, estimates: 4002, integrations: 4005 };
const house = () => Object.entries(PORTS).map(([name, port]) => ({
  name, url: `http://localhost:${port}/graphql`, sdl: readFileSync(`${fixtures}/schema/${name}.graphql`, 'utf8') }));

test('the four schemas of the house', async () => {
  const got = await ours.compose(house());
  assert.deepEqual(compare(oracle(house()), got), []);
  const reversed = await ours.compose(house().reverse());
  assert.equal(reversed.supergraph, got.supergraph, 'the order of the subgraphs does not matter');
});

test('Apollo\'s planner runs the supergraph of the house', async () => {
  const { supergraph } = await ours.compose(house());
  const built = internals.Supergraph.build(supergraph, { supportedFeatures: internals.ROUTER_SUPPORTED_SUPERGRAPH_FEATURES });
  const planner = new queryPlanner.QueryPlanner(built);
  const dashboard = parse(readFileSync(`${fixtures}/schema/dashboard.graphql`, 'utf8'));
  for (const definition of dashboard.definitions) {
    const operation = internals.operationFromDocument(built.apiSchema(), { kind: Kind.DOCUMENT, definitions: [definition] });
    assert.ok(planner.buildQueryPlan(operation).node, definition.name.value);
  }
});

const cases = (file) => readCases(readFileSync(`${fixtures}/composition/${file}`, 'utf8'));
const files = readdirSync(`${fixtures}/composition`).filter((f) => f.endsWith('.txt')).sort();

// All messages of all cases: [{ case, code, message, level?, subgraph?, coordinate?, line? }].
async function allMessages() {
  const out = [];
  for (const c of files.flatMap(cases)) {
    const { errors, hints } = await ours.compose(c.subgraphs);
    for (const m of [...errors, ...hints]) out.push({ case: c.name, ...m });
  }
  return out;
}

test('every code and hint has a case', async () => {
  const known = JSON.parse(readFileSync(`${fixtures}/composition/codes.json`, 'utf8'));
  const oracleCodes = (of) => [...new Set(Object.values(of).map((x) => x.code))].sort();
  assert.deepEqual(known.errors, oracleCodes(internals.ERRORS), 'the list of codes is the oracle\'s');
  assert.deepEqual(known.hints, oracleCodes(HINTS), 'the list of hints is the oracle\'s');
  const seen = new Set((await allMessages()).map((m) => m.code));
  const missing = [...known.errors, ...known.hints].filter((code) => !seen.has(code));
  assert.deepEqual(missing.sort(), Object.keys(known.never).sort());
  const all = new Set([...known.errors, ...known.hints]);
  assert.deepEqual([...seen].filter((code) => !all.has(code)), [], 'no code of our own');
});

// The last clause tells what to do: it begins with one of these words.
const ADVICE = /(?:^|[\]:;.,] )(?:or )?(?:add|agree|change|choose|compose|correct|define|delete|drop|extend|give|hide|import|in this schema it is called|keep|leave|let|link|make|mark|name|override|put|rename|repeat|resolve|select|set|show|split|take|upgrade|use|write)\b/i;

test('a message says where and what to do', async () => {
  const faults = [];
  for (const m of await allMessages()) {
    const fault = (what) => faults.push(`${what}: ${m.case}: ${m.code} ${m.message}`);
    if (!m.subgraph && !m.coordinate) fault('no place');
    if (m.subgraph && !m.line && m.code !== 'INVALID_SUBGRAPH_NAME') fault('no line');
    if (!m.level && !ADVICE.test(m.message.replaceAll('\n', '. '))) fault('no advice');
  }
  assert.deepEqual(faults, []);
});

for (const file of files)
  test(`cases of ${file}`, async (t) => {
    for (const c of cases(file))
      await t.test(c.name, async () => {
        const want = c.known ? { codes: c.known === 'ok' ? [] : [c.known] } : oracle(c.subgraphs);
        assert.equal(want.crash, undefined, `the oracle crashes: ${want.crash}`);
        assert.deepEqual(compare(want, await ours.compose(c.subgraphs)), []);
      });
  });

test('the oracle\'s faults are recognised', async (t) => {
  for (const c of readCases(readFileSync(`${fixtures}/composition-faults.txt`, 'utf8')))
    await t.test(c.name, async () => {
      const answer = await ask(ours, c.subgraphs);
      assert.equal(answer.fault, c.name, answer.found.join('\n'));
    });
});

// Most sets are the same each time, so that whoever breaks something sees it; some are new each time. SEED=… COUNT=… repeats or lengthens a
// run; what is found is made as small as it goes.
const KNOWN = { seed: 52100000, count: 90 }, FRESH = 30;

function seedsOf({ SEED, COUNT }) {
  const seed = Number(SEED ?? Date.now() % 1e9), count = Number(COUNT ?? FRESH);
  console.log(`# SEED=${seed} COUNT=${count}`);
  const known = SEED || COUNT ? 0 : KNOWN.count;
  return [...Array.from({ length: known }, (_, i) => KNOWN.seed + i), ...Array.from({ length: count }, (_, i) => seed + i)];
}

test('generated subgraph sets', async () => {
  const seeds = seedsOf(process.env), count = seeds.length;
  const faults = {}, found = [], since = Date.now();
  let composed = 0;
  for (const [i, seed] of seeds.entries()) {
    const subgraphs = subgraphsOf(seed), answer = await ask(ours, subgraphs, { api: i % 8 === 0 });
    composed += answer.ok;
    if (answer.fault) faults[answer.fault] = (faults[answer.fault] ?? 0) + 1;
    if (!answer.found.length || answer.fault) continue;
    const differs = async (set) => { const a = await ask(ours, set); return a.found.length > 0 && !a.fault; };
    const small = await shrinkSubgraphs(subgraphs, differs, 200);
    found.push(`SEED=${seed} COUNT=1\n${(await ask(ours, small)).found.join('\n')}\n${small.map((s) => `--- ${s.name}\n${s.sdl}`).join('\n')}`);
  }
  console.log(`# ${count} sets, ${composed} compose, ${((Date.now() - since) / 1000).toFixed(1)} s; the oracle's faults: ${JSON.stringify(faults)}`);
  assert.equal(found.length, 0, `${found.length} disagreements\n\n${found.join('\n\n')}`);
});
