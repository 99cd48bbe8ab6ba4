// Changes to a set of subgraphs, each small and each at a place where composition has rules: most sets still parse, and
// many still compose.
import { Kind, parse, parseType, print, visit } from 'graphql';

const DIRECTIVES = [
  '@key(fields: "id")', '@key(fields: "id", resolvable: false)', '@key(fields: "id name")', '@requires(fields: "x")',
  '@requires(fields: "o { x }")', '@provides(fields: "x")', '@provides(fields: "id")', '@external', '@shareable',
  '@override(from: "a")', '@override(from: "b")', '@override(from: "b", label: "one")',
  '@override(from: "a", label: "percent(20)")', '@inaccessible', '@tag(name: "x")', '@tag(name: "y")', '@interfaceObject',
  '@authenticated', '@requiresScopes(scopes: [["a"], ["b", "c"]])', '@requiresScopes(scopes: [["a"]])',
  '@policy(policies: [["p"], ["q"]])', '@policy(policies: [["p"]])', '@cost(weight: 3)', '@cost(weight: 7)',
  '@listSize(assumedSize: 5)', '@listSize(slicingArguments: ["first"], requireOneSlicingArgument: false)',
  '@listSize(sizedFields: ["list"])', '@context(name: "ctx")', '@fromContext(field: "$ctx { x }")',
  '@fromContext(field: "$ctx { id }")', '@cacheTag(format: "t")', '@deprecated(reason: "old")', '@deprecated',
  '@specifiedBy(url: "https://x")', '@extends', '@composeDirective(name: "@custom")',
].map((text) => parse(`type T ${text}`).definitions[0].directives[0]);

const FIELDS = ['id: ID!', 'x: Int', 'x: Int @shareable', 'name: String @external', 'o: T', 'x(first: Int): [Int]', 'list: [T!]!',
  'x(a: Int! = 3): Int', 'name(b: In): String'].map((text) => parse(`type T { ${text} }`).definitions[0].fields[0]);

const NAMED = ['Int', 'String', 'ID', 'Boolean', 'Float'];
const TYPES = new Set([Kind.OBJECT_TYPE_DEFINITION, Kind.OBJECT_TYPE_EXTENSION, Kind.INTERFACE_TYPE_DEFINITION, Kind.INTERFACE_TYPE_EXTENSION]);
const EXTENSIONS = { ObjectTypeDefinition: 'ObjectTypeExtension', InterfaceTypeDefinition: 'InterfaceTypeExtension',
  EnumTypeDefinition: 'EnumTypeExtension', InputObjectTypeDefinition: 'InputObjectTypeExtension',
  UnionTypeDefinition: 'UnionTypeExtension', ScalarTypeDefinition: 'ScalarTypeExtension' };

// Every list of nodes in a document from which one could be taken: [{list, node}], by the name of the list.
function slots(document) {
  const out = [];
  visit(document, { enter(node) {
    for (const key of ['definitions', 'directives', 'fields', 'arguments', 'values', 'interfaces', 'types'])
      if (Array.isArray(node[key])) for (const item of node[key]) out.push({ owner: node, key, item });
  } });
  return out;
}

function nodes(document, accept) {
  const out = [];
  visit(document, { enter(node) { if (accept(node)) out.push(node); } });
  return out;
}

const without = (list, item) => list.filter((x) => x !== item);
const isLink = (item) => item.kind === Kind.DIRECTIVE && item.name.value === 'link';
const copy = (node) => structuredClone(node);

function dropSomething(r, set) {
  const all = slots(r.pick(set)).filter((s) => s.key !== 'definitions' || r.chance(0.3)).filter((s) => !isLink(s.item));
  if (!all.length) return;
  const { owner, key, item } = r.pick(all);
  owner[key] = without(owner[key], item);
}

function addDirective(r, set) {
  const places = set.flatMap((d) => nodes(d, (n) => Array.isArray(n.directives) && n.kind !== Kind.VARIABLE));
  const own = set.flatMap((d) => nodes(d, (n) => n.kind === Kind.DIRECTIVE && n.name.value !== 'link'));
  if (!places.length) return;
  const to = r.pick(places);
  const fits = (n) => r.chance(0.1) || n.kind.includes('Type') === !['requires', 'provides', 'override', 'external', 'fromContext'].includes(n.kind);
  if (fits(to)) to.directives = [...to.directives, copy(r.pick(own.length && r.chance(0.4) ? own : DIRECTIVES))];
}

function changeType(r, set) {
  const places = set.flatMap((d) => nodes(d, (n) => n.kind === Kind.FIELD_DEFINITION || n.kind === Kind.INPUT_VALUE_DEFINITION));
  if (!places.length) return;
  const f = r.pick(places), text = print(f.type);
  const names = set.flatMap((d) => d.definitions.filter((x) => x.name && x.kind !== Kind.DIRECTIVE_DEFINITION).map((x) => x.name.value));
  const kinds = [() => (text.endsWith('!') ? text.slice(0, -1) : `${text}!`), () => `[${text}]`, () => text.replace(/[[\]!]/g, ''),
    () => r.pick([...NAMED, ...names])];
  f.type = parseType(r.pick(kinds)());
}

function moveBetween(r, set) {
  const from = r.pick(set), to = r.pick(set);
  const types = from.definitions.filter((d) => d.name && d.kind !== Kind.DIRECTIVE_DEFINITION);
  if (!types.length) return;
  const type = r.pick(types), same = to.definitions.find((d) => d.name?.value === type.name.value && d.fields);
  if (same && type.fields?.length) same.fields = [...same.fields, copy(r.pick(type.fields))];
  else if (!same) to.definitions = [...to.definitions, copy(type)];
}

function addField(r, set) {
  const types = set.flatMap((d) => d.definitions.filter((x) => TYPES.has(x.kind)));
  if (!types.length) return;
  const t = r.pick(types), f = copy(r.pick(FIELDS));
  if (!t.fields?.some((x) => x.name.value === f.name.value)) t.fields = [...(t.fields ?? []), f];
}

function changeName(r, set) {
  const d = r.pick(set), all = nodes(d, (n) => n.kind === Kind.NAME), own = all.filter((n) => !['link', 'url', 'import'].includes(n.value));
  if (own.length < 2) return;
  r.pick(own).value = r.pick(own).value;
}

function changeString(r, set) {
  const strings = set.flatMap((d) => nodes(d, (n) => n.kind === Kind.DIRECTIVE && n.name.value !== 'link')
    .flatMap((n) => nodes(n, (x) => x.kind === Kind.STRING)));
  if (!strings.length) return;
  const s = r.pick(strings), words = s.value.split(/(?=[ {}])/);
  const kinds = [() => without(words, r.pick(words)).join(''), () => `${s.value} x`, () => `id ${s.value}`, () => r.pick(strings).value,
    () => s.value.replace(/\w+$/, '$& { id }'), () => `${s.value}(a: 1)`, () => `... on T { ${s.value} }`, () => r.pick(['a', 'b', 'id', 'x', 'o { x }', '']),
    () => `${s.value} @tag(name: "x")`, () => `__typename ${s.value}`];
  s.value = r.pick(kinds)();
}

function changeValue(r, set) {
  const args = set.flatMap((d) => nodes(d, (n) => n.kind === Kind.INPUT_VALUE_DEFINITION));
  if (!args.length) return;
  const a = r.pick(args);
  a.defaultValue = r.chance(0.3) ? undefined : parse(`{f(a: ${r.pick(['1', '2', 'null', '"x"', 'A', 'true', '[1]', '{}', '{a: 1}', '1.5'])})}`).definitions[0].selectionSet.selections[0].arguments[0].value;
}

function toggleExtension(r, set) {
  const types = set.flatMap((d) => d.definitions.filter((x) => EXTENSIONS[x.kind]));
  if (!types.length) return;
  const t = r.pick(types);
  t.kind = EXTENSIONS[t.kind];
  delete t.description;
}

function changeVersion(r, set) {
  const links = set.flatMap((d) => nodes(d, (n) => n.kind === Kind.STRING && /\/v\d+\.\d+$/.test(n.value)));
  if (links.length) r.pick(links).value = r.pick(links).value.replace(/\d+$/, r.pick(['0', '1', '2', '3', '5', '7', '9', '12', '14']));
}

function changeLink(r, set) {
  const imports = set.flatMap((d) => nodes(d, isLink).flatMap((n) => nodes(n, (x) => x.kind === Kind.LIST)));
  if (!imports.length) return;
  const list = r.pick(imports), i = r.below(list.values.length + 1);
  const item = list.values[i];
  if (item?.kind !== Kind.STRING) return;
  const field = (name, value) => ({ kind: Kind.OBJECT_FIELD, name: { kind: Kind.NAME, value: name }, value: { kind: Kind.STRING, value } });
  list.values = r.chance(0.5) ? without(list.values, item)
    : list.values.map((v) => v === item ? { kind: Kind.OBJECT, fields: [field('name', item.value), field('as', r.pick(['@tag', '@mine', '@federation__x', '@cost', '@inaccessible', `${item.value}2`]))] } : v);
}

function addDefinition(r, set) {
  const d = r.pick(set);
  const text = r.pick(['enum E { A B }', 'enum E { B C }', 'input In { a: Int b: String }', 'input In { a: Int! = 3 }', 'interface I { x: Int }', 'union U = T',
    'scalar S', 'directive @log on FIELD', 'directive @log(a: Int) repeatable on FIELD | QUERY', 'directive @custom(n: Int) on FIELD_DEFINITION | OBJECT', 'type Mutation { m: T }', 'extend type Query { more: T }',
    'type T @key(fields: "id") { id: ID! extra: Int }', '"a text" type T @shareable { x: Int }', 'type Subscription { s: Int }', 'extend schema @tag(name: "s")']);
  const def = parse(text).definitions[0];
  if (!def.name || !d.definitions.some((x) => x.name?.value === def.name.value && x.kind === def.kind)) d.definitions = [...d.definitions, def];
}

const KINDS = [dropSomething, dropSomething, dropSomething, addDirective, addDirective, addDirective, changeType, changeType, moveBetween, moveBetween,
  addField, changeName, changeString, changeString, changeValue, toggleExtension, changeVersion, changeLink, addDefinition];

// `times` changes to a copy of the subgraphs.
export function damageSubgraphs(r, subgraphs, times) {
  const set = subgraphs.map((s) => copy(parse(s.sdl, { noLocation: true })));
  for (let i = 0; i < times; i++) r.pick(KINDS)(r, set);
  return subgraphs.map((s, i) => ({ ...s, sdl: print(set[i]) }));
}
