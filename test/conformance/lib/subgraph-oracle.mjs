// Which disagreements with the composition oracle are the oracle's own: each rule proves it on the set at hand.
import { parse, print, visit } from 'graphql';
import { codesOf, compare, oracle } from './composition.mjs';
import { Random } from './random.mjs';

const notInBoth = (a, b) => [...a.filter((c) => !b.includes(c)), ...b.filter((c) => !a.includes(c))];

// ---- what its search for unanswerable queries says depends on what means nothing ----

const SEARCH = new Set(['SATISFIABILITY_ERROR', 'SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES', 'INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN']);
const SHUFFLES = 12;
const SHUFFLED = ['definitions', 'directives', 'fields', 'types', 'interfaces'];

// The same set, written in another order.
function shuffled(subgraphs, r) {
  const mix = (node) => Object.assign({}, node, ...SHUFFLED.map((key) => (Array.isArray(node[key]) && node.operationTypes === undefined && node.kind !== 'SchemaExtension' ? { [key]: r.shuffled(node[key]) } : {})));
  return subgraphs.map((s) => ({ ...s, sdl: print(visit(parse(s.sdl, { noLocation: true }), { enter: mix })) }));
}

async function dependsOnOrder(ours, subgraphs, got) {
  const r = new Random(1), codes = codesOf(got.errors).join();
  for (let i = 0; i < SHUFFLES; i++) {
    const set = shuffled(subgraphs, r), same = await ours.compose(set);
    if (codesOf(same.errors).join() === codes && compare(oracle(set), same, { api: false }).length === 0) return true;
  }
  return false;
}

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

const hidden = (subgraphs, hide) => subgraphs.map((s) => ({ ...s, sdl: print(visit(parse(s.sdl, { noLocation: true }), {
  ObjectTypeDefinition: (node) => ({ ...node, fields: node.fields.map((f) => (hide(node.name.value, f.name.value)
    ? { ...f, directives: [...f.directives, ...parse(`type T @${s.sdl.includes('"@inaccessible"') ? '' : 'federation__'}inaccessible`).definitions[0].directives] } : f)) }) })) }));

// The sets in which a part of the fields that one can ask for is left: what cannot be answered there cannot be answered in the
// whole. First without fields that provide something.
function parts(subgraphs) {
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

async function refusesAPart(ours, subgraphs) {
  for (const set of parts(subgraphs)) {
    const want = oracle(set);
    if (want.codes?.join() === 'SATISFIABILITY_ERROR' && codesOf((await ours.compose(set)).errors).join() === 'SATISFIABILITY_ERROR') return true;
  }
  return false;
}

async function contradictsItself({ want, got, subgraphs, ours }) {
  const codes = codesOf(got.errors), ok = !want.codes.length && !codes.length;
  const differing = ok ? notInBoth(want.hints, codesOf(got.hints)) : notInBoth(want.codes, codes);
  if (!differing.length || !differing.every((c) => SEARCH.has(c))) return false;
  if (await dependsOnOrder(ours, subgraphs, got)) return true;
  return !want.codes.length && codes.join() === 'SATISFIABILITY_ERROR' && refusesAPart(ours, subgraphs);
}

// ---- the others ----

// What goes wrong while one subgraph is read. The oracle throws at the first mistake of some kinds, and after others it goes on
// without the definitions that could not be added, so that every use of them is one more mistake.
const READING = new Set(['INVALID_GRAPHQL', 'DIRECTIVE_DEFINITION_INVALID', 'TYPE_DEFINITION_INVALID', 'INVALID_LINK_DIRECTIVE_USAGE',
  'INVALID_LINK_IDENTIFIER', 'UNKNOWN_LINK_VERSION', 'UNKNOWN_FEDERATION_LINK_VERSION']);

// What the language forbids and the oracle never sees, since it keeps the last of them: it answers as if there were one.
function lastOnes(subgraphs) {
  const once = (list) => list?.filter((x, i) => !list.some((y, j) => j > i && y.name.value === x.name.value));
  return subgraphs.map((s) => ({ ...s, sdl: print(visit(parse(s.sdl, { noLocation: true }), {
    EnumTypeDefinition: (node) => ({ ...node, values: once(node.values) }), EnumTypeExtension: (node) => ({ ...node, values: once(node.values) }),
    Directive: (node) => ({ ...node, arguments: once(node.arguments) }),
    FieldDefinition: (node) => ({ ...node, arguments: once(node.arguments) }) })) }));
}

const TWIN = /is defined twice|There can be only one argument named|can only be defined once/;
// Defaults without a required field or that need themselves, a list in place of an object, an empty string in place of a number.
const UNFIT = /The default value of Input Object field \S+ references itself|has invalid default value: Expected value of type \S+ to (include required field|be an object, found: \[)|\] "" is no valid value for/;

async function overlooksTwins({ want, got, subgraphs, ours }) {
  return got.errors.some((e) => TWIN.test(e.message)) && compare(want, await ours.compose(lastOnes(subgraphs)), { api: false }).length === 0;
}

// We say so, and either nothing else, as other checks come later, or what it says as well.
function takesUnfit({ want, got }) {
  const others = got.errors.filter((e) => !TWIN.test(e.message) && !UNFIT.test(e.message));
  return others.length < got.errors.length && (!others.length || codesOf(others).join() === want.codes.join());
}

const within = (small, big) => small.every((c) => big.includes(c));

function stopsEarly({ want, got }) {
  const codes = codesOf(got.errors);
  return want.codes.some((c) => READING.has(c)) && within(want.codes, codes) && codes.filter((c) => !want.codes.includes(c)).every((c) => READING.has(c));
}

function reportsConsequences({ want, got }) {
  const codes = codesOf(got.errors);
  return codes.some((c) => READING.has(c) && c !== 'INVALID_GRAPHQL') && within(codes, want.codes) &&
    want.codes.every((c) => codes.includes(c) || c === 'INVALID_GRAPHQL') && want.messages.some((m) => /Unknown directive|unknown type/i.test(m));
}

// The types that @link itself needs come before what is linked; we look at them when all links are read.
function definesLinkFirst({ want, got }) {
  return want.codes.join() === 'TYPE_DEFINITION_INVALID' && want.messages.every((m) => /type "?(Purpose|link__Purpose|link__Import)\b/.test(m)) &&
    codesOf(got.errors).join() === 'INVALID_LINK_DIRECTIVE_USAGE';
}

// A schema that links @link once, in an unknown version, is told that it links it twice.
function seesLinkTwice({ want, got, subgraphs }) {
  return want.codes.join() === 'INVALID_LINK_DIRECTIVE_USAGE' && codesOf(got.errors).join() === 'UNKNOWN_LINK_VERSION' &&
    want.messages.every((m) => m.includes('Cannot link feature "https://specs.apollo.dev/link" since it has already been linked')) &&
    subgraphs.every((s) => s.sdl.split('specs.apollo.dev/link/').length <= 2);
}

const FAULTS = [
  ['it crashes', ({ want }) => want.crash],
  ['its own parser refuses a text, and says nothing about the others', ({ want, got }) => want.syntax && got.errors.some((e) => e.code === 'INVALID_GRAPHQL')],
  ['it prints an object of its own in place of a name', ({ want }) => want.messages?.some((m) => m.includes('[object Object]'))],
  ['it takes the last of two with one name', overlooksTwins],
  ['it takes a value that does not fit', takesUnfit],
  ['it stops at the first mistake in reading a schema', stopsEarly],
  ['it names a wrong type of @link itself and not the wrong @link', definesLinkFirst],
  ['it sees a @link twice that stands once', seesLinkTwice],
  ['it reports what follows from a mistake in reading a schema', reportsConsequences],
  ['it contradicts itself about what can be answered', contradictsItself],
];

// { found, fault }: what differs, and the oracle's fault that explains it.
export async function ask(ours, subgraphs, options) {
  const want = oracle(subgraphs), got = await ours.compose(subgraphs);
  const found = want.crash ? ['the oracle crashes'] : compare(want, got, options), answer = { found, ok: !want.crash && want.codes.length === 0 };
  if (found.length)
    for (const [fault, is] of FAULTS)
      if (await is({ want, got, subgraphs, ours })) return { ...answer, fault };
  return answer;
}
