// Composition against @apollo/composition: error codes, hint codes, supergraph and API schema as sets of facts.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import queryPlanner from '@apollo/query-planner';
import internals from '@apollo/federation-internals';
import { parse, Kind } from 'graphql';
import { compare, oracle, readCases, startOurs } from './lib/composition.mjs';
import { generateSubgraphs } from './lib/subgraph-sets.mjs';

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

for (const file of readdirSync(`${fixtures}/composition`).filter((f) => f.endsWith('.txt')).sort())
  test(`cases of ${file}`, async (t) => {
    for (const c of readCases(readFileSync(`${fixtures}/composition/${file}`, 'utf8')))
      await t.test(c.name, async () => {
        const want = c.known ? { codes: c.known === 'ok' ? [] : [c.known] } : oracle(c.subgraphs);
        assert.equal(want.crash, undefined, `the oracle crashes: ${want.crash}`);
        assert.deepEqual(compare(want, await ours.compose(c.subgraphs)), []);
      });
  });

test('generated subgraph sets', async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1e9), count = Number(process.env.COUNT ?? 150);
  console.log(`# SEED=${seed} COUNT=${count}`);
  for (let i = 0; i < count; i++) {
    const subgraphs = generateSubgraphs(seed + i);
    const want = oracle(subgraphs);
    if (want.crash) continue;
    const found = compare(want, await ours.compose(subgraphs));
    assert.deepEqual(found, [], `SEED=${seed + i} COUNT=1\n${subgraphs.map((s) => `--- ${s.name}\n${s.sdl}`).join('\n')}`);
  }
});
