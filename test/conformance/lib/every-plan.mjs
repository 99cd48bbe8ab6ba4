// Every plan for a tiny system (tiny.mjs), tried one by one: which subgraphs to ask at which step, and then who brings what. Nothing
// here is like the planner's own search; it only knows what a subgraph can answer.
//
// A fact is a path of the response of which something has arrived: 'getE.toF.f0' for a leaf, 'getE.toF' for objects.
import { namedOf } from './tiny.mjs';

export const DEPTH_MAX = 5;
const TRIES_MAX = 100_000;
const below = (path, name) => (path ? `${path}.${name}` : name);

/** What a selection of `_entities` counts beside its fields: `__typename`, and a representation. */
export const ENTRY_COST = 2;

/** How deep inputs lie below the client's objects. */
const INPUT_DEPTH = 3;

export class EveryPlan {
  constructor(system, tree) {
    this.system = system;
    this.names = Object.keys(system);
    this.inputs = this.inputNames();
    this.goals = [];
    this.fieldsAt = new Map(); // path → names of fields that may be asked for there
    this.expand('', 'Query', tree, INPUT_DEPTH);
  }

  /** type → names of fields in keys and in @requires */
  inputNames() {
    const out = {};
    const note = (type, set) => {
      for (const [name, inner] of Object.entries(set)) {
        (out[type] ??= new Set()).add(name);
        if (inner !== true) note(this.typeOf(type, name), inner);
      }
    };
    for (const types of Object.values(this.system))
      for (const [type, t] of Object.entries(types)) {
        for (const key of t.keys) note(type, key.set);
        for (const f of Object.values(t.fields)) if (f.requires) note(type, f.requires);
      }
    return out;
  }

  field(type, name) {
    return Object.values(this.system).map((types) => types[type]?.fields[name]).find(Boolean);
  }

  typeOf(type, name) {
    return namedOf(this.field(type, name).type);
  }

  expand(path, type, tree, left) {
    const names = new Set([...Object.keys(tree ?? {}), ...(type === 'Query' ? [] : this.inputs[type] ?? [])]);
    this.fieldsAt.set(path, names);
    for (const name of names) {
      const at = below(path, name), wanted = tree?.[name];
      if (this.field(type, name).leaf) {
        if (wanted) this.goals.push(at);
      } else if (wanted || left > 0) this.expand(at, this.typeOf(type, name), wanted, wanted ? INPUT_DEPTH : left - 1);
    }
  }

  satisfied(path, set, facts) {
    return Object.entries(set).every(([name, inner]) => (inner === true ? facts.has(below(path, name)) : this.satisfied(below(path, name), inner, facts)));
  }

  /** Can the subgraph bring all of the set by itself, where @provides lets it bring `provided`? */
  local(s, type, set, provided) {
    return Object.entries(set).every(([name, inner]) => {
      const f = this.system[s][type]?.fields[name];
      if (!f || f.requires || (f.external && !provided?.[name])) return false;
      return inner === true || this.local(s, namedOf(f.type), inner, { ...f.provides, ...(provided?.[name] === true ? {} : provided?.[name]) });
    });
  }

  /** Calls take(path, requires) for all that one request can bring from an object on. `known`: what had arrived before, at an entry. */
  walk(s, type, path, provided, known, take) {
    for (const name of this.fieldsAt.get(path) ?? []) {
      const f = this.system[s][type]?.fields[name], at = below(path, name);
      if (!f || (f.external && !provided?.[name])) continue;
      const own = f.requires && this.local(s, type, f.requires, provided);
      if (f.requires && !own && !(known && this.satisfied(path, f.requires, known))) continue;
      take(at, own ? undefined : f.requires);
      if (!f.leaf) this.walk(s, namedOf(f.type), at, { ...f.provides, ...(provided?.[name] === true ? {} : provided?.[name]) }, undefined, take);
    }
  }

  /** Objects that have arrived, as [path, type]. */
  objects(facts) {
    const out = [];
    const visit = (path, type) => {
      for (const name of this.fieldsAt.get(path) ?? []) {
        const at = below(path, name);
        if (this.field(type, name).leaf || !facts.has(at)) continue;
        out.push([at, this.typeOf(type, name)]);
        visit(at, this.typeOf(type, name));
      }
    };
    visit('', 'Query');
    return out;
  }

  /** What arrives when exactly these subgraphs are asked at each step. With `entries`, notes every request's [step, subgraph, path, keys, brings]. */
  run(open, entries = undefined) {
    const facts = new Set();
    open.forEach((subgraphs, i) => {
      const fresh = new Set();
      const objects = i ? this.objects(facts) : [['', 'Query']];
      for (const s of subgraphs)
        for (const [path, type] of objects) {
          const t = this.system[s][type];
          const keys = (t?.keys ?? []).filter((k) => k.resolvable && this.satisfied(path, k.set, facts));
          if (!t || (i && !keys.length)) continue;
          const brings = new Map();
          this.walk(s, type, path, undefined, i ? facts : undefined, (at, requires) => { fresh.add(at); brings.set(at, requires); });
          entries?.push({ step: i, s, path, keys, brings, id: entries.length });
        }
      for (const fact of fresh) facts.add(fact);
    });
    return facts;
  }

  reaches(open) {
    const facts = this.run(open);
    return this.goals.every((g) => facts.has(g));
  }

  /** {depth, fetches, fields}, or undefined when there is no plan that is not too deep. `fields` is undefined where too many had to be tried. */
  best() {
    for (let depth = 1; depth <= DEPTH_MAX; depth++)
      if (this.reaches(Array.from({ length: depth }, () => this.names))) return this.fewest(depth);
    return undefined;
  }

  fewest(depth) {
    const pairs = Array.from({ length: depth }, (_, i) => this.names.filter((s) => i || this.system[s].Query).map((s) => [i, s])).flat();
    for (let n = depth; n <= pairs.length; n++) {
      let fields = Infinity, found = false;
      this.tries = 0;
      for (const chosen of this.choices(pairs, n)) {
        const open = Array.from({ length: depth }, (_, i) => chosen.filter(([step]) => step === i).map(([, s]) => s));
        if (!this.reaches(open)) continue;
        found = true;
        fields = Math.min(fields, this.fewestFields(open, fields));
      }
      if (found) return { depth, fetches: n, fields: this.tries > TRIES_MAX ? undefined : fields };
    }
    return undefined;
  }

  *choices(list, n, from = 0) {
    if (!n) yield [];
    else
      for (let i = from; i + n <= list.length; i++)
        for (const rest of this.choices(list, n - 1, i + 1)) yield [list[i], ...rest];
  }

  /** Every way to say who brings what; stops looking where it would need as many fields as `most`. */
  fewestFields(open, most) {
    const entries = [];
    this.run(open, entries);
    const byFact = new Map();
    for (const e of entries) for (const at of e.brings.keys()) byFact.set(at, [...(byFact.get(at) ?? []), e]);
    this.least = most;
    this.assign(byFact, this.goals.map((at) => ({ at, before: open.length })), new Map(), 0);
    return this.least;
  }

  leavesOf(path, set) {
    return Object.entries(set).flatMap(([name, inner]) => (inner === true ? [below(path, name)] : this.leavesOf(below(path, name), inner)));
  }

  /** `used`: entry → fields of its document. What is needed at the last step is settled first. */
  assign(byFact, needs, used, cost) {
    if (cost >= this.least || this.tries++ > TRIES_MAX) return;
    const left = needs.filter(({ at, before }) => ![...used].some(([e, fields]) => e.step < before && fields.has(at)));
    if (!left.length) {
      this.least = cost;
      return;
    }
    const [{ at, before }, ...rest] = left.sort((x, y) => y.before - x.before);
    for (const e of byFact.get(at) ?? []) {
      if (e.step >= before) continue;
      const fields = used.get(e) ?? new Set(), fresh = [];
      for (let path = at; path !== e.path; path = path.slice(0, Math.max(0, path.lastIndexOf('.')))) if (!fields.has(path)) fresh.push(path);
      const inputs = fresh.flatMap((path) => {
        const requires = e.brings.get(path);
        return requires ? this.leavesOf(path.slice(0, Math.max(0, path.lastIndexOf('.'))), requires) : [];
      });
      const more = (keys) => [...rest, ...[...inputs, ...keys].map((i) => ({ at: i, before: e.step }))];
      const next = new Map(used).set(e, new Set([...fields, ...fresh]));
      const alternatives = used.has(e) || !e.step ? [[]] : e.keys.map((k) => this.leavesOf(e.path, k.set));
      const entered = used.has(e) || !e.step ? 0 : ENTRY_COST;
      for (const keys of alternatives) this.assign(byFact, more(keys), next, cost + fresh.length + entered);
    }
  }
}
