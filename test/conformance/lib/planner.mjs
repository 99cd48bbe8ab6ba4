// Composition and planning by Apollo's packages, planning by ours, and what the two plans cost.
import { composeServices } from '@apollo/composition';
import internals from '@apollo/federation-internals';
import queryPlanner from '@apollo/query-planner';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Kind, parse, validate } from 'graphql';
import { planAsksExternal } from './external.mjs';
import { runPlan } from './run-plan.mjs';
import { monolith, World } from './world.mjs';

const { Supergraph, operationFromDocument, ROUTER_SUPPORTED_SUPERGRAPH_FEATURES } = internals;
const root = join(fileURLToPath(import.meta.url), '../../../..');
const driver = join(process.env.BUILD_DIR ?? join(root, 'build'), 'src/planner/planner-test-driver');

export const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@provides",
  "@external", "@shareable", "@override", "@interfaceObject", "@inaccessible", "@tag", "@authenticated", "@requiresScopes", "@context", "@fromContext"])\n`;

/** Apollo's planner has none of its own, and then takes minutes for some operations. With it, it fails at those. */
const LIMITS = { pathsLimit: 2000 };

/** subgraphs: {name: sdl}. Gives {sdl, subgraphs, api, planner} or {errors}. */
export function compose(subgraphs) {
  const list = Object.entries(subgraphs).map(([name, sdl]) => ({ name, sdl: sdl.includes('@link(') || sdl.startsWith('#fed1') ? sdl : LINK + sdl }));
  const result = composeServices(list.map(({ name, sdl }) => ({ name, url: `http://${name}`, typeDefs: parse(sdl) })));
  if (result.errors?.length) return { errors: result.errors.map((e) => e.message) };
  const supergraph = Supergraph.build(result.supergraphSdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES });
  return {
    sdl: result.supergraphSdl,
    list,
    supergraph,
    api: supergraph.apiSchema().toGraphQLJSSchema(),
    full: supergraph.schema.toGraphQLJSSchema(),
    planner: new queryPlanner.QueryPlanner(supergraph, { debug: LIMITS }),
    deferPlanner: new queryPlanner.QueryPlanner(supergraph, { debug: LIMITS, incrementalDelivery: { enableDefer: true } }),
  };
}

const children = (n, variables) => {
  if (!n) return [];
  switch (n.kind) {
    case 'QueryPlan': case 'Flatten': return [n.node];
    case 'Subscription': return [n.primary, n.rest];
    case 'Defer': return [n.primary.node, ...n.deferred.map((d) => d.node)];
    case 'Condition': return [variables[n.condition] ? n.ifClause : n.elseClause];
    default: return n.nodes ?? [];
  }
};
const sum = (list) => list.reduce((a, b) => a + b, 0);
export const fetches = (n, v) => (!n ? 0 : n.kind === 'Fetch' ? 1 : sum(children(n, v).map((c) => fetches(c, v))));
export const depth = (n, v) => (!n ? 0
  : n.kind === 'Fetch' ? 1
  : n.kind === 'Parallel' ? Math.max(...n.nodes.map((c) => depth(c, v)))
  : sum(children(n, v).map((c) => depth(c, v))));

/** What Apollo's planner needs for each operation of the document: {name: {fetches, depth, plan}}. Where it fails itself, `failed`
 *  says why. */
export function planApollo(system, text, variables = {}, { planner = system.planner, labels = [] } = {}) {
  const doc = parse(text);
  const fragments = doc.definitions.filter((d) => d.kind === Kind.FRAGMENT_DEFINITION);
  const out = {};
  for (const def of doc.definitions.filter((d) => d.kind === Kind.OPERATION_DEFINITION)) {
    const operation = operationFromDocument(system.supergraph.apiSchema(), { kind: Kind.DOCUMENT, definitions: [def, ...fragments] });
    try {
      const overrideConditions = new Map(labelsOf(system).map((label) => [label, labels.includes(label)]));
      const plan = planner.buildQueryPlan(operation, { overrideConditions });
      out[def.name?.value ?? ''] = { fetches: fetches(plan, variables), depth: depth(plan, variables), plan };
    } catch (e) {
      out[def.name?.value ?? ''] = { fetches: Infinity, depth: Infinity, failed: e.message };
    }
  }
  return out;
}

/** Labels of progressive @overrides. */
export const labelsOf = (system) => [...new Set([...system.sdl.matchAll(/overrideLabel: "([^"]*)"/g)].map(([, label]) => label))];

/** Our plans: {name: {plan, dump, text, us} or {errors}}. */
export function planOurs(system, text, variables, auth, { flags = [], labels = [] } = {}) {
  if (!existsSync(driver)) throw new Error(`${driver} is missing: build it, or set BUILD_DIR`);
  const dir = mkdtempSync(join(tmpdir(), 'planner-'));
  try {
    writeFileSync(join(dir, 's'), system.sdl);
    writeFileSync(join(dir, 'o'), text);
    const args = [...flags, join(dir, 's'), join(dir, 'o'), JSON.stringify(variables ?? {}), auth ?? 'all', ...labels];
    const run = spawnSync(driver, args, { maxBuffer: 1 << 30, encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`driver ended with ${run.signal ?? run.status}\n${run.stderr.slice(0, 6000)}`);
    return Object.fromEntries(run.stdout.trim().split('\n').map((l) => JSON.parse(l)).map((r) => [r.name ?? '', r]));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Is each request valid for the subgraph it goes to? */
export function checkDocuments(world, plan) {
  return plan.fetches.flatMap((f) =>
    validate(world.subgraphs.get(f.subgraph).schema, parse(f.document)).map((e) => `${f.subgraph}: ${e.message}\n${f.document}`));
}

export const operationOf = (text, name) => {
  const doc = parse(text);
  return { ...doc, definitions: doc.definitions.filter((d) => d.kind !== Kind.OPERATION_DEFINITION || (d.name?.value ?? '') === name) };
};

/** One fetch subscribes, all others belong to an event. */
function checkSubscription(plan, apollo, variables, say) {
  const [first, ...rest] = plan.fetches;
  if (!first.document.startsWith('subscription') || rest.some((f) => f.kind === 'root')) say('a subscription is one root fetch and what follows it');
  if (apollo.failed) return;
  const { kind, rest: theirs } = apollo.plan.node;
  if (kind !== 'Subscription' || fetches(theirs, variables) < rest.length) say(`${rest.length} fetches for an event; Apollo ${fetches(theirs, variables)}`);
}

const UNKNOWN = { fetches: Infinity, depth: Infinity, failed: 'not asked' };

/** Everything that can be said about one system and its operations, as a list of complaints. Apollo's planner may fail, or plan
 *  wrongly, where the name of the operation says NoOracle; and fail at random operations. With `limits` ("STEPS,PLACES,ENTRIES") plans
 *  may be dearer than Apollo's. */
export function examine(system, text, variables = {}, labels = [], limits = undefined) {
  const complaints = [];
  const world = new World(system.full, system.list, labels);
  const ours = planOurs(system, text, variables, undefined, { labels, flags: limits ? ['--limits', limits] : [] });
  const theirs = limits ? Object.fromEntries(Object.keys(ours).map((name) => [name, { ...UNKNOWN }])) : planApollo(system, text, variables, { labels });
  for (const [name, r] of Object.entries(ours)) {
    const say = (what) => complaints.push(`${name || 'operation'}: ${what}${labels.length ? `\nwith ${labels}` : ''}`);
    if (r.errors) {
      say(`no plan: ${JSON.stringify(r.errors)}`);
      continue;
    }
    const a = theirs[name];
    if (a.failed && !limits && !/NoOracle|^[QMS]\d*$/.test(name)) say(`Apollo's planner fails: ${a.failed}`);
    if (name.endsWith('NoOracle')) a.fetches = a.depth = Infinity;
    const worse = r.plan.depth > a.depth || r.plan.fetches.length > a.fetches;
    if (worse && !planAsksExternal(world, a.plan)) // which nobody has to answer
      say(`${r.plan.fetches.length} fetches, depth ${r.plan.depth}; Apollo ${a.fetches}, ${a.depth}\n${r.text}`);
    checkDocuments(world, r.plan).forEach(say);
    const op = operationOf(text, name);
    const events = op.definitions.some((d) => d.operation === 'subscription') ? [0, 1, 2] : [undefined];
    if (events.length > 1) checkSubscription(r.plan, a, variables, say);
    for (const event of events) try {
      const got = JSON.stringify(runPlan(r.dump, world, variables, event));
      const want = monolith(world, op, variables, event);
      if (want.errors) throw new Error(`the monolith fails: ${want.errors[0].message}`);
      if (got !== JSON.stringify(want.data)) say(`answers differ\n  got  ${got}\n  want ${JSON.stringify(want.data)}\n${r.text}\n${r.plan.fetches.map((f) => f.document).join('\n')}`);
    } catch (e) {
      say(`${e.message}\n${r.text}\n${r.plan.fetches.map((f) => f.document).join('\n')}`);
    }
  }
  return { complaints, ours, theirs };
}
