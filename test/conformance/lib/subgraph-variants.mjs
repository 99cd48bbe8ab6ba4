// Sets of subgraphs made out of a set, to find out what the oracle's answer depends on.
import { Kind, buildSchema, getNamedType, parse, print, visit } from 'graphql';
import internals from '@apollo/federation-internals';

const { Supergraph, printSchema } = internals;
const edited = (subgraphs, visitor) => subgraphs.map((s) => ({ ...s, sdl: print(visit(parse(s.sdl, { noLocation: true }), visitor(s))) }));

// ---- the same in other words ----

const SHUFFLED = ['definitions', 'directives', 'fields', 'types', 'interfaces'];

// The same set, written in another order.
export function shuffled(subgraphs, r) {
  const mix = (node) => Object.assign({}, node, ...SHUFFLED.map((key) => (Array.isArray(node[key]) && node.operationTypes === undefined && node.kind !== 'SchemaExtension' ? { [key]: r.shuffled(node[key]) } : {})));
  return edited(subgraphs, () => ({ enter: mix }));
}

// ---- parts ----

// Query, Mutation or Subscription, by the name that the type has in this document.
function rootsOf(document) {
  const named = document.definitions.flatMap((d) => d.operationTypes ?? []).map((o) => [o.type.name.value, o.operation]);
  return new Map([['Query', 'query'], ['Mutation', 'mutation'], ['Subscription', 'subscription'], ...named]);
}

const without = (subgraphs, drop) => subgraphs.map((s) => {
  const document = parse(s.sdl, { noLocation: true }), roots = rootsOf(document), gone = new Set();
  const definitions = document.definitions.map((d) => {
    if (!d.name || !d.fields?.length) return d;
    const root = roots.get(d.name.value), fields = d.fields.filter((f) => !drop(root ?? d.name.value, f.name.value, !!root));
    if (root && !fields.length) gone.add(d.name.value);
    return { ...d, fields };
  });
  const left = definitions.filter((d) => !gone.has(d.name?.value))
    .map((d) => (d.operationTypes ? { ...d, operationTypes: d.operationTypes.filter((o) => !gone.has(o.type.name.value)) } : d))
    .filter((d) => !d.operationTypes || d.operationTypes.length || d.directives.length);
  return { ...s, sdl: left.map(print).join('\n') };
});

const named = (sdl, directive) => `@${sdl.includes(`"@${directive}"`) ? '' : 'federation__'}${directive}`;
const directive = (text) => parse(`type T ${text}`, { noLocation: true }).definitions[0].directives;

const hidden = (subgraphs, hide) => edited(subgraphs, ({ sdl }) => ({
  ObjectTypeDefinition: (node) => ({ ...node, fields: node.fields.map((f) => (hide(node.name.value, f.name.value)
    ? { ...f, directives: [...f.directives, ...directive(named(sdl, 'inaccessible'))] } : f)) }) }));

// The sets in which a part of the fields that one can ask for is left: what cannot be answered there cannot be answered in the
// whole. First without fields that provide something.
export function parts(subgraphs) {
  const fields = new Set(), providing = new Set();
  for (const s of subgraphs) {
    const document = parse(s.sdl), roots = rootsOf(document);
    for (const d of document.definitions)
      for (const f of (d.name && d.fields) || []) {
        if (roots.has(d.name.value)) fields.add(`${roots.get(d.name.value)}.${f.name.value}`);
        if (f.directives?.some((x) => x.name.value.endsWith('provides'))) providing.add(`${d.name.value}.${f.name.value}`);
      }
  }
  const plain = hidden(subgraphs, (type, field) => providing.has(`${type}.${field}`));
  return [plain, without(subgraphs, (type) => type === 'mutation' || type === 'subscription'),
    ...[...fields].slice(0, 40).map((kept) => without(plain, (type, field, root) => root && `${type}.${field}` !== kept))];
}

// ---- from the middle of a query ----

// The fields on the way of the query that a message shows, each with its type in the supergraph.
function wayOf(message, schema) {
  const text = message.split('in this query:\n')[1]?.split('\nbecause')[0].replaceAll('{ … }', '').replaceAll('…', '__typename');
  if (!text) return [];
  const operation = parse(text).definitions[0], way = [];
  let type = schema.getRootType(operation.operation);
  for (let set = operation.selectionSet; set; set = set.selections[0].selectionSet) {
    const node = set.selections[0];
    if (node.kind === Kind.INLINE_FRAGMENT) { type = schema.getType(node.typeCondition.name.value); continue; }
    const field = type?.getFields?.()[node.name.value];
    if (!field || !node.selectionSet) break;
    type = getNamedType(field.type);
    way.push({ name: node.name.value, type: type.name });
  }
  return way;
}

const fieldsOf = (set) => set.selections.flatMap((s) => (s.kind === Kind.INLINE_FRAGMENT ? fieldsOf(s.selectionSet) : [s]));
const selects = (set, names) => !names.length || fieldsOf(set).some((f) => f.name.value === names[0] && (names.length === 1 || (f.selectionSet && selects(f.selectionSet, names.slice(1)))));

// What the fields of one name provide, whatever their types.
function providedBy(subgraphs, name) {
  const out = [];
  for (const s of subgraphs)
    visit(parse(s.sdl, { noLocation: true }), { FieldDefinition(node) {
      const fields = node.name.value === name && node.directives.find((d) => d.name.value.endsWith('provides'))?.arguments[0]?.value.value;
      if (fields) out.push(parse(`{ ${fields.replace(/^\s*\{(.*)\}\s*$/s, '$1')} }`).definitions[0].selectionSet);
    } });
  return out;
}

const isComposite = (d) => [Kind.OBJECT_TYPE_DEFINITION, Kind.OBJECT_TYPE_EXTENSION, Kind.INTERFACE_TYPE_DEFINITION,
  Kind.INTERFACE_TYPE_EXTENSION, Kind.UNION_TYPE_DEFINITION, Kind.UNION_TYPE_EXTENSION].includes(d.kind);

// The roots become types that nothing leads to, so that what they say about others stays.
function unrooted(s) {
  const document = parse(s.sdl, { noLocation: true }), roots = rootsOf(document), to = (name) => `Unreached${roots.get(name)}`;
  const renamed = visit(document, { NamedType: (node) => (roots.has(node.name.value) ? { ...node, name: { ...node.name, value: to(node.name.value) } } : undefined) });
  const defined = new Set(document.definitions.filter((d) => d.kind === Kind.OBJECT_TYPE_DEFINITION).map((d) => d.name.value));
  return renamed.definitions.map((d) => {
    if (d.operationTypes) return { ...d, kind: Kind.SCHEMA_EXTENSION, operationTypes: [] };
    if (!d.fields || !roots.has(d.name.value)) return d;
    const kind = defined.has(d.name.value) ? d.kind : Kind.OBJECT_TYPE_DEFINITION;
    defined.add(d.name.value);
    return { ...d, kind, name: { ...d.name, value: to(d.name.value) } };
  }).filter((d) => d.kind !== Kind.SCHEMA_EXTENSION || d.directives.length);
}

// The only field to ask for gives the type, in each subgraph that has it.
const startingAt = (subgraphs, type) => subgraphs.map((s) => {
  const left = unrooted(s), shareable = /federation\/v2/.test(s.sdl) ? named(s.sdl, 'shareable') : '';
  const probe = left.some((d) => d.name?.value === type && isComposite(d)) ? `type Query { probe: ${type} ${shareable} }` : '';
  return { ...s, sdl: `${left.map(print).join('\n')}\n${probe}` };
});

// A query that cannot be answered, begun anew at an object on its way that nobody provided anything of, and in all subgraphs that
// know it at once: who can do more cannot fail where less was enough, so if this cannot be answered, the query cannot.
export function startedBelow(subgraphs, message, supergraph) {
  const schema = buildSchema(printSchema(Supergraph.build(supergraph, { supportedFeatures: null }).apiSchema()), { assumeValid: true });
  const way = wayOf(message, schema);
  const plain = way.filter((_, k) => way.slice(0, k + 1).every((f, i) =>
    providedBy(subgraphs, f.name).every((set) => i < k && !selects(set, way.slice(i + 1, k + 1).map((x) => x.name)))));
  return [...new Set(plain.map((f) => f.type))].map((type) => startingAt(subgraphs, type));
}

// ---- mended ----

// What the language forbids and the oracle never sees, since it keeps the last of them: it answers as if there were one.
export function lastOnes(subgraphs) {
  const once = (list) => list?.filter((x, i) => !list.some((y, j) => j > i && y.name.value === x.name.value));
  return edited(subgraphs, (s) => {
    const enums = parse(s.sdl, { noLocation: true }).definitions.filter((d) => d.kind.startsWith('EnumType'));
    let n = 0; // the enums come in the same order again
    const values = (node) => {
      const later = enums.slice(++n).filter((d) => d.name.value === node.name.value).flatMap((d) => d.values ?? []);
      const left = once(node.values)?.filter((v) => !later.some((w) => w.name.value === v.name.value));
      return left?.length || node.directives.length ? { ...node, values: left } : null;
    };
    return { EnumTypeDefinition: values, EnumTypeExtension: values, Directive: (node) => ({ ...node, arguments: once(node.arguments) }),
      FieldDefinition: (node) => ({ ...node, arguments: once(node.arguments) }) };
  });
}

// With a type of its own for each root.
export const rootsApart = (subgraphs) => subgraphs.map((s) => {
  const taken = new Set(), added = [];
  const document = visit(parse(s.sdl, { noLocation: true }), { OperationTypeDefinition(node) {
    if (!taken.has(node.type.name.value)) return void taken.add(node.type.name.value);
    added.push(`type Own_${node.operation} { own: Int }`);
    return { ...node, type: { ...node.type, name: { ...node.type.name, value: `Own_${node.operation}` } } };
  } });
  return { ...s, sdl: `${print(document)}\n${added.join('\n')}` };
});

// Without the default values that a message of ours says do not fit, in its subgraph or once merged, or with `instead` in their place, and
// 0 for "" in the arguments of directives.
export function fitting(subgraphs, errors, instead) {
  const wrong = new Set(), empty = new Set();
  for (const { subgraph = '', message } of errors) {
    const at = /(\S+) has invalid default value/.exec(message)?.[1] ?? /The default value of Input Object field (\S+) references/.exec(message)?.[1];
    if (at) wrong.add(`${subgraph} ${at}`);
    const argument = /\] "" is no valid value for "(@\S+)"/.exec(message)?.[1];
    if (argument) empty.add(`${subgraph} ${argument}`);
  }
  const isWrong = (s, at) => wrong.has(`${s.name} ${at}`) || wrong.has(` ${at}`);
  const bare = (s, at) => (input) => (input.defaultValue && isWrong(s, at(input.name.value)) ? { ...input, defaultValue: instead } : input);
  const inputs = (s, node) => ({ ...node, fields: node.fields?.map(bare(s, (name) => `${node.name.value}.${name}`)) });
  const types = (s, node) => ({ ...node, fields: node.fields?.map((f) => ({ ...f, arguments: f.arguments?.map(bare(s, (name) => `${node.name.value}.${f.name.value}(${name}:)`)) })) });
  return edited(subgraphs, (s) => ({
    InputObjectTypeDefinition: (node) => inputs(s, node), InputObjectTypeExtension: (node) => inputs(s, node),
    ObjectTypeDefinition: (node) => types(s, node), ObjectTypeExtension: (node) => types(s, node),
    InterfaceTypeDefinition: (node) => types(s, node), InterfaceTypeExtension: (node) => types(s, node),
    DirectiveDefinition: (node) => ({ ...node, arguments: node.arguments?.map(bare(s, (name) => `@${node.name.value}(${name}:)`)) }),
    Directive: (node) => ({ ...node, arguments: node.arguments?.map((a) => (a.value.value === '' && empty.has(`${s.name} @${node.name.value}(${a.name.value}:)`)
      ? { ...a, value: { kind: Kind.INT, value: '0' } } : a)) }) }));
}

// Without what keys select in fragments below the leaves of which we say so.
export function bareLeaves(subgraphs, errors) {
  const leaves = new Set(errors.map((e) => /"\w+\.(\w+)" is a leaf and has no selections/.exec(e.message)?.[1]).filter(Boolean));
  const bare = (node) => (leaves.has(node.name.value) && node.selectionSet?.selections.every((s) => s.kind === Kind.INLINE_FRAGMENT) ? { ...node, selectionSet: undefined } : undefined);
  const key = (text) => {
    try {
      return print(visit(parse(`{${text}}`, { noLocation: true }), { Field: bare })).replace(/\s+/g, ' ').replace(/^\{ | \}$/g, '');
    } catch {
      return text; // not even that
    }
  };
  return edited(subgraphs, () => ({ Directive: (d) => (d.name.value.endsWith('key') ? { ...d, arguments: d.arguments.map((a) => (a.value.kind === Kind.STRING
    ? { ...a, value: { ...a.value, value: key(a.value.value) } } : a)) } : undefined) }));
}

export const withoutDirectives = (subgraphs, names) => edited(subgraphs, () => ({
  Directive: (node) => (names.includes(node.name.value) ? null : undefined),
  SchemaExtension: { leave: (node) => (node.directives.length || node.operationTypes?.length ? undefined : null) } }));

// With the types that we say nobody knows, and with the first of the fields that we say are defined twice.
export function complete(subgraphs, errors) {
  const first = (list) => list?.filter((x, i) => !list.some((y, j) => j < i && y.name.value === x.name.value));
  const twice = errors.some((e) => e.message.includes('is defined twice'));
  const fields = (node) => (twice ? { ...node, fields: first(node.fields) } : undefined);
  return edited(subgraphs, () => ({ ObjectTypeDefinition: fields, ObjectTypeExtension: fields, InterfaceTypeDefinition: fields, InputObjectTypeDefinition: fields }))
    .map((s) => {
      const unknown = errors.filter((e) => e.subgraph === s.name).map((e) => /Unknown type "(\w+)"/.exec(e.message)?.[1]).filter(Boolean);
      return { ...s, sdl: `${s.sdl}\n${[...new Set(unknown)].map((name) => `scalar ${name}`).join('\n')}` };
    });
}

// Without the definitions that we say are not those of the specification.
export function undefining(subgraphs, errors) {
  const wrong = errors.filter((e) => e.code.endsWith('_DEFINITION_INVALID')).map((e) => `${e.subgraph} ${/^@?\w+/.exec(e.coordinate)?.[0]}`);
  return edited(subgraphs, (s) => ({ enter: (node) => (node.name && /TypeDefinition$|DirectiveDefinition$/.test(node.kind) &&
    wrong.includes(`${s.name} ${node.kind === Kind.DIRECTIVE_DEFINITION ? '@' : ''}${node.name.value}`) ? null : undefined) }));
}

// With `type` for `extend type` where the subgraph has no other definition, which is the same in Federation 2.
export const withoutExtensions = (subgraphs) => subgraphs.map((s) => {
  const document = parse(s.sdl, { noLocation: true }), roots = rootsOf(document);
  if (!/specs\.apollo\.dev\/federation\/v2/.test(s.sdl)) return s;
  const defined = new Set(document.definitions.filter((d) => d.kind === Kind.OBJECT_TYPE_DEFINITION).map((d) => d.name.value));
  const definitions = document.definitions.map((d) => {
    if (d.kind !== Kind.OBJECT_TYPE_EXTENSION || defined.has(d.name.value) || roots.has(d.name.value)) return d;
    defined.add(d.name.value);
    return { ...d, kind: Kind.OBJECT_TYPE_DEFINITION };
  });
  return { ...s, sdl: print(visit({ ...document, definitions }, { Directive: (d) => (/^(federation__)?extends$/.test(d.name.value) ? null : undefined) })) };
});

// ---- with more of the same ----

const SCALARS = ['ID', 'Int', 'Float', 'String', 'Boolean'];

// The keys of a type that are plain fields which this subgraph resolves: what each of them names, with its type.
function plainKeys(type) {
  const own = new Map((type.fields ?? []).filter((f) => !f.directives.some((d) => /external|override/.test(d.name.value))
    && SCALARS.includes(getNamed(f.type))).map((f) => [f.name.value, f]));
  return type.directives.filter((d) => /(^|__)key$/.test(d.name.value) && d.arguments.length === 1)
    .map((d) => d.arguments[0].value.value.trim().split(/\s+/)).filter((names) => names.every((n) => own.has(n)))
    .map((names) => names.map((n) => own.get(n)));
}
const getNamed = (type) => (type.kind === Kind.NAMED_TYPE ? type.name.value : type.kind === Kind.NON_NULL_TYPE ? getNamed(type.type) : undefined);

// Each subgraph of Federation 2 that is wanted has a twin that knows its objects by the same keys and gives the fields of these, and nothing else:
// whatever can be reached through it could be reached without.
export function twinned(subgraphs, wanted) {
  const twins = subgraphs.filter((s) => wanted(s) && /specs\.apollo\.dev\/federation\/v2/.test(s.sdl)).map((s) => {
    const types = parse(s.sdl, { noLocation: true }).definitions.filter((d) => d.kind === Kind.OBJECT_TYPE_DEFINITION).flatMap((type) => {
      const keys = plainKeys(type), fields = new Map(keys.flat().map((f) => [f.name.value, `${f.name.value}: ${print(f.type)}`]));
      const texts = keys.map((k) => `@key(fields: "${k.map((f) => f.name.value).join(' ')}")`);
      return keys.length ? [`type ${type.name.value} ${[...new Set(texts)].join(' ')} { ${[...fields.values()].join(' ')} }`] : [];
    });
    return { name: `${s.name}_twin`, url: s.url, sdl: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key"])\n${types.join('\n')}`, types };
  });
  return [...subgraphs, ...twins.filter((t) => t.types.length).map(({ types, ...s }) => s)];
}
