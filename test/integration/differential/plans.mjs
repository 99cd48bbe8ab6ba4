// What our plans cost beside those of Apollo's planner.
import internals from '@apollo/federation-internals';
import { executeQueryPlan } from '@apollo/gateway/dist/executeQueryPlan.js';
import queryPlanner from '@apollo/query-planner';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kind, TypeInfo, parse, visit, visitWithTypeInfo } from 'graphql';
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

export class Plans {
  /** `driver`: the program planner-test-driver; `labels`: of progressive @overrides, those that are on. */
  constructor(driver, sdl, supergraph, world, labels = []) {
    this.driver = driver;
    this.sdl = sdl;
    this.labels = labels;
    this.conditions = new Map(labelsOf(this).map((label) => [label, labels.includes(label)]));
    this.supergraph = supergraph;
    this.world = world;
    this.planner = new queryPlanner.QueryPlanner(supergraph, { debug: { pathsLimit: 1000 } });
  }

  theirs(text) {
    return this.planner.buildQueryPlan(internals.operationFromDocument(this.supergraph.apiSchema(), parse(text)), { overrideConditions: this.conditions });
  }

  /** Does it ask a subgraph for a field that is @external there? */
  asksExternal(node) {
    if (!node) return false;
    if (node.kind !== 'Fetch') return [node.node, node.ifClause, node.elseClause, ...(node.nodes ?? [])].some((n) => n && this.asksExternal(n));
    const subgraph = this.world.subgraphs.get(node.serviceName), info = new TypeInfo(subgraph.schema);
    let found = false;
    visit(parse(node.operation), visitWithTypeInfo(info, {
      Field: ({ name: { value: name } }) => {
        found ||= subgraph.external.has(`${info.getParentType()?.name}.${name}`) && !subgraph.provided.has(name) && !subgraph.keyed.has(name);
      },
    }));
    return found;
  }

  /** Does Apollo's plan bring the right answer, with requests that every subgraph can answer? */
  async holds(plan, { text, variables }) {
    const document = parse(text), { world } = this, { trouble } = world;
    const fragments = document.definitions.filter((d) => d.kind === Kind.FRAGMENT_DEFINITION);
    const [operation] = document.definitions.filter((d) => d.kind === Kind.OPERATION_DEFINITION);
    const services = Object.fromEntries([...world.subgraphs].map(([name, subgraph]) =>
      [name, { process: async ({ request }) => ({ data: subgraph.run(request.query, request.variables), http: { headers: new Map() } }) }]));
    if (this.asksExternal(plan.node)) return false;
    world.trouble = 0;
    try {
      const want = JSON.stringify(monolith(world, document, variables).data);
      const got = await executeQueryPlan(plan, services, { request: { variables, http: { headers: new Map() } }, metrics: {}, schema: world.full },
        { schema: world.full, operation, operationName: operation.name.value, fragments: Object.fromEntries(fragments.map((f) => [f.name.value, f])), queryHash: '' },
        world.full, this.supergraph.apiSchema());
      return !got.errors?.length && JSON.stringify(got.data) === want;
    } finally {
      world.trouble = trouble;
    }
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
    if ((us.fetches > them.fetches || us.depth > them.depth) && !(await this.holds(plan, operation).catch(() => false))) {
      totals.wrongByApollo++;
      return '';
    }
    totals.plans++;
    totals.fetches += us.fetches;
    totals.apolloFetches += them.fetches;
    totals.fewerFetches += us.fetches < them.fetches;
    totals.lessDeep += us.depth < them.depth;
    totals.better += us.fetches < them.fetches || us.depth < them.depth;
    if (us.fetches <= them.fetches && us.depth <= them.depth) return '';
    return `${us.fetches} fetches, depth ${us.depth}; Apollo ${them.fetches}, ${them.depth}\n${us.text}\n${queryPlanner.prettyFormatQueryPlan(plan)}`;
  }
}

export const planTotals = () => ({ plans: 0, better: 0, fewerFetches: 0, lessDeep: 0, fetches: 0, apolloFetches: 0, refusedByApollo: 0, wrongByApollo: 0 });
