// Random valid operations for an API schema. Operations, variables and fragments are numbered, so several fit into one document.
import { getNamedType, isAbstractType, isEnumType, isInputObjectType, isLeafType, isListType, isNonNullType } from 'graphql';

const DEEP = 4;

export class Operations {
  constructor(random, schema) {
    this.r = random;
    this.schema = schema;
    this.made = 0;
    this.marking = schema.getDirective('mark');
    this.types = new Map(); // field name → types it has anywhere: such fields may not share a response name
    for (const type of Object.values(schema.getTypeMap()))
      if (type.getFields && !isInputObjectType(type) && !type.name.startsWith('__'))
        for (const f of Object.values(type.getFields())) this.types.set(f.name, (this.types.get(f.name) ?? new Set()).add(`${f.type}`));
  }

  /** {text, variables, features} */
  make() {
    this.n = this.made++;
    this.aliases = 0;
    this.definitions = [];
    this.values = {};
    this.fragments = [];
    this.plainType = new Map();
    this.features = new Set();
    this.density = this.r.pick([0.5, 0.7, 1, 1.3]);
    this.left = this.r.pick([10, 25, 60, 150]); // fields
    const mutation = this.schema.getMutationType() && this.r.chance(0.15);
    if (mutation) this.features.add('mutation');
    const set = this.set(mutation ? this.schema.getMutationType() : this.schema.getQueryType(), 0);
    if (mutation && (set.match(/\bdo[A-Z]\w*/g) ?? []).length > 1) this.features.add('mutation of several fields');
    const variables = this.definitions.length ? `(${this.definitions.join(', ')})` : '';
    const text = [`${mutation ? 'mutation' : 'query'} Op${this.n}${variables} ${set}`, ...this.fragments.map((f) => f.text)].join('\n');
    return { text, variables: this.values, features: this.features };
  }

  variable(type, value, fallback) {
    const name = `v${this.n}_${this.definitions.length}`;
    this.definitions.push(`$${name}: ${type}${fallback === undefined ? '' : ` = ${fallback}`}`);
    if (value !== undefined) this.values[name] = value;
    return `$${name}`;
  }

  /** A JSON value for an input type. */
  value(type, depth) {
    const r = this.r;
    if (isNonNullType(type)) return this.present(type.ofType, depth);
    return r.chance(0.12) ? null : this.present(type, depth);
  }

  present(type, depth) {
    const r = this.r;
    if (isListType(type)) return r.many(0, 2, () => this.value(type.ofType, depth));
    if (isEnumType(type)) return r.pick(type.getValues()).name;
    if (isInputObjectType(type)) {
      const given = Object.values(type.getFields()).filter((f) => isNonNullType(f.type) || (depth < 2 && r.chance(0.5)));
      return Object.fromEntries(given.map((f) => [f.name, this.value(f.type, depth + 1)]));
    }
    return { Int: r.below(9) - 4, ID: `${r.below(5)}`, String: r.pick(['s', 'ü"\\', '']), Float: 1.5, Boolean: true }[type.name] ?? r.pick([{ any: [1] }, 'j', 2]);
  }

  literal(type, value) {
    if (isNonNullType(type)) return this.literal(type.ofType, value);
    if (value === null) return 'null';
    if (isListType(type)) return `[${value.map((v) => this.literal(type.ofType, v)).join(' ')}]`;
    if (isEnumType(type)) return value;
    if (isInputObjectType(type)) return `{${Object.entries(value).map(([k, v]) => `${k}: ${this.nested(type.getFields()[k].type, v)}`).join(' ')}}`;
    return typeof value === 'object' ? '{any: [1]}' : JSON.stringify(value);
  }

  nested(type, value) {
    if (!this.r.chance(0.2)) return this.literal(type, value);
    this.features.add('variable in an input object');
    return this.variable(`${type}`, value);
  }

  argument(a) {
    const r = this.r, value = this.value(a.type, 0);
    if (isInputObjectType(getNamedType(a.type))) this.features.add('input object');
    if (r.chance(0.5)) return this.literal(a.type, value);
    this.features.add('variable');
    const optional = !isNonNullType(a.type);
    if (!r.chance(0.25)) return this.variable(`${a.type}`, optional && r.chance(0.2) ? undefined : value);
    this.features.add('variable with a default');
    const before = this.definitions.length;
    const fallback = this.literalOf(a.type);
    return this.definitions.length === before ? this.variable(`${a.type}`, r.chance(0.5) ? undefined : value, fallback) : this.literal(a.type, value);
  }

  /** A literal without variables, for a default. */
  literalOf(type) {
    if (isInputObjectType(getNamedType(type))) return isListType(type) || isListType(type.ofType) ? '[]' : Object.values(getNamedType(type).getFields()).some((f) => isNonNullType(f.type)) ? this.literal(type, this.value(type, 0)) : '{}';
    return this.literal(type, this.value(type, 0));
  }

  arguments(field) {
    const given = field.args.filter((a) => (isNonNullType(a.type) && a.defaultValue === undefined) || this.r.chance(0.6));
    return given.length ? `(${given.map((a) => `${a.name}: ${this.argument(a)}`).join(', ')})` : '';
  }

  /** A directive that only subgraphs understand. */
  mark() {
    if (!this.marking || !this.r.chance(0.12)) return '';
    this.features.add('a directive of the subgraphs');
    return ` @mark${this.arguments(this.marking)}`;
  }

  condition(where) {
    if (!this.r.chance(0.12)) return '';
    const word = this.r.pick(['skip', 'include']), value = this.r.chance(0.5);
    this.features.add(`@${word} on ${where}`);
    if (this.r.chance(0.25)) return ` @${word}(if: ${value})`;
    return ` @${word}(if: ${this.conditionVariable(value)})`;
  }

  /** Now and then two conditions share a variable. */
  conditionVariable(value) {
    const known = Object.keys(this.values).filter((name) => typeof this.values[name] === 'boolean' && this.definitions.some((d) => d === `$${name}: Boolean!`));
    if (known.length && this.r.chance(0.4)) return `$${this.r.pick(known)}`;
    return this.variable('Boolean!', value);
  }

  /** '' where the field may keep its name: everywhere in an operation a name without an alias has one type. */
  alias(f, args) {
    if (args || f.args.length || this.r.chance(0.08)) {
      this.features.add('alias');
      return `x${this.aliases++}: `;
    }
    if (this.types.get(f.name).size < 2) return '';
    if (!this.plainType.has(f.name)) this.plainType.set(f.name, `${f.type}`);
    if (this.plainType.get(f.name) === `${f.type}`) return '';
    return `${f.name}_${[...this.types.get(f.name)].indexOf(`${f.type}`)}: `;
  }

  field(f, depth) {
    this.left--;
    const named = getNamedType(f.type), args = this.arguments(f);
    if (args) this.features.add('arguments');
    const rest = isLeafType(named) ? '' : depth > DEEP ? ' { __typename }' : ` ${this.set(named, depth + (named.name === 'Query' ? 3 : 1))}`;
    return `${this.alias(f, args)}${f.name}${args}${this.condition('a field')}${this.mark()}${rest}`;
  }

  set(type, depth) {
    const r = this.r, parts = [];
    if (this.left <= 0) return '{ __typename }';
    for (const f of r.shuffled(type.getFields ? Object.values(type.getFields()) : [])) {
      const leaf = isLeafType(getNamedType(f.type));
      if (!r.chance(this.density * (leaf ? 0.4 : depth > 3 ? 0.05 : depth ? 0.33 : 0.4))) continue;
      parts.push(this.field(f, depth));
      if (!leaf && depth < 3 && r.chance(0.12)) {
        this.features.add('a field twice');
        parts.push(this.field(f, depth));
      } else if (f.args.length && r.chance(0.3)) {
        this.features.add('a field with other arguments');
        parts.push(this.field(f, depth));
      }
    }
    this.spreads(type, depth, parts);
    if (!depth) this.introspection(parts);
    if (r.chance(0.12) || !parts.length) {
      this.features.add('__typename');
      parts.push(r.pick(['__typename', '__typename', 'kind: __typename']));
    }
    return `{ ${parts.join(' ')} }`;
  }

  spreads(type, depth, parts) {
    const r = this.r;
    if (isAbstractType(type)) {
      for (const t of this.schema.getPossibleTypes(type)) if (r.chance(this.density * 0.5)) parts.push(this.spread(t, depth));
      if (r.chance(0.2)) parts.push(this.spread(type, depth));
      return;
    }
    if (depth && r.chance(0.12)) parts.push(this.spread(type, depth, type));
    for (const t of type.getInterfaces()) if (depth && r.chance(0.1)) parts.push(this.spread(t, depth));
  }

  spread(type, depth, parent) {
    const r = this.r, where = r.chance(0.3) ? 'a named fragment' : 'an inline fragment';
    this.features.add(where);
    if (where === 'an inline fragment' && type === parent && r.chance(0.4)) {
      this.features.add('an inline fragment without a type');
      return `...${this.condition(where)} ${this.set(type, depth + 1)}`;
    }
    if (where === 'an inline fragment') return `... on ${type.name}${this.condition(where)} ${this.set(type, depth + 1)}`;
    const known = this.fragments.filter((f) => f.type === type);
    if (known.length && r.chance(0.4)) {
      this.features.add('a fragment used twice');
      return `...${r.pick(known).name}${this.condition(where)}`;
    }
    const text = this.set(type, depth + 1);
    const name = `F${this.n}_${this.fragments.length}`;
    this.fragments.push({ name, type, text: `fragment ${name} on ${type.name} ${text}` });
    return `...${name}${this.condition(where)}`;
  }

  introspection(parts) {
    if (!this.r.chance(0.05)) return;
    this.features.add('introspection');
    parts.push(this.r.pick(['__schema { queryType { name fields { name } } }', '__type(name: "T") { kind fields { name type { name kind } } }']));
  }
}
