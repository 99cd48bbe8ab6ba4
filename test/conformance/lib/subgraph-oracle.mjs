// Which disagreements with the composition oracle are the oracle's own: each rule proves it on the set at hand.
import { Kind } from 'graphql';
import { codesOf, compare, oracle } from './composition.mjs';
import { Random } from './random.mjs';
import { bareLeaves, complete, fitting, lastOnes, parts, rootsApart, shuffled, startedBelow, twinned, undefining, withoutDirectives, withoutExtensions } from './subgraph-variants.mjs';

const notInBoth = (a, b) => [...a.filter((c) => !b.includes(c)), ...b.filter((c) => !a.includes(c))];

// ---- what its search for unanswerable queries says depends on what means nothing ----

const SEARCH = new Set(['SATISFIABILITY_ERROR', 'SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES', 'INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN']);
const SHUFFLES = 12;

async function dependsOnOrder(ours, subgraphs, got) {
  const r = new Random(1), codes = codesOf(got.errors).join();
  for (let i = 0; i < SHUFFLES; i++) {
    const set = shuffled(subgraphs, r), same = await ours.compose(set);
    if (codesOf(same.errors).join() === codes && compare(oracle(set), same, { api: false }).length === 0) return true;
  }
  return false;
}

const codesAndHints = ({ codes, hints = [] }) => [...(codes ?? []), ...hints];

// It says of a part of the set, or of the same objects without the beginning of the query that we show, what it does not say of the
// whole.
async function refusesAPart(ours, { subgraphs, want: whole, got }, missing) {
  const below = whole.supergraph ? got.errors.flatMap((e) => startedBelow(subgraphs, e.message, whole.supergraph)) : [];
  for (const set of [...parts(subgraphs), ...below.slice(0, 40)]) {
    const want = oracle(set), same = await ours.compose(set);
    const ourCodes = codesAndHints({ codes: codesOf(same.errors), hints: codesOf(same.hints) });
    if (missing.every((c) => codesAndHints(want).includes(c) && ourCodes.includes(c))) return true;
  }
  return false;
}

const refused = ({ messages }) => messages.map((m) => /field "(\w+\.\w+)"/.exec(m)?.[1]);

// It does not look for the fields of a key in the subgraph that the key leads to, not even for those of other objects. When there is
// a second subgraph that gives what can be had there anyway, it finds them; or it refuses other fields than before, and each of them is answered once.
async function missesAKey({ want, got, subgraphs, ours }) {
  if (got.errors.length || want.codes.join() !== 'SATISFIABILITY_ERROR') return false;
  for (const of of [() => true, ...subgraphs.map((s) => (other) => other === s)]) {
    const set = twinned(subgraphs, of), theirs = oracle(set), same = await ours.compose(set);
    if (theirs.crash || same.errors.length) continue;
    if (compare(theirs, same, { api: false }).length === 0) return true;
    if (theirs.codes.join() === want.codes.join() && !refused(theirs).some((field) => refused(want).includes(field))) return true;
  }
  return false;
}

async function contradictsItself({ want, got, subgraphs, ours }) {
  const codes = codesOf(got.errors), ok = !want.codes.length && !codes.length;
  const differing = ok ? notInBoth(want.hints, codesOf(got.hints)) : notInBoth(want.codes, codes);
  if (!differing.length || !differing.every((c) => SEARCH.has(c))) return false;
  if (await dependsOnOrder(ours, subgraphs, got)) return true;
  return !differing.some((c) => codesAndHints(want).includes(c)) && refusesAPart(ours, { subgraphs, want, got }, differing);
}

// What is overridden is still there for it when the type is written as an extension.
async function mindsExtensions({ want, got, subgraphs, ours }) {
  const codes = codesOf(got.errors);
  if (want.codes.length || codes.join() !== 'SATISFIABILITY_ERROR' || !subgraphs.some((s) => s.sdl.includes('override('))) return false;
  const set = withoutExtensions(subgraphs), same = await ours.compose(set), theirs = oracle(set);
  return codesOf(same.errors).join() === codes.join() && !theirs.crash && compare(theirs, same, { api: false }).length === 0;
}

// ---- the others ----

// What goes wrong while one subgraph is read. The oracle throws at the first mistake of some kinds, and after others it goes on
// without the definitions that could not be added, so that every use of them is one more mistake.
const READING = new Set(['INVALID_GRAPHQL', 'DIRECTIVE_DEFINITION_INVALID', 'TYPE_DEFINITION_INVALID', 'INVALID_LINK_DIRECTIVE_USAGE',
  'INVALID_LINK_IDENTIFIER', 'UNKNOWN_LINK_VERSION', 'UNKNOWN_FEDERATION_LINK_VERSION']);

// What the language forbids and the oracle takes. Of two with one name it keeps the last. It lets pass defaults without a required
// field or that need themselves, a list in place of an object, an empty string in place of a number, one type for two roots, a fragment below a leaf.
const TWIN = /is defined twice|There can be only one argument named|can only be defined once/;
const UNFIT = /The default value of Input Object field \S+ references itself|has invalid default value: Expected value of type \S+ to (include required field|be an object, found: \[)|\] "" is no valid value for/;
const ONE_ROOT = /All root types must be different/;
const BELOW_LEAF = /@key\(.*\{\s*\.\.\..* is a leaf and has no selections/;
const MENDINGS = 4;

// The set without what our errors name of these, and our answer to it; nothing when some is left. More than once, since what was
// wrong hid the rest. `instead` stands where a default was.
async function mended(ours, subgraphs, got, kinds, instead) {
  const overlooked = (e) => kinds.some((wrong) => wrong.test(e.message));
  for (let i = 0; i < MENDINGS && got.errors.some(overlooked); i++) {
    if (kinds.includes(TWIN) && got.errors.some((e) => TWIN.test(e.message))) subgraphs = lastOnes(subgraphs);
    if (got.errors.some((e) => ONE_ROOT.test(e.message))) subgraphs = rootsApart(subgraphs);
    if (got.errors.some((e) => BELOW_LEAF.test(e.message))) subgraphs = bareLeaves(subgraphs, got.errors.filter((e) => BELOW_LEAF.test(e.message)));
    subgraphs = fitting(subgraphs, got.errors.filter((e) => UNFIT.test(e.message)), instead);
    got = await ours.compose(subgraphs);
  }
  return got.errors.some(overlooked) ? undefined : { subgraphs, got };
}

// It answers the set as it answers a mended one, and we answer that like it. Without a default in place of a wrong one there may be
// nothing left that others contradict; null is a default that differs as the wrong one did.
const overlooks = (wrong) => async ({ want, got, subgraphs, ours }) => {
  if (!got.errors.some((e) => wrong.test(e.message))) return false;
  const all = [TWIN, UNFIT, ONE_ROOT, BELOW_LEAF];
  for (const [kinds, instead] of [[all], [all, { kind: Kind.NULL }], [[wrong]]]) {
    const set = await mended(ours, subgraphs, got, kinds, instead), same = set && oracle(set.subgraphs);
    if (set && !same.crash && same.codes.join() === want.codes.join() && await isExplained(ours, set.subgraphs, same, set.got)) return true;
  }
  return false;
};

const within = (small, big) => small.every((c) => big.includes(c));

function namesLess({ want, got }) {
  const codes = codesOf(got.errors);
  return want.codes.some((c) => READING.has(c)) && within(want.codes, codes) && codes.filter((c) => !want.codes.includes(c)).every((c) => READING.has(c));
}

// Without what we name besides, or without what it names, the two agree.
async function stopsEarly({ want, got, subgraphs, ours }) {
  if (!namesLess({ want, got })) return false;
  for (const set of [complete(subgraphs, got.errors), undefining(subgraphs, got.errors), undefining(complete(subgraphs, got.errors), got.errors)]) {
    const same = await ours.compose(set), theirs = oracle(set);
    if (theirs.crash || compare(theirs, same, { api: false }).length) continue;
    if (theirs.codes.join() === want.codes.join() || codesOf(got.errors).every((c) => want.codes.includes(c) || theirs.codes.includes(c))) return true;
  }
  return false;
}

function reportsConsequences({ want, got }) {
  const codes = codesOf(got.errors);
  return codes.some((c) => READING.has(c) && c !== 'INVALID_GRAPHQL') && within(codes, want.codes) &&
    want.codes.every((c) => codes.includes(c) || c === 'INVALID_GRAPHQL') && want.messages.some((m) => /Unknown directive|unknown type/i.test(m));
}

// A schema that links @link in unknown versions only is told that it is linked twice, even where it is once, and nothing of the versions.
function seesLinkTwice({ want, got, subgraphs }) {
  const codes = codesOf(got.errors);
  return want.codes.join() === 'INVALID_LINK_DIRECTIVE_USAGE' && codes.includes('UNKNOWN_LINK_VERSION') && codes.every((c) => READING.has(c)) &&
    want.messages.every((m) => m.includes('Cannot link feature "https://specs.apollo.dev/link" since it has already been linked')) &&
    !subgraphs.some((s) => /specs\.apollo\.dev\/link\/v1\.0\b/.test(s.sdl));
}

// An unknown directive hides what is wrong with a @link. Without it, it and we report the @link.
async function prefersUnknown({ want, got, subgraphs, ours }) {
  const unknown = want.errors?.filter((e) => /^\[[^\]]*\] Unknown directive "@/.test(e.message)) ?? [], codes = codesOf(got.errors);
  const rest = codesOf((want.errors ?? []).filter((e) => !unknown.includes(e)));
  if (!unknown.length || !codes.length || !codes.every((c) => READING.has(c)) || !within(rest, codes)) return false;
  const set = withoutDirectives(subgraphs, unknown.map((e) => /"@(\w+)"/.exec(e.message)[1])), same = await ours.compose(set);
  const found = withoutDirectives(subgraphs, []).some((s, i) => s.sdl !== set[i].sdl);
  return found && codesOf(same.errors).join() === codes.join() && isExplained(ours, set, oracle(set), same);
}

// It compares a definition of @link that it added itself, and that no text has.
function comparesItsOwn({ want, got, subgraphs }) {
  const own = ({ message }) => {
    const [, subgraph, name] = /^\[([^\]]*)\] Invalid definition for directive "@(\w+)"/.exec(message) ?? [];
    return name && !subgraphs.some((s) => s.name === subgraph && new RegExp(`directive\\s*@\\s*${name}\\b`).test(s.sdl));
  };
  return !!want.errors?.some(own) && codesOf(want.errors.filter((e) => !own(e))).join() === codesOf(got.errors).join();
}

const FAULTS = [
  ['it crashes', ({ want }) => want.crash],
  ['its own parser refuses a text, and says nothing about the others', ({ want, got }) => want.syntax && got.errors.some((e) => e.code === 'INVALID_GRAPHQL')],
  ['it prints an object of its own in place of a name', ({ want }) => want.messages?.some((m) => m.includes('[object Object]'))],
  ['it takes the last of two with one name', overlooks(TWIN)],
  ['it takes a value that does not fit', overlooks(UNFIT)],
  ['it takes one type for two roots', overlooks(ONE_ROOT)],
  ['it takes a fragment below a leaf', overlooks(BELOW_LEAF)],
  ['it stops at the first mistake in reading a schema', stopsEarly],
  ['it stops at the first mistake in reading a schema, and what it names is among what we name', namesLess],
  ['it sees a @link twice that stands once', seesLinkTwice],
  ['it finds a mistake in a definition that it added itself', comparesItsOwn],
  ['it reports what follows from a mistake in reading a schema', reportsConsequences],
  ['it reports an unknown directive and not the wrong @link beside it', prefersUnknown],
  ['it takes what is overridden for there in a type that is written as an extension', mindsExtensions],
  ['it does not look for the fields of a key where the key leads', missesAKey],
  ['it contradicts itself about what can be answered', contradictsItself],
];

async function faultOf(question) {
  for (const [fault, is] of FAULTS)
    if (await is(question)) return fault;
  return undefined;
}

async function isExplained(ours, subgraphs, want, got) {
  if (want.crash) return false;
  return compare(want, got, { api: false }).length === 0 || await faultOf({ want, got, subgraphs, ours }) !== undefined;
}

// { found, fault }: what differs, and the oracle's fault that explains it.
export async function ask(ours, subgraphs, options) {
  const want = oracle(subgraphs), got = await ours.compose(subgraphs);
  const found = want.crash ? ['the oracle crashes'] : compare(want, got, options);
  const fault = found.length ? await faultOf({ want, got, subgraphs, ours }) : undefined;
  return { found, ok: !want.crash && want.codes.length === 0, ...(fault && { fault }) };
}
