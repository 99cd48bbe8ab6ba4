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

const ODD_JSON = [{ deep: [1, 2.5, { text: 'é"\\\n' }] }, [], 'text', 0, -1e-7, true, [[null]]];

export class TroubledWorld extends World {
  /** `trouble`: the share of fields that fail. */
  constructor(full, subgraphs, { trouble = 0 } = {}) {
    super(full, subgraphs);
    this.trouble = trouble;
    this.calm = new Set(this.keyFields);
    for (const { sdl } of subgraphs)
      for (const [, words] of sdl.matchAll(/@(?:requires|provides)\(fields: "((?:[^"\\]|\\.)*)"/g)) words.split(/\W+/).forEach((w) => this.calm.add(w));
    // A non-null field that fails takes its object along, and with it what another subgraph requires of it. No monolith does that.
    this.onlyNullable = subgraphs.some(({ sdl }) => sdl.includes('@requires'));
    this.written = [];
    this.known = new Map();
  }

  mayFail(o, name) {
    return this.trouble && !this.calm.has(name) && !(this.onlyNullable && isNonNullType(this.full.getType(o.t).getFields()[name].type));
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

  leaf(type, seed, name, o) {
    if (type.name === 'J') return ODD_JSON[number(seed) % ODD_JSON.length];
    if (type.name === 'String' && !this.keyFields.has(name)) return `${seed} "q" \\ é 😀 \u2028`;
    return super.leaf(type, seed, name, o);
  }

  find(types, representation) {
    const key = `${types.join()} ${JSON.stringify(representation)}`;
    let found = this.known.get(key);
    if (!found) this.known.set(key, (found = super.find(types, representation)));
    return found;
  }
}
