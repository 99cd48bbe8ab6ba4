// Where the sets of subgraphs for the oracle come from, and which disagreements are the oracle's own.
import { readFileSync, readdirSync } from 'node:fs';
import { compare, importsOf, oracle, readCases } from './composition.mjs';
import { Random } from './random.mjs';
import { damageSubgraphs } from './subgraph-damage.mjs';
import { subgraphsFromPatterns } from './subgraph-patterns.mjs';
import { generateSubgraphs } from './subgraph-sets.mjs';

const dir = new URL('../../fixtures/composition/', import.meta.url);
// Not the cases in which the oracle itself fails.
const cases = readdirSync(dir).filter((f) => f.endsWith('.txt')).flatMap((f) => readCases(readFileSync(new URL(f, dir), 'utf8')))
  .filter((c) => !c.known && c.subgraphs.every((s) => s.name !== '_'));

function undamaged(r, seed) {
  const kind = r.below(10);
  return kind < 4 ? subgraphsFromPatterns(r, importsOf) : kind < 6 ? generateSubgraphs(seed) : r.pick(cases).subgraphs;
}

// The set of a seed: from patterns, from a small world, or a case of the fixtures, most of them with up to three changes.
export function subgraphsOf(seed) {
  const r = new Random(seed), set = undamaged(r, seed), times = r.below(4);
  try {
    return damageSubgraphs(r, set, times);
  } catch {
    return set; // a case that is no GraphQL
  }
}

// What goes wrong while one subgraph is read. The oracle builds its schema in an order of its own and throws at the first
// mistake of some kinds: with several mistakes in one subgraph it names one or the other.
const READING = new Set(['INVALID_GRAPHQL', 'DIRECTIVE_DEFINITION_INVALID', 'TYPE_DEFINITION_INVALID', 'INVALID_LINK_DIRECTIVE_USAGE',
  'INVALID_LINK_IDENTIFIER', 'UNKNOWN_LINK_VERSION', 'UNKNOWN_FEDERATION_LINK_VERSION']);
const ORACLE_FAULTS = [
  ['it crashes', (want) => want.crash],
  ['its own parser refuses a text, and says nothing about the others', (want, got) => want.syntax && got.errors.some((e) => e.code === 'INVALID_GRAPHQL')],
  ['it prints an object of its own in place of a name', (want) => want.messages?.some((m) => m.includes('[object Object]'))],
  ['it takes a default without a required field', (want, got) => !want.codes.length && got.errors.length &&
    got.errors.every((e) => e.message.includes('has invalid default value') && e.message.includes('to include required field'))],
  ['several mistakes in reading one schema', (want, got) => want.codes.length && got.errors.length &&
    notInBoth(want.codes, got.errors.map((e) => e.code)).every((c) => READING.has(c))],
];
const notInBoth = (a, b) => [...a.filter((c) => !b.includes(c)), ...b.filter((c) => !a.includes(c))];

// { found, fault }: what differs, and the oracle's fault that explains it.
export async function ask(ours, subgraphs, options) {
  const want = oracle(subgraphs), got = await ours.compose(subgraphs);
  const found = want.crash ? ['the oracle crashes'] : compare(want, got, options);
  return { found, ok: !want.crash && want.codes.length === 0, fault: found.length ? ORACLE_FAULTS.find(([, is]) => is(want, got))?.[0] : undefined };
}
