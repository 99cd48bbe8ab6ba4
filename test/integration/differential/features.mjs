// What an operation exercised: which features of federation and GraphQL its requests, its answer and its text have touched.
import { getNamedType, isAbstractType, isEnumType, isInterfaceType, isListType, isNonNullType, isObjectType, isUnionType, parse, print } from 'graphql';

/** The long run fails when one of these was not exercised. */
export const WANTED = [
  '@include on a field', '@include on a named fragment', '@include on an inline fragment', '@fromContext', '@fromContext beside an argument', '@fromContext in what sets the context anew', '@fromContext of several types', '@fromContext through an object', '@fromContext with @requires', '@inaccessible field inside', '@interfaceObject', '@interfaceObject with @requires', '@override', '@override with a label',
  '@provides', '@provides through an interface', '@provides through a union', '@provides through an object', '@requires', '@requires of a @requires', '@requires through a list',
  '@requires through an interface', '@requires through an object', '@requires with a fragment', '@requires with arguments', '@skip on a field', '@skip on a named fragment', '@skip on an inline fragment', '@tag',
  'Federation 1', '__typename', 'a directive of the subgraphs', 'a field twice', 'a field with other arguments', 'a fragment used twice', 'a long list', 'a named fragment', 'a null', 'a renamed root', 'alias', 'an error', 'an inline fragment',
  'an inline fragment without a type', 'arguments', 'compound key', 'custom scalar', 'data is null', 'enum', 'enum that differs', 'input object', 'interface', 'interface of an interface', 'introspection', 'introspection beside data', 'key on an interface',
  'key that is not resolvable', 'list of lists', 'mutation', 'mutation of several fields', 'nested key', 'nullability that differs', 'root inside of a type', 'several keys', 'shared field', 'type that differs', 'union',
  'value type', 'variable', 'variable in an input object', 'variable with a default', 'entity fetch', 'two fetches', 'five fetches',
].sort();

const isListOfLists = (type) => {
  let lists = 0;
  for (let t = type; isListType(t) || isNonNullType(t); t = t.ofType) lists += isListType(t);
  return lists > 1;
};

const directive = (node, name) => node.directives?.find((d) => d.name.value === name);
const fieldsOf = (d) => d.arguments.find((a) => a.name.value === 'fields').value.value;

function ofRequires(fields, type, at) {
  const out = ['@requires'];
  if (fields.includes('(')) out.push('@requires with arguments');
  if (fields.includes('...')) out.push('@requires with a fragment');
  for (const s of parse(`{${fields}}`).definitions[0].selectionSet.selections) {
    const field = s.kind === 'Field' && type.getFields()[s.name.value];
    if (!field || !s.selectionSet) continue;
    const nullable = isNonNullType(field.type) ? field.type.ofType : field.type;
    out.push('@requires through an object');
    if (isListType(nullable)) out.push('@requires through a list');
    if (isAbstractType(getNamedType(field.type))) out.push('@requires through an interface');
  }
  if (at.startsWith('I.')) out.push('@interfaceObject with @requires');
  return out;
}

function ofContext(text, field, type, schema) {
  const out = ['@fromContext'];
  if (field.arguments.length > 1) out.push('@fromContext beside an argument');
  if (directive(field, 'requires')) out.push('@fromContext with @requires');
  if (/^\$\w+ \.\.\..*\.\.\./.test(text)) out.push('@fromContext of several types');
  if (/^\$\w+ \{ \w+ \{/.test(text)) out.push('@fromContext through an object');
  if (directive(schema.getType(type).astNode, 'context')) out.push('@fromContext in what sets the context anew');
  return out;
}

function ofProvides(fields, named) {
  const out = ['@provides'];
  if (isInterfaceType(named)) out.push('@provides through an interface');
  if (isUnionType(named)) out.push('@provides through a union');
  if (!fields.includes('...') && fields.includes('{')) out.push('@provides through an object');
  return out;
}

function ofType(type, keys, schema) {
  const named = getNamedType(type), out = [];
  if (isListOfLists(type)) out.push('list of lists');
  if (isEnumType(named)) out.push('enum');
  if (named.name === 'J') out.push('custom scalar');
  if (named.name === 'O') out.push('enum that differs');
  if (named === schema.getQueryType()) out.push('root inside of a type');
  if (isUnionType(named)) out.push('union');
  if (isInterfaceType(named)) out.push(...(named.getInterfaces().length ? ['interface', 'interface of an interface'] : ['interface']));
  if (isObjectType(named)) {
    const own = keys.get(named.name) ?? [];
    if (!own.length) out.push('value type');
    if (own.some((d) => d.arguments.some((a) => a.name.value === 'resolvable'))) out.push('key that is not resolvable');
  }
  return out;
}

/** Features of each field of each subgraph: Map of "subgraph Type.field" to names. */
export function featuresOfSystem(world) {
  const out = new Map(), requiring = new Set(), types = new Map();
  const each = (visit) => {
    for (const subgraph of world.subgraphs.values())
      for (const def of subgraph.doc.definitions)
        for (const field of ('fields' in def && def.kind.startsWith('Object') && def.fields) || []) visit(subgraph, def, field, `${def.name.value}.${field.name.value}`);
  };
  each((_s, _d, field, at) => {
    if (directive(field, 'requires')) requiring.add(field.name.value);
    types.set(at, (types.get(at) ?? new Set()).add(print(field.type)));
  });
  each((subgraph, def, field, at) => {
    const type = subgraph.schema.getType(def.name.value), own = type.getFields()[field.name.value];
    if (!own) return;
    const keys = new Map(subgraph.doc.definitions.map((d) => [d.name?.value, (d.directives ?? []).filter((x) => x.name.value === 'key')]));
    const found = ofType(own.type, keys, subgraph.schema), requires = directive(field, 'requires'), provides = directive(field, 'provides'), override = directive(field, 'override');
    if (requires) found.push(...ofRequires(fieldsOf(requires), type, at));
    if (requires && fieldsOf(requires).split(/\W+/).some((w) => requiring.has(w))) found.push('@requires of a @requires');
    if (provides) found.push(...ofProvides(fieldsOf(provides), getNamedType(own.type)));
    for (const a of field.arguments) {
      const context = directive(a, 'fromContext');
      if (context) found.push(...ofContext(context.arguments[0].value.value, field, def.name.value, subgraph.schema));
    }
    if (override) found.push(override.arguments.length > 1 ? '@override with a label' : '@override');
    if (directive(field, 'shareable')) found.push('shared field');
    if (directive(field, 'inaccessible')) found.push('@inaccessible field inside');
    if (directive(field, 'tag')) found.push('@tag');
    if (subgraph.interfaceObjects.has(def.name.value)) found.push('@interfaceObject');
    if (subgraph.nameOf(type) !== type.name) found.push('a renamed root');
    found.push(...ofDifference(world, types, at));
    out.set(`${subgraph.name} ${at}`, found);
  });
  return out;
}

function ofDifference(world, types, at) {
  const [owner, name] = at.split('.');
  const full = world.full.getType(owner)?.getFields?.()[name];
  const strong = world.strong.get(at);
  if (!full || types.get(at).size < 2) return [];
  return strong?.[0] && !isNonNullType(full.type) ? ['nullability that differs'] : ['type that differs'];
}

/** Features that a representation shows. */
export function featuresOfEntity(subgraph, rep, note) {
  note('entity fetch');
  const type = subgraph.schema.getType(rep.__typename);
  if (isInterfaceType(type)) note('key on an interface');
  const keys = subgraph.doc.definitions.filter((d) => d.name?.value === rep.__typename).flatMap((d) => d.directives ?? []).filter((d) => d.name.value === 'key').map(fieldsOf);
  if (keys.length > 1) note('several keys');
  for (const k of keys) {
    const given = k.split(/\W+/).filter(Boolean);
    if (!given.every((w) => JSON.stringify(rep).includes(`"${w}"`))) continue;
    if (k.includes('{')) note('nested key');
    else if (given.length > 1) note('compound key');
  }
}

/** Features that the answer shows. */
export function featuresOfAnswer(text, requests, operation, note) {
  if (text.includes(':null')) note('a null');
  if (text.startsWith('{"data":null')) note('data is null');
  if (text.includes('"errors":[')) note('an error');
  if (requests > 1) note('two fetches');
  if (requests > 4) note('five fetches');
  if (operation.features.has('introspection') && requests) note('introspection beside data');
}
