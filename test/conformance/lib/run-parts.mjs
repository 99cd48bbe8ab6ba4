// Runs a plan part by part, the way src/planner/plan.h describes it, and the same operation by graphql-js.
import { parse as parse16, print as print16, printSchema as printSchema16 } from 'graphql';
import { buildSchema, experimentalExecuteIncrementally, parse } from 'graphql-js';
import { Run } from './run-plan.mjs';
import { resolvers } from './world.mjs';

const isNull = (v) => v === null || v === undefined;

/** Runs the fetches of one part after another and delivers what is then complete. */
class Parts extends Run {
  constructor(dump, world, variables) {
    super(dump, world, variables);
    this.deferred = []; // { instances, record, variant, share, path }, not yet delivered
    this.pending = []; // { part, path }
  }

  /** The fields of one record that belong to `share`; what else begins there is noted. `within`: part → instance. */
  object(record, output, share, path, within) {
    const variant = output.find((v) => !v.types || v.types.includes(record.type));
    within = new Map(within);
    for (const part of variant.parts) within.set(part, { part, path });
    const data = this.members(record, variant, share, path, within);
    for (const other of new Set(variant.fields.map((f) => f.share)))
      if (other !== share)
        this.deferred.push({ instances: this.dump.shares[other].parts.map((p) => within.get(p)), record, variant, share: other, path, within });
    return data;
  }

  members(record, variant, share, path, within) {
    const data = {};
    for (const f of variant.fields) {
      if (f.share !== share) continue;
      if (f.kind === 1) data[f.key] = record.type ?? '(unknown type)';
      else if (f.kind === 0) data[f.key] = this.value(record.slots[f.slot], f.child, share, [...path, f.key], within);
      else data[f.key] = null;
    }
    return data;
  }

  value(v, output, share, path, within) {
    if (isNull(v)) return null;
    if (Array.isArray(v)) return v.map((item, i) => this.value(item, output, share, [...path, i], within));
    return output ? this.object(v, output, share, path, within) : v;
  }

  fetchPart(part) {
    for (const f of this.dump.fetches) if (f.part === part) this.fetch(f);
  }

  /** Delivers all that some instance of the part takes, again and again: below may lie more. */
  deliver(part) {
    const out = [];
    for (let at; (at = this.deferred.findIndex((d) => d.instances.some((i) => i.part === part))) >= 0;) {
      const [d] = this.deferred.splice(at, 1);
      for (const i of d.instances) this.announce(i, d.instances.length === 1);
      out.push({ path: d.path, data: this.members(d.record, d.variant, d.share, d.path, d.within) });
    }
    return out;
  }

  /** `alone`: what only this instance takes keeps it from being complete before. */
  announce(instance, alone) {
    if (!this.pending.includes(instance)) this.pending.push(instance);
    if (alone) instance.needed = true;
  }
}

/** {initial, pending: [{label, path, needed}], pieces: [{path, data}]} */
export function runParts(dump, world, variables = {}, order = (list) => list) {
  const run = new Parts(dump, world, variables);
  run.fetchPart(0);
  const initial = run.object(run.root, dump.output, 0, [], new Map());
  const pieces = [];
  const left = dump.parts.map((_, i) => i).slice(1), done = new Set([0]);
  while (left.length) {
    const [part] = order(left.filter((p) => done.has(dump.parts[p].parent)));
    left.splice(left.indexOf(part), 1);
    done.add(part);
    run.fetchPart(part);
    pieces.push(...run.deliver(part));
  }
  if (run.deferred.length) throw new Error('something is never delivered');
  return { initial, pieces, pending: run.pending.map((i) => ({ label: dump.parts[i.part].label, path: i.path, needed: i.needed })) };
}

/** The same from graphql-js, for one monolithic schema. */
export async function monolithParts(world, operation, variableValues) {
  const schema = buildSchema(printSchema16(world.full));
  const result = await experimentalExecuteIncrementally({
    schema,
    document: parse(print16(operation)),
    variableValues,
    rootValue: {},
    ...resolvers(world),
  });
  if (!result.initialResult) return { initial: result.data, pending: [], pieces: [], errors: result.errors };
  const byId = new Map(), pieces = [], pending = [];
  const note = (list) => {
    for (const p of list ?? []) {
      byId.set(p.id, p);
      pending.push({ label: p.label ?? null, path: p.path });
    }
  };
  note(result.initialResult.pending);
  for await (const r of result.subsequentResults) {
    note(r.pending);
    for (const i of r.incremental ?? []) pieces.push({ path: [...byId.get(i.id).path, ...(i.subPath ?? [])], data: i.data });
  }
  return { initial: result.initialResult.data, pending, pieces, errors: result.initialResult.errors };
}

function mergeInto(target, source) {
  for (const [key, value] of Object.entries(source))
    if (value && typeof value === 'object' && target[key] && typeof target[key] === 'object') mergeInto(target[key], value);
    else target[key] = value;
}

/** The whole response. */
export function merged({ initial, pieces }) {
  const out = structuredClone(initial);
  for (const { path, data } of [...pieces].sort((a, b) => a.path.length - b.path.length)) {
    let at = out;
    for (const step of path) at = at[step];
    mergeInto(at, structuredClone(data));
  }
  return out;
}

export const withoutDefer = (text) => print16(parse16(text.replace(/@defer(\([^)]*\))?/g, '')));
