// Random federated systems with arguments, enums, custom scalars and lists of lists.
import { Systems } from '../../conformance/lib/federated.mjs';

const ARGUMENTS = ['', '', '', '(a: Int)', '(a: Int = 3, b: [String!])', '(f: Filter)', '(e: E, f: Filter = {a: 1})', '(id: ID!, x: J)'];
const COMMON = { E: 'enum E { RED GREEN BLUE }\n', J: 'scalar J\n', Filter: 'input Filter { a: Int = 2 b: [String!] e: E inner: Filter }\n' };

export class TroubledSystems extends Systems {
  make() {
    this.arguments = new Map();
    return super.make();
  }

  spread(type, homes, field) {
    if (/^[a-z]\d$/.test(field.name) && this.r.chance(0.35)) field.type = this.r.pick(['E', 'E!', 'J', '[Int!]', '[[Int]!]', '[[E!]]!', '[String]!', 'ID']);
    super.spread(type, homes, field);
  }

  queries() {
    super.queries();
    // Composition accepts @requires on a type that the subgraph cannot be entered by; nobody can run that.
    for (const t of this.types.values()) for (const type of t.values()) if (type.fields.some((f) => f.requires)) type.off = -1;
    this.used = new Set();
    for (const t of this.types.values())
      for (const { fields, keys } of t.values())
        for (const words of [...keys, ...fields.map((f) => f.requires ?? '')]) words.split(/\W+/).forEach((w) => this.used.add(w));
    for (const roots of this.roots.values()) for (const f of roots) (f.provides ?? '').split(/\W+/).forEach((w) => this.used.add(w));
  }

  field(f) {
    if (f.args || this.used.has(f.name) || ['name', 'age', 'mate'].includes(f.name)) return super.field(f);
    if (!this.arguments.has(f.name)) this.arguments.set(f.name, f.external ? '' : this.r.pick(ARGUMENTS));
    return super.field({ ...f, args: this.arguments.get(f.name) });
  }

  print(s) {
    let out = super.print(s);
    if (/\bFilter\b/.test(out)) out += COMMON.Filter;
    if (/: \[*E\b/.test(out)) out += COMMON.E;
    if (/: \[*J\b/.test(out)) out += COMMON.J;
    return out;
  }
}
