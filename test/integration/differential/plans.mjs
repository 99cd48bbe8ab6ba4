// What our plans cost beside those of Apollo's planner.
import internals from '@apollo/federation-internals';
import { executeQueryPlan } from '@apollo/gateway/dist/executeQueryPlan.js';
import queryPlanner from '@apollo/query-planner';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kind, parse } from 'graphql';
import { planAsksExternal } from '../../conformance/lib/external.mjs';
import { labelsOf } from '../../conformance/lib/planner.mjs';
import { monolith } from '../../conformance/lib/world.mjs';

/** Apollo's planner takes minutes for some operations; those after it are then left out. */
const BUDGET_MS = 3000;

const children = (n, variables) => {
  switch (n.kind) {
    case 'QueryPlan': case 'Flatten': return [n.node];
    case 'Condition': return [variables[n.condition] ? n.ifClause : n.elseClause];
    default: return n.nodes ?? [];
  }
};
const costOf = (n, v) => {
  if (!n) return { fetches: 0, depth: 0 };
  if (n.kind === 'Fetch') return { fetches: 1, depth: 1 };
  const parts = children(n, v).map((c) => costOf(c, v));
  const depths = parts.map((p) => p.depth);
  return {
    fetches: parts.reduce((sum, p) => sum + p.fetches, 0),
    depth: n.kind === 'Parallel' ? Math.max(0, ...depths) : depths.reduce((a, b) => a + b, 0),
  };
};

const MISTAKES = [
  ['asks for what @requires without its inputs', /without a representation|representation for \S+ lacks/],
  ['asks for what is @external', /is @external and was asked for/],
  ['asks for what another subgraph resolves', /is resolved by another subgraph/],
  ['sends what @requires wrongly', /got a wrong/],
  ['sends a representation that is nobody', /objects agree with/],
];

export class Plans {
  /** `driver`: the program planner-test-driver; `labels`: of progressive @overrides, those that are on. */
  constructor(driver, sdl, supergraph, world, labels = []) {
    this.driver = driver;
    this.sdl = sdl;
    this.labels = labels;
    this.conditions = new Map(labelsOf(this).map((label) => [label, labels.includes(label)]));
    this.supergraph = supergraph;
    this.world = world;
  }

  theirs(text) {
    this.planner ??= new queryPlanner.QueryPlanner(this.supergraph, { debug: { pathsLimit: 1000 } });
    return this.planner.buildQueryPlan(internals.operationFromDocument(this.supergraph.apiSchema(), parse(text)), { overrideConditions: this.conditions });
  }

  /** '' when Apollo's plan brings the right answer, with requests that every subgraph can answer; else why not. An empty list would hide what is
   *  wrong with the fetches below it, so there are worlds without. */
  async objection(plan, operation) {
    if (planAsksExternal(this.world, plan.node)) return 'asks for what is @external';
    const { world } = this, { trouble } = world;
    world.trouble = 0;
    try {
      let found = await this.mistake(plan, operation);
      world.bountiful = true;
      for (world.salt of ['', 'another ', 'a third ']) found ||= await this.mistake(plan, operation);
      return found;
    } finally {
      Object.assign(world, { trouble, bountiful: false, salt: '' });
    }
  }

  /** What is wrong with the plan in the world as it is now. */
  async mistake(plan, { text, variables }) {
    const document = parse(text), { world } = this;
    const fragments = document.definitions.filter((d) => d.kind === Kind.FRAGMENT_DEFINITION);
    const [operation] = document.definitions.filter((d) => d.kind === Kind.OPERATION_DEFINITION);
    const services = Object.fromEntries([...world.subgraphs].map(([name, subgraph]) =>
      [name, { process: async ({ request }) => ({ data: subgraph.run(request.query, request.variables), http: { headers: new Map() } }) }]));
    const want = JSON.stringify(monolith(world, document, variables).data);
    const got = await executeQueryPlan(plan, services, { request: { variables, http: { headers: new Map() } }, metrics: {}, schema: world.full },
      { schema: world.full, operation, operationName: operation.name.value, fragments: Object.fromEntries(fragments.map((f) => [f.name.value, f])), queryHash: '' },
      world.full, this.supergraph.apiSchema());
    const [error] = got.errors ?? [];
    if (error) return MISTAKES.find(([, pattern]) => pattern.test(error.message))?.[0] ?? error.message;
    return JSON.stringify(got.data) === want ? '' : 'brings another answer';
  }

  /** One cost, or one message, for each operation; their names are different, and so are those of their variables and fragments. */
  ours(operations) {
    const dir = mkdtempSync(join(tmpdir(), 'plans-'));
    try {
      writeFileSync(join(dir, 's'), this.sdl);
      writeFileSync(join(dir, 'o'), operations.map((o) => o.text).join('\n'));
      const variables = JSON.stringify(Object.assign({}, ...operations.map((o) => o.variables)));
      const run = spawnSync(this.driver, [join(dir, 's'), join(dir, 'o'), variables, 'all', ...this.labels], { maxBuffer: 1 << 30, encoding: 'utf8' });
      if (run.status !== 0) throw new Error(`${this.driver} ended with ${run.signal ?? run.status}: ${run.stderr.slice(0, 3000)}`);
      return run.stdout.trim().split('\n').map((line) => {
        const r = JSON.parse(line);
        return r.errors ? { message: JSON.stringify(r.errors) } : { fetches: r.plan.fetches.length, depth: r.plan.depth, text: r.text };
      });
    } finally {
      rmSync(dir, { recursive: true });
    }
  }

  /** [{operation, complaint}] of the operations whose plan is worse; counts everything in `totals`. */
  async compare(operations, totals) {
    const ours = this.ours(operations), until = Date.now() + BUDGET_MS;
    const worse = [];
    for (const [i, operation] of operations.entries()) {
      const us = ours[i];
      if (us.message) worse.push({ operation, complaint: `no plan: ${us.message}` });
      if (us.message || Date.now() > until) continue;
      const complaint = await this.compareOne(operation, us, totals);
      if (complaint) worse.push({ operation, complaint });
    }
    return worse;
  }

  async compareOne(operation, us, totals) {
    let plan;
    try {
      plan = this.theirs(operation.text);
    } catch {
      totals.refusedByApollo++;
      return '';
    }
    const them = costOf(plan, operation.variables);
    const worse = us.fetches > them.fetches || us.depth > them.depth;
    const wrong = worse && (await this.objection(plan, operation).catch((e) => `cannot be run: ${e.message}`));
    if (wrong) {
      const known = totals.wrongByApollo.get(wrong) ?? { n: 0, example: `SEED=${totals.seed} ${operation.text}\n${queryPlanner.prettyFormatQueryPlan(plan)}` };
      totals.wrongByApollo.set(wrong, { ...known, n: known.n + 1 });
      return '';
    }
    totals.plans++;
    totals.fetches += us.fetches;
    totals.apolloFetches += them.fetches;
    totals.fewerFetches += us.fetches < them.fetches;
    totals.lessDeep += us.depth < them.depth;
    totals.worse += worse;
    totals.better += !worse && (us.fetches < them.fetches || us.depth < them.depth);
    if (!worse) return '';
    return `${us.fetches} fetches, depth ${us.depth}; Apollo ${them.fetches}, ${them.depth}\n${us.text}\n${queryPlanner.prettyFormatQueryPlan(plan)}`;
  }
}

export const planTotals = () => ({ plans: 0, better: 0, worse: 0, fewerFetches: 0, lessDeep: 0, fetches: 0, apolloFetches: 0, refusedByApollo: 0, wrongByApollo: new Map() });
