// Plans with @defer: part by part against graphql-js, and against Apollo's planner.
import { checkDocuments, depth, fetches, operationOf, planApollo, planOurs } from './planner.mjs';
import { merged, monolithParts, runParts } from './run-parts.mjs';
import { runPlan } from './run-plan.mjs';
import { monolith, World } from './world.mjs';

const sorted = (list) => JSON.stringify(list.map((x) => JSON.stringify(x)).sort());
const canonical = (v) =>
  v && typeof v === 'object' && !Array.isArray(v) ? Object.fromEntries(Object.keys(v).sort().map((k) => [k, canonical(v[k])]))
    : Array.isArray(v) ? v.map(canonical) : v;

/** Fetches of the initial part, and the longest chain among them. */
function primaryCost(plan) {
  const level = new Map();
  for (const f of plan.fetches) if (f.part === 0) level.set(f.id, 1 + Math.max(0, ...f.after.map((a) => level.get(a))));
  return { fetches: level.size, depth: Math.max(0, ...level.values()) };
}

/** Apollo's parts as [label, path], whether each has fetches of its own, and the cost of the initial one. */
function apolloParts(plan, variables) {
  const parts = [];
  let real = true;
  const primary = (n) => (n?.kind === 'Defer' ? n.primary.node : n);
  const walk = (n) => {
    if (!n) return;
    if (n.kind === 'Condition') return walk(variables[n.condition] ? n.ifClause : n.elseClause);
    if (n.kind !== 'Defer') return;
    for (const d of n.deferred) {
      real &&= fetches(primary(d.node), variables) > 0;
      parts.push([d.label ?? null, d.queryPath.filter((s) => !s.startsWith('...')).join('.')]);
      walk(d.node);
    }
  };
  walk(plan.node);
  const first = plan.node?.kind === 'Condition' ? (variables[plan.node.condition] ? plan.node.ifClause : plan.node.elseClause) : plan.node;
  return { parts, real, fetches: fetches(primary(first), variables), depth: depth(primary(first), variables) };
}

const fieldsOf = (dump) => {
  const used = new Set();
  const walk = (o) => o.forEach((v) => v.fields.forEach((f) => {
    dump.shares[f.share].parts.forEach((p) => used.add(p));
    if (f.child) walk(f.child);
  }));
  walk(dump.output);
  return used;
};

/** What is announced. A part whose every field came with another one meanwhile is announced or not. */
function comparePending(ours, theirs) {
  const text = (p) => JSON.stringify([p.label, p.path]);
  const some = new Set(ours.map(text)), all = new Set(theirs.map(text));
  const extra = [...all].filter((p) => !some.has(p)), missing = ours.filter((p) => p.needed && !all.has(text(p))).map(text);
  return extra.length + missing.length ? `pending: graphql-js also has ${extra}, and lacks ${missing}` : '';
}

function compareWithApollo(r, apollo, variables, say) {
  const a = apolloParts(apollo.plan, variables), own = primaryCost(r.plan), used = fieldsOf(r.dump);
  if (own.fetches > a.fetches || own.depth > a.depth) say(`initial part: ${own.fetches} fetches, depth ${own.depth}; Apollo ${a.fetches}, ${a.depth}`);
  // What several parts need, and Apollo lets the initial part wait for, each part fetches for itself.
  const spared = a.fetches - own.fetches, again = spared * Math.max(0, a.parts.length - 1);
  // Apollo leaves a part without fetches of its own, where the type of the fragment has no key, to the part around it.
  if (a.real && r.plan.fetches.length > apollo.fetches + again) say(`${r.plan.fetches.length} fetches; Apollo ${apollo.fetches}`);
  const theirs = new Set(a.parts.map((p) => JSON.stringify(p)));
  // Apollo knows one part of a label, though the fragment that has it may be spread at several places.
  const labels = r.dump.parts.map((p) => p.label), unique = (label) => labels.indexOf(label) === labels.lastIndexOf(label);
  r.dump.parts.forEach((p, i) => {
    const part = JSON.stringify([p.label, (p.path ?? '').replaceAll('.@', '')]);
    if (used.has(i) && unique(p.label) && !theirs.has(part)) say(`Apollo has no part ${part}: ${[...theirs]}`);
  });
}

/** Complaints about one system and its operations; `random` decides in which order parts are delivered. With `limits` plans may be dearer
 *  than Apollo's. */
export async function examineDefer(system, text, variables = {}, random = undefined, limits = undefined) {
  const complaints = [];
  const world = new World(system.full, system.list);
  const flags = limits ? ['--limits', limits] : [];
  const ours = planOurs(system, text, variables, undefined, { flags: ['--incremental', ...flags] });
  const whole = planOurs(system, text, variables, undefined, { flags });
  const theirs = limits ? {} : planApollo(system, text, variables, { planner: system.deferPlanner });
  const plain = limits ? {} : planApollo(system, text, variables);
  const order = (list) => (random ? [random.pick(list)] : list);
  for (const [name, r] of Object.entries(ours)) {
    const say = (what) => complaints.push(`${name || 'operation'}: ${what}\n${r.text}\n${r.plan?.fetches.map((f) => `${f.part}: ${f.document}`).join('\n')}`);
    if (r.errors) {
      complaints.push(`${name}: no plan: ${JSON.stringify(r.errors)}`);
      continue;
    }
    checkDocuments(world, r.plan).forEach(say);
    if (!limits && !theirs[name].failed) compareWithApollo(r, theirs[name], variables, say);
    if (!limits && (whole[name].plan.fetches.length > plain[name].fetches || whole[name].plan.depth > plain[name].depth)) say('the plan without parts is worse than without @defer');
    try {
      const op = operationOf(text, name);
      const got = runParts(r.dump, world, variables, order), want = await monolithParts(world, op, variables);
      if (want.errors) throw new Error(want.errors[0].message);
      if (JSON.stringify(got.initial) !== JSON.stringify(want.initial)) say(`initial parts differ\n  got  ${JSON.stringify(got.initial)}\n  want ${JSON.stringify(want.initial)}`);
      const pending = comparePending(got.pending, want.pending);
      if (pending) say(pending);
      if (sorted(got.pieces) !== sorted(want.pieces)) say(`pieces differ\n  got  ${sorted(got.pieces)}\n  want ${sorted(want.pieces)}`);
      const all = monolith(world, { ...op }, variables).data;
      if (JSON.stringify(canonical(merged(got))) !== JSON.stringify(canonical(all))) say('merged answers differ');
      for (const dump of [r.dump, whole[name].dump])
        if (JSON.stringify(runPlan(dump, world, variables)) !== JSON.stringify(all)) say('the answer in one response differs');
    } catch (e) {
      say(e.stack);
    }
  }
  return { complaints, ours };
}
