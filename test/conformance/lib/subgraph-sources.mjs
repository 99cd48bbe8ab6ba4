// Where the sets of subgraphs for the oracle come from.
import { readFileSync, readdirSync } from 'node:fs';
import { Systems } from '../../integration/differential/systems.mjs';
import { federationLink, importsOf, readCases } from './composition.mjs';
import { Random } from './random.mjs';
import { damageSubgraphs } from './subgraph-damage.mjs';
import { subgraphsFromPatterns } from './subgraph-patterns.mjs';
import { generateSubgraphs } from './subgraph-sets.mjs';

const dir = new URL('../../fixtures/composition/', import.meta.url);
// Not the cases in which the oracle itself fails.
const cases = readdirSync(dir).filter((f) => f.endsWith('.txt')).flatMap((f) => readCases(readFileSync(new URL(f, dir), 'utf8')))
  .filter((c) => !c.known && c.subgraphs.every((s) => s.name !== '_'));

// Systems that a router could run: the most keys, @requires and @provides that cross.
const system = (r) => Object.entries(new Systems(r).make()).map(([name, sdl]) => ({
  name, url: `http://${name}`, sdl: sdl.includes('@link(') || sdl.startsWith('#fed1') ? sdl : federationLink('v2.9') + sdl }));

function undamaged(r, seed) {
  const kind = r.below(12);
  if (kind > 9) return system(r);
  return kind < 4 ? subgraphsFromPatterns(r, importsOf) : kind < 6 ? generateSubgraphs(seed) : r.pick(cases).subgraphs;
}

// The set of a seed: from patterns, from a small world, a system that could run, or a case of the fixtures, most of them with
// up to three changes.
export function subgraphsOf(seed) {
  const r = new Random(seed), set = undamaged(r, seed), times = r.below(4);
  try {
    return damageSubgraphs(r, set, times);
  } catch {
    return set; // a case that is no GraphQL
  }
}
