// Runs a plan (as planner-test-driver dumps it) the way the header src/planner/plan.h describes it.

const isNull = (v) => v === null || v === undefined;

export class Run {
  constructor(dump, world, variables) {
    this.dump = dump;
    this.world = world;
    this.variables = variables;
    this.records = dump.layouts.map(() => []);
    this.root = this.record(0);
  }

  record(layout) {
    const r = { layout, type: this.dump.layouts[layout].concrete, slots: new Array(this.dump.layouts[layout].slots) };
    this.records[layout].push(r);
    return r;
  }

  fill(record, shape, data) {
    if (shape.typename && data.__typename && !record.type) record.type = data.__typename;
    for (const f of shape.fields) {
      if (!(f.key in data)) continue;
      record.slots[f.slot] = f.child ? this.nested(record.slots[f.slot], f.child, data[f.key]) : data[f.key];
    }
  }

  nested(before, shape, value) {
    if (value === null) return isNull(before) ? null : before;
    if (Array.isArray(value)) return value.map((v, i) => this.nested(before?.[i], shape, v));
    const record = isNull(before) ? this.record(shape.layout) : before;
    this.fill(record, shape, value);
    return record;
  }

  /** undefined: the record lacks something that must be there. */
  represent(record, reps) {
    const rep = reps.find((r) => !r.types || r.types.includes(record.type));
    if (!rep) return undefined;
    const out = {};
    if (rep.withTypename) out.__typename = rep.typename ?? record.type ?? this.dump.layouts[record.layout].type;
    for (const f of rep.fields) {
      const v = this.represented(record.slots[f.slot], f);
      if (v === undefined) return undefined;
      out[f.key] = v;
    }
    return out;
  }

  represented(value, field) {
    if (value === undefined) return undefined;
    if (value === null) return field.nullable ? null : undefined;
    if (Array.isArray(value)) {
      const items = value.map((v) => (v === null ? null : this.represented(v, field)));
      return items.includes(undefined) ? undefined : items;
    }
    if (!field.children.length) return value;
    return this.represent(value, field.children);
  }

  fetch(f) {
    const given = Object.fromEntries(f.variables.filter((v) => v in this.variables).map((v) => [v, this.variables[v]]));
    if (!f.entities.length) {
      this.fill(this.root, f.shape, this.world.subgraphs.get(f.subgraph).run(f.document, given, this.event));
      return;
    }
    const targets = f.entities.map((e) => {
      const pairs = [...this.records[e.target]].map((r) => [r, this.represent(r, e.reps)]).filter(([, rep]) => rep);
      if (!e.reentry) given[e.variable] = pairs.map(([, rep]) => rep);
      return pairs;
    });
    if (targets.every((t) => !t.length)) return;
    const data = this.world.subgraphs.get(f.subgraph).run(f.document, given);
    f.entities.forEach((e, i) => targets[i].forEach(([record], k) => {
      const answer = e.reentry ? data : data[e.alias][k];
      if (answer) this.fill(record, e.shape, answer);
    }));
  }

  write(value, output) {
    if (isNull(value)) return null;
    if (Array.isArray(value)) return value.map((v) => this.write(v, output));
    if (!output) return value;
    const variant = output.find((v) => !v.types || v.types.includes(value.type));
    const out = {};
    for (const f of variant.fields) {
      if (f.kind === 1) out[f.key] = value.type ?? '(unknown type)';
      else if (f.kind === 0) out[f.key] = this.write(value.slots[f.slot], f.child);
      else out[f.key] = null;
    }
    return out;
  }
}

/** The response data (of a subscription: to one event), without null propagation: worlds give no null where none may be. */
export function runPlan(dump, world, variables = {}, event = 0) {
  const run = new Run(dump, world, variables);
  run.event = event;
  for (const f of dump.fetches) run.fetch(f);
  return run.write(run.root, dump.output);
}
