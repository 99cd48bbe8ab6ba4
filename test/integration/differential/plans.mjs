// What our plans cost beside those of Apollo's planner.
import internals from '@apollo/federation-internals';
import queryPlanner from '@apollo/query-planner';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'graphql';

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
  /** `driver`: the program planner-test-driver. */
  constructor(driver, sdl, supergraph) {
    this.driver = driver;
    this.sdl = sdl;
    this.supergraph = supergraph;
    this.planner = new queryPlanner.QueryPlanner(supergraph);
  }

  theirs(text, variables) {
    const operation = internals.operationFromDocument(this.supergraph.apiSchema(), parse(text));
    return costOf(this.planner.buildQueryPlan(operation), variables);
  }

  /** One cost, or one message, for each operation; their names are different, and so are those of their variables and fragments. */
  ours(operations) {
    const dir = mkdtempSync(join(tmpdir(), 'plans-'));
    try {
      writeFileSync(join(dir, 's'), this.sdl);
      writeFileSync(join(dir, 'o'), operations.map((o) => o.text).join('\n'));
      const variables = JSON.stringify(Object.assign({}, ...operations.map((o) => o.variables)));
      const run = spawnSync(this.driver, [join(dir, 's'), join(dir, 'o'), variables], { maxBuffer: 1 << 30, encoding: 'utf8' });
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
  compare(operations, totals) {
    const ours = this.ours(operations), until = Date.now() + BUDGET_MS;
    return operations.flatMap((operation, i) => {
      const us = ours[i];
      if (us.message) return [{ operation, complaint: `no plan: ${us.message}` }];
      if (Date.now() > until) return [];
      let them;
      try {
        them = this.theirs(operation.text, operation.variables);
      } catch {
        totals.refusedByApollo++;
        return [];
      }
      totals.plans++;
      totals.fetches += us.fetches;
      totals.apolloFetches += them.fetches;
      totals.fewerFetches += us.fetches < them.fetches;
      totals.lessDeep += us.depth < them.depth;
      totals.better += us.fetches < them.fetches || us.depth < them.depth;
      if (us.fetches <= them.fetches && us.depth <= them.depth) return [];
      return [{ operation, complaint: `${us.fetches} fetches, depth ${us.depth}; Apollo ${them.fetches}, ${them.depth}\n${us.text}` }];
    });
  }
}

export const planTotals = () => ({ plans: 0, better: 0, fewerFetches: 0, lessDeep: 0, fetches: 0, apolloFetches: 0, refusedByApollo: 0 });
