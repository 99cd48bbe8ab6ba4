// Random federated systems with arguments, enums, custom scalars and lists of lists, and a world behind them in which fields
// fail and non-null fields are null. What fails follows from object, field and arguments alone, as every value does.
import { GraphQLError, getNamedType, isAbstractType, isEnumType, isInputObjectType, isLeafType, isListType, isNonNullType } from 'graphql';
import { Systems } from '../../conformance/lib/federated.mjs';
import { World } from '../../conformance/lib/world.mjs';

const ARGUMENTS = ['', '', '', '(a: Int)', '(a: Int = 3, b: [String!])', '(f: Filter)', '(e: E, f: Filter = {a: 1})', '(id: ID!, x: J)'];
const COMMON = { E: 'enum E { RED GREEN BLUE }\n', J: 'scalar J\n', Filter: 'input Filter { a: Int = 2 b: [String!] e: E inner: Filter }\n' };

function number(text) {
  let h = 7;
  for (const c of text) h = Math.imul(h ^ c.charCodeAt(0), 0x01000193) >>> 0;
  return (h ^ (h >>> 13)) >>> 0;
}

/** JSON whose objects are in order of their names. */
const canonical = (value) =>
  JSON.stringify(value, (_, v) => (v && typeof v === 'object' && !Array.isArray(v) ? Object.fromEntries(Object.keys(v).sort().map((k) => [k, v[k]])) : v));

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

export class TroubledWorld extends World {
  /** `trouble`: the share of fields that fail. */
  constructor(full, subgraphs, trouble) {
    super(full, subgraphs);
    this.trouble = trouble;
    this.calm = new Set(this.keyFields);
    for (const { sdl } of subgraphs)
      for (const [, words] of sdl.matchAll(/@(?:requires|provides)\(fields: "([^"]*)"/g)) words.split(/\W+/).forEach((w) => this.calm.add(w));
    // A non-null field that fails takes its object along, and with it what another subgraph requires of it. No monolith does that.
    this.onlyNullable = subgraphs.some(({ sdl }) => sdl.includes('@requires'));
    this.written = [];
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
    if (type.name === 'J') return [{ deep: [1, 2.5, { text: 'é"\\\n' }] }, [], 'text', 0, -1e-7, true, [[null]]][number(seed) % 7];
    if (type.name === 'String' && !this.keyFields.has(name)) return `${seed} "q" \\ é 😀 \u2028`;
    return super.leaf(type, seed, name, o);
  }
}

/** Random operations: arguments, variables, aliases, fragments, @skip and @include, introspection. */
export class TroubledOperations {
  constructor(random, schema) {
    this.r = random;
    this.schema = schema;
  }

  make() {
    this.aliases = 0;
    this.variables = [];
    this.values = {};
    this.fragments = [];
    const mutation = this.schema.getMutationType() && this.r.chance(0.2);
    const set = this.set(mutation ? this.schema.getMutationType() : this.schema.getQueryType(), 0);
    const variables = this.variables.length ? `(${this.variables.join(', ')})` : '';
    return { text: `${mutation ? 'mutation' : 'query'} Op${variables} ${set}\n${this.fragments.join('\n')}`, variables: this.values };
  }

  variable(type, value) {
    const name = `v${this.variables.length}`;
    this.variables.push(`$${name}: ${type}`);
    if (value !== undefined) this.values[name] = value;
    return `$${name}`;
  }

  plain(type, depth) {
    const r = this.r;
    if (isNonNullType(type)) return this.plain(type.ofType, depth) ?? 1;
    if (r.chance(0.15)) return null;
    if (isListType(type)) return r.many(0, 2, () => this.plain(type.ofType, depth) ?? 'x');
    if (isEnumType(type)) return r.pick(type.getValues()).name;
    if (isInputObjectType(type))
      return Object.fromEntries(Object.values(type.getFields()).filter((f) => depth < 2 && r.chance(0.5)).map((f) => [f.name, this.plain(f.type, depth + 1)]));
    return { Int: r.below(9) - 4, ID: `${r.below(5)}`, String: r.pick(['s', 'ü"\\', '']), Float: 1.5, Boolean: true }[type.name] ?? r.pick([{ any: [1] }, 'j', 2]);
  }

  literal(type, value) {
    if (isNonNullType(type)) return this.literal(type.ofType, value);
    if (value === null) return 'null';
    if (isListType(type)) return `[${value.map((v) => this.literal(type.ofType, v)).join(' ')}]`;
    if (isEnumType(type)) return value;
    if (isInputObjectType(type)) return `{${Object.entries(value).map(([k, v]) => `${k}: ${this.literal(type.getFields()[k].type, v)}`).join(' ')}}`;
    return typeof value === 'object' ? '{any: [1]}' : JSON.stringify(value);
  }

  arguments(field) {
    const parts = [];
    for (const a of field.args) {
      if (!isNonNullType(a.type) && this.r.chance(0.4)) continue;
      const value = this.plain(a.type, 0);
      const left = !isNonNullType(a.type) && this.r.chance(0.2); // a variable without a value
      parts.push(`${a.name}: ${this.r.chance(0.5) ? this.variable(`${a.type}`, left ? undefined : value) : this.literal(a.type, value)}`);
    }
    return parts.length ? `(${parts.join(', ')})` : '';
  }

  condition() {
    if (!this.r.chance(0.12)) return '';
    const value = this.r.chance(0.5);
    return ` @${this.r.pick(['skip', 'include'])}(if: ${this.r.chance(0.7) ? this.variable('Boolean!', value) : value})`;
  }

  field(f, depth) {
    const named = getNamedType(f.type), args = this.arguments(f);
    const alias = args || f.args.length || this.r.chance(0.1) ? `x${this.aliases++}: ` : '';
    const rest = isLeafType(named) ? '' : depth > 4 ? ' { __typename }' : ` ${this.set(named, depth + 1)}`;
    return `${alias}${f.name}${args}${this.condition()}${rest}`;
  }

  set(type, depth) {
    const r = this.r, parts = [];
    for (const f of type.getFields ? Object.values(type.getFields()) : []) {
      const leaf = isLeafType(getNamedType(f.type));
      if (r.chance(leaf ? 0.45 : depth > 3 ? 0.05 : 0.42)) parts.push(this.field(f, depth));
      if (!leaf && depth < 3 && r.chance(0.06)) parts.push(this.field(f, depth));
    }
    if (isAbstractType(type)) {
      for (const t of this.schema.getPossibleTypes(type)) if (r.chance(0.55)) parts.push(this.spread(t, depth));
      if (r.chance(0.2)) parts.push(this.spread(type, depth));
    } else if (depth && r.chance(0.12)) {
      parts.push(this.spread(type, depth));
    }
    if (!depth && r.chance(0.06)) parts.push('__schema { queryType { name fields { name } } }');
    if (!depth && r.chance(0.06)) parts.push('__type(name: "T") { kind fields { name type { name kind } } }');
    if (r.chance(0.12) || !parts.length) parts.push(r.pick(['__typename', '__typename', 'kind: __typename']));
    return `{ ${parts.join(' ')} }`;
  }

  spread(type, depth) {
    const set = this.set(type, depth + 1);
    if (!this.r.chance(0.3)) return `... on ${type.name}${this.condition()} ${set}`;
    this.fragments.push(`fragment F${this.fragments.length} on ${type.name} ${set}`);
    return `...F${this.fragments.length - 1}${this.condition()}`;
  }
}
