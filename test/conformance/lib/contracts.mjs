// Contracts by another hand: the rules of contract.h on graphql-js's tree of a supergraph. Apollo's library then says whether the
// result is allowed. Also tags for generated subgraph sets.
import internals from '@apollo/federation-internals';
import { Kind, parse, print, visit } from 'graphql';
import { Random } from './random.mjs';

const { Supergraph } = internals;
const CORE = /^(join|link|core|federation|tag|inaccessible|cost|context|policy|requiresScopes|authenticated)__/;
const FIELDS = [Kind.OBJECT_TYPE_DEFINITION, Kind.INTERFACE_TYPE_DEFINITION];
const named = (type) => (type.type ? named(type.type) : type.name.value);
const hiddenBy = (node) => node.directives.some((d) => d.name.value === 'inaccessible');
const INACCESSIBLE = { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: 'inaccessible' }, arguments: [] };

// The supergraph's tree with @inaccessible added; not checked.
export function markContract(sdl, { include = [], exclude = [], keepUnreachable = false }) {
  const doc = structuredClone(parse(sdl, { noLocation: true }));
  const types = doc.definitions.filter((d) => /TypeDefinition$/.test(d.kind) && !CORE.test(d.name.value));
  const byName = new Map(types.map((t) => [t.name.value, t]));
  const tags = (node) => new Set(node.directives.filter((d) => d.name.value === 'tag').map((d) => d.arguments[0].value.value));
  const has = (set, list) => list.some((t) => set.has(t));
  const hide = (node) => { if (!hiddenBy(node)) node.directives.push(INACCESSIBLE); };

  // Exclusion and, for what has no children, inclusion.
  const leaf = (node, all) => { if (has(all, exclude) || (include.length && !has(all, include))) hide(node); };
  const below = (node, outer) => new Set([...outer, ...tags(node)]);
  for (const t of types) {
    const own = tags(t);
    if (has(own, exclude)) hide(t);
    if (t.kind === Kind.UNION_TYPE_DEFINITION || t.kind === Kind.SCALAR_TYPE_DEFINITION) leaf(t, own);
    for (const v of t.values ?? []) leaf(v, below(v, own));
    for (const f of t.fields ?? []) {
      const all = below(f, own);
      if (!FIELDS.includes(t.kind)) { leaf(f, all); continue; }
      for (const a of f.arguments) leaf(a, below(a, all));
      if (has(all, exclude)) hide(f);
      if (include.length && !has(all, include) && f.arguments.every(hiddenBy)) hide(f);
    }
  }
  for (const d of doc.definitions)
    if (d.kind === Kind.DIRECTIVE_DEFINITION && !CORE.test(`${d.name.value}__`) && !CORE.test(d.name.value) && d.locations.every((l) => /^(QUERY|MUTATION|SUBSCRIPTION|FIELD|FRAGMENT_.*|INLINE_FRAGMENT|VARIABLE_DEFINITION)$/.test(l.value)))
      for (const a of d.arguments) leaf(a, tags(a));

  // What that leaves empty.
  const implementing = (name) => types.filter((t) => t.kind === Kind.OBJECT_TYPE_DEFINITION && t.interfaces.some((i) => i.name.value === name));
  for (const t of types.filter((x) => x.kind === Kind.INTERFACE_TYPE_DEFINITION)) {
    const objects = implementing(t.name.value);
    for (const f of t.fields)
      if (objects.length && objects.every((o) => { const own = o.fields.find((x) => x.name.value === f.name.value); return hiddenBy(o) || (own && hiddenBy(own)); })) hide(f);
  }
  for (const t of types) if ((t.fields ?? t.values)?.every(hiddenBy)) hide(t);
  for (const t of types) if (t.kind === Kind.UNION_TYPE_DEFINITION && t.types.every((m) => hiddenBy(byName.get(m.name.value)))) hide(t);

  if (!keepUnreachable) {
    const seen = new Set(), queue = [];
    const go = (name) => { const t = byName.get(name); if (t && !hiddenBy(t) && !seen.has(name)) { seen.add(name); queue.push(t); } };
    for (const d of doc.definitions) {
      for (const root of d.operationTypes ?? []) go(root.type.name.value);
      if (d.kind === Kind.DIRECTIVE_DEFINITION) for (const a of d.arguments) if (!hiddenBy(a)) go(named(a.type));
    }
    for (const t of types) if (has(tags(t), include)) go(t.name.value);
    for (const t of queue) {
      for (const f of t.fields ?? []) if (!hiddenBy(f)) { go(named(f.type)); for (const a of f.arguments ?? []) if (!hiddenBy(a)) go(named(a.type)); }
      for (const i of t.interfaces ?? []) go(i.name.value);
      if (t.kind === Kind.INTERFACE_TYPE_DEFINITION) implementing(t.name.value).forEach((o) => go(o.name.value));
      for (const m of t.types ?? []) go(m.name.value);
      if (t.kind === Kind.OBJECT_TYPE_DEFINITION) for (const u of types) if (u.types?.some((m) => m.name.value === t.name.value)) go(u.name.value);
    }
    for (const t of types) if (!seen.has(t.name.value)) hide(t);
  }
  return withLink(doc);
}

function withLink(doc) {
  const schema = doc.definitions.find((d) => d.kind === Kind.SCHEMA_DEFINITION);
  if (!JSON.stringify(doc).includes('"inaccessible"') || schema.directives.some((d) => d.arguments.some((a) => /\/inaccessible\//.test(a.value.value ?? '')))) return print(doc);
  const extra = parse('schema @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY) { query: Query } directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION').definitions;
  schema.directives.push(extra[0].directives[0]);
  doc.definitions.push(extra[1]);
  return print(doc);
}

// { codes, api } by Apollo's library: what is wrong with the marks, or what clients see.
export function judge(sdl) {
  try {
    return { codes: [], api: internals.printSchema(Supergraph.build(sdl, { supportedFeatures: null }).apiSchema()) };
  } catch (e) {
    const causes = e.causes ?? internals.errorCauses(e) ?? [e];
    return { codes: [...new Set(causes.map((c) => c.extensions?.code ?? c.message))].sort(), messages: causes.map((c) => c.message) };
  }
}

// The same subgraphs with tags sprinkled over them. Federation 1 subgraphs stay as they are.
export function withTags(subgraphs, seed, names = ['a', 'b', 'c']) {
  const random = new Random(seed), share = random.pick([0.03, 0.1, 0.4, 0.8]), fat = random.pick([0.02, 0.3]);
  const tag = (p) => (node) => {
    if (!random.chance(p)) return undefined;
    const name = { kind: Kind.NAME, value: 'name' }, value = { kind: Kind.STRING, value: random.pick(names) };
    return { ...node, directives: [...(node.directives ?? []), { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: 'tag' }, arguments: [{ kind: Kind.ARGUMENT, name, value }] }] };
  };
  const small = { leave: tag(share) }, type = { leave: tag(fat) };
  return subgraphs.map((s) => (!s.sdl.includes('"@tag"') ? s : {
    ...s,
    sdl: print(visit(parse(s.sdl), {
      FieldDefinition: small, InputValueDefinition: small, EnumValueDefinition: small,
      ObjectTypeDefinition: type, InterfaceTypeDefinition: type, UnionTypeDefinition: type, EnumTypeDefinition: type, InputObjectTypeDefinition: type, ScalarTypeDefinition: type,
    })),
  }));
}

export function randomFilter(seed, names = ['a', 'b', 'c', 'x']) {
  const random = new Random(seed ^ 0x5bd1e995), some = () => names.filter(() => random.chance(0.4));
  const kind = random.below(5);
  return { include: kind < 2 ? [] : some(), exclude: kind === 4 ? [] : some(), keepUnreachable: random.chance(0.3) };
}
