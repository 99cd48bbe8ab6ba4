// A made-up world behind a federated graph. Every object is {t: type name, n: number}; the value of a field follows from object, field
// and arguments alone, so any subgraph and one monolithic schema give the same answers, and a representation can be checked: it has to
// agree with exactly the object that it claims to be.
import { buildSubgraphSchema } from '@apollo/subgraph';
import { isAbstractType, isEnumType, isInterfaceType, isLeafType, isListType, isNonNullType, isObjectType, getArgumentValues, getNamedType,
  getNullableType, parse, visit, execute, print, valueFromASTUntyped } from 'graphql';

export const OBJECTS = 4; // of each type

function hash(text) {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d) >>> 0;
  return (h ^ (h >>> 12)) >>> 0;
}

const canonical = (v) =>
  v && typeof v === 'object' && !Array.isArray(v)
    ? `{${Object.keys(v).sort().map((k) => `${k}:${canonical(v[k])}`).join()}}`
    : Array.isArray(v) ? `[${v.map(canonical).join()}]` : JSON.stringify(v) ?? 'undefined';

/** For a type of lists of lists: at which levels it is non-null, from the outermost. */
function nonNullLevels(type) {
  const levels = [];
  for (;;) {
    levels.push(isNonNullType(type));
    type = getNullableType(type);
    if (!isListType(type)) return levels;
    type = type.ofType;
  }
}

const EXECUTED = new Set(['skip', 'include', 'defer', 'stream']);

/** With the defaults. Nothing here depends on which graphql-js it is. */
function valuesOf(definition, directive, info) {
  const variables = info.variableValues.coerced ?? info.variableValues, value = (node) => (node ? valueFromASTUntyped(node, variables) : undefined);
  return Object.fromEntries(definition.astNode.arguments.map(({ name, defaultValue }) => {
    const given = directive.arguments?.find((a) => a.name.value === name.value)?.value;
    const left = !given || (given.kind === 'Variable' && !(given.name.value in variables));
    return [name.value, value(left ? defaultValue : given)];
  }));
}

/** The directives of the operation and of all fields under this key, as an argument: here the value of a field depends on them. Not on what may
 *  stand at a mutation only: the later requests of one are queries. */
export function marked(args, info) {
  const found = new Map();
  for (const node of [info.operation, ...info.fieldNodes])
    for (const d of (node.directives ?? []).filter(({ name }) => !EXECUTED.has(name.value))) {
      const definition = info.schema.getDirective(d.name.value);
      if (node === info.operation && !definition.locations.includes('QUERY')) continue;
      const values = canonical(valuesOf(definition, d, info));
      const key = `${node === info.operation} ${d.name.value}${definition.isRepeatable ? values : ''}`;
      if (!found.has(key)) found.set(key, `${d.name.value}${values}`);
    }
  return found.size ? { ...args, '@': [...found.values()].sort() } : args;
}

export class World {
  /** `full`: the API schema with everything in it; `subgraphs`: [{name, sdl}]; `labels`: of progressive @overrides, those that are on. */
  constructor(full, subgraphs, labels = []) {
    this.full = full;
    this.labels = new Set(labels);
    this.salt = ''; // another one is another world of the same shape
    this.bountiful = false; // no nulls, no empty lists
    this.gone = new Set(); // "subgraph Type.field" that another subgraph has taken over, or not yet
    this.keyFields = new Set();
    this.possible = new Map(); // "Type.field" → runtime types, or enum values, that every subgraph knows there
    this.strong = new Map(); // "Type.field" → levels at which some subgraph says that it is not null
    this.subgraphs = new Map();
    for (const s of subgraphs) this.readKeys(parse(s.sdl));
    for (const s of subgraphs) this.readOverrides(s.name, parse(s.sdl));
    this.contexts = new Map(); // "Type.field" → [{argument, types, selection}]
    for (const s of subgraphs) this.readContexts(parse(s.sdl));
    for (const s of subgraphs) this.subgraphs.set(s.name, new Subgraph(this, s));
    for (const s of this.subgraphs.values()) s.notePossible();
  }

  readKeys(doc) {
    visit(doc, {
      Directive: (d) => {
        const fields = d.arguments?.find((a) => a.name.value === 'fields')?.value.value;
        if (d.name.value === 'key' && fields)
          for (const word of fields.split(/[^\w]+/)) if (word) this.keyFields.add(word);
      },
    });
  }

  readOverrides(subgraph, doc) {
    for (const type of doc.definitions)
      for (const field of type.fields ?? [])
        for (const d of field.directives.filter((d) => d.name.value === 'override')) {
          const { from, label } = Object.fromEntries(d.arguments.map((a) => [a.name.value, a.value.value]));
          this.gone.add(`${label === undefined || this.labels.has(label) ? from : subgraph} ${type.name.value}.${field.name.value}`);
        }
  }

  readContexts(doc) {
    const setting = new Map();
    const value = (d, name) => d.arguments.find((a) => a.name.value === name).value.value;
    for (const type of doc.definitions)
      for (const d of type.directives?.filter((d) => d.name.value === 'context') ?? [])
        for (const t of this.implementations(this.full.getType(type.name.value)))
          setting.set(value(d, 'name'), (setting.get(value(d, 'name')) ?? new Set()).add(t));
    for (const type of doc.definitions)
      for (const field of type.fields ?? [])
        for (const argument of field.arguments ?? [])
          for (const d of argument.directives?.filter((d) => d.name.value === 'fromContext') ?? []) {
            const [, name, text] = value(d, 'field').match(/^\s*\$(\w+)\s*([^]*)$/);
            const at = `${type.name.value}.${field.name.value}`;
            const selection = parse(text.trim().startsWith('{') ? text : `{${text}}`).definitions[0].selectionSet;
            this.contexts.set(at, [...(this.contexts.get(at) ?? []), { argument: argument.name.value, types: setting.get(name), selection }]);
          }
  }

  /** Arguments that the objects above fill in; `o.up` is the object of which `o` was a field. */
  contextual(o, name) {
    return Object.fromEntries((this.contexts.get(`${o.t}.${name}`) ?? []).map(({ argument, types, selection }) => {
      let up = o.up;
      while (!types.has(up.t)) up = up.up;
      return [argument, this.pick(up, selection)];
    }));
  }

  /** The leaf, or lists of it, that a selection of one field below the other leads to. */
  pick(o, set) {
    if (o === null) return null;
    if (Array.isArray(o)) return o.map((i) => this.pick(i, set));
    for (const s of set.selections) {
      if (s.kind !== 'InlineFragment') {
        const value = this.field(o, s.name.value, {});
        return s.selectionSet ? this.pick(value, s.selectionSet) : value;
      }
      const on = this.full.getType(s.typeCondition.name.value);
      if (this.implementations(on).includes(o.t)) return this.pick(o, s.selectionSet);
    }
    return null;
  }

  implementations(type) {
    return isAbstractType(type) ? this.full.getPossibleTypes(type).map((t) => t.name) : [type.name];
  }

  /** The value of `field` of object `o`, by the monolithic schema. */
  field(o, name, args) {
    const def = this.full.getType(o.t).getFields()[name];
    const seed = `${this.salt}${o.t}#${o.n}.${name}${args && Object.keys(args).length ? canonical(args) : ''}`;
    return this.value(def.type, seed, `${o.t}.${name}`, name, o);
  }

  value(type, seed, coordinate, name, o, level = 0) {
    const always = this.bountiful || isNonNullType(type) || this.keyFields.has(name) || this.strong.get(coordinate)?.[level];
    return !always && hash(`${seed}?`) % 7 === 0 ? null : this.present(getNullableType(type), seed, coordinate, name, o, level);
  }

  present(type, seed, coordinate, name, o, level) {
    if (isListType(type))
      return Array.from({ length: this.length(hash(`${seed}n`)) }, (_, i) => this.value(type.ofType, `${seed}/${i}`, coordinate, name, o, level + 1));
    const known = this.possible.get(coordinate);
    if (isLeafType(type)) return this.leaf(type, seed, name, o, known);
    if (type === this.full.getQueryType()) return { t: type.name, n: 0 };
    const types = this.implementations(type).filter((t) => !known || known.has(t)).sort();
    const t = types[hash(`${seed}t`) % types.length];
    if (t === 'Query' || t === 'Mutation') return { t, n: 0 };
    return { t, n: this.keyFields.has(name) ? o.n : hash(`${seed}o`) % OBJECTS };
  }

  length(h) {
    return this.bountiful ? 1 + (h % 3) : h % 4;
  }

  leaf(type, seed, name, o, known) {
    const h = hash(seed);
    if (isEnumType(type)) {
      const values = type.getValues().filter((v) => !known || known.has(v.name));
      return values[h % values.length].value;
    }
    if (type.name === 'Int') return this.keyFields.has(name) ? o.n * 100 + (hash(o.t) % 100) : h % 1000;
    if (type.name === 'Float') return (h % 1000) / 4;
    if (type.name === 'Boolean') return h % 2 === 0;
    return this.keyFields.has(name) ? `${name}:${o.t}:${o.n}` : `${seed}`;
  }

  /** Shared fields of which no object and no value is known to all subgraphs that resolve them: nobody could answer alike. */
  unanswerable() {
    return [...this.possible].filter(([, known]) => !known.size).map(([at]) => at);
  }

  /** Objects of these types that agree with everything the representation says. */
  find(types, rep, subgraph) {
    const found = [];
    for (const t of types)
      for (let n = 0; n < OBJECTS; n++) if (this.agrees({ t, n }, rep, subgraph)) found.push({ t, n });
    return found;
  }

  agrees(o, rep) {
    return Object.entries(rep).every(([name, given]) => {
      if (name === '__typename') return true;
      const def = this.full.getType(o.t)?.getFields?.()[name];
      if (!def) return false;
      const candidates = def.args.length ? this.argumentChoices(o.t, name) : [{}];
      return candidates.some((args) => this.same(this.field(o, name, args), given));
    });
  }

  argumentChoices(type, name) {
    return [...this.subgraphs.values()].flatMap((s) => s.requiredArguments.get(`${type}.${name}`) ?? []).concat({});
  }

  same(value, given) {
    if (value === null || given === null) return value === given;
    if (Array.isArray(value)) return Array.isArray(given) && value.length === given.length && value.every((v, i) => this.same(v, given[i]));
    if (typeof value === 'object' && !value.t) return canonical(value) === canonical(given); // of a custom scalar
    if (typeof value === 'object') return typeof given === 'object' && (!given.__typename || given.__typename === value.t) && this.agrees(value, given);
    return value === given;
  }
}

/** One subgraph: an executable schema over the world, that refuses what it may not be asked. */
class Subgraph {
  constructor(world, { name, sdl }) {
    this.world = world;
    this.name = name;
    this.doc = parse(sdl);
    this.requires = new Map(); // "Type.field" → selection node
    this.external = new Set();
    this.provided = new Set(); // names of fields
    this.provides = new Map(); // "Type.field" → selection node
    this.keyed = new Set(); // "Type.field" in keys of this subgraph, which may be @external
    this.interfaceObjects = new Set();
    this.requiredArguments = new Map();
    this.schema = buildSubgraphSchema({ typeDefs: this.doc, resolvers: undefined });
    this.readDirectives();
    this.attach();
  }

  readDirectives() {
    for (const def of this.doc.definitions) {
      for (const d of def.directives ?? [])
        if (d.name.value === 'key') this.noteKey(this.schema.getType(def.name.value), parse(`{${d.arguments.find((a) => a.name.value === 'fields').value.value}}`).definitions[0].selectionSet);
      if (def.directives?.some((d) => d.name.value === 'interfaceObject')) this.interfaceObjects.add(def.name.value);
      for (const field of def.fields ?? []) {
        const at = `${def.name.value}.${field.name.value}`;
        for (const d of field.directives ?? []) {
          const fields = d.arguments?.find((a) => a.name.value === 'fields')?.value.value;
          if (d.name.value === 'external') this.external.add(at);
          if (d.name.value === 'requires') {
            this.requires.set(at, parse(`{${fields}}`).definitions[0].selectionSet);
            this.noteArguments(def.name.value, this.requires.get(at));
          }
          if (d.name.value !== 'provides') continue;
          this.provides.set(at, parse(`{${fields}}`).definitions[0].selectionSet);
          for (const word of fields.split(/[^\w]+/)) this.provided.add(word);
        }
      }
    }
  }

  noteKey(type, set) {
    for (const s of set.selections) {
      const field = s.kind === 'Field' && type.getFields()[s.name.value];
      if (!field) continue;
      this.keyed.add(`${type.name}.${field.name}`);
      if (s.selectionSet) this.noteKey(getNamedType(field.type), s.selectionSet);
    }
  }

  noteArguments(type, set) {
    for (const s of set.selections)
      if (s.arguments?.length) {
        const at = `${type}.${s.name.value}`;
        this.requiredArguments.set(at, [...(this.requiredArguments.get(at) ?? []), this.argumentValues(type, s)]);
      }
  }

  argumentValues(type, node) {
    return node.arguments?.length ? getArgumentValues(this.schema.getType(type).getFields()[node.name.value], node) : {};
  }

  /** The name of a type in the supergraph: roots have other names there. */
  nameOf(type) {
    if (type === this.schema.getQueryType()) return 'Query';
    return type === this.schema.getMutationType() ? 'Mutation' : type.name;
  }

  attach() {
    for (const type of Object.values(this.schema.getTypeMap())) {
      if (type.name.startsWith('__') || type.name === '_Service') continue;
      if (isAbstractType(type)) type.resolveType = (o) => this.typeHere(o, type);
      if (!isObjectType(type)) continue;
      type.isTypeOf = undefined;
      const root = { t: this.nameOf(type), n: 0 };
      for (const [name, field] of Object.entries(type.getFields()))
        if (!name.startsWith('_')) field.resolve = (o, args, _, info) => this.resolve(o ?? root, type, name, marked(args, info));
    }
    const entities = this.schema.getQueryType()?.getFields()._entities;
    if (entities) entities.resolve = (_, { representations }) => representations.map((rep) => this.entity(rep));
  }

  /** For shared fields: runtime types are what all subgraphs that resolve the field know. */
  notePossible() {
    for (const type of Object.values(this.schema.getTypeMap())) {
      if (!isObjectType(type) || type.name.startsWith('_')) continue;
      for (const field of Object.values(type.getFields())) {
        if (field.name.startsWith('_')) continue;
        const named = getNamedType(field.type), at = `${this.nameOf(type)}.${field.name}`;
        this.noteLevels(type, field);
        if ((isLeafType(named) || this.external.has(at)) && !isEnumType(named)) continue;
        if (this.interfaceObjects.has(named.name)) continue;
        const here = new Set(isAbstractType(named) ? this.schema.getPossibleTypes(named).map((t) => t.name)
          : isEnumType(named) ? named.getValues().map((v) => v.name) : [named.name]);
        const before = this.world.possible.get(at);
        this.world.possible.set(at, before ? new Set([...before].filter((t) => here.has(t))) : here);
      }
    }
  }

  noteLevels(type, field) {
    const { full, strong } = this.world, levels = nonNullLevels(field.type);
    const owners = this.interfaceObjects.has(type.name) ? this.world.implementations(full.getType(type.name)) : [this.nameOf(type)];
    for (const owner of owners) {
      const at = `${owner}.${field.name}`, before = strong.get(at);
      strong.set(at, before ? levels.map((l, i) => l || before[i]) : levels);
    }
  }

  typeHere(o, type) {
    if (this.schema.getType(o.t)) return o.t;
    const full = this.world.full.getType(o.t);
    const stand = full.getInterfaces?.().find((i) => this.interfaceObjects.has(i.name));
    if (!stand) throw new Error(`${this.name} cannot say what ${o.t} is under ${type.name}`);
    return stand.name;
  }

  entity(rep) {
    const world = this.world;
    const type = this.schema.getType(rep.__typename);
    world.entered?.(this, rep);
    if (!type) throw new Error(`${this.name}: representation of unknown type ${rep.__typename}`);
    const types = isInterfaceType(world.full.getType(type.name)) ? world.implementations(world.full.getType(type.name)) : [type.name];
    const found = world.find(types, rep);
    if (found.length !== 1) throw new Error(`${this.name}: ${found.length} objects agree with ${JSON.stringify(rep)}`);
    return { ...found[0], rep, __typename: this.typeHere(found[0], type) };
  }

  resolve(o, type, name, args) {
    const at = `${type.name}.${name}`;
    this.world.resolved?.(this, at);
    if (this.external.has(at) && !this.provided.has(name) && !this.keyed.has(at))
      throw new Error(`${this.name}: ${at} is @external and was asked for`);
    if (this.world.gone.has(`${this.name} ${at}`)) throw new Error(`${this.name}: ${at} is resolved by another subgraph`);
    const requires = this.requires.get(at);
    if (requires) this.checkRequires(at, requires, o.rep, o);
    return this.world.field(o, name, args);
  }

  checkRequires(at, set, rep, o) {
    if (!rep && set.selections.every((s) => s.kind === 'Field' && (this.provided.has(s.name.value) || this.world.keyFields.has(s.name.value))))
      return; // what @provides brings need not come from elsewhere
    if (!rep) throw new Error(`${this.name}: ${at} was asked for without a representation`);
    for (const s of set.selections) {
      if (s.kind === 'InlineFragment') {
        if (!s.typeCondition || s.typeCondition.name.value === o?.t || this.isA(o?.t, s.typeCondition.name.value)) this.checkRequires(at, s.selectionSet, rep, o);
        continue;
      }
      const name = s.name.value;
      if (name === '__typename') continue;
      if (!(name in rep)) throw new Error(`${this.name}: the representation for ${at} lacks ${name}: ${JSON.stringify(rep)}`);
      const value = this.world.field(o, name, this.argumentValues(at.split('.')[0], s));
      if (!this.world.same(value, rep[name])) throw new Error(`${this.name}: ${at} got a wrong ${name}: ${JSON.stringify(rep[name])}`);
      if (s.selectionSet) this.checkNested(at, s.selectionSet, rep[name], value);
    }
  }

  checkNested(at, set, given, value) {
    if (given === null || value === null) return;
    if (Array.isArray(given)) given.forEach((g, i) => this.checkNested(at, set, g, value[i]));
    else this.checkRequires(at, set, given, value);
  }

  isA(t, name) {
    const type = this.world.full.getType(t), on = this.world.full.getType(name);
    return !!type && isAbstractType(on) && this.world.full.isSubType(on, type);
  }

  /** `event`: its number, for a subscription. */
  run(document, variableValues, event = 0) {
    const rootValue = document.startsWith('subscription') ? { t: 'Subscription', n: event } : undefined;
    const result = execute({ schema: this.schema, document: parse(document), variableValues, rootValue });
    if (result.errors?.length) throw new Error(`${this.name}: ${result.errors[0].message}\n${print(parse(document))}`);
    return result.data;
  }
}

/** How graphql-js answers for the monolithic schema. */
export function resolvers(world) {
  const below = (value, up) => {
    if (Array.isArray(value)) return value.map((v) => below(v, up));
    return value?.t ? { ...value, up } : value;
  };
  const fieldResolver = (parent, args, _, info) => {
    const o = parent.t ? parent : { t: info.parentType.name, n: 0 };
    const value = world.field(o, info.fieldName, { ...marked(args, info), ...world.contextual(o, info.fieldName) });
    return world.contexts.size ? below(value, o) : value;
  };
  return { typeResolver: (o) => o.t, fieldResolver };
}

/** The answer of the monolithic schema; `schema`: the one that introspection shows. */
export function monolith(world, operation, variableValues, event = undefined, schema = world.full) {
  const rootValue = event === undefined ? {} : { t: 'Subscription', n: event };
  return execute({ schema, document: operation, variableValues, rootValue, ...resolvers(world) });
}
