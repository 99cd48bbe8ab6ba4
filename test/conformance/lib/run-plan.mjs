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

  /** Values of contexts from the objects above, for each record of the target: [[record, values]]. */
  contexts(e) {
    const chain = [], out = [];
    for (let l = e.target; l >= 0; l = this.dump.layouts[l].parent) chain.unshift(l);
    const value = (v, field) => (isNull(v) ? null : Array.isArray(v) ? v.map((i) => value(i, field)) : field.children.length ? read(v, field.children) : v);
    const read = (record, reps) => {
      const rep = reps.find((r) => !r.types || r.types.includes(record.type));
      return rep?.fields.length ? value(record.slots[rep.fields[0].slot], rep.fields[0]) : null;
    };
    const down = (record, depth, setters) => {
      if (isNull(record)) return;
      if (Array.isArray(record)) return record.forEach((r) => down(r, depth, setters));
      const here = e.contexts.map((c, i) => {
        const source = c.sources.find((s) => s.at === record.layout && s.reps.some((r) => !r.types || r.types.includes(record.type)));
        return source ? [record, source.reps] : setters[i];
      });
      if (depth < chain.length - 1) down(record.slots[this.dump.layouts[chain[depth + 1]].parentSlot], depth + 1, here);
      else if (here.every(Boolean)) out.push([record, here.map((s) => read(...s))]);
    };
    down(this.root, 0, e.contexts.map(() => undefined));
    return out.filter(([, values]) => values.every((v, i) => v !== null || e.contexts[i].nullable));
  }

  /** A fetch with contexts: each selection once for each tuple of values. */
  contextual(f) {
    const given = Object.fromEntries(f.variables.filter((v) => v in this.variables).map((v) => [v, this.variables[v]]));
    const definitions = [], selections = [], copies = [], used = new Set();
    for (const e of f.entities) {
      const tuples = new Map();
      for (const [record, values] of e.contexts.length ? this.contexts(e) : this.records[e.target].map((r) => [r, []])) {
        const rep = this.represent(record, e.reps), key = JSON.stringify(values);
        if (rep) (tuples.get(key) ?? tuples.set(key, { values, pairs: [] }).get(key)).pairs.push([record, rep]);
      }
      if (!e.contexts.length && !tuples.size) tuples.set('', { values: [], pairs: [] });
      [...tuples.values()].forEach(({ values, pairs }, k) => {
        const named = (text) => text.replaceAll('\x01', k ? `_${k}` : ''), end = k ? `_${k}` : '';
        if (e.definitions) definitions.push(named(e.definitions));
        selections.push(named(e.selection));
        e.uses.forEach((v) => used.add(v));
        if (!e.reentry) given[e.variable + end] = pairs.map(([, rep]) => rep);
        e.contexts.forEach((c, i) => (given[c.variable + end] = values[i]));
        copies.push({ e, pairs, alias: e.alias + end });
      });
    }
    if (copies.every((c) => !c.pairs.length)) return;
    const all = [...definitions, ...f.definitions.filter((_, i) => used.has(i))].join(',');
    const data = this.world.subgraphs.get(f.subgraph).run(`${f.head}${all && `(${all})`}{${selections.join(' ')}}`, given);
    for (const { e, pairs, alias } of copies)
      pairs.forEach(([record], i) => {
        const answer = e.reentry ? data : data[alias][i];
        if (answer) this.fill(record, e.shape, answer);
      });
  }

  fetch(f) {
    if (f.entities.some((e) => e.contexts.length)) return this.contextual(f);
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
