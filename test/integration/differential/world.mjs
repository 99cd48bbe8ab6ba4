// The world behind the subgraphs with fields that fail and non-null fields that are null. What fails follows from object, field and
// arguments alone, as every value does, so the monolith fails at the same places.
import { GraphQLError, isNonNullType } from 'graphql';
import { World } from '../../conformance/lib/world.mjs';

function number(text) {
  let h = 7;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return (h ^ (h >>> 13)) >>> 0;
}

/** JSON whose objects are in order of their names. */
const canonical = (value) =>
  JSON.stringify(value, (_, v) => (v && typeof v === 'object' && !Array.isArray(v) ? Object.fromEntries(Object.keys(v).sort().map((k) => [k, v[k]])) : v));

/** Values that a reader or a writer could get wrong. */
const ODD = {
  J: [{ deep: [1, 2.5, { text: 'é"\\\n' }] }, [], {}, 'text', 0, -1e-7, true, [[null]], { a: null, b: { a: 1 } }],
  Int: [0, -1, 2147483647, -2147483648],
  Float: [0, 0.1, -1e-7, 1e21, 123456789012345680000, 5, -2.5e-300],
  String: ['', '"q" \\ é 😀 \u2028\u0000\u007f', '\n\t\b', 'null'],
  ID: ['', '0', '12345678901234567890', 'ü'],
};

export class TroubledWorld extends World {
  /** `trouble`: the share of fields that fail. */
  constructor(full, subgraphs, { trouble = 0, long = false, labels = [] } = {}) {
    super(full, subgraphs, labels);
    this.trouble = trouble;
    this.long = long; // now and then a list is long
    this.calm = new Set(this.keyFields);
    for (const { sdl } of subgraphs)
      for (const [, words] of sdl.matchAll(/@(?:requires|provides|fromContext)\(fields?: "((?:[^"\\]|\\.)*)"/g)) words.split(/\W+/).forEach((w) => this.calm.add(w));
    // A non-null field that fails takes its object along, and with it what is required of it, or set by it. No monolith does that.
    this.onlyNullable = subgraphs.some(({ sdl }) => /@requires|@fromContext/.test(sdl));
    this.fed1 = new Set(subgraphs.filter((s) => s.sdl.startsWith('#fed1')).map((s) => s.name));
    this.written = [];
    this.known = new Map();
  }

  mayFail(o, name) {
    if (!this.trouble || this.calm.has(name)) return false;
    const nonNull = isNonNullType(this.full.getType(o.t).getFields()[name].type);
    // The same goes for a field that is nullable as a whole, but not in the subgraph that answers.
    return nonNull ? !this.onlyNullable : !this.strong.get(`${o.t}.${name}`)?.[0];
  }

  field(o, name, args) {
    if (o.t === 'Mutation') this.written.push(name);
    if (this.mayFail(o, name)) {
      const at = `${o.t}#${o.n}.${name}${canonical(args ?? {})}`;
      const dice = (number(at) % 1000) / 1000;
      if (dice < this.trouble) throw new GraphQLError(`trouble at ${at}`, { extensions: { code: 'TROUBLE', dice } });
      if (dice < this.trouble * 1.5) return null;
    }
    return super.field(o, name, args);
  }

  length(h) {
    const n = this.long && h % 17 === 0 ? 20 + (h % 17) : super.length(h);
    this.listed?.(n);
    return n;
  }

  leaf(type, seed, name, o, known) {
    const n = number(seed), odd = ODD[type.name];
    if (odd && !this.keyFields.has(name) && (type.name === 'J' || n % 5 === 0)) return odd[(n >>> 4) % odd.length];
    return super.leaf(type, seed, name, o, known);
  }

  find(types, representation) {
    const key = `${this.salt}${this.bountiful} ${types.join()} ${JSON.stringify(representation)}`;
    let found = this.known.get(key);
    if (!found) this.known.set(key, (found = super.find(types, representation)));
    return found;
  }
}
